//! Trained weights → the graph that the runtime loads, made once when the model is fetched.
//!
//! Pure: bytes in, bytes out, the same bytes on every machine. It must not know where the weights
//! came from or where the graph goes.
//!
//! The graph is two files: `model.onnx`, a few kilobytes of operators, and the weights beside it,
//! which the runtime maps into memory rather than reads. One file with the weights inside would
//! have to be parsed and copied at every start of the program.

mod format;
mod tensors;
mod quantize;
mod graph;
mod bert;
mod vocabulary;

use crate::{Error, Result};
use format::ConvertedModel;
use tensors::Tensors;

pub use format::{BertConfig, Precision};
pub(crate) use format::{INPUT_MASK, INPUT_TOKENS, OUTPUT_HIDDEN, WEIGHTS_FILE};
pub(crate) use vocabulary::vocabulary;

/// Builds the graph of the encoder from a safetensors file.
///
/// # Errors
/// [`Error::Weights`] where a tensor is missing or its shape isn't that of `config`.
pub(crate) fn convert(
    safetensors: &[u8],
    config: BertConfig,
    precision: Precision,
) -> Result<ConvertedModel> {
    if config.heads == 0 || !config.hidden.is_multiple_of(config.heads) {
        return Err(Error::Weights(format!(
            "width `{}` is not a multiple of `{}` heads",
            config.hidden, config.heads
        )));
    }
    bert::write(&Tensors::parse(safetensors)?, config, precision)
}
