//! The local model: tokens, the network, and the mean over tokens.

mod options;
mod tokens;
mod network;
mod batches;

use crate::{Embedder, Embedding, ModelId, ModelStore, Result};
use network::Network;
use rten_tensor::prelude::*;
use std::fmt;
use tokens::FRAME_TOKENS;

pub use options::MiniLmOptions;
pub(crate) use tokens::{MAX_VOCABULARY_BYTES, Tokenizer};

/// all-MiniLM-L6-v2 from a [`ModelStore`], running on this machine's CPU.
pub struct MiniLm {
    model_id: ModelId,
    dimensions: usize,
    tokenizer: Tokenizer,
    network: Network,
}

impl MiniLm {
    /// Loads the model from its files. Their hashes are not verified here, which would take longer
    /// than loading: call [`ModelStore::check`] first.
    ///
    /// # Errors
    /// [`Error::NotFetched`](crate::Error::NotFetched) if a file of the model isn't there,
    /// [`Error::Damaged`](crate::Error::Damaged) if one isn't what it should be,
    /// [`Error::Disk`](crate::Error::Disk) if the vocabulary can't be read.
    pub fn load(store: &ModelStore, options: &MiniLmOptions) -> Result<Self> {
        let spec = store.spec();
        Ok(Self {
            model_id: spec.model_id.clone(),
            dimensions: spec.config.hidden,
            network: Network::load(store, options)?,
            tokenizer: Tokenizer::load(store)?,
        })
    }

    /// The vocabulary's numbers of the tokens that the model reads of a text, in their order: at
    /// least the two that mark its start and end, at most
    /// [`ModelSpec::max_tokens`](crate::ModelSpec).
    #[must_use]
    pub fn tokens(&self, text: &str) -> Vec<u32> {
        self.tokenizer.tokens_of(text)
    }

    fn embed_batch(&self, rows: &[&[u32]]) -> Result<Vec<Embedding>> {
        let longest = rows.iter().map(|row| row.len()).max().unwrap_or(0);
        let hidden = self.network.run(rows, longest)?;
        let mean = |(index, row): (usize, &&[u32])| {
            let mut sum = vec![0.0; self.dimensions];
            for token in 0..row.len() {
                let vector = hidden.slice((index, token));
                sum.iter_mut()
                    .zip(vector.iter())
                    .for_each(|(sum, value)| *sum += value);
            }
            // The sum points where the mean points, and the length becomes 1 in any case.
            Embedding::from_values(sum)
        };
        Ok(rows.iter().enumerate().map(mean).collect())
    }
}

impl Embedder for MiniLm {
    fn model_id(&self) -> &ModelId {
        &self.model_id
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Embedding>> {
        let rows: Vec<_> = texts
            .iter()
            .map(|text| self.tokenizer.tokens_of(text))
            .collect();
        let mut embeddings = vec![Embedding::empty(self.dimensions); texts.len()];
        let (order, batches) = batches::batches(&rows, Vec::len);
        for batch in batches {
            let with_words = order[batch]
                .iter()
                .copied()
                .filter(|i| rows[*i].len() > FRAME_TOKENS);
            let (indexes, batch): (Vec<_>, Vec<_>) = with_words
                .map(|index| (index, rows[index].as_slice()))
                .unzip();
            if batch.is_empty() {
                continue;
            }
            for (index, embedding) in indexes.into_iter().zip(self.embed_batch(&batch)?) {
                embeddings[index] = embedding;
            }
        }
        Ok(embeddings)
    }
}

impl fmt::Debug for MiniLm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MiniLm")
            .field("model_id", &self.model_id)
            .finish_non_exhaustive()
    }
}
