//! LibreChat: one conversation that was exported as JSON, with its messages in a list (`messages`) or nested in each
//! other (`messagesTree`, and `children` of each message).
//!
//! Read from the program's source, `danny-avila/LibreChat` (`client/src/hooks/Conversations/useExportConversation.ts`,
//! `api/server/utils/import/importers.js`, and the exports in `api/server/utils/import/__data__`); no export of a
//! person was at hand. The file is called as the person says; one whose name isn't `librechat….json` is to be named
//! to be imported.

mod flat;
mod message;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::bounds::MAX_ITEMS;
use crate::branches::{BranchingConversation, TreeNode, message_id};
use crate::elements::{ElementFormat, ElementReader, judge};
use crate::json::{JsonArray, JsonText, describe};
use crate::lines::LogRecord;
use crate::path::uncompressed;
use crate::probe::RecordProbe;
use crate::{
    FileHint, Framing, LogFiles, LogReader, Message, ReadBatch, Source, SourceFormat, bounds,
};
use message::LibreChatMessage;

/// The source `librechat`. Its files lie anywhere.
pub const SOURCE: Source = Source::new(&LibreChat);

/// See [`SOURCE`].
struct LibreChat;

const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "librechat",
    suffix: ".json",
    framing: Framing::Lines(reader),
}];

/// How good the titles are: LibreChat has a model make them, and a person may change them.
const TITLE_RANK: u8 = 2;

impl SourceFormat for LibreChat {
    fn name(&self) -> &'static str {
        "librechat"
    }

    fn title(&self) -> &'static str {
        "LibreChat"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        let is_ours = |element: &RecordProbe| {
            element.has("conversationId")
                && (element.has("messages") || element.has("messagesTree"))
        };
        uncompressed(path).ends_with(".json") && judge(head, is_ours)
    }
}

fn reader(_: &FileHint, _: &str) -> Box<dyn LogReader> {
    Box::new(ElementReader(LibreChatReader))
}

/// The reader of an exported conversation.
struct LibreChatReader;

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct LibreChatConversation<'a> {
    conversation_id: JsonText<'a>,
    title: JsonText<'a>,
    #[serde(borrow)]
    messages: JsonArray<&'a RawValue>,
    #[serde(borrow)]
    messages_tree: JsonArray<&'a RawValue>,
}

impl ElementFormat for LibreChatReader {
    fn element(&mut self, record: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        let conversation: LibreChatConversation<'_> =
            serde_json::from_str(record.json).map_err(|error| describe(&error))?;
        let id = conversation.conversation_id.get();
        let id = id.ok_or("a conversation without `conversationId`")?;
        let top = conversation.messages_tree.0.iter();
        let top = top.chain(&conversation.messages.0);
        let mut nodes: Vec<TreeNode> = Vec::new();
        for raw in top {
            self.messages((id, raw.get()), &mut nodes, record, batch);
        }
        let title = conversation.title.get().map(|title| (title, TITLE_RANK));
        let tree = BranchingConversation {
            conversation: id,
            title,
            nodes,
            // The answers that came last are shown.
            current: None,
        };
        tree.tell(batch);
        Ok(())
    }
}

impl LibreChatReader {
    /// Adds a message to `nodes`, and those in it.
    fn messages(
        &self,
        (conversation, json): (&str, &str),
        nodes: &mut Vec<TreeNode>,
        record: LogRecord<'_>,
        batch: &mut ReadBatch,
    ) {
        let first = nodes.len();
        let limit = MAX_ITEMS.saturating_sub(first);
        for message in flat::messages(json, limit) {
            let json = &message.json;
            match bounds::aside(|| serde_json::from_str::<LibreChatMessage<'_>>(json)) {
                Ok(read) => {
                    let above = message.parent.and_then(|parent| nodes.get(first + parent));
                    let above = above.map(|node| node.id.clone());
                    nodes.push(node(conversation, read, above, record));
                }
                Err(error) => {
                    let why = describe(&error).replace("the record", "the message");
                    batch.tell(record.problem(format!("a message of a conversation: {why}")));
                    nodes.push(TreeNode::default());
                }
            }
        }
        if first < MAX_ITEMS && nodes.len() >= MAX_ITEMS {
            let what = format!("more than {MAX_ITEMS} messages; the rest was left out");
            batch.tell(record.problem(what));
        }
    }
}

fn node(
    conversation: &str,
    message: LibreChatMessage<'_>,
    above: Option<String>,
    record: LogRecord<'_>,
) -> TreeNode {
    let id = message.id().to_owned();
    let parent = above.or_else(|| message.parent().map(str::to_owned));
    let unique = message_id(conversation, &id);
    let message = message.read().map(|message| Message {
        id: unique,
        offset: record.offset,
        project: Some("LibreChat".into()),
        ..message
    });
    TreeNode {
        id,
        parent,
        message,
    }
}
