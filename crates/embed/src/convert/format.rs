//! What a conversion is asked for and what it gives: the shape of the network, how its weights are
//! stored, the two files, and the names in them that the runtime asks for.

/// The sizes of a BERT encoder that can't be told from the shapes of its weights; the sizes of the
/// vocabulary, the positions and the inner layers are read off the weights themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BertConfig {
    /// Components of a token's vector; a multiple of `heads`.
    pub hidden: usize,
    /// Attention heads per layer.
    pub heads: usize,
    /// Encoder layers.
    pub layers: usize,
}

/// How a converted model stores its weights and multiplies with them; see
/// [`ModelSpec::precision`](crate::ModelSpec).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floating point, as trained: the reference that the others are measured against.
    Float,
    /// Weights as signed integers of 8 bits with one scale per output channel; activations as
    /// unsigned integers of 8 bits with one scale and zero point per tensor, found at run time.
    /// `levels` is the greatest weight: 127 uses all 8 bits, 63 uses 7 so that x86 CPUs without VNNI
    /// can't overflow the 16-bit sums of their `vpmaddubsw`.
    Int8 {
        /// The greatest absolute value of a weight, 1..=127. More counts as 127; 0 isn't refused,
        /// but the model's vectors are useless then.
        levels: u8,
    },
}

/// A converted model: the contents of two files that belong together.
pub(crate) struct ConvertedModel {
    /// The operators, in ONNX format; refers to the weights as [`WEIGHTS_FILE`].
    pub(crate) graph: Vec<u8>,
    /// The weights, each at an offset that is a multiple of 64.
    pub(crate) weights: Vec<u8>,
}

/// The name by which the graph refers to its weights. The runtime insists on an extension that
/// starts with `data`.
pub(crate) const WEIGHTS_FILE: &str = "weights.data";
/// Input: token numbers, `i32 [batch, sequence]`.
pub(crate) const INPUT_TOKENS: &str = "tokens";
/// Input: 1 for a token, 0 for padding, `i32 [batch, sequence]`.
pub(crate) const INPUT_MASK: &str = "mask";
/// Output: a vector per token, `f32 [batch, sequence, hidden]`.
pub(crate) const OUTPUT_HIDDEN: &str = "hidden";
