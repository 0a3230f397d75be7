//! SillyTavern: a chat as lines of JSON, the first of which tells of the chat and each other one is a message. The
//! file is `chats/CHARACTER/CHAT.jsonl`, or `group chats/CHAT.jsonl`, and is written whole each time.
//!
//! Read from the program's source, `SillyTavern/SillyTavern` (`src/endpoints/chats.js`, and `saveChat` and
//! `timestampToMoment` of `public/script.js` and `public/scripts/utils.js`); no chat of a person was at hand.

mod date;
mod line;

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::fingerprint::fingerprint;
use crate::json::describe;
use crate::lines::{LineReader, LogRecord, RecordFormat};
use crate::path::{stem, uncompressed};
use crate::probe::{RecordProbe, judge};
use crate::{
    Fact, FactKind, FileHint, Framing, LogFiles, LogReader, ReadBatch, Relation, Source,
    SourceFormat, bounds,
};
use line::{TavernHeader, TavernLine};

/// The source `sillytavern`. Its files lie anywhere.
pub const SOURCE: Source = Source::new(&SillyTavern);

/// See [`SOURCE`].
struct SillyTavern;

const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "",
    suffix: ".jsonl",
    framing: Framing::Lines(reader),
}];

/// How good the names of files are as titles: the program makes them of the character and the time.
const TITLE_RANK: u8 = 1;

/// What headers have for names since they are no longer used.
const UNUSED_NAME: &str = "unused";

impl SourceFormat for SillyTavern {
    fn name(&self) -> &'static str {
        "sillytavern"
    }

    fn title(&self) -> &'static str {
        "SillyTavern"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        let is_ours = |record: &RecordProbe| is_record(record).then_some(true);
        uncompressed(path).ends_with(".jsonl") && judge(head, is_ours).unwrap_or(false)
    }
}

fn is_header(record: &RecordProbe) -> bool {
    record.has("user_name") && record.has("character_name") || record.has("chat_metadata")
}

fn is_record(record: &RecordProbe) -> bool {
    is_header(record) || record.has("mes") && record.has("name")
}

fn reader(file: &FileHint, state: &str) -> Box<dyn LogReader> {
    let directory = file.path.rsplit(['/', '\\']).nth(1).unwrap_or_default();
    let chat = stem(&file.path);
    Box::new(LineReader(TavernReader {
        conversation: bounds::name(&format!("{directory}/{chat}")).into_owned(),
        directory: bounds::name(directory).into_owned(),
        chat: bounds::name(chat).into_owned(),
        state: serde_json::from_str(state).unwrap_or_default(),
    }))
}

/// The reader of a chat.
struct TavernReader {
    /// Id of the conversation: programs name chats within a character's directory only.
    conversation: String,
    directory: String,
    chat: String,
    state: TavernState,
}

/// What is remembered from line to line.
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct TavernState {
    /// The character, or the directory of the chats with them.
    character: String,
    /// Fingerprint and id of the message before.
    before: u64,
    id: String,
    /// Whether the title was told.
    is_told: bool,
    /// Whether there are answers that weren't taken, which was told too.
    has_swipes: bool,
}

impl RecordFormat for TavernReader {
    fn record(&mut self, at: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        let probe = RecordProbe::of(at.json).ok_or("not a JSON object")?;
        if !probe.has("mes") {
            let header: TavernHeader<'_> =
                serde_json::from_str(at.json).map_err(|error| describe(&error))?;
            if !is_header(&probe) {
                return Err("neither a message nor the header of a chat".to_owned());
            }
            self.header(&header, batch);
            return Ok(());
        }
        let line: TavernLine<'_> =
            serde_json::from_str(at.json).map_err(|error| describe(&error))?;
        self.tell_title(batch);
        let own = fingerprint(&line.identity());
        // Times of older versions have minutes only, in which the same may be said twice.
        let mixed = match line.has_exact_time() {
            true => own,
            false => fingerprint(&format!("{own:016x}{:016x}", self.state.before)),
        };
        let id = format!("{mixed:016x}");
        let project: Arc<str> = match self.state.character.as_str() {
            "" => self.directory.as_str().into(),
            character => character.into(),
        };
        let is_first = self.state.id.is_empty();
        let mut messages = line.read(&id, !is_first);
        if messages.len() > 1 {
            self.tell_swipes(batch);
        }
        for (nth, message) in messages.iter_mut().enumerate() {
            message.offset = at.offset;
            message.parent = (!is_first).then(|| self.state.id.clone());
            message.project = Some(Arc::clone(&project));
            message.conversation = match nth {
                0 => self.conversation.as_str().into(),
                _ => self.swipes().into(),
            };
        }
        batch.messages.append(&mut messages);
        self.state.before = own;
        self.state.id = id;
        Ok(())
    }

    fn is_record(&self, json: &str) -> bool {
        RecordProbe::of(json).is_some_and(|record| is_record(&record))
    }

    fn state(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }
}

impl TavernReader {
    fn header(&mut self, header: &TavernHeader<'_>, batch: &mut ReadBatch) {
        let character = header.character_name.get();
        if let Some(character) = character.filter(|name| *name != UNUSED_NAME) {
            self.state.character = bounds::name(character).into_owned();
        }
        self.tell_title(batch);
        let main = header.chat_metadata.0.as_ref();
        if let Some(main) = main.and_then(|metadata| metadata.main_chat.get()) {
            let parent = bounds::name(&format!("{}/{main}", self.directory)).into_owned();
            batch.facts.push(fork(&self.conversation, &parent));
        }
    }

    fn tell_title(&mut self, batch: &mut ReadBatch) {
        if !std::mem::replace(&mut self.state.is_told, true) {
            batch
                .facts
                .push(title(&self.conversation, self.chat.clone()));
        }
    }

    /// The conversation of the answers that weren't taken ("swipes"): one for all of a chat, since there may be
    /// several for each message.
    fn swipes(&self) -> String {
        format!("{}/swipes", self.conversation)
    }

    fn tell_swipes(&mut self, batch: &mut ReadBatch) {
        if !std::mem::replace(&mut self.state.has_swipes, true) {
            let swipes = self.swipes();
            let text = format!("{}: other answers", self.chat);
            batch.facts.push(title(&swipes, text));
            batch.facts.push(fork(&swipes, &self.conversation));
        }
    }
}

fn title(conversation: &str, text: String) -> Fact {
    let rank = TITLE_RANK;
    Fact::new(conversation, FactKind::Title { text, rank })
}

fn fork(conversation: &str, parent: &str) -> Fact {
    let parent = FactKind::Parent {
        conversation: parent.into(),
        relation: Relation::Fork,
    };
    Fact::new(conversation, parent)
}
