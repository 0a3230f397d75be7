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
//! | `fact` | `{topics: [], kind, conversation, said, turn, character, updated, superseded_by}` of a fact about the person, whose source is `fact` |
//! | `marks` | `[{status, evidence, claim, who, time}]`: what became of it, `open`, `resolved` or `superseded`; the last counts |
//! | `also_in` | ids of other conversations that repeat the message, as forks do |
//! | `title`, `title_rank`, `conversation_parent`, `conversation_relation`, `links` | of the conversation (see [`ExportContext`]) |
//!
//! Must not know where the lines come from nor what becomes of them.

use crate::fingerprint::fingerprint;
use crate::json::describe;
use crate::lines::{LineReader, LogRecord, RecordFormat};
use crate::probe::{RecordProbe, judge};
use crate::{
    FileHint, Framing, LogFiles, LogReader, ReadBatch, Source, SourceFormat, SourceTool, ToolEffect,
};

mod read;
mod write;

pub use write::{ExportContext, to_line};

/// The source `jsonl`: the generic format, one JSON object a line. Its files lie anywhere.
pub const SOURCE: Source = Source::new(&Generic);

/// See [`SOURCE`].
struct Generic;

const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "",
    suffix: ".jsonl",
    framing: Framing::Lines(reader),
}];

/// Tools of assistants whose logs come in this format only.
const FILE_TOOLS: &[SourceTool] = &[SourceTool::new("run_shell_command", ToolEffect::Command)];

impl SourceFormat for Generic {
    fn name(&self) -> &'static str {
        "jsonl"
    }

    fn title(&self) -> &'static str {
        "generic JSON lines"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        let is_lines = path.ends_with(".jsonl") || path.ends_with(".jsonl.zst");
        is_lines && judge(head, |record| is_ours(record).then_some(true)).unwrap_or(false)
    }

    fn tools(&self) -> &'static [SourceTool] {
        FILE_TOOLS
    }
}

fn reader(_: &FileHint, state: &str) -> Box<dyn LogReader> {
    Box::new(LineReader(GenericReader {
        names: read::SharedNames::default(),
        told: state.parse().unwrap_or_default(),
    }))
}

fn is_ours(record: &RecordProbe) -> bool {
    record.has("conversation") && record.has("role") && record.has("text")
}

/// The reader of a file of generic messages.
struct GenericReader {
    names: read::SharedNames,
    /// Fingerprint of what was last told of a conversation: exports repeat it with every message.
    told: u64,
}

impl RecordFormat for GenericReader {
    fn record(&mut self, at: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        let line: read::LineIn<'_> =
            serde_json::from_str(at.json).map_err(|error| describe(&error))?;
        for key in line.misfits() {
            let what = format!("an entry of `{key}` is not an object, left out");
            batch.tell(at.problem(what));
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
        RecordProbe::of(json).is_some_and(|record| is_ours(&record))
    }

    fn state(&self) -> String {
        self.told.to_string()
    }
}
