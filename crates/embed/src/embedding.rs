//! The value that the crate makes, and the name of what made it.

use std::fmt;

/// The meaning of a text as a vector: of length 1, or all zeros for a text without words.
///
/// Two texts are as alike as [`Embedding::cosine`] says: 1 for the same meaning, about 0 for
/// nothing in common. The empty embedding has cosine 0 with everything, itself included, so it
/// never ranks.
#[derive(Debug, Clone, PartialEq)]
pub struct Embedding(Box<[f32]>);

impl Embedding {
    /// Scales `values` to length 1. Values that are all zero, or whose length isn't finite, give
    /// the empty embedding.
    #[must_use]
    pub fn from_values(mut values: Vec<f32>) -> Self {
        let length = values
            .iter()
            .map(|v| f64::from(*v).powi(2))
            .sum::<f64>()
            .sqrt();
        let usable = length.is_finite() && length > 0.0;
        for value in &mut values {
            #[expect(clippy::cast_possible_truncation, reason = "the quotient is at most 1")]
            let scaled = (f64::from(*value) / length) as f32;
            *value = if usable { scaled } else { 0.0 };
        }
        Self(values.into())
    }

    /// The embedding of a text without words: `dimensions` zeros.
    #[must_use]
    pub fn empty(dimensions: usize) -> Self {
        Self(vec![0.0; dimensions].into())
    }

    /// Whether this is the embedding of a text without words.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|v| *v == 0.0)
    }

    /// The number of components.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.0.len()
    }

    /// The components, each within ±1.
    #[must_use]
    pub fn as_slice(&self) -> &[f32] {
        &self.0
    }

    /// The cosine of the angle to `other`, within ±1 up to rounding. Components that only the
    /// longer one has count as nothing.
    #[must_use]
    pub fn cosine(&self, other: &Self) -> f32 {
        self.0.iter().zip(&other.0).map(|(a, b)| a * b).sum()
    }
}

/// The name of the model that made a vector. Vectors of different models can't be compared: whoever
/// stores vectors stores this name with them, and embeds the texts again where it has changed.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ModelId(Box<str>);

impl ModelId {
    /// Wraps a name, such as one that was stored with vectors.
    #[must_use]
    pub fn new(name: &str) -> Self {
        Self(name.into())
    }

    /// The name as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ModelId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
