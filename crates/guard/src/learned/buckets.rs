//! Features as numbers of hash buckets with their values.

/// The features of a text as a [`LinearModel`](crate::LinearModel) takes them: numbers of hash buckets with their values.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Features {
    /// The numbers of buckets, from 0, each with its value. In rising order and each once, but for those
    /// of [`content::features`](crate::content::features()), which says otherwise.
    pub values: Vec<(u32, f32)>,
}

/// The number of a signal, by its name.
pub(crate) fn signal(name: &str) -> u32 {
    name.bytes()
        .fold(0x0516_4a15, |hash, byte| mix(hash ^ u32::from(byte)))
}

/// The number of two signals together, in any order.
pub(crate) fn both(one: u32, other: u32) -> u32 {
    mix(one.wrapping_mul(0x85eb_ca6b) ^ other.wrapping_mul(0x85eb_ca6b) ^ one.wrapping_add(other))
}

/// The features of two groups and of signals.
pub(super) fn combine(words: Vec<u32>, letters: Vec<u32>, signals: &[u32], mask: u32) -> Features {
    let mut values = group(words);
    values.append(&mut group(letters));
    values.extend(signals.iter().map(|signal| (signal & mask, 1.0)));
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
    let value = unit(buckets.len());
    buckets.into_iter().map(|bucket| (bucket, value)).collect()
}

/// The value that each of so many features has: for many, that of unit length; for few, less, since
/// two words say little.
pub(super) fn unit(count: usize) -> f32 {
    #[expect(clippy::cast_precision_loss, reason = "counts of features are small")]
    let value = 1.0 / (count as f32 + 20.0).sqrt();
    value
}

/// The largest place up to `at` at which a character starts.
pub(super) fn floor_boundary(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

/// A hash of a hash: all bits depend on all others.
pub(super) fn mix(hash: u32) -> u32 {
    let hash = (hash ^ (hash >> 15)).wrapping_mul(0x2c1b_3c6d);
    hash ^ (hash >> 12)
}

/// Which buckets were seen already; emptied after each use at the cost of what was seen.
#[derive(Debug, Default)]
pub(crate) struct SeenBuckets {
    pub(super) bits: Vec<u64>,
    touched: Vec<u32>,
}

impl SeenBuckets {
    /// Notes a bucket; whether it is new.
    pub(super) fn note(&mut self, bucket: u32) -> bool {
        let word = &mut self.bits[bucket as usize / 64];
        let bit = 1 << (bucket % 64);
        let is_new = *word & bit == 0;
        if is_new {
            *word |= bit;
            self.touched.push(bucket);
        }
        is_new
    }

    pub(super) fn clear(&mut self) {
        for bucket in self.touched.drain(..) {
            self.bits[bucket as usize / 64] = 0;
        }
    }
}
