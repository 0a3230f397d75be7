//! Writes ONNX: nodes, small constants inside the graph, weights in a file beside it.

use super::format::{ConvertedModel, WEIGHTS_FILE};
use crate::{Error, Result};
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataLocation, DataType, Dimension, GraphProto, ModelProto,
    NodeProto, OperatorSetIdProto, StringStringEntryProto, TensorProto, TensorShapeProto,
    TypeProto, TypeProtoTensor, ValueInfoProto,
};
use std::cell::RefCell;

/// ONNX's number for the element type that `Cast` makes.
pub(super) const TO_FLOAT: i64 = 1;
/// Generous to every element type and to cache lines.
const WEIGHT_ALIGNMENT_BYTES: usize = 64;
/// `LayerNormalization` came with this version of the operator set.
const OPERATOR_SET: i64 = 17;

/// A graph being written. Values are known by name; each name is given once.
#[derive(Default)]
pub(super) struct GraphWriter {
    graph: GraphProto,
    weights: Vec<u8>,
}

impl GraphWriter {
    /// Adds a node with one output, named `output`, and returns that name.
    pub(super) fn node(
        &mut self,
        operator: &str,
        inputs: &[&str],
        output: &str,
        attributes: Vec<AttributeProto>,
    ) -> String {
        self.node_with(operator, inputs, &[output], attributes);
        output.to_owned()
    }

    /// Adds a node with several outputs.
    pub(super) fn node_with(
        &mut self,
        operator: &str,
        inputs: &[&str],
        outputs: &[&str],
        attribute: Vec<AttributeProto>,
    ) {
        self.graph.node.push(NodeProto {
            name: outputs.first().map(|name| (*name).to_owned()),
            op_type: Some(operator.to_owned()),
            input: inputs.iter().map(|name| (*name).to_owned()).collect(),
            output: outputs.iter().map(|name| (*name).to_owned()).collect(),
            attribute,
            ..NodeProto::default()
        });
    }

    /// Adds weights of 32-bit floats.
    pub(super) fn floats(&mut self, name: &str, shape: &[usize], values: &[f32]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes());
        self.external(name, DataType::FLOAT, shape, bytes);
    }

    /// Adds weights of 8-bit integers.
    pub(super) fn bytes(&mut self, name: &str, shape: &[usize], values: &[i8]) {
        self.external(
            name,
            DataType::INT8,
            shape,
            values.iter().map(|v| v.cast_unsigned()),
        );
    }

    /// Adds a constant number inside the graph.
    pub(super) fn number(&mut self, name: &str, value: f32) {
        self.inline(name, DataType::FLOAT, vec![], value.to_le_bytes().to_vec());
    }

    /// Adds a constant list of integers inside the graph.
    pub(super) fn integers(&mut self, name: &str, values: &[i64]) {
        let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
        self.inline(name, DataType::INT64, vec![signed(values.len())], bytes);
    }

    fn inline(&mut self, name: &str, data_type: DataType, dims: Vec<i64>, bytes: Vec<u8>) {
        self.graph.initializer.push(TensorProto {
            name: Some(name.to_owned()),
            dims,
            data_type: Some(data_type),
            raw_data: Some(RefCell::new(bytes)),
            ..TensorProto::default()
        });
    }

    fn external(
        &mut self,
        name: &str,
        data_type: DataType,
        shape: &[usize],
        bytes: impl Iterator<Item = u8>,
    ) {
        self.weights.resize(
            self.weights.len().next_multiple_of(WEIGHT_ALIGNMENT_BYTES),
            0,
        );
        let offset = self.weights.len();
        self.weights.extend(bytes);
        let entry = |key: &str, value: String| StringStringEntryProto {
            key: Some(key.to_owned()),
            value: Some(value),
        };
        self.graph.initializer.push(TensorProto {
            name: Some(name.to_owned()),
            dims: shape.iter().map(|length| signed(*length)).collect(),
            data_type: Some(data_type),
            data_location: Some(DataLocation::EXTERNAL),
            external_data: vec![
                entry("location", WEIGHTS_FILE.to_owned()),
                entry("offset", offset.to_string()),
                entry("length", (self.weights.len() - offset).to_string()),
            ],
            ..TensorProto::default()
        });
    }

    /// Declares an input of integers, `[batch, sequence]`.
    pub(super) fn input(&mut self, name: &str) {
        let batch = named_dimensions(&["batch", "sequence"]);
        self.graph
            .input
            .push(value_info(name, DataType::INT64, batch));
    }

    /// Declares an output of floats, `[batch, sequence, width]`.
    pub(super) fn output(&mut self, name: &str, width: usize) {
        let mut dimensions = named_dimensions(&["batch", "sequence"]);
        dimensions.push(Dimension {
            dim_value: Some(signed(width)),
            dim_param: None,
        });
        self.graph
            .output
            .push(value_info(name, DataType::FLOAT, dimensions));
    }

    /// Ends the graph.
    pub(super) fn finish(self) -> Result<ConvertedModel> {
        let model = ModelProto {
            ir_version: Some(8),
            producer_name: Some("lorekeep".to_owned()),
            opset_import: vec![OperatorSetIdProto {
                domain: Some(String::new()),
                version: Some(OPERATOR_SET),
            }],
            graph: Some(self.graph),
            ..ModelProto::default()
        };
        let graph = model
            .write_buf()
            .map_err(|e| Error::Weights(format!("graph: {e}")))?;
        Ok(ConvertedModel {
            graph,
            weights: self.weights,
        })
    }
}

/// An attribute with one integer.
pub(super) fn integer(name: &str, value: i64) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        i: Some(value),
        r#type: Some(AttributeType::INT),
        ..AttributeProto::default()
    }
}

/// An attribute with one number.
pub(super) fn float(name: &str, value: f32) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        f: Some(value),
        r#type: Some(AttributeType::FLOAT),
        ..AttributeProto::default()
    }
}

/// An attribute with a list of integers.
pub(super) fn list(name: &str, values: &[i64]) -> AttributeProto {
    AttributeProto {
        name: Some(name.to_owned()),
        ints: values.to_vec(),
        r#type: Some(AttributeType::INTS),
        ..AttributeProto::default()
    }
}

/// A length as ONNX writes it.
pub(super) fn signed(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}

fn named_dimensions(names: &[&str]) -> Vec<Dimension> {
    let dimension = |name: &&str| Dimension {
        dim_value: None,
        dim_param: Some((*name).to_owned()),
    };
    names.iter().map(dimension).collect()
}

fn value_info(name: &str, elem_type: DataType, dim: Vec<Dimension>) -> ValueInfoProto {
    let tensor = TypeProtoTensor {
        elem_type: Some(elem_type),
        shape: Some(TensorShapeProto { dim }),
    };
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(tensor),
            ..TypeProto::default()
        }),
    }
}
