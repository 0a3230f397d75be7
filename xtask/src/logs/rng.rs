//! Chance that repeats: the same numbers for the same seed, on every machine.

/// A stream of numbers (SplitMix64).
#[derive(Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    /// The stream of a seed and of a number that tells apart what is made from that seed.
    pub(crate) fn new(seed: u64, part: u64) -> Self {
        let mut rng = Self(seed ^ part.wrapping_mul(0xD1B5_4A32_D192_ED03));
        rng.next();
        rng
    }

    /// The next number.
    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        mixed ^ (mixed >> 31)
    }

    /// A number below `end`, 0 if that is 0.
    pub(crate) fn below(&mut self, end: usize) -> usize {
        // The high half of a product spreads evenly without a division.
        let wide = u128::from(self.next()) * end as u128;
        usize::try_from(wide >> 64).unwrap_or_default()
    }

    /// A number from `start` to below `end`.
    pub(crate) fn range(&mut self, start: usize, end: usize) -> usize {
        start + self.below(end.saturating_sub(start))
    }

    /// From 0 to below 1.
    pub(crate) fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// True in this share of all cases.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.unit() < share
    }

    /// One of several.
    pub(crate) fn pick<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    /// One of several, the first ones much oftener (about as words of a language).
    pub(super) fn favour<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        let skewed = self.unit() * self.unit() * self.unit();
        #[expect(clippy::cast_possible_truncation, reason = "an index")]
        #[expect(clippy::cast_sign_loss, reason = "an index")]
        let at = (skewed * from.len() as f64) as usize;
        &from[at.min(from.len() - 1)]
    }
}

#[cfg(test)]
mod tests {
    use super::Rng;

    #[test]
    fn a_seed_gives_the_same_numbers_forever() {
        let mut rng = Rng::new(1, 2);
        assert_eq!(
            [rng.below(1000), rng.below(1000), rng.below(1000)],
            [974, 664, 717]
        );
    }
}
