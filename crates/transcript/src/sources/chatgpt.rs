//! ChatGPT: the conversations of a data export, `conversations.json` or its parts `conversations-000.json` …, a list
//! with one object a conversation. Each is a tree of nodes, of which `current_node` was shown last.
//!
//! The form is not documented. It was read from what others wrote to read it: `danny-avila/LibreChat`
//! (`api/server/utils/import/importers.js` and `api/server/utils/import/__data__/chatgpt-modern-export.json`),
//! `mitkury/chatgpt-export-parser` and `Sinity/polylogue` with its schema-faithful samples; no whole export of a
//! person was at hand. Archives (`.zip`) are not unpacked.

mod content;
mod node;

use serde::Deserialize;

use crate::branches::{BranchingConversation, TreeNode};
use crate::elements::{ElementFormat, ElementReader, judge};
use crate::json::{JsonEntries, JsonObject, JsonText, describe};
use crate::lines::LogRecord;
use crate::names::UnknownTypes;
use crate::path::uncompressed;
use crate::probe::RecordProbe;
use crate::{FileHint, Framing, LogFiles, LogReader, ReadBatch, Source, SourceFormat, bounds};
use node::ChatGptNode;

/// The source `chatgpt`. Its files lie anywhere.
pub const SOURCE: Source = Source::new(&ChatGpt);

/// See [`SOURCE`].
struct ChatGpt;

const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "conversations",
    suffix: ".json",
    framing: Framing::Lines(reader),
}];

/// How good the titles are: ChatGPT makes them, and a person may change them.
const TITLE_RANK: u8 = 2;

impl SourceFormat for ChatGpt {
    fn name(&self) -> &'static str {
        "chatgpt"
    }

    fn title(&self) -> &'static str {
        "ChatGPT"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        let is_ours = |element: &RecordProbe| {
            element.has("mapping") && (element.has("title") || element.has("current_node"))
        };
        uncompressed(path).ends_with(".json") && judge(head, is_ours)
    }
}

fn reader(_: &FileHint, _: &str) -> Box<dyn LogReader> {
    Box::new(ElementReader(ChatGptReader {
        told: UnknownTypes::default(),
    }))
}

/// The reader of a file of conversations.
struct ChatGptReader {
    /// Kinds of content that were told of.
    told: UnknownTypes,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptConversation<'a> {
    id: JsonText<'a>,
    conversation_id: JsonText<'a>,
    title: JsonText<'a>,
    current_node: JsonText<'a>,
    mapping: JsonObject<JsonEntries<'a>>,
}

impl ElementFormat for ChatGptReader {
    fn element(&mut self, record: LogRecord<'_>, batch: &mut ReadBatch) -> Result<(), String> {
        let conversation: ChatGptConversation<'_> =
            serde_json::from_str(record.json).map_err(|error| describe(&error))?;
        let id = conversation.conversation_id.get();
        let id = id
            .or(conversation.id.get())
            .ok_or("a conversation without `id`")?;
        let mapping = conversation.mapping.0.as_ref();
        let mapping = mapping.ok_or("a conversation without `mapping`")?;
        let mut nodes = Vec::with_capacity(mapping.0.len());
        for (node_id, raw) in &mapping.0 {
            // A list in one node must not take from the others.
            let node = bounds::aside(|| serde_json::from_str::<ChatGptNode<'_>>(raw.get()));
            let node = match node {
                Ok(node) => node,
                Err(error) => {
                    let why = describe(&error).replace("the record", "the node");
                    batch.tell(record.problem(format!("a node of a conversation: {why}")));
                    ChatGptNode::default()
                }
            };
            let (parent, message) = node.read((id, node_id.as_str()), &mut |kind| {
                if self.told.is_news(kind) {
                    let kind = bounds::name(kind);
                    batch.tell(record.problem(format!("unknown kind of content `{kind}`")));
                }
            });
            let message = message.map(|message| crate::Message {
                offset: record.offset,
                project: Some("ChatGPT".into()),
                ..message
            });
            nodes.push(TreeNode {
                id: node_id.as_str().to_owned(),
                parent,
                message,
            });
        }
        let title = conversation.title.get().map(|title| (title, TITLE_RANK));
        let tree = BranchingConversation {
            conversation: id,
            title,
            nodes,
            current: conversation.current_node.get(),
        };
        tree.tell(batch);
        Ok(())
    }
}
