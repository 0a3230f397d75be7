//! Small linear models over hashed words and letter sequences: weights of one byte each, compiled
//! in. Trained by `cargo xtask train`, which uses the same features.
//!
//! A text's features are its words, pairs of words and sequences of three to five letters within
//! padded words, each counted once, hashed into 2^bits buckets, in two groups that are scaled to
//! unit length each. The score of an output is the logistic function of bias + Σ weight · value.

/// The first bytes of a model.
const MAGIC: &[u8; 4] = b"LKM1";

/// Features of a text: buckets, each once, and their values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// Bucket and value, in rising order of buckets.
    pub values: Vec<(u32, f32)>,
}

/// Features of a text that is normalised and in lower case already.
#[must_use]
pub fn features(text: &str, bits: u32) -> Features {
    let mask = (1u32 << bits) - 1;
    let mut words = Vec::new();
    let mut letters = Vec::new();
    let mut previous: Option<u32> = None;
    let mut padded: Vec<char> = Vec::new();
    for word in text
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
    {
        let hash = hash_bytes(0x517c_c1b7, word.as_bytes());
        words.push(hash & mask);
        if let Some(previous) = previous {
            words.push(mix(previous.rotate_left(5) ^ hash) & mask);
        }
        previous = Some(hash);
        padded.clear();
        padded.push(' ');
        padded.extend(word.chars().take(40));
        padded.push(' ');
        for length in 3..=5 {
            for gram in padded.windows(length) {
                let seed = 0x9e37_79b9 ^ u32::try_from(length).unwrap_or_default();
                let hash = gram.iter().fold(seed, |hash, c| mix(hash ^ u32::from(*c)));
                letters.push(hash & mask);
            }
        }
    }
    let mut values = group(words);
    values.append(&mut group(letters));
    // Where both groups hit one bucket, their values add up.
    values.sort_unstable_by_key(|(bucket, _)| *bucket);
    values.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 += next.1;
        }
        same
    });
    Features { values }
}

fn group(mut buckets: Vec<u32>) -> Vec<(u32, f32)> {
    buckets.sort_unstable();
    buckets.dedup();
    #[expect(clippy::cast_precision_loss, reason = "counts of features are small")]
    let value = 1.0 / (buckets.len().max(1) as f32).sqrt();
    buckets.into_iter().map(|bucket| (bucket, value)).collect()
}

fn hash_bytes(seed: u32, bytes: &[u8]) -> u32 {
    bytes
        .iter()
        .fold(seed, |hash, byte| mix(hash ^ u32::from(*byte)))
}

fn mix(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    hash ^ (hash >> 12)
}

/// A trained model.
#[derive(Clone, Debug)]
pub struct Model<'a> {
    bits: u32,
    /// Bias and scale of each output.
    outputs: Vec<(f32, f32)>,
    /// Weights of a bucket stand together, one for each output.
    weights: &'a [u8],
}

/// The bytes are no model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a model: {0}")]
pub struct ModelError(&'static str);

impl<'a> Model<'a> {
    /// Reads a model, without copying its weights.
    ///
    /// The format, little endian: `LKM1`, bits (1 byte), outputs (1 byte), for each output bias and
    /// scale (4 bytes each), then 2^bits · outputs weights, each a signed byte.
    pub fn read(bytes: &'a [u8]) -> Result<Self, ModelError> {
        let rest = bytes.strip_prefix(MAGIC).ok_or(ModelError("wrong start"))?;
        let (head, mut rest) = rest.split_at_checked(2).ok_or(ModelError("too short"))?;
        let (bits, count) = (u32::from(head[0]), usize::from(head[1]));
        if !(8..=24).contains(&bits) || count == 0 {
            return Err(ModelError("sizes out of range"));
        }
        let mut outputs = Vec::with_capacity(count);
        for _ in 0..count {
            let (bias, after) = rest.split_first_chunk().ok_or(ModelError("too short"))?;
            let (scale, after) = after.split_first_chunk().ok_or(ModelError("too short"))?;
            outputs.push((f32::from_le_bytes(*bias), f32::from_le_bytes(*scale)));
            rest = after;
        }
        if rest.len() != count << bits {
            return Err(ModelError("wrong number of weights"));
        }
        Ok(Self {
            bits,
            outputs,
            weights: rest,
        })
    }

    /// The bytes of a model.
    ///
    /// Weights come bucket by bucket, one for each output; they are rounded to 1/127 of the largest
    /// of their output.
    #[must_use]
    pub fn write(bits: u32, biases: &[f32], weights: &[f32]) -> Vec<u8> {
        let count = biases.len();
        let mut out = MAGIC.to_vec();
        out.extend([bits, u32::try_from(count).unwrap_or_default()].map(|n| n.to_le_bytes()[0]));
        let scale = |output: usize| {
            let largest = weights[output..].iter().step_by(count);
            largest.fold(f32::MIN_POSITIVE, |max, weight| max.max(weight.abs())) / 127.0
        };
        let scales: Vec<f32> = (0..count).map(scale).collect();
        for (bias, scale) in biases.iter().zip(&scales) {
            out.extend(bias.to_le_bytes());
            out.extend(scale.to_le_bytes());
        }
        for (weight, scale) in weights.iter().zip(scales.iter().cycle()) {
            #[expect(clippy::cast_possible_truncation, reason = "rounded into -127..=127")]
            let rounded = (weight / scale).round() as i8;
            out.push(rounded.cast_unsigned());
        }
        out
    }

    /// Bits of a bucket's number.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.bits
    }

    /// How many outputs there are.
    #[must_use]
    pub fn outputs(&self) -> usize {
        self.outputs.len()
    }

    /// The scores of all outputs, from 0 to 1.
    #[must_use]
    pub fn scores(&self, features: &Features) -> Vec<f32> {
        let count = self.outputs.len();
        let mut sums = vec![0.0_f32; count];
        for (bucket, value) in &features.values {
            let at = *bucket as usize * count;
            for (sum, weight) in sums.iter_mut().zip(&self.weights[at..at + count]) {
                *sum += f32::from(weight.cast_signed()) * value;
            }
        }
        let score =
            |(sum, (bias, scale)): (f32, &(f32, f32))| 1.0 / (1.0 + (-(bias + sum * scale)).exp());
        sums.into_iter().zip(&self.outputs).map(score).collect()
    }

    /// The score of an output, from 0 to 1.
    #[must_use]
    pub fn score(&self, features: &Features, output: usize) -> f32 {
        let count = self.outputs.len();
        let weight = |bucket: u32| {
            let at = bucket as usize * count + output;
            f32::from(self.weights[at].cast_signed())
        };
        let sum: f32 = features
            .values
            .iter()
            .map(|(bucket, value)| weight(*bucket) * value)
            .sum();
        let (bias, scale) = self.outputs[output];
        1.0 / (1.0 + (-(bias + sum * scale)).exp())
    }
}
