//! The BERT encoder as a graph, from token numbers to a vector per token.
//!
//! Written in the operators that the runtime fuses: `Erf` and its neighbours become one GELU,
//! `MatMulInteger` with its cast and scales one product, so the graph stays plain ONNX that other
//! runtimes load too. All texts are single segments: the embedding of segment 0 is added as a
//! constant.

use super::format::{
    BertConfig, ConvertedModel, INPUT_MASK, INPUT_TOKENS, OUTPUT_HIDDEN, Precision,
};
use super::graph::{GraphWriter, TO_FLOAT, float, integer, list, signed};
use super::quantize;
use super::tensors::{Tensor, Tensors};
use crate::Result;

const LAYER_NORM_EPSILON: f32 = 1e-12;
/// Added to the attention scores of padding: e to this power is 0 in 32 bits.
const MASKED_SCORE: f32 = -1e9;

/// Writes the whole encoder.
pub(super) fn write(
    tensors: &Tensors<'_>,
    config: BertConfig,
    precision: Precision,
) -> Result<ConvertedModel> {
    let mut writer = EncoderWriter {
        graph: GraphWriter::default(),
        tensors,
        config,
        precision,
    };
    writer.graph.input(INPUT_TOKENS);
    writer.graph.input(INPUT_MASK);
    writer.constants();
    writer.attention_mask();
    let mut hidden = writer.embeddings()?;
    for layer in 0..config.layers {
        let is_last = layer + 1 == config.layers;
        let output = if is_last {
            OUTPUT_HIDDEN.to_owned()
        } else {
            format!("{layer}.out")
        };
        hidden = writer.layer(layer, &hidden, &output)?;
    }
    writer.graph.output(&hidden, config.hidden);
    writer.graph.finish()
}

struct EncoderWriter<'a> {
    graph: GraphWriter,
    tensors: &'a Tensors<'a>,
    config: BertConfig,
    precision: Precision,
}

impl EncoderWriter<'_> {
    fn constants(&mut self) {
        let head = self.config.hidden / self.config.heads;
        let (hidden, heads) = (signed(self.config.hidden), signed(self.config.heads));
        let graph = &mut self.graph;
        graph.integers("int.0", &[0]);
        graph.integers("int.1", &[1]);
        graph.integers("int.2", &[2]);
        graph.integers("axes.1-2", &[1, 2]);
        // In a target shape, 0 keeps the length that is there: batch and sequence.
        graph.integers("shape.split", &[0, 0, heads, signed(head)]);
        graph.integers("shape.merge", &[0, 0, hidden]);
        graph.number("half", 0.5);
        graph.number("one", 1.0);
        graph.number("masked", MASKED_SCORE);
        graph.number("sqrt.2", 2.0_f32.sqrt());
        #[expect(clippy::cast_precision_loss, reason = "a head is some tens wide")]
        graph.number("sqrt.head", (head as f32).sqrt());
    }

    /// From 1 and 0 to 0 and [`MASKED_SCORE`], `[batch, 1, 1, sequence]`, to be added to the
    /// scores.
    fn attention_mask(&mut self) {
        let graph = &mut self.graph;
        graph.node("Unsqueeze", &[INPUT_MASK, "axes.1-2"], "mask.4d", vec![]);
        graph.node(
            "Cast",
            &["mask.4d"],
            "mask.float",
            vec![integer("to", TO_FLOAT)],
        );
        graph.node("Sub", &["one", "mask.float"], "mask.padding", vec![]);
        graph.node("Mul", &["mask.padding", "masked"], "mask.scores", vec![]);
    }

    fn embeddings(&mut self) -> Result<String> {
        let width = self.config.hidden;
        let words = self
            .tensors
            .get("embeddings.word_embeddings.weight", &[0, width])?;
        let positions = self
            .tensors
            .get("embeddings.position_embeddings.weight", &[0, width])?;
        let segments = self
            .tensors
            .get("embeddings.token_type_embeddings.weight", &[0, width])?;
        self.word_embeddings(&words);
        let graph = &mut self.graph;
        graph.floats("positions", &positions.shape, &positions.values);
        let segment = segments.values.get(..width).unwrap_or_default();
        graph.floats("segment", &[width], segment);
        graph.node("Shape", &[INPUT_TOKENS], "in.shape", vec![]);
        graph.node(
            "Slice",
            &["in.shape", "int.1", "int.2", "int.0"],
            "in.length",
            vec![],
        );
        let slice = ["positions", "int.0", "in.length", "int.0"];
        graph.node("Slice", &slice, "in.positions", vec![]);
        graph.node("Add", &["in.words", "segment"], "in.segment", vec![]);
        graph.node("Add", &["in.segment", "in.positions"], "in.sum", vec![]);
        self.layer_norm("in.sum", "embeddings.LayerNorm", "in.norm")
    }

    /// Looks up `in.words`, `[batch, sequence, hidden]`. As integers with a scale per word, so that
    /// the largest table is a quarter of its size; it isn't multiplied, so all 8 bits are safe.
    fn word_embeddings(&mut self, words: &Tensor) {
        let graph = &mut self.graph;
        if self.precision == Precision::Float {
            graph.floats("words", &words.shape, &words.values);
            graph.node("Gather", &["words", INPUT_TOKENS], "in.words", vec![]);
            return;
        }
        let rows = quantize::rows(&words.values, self.config.hidden, 127);
        graph.bytes("words", &words.shape, &rows.values);
        graph.floats("words.scale", &[rows.scales.len(), 1], &rows.scales);
        graph.node("Gather", &["words", INPUT_TOKENS], "in.words.q", vec![]);
        graph.node(
            "Cast",
            &["in.words.q"],
            "in.words.float",
            vec![integer("to", TO_FLOAT)],
        );
        graph.node(
            "Gather",
            &["words.scale", INPUT_TOKENS],
            "in.words.scale",
            vec![],
        );
        graph.node(
            "Mul",
            &["in.words.float", "in.words.scale"],
            "in.words",
            vec![],
        );
    }

    fn layer(&mut self, layer: usize, input: &str, output: &str) -> Result<String> {
        let weights = format!("encoder.layer.{layer}");
        let context = self.attention(layer, input)?;
        let name = |part: &str| format!("{layer}.{part}");

        self.quantise(&context);
        let dense = format!("{weights}.attention.output.dense");
        let attended = self.linear(&context, &dense, &name("attended"))?;
        let sum = self
            .graph
            .node("Add", &[&attended, input], &name("attended.sum"), vec![]);
        let norm = format!("{weights}.attention.output.LayerNorm");
        let attended = self.layer_norm(&sum, &norm, &name("attended.norm"))?;

        self.quantise(&attended);
        let dense = format!("{weights}.intermediate.dense");
        let inner = self.linear(&attended, &dense, &name("inner"))?;
        let inner = self.gelu(&inner);

        self.quantise(&inner);
        let outer = self.linear(&inner, &format!("{weights}.output.dense"), &name("outer"))?;
        let sum = self
            .graph
            .node("Add", &[&outer, &attended], &name("outer.sum"), vec![]);
        self.layer_norm(&sum, &format!("{weights}.output.LayerNorm"), output)
    }

    /// Multi-head self-attention without its last product: `[batch, sequence, hidden]`.
    fn attention(&mut self, layer: usize, input: &str) -> Result<String> {
        let name = |part: &str| format!("{layer}.{part}");
        self.quantise(input);
        // The key is transposed on the way, to `[batch, heads, head, sequence]`.
        let query = self.heads(layer, input, "query", &[0, 2, 1, 3])?;
        let key = self.heads(layer, input, "key", &[0, 2, 3, 1])?;
        let value = self.heads(layer, input, "value", &[0, 2, 1, 3])?;
        let graph = &mut self.graph;
        let scores = graph.node("MatMul", &[&query, &key], &name("scores"), vec![]);
        let scaled = graph.node(
            "Div",
            &[&scores, "sqrt.head"],
            &name("scores.scaled"),
            vec![],
        );
        let masked = graph.node(
            "Add",
            &[&scaled, "mask.scores"],
            &name("scores.masked"),
            vec![],
        );
        let axis = vec![integer("axis", -1)];
        let shares = graph.node("Softmax", &[&masked], &name("shares"), axis);
        let context = graph.node("MatMul", &[&shares, &value], &name("context"), vec![]);
        let order = vec![list("perm", &[0, 2, 1, 3])];
        let turned = graph.node("Transpose", &[&context], &name("context.turned"), order);
        Ok(graph.node(
            "Reshape",
            &[&turned, "shape.merge"],
            &name("context.merged"),
            vec![],
        ))
    }

    fn heads(&mut self, layer: usize, input: &str, part: &str, order: &[i64; 4]) -> Result<String> {
        let weights = format!("encoder.layer.{layer}.attention.self.{part}");
        let name = format!("{layer}.{part}");
        let flat = self.linear(input, &weights, &name)?;
        let split = format!("{name}.split");
        let split = self
            .graph
            .node("Reshape", &[&flat, "shape.split"], &split, vec![]);
        let order = vec![list("perm", order)];
        Ok(self
            .graph
            .node("Transpose", &[&split], &format!("{name}.heads"), order))
    }

    fn gelu(&mut self, input: &str) -> String {
        let name = |part: &str| format!("{input}.gelu.{part}");
        let graph = &mut self.graph;
        let scaled = graph.node("Div", &[input, "sqrt.2"], &name("scaled"), vec![]);
        let erf = graph.node("Erf", &[&scaled], &name("erf"), vec![]);
        let sum = graph.node("Add", &[&erf, "one"], &name("sum"), vec![]);
        let product = graph.node("Mul", &[input, &sum], &name("product"), vec![]);
        graph.node("Mul", &[&product, "half"], &name("half"), vec![])
    }

    fn layer_norm(&mut self, input: &str, weights: &str, output: &str) -> Result<String> {
        let width = self.config.hidden;
        let gain = self.tensors.get(&format!("{weights}.weight"), &[width])?;
        let bias = self.tensors.get(&format!("{weights}.bias"), &[width])?;
        let (gain_name, bias_name) = (format!("{output}.gain"), format!("{output}.bias"));
        self.graph.floats(&gain_name, &[width], &gain.values);
        self.graph.floats(&bias_name, &[width], &bias.values);
        let attributes = vec![integer("axis", -1), float("epsilon", LAYER_NORM_EPSILON)];
        let inputs = [input, &gain_name, &bias_name];
        Ok(self
            .graph
            .node("LayerNormalization", &inputs, output, attributes))
    }

    /// Makes the integers of an activation that [`EncoderWriter::linear`] multiplies; once per
    /// activation, however many products use it.
    fn quantise(&mut self, input: &str) {
        if self.precision != Precision::Float {
            let outputs = [
                format!("{input}.q"),
                format!("{input}.scale"),
                format!("{input}.zero"),
            ];
            let outputs = outputs.each_ref().map(String::as_str);
            self.graph
                .node_with("DynamicQuantizeLinear", &[input], &outputs, vec![]);
        }
    }

    /// `input · weightsᵀ + bias`. The file has a row per output; the product wants a column.
    fn linear(&mut self, input: &str, weights: &str, output: &str) -> Result<String> {
        let matrix = self.tensors.get(&format!("{weights}.weight"), &[0, 0])?;
        let [outputs, inputs] = [matrix.shape[0], matrix.shape[1]];
        let bias = self.tensors.get(&format!("{weights}.bias"), &[outputs])?;
        let name = |part: &str| format!("{output}.{part}");
        let product = match self.precision {
            Precision::Float => {
                let transposed = quantize::transpose(&matrix.values, inputs);
                self.graph
                    .floats(&name("w"), &[inputs, outputs], &transposed);
                self.graph
                    .node("MatMul", &[input, &name("w")], &name("product"), vec![])
            }
            Precision::Int8 { levels } => {
                let rows = quantize::rows(&matrix.values, inputs, levels);
                let transposed = quantize::transpose(&rows.values, inputs);
                self.graph
                    .bytes(&name("w"), &[inputs, outputs], &transposed);
                self.graph
                    .floats(&name("w.scale"), &[outputs], &rows.scales);
                self.graph
                    .bytes(&name("w.zero"), &[outputs], &vec![0; outputs]);
                self.integer_product(input, output)
            }
        };
        self.graph.floats(&name("bias"), &[outputs], &bias.values);
        Ok(self
            .graph
            .node("Add", &[&product, &name("bias")], output, vec![]))
    }

    /// The product of quantised activations and weights, scaled back to floats.
    fn integer_product(&mut self, input: &str, output: &str) -> String {
        let name = |part: &str| format!("{output}.{part}");
        let graph = &mut self.graph;
        let operands = [
            format!("{input}.q"),
            name("w"),
            format!("{input}.zero"),
            name("w.zero"),
        ];
        let operands = operands.each_ref().map(String::as_str);
        let sums = graph.node("MatMulInteger", &operands, &name("sums"), vec![]);
        let to_float = vec![integer("to", TO_FLOAT)];
        let sums = graph.node("Cast", &[&sums], &name("sums.float"), to_float);
        let scales = [format!("{input}.scale"), name("w.scale")];
        let scales = scales.each_ref().map(String::as_str);
        let scale = graph.node("Mul", &scales, &name("scale"), vec![]);
        graph.node("Mul", &[&sums, &scale], &name("product"), vec![])
    }
}
