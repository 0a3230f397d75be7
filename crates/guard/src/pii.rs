//! Personal data: structured identifiers, decided by checksums, ranges and whole-word context.

use crate::Finding;

/// What is looked for.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Look for names of people and places too, which is a guess.
    pub names: bool,
}

/// The detector.
#[derive(Debug, Default)]
pub(crate) struct Pii {
    #[expect(dead_code, reason = "read by the recognisers")]
    options: Options,
}

impl Pii {
    pub(crate) fn new(options: Options) -> Self {
        Self { options }
    }

    pub(crate) fn find(&self, _text: &str, _out: &mut Vec<Finding>) {}
}
