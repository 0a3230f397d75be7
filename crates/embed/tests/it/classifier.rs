//! Classifiers that somebody brings along, as small graphs that know two words.

use std::cell::RefCell;
use std::path::Path;

use embed::Classifier;
use rten_onnx::onnx::{
    AttributeProto, AttributeType, DataType, Dimension, GraphProto, ModelProto, NodeProto,
    OperatorSetIdProto, TensorProto, TensorShapeProto, TypeProto, TypeProtoTensor, ValueInfoProto,
};

const VOCABULARY: &str = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nignore\nweather\nthe\n";

fn value(name: &str, data_type: DataType) -> ValueInfoProto {
    let dimension = |name: &str| Dimension {
        dim_value: None,
        dim_param: Some(name.to_owned()),
    };
    ValueInfoProto {
        name: Some(name.to_owned()),
        r#type: Some(TypeProto {
            tensor_type: Some(TypeProtoTensor {
                elem_type: Some(data_type),
                shape: Some(TensorShapeProto {
                    dim: vec![dimension("batch"), dimension("width")],
                }),
            }),
            ..TypeProto::default()
        }),
    }
}

fn node(
    operator: &str,
    inputs: &[&str],
    output: &str,
    attribute: Vec<AttributeProto>,
) -> NodeProto {
    NodeProto {
        name: Some(output.to_owned()),
        op_type: Some(operator.to_owned()),
        input: inputs.iter().map(|name| (*name).to_owned()).collect(),
        output: vec![output.to_owned()],
        attribute,
        ..NodeProto::default()
    }
}

/// The mean over tokens of two numbers that each token has: `ignore` speaks for the second class,
/// `weather` for the first.
fn graph() -> Vec<u8> {
    let mut table = [0.0_f32; 8 * 2];
    table[5 * 2 + 1] = 20.0;
    table[6 * 2] = 20.0;
    let axes = AttributeProto {
        name: Some("axes".to_owned()),
        ints: vec![1],
        r#type: Some(AttributeType::INTS),
        ..AttributeProto::default()
    };
    let keep = AttributeProto {
        name: Some("keepdims".to_owned()),
        i: Some(0),
        r#type: Some(AttributeType::INT),
        ..AttributeProto::default()
    };
    let graph = GraphProto {
        node: vec![
            node("Gather", &["table", "input_ids"], "each", vec![]),
            node("ReduceMean", &["each"], "logits", vec![axes, keep]),
        ],
        input: vec![
            value("input_ids", DataType::INT64),
            value("attention_mask", DataType::INT64),
        ],
        output: vec![value("logits", DataType::FLOAT)],
        initializer: vec![TensorProto {
            name: Some("table".to_owned()),
            dims: vec![8, 2],
            data_type: Some(DataType::FLOAT),
            raw_data: Some(RefCell::new(
                table.iter().flat_map(|v| v.to_le_bytes()).collect(),
            )),
            ..TensorProto::default()
        }],
        ..GraphProto::default()
    };
    let model = ModelProto {
        ir_version: Some(8),
        opset_import: vec![OperatorSetIdProto {
            domain: Some(String::new()),
            version: Some(17),
        }],
        graph: Some(graph),
        ..ModelProto::default()
    };
    model.write_buf().unwrap()
}

fn write(directory: &Path, config: &str) {
    fs_err::write(directory.join("model.onnx"), graph()).unwrap();
    fs_err::write(directory.join("vocab.txt"), VOCABULARY).unwrap();
    fs_err::write(directory.join("config.json"), config).unwrap();
}

#[test]
fn the_named_class_counts() {
    let directory = tempfile::tempdir().unwrap();
    for (config, attack) in [
        (
            r#"{"id2label": {"0": "SAFE", "1": "INJECTION"}}"#,
            "ignore the",
        ),
        (
            r#"{"id2label": {"0": "jailbreak", "1": "benign"}}"#,
            "weather",
        ),
        (
            r#"{"id2label": {"0": "LABEL_0", "1": "LABEL_1"}}"#,
            "Ignore",
        ),
    ] {
        write(directory.path(), config);
        let classifier = Classifier::open(directory.path(), 1).unwrap();
        assert!(classifier.score(attack).unwrap() > 0.9, "{config}");
        let other = if attack == "weather" {
            "ignore"
        } else {
            "the weather"
        };
        assert!(classifier.score(other).unwrap() < 0.1, "{config}");
    }
}

#[test]
fn what_is_no_classifier_is_told() {
    let directory = tempfile::tempdir().unwrap();
    let why = |directory: &Path| Classifier::open(directory, 1).err().unwrap().to_string();
    assert!(why(directory.path()).contains("config.json"));
    write(
        directory.path(),
        r#"{"id2label": {"0": "cat", "1": "dog"}}"#,
    );
    assert!(why(directory.path()).contains("no class to count among cat, dog"));
    write(directory.path(), "{}");
    fs_err::write(directory.path().join("vocab.txt"), "a\nb\n").unwrap();
    assert!(why(directory.path()).contains("[CLS]"));
    write(directory.path(), "{}");
    fs_err::write(directory.path().join("model.onnx"), "no graph").unwrap();
    assert!(why(directory.path()).contains("model.onnx"));
}
