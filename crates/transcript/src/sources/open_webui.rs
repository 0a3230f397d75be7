//! Open WebUI: the chats of an export, `chat-export-….json`, a list with one object a chat. Each holds a tree of
//! messages (`chat.history.messages`), of which `currentId` was shown last.
//!
//! Read from the program's source, `open-webui/open-webui`
//! (`src/lib/components/chat/Settings/DataControls.svelte`, `src/lib/utils/index.ts`), and from
//! `danny-avila/LibreChat` (`api/server/utils/import/__data__/openwebui-export.json`); no export of a person was at
//! hand.

mod details;
mod message;

use serde::Deserialize;

use crate::branches::{BranchingConversation, TreeNode, message_id};
use crate::elements::{ElementFormat, ElementReader, judge};
use crate::json::{JsonArray, JsonEntries, JsonObject, JsonText, describe};
use crate::lines::LogRecord;
use crate::path::uncompressed;
use crate::probe::RecordProbe;
use crate::{
    FileHint, Framing, LogFiles, LogReader, Message, ReadBatch, Source, SourceFormat, bounds,
};
use message::OpenWebUiMessage;

/// The source `open-webui`. Its files lie anywhere.
pub const SOURCE: Source = Source::new(&OpenWebUi);

/// See [`SOURCE`].
struct OpenWebUi;

const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "chat-export-",
    suffix: ".json",
    framing: Framing::Lines(reader),
}];

/// How good the titles are: Open WebUI has a model make them, and a person may change them.
const TITLE_RANK: u8 = 2;

impl SourceFormat for OpenWebUi {
    fn name(&self) -> &'static str {
        "open-webui"
    }

    fn title(&self) -> &'static str {
        "Open WebUI"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        let is_ours = |element: &RecordProbe| {
            element.has("chat") && element.has("user_id")
                || element.has("history") && element.has("models")
        };
        uncompressed(path).ends_with(".json") && judge(head, is_ours)
    }
}

fn reader(_: &FileHint, _: &str) -> Box<dyn LogReader> {
    Box::new(ElementReader(OpenWebUiReader))
}

/// The reader of a file of chats.
struct OpenWebUiReader;

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OpenWebUiElement<'a> {
    id: JsonText<'a>,
    title: JsonText<'a>,
    chat: JsonObject<OpenWebUiChat<'a>>,
    /// Old exports have the chat itself in the list.
    history: JsonObject<OpenWebUiHistory<'a>>,
    #[serde(borrow)]
    messages: JsonArray<&'a serde_json::value::RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct OpenWebUiChat<'a> {
    id: JsonText<'a>,
    title: JsonText<'a>,
    history: JsonObject<OpenWebUiHistory<'a>>,
    #[serde(borrow)]
    messages: JsonArray<&'a serde_json::value::RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct OpenWebUiHistory<'a> {
    messages: JsonObject<JsonEntries<'a>>,
    current_id: JsonText<'a>,
}

impl ElementFormat for OpenWebUiReader {
    fn element(&mut self, record: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        let element: OpenWebUiElement<'_> =
            serde_json::from_str(record.json).map_err(|error| describe(&error))?;
        let chat = element.chat.0.unwrap_or(OpenWebUiChat {
            history: element.history,
            messages: element.messages,
            ..OpenWebUiChat::default()
        });
        let id = element.id.get().or(chat.id.get());
        let id = id.ok_or("a chat without `id`")?;
        let history = chat.history.0.unwrap_or_default();
        let tree = history.messages.0.as_ref();
        // The list holds the same as the tree does on the path that was shown last.
        let raw: Vec<(&str, &str)> = match tree.filter(|tree| !tree.0.is_empty()) {
            Some(tree) => {
                let entries = tree.0.iter();
                entries.map(|(id, raw)| (id.as_str(), raw.get())).collect()
            }
            None => chat.messages.0.iter().map(|raw| ("", raw.get())).collect(),
        };
        let mut nodes: Vec<TreeNode> = Vec::with_capacity(raw.len());
        for (key, json) in raw {
            let node = match bounds::aside(|| serde_json::from_str::<OpenWebUiMessage<'_>>(json)) {
                Ok(message) => node(id, key, message, record),
                Err(error) => {
                    let why = describe(&error).replace("the record", "the message");
                    batch.tell(record.problem(format!("a message of a chat: {why}")));
                    TreeNode {
                        id: key.to_owned(),
                        ..TreeNode::default()
                    }
                }
            };
            // In a list each message answers the one before.
            let before = nodes.last().map(|node| node.id.clone());
            nodes.push(match key {
                "" => TreeNode {
                    parent: before,
                    ..node
                },
                _ => node,
            });
        }
        let title = chat.title.get().or(element.title.get());
        let tree = BranchingConversation {
            conversation: id,
            title: title.map(|title| (title, TITLE_RANK)),
            nodes,
            current: history.current_id.get(),
        };
        tree.tell(batch);
        Ok(())
    }
}

fn node(chat: &str, key: &str, message: OpenWebUiMessage<'_>, record: LogRecord<'_>) -> TreeNode {
    let id = match key {
        "" => message.id().to_owned(),
        key => key.to_owned(),
    };
    let parent = message.parent().map(str::to_owned);
    let unique = message_id(chat, &id);
    let message = message.read().map(|message| Message {
        id: unique,
        offset: record.offset,
        project: Some("Open WebUI".into()),
        ..message
    });
    TreeNode {
        id,
        parent,
        message,
    }
}
