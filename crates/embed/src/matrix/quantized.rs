//! Floats ↔ two planes of 8-bit integers and a scale.

use crate::Embedding;

/// The greatest integer of a plane. −128 is left out so that the range is the same both ways.
const MAX_PLANE_VALUE: f32 = 127.0;
/// Steps of the low plane to one of the high plane: a remainder is at most half a step.
const LOW_STEPS: f32 = 254.0;

/// A vector as it is stored: component `i` is `scale · (high[i] + low[i] / 254)`.
#[derive(Debug, Clone, PartialEq)]
pub struct QuantizedVector {
    /// The high plane: each component divided by the scale and rounded. A scan reads this alone.
    pub high: Box<[i8]>,
    /// The low plane: what rounding left of each component, in steps of 1/254.
    pub low: Box<[i8]>,
    /// The greatest component by absolute value, divided by 127; 0 for a text without words.
    pub scale: f32,
}

impl QuantizedVector {
    /// Rounds each component to a multiple of 1/32258 of the greatest component.
    #[must_use]
    pub fn new(embedding: &Embedding) -> Self {
        let values = embedding.as_slice();
        let scale = values.iter().fold(0.0_f32, |max, v| max.max(v.abs())) / MAX_PLANE_VALUE;
        // Components so small that the quotient of two would overflow are none.
        let scale = if scale < f32::MIN_POSITIVE * MAX_PLANE_VALUE {
            0.0
        } else {
            scale
        };
        let steps = |v: &f32| if scale > 0.0 { v / scale } else { 0.0 };
        let high = |v: &f32| steps(v).round();
        Self {
            high: values.iter().map(|v| integer(high(v))).collect(),
            low: values
                .iter()
                .map(|v| integer((steps(v) - high(v)) * LOW_STEPS))
                .collect(),
            scale,
        }
    }

    /// The vector that was stored, up to the rounding of [`QuantizedVector::new`].
    #[must_use]
    pub fn to_embedding(&self) -> Embedding {
        let planes = self.high.iter().zip(&self.low);
        let value = |(high, low): (&i8, &i8)| self.scale * steps(*high, *low);
        Embedding::from_values(planes.map(value).collect())
    }
}

/// A vector to search a [`Matrix`](super::Matrix) with: as integers to scan all rows with, as
/// floats to put those that the scan finds in order.
#[derive(Debug, Clone, PartialEq)]
pub struct MatrixQuery {
    integers: Box<[i8]>,
    scale: f32,
    values: Box<[f32]>,
}

impl MatrixQuery {
    /// Prepares an embedding for searching a matrix of vectors of the same model.
    #[must_use]
    pub fn new(embedding: &Embedding) -> Self {
        let QuantizedVector { high, scale, .. } = QuantizedVector::new(embedding);
        Self {
            integers: high,
            scale,
            values: embedding.as_slice().into(),
        }
    }

    /// The number of components.
    #[must_use]
    pub fn dimensions(&self) -> usize {
        self.values.len()
    }

    pub(super) fn integers(&self) -> &[i8] {
        &self.integers
    }

    pub(super) fn scale(&self) -> f32 {
        self.scale
    }

    /// The cosine to a stored vector, within ±1 up to rounding, from its
    /// [`high`](QuantizedVector::high) and [`low`](QuantizedVector::low) planes and its scale; from
    /// the high plane alone, with an error of less than 0.01, where `low` is empty.
    ///
    /// # Panics
    /// Where a plane has another length than the query.
    #[must_use]
    pub fn score(&self, high: &[i8], low: &[i8], scale: f32) -> f32 {
        assert!(high.len() == self.values.len());
        if low.is_empty() {
            let sum: f32 = high
                .iter()
                .zip(&self.values)
                .map(|(h, v)| v * f32::from(*h))
                .sum();
            return sum * scale;
        }
        assert!(low.len() == self.values.len());
        let planes = high.iter().zip(low);
        let sum: f32 = planes
            .zip(&self.values)
            .map(|((h, l), v)| v * steps(*h, *l))
            .sum();
        sum * scale
    }
}

fn steps(high: i8, low: i8) -> f32 {
    f32::from(high) + f32::from(low) / LOW_STEPS
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "clamped to the range of i8"
)]
fn integer(value: f32) -> i8 {
    value.round().clamp(-MAX_PLANE_VALUE, MAX_PLANE_VALUE) as i8
}
