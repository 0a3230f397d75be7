//! Reads tensors out of a safetensors file: a length, a JSON header, and the bytes.

use crate::{Error, Result};
use serde::Deserialize;
use std::collections::HashMap;

/// The tensors of a file, by name; they stay in the file's bytes until asked for.
pub(super) struct Tensors<'a> {
    entries: HashMap<String, TensorEntry>,
    data: &'a [u8],
}

#[derive(Deserialize)]
struct TensorEntry {
    dtype: String,
    shape: Vec<usize>,
    data_offsets: (usize, usize),
}

/// A tensor in row-major order.
pub(super) struct Tensor {
    pub(super) shape: Vec<usize>,
    pub(super) values: Vec<f32>,
}

impl<'a> Tensors<'a> {
    pub(super) fn parse(file: &'a [u8]) -> Result<Self> {
        let (length, rest) = file
            .split_first_chunk::<8>()
            .ok_or_else(|| bad("no header"))?;
        let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
        let (header, data) = rest
            .split_at_checked(length)
            .ok_or_else(|| bad("cut in header"))?;
        let mut header: HashMap<String, serde_json::Value> =
            serde_json::from_slice(header).map_err(|e| bad(&format!("header: {e}")))?;
        header.remove("__metadata__");
        let entries = header
            .into_iter()
            .map(|(name, entry)| Ok((name, serde_json::from_value(entry)?)))
            .collect::<Result<_, serde_json::Error>>()
            .map_err(|e| bad(&format!("header: {e}")))?;
        Ok(Self { entries, data })
    }

    /// A tensor of 32-bit floats whose shape is `shape`, where 0 stands for any length.
    pub(super) fn get(&self, name: &str, shape: &[usize]) -> Result<Tensor> {
        let entry = self
            .entries
            .get(name)
            .ok_or_else(|| bad(&format!("no tensor `{name}`")))?;
        let fits = entry.shape.len() == shape.len()
            && entry
                .shape
                .iter()
                .zip(shape)
                .all(|(is, want)| *want == 0 || is == want);
        if entry.dtype != "F32" || !fits {
            let is = format!("{} {:?}", entry.dtype, entry.shape);
            return Err(bad(&format!(
                "tensor `{name}` is `{is}`, not F32 {shape:?}"
            )));
        }
        let (start, end) = entry.data_offsets;
        let bytes = self
            .data
            .get(start..end)
            .ok_or_else(|| bad(&format!("`{name}` is cut")))?;
        let (chunks, rest) = bytes.as_chunks::<4>();
        if !rest.is_empty() || chunks.len() != entry.shape.iter().product::<usize>() {
            return Err(bad(&format!("`{name}` has `{}` bytes", bytes.len())));
        }
        let values = chunks
            .iter()
            .map(|chunk| f32::from_le_bytes(*chunk))
            .collect();
        Ok(Tensor {
            shape: entry.shape.clone(),
            values,
        })
    }
}

fn bad(what: &str) -> Error {
    Error::Weights(what.to_owned())
}
