//! Magpie: one log a session that grows by lines, each a greeting (`hello`), something said (`say`) or done
//! (`do`). An example of [`Framing::Lines`], of state between lines, and of edits for `blame`.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::bounds;
use crate::json::{JsonText, describe, whole_surrogates};
use crate::lines::{LineReader, LogRecord, RecordFormat};
use crate::names::{SharedName, UnknownTypes};
use crate::path::{file_name, stem, uncompressed};
use crate::probe::{RecordProbe, is_blank, judge};
use crate::time::millis;
use crate::{
    FileAction, FileHint, FileTouch, Framing, LogFiles, LogReader, LogRoots, LoggedChange,
    LoggedEdit, Message, ReadBatch, Role, RootVariable, Source, SourceFormat, SourceTool, TextSwap,
    ToolCall, ToolEffect, ToolResult,
};

/// The source `magpie`: Magpie's session logs, `*.magpie.jsonl` below `~/.magpie/logs`.
pub const SOURCE: Source = Source::new(&Magpie);

/// See [`SOURCE`].
struct Magpie;

/// What the names of its files end with.
const SUFFIX: &str = ".magpie.jsonl";

const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "",
    suffix: SUFFIX,
    framing: Framing::Lines(reader),
}];

/// `MAGPIE_DIR` names the directory of logs itself, so that this is the root.
const LOG_ROOTS: LogRoots = LogRoots {
    about: "Directories of Magpie's logs, each with a directory for each project in it.",
    defaults: &["~/.magpie/logs"],
    variables: &[RootVariable {
        name: "MAGPIE_DIR",
        below: "",
    }],
    directories: &[""],
};

/// The tool that edits files: it puts one text in the place of another.
const PATCH: &str = "patch";

const FILE_TOOLS: &[SourceTool] = &[SourceTool::new(PATCH, ToolEffect::Edit)];

impl SourceFormat for Magpie {
    fn name(&self) -> &'static str {
        "magpie"
    }

    fn title(&self) -> &'static str {
        "Magpie"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        uncompressed(file_name(path)).ends_with(SUFFIX)
            && (is_blank(head)
                || judge(head, |record| is_ours(record).then_some(true)).unwrap_or(false))
    }

    fn roots(&self) -> Option<&'static LogRoots> {
        Some(&LOG_ROOTS)
    }

    fn tools(&self) -> &'static [SourceTool] {
        FILE_TOOLS
    }

    // Asked for calls of this name that other sources read too, so what doesn't fit gives nothing.
    fn edits(&self, call: &ToolCall, _: Option<&ToolResult>) -> Vec<LoggedEdit> {
        let patch = serde_json::from_str::<MagpiePatch>(&call.input).ok();
        patch.map(MagpiePatch::into_edit).into_iter().collect()
    }
}

fn reader(file: &FileHint, state: &str) -> Box<dyn LogReader> {
    let name = stem(&file.path);
    Box::new(LineReader(MagpieReader {
        name: name.strip_suffix(".magpie").unwrap_or(name).to_owned(),
        memo: serde_json::from_str(state).unwrap_or_default(),
        ..MagpieReader::default()
    }))
}

fn is_ours(record: &RecordProbe) -> bool {
    let is_greeting = record.has("session") && record.has("dir");
    let is_numbered = record.has("n") && (record.has("who") || record.has("act"));
    record.has("kind") && (is_greeting || is_numbered)
}

/// A line, of any kind.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct MagpieLine<'a> {
    kind: JsonText<'a>,
    session: JsonText<'a>,
    dir: JsonText<'a>,
    n: JsonText<'a>,
    who: JsonText<'a>,
    at: JsonText<'a>,
    body: JsonText<'a>,
    model: JsonText<'a>,
    act: JsonText<'a>,
    path: JsonText<'a>,
    old: JsonText<'a>,
    new: JsonText<'a>,
}

/// The arguments of [`PATCH`].
#[derive(Serialize, Deserialize)]
struct MagpiePatch {
    path: String,
    old: String,
    new: String,
}

impl MagpiePatch {
    fn into_edit(self) -> LoggedEdit {
        let swap = TextSwap {
            old: self.old,
            new: self.new,
            all: false,
        };
        LoggedEdit::new(self.path, LoggedChange::Swaps(vec![swap]), "new")
    }
}

/// What a later reader must know of the lines before.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct MagpieMemo {
    session: String,
    dir: String,
    unknown: UnknownTypes,
}

/// Reads the records of one log.
#[derive(Default)]
struct MagpieReader {
    /// The conversation's id where no line tells it: the file's name.
    name: String,
    memo: MagpieMemo,
    conversation: SharedName,
    cwd: SharedName,
    model: SharedName,
}

impl RecordFormat for MagpieReader {
    fn record(&mut self, at: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        let line: MagpieLine<'_> =
            serde_json::from_str(at.json).map_err(|error| describe(&error))?;
        match line.kind.as_str() {
            "hello" => {
                self.memo.session = bounds::name(line.session.as_str()).into_owned();
                self.memo.dir = bounds::name(line.dir.as_str()).into_owned();
            }
            "say" => {
                let said = self.said(&line, at)?;
                batch.messages.push(said);
            }
            "do" => {
                let done = self.done(&line, at)?;
                batch.messages.push(done);
            }
            "" => return Err("a record without `kind`".to_owned()),
            kind if self.memo.unknown.is_news(kind) => {
                let kind = bounds::name(kind);
                batch.tell(at.problem(format!("unknown record kind `{kind}`, skipped")));
            }
            _ => {}
        }
        Ok(())
    }

    fn is_record(&self, json: &str) -> bool {
        RecordProbe::of(json).is_some_and(|record| is_ours(&record))
    }

    fn state(&self) -> String {
        serde_json::to_string(&self.memo).unwrap_or_default()
    }
}

impl MagpieReader {
    fn said(&mut self, line: &MagpieLine<'_>, at: LogRecord<'_>) -> Result<Message, String> {
        let role = match line.who.as_str() {
            "human" => Role::User,
            "magpie" => Role::Assistant,
            who => return Err(format!("unknown speaker `{}`", bounds::name(who))),
        };
        Ok(Message {
            role,
            text: line.body.as_str().to_owned(),
            model: self.model.share_some(line.model.get()),
            ..self.message(line, at)
        })
    }

    fn done(&mut self, line: &MagpieLine<'_>, at: LogRecord<'_>) -> Result<Message, String> {
        let act = line.act.get().ok_or("a `do` record without `act`")?;
        let is_patch = act == PATCH;
        let path = line.path.get().filter(|_| is_patch);
        let input = match path {
            Some(path) => serde_json::to_string(&MagpiePatch {
                path: path.to_owned(),
                old: line.old.as_str().to_owned(),
                new: line.new.as_str().to_owned(),
            })
            .unwrap_or_default(),
            // Of an unknown act nobody knows which keys are its arguments.
            None => whole_surrogates(at.json).into_owned(),
        };
        let edited = path.map(|path| FileTouch {
            path: path.to_owned(),
            action: FileAction::Edited,
        });
        let call = ToolCall {
            id: String::new(),
            name: act.to_owned(),
            input,
        };
        Ok(Message {
            role: Role::Assistant,
            tools: vec![call],
            files: edited.into_iter().collect(),
            ..self.message(line, at)
        })
    }

    /// What messages of all kinds have.
    fn message(&mut self, line: &MagpieLine<'_>, at: LogRecord<'_>) -> Message {
        let conversation: Arc<str> = match self.memo.session.as_str() {
            "" => self.conversation.share(&self.name),
            session => self.conversation.share(session),
        };
        // Numbers begin anew with each session.
        let id = line.n.get().map(|n| format!("{conversation}:{n}"));
        Message {
            id: id.unwrap_or_default(),
            offset: at.offset,
            conversation,
            time: millis(line.at.as_str()),
            cwd: self.cwd.share_some(Some(&self.memo.dir)),
            ..Message::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LOG: &str = r#"{"kind":"hello","session":"m-1","dir":"/home/jo/boats","ver":3}
{"kind":"say","n":1,"who":"human","at":"2026-02-01T10:00:00Z","body":"why is the tide late?"}
{"kind":"sing","n":2}
{"kind":"do","n":3,"act":"patch","path":"/home/jo/boats/tide.rs","old":"let a = 1;","new":"let a = 2;"}
"#;

    /// Reads a log to its end, going on from a state as an import does.
    fn read(log: &str, state: &str) -> (ReadBatch, String) {
        let path = "/logs/boats/m-1.magpie.jsonl".to_owned();
        let mut reader = reader(&FileHint { path }, state);
        let mut batch = ReadBatch::default();
        reader.read(log.as_bytes(), 0, 1, true, &mut batch);
        (batch, reader.state())
    }

    #[test]
    fn what_is_said_and_done_is_read() {
        let (batch, _) = read(LOG, "");
        let ids: Vec<_> = batch
            .messages
            .iter()
            .map(|message| message.id.as_str())
            .collect();
        assert_eq!(ids, ["m-1:1", "m-1:3"]);
        assert_eq!(batch.messages[0].cwd.as_deref(), Some("/home/jo/boats"));
        assert_eq!(batch.problems[0].line, 3);
        let edits = SOURCE.edits(&batch.messages[1].tools[0], None);
        assert_eq!(edits[0].path, "/home/jo/boats/tide.rs");
    }

    #[test]
    fn a_later_reader_knows_the_session() {
        let (hello, rest) = LOG.split_once('\n').expect("lines");
        let (_, state) = read(hello, "");
        let (batch, _) = read(rest, &state);
        assert_eq!(&*batch.messages[0].conversation, "m-1");
    }
}
