//! A pass over a text, and what was found on it.

use std::borrow::Cow;
use std::ops::Range;

use super::around::floor;
use super::assignment::Assignment;
use crate::finding::{Finding, Kind};

/// How much a rule knows of what it finds; of two findings in one place the surer rule's counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    Form,
    Name,
    Context,
}

pub(super) struct SecretHit {
    pub(super) range: Range<usize>,
    pub(super) rank: Rank,
    pub(super) id: &'static str,
    pub(super) entity: &'static str,
    pub(super) score: f32,
    pub(super) why: Cow<'static, str>,
}

/// A pass over a text.
pub(super) struct SecretScan<'t> {
    pub(super) text: &'t str,
    pub(super) bytes: &'t [u8],
    pub(super) found: Vec<SecretHit>,
    /// The parts of the last private key that was found: nothing else is looked for in them.
    pub(super) key: Vec<Range<usize>>,
    /// The last name and what is assigned to it, since several words lead to one name.
    pub(super) last: (Range<usize>, Option<Assignment>),
    /// Up to here Kubernetes secrets have been looked for.
    pub(super) kubernetes: usize,
    /// A long value without a secret: names within it are part of it.
    pub(super) dull: Range<usize>,
}

impl<'t> SecretScan<'t> {
    pub(super) fn new(text: &'t str) -> Self {
        Self {
            text,
            bytes: text.as_bytes(),
            found: Vec::new(),
            key: Vec::new(),
            kubernetes: 0,
            last: (0..0, None),
            dull: 0..0,
        }
    }

    /// Whether a word at a place is part of a private key.
    pub(super) fn is_in_key(&self, at: usize) -> bool {
        let next = self.key.partition_point(|part| part.end <= at);
        self.key.get(next).is_some_and(|part| part.start <= at)
    }

    pub(super) fn push(
        &mut self,
        range: Range<usize>,
        rank: Rank,
        id: &'static str,
        entity: &'static str,
        score: f32,
        why: impl Into<Cow<'static, str>>,
    ) {
        self.found.push(SecretHit {
            range,
            rank,
            id,
            entity,
            score,
            why: why.into(),
        });
    }

    /// Hands over what was found, of what is in one place the surest first.
    pub(super) fn settle(mut self, out: &mut Vec<Finding>) {
        self.found.sort_by_key(|found| found.rank);
        let text = self.text;
        out.extend(self.found.into_iter().map(|found| Finding {
            kind: Kind::Secret,
            entity: found.entity.into(),
            rule: found.id.into(),
            start: floor(text, found.range.start),
            end: text.ceil_char_boundary(found.range.end),
            score: found.score,
            why: found.why,
        }));
    }
}
