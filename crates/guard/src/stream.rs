//! Masking a text that comes in pieces, such as what a model says: each part is released as soon as
//! nothing that is to come can make a finding of it.
//!
//! What is masked is decided by rules, before the text is released. Models judge whole sentences, so what they
//! say comes after the text was released, and tells from where on it holds.

mod segments;

pub use segments::LateVerdict;

use crate::engine::{Engine, Judges};
use crate::judgement::{Failure, Judged};
use crate::mask::Masker;
use crate::policy::{Action, Policy};
use crate::stream_scanner::{Pace, StreamScanner};

use segments::Segments;

/// Masks a text that comes in pieces. However it is cut, what is released is what masking all of it
/// at once gives, as far as rules keep to the bounds that [`crate::stream_scanner`] states: secrets,
/// personal data and patterns of the settings.
///
/// Held back are at most 64 bytes (and the piece that is to come, and 16 more) where nothing could be a part
/// of a finding; up to 256 bytes after a word that secrets are known by (`token`, `://`, `ghp_`); a number, a
/// key or an address until it has ended and 64 bytes more, a list of them 256 bytes, a block between
/// `-----BEGIN` and `-----END`, and what a pattern of the settings may still match, up to 128 KiB.
#[derive(Debug)]
pub struct Stream<'a> {
    scanner: StreamScanner<'a>,
    segments: Segments<'a>,
    masker: &'a Masker,
    is_stopped: bool,
}

/// What a [`Stream`] lets through: text that is safe to show, and what was found in it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ReleasedText {
    /// Text that is safe to show, after what was released before: findings whose action is
    /// [`Action::Mask`] are masked in it. Empty if nothing is safe by now or the stream has stopped.
    pub text: String,
    /// What was found in it; places are in bytes of the text as it came, from its very start.
    pub findings: Vec<Judged>,
    /// The guards that failed on what was looked at.
    pub failures: Vec<Failure>,
    /// What models say of text that was released before, or is being released now; empty if nothing.
    pub verdicts: Vec<LateVerdict>,
    /// Up to where models have judged the text, in bytes as it came, from its very start; the rest of what
    /// was released is judged later.
    pub judged: u64,
    /// The strongest action of the findings, failures and verdicts. From [`Action::Quarantine`] on the stream stops:
    /// nothing more is released, now or later, and further pieces give [`Action::Block`].
    pub action: Action,
}

impl<'a> Stream<'a> {
    /// A stream before its first piece, judged by an engine under a policy and masked by a masker.
    #[must_use]
    pub fn new(engine: &'a Engine, policy: &'a Policy, masker: &'a Masker) -> Self {
        Self {
            scanner: StreamScanner::by(Judges::RULES, engine, policy, Pace::Soon),
            segments: Segments::new(engine, policy),
            masker,
            is_stopped: false,
        }
    }

    /// Takes the next piece of the text and releases as much as is safe by now, which may be nothing. A
    /// piece may be cut anywhere between characters.
    pub fn push(&mut self, piece: &str) -> ReleasedText {
        if self.is_stopped {
            return ReleasedText::stopped(self.segments.judged());
        }
        let verdicts = self.segments.push(piece);
        let settled = self.scanner.push(piece);
        let released = settled.map(|settled| ReleasedText::of(settled, self.masker));
        self.heed(released.unwrap_or_default(), verdicts)
    }

    /// Releases the rest of the text, after the last piece; nothing if the stream has stopped.
    pub fn finish(mut self) -> ReleasedText {
        if self.is_stopped {
            return ReleasedText::stopped(self.segments.judged());
        }
        let verdicts = self.segments.finish();
        let released = ReleasedText::of(self.scanner.finish(), self.masker);
        self.heed(released, verdicts)
    }

    fn heed(&mut self, mut released: ReleasedText, verdicts: Vec<LateVerdict>) -> ReleasedText {
        let strongest = verdicts.iter().map(|verdict| verdict.action).max();
        released.action = released.action.max(strongest.unwrap_or_default());
        released.verdicts = verdicts;
        released.judged = self.segments.judged();
        self.is_stopped = released.action >= Action::Quarantine;
        if self.is_stopped {
            released.text.clear();
        }
        released
    }
}

impl ReleasedText {
    fn stopped(judged: u64) -> Self {
        Self {
            judged,
            action: Action::Block,
            ..Self::default()
        }
    }

    fn of(settled: crate::stream_scanner::Settled<'_>, masker: &Masker) -> Self {
        let mut released = Self {
            failures: settled.failures,
            action: settled.action,
            ..Self::default()
        };
        let part = &settled.around[settled.range.clone()];
        let start = settled.offset + settled.range.start as u64;
        let to_mask: Vec<_> = settled
            .findings
            .iter()
            .filter(|judged| judged.action == Action::Mask)
            .map(|judged| {
                let mut finding = judged.finding.clone();
                finding.start -= settled.range.start;
                finding.end = finding.end.min(settled.range.end) - settled.range.start;
                finding
            })
            .collect();
        if released.action < Action::Quarantine {
            released.text = masker.mask(part, &to_mask).into_owned();
        }
        released.findings = settled.findings;
        let moved = usize::try_from(start).unwrap_or(usize::MAX);
        for judged in &mut released.findings {
            let finding = &mut judged.finding;
            finding.start = (finding.start - settled.range.start).saturating_add(moved);
            finding.end = (finding.end - settled.range.start).saturating_add(moved);
        }
        released
    }
}
