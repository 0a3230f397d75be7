//! Finds things in a text that comes in pieces, with a bounded part of it in memory.
//!
//! What a guard says of a place depends on what stands around it. Text is settled, so that nothing
//! to come changes what is said of it, when [`BYTES_AFTER`] bytes follow it; [`BYTES_BEFORE`] bytes of
//! settled text are kept to be looked at with what comes. Rules must not depend on what is further
//! away, but for blocks between `-----BEGIN` and `-----END`, which may have [`BLOCK_BYTES`] bytes.

use std::ops::Range;

use crate::engine::Engine;
use crate::finding::Finding;
use crate::judgement::{Failure, Judged};
use crate::overlap::unions;
use crate::policy::{Action, Policy};
use crate::secrets;

/// Bytes before a place that may decide on what is found in it.
pub const BYTES_BEFORE: usize = 6 << 10;

/// Bytes after a place that may decide on what is found in it, from the start of a finding's last part on.
pub const BYTES_AFTER: usize = 256;

/// Bytes after the start of a capitalised word in which what it begins, such as an address or a
/// number with letters before it, shows to be that.
const NAME_BYTES: usize = 48;

/// Bytes that a block with a beginning and an end of its own, such as a private key, may have.
pub const BLOCK_BYTES: usize = 65 << 10;

/// What the end of a block begins with, and how many bytes may follow up to its dashes.
const BLOCK_END: &str = "-----END ";
const LABEL_BYTES: usize = 80;

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
    text: String,
    /// Where `text` starts in all of the text.
    offset: u64,
    /// What of `text` is settled.
    settled: usize,
    /// How long `text` must be to be looked at again.
    wanted: usize,
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
        Self {
            engine,
            policy,
            pace,
            text: String::new(),
            offset: 0,
            settled: 0,
            wanted: first(pace),
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
        let judgement = self.engine.judge(&self.text, self.policy);
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
        self.settled = to;
        let held = self.text.len() - to;
        self.wanted = match self.pace {
            // What is held back is looked at again and again: not for every letter that comes.
            Pace::Soon => self.text.len() + 1 + held / 8,
            Pace::Pieces(bytes) => self.text.len().saturating_add(bytes.max(held / 8)),
        };
        Settled {
            around: &self.text,
            offset: self.offset,
            range: from..to,
            findings,
            failures: judgement.failures,
            action: action.unwrap_or_default(),
        }
    }

    /// Up to where the text is settled.
    fn settle(&self, findings: &[Judged]) -> usize {
        let (text, from) = (self.text.as_str(), self.settled);
        let end = text.len();
        let mut to = match self.pace {
            Pace::Soon => calm(text, from),
            Pace::Pieces(_) => line_end(text, from, end.saturating_sub(BYTES_AFTER)),
        };
        let open = [open_block(&text[from..]), secrets::open(&text[from..])];
        let open = open
            .into_iter()
            .flatten()
            .min()
            .map_or(end, |open| from + open);
        to = to.min(open);
        let places = findings.iter().map(|judged| &judged.finding);
        for whole in unions(places.map(|finding| finding.start..finding.end)) {
            if whole.start >= to {
                break;
            }
            // A name within a long value is no secret's, and how long it is shows later; what reaches
            // into something that isn't decided yet isn't decided either.
            if whole.end + secrets::MAX_BYTES_AFTER.max(BYTES_AFTER) > end || whole.end > open {
                to = whole.start;
                break;
            }
            to = to.max(whole.end);
        }
        let most = match self.pace {
            Pace::Soon => MAX_HELD_BYTES,
            Pace::Pieces(bytes) => bytes.saturating_add(MAX_HELD_BYTES),
        };
        if end - to.max(from) > most {
            return floor(text, end - BYTES_AFTER);
        }
        to.max(from)
    }

    /// Lets go of what is too far away from the rest to matter.
    fn forget(&mut self) {
        let Some(from) = self.settled.checked_sub(BYTES_BEFORE * 2) else {
            return;
        };
        let start = line_start(&self.text, from, from + BYTES_BEFORE);
        self.text.drain(..start);
        self.offset += start as u64;
        self.settled -= start;
        self.wanted -= start;
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

/// Where the part at the end begins that could still be, or decide on, a finding: the last word,
/// and what looks like more than a word shortly before it.
fn calm(text: &str, from: usize) -> usize {
    let near = floor(text, text.len().saturating_sub(BYTES_AFTER)).max(from);
    // A word that began before is looked at whole.
    let before = text[from..near].char_indices().rfind(|(_, c)| is_break(*c));
    let mut start = before.map_or(from, |(at, c)| from + at + c.len_utf8());
    for word in text[start..].split_inclusive(is_break) {
        let end = start + word.len();
        let may_go_on = end == text.len() && !word.ends_with(is_break);
        let may_name = start + NAME_BYTES > text.len() && word.starts_with(char::is_uppercase);
        if may_go_on || may_name || is_more_than_a_word(word.trim_end()) {
            return start;
        }
        start = end;
    }
    start
}

/// Whether a word ends with a character: white space, or one of the scripts that have none.
fn is_break(c: char) -> bool {
    c.is_whitespace() || matches!(c, '\u{2e80}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}')
}

/// Whether something could be part of a number, key or address, or name one.
fn is_more_than_a_word(word: &str) -> bool {
    let of_words = |c: char| c.is_alphabetic() || matches!(c, '.' | ',' | ';' | '!' | '?' | '’');
    word.len() > 20 || !word.chars().all(of_words)
}

/// The end of the last line, or of the last word, before `to`; `from` if there is none.
fn line_end(text: &str, from: usize, to: usize) -> usize {
    let to = floor(text, to).max(from);
    let part = &text[from..to];
    let line = part.rfind('\n').map(|at| at + 1);
    let word = || {
        let (at, space) = part.char_indices().rfind(|(_, c)| c.is_whitespace())?;
        Some(at + space.len_utf8())
    };
    from + line.or_else(word).unwrap_or(0)
}

/// The start of a line between two places, or of a word, or of a character.
fn line_start(text: &str, from: usize, to: usize) -> usize {
    let (from, to) = (floor(text, from), floor(text, to));
    match line_end(text, from, to) {
        start if start > from => start,
        _ => to,
    }
}

/// Where a block begins that hasn't ended yet, or the word that runs into it: the value of a key may.
fn open_block(text: &str) -> Option<usize> {
    let near = floor(text, text.len().saturating_sub(BLOCK_BYTES));
    let begin = text[near..].find("-----BEGIN")? + near;
    let last = text.rfind("-----BEGIN").unwrap_or(begin);
    let end = text[last..]
        .find(BLOCK_END)
        .map(|end| &text[last + end + BLOCK_END.len()..]);
    let is_ended = end.is_some_and(|label| label.len() > LABEL_BYTES || label.contains("-----"));
    let word = text[..last].char_indices().rfind(|(_, c)| is_break(*c));
    (!is_ended).then(|| word.map_or(0, |(at, c)| at + c.len_utf8()))
}

/// The start of the character at `at`.
fn floor(text: &str, at: usize) -> usize {
    text.floor_char_boundary(at)
}
