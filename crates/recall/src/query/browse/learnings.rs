//! What one conversation came to: its summaries, stated results, edited files and commits. Nothing is
//! guessed; all of it stands in its messages.

use rusqlite::Connection;
use rustc_hash::FxHashSet;
use transcript::{Message, MessageKind, Millis, Role};

use super::glimpse::{QUOTE_CHARS, Quote, is_said, one_line};
use super::labels;
use super::scene::Scene;
use crate::guards::{Cleared, Gate, Outbound};
use crate::index::Label;
use crate::query::conversation::Conversation;
use crate::query::read;
use crate::store::{Row, Spans};
use crate::{ConversationView, Error, Result, Scope};

/// Characters of a summary and of an outcome.
const SUMMARY_CHARS: usize = 1200;
const OUTCOME_CHARS: usize = 400;
/// Files, summaries and commits that are told.
const MAX_FILES: usize = 20;
const MAX_SUMMARIES: usize = 3;
const MAX_COMMITS: usize = 50;

/// What a line opens with that states an outcome, before a colon.
const OUTCOME_WORDS: [&str; 14] = [
    "cause",
    "conclusion",
    "decided",
    "decision",
    "fix",
    "fixed",
    "learned",
    "lesson",
    "outcome",
    "result",
    "root cause",
    "solution",
    "takeaway",
    "key takeaway",
];

/// A request for what one conversation came to.
#[derive(Clone, Debug)]
pub struct LearningsRequest {
    /// The conversation's id, as its source has it, or a start of it that no other conversation of the scope
    /// has. It has nothing to do with [`GroupBy::Session`](super::GroupBy::Session).
    pub session: String,
    /// Which projects are looked at; a conversation of other projects only counts as unknown.
    pub scope: Scope,
    /// The largest number of [`Outcome`]s to return; of more, the latest. It doesn't count summaries, files
    /// and commits, which have limits of their own ([`Learnings`]).
    pub limit: usize,
}

impl LearningsRequest {
    /// A request about a scope. [`Self::session`] is empty and [`Self::limit`] is 0, and both must be set.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            session: String::new(),
            scope,
            limit: 0,
        }
    }
}

/// What a conversation came to: its summaries, outcomes, edited files and commits.
#[derive(Clone, Debug)]
pub struct Learnings {
    /// The conversation, as far as it lies in the scope.
    pub conversation: ConversationView,
    /// Summaries that the assistant wrote of the conversation so far, when its context was full; the latest
    /// last, at most 3, each of at most 1,200 characters.
    pub summaries: Vec<Quote>,
    /// What the assistant stated as a decision or result, or said last after it had edited files, in the
    /// order of the conversation.
    pub outcomes: Vec<Outcome>,
    /// Paths of files that were edited, with how often, the most edited first; at most 20.
    pub files: Vec<(String, u64)>,
    /// Commits that git reported to the assistant's shell, in order: short hash and subject; the first 50.
    pub commits: Vec<(String, String)>,
}

impl Outbound for Learnings {
    /// Summaries, outcomes and subjects of commits went through the gate when they were cut.
    fn pass(&mut self, gate: Gate<'_>) {
        self.conversation.pass(gate);
        gate.texts(self.files.iter_mut().map(|(path, _)| path));
    }
}

/// A decision, result or closing statement of a conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The id of the assistant's message: the source's own, or `#` and a number.
    pub message_id: String,
    /// When it was said, in milliseconds since 1970, if that is known.
    pub time: Option<Millis>,
    /// Whether it is a line that begins with such a word as `Decision:`, `Root cause:` or `Fix:`. Otherwise
    /// it is the last message before the person's next one, after files had been edited.
    pub is_stated: bool,
    /// The words, on one line, at most 400 characters and a `…`.
    pub text: String,
}

/// What was learnt in a session.
pub(crate) fn learnings(
    connection: &Connection,
    gate: Gate<'_>,
    request: &LearningsRequest,
) -> Result<Cleared<Learnings>> {
    let mut scene = Scene::new(connection, gate, &request.scope)?;
    let found = Conversation::find_within(connection, gate, &request.session, scene.within)?;
    let spans = Spans::of_conversation(connection, found.id)?.within(scene.within);
    let mut rows = Vec::new();
    for span in &spans.0 {
        rows.extend(scene.rows(span)?);
    }
    rows.retain(|row| row.flags.kind() != MessageKind::Injected);
    let edited = labels::of_rows(&scene, Label::Edited, &rows)?;
    let mut outcomes = outcomes(&mut scene, &rows)?;
    outcomes.drain(..outcomes.len().saturating_sub(request.limit));
    let mut summaries = summaries(&mut scene, &rows)?;
    summaries.drain(..summaries.len().saturating_sub(MAX_SUMMARIES));
    let conversation = read::conversation_within(connection, gate, found, scene.within)?;
    Ok(gate.release(Learnings {
        conversation,
        summaries,
        outcomes,
        files: edited.most(&scene, MAX_FILES)?,
        commits: commits(&mut scene, &rows)?,
    }))
}

fn summaries(scene: &mut Scene<'_>, rows: &[Row]) -> Result<Vec<Quote>> {
    let mut found = Vec::new();
    for row in rows
        .iter()
        .filter(|row| row.flags.kind() == MessageKind::Summary)
    {
        if let Some((message_id, text)) = scene.text(row)? {
            let seen = scene.gate_of(row).start(&text, SUMMARY_CHARS);
            let (role, time, text) = (
                row.flags.role(),
                row.time,
                one_line(&seen.text, SUMMARY_CHARS),
            );
            found.push(Quote {
                message_id,
                role,
                time,
                text,
            });
        }
    }
    Ok(found)
}

/// What the assistant stated, and what it said last in each turn in which it edited files.
fn outcomes(scene: &mut Scene<'_>, rows: &[Row]) -> Result<Vec<Outcome>> {
    let (mut edits, mut found) = (Vec::new(), Vec::new());
    if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
        let (first, last) = (first.id.0, last.id.0);
        labels::between(scene, Label::Edited, first, last, &mut |_, message| {
            edits.push(message);
        })?;
    }
    edits.sort_unstable();
    let has_edit = |from: i64, to: i64| {
        edits
            .get(edits.partition_point(|at| *at < from))
            .is_some_and(|at| *at <= to)
    };
    for turn in rows.split(|row| is_said(row, Role::User)) {
        let Some(first) = turn.first() else { continue };
        let said = |row: &&Row| is_said(row, Role::Assistant);
        let closing = turn.iter().rev().find(said).map(|row| row.id);
        for row in turn.iter().filter(said) {
            let Some((message_id, text)) = scene.text(row)? else {
                continue;
            };
            let mut add = |is_stated, part: &str| {
                let (message_id, time) = (message_id.clone(), row.time);
                let text = one_line(&scene.gate_of(row).line(&text, part), OUTCOME_CHARS);
                found.push(Outcome {
                    message_id,
                    time,
                    is_stated,
                    text,
                });
            };
            let stated: Vec<&str> = text.lines().filter(|line| is_stated(line)).collect();
            stated.iter().for_each(|line| add(true, line));
            let closes = closing == Some(row.id) && has_edit(first.id.0, row.id.0);
            if closes && stated.is_empty() {
                add(false, &text);
            }
        }
    }
    Ok(found)
}

/// Whether a line opens as one that states an outcome: `**Root cause:** …`, `- Fix: …`.
fn is_stated(line: &str) -> bool {
    let opening = |c: char| c.is_whitespace() || matches!(c, '#' | '*' | '-' | '>' | '_' | '•');
    let line = line.trim_start_matches(opening);
    let Some((opens, rest)) = line.split_once(':') else {
        return false;
    };
    let opens = opens.trim_end_matches(['*', '_', ' ']);
    let says_more = rest.chars().filter(|c| c.is_alphanumeric()).count() > 2;
    says_more
        && OUTCOME_WORDS
            .iter()
            .any(|state| state.eq_ignore_ascii_case(opens))
}

/// Commits that git reported to a shell which had been told to make one.
fn commits(scene: &mut Scene<'_>, rows: &[Row]) -> Result<Vec<(String, String)>> {
    let (mut calls, mut found) = (FxHashSet::default(), Vec::new());
    let mut callers = FxHashSet::default();
    if let (Some(first), Some(last)) = (rows.first(), rows.last()) {
        let (first, last) = (first.id.0, last.id.0);
        labels::between(scene, Label::Tool, first, last, &mut |_, message| {
            callers.insert(message);
        })?;
    }
    for row in rows {
        let is_result = row.flags.role() == Role::Tool && !calls.is_empty();
        if !callers.contains(&row.id.0) && !is_result {
            continue;
        }
        let message = match scene.reader.message(scene.connection, row) {
            Ok(message) => message,
            Err(Error::Damaged(_)) => continue,
            Err(error) => return Err(error),
        };
        note_calls(&message, &mut calls);
        for result in &message.results {
            if calls.remove(&result.call) {
                let lines = result.output.lines();
                found.extend(lines.filter_map(commit).map(|(hash, subject)| {
                    let subject = scene.gate.line(&result.output, subject);
                    (hash.to_owned(), one_line(&subject, QUOTE_CHARS))
                }));
            }
        }
        if found.len() >= MAX_COMMITS {
            break;
        }
    }
    found.truncate(MAX_COMMITS);
    Ok(found)
}

fn note_calls(message: &Message, calls: &mut FxHashSet<String>) {
    for call in &message.tools {
        let input = &call.input;
        if let Some(at) = input.find("git ")
            && input[at..].contains("commit")
        {
            calls.insert(call.id.clone());
        }
    }
}

/// `[main 1a2b3c4] Subject` → hash and subject.
fn commit(line: &str) -> Option<(&str, &str)> {
    let (head, subject) = line.trim().strip_prefix('[')?.split_once("] ")?;
    let hash = head.rsplit(' ').next()?;
    let is_hash = (7..=40).contains(&hash.len()) && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let has_branch = head.len() > hash.len();
    (is_hash && has_branch).then_some((hash, subject))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_state_an_outcome_are_told_by_how_they_open() {
        for line in [
            "**Root cause:** the offset is added twice",
            "- Fix: add it once",
            "## Decision: UTC",
        ] {
            assert!(is_stated(line), "{line}");
        }
        for line in [
            "Fix the offset",
            "error: it failed",
            "Decision:",
            "The decision: none",
        ] {
            assert!(!is_stated(line), "{line}");
        }
    }

    #[test]
    fn commits_are_read_from_what_git_reports() {
        let found = commit("[main 1a2b3c4] Add the offset once");
        assert_eq!(found, Some(("1a2b3c4", "Add the offset once")));
        let root = commit("[main (root-commit) 1a2b3c4] Start");
        assert_eq!(root, Some(("1a2b3c4", "Start")));
        assert_eq!(commit("[INFO] done"), None);
        assert_eq!(commit("[2026 03] x"), None);
    }
}
