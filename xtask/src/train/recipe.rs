//! What a model is trained from and how.

use std::path::Path;

use super::corpus::Example;
use super::fit::{FitSettings, SplitText};

/// No pool.
pub(super) fn no_pool(_: &Path) -> anyhow::Result<Vec<Example>> {
    Ok(Vec::new())
}

/// A model and how it is made.
pub(super) struct Recipe {
    /// The weights are `crates/guard/weights/NAME.bin`.
    pub(super) name: &'static str,
    /// What each output stands for.
    pub(super) outputs: &'static [&'static str],
    pub(super) settings: FitSettings,
    pub(super) parts: SplitText,
    /// The threshold of each output at which the folds are counted.
    pub(super) threshold: f32,
    /// The examples: what lies below the directory of `--data`, and what the project wrote.
    pub(super) examples: fn(&Path) -> anyhow::Result<Vec<Example>>,
    /// Harmless texts in such numbers that only the hard ones are trained on; none for some models.
    pub(super) pool: fn(&Path) -> anyhow::Result<Vec<Example>>,
}
