//! Finds things in a text that comes in pieces, with a bounded part of it in memory.
//!
//! What a guard says of a place depends on what stands around it. Text is settled, so that nothing
//! to come changes what is said of it, when [`BYTES_AFTER`] bytes follow it; [`BYTES_BEFORE`] bytes of
//! settled text are kept to be looked at with what comes. Rules must not depend on what is further
//! away, but for blocks between `-----BEGIN` and `-----END`, which may have [`BLOCK_BYTES`] bytes.
//!
//! For a reader who waits ([`Pace::Soon`]) text is settled sooner where nothing in it could be a part of a
//! finding: 64 bytes after a number, and at once after a word that nothing is known by.

use std::ops::Range;

mod bounds;
mod hold;
mod lines;

pub use bounds::{BLOCK_BYTES, BYTES_AFTER, BYTES_BEFORE};

use crate::engine::{Engine, JudgedPart, Judges};
use crate::finding::{Finding, Kind};
use crate::judgement::{Failure, Judged, Judgement};
use crate::overlap::unions;
use crate::policy::{Action, Policy};
use crate::secrets;
use lines::{floor, line_end, line_start};

/// Bytes before a place that are looked at with [`Pace::Soon`] unless something further away matters, and
/// how many more there may be before they are cut off again.
const NEAR_BYTES: usize = secrets::NEAR_BYTES + 256;
const MORE_BYTES: usize = 512;

/// The same for personal data: so many bytes at least, more where some are masked, until so many are left
/// that aren't, and so many at most.
const PERSONAL_BYTES_BEFORE: usize = 448;
const PERSONAL_LETTERS_BEFORE: usize = 256;
const MAX_PERSONAL_BYTES_BEFORE: usize = 1 << 10;

/// Personal data is no longer than this many bytes: an e-mail address.
const MAX_PERSONAL_BYTES: usize = 320;

/// Bytes of a word that secrets are found by.
const MAX_WORD_BYTES: usize = 48;

/// Bytes after a finding of personal data in which what is around it shows what it is.
const PERSONAL_BYTES_AFTER: usize = 64;

/// The most bytes that may come with [`Pace::Soon`] before the text is looked at again while little is held
/// back; fewer at a text's beginning, where looking takes no time.
const MAX_STRIDE_BYTES: usize = 16;

/// The same where something is masked nearby, so that 256 bytes are held back anyway.
const DENSE_STRIDE_BYTES: usize = 64;

/// Bytes that are held back at most, beside a piece.
const MAX_HELD_BYTES: usize = 128 << 10;

/// How often a [`StreamScanner`] looks at the text that has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pace {
    /// As soon as some of it may be settled, for a reader who waits for it, such as of a chat.
    Soon,
    /// Whenever so many bytes have come since it last looked, for speed, such as for files; settled text
    /// ends with a line where it can.
    Pieces(usize),
}

/// Looks for findings in a text that comes in pieces, and tells them part by part, each once nothing
/// that is still to come can change what was found in it.
#[derive(Debug)]
pub struct StreamScanner<'a> {
    engine: &'a Engine,
    policy: &'a Policy,
    pace: Pace,
    judges: Judges,
    text: String,
    /// Where `text` starts in all of the text.
    offset: u64,
    /// What of `text` is settled.
    settled: usize,
    /// What of the settled text is masked, as far as it is in `text`, in order.
    masked: Vec<Range<usize>>,
    /// How long `text` must be to be looked at again.
    wanted: usize,
    /// Bytes that have to come at least before more is settled, as far as the last look could tell.
    lacking: usize,
    /// Whether something is masked near the end of `text`, which makes looking at it cost more and holds back
    /// what is around.
    is_dense: bool,
    /// Where in `text` the part begins that is looked at if nothing before it matters: no match of a pattern
    /// reaches over that place.
    near: usize,
    /// Where in all of the text the last word stands that secrets are found by, and the last of those that
    /// matter further away; and up to where they were looked for.
    word: Option<u64>,
    far_word: Option<u64>,
    seen: u64,
}

/// A part of the text that is settled: nothing that is still to come changes what was found in it.
#[derive(Debug)]
pub struct Settled<'s> {
    /// The text that is in memory: the settled part, with some before and after it for callers that show
    /// or judge a finding by what stands around it.
    pub around: &'s str,
    /// Where `around` starts, in bytes from the very start of the text.
    pub offset: u64,
    /// The part of `around` that is newly settled, in bytes of `around`. Parts follow one another without
    /// gaps. It may be empty if a guard failed, and at the end.
    pub range: Range<usize>,
    /// What starts in `range` and isn't simply allowed, in the order of the text; places are in bytes of
    /// `around`. The rest of a finding that began in an earlier part starts with the range; one may end
    /// behind it.
    pub findings: Vec<Judged>,
    /// The guards that failed on `around`; empty if all did their work.
    pub failures: Vec<Failure>,
    /// The strongest action of the findings, [`Action::Allow`] if there are none; if a guard failed, the
    /// policy's `on_failure` at least.
    pub action: Action,
}

impl<'a> StreamScanner<'a> {
    /// A scanner at the start of a text, which judges it by an engine under a policy.
    #[must_use]
    pub fn new(engine: &'a Engine, policy: &'a Policy, pace: Pace) -> Self {
        Self::by(Judges::ALL, engine, policy, pace)
    }

    /// A scanner by some of what there is.
    pub(crate) fn by(judges: Judges, engine: &'a Engine, policy: &'a Policy, pace: Pace) -> Self {
        Self {
            engine,
            policy,
            pace,
            judges,
            near: 0,
            word: None,
            far_word: None,
            seen: 0,
            text: String::new(),
            offset: 0,
            settled: 0,
            masked: Vec::new(),
            wanted: first(pace),
            lacking: 0,
            is_dense: false,
        }
    }

    /// Takes the next piece of the text, of a few megabytes at most since all of it is held in memory;
    /// tells what is settled by now, `None` if nothing more is.
    pub fn push(&mut self, piece: &str) -> Option<Settled<'_>> {
        self.forget();
        self.text.push_str(piece);
        if self.text.len() < self.wanted {
            return None;
        }
        if self.pace == Pace::Soon && !self.may_settle() {
            self.wait();
            return None;
        }
        let settled = self.look(false);
        if settled.range.is_empty() && settled.failures.is_empty() {
            return None;
        }
        Some(settled)
    }

    /// Settles the rest of the text, after the last piece. Call it once; without it the last few hundred
    /// bytes, or more, stay unsettled.
    pub fn finish(&mut self) -> Settled<'_> {
        self.forget();
        self.look(true)
    }

    /// Looks at the text and settles what can be; all of it at the end.
    fn look(&mut self, is_end: bool) -> Settled<'_> {
        let judgement = self.judge();
        let from = self.settled;
        let mut findings: Vec<Judged> = judgement.findings;
        findings.retain_mut(|judged| clip(&mut judged.finding, from));
        let to = if is_end {
            self.text.len()
        } else {
            self.settle(&findings)
        };
        findings.retain(|judged| judged.finding.start < to);
        let mut action = findings.iter().map(|judged| judged.action).max();
        if !judgement.failures.is_empty() {
            action = action.max(Some(self.policy.on_failure));
        }
        let masked = findings
            .iter()
            .filter(|judged| judged.action == Action::Mask);
        let masked = masked.map(|judged| judged.finding.start..judged.finding.end.min(to));
        self.masked.extend(masked);
        self.settled = to;
        self.wait();
        Settled {
            around: &self.text,
            offset: self.offset,
            range: from..to,
            findings,
            failures: judgement.failures,
            action: action.unwrap_or_default(),
        }
    }

    /// What is in the text, or in the part of it that matters for what isn't settled.
    fn judge(&mut self) -> Judgement {
        let start = self.start();
        let personal = self.personal_start().max(start) - start;
        let part = &self.text[start..];
        let masked = self.masked.iter().filter(|range| range.end > start);
        let masked: Vec<_> = masked
            .map(|range| range.start.saturating_sub(start)..range.end - start)
            .collect();
        let judge = |personal_from| {
            let part = JudgedPart {
                judges: self.judges,
                text: part,
                personal_from,
                masked: &masked,
            };
            self.engine.judge_part(&part, self.policy)
        };
        let mut judgement = judge(personal);
        // A long secret that is masked is one letter, so that what is before it is near what is behind it.
        let is_long = |judged: &Judged| {
            let finding = &judged.finding;
            finding.kind == Kind::Secret && finding.end - finding.start > MAX_PERSONAL_BYTES
        };
        if personal > 0 && judgement.findings.iter().any(is_long) {
            judgement = judge(0);
        }
        for judged in &mut judgement.findings {
            judged.finding.start += start;
            judged.finding.end += start;
        }
        judgement
    }

    /// Where the part begins that is looked at.
    fn start(&mut self) -> usize {
        if self.pace != Pace::Soon {
            return 0;
        }
        self.note_words();
        if self.near + NEAR_BYTES + MORE_BYTES < self.settled {
            self.near = self.border(self.near, self.settled - NEAR_BYTES);
        }
        let settled = self.offset + self.settled as u64;
        let is_within = |word: Option<u64>, bytes: usize| {
            word.is_some_and(|word| word + bytes as u64 > settled)
        };
        if is_within(self.far_word, BYTES_BEFORE) {
            0
        } else if is_within(self.word, NEAR_BYTES) {
            self.near
        } else {
            self.personal_start()
        }
    }

    /// Where the part begins that decides about personal data.
    fn personal_start(&self) -> usize {
        if self.pace != Pace::Soon {
            return 0;
        }
        // What is masked is one letter to what stands behind it.
        let (mut place, mut letters) = (self.settled, PERSONAL_LETTERS_BEFORE);
        for range in self.masked.iter().rev() {
            let gap = place.saturating_sub(range.end);
            if gap >= letters {
                break;
            }
            letters -= gap;
            place = place.min(range.start);
        }
        let place = place
            .saturating_sub(letters)
            .min(self.settled.saturating_sub(PERSONAL_BYTES_BEFORE))
            .max(self.settled.saturating_sub(MAX_PERSONAL_BYTES_BEFORE));
        self.border(self.near, place.max(self.near))
    }

    /// Notes where in the text that has come words stand that secrets are found by.
    fn note_words(&mut self) {
        // A word may have come in two pieces.
        let seen = usize::try_from(self.seen - self.offset).unwrap_or(0);
        let seen = floor(&self.text, seen.saturating_sub(MAX_WORD_BYTES));
        let start = self.offset + seen as u64;
        if self.policy.kinds().has(Kind::Secret) {
            let (word, far_word) = (&mut self.word, &mut self.far_word);
            self.engine.secret_words(&self.text[seen..], |at, is_far| {
                let place = Some(start + at as u64);
                *word = place.max(*word);
                if is_far {
                    *far_word = place.max(*far_word);
                }
            });
        }
        self.seen = self.offset + self.text.len() as u64;
    }

    /// The last place about `place` at which a line or a word begins and that no match of a pattern reaches
    /// over: from there on the same matches are found as from `from` on, which is such a place.
    fn border(&self, from: usize, place: usize) -> usize {
        let mut place = line_start(
            &self.text,
            place.saturating_sub(BYTES_AFTER).max(from),
            place,
        );
        loop {
            let before = place;
            for pattern in self.engine.all_patterns() {
                let matches = pattern.matches(&self.text[from..]);
                let matches = matches.map(|found| from + found.start..from + found.end);
                let over = matches
                    .take_while(|found| found.start < place)
                    .find(|found| found.end > place);
                place = over.map_or(place, |over| over.start);
            }
            if place == before || place == from {
                return place;
            }
        }
    }

    /// Chooses when to look again.
    fn wait(&mut self) {
        let held = self.text.len() - self.settled;
        let more = match self.pace {
            // What is held back for long is looked at again and again: not for every letter that comes.
            Pace::Soon if self.is_dense => DENSE_STRIDE_BYTES.max(held / 4),
            Pace::Soon if held > BYTES_AFTER * 2 => self.lacking.max(held / 8),
            Pace::Soon => {
                let stride = (self.text.len() / 128).clamp(1, MAX_STRIDE_BYTES);
                self.lacking.max(stride)
            }
            Pace::Pieces(bytes) => bytes.max(held / 8),
        };
        self.lacking = 0;
        self.wanted = self.text.len().saturating_add(more);
    }

    /// Whether looking at the text could settle more of it.
    fn may_settle(&self) -> bool {
        let (text, from) = (self.text.as_str(), self.settled);
        let kinds = self.policy.kinds();
        text.len() - from > MAX_HELD_BYTES
            || (hold::calm(text, from, hold::wide(self.engine, kinds, text), &[]) > from
                && hold::open(self.engine, kinds, text, from) > from)
    }

    /// Up to where the text is settled.
    fn settle(&mut self, findings: &[Judged]) -> usize {
        let (text, from) = (self.text.as_str(), self.settled);
        let end = text.len();
        let kinds = self.policy.kinds();
        let masked: Vec<_> = unions(
            findings
                .iter()
                .filter(|judged| judged.action == Action::Mask)
                .map(|judged| judged.finding.start..judged.finding.end),
        )
        .collect();
        let near = end.saturating_sub(BYTES_AFTER);
        let is_dense = masked.last().is_some_and(|last| last.end > near);
        let mut lacking = 0;
        let mut to = match self.pace {
            Pace::Soon => hold::calm(text, from, self.wide(&masked), &masked),
            Pace::Pieces(_) => line_end(text, from, end.saturating_sub(BYTES_AFTER)),
        };
        let open = hold::open(self.engine, kinds, text, from);
        to = to.min(open);
        let places = findings.iter().map(|judged| &judged.finding);
        for whole in unions(places.clone().map(|finding| finding.start..finding.end)) {
            if whole.start >= to {
                break;
            }
            let parts = places
                .clone()
                .filter(|part| part.start < whole.end && part.end > whole.start);
            // What reaches into something that isn't decided yet isn't decided either.
            let most = parts.map(|part| self.lacks(part, &masked)).max();
            lacking = most.unwrap_or_default();
            if lacking > 0 || whole.end > open {
                to = whole.start;
                break;
            }
            to = to.max(whole.end);
        }
        let most = match self.pace {
            Pace::Soon => MAX_HELD_BYTES,
            Pace::Pieces(bytes) => bytes.saturating_add(MAX_HELD_BYTES),
        };
        let to = if end - to.max(from) > most {
            floor(text, end - BYTES_AFTER)
        } else {
            to.max(from)
        };
        // A secret may end sooner than the longest one.
        (self.lacking, self.is_dense) = (lacking.min(PERSONAL_BYTES_AFTER), is_dense);
        to
    }

    /// Where the part begins of which more is held back: from the first word that tells of secrets on, or from
    /// what is masked, since what is around that is judged once more without it.
    fn wide(&self, masked: &[Range<usize>]) -> usize {
        let text = self.text.as_str();
        let wide = hold::wide(self.engine, self.policy.kinds(), text);
        let first = masked
            .iter()
            .find(|part| part.end + BYTES_AFTER > text.len());
        first.map_or(wide, |first| {
            wide.min(first.start.saturating_sub(PERSONAL_BYTES_AFTER))
        })
    }

    /// How many bytes have to come until none that follow can show a finding to be another, longer or none.
    fn lacks(&self, finding: &Finding, masked: &[Range<usize>]) -> usize {
        let text = self.text.as_str();
        let needed = match (self.pace, finding.kind) {
            (Pace::Soon, Kind::Pii) => PERSONAL_BYTES_AFTER,
            (Pace::Soon, Kind::Secret) if is_ended(text, finding) => BYTES_AFTER,
            _ => secrets::MAX_BYTES_AFTER.max(BYTES_AFTER),
        };
        let after = match self.pace {
            Pace::Soon => hold::bytes_after(text, finding.end, masked),
            Pace::Pieces(_) => text.len() - finding.end,
        };
        needed.saturating_sub(after)
    }

    /// Lets go of what is too far away from the rest to matter.
    fn forget(&mut self) {
        let Some(from) = self.settled.checked_sub(BYTES_BEFORE * 2) else {
            return;
        };
        let start = line_start(&self.text, from, from + BYTES_BEFORE);
        let start = match self.pace {
            Pace::Soon => self.border(0, start.min(self.near)),
            Pace::Pieces(_) => start,
        };
        self.text.drain(..start);
        self.masked.retain_mut(|range| {
            range.start = range.start.saturating_sub(start);
            range.end = range.end.saturating_sub(start);
            range.start < range.end
        });
        self.offset += start as u64;
        self.settled -= start;
        self.wanted -= start;
        self.near -= start.min(self.near);
    }
}

fn first(pace: Pace) -> usize {
    match pace {
        Pace::Soon => 1,
        Pace::Pieces(bytes) => bytes,
    }
}

/// Leaves of a finding what is after `from`; whether there is anything.
fn clip(finding: &mut Finding, from: usize) -> bool {
    if finding.end <= from {
        return false;
    }
    finding.start = finding.start.max(from);
    true
}

/// Whether a value that a finding may be a part of has ended behind it: a name within a long value is no
/// secret's. Between tags values go on over spaces.
fn is_ended(text: &str, finding: &Finding) -> bool {
    let after = &text[finding.end..];
    let from = floor(text, finding.start.saturating_sub(secrets::MAX_BYTES_AFTER));
    let before = &text[from..finding.start];
    let is_tagged = || before.contains('>') || before.contains("\\u003e");
    after.contains('\n') || (after.contains(char::is_whitespace) && !is_tagged())
}
