//! Parts of a text that are judged apart, and by what.

use std::ops::Range;

use crate::finding::Kind;

/// What judges a text.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Judges {
    /// What decides by the form of a place and by what is near it: secrets, personal data, patterns of the
    /// settings.
    pub(super) rules: bool,
    /// What decides by a whole sentence or more: injection, content, second opinions.
    pub(super) models: bool,
}

impl Judges {
    pub(crate) const ALL: Self = Self {
        rules: true,
        models: true,
    };
    pub(crate) const RULES: Self = Self {
        rules: true,
        models: false,
    };
    pub(crate) const MODELS: Self = Self {
        rules: false,
        models: true,
    };

    /// Whether one of them looks for a kind, patterns of the settings apart.
    pub(super) fn look_for(self, kind: Kind) -> bool {
        match kind {
            Kind::Secret | Kind::Pii => self.rules,
            Kind::Injection | Kind::Content => self.models,
        }
    }
}

/// A part of a text, and what is known of it.
pub(crate) struct JudgedPart<'t> {
    pub(crate) judges: Judges,
    pub(crate) text: &'t str,
    /// Where the part begins that is looked at for personal data, at a character's start: what decides about
    /// that is nearer than what decides about secrets, and costs more to look at.
    pub(crate) personal_from: usize,
    /// What was found before to be masked, which may need more than the part to be found.
    pub(crate) masked: &'t [Range<usize>],
}

/// What of ranges is behind a place, from that place on.
pub(super) fn behind(ranges: &[Range<usize>], from: usize) -> Vec<Range<usize>> {
    let behind = ranges.iter().filter(|range| range.end > from);
    behind
        .map(|range| range.start.saturating_sub(from)..range.end - from)
        .collect()
}
