//! Trained weights → the graph that the runtime loads, made once when the model is fetched.
//!
//! Pure: bytes in, bytes out, the same bytes on every machine. It must not know where the weights
//! came from or where the graph goes.
//!
//! The graph is two files: `model.onnx`, a few kilobytes of operators, and the weights beside it,
//! which the runtime maps into memory rather than reads. One file with the weights inside would
//! have to be parsed and copied at every start of the program.

mod tensors;
mod quantize;
mod graph;
mod bert;
mod vocabulary;

use crate::{Error, Result};
use tensors::Tensors;

pub(crate) use vocabulary::vocabulary;

/// The shape of a BERT encoder. What the weights' own shapes tell (vocabulary, positions, width of
/// the inner layers) is not repeated here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct BertConfig {
    /// Components of a token's vector; a multiple of `heads`.
    pub hidden: usize,
    /// Attention heads per layer.
    pub heads: usize,
    /// Encoder layers.
    pub layers: usize,
}

/// How the graph stores and multiplies weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Precision {
    /// 32-bit floating point, as trained: the reference that the others are measured against.
    Float,
    /// Signed integers of 8 bits with one scale per output channel, and activations of 8 bits with
    /// one scale per tensor, found at run time. `levels` is the greatest weight: 127 uses all 8
    /// bits, 63 uses 7 so that x86 CPUs without VNNI can't overflow the 16-bit sums of their
    /// `vpmaddubsw`.
    Int8 {
        /// The greatest absolute value of a weight, 1..=127.
        levels: u8,
    },
}

/// A converted model: two files that belong together.
pub(crate) struct Converted {
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

/// Builds the graph of the encoder from a safetensors file.
///
/// # Errors
/// [`Error::Weights`] where a tensor is missing or its shape isn't that of `config`.
pub(crate) fn convert(
    safetensors: &[u8],
    config: BertConfig,
    precision: Precision,
) -> Result<Converted> {
    if config.heads == 0 || !config.hidden.is_multiple_of(config.heads) {
        return Err(Error::Weights(format!(
            "width `{}` is not a multiple of `{}` heads",
            config.hidden, config.heads
        )));
    }
    bert::write(&Tensors::parse(safetensors)?, config, precision)
}
