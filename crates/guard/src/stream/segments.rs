//! What models say of a text that comes in pieces: they judge sentences rather than letters, so the text is
//! shown before they have.

use std::ops::Range;

use crate::engine::{Engine, Judges};
use crate::finding::Kind;
use crate::judgement::{Failure, Judged};
use crate::policy::{Action, Policy};

/// Bytes of a segment at least, and at most: a segment ends with a sentence or a line where there is one.
const MIN_SEGMENT_BYTES: usize = 400;
const MAX_SEGMENT_BYTES: usize = 1_200;

/// Bytes before a segment that are judged with it, since what is said may begin there.
const BYTES_BEFORE: usize = 400;

/// What the models say of a part of a text that was let through before they had judged it: the guards for
/// injection and content, and second opinions.
#[derive(Clone, Debug, PartialEq)]
pub struct LateVerdict {
    /// The part of the text that was judged, in bytes from its very start: the verdict holds from the start of
    /// this range on. Segments are judged with some of what is before them, so ranges overlap.
    pub range: Range<u64>,
    /// What was found, in the order of the text; places are in bytes of the text as it came, from its very
    /// start. Something found in an earlier segment isn't told again.
    pub findings: Vec<Judged>,
    /// The guards that failed on this part.
    pub failures: Vec<Failure>,
    /// The strongest action of the findings; if a guard failed, the policy's `on_failure` at least.
    pub action: Action,
}

/// Collects a text into segments, and has the models judge each once it has ended.
#[derive(Debug)]
pub(super) struct Segments<'a> {
    engine: &'a Engine,
    policy: &'a Policy,
    /// What isn't judged yet, with some before it.
    text: String,
    /// Where `text` starts in all of the text.
    offset: u64,
    /// What of `text` has been judged.
    judged: usize,
    /// How much of `text` holds no end of a segment.
    sought: usize,
    /// What was told last of each place.
    told: Vec<(u64, String)>,
    is_wanted: bool,
}

impl<'a> Segments<'a> {
    pub(super) fn new(engine: &'a Engine, policy: &'a Policy) -> Self {
        let kinds = policy.kinds();
        Self {
            engine,
            policy,
            text: String::new(),
            offset: 0,
            judged: 0,
            sought: 0,
            told: Vec::new(),
            is_wanted: policy.second_opinion
                || kinds.has(Kind::Injection)
                || kinds.has(Kind::Content),
        }
    }

    /// Up to where the text has been judged, in bytes from its very start.
    pub(super) fn judged(&self) -> u64 {
        self.offset + self.judged as u64
    }

    /// Takes the next piece; the verdicts on segments that have ended, if anything is said of them.
    pub(super) fn push(&mut self, piece: &str) -> Vec<LateVerdict> {
        let mut verdicts = Vec::new();
        if !self.is_wanted {
            self.offset += piece.len() as u64;
            return verdicts;
        }
        self.text.push_str(piece);
        while let Some(end) = self.end() {
            verdicts.extend(self.judge(end));
        }
        verdicts
    }

    /// The verdict on what is left after the last piece.
    pub(super) fn finish(&mut self) -> Vec<LateVerdict> {
        let mut verdicts = Vec::new();
        while let Some(end) = self.end() {
            verdicts.extend(self.judge(end));
        }
        if self.judged < self.text.len() {
            verdicts.extend(self.judge(self.text.len()));
        }
        verdicts
    }

    /// Where the segment ends that isn't judged yet, if it has.
    fn end(&mut self) -> Option<usize> {
        let least = self.judged + MIN_SEGMENT_BYTES;
        let most = self.judged + MAX_SEGMENT_BYTES;
        // The character after an end decides whether it is one.
        let from = self
            .text
            .floor_char_boundary(self.sought.max(least).saturating_sub(4));
        let until = self.text.floor_char_boundary(most);
        if let Some(end) = sentence_end(&self.text, from, until) {
            return Some(end);
        }
        self.sought = self.text.len();
        (self.text.len() > most).then(|| {
            let part = &self.text[self.judged..until];
            let mut spaces = part.char_indices().rev();
            let space = spaces.find(|(_, c)| c.is_whitespace());
            space.map_or(until, |(at, c)| self.judged + at + c.len_utf8())
        })
    }

    /// Has the models judge the text up to a place.
    fn judge(&mut self, end: usize) -> Option<LateVerdict> {
        let text = &self.text[..end];
        let judgement = self.engine.judge_by(Judges::MODELS, text, self.policy);
        let (offset, judged) = (self.offset, self.judged);
        let mut findings = judgement.findings;
        findings.retain_mut(|one| {
            let is_new = one.finding.end > judged;
            let start = one.finding.start;
            let shift = usize::try_from(offset).unwrap_or(usize::MAX);
            one.finding.start = start.saturating_add(shift);
            one.finding.end = one.finding.end.saturating_add(shift);
            let key = (one.finding.start as u64, one.finding.entity.to_string());
            is_new && !self.told.contains(&key)
        });
        let told = findings.iter();
        self.told = told
            .map(|one| (one.finding.start as u64, one.finding.entity.to_string()))
            .collect();
        let range = offset..offset + end as u64;
        self.forget(end);
        if findings.is_empty() && judgement.failures.is_empty() {
            return None;
        }
        let mut action = findings.iter().map(|one| one.action).max();
        if !judgement.failures.is_empty() {
            action = action.max(Some(self.policy.on_failure));
        }
        Some(LateVerdict {
            range,
            findings,
            failures: judgement.failures,
            action: action.unwrap_or_default(),
        })
    }

    /// Keeps of what is judged what the next segment is judged with.
    fn forget(&mut self, end: usize) {
        let from = self
            .text
            .floor_char_boundary(end.saturating_sub(BYTES_BEFORE));
        let start = sentence_end(&self.text, from, end).filter(|start| *start < end);
        let start = start.unwrap_or(from);
        self.text.drain(..start);
        self.offset += start as u64;
        self.judged = end - start;
        self.sought = self.judged;
    }
}

/// The end of the first sentence or line that ends between two places, with the white space after it.
fn sentence_end(text: &str, from: usize, until: usize) -> Option<usize> {
    let mut is_end = false;
    for (at, c) in text.get(from..until)?.char_indices() {
        let end = from + at + c.len_utf8();
        if c == '\n' || (is_end && c.is_whitespace()) || matches!(c, '。' | '！' | '？') {
            return Some(end);
        }
        let closes = matches!(c, '"' | '\'' | ')' | '”' | '’' | '»');
        is_end = matches!(c, '.' | '!' | '?' | '…') || (is_end && closes);
    }
    None
}
