//! A stand-in for a model: deterministic, instant, without files. For tests of what uses vectors.

use crate::{Embedder, Embedding, ModelId, Result};

/// A stand-in for a model in tests: it hashes words into components, so that texts which share
/// words are alike.
///
/// The same text has the same vector on every machine and in every version. It knows no meaning:
/// "car" and "automobile" have nothing in common. Words are runs of letters and digits, without
/// case. It is public, not behind a feature, since tests of other crates need it; nothing but a
/// test should.
#[derive(Debug, Clone)]
pub struct FixedEmbedder {
    model_id: ModelId,
    dimensions: usize,
}

impl FixedEmbedder {
    /// A stand-in with vectors of `dimensions` components; 0 counts as 1. Its model's name is
    /// `fixed-` and the number of components.
    #[must_use]
    pub fn new(dimensions: usize) -> Self {
        let dimensions = dimensions.max(1);
        Self {
            model_id: ModelId::new(&format!("fixed-{dimensions}")),
            dimensions,
        }
    }

    fn embed_one(&self, text: &str) -> Embedding {
        let mut values = vec![0.0; self.dimensions];
        let lower = text.to_lowercase();
        for word in lower
            .split(|c: char| !c.is_alphanumeric())
            .filter(|w| !w.is_empty())
        {
            // Four components a word keep two words from meeting in all of them.
            for seed in 0..4 {
                let hash = fnv1a(seed, word);
                let place = usize::try_from(hash >> 1).unwrap_or(0) % self.dimensions;
                values[place] += if hash & 1 == 0 { 1.0 } else { -1.0 };
            }
        }
        Embedding::from_values(values)
    }
}

impl Default for FixedEmbedder {
    /// A stand-in with 384 components, as many as the real model has.
    fn default() -> Self {
        Self::new(384)
    }
}

impl Embedder for FixedEmbedder {
    fn model_id(&self) -> &ModelId {
        &self.model_id
    }

    fn dimensions(&self) -> usize {
        self.dimensions
    }

    fn embed(&self, texts: &[&str]) -> Result<Vec<Embedding>> {
        Ok(texts.iter().map(|text| self.embed_one(text)).collect())
    }
}

/// FNV-1a, here so that no release of a hash crate or of the standard library changes the vectors;
/// the result is 31 bits wide to be the same where `usize` has 32.
fn fnv1a(seed: u8, word: &str) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for byte in std::iter::once(seed).chain(word.bytes()) {
        hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    }
    (hash ^ (hash >> 32)) & 0x7fff_ffff
}
