//! The generic format: one message a line, read from anyone and written by `lorekeep export`, so
//! that importing an export gives the same archive back.
//!
//! | key | value |
//! |---|---|
//! | `id`, `conversation`, `text` | strings; `conversation` must be there |
//! | `role` | `user`, `assistant`, `system` or `tool`; must be there |
//! | `time` | RFC 3339 |
//! | `project`, `cwd`, `branch`, `remote` | where it was said |
//! | `speaker`, `model`, `agent` | who said it |
//! | `kind` | `summary`, `command` or `injected`; absent for what was just said |
//! | `parent`, `turn` | ids of the message that this one answers, and of the reply it is a part of |
//! | `thinking` | what the model thought before it spoke |
//! | `tools` | `[{id, name, input}]`, or just names; `input_text` where the input isn't JSON on one line |
//! | `results` | `[{call, is_error, output, detail}]`; `detail_text` likewise |
//! | `files` | `{read: [], edited: []}`, or just the paths that were read |
//! | `attachments` | `[{media_type, bytes}]` |
//! | `usage` | `{input, output, cache_creation, cache_read}`, in tokens |
//! | `source` | name of the source that the message came from at first |
//! | `reflection` | `{tags: [], author, updated, conversation}` of a reflection, whose source is `reflection` |
//! | `marks` | `[{status, evidence, claim, who, time}]`: what became of it, `open`, `resolved` or `superseded`; the last counts |
//! | `title`, `title_rank`, `conversation_parent`, `links` | of the conversation (see [`About`]) |
//!
//! Must not know where the lines come from nor what becomes of them.

use crate::lines::{Format, LineReader, Record};
use crate::probe::{Probe, judge};
use crate::wire::{describe, fingerprint};
use crate::{Batch, FileHint, Importer, Marking, Message, Reader, Reflected, Source};

mod read;
mod write;

/// The importer of [`Source::Jsonl`].
pub(crate) struct Jsonl;

impl Importer for Jsonl {
    fn source(&self) -> Source {
        Source::Jsonl
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        let is_lines = path.ends_with(".jsonl") || path.ends_with(".jsonl.zst");
        is_lines && judge(head, |record| is_ours(record).then_some(true)).unwrap_or(false)
    }

    fn reader(&self, _file: &FileHint, state: &str) -> Box<dyn Reader> {
        let told = state.parse().unwrap_or_default();
        Box::new(LineReader(Lines {
            names: read::Names::default(),
            told,
        }))
    }
}

fn is_ours(record: &Probe) -> bool {
    record.has("conversation") && record.has("role") && record.has("text")
}

/// What an export says with each message: of its conversation, and of itself what was found out later.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct About<'a> {
    /// Name of the source that the message came from at first.
    pub source: &'a str,
    /// The conversation's title and its rank (see [`crate::FactKind::Title`]).
    pub title: Option<(&'a str, u8)>,
    /// The conversation that this one came from.
    pub parent: Option<&'a str>,
    /// What came out of it.
    pub links: &'a [&'a str],
    /// Of this message: what it has as a reflection, if it is one.
    pub reflection: Option<&'a Reflected>,
    /// Of this message: what became of it, the newest last.
    pub marks: &'a [Marking],
}

/// One message as a line of the generic format, without newline.
///
/// Nothing of the message is left out but its offset, which is its place in another file. An empty
/// id stays empty: give every message an id before it is exported.
#[must_use]
pub fn to_line(message: &Message, about: &About<'_>) -> String {
    write::line(message, about)
}

/// The reader of a file of generic messages.
struct Lines {
    names: read::Names,
    /// Fingerprint of what was last told of a conversation: exports repeat it with every message.
    told: u64,
}

impl Format for Lines {
    fn record(&mut self, at: Record<'_>, batch: &mut Batch) -> Result<(), String> {
        let line: read::LineIn<'_> =
            serde_json::from_str(at.json).map_err(|error| describe(&error))?;
        for key in line.misfits() {
            let what = format!("an entry of `{key}` is not an object, left out");
            batch.problems.push(at.problem(what));
        }
        let has_time = line.time.get().is_some();
        let (message, facts) = line.read(at.offset, &mut self.names)?;
        if has_time && message.time.is_none() {
            batch
                .problems
                .push(at.problem("`time` is not in RFC 3339 form, left out"));
        }
        let told = fingerprint(&format!("{facts:?}"));
        if !facts.is_empty() && told != self.told {
            batch.facts.extend(facts);
            self.told = told;
        }
        batch.messages.push(message);
        Ok(())
    }

    fn is_record(&self, json: &str) -> bool {
        Probe::of(json).is_some_and(|record| is_ours(&record))
    }

    fn state(&self) -> String {
        self.told.to_string()
    }
}
