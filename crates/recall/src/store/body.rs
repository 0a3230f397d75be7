//! What a message holds beside its text, as it is kept in a block.
//!
//! A small JSON head with the short values, then the long ones (inputs, outputs, thoughts) as they
//! are: they need no escaping and compress with their neighbours.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use transcript::{Attachment, FileAction, FileTouch, Message, TokenUsage, ToolCall, ToolResult};

use super::block::{put_bytes, take_bytes};

/// The short values of a message, as JSON. Names of fields are one letter, since every message repeats
/// them.
#[derive(Debug, Default, Serialize, Deserialize)]
pub(crate) struct Body {
    #[serde(rename = "i", default, skip_serializing_if = "String::is_empty")]
    id: String,
    #[serde(rename = "o", default)]
    offset: u64,
    #[serde(rename = "p", default, skip_serializing_if = "Option::is_none")]
    parent: Option<String>,
    #[serde(rename = "t", default, skip_serializing_if = "Option::is_none")]
    turn: Option<Arc<str>>,
    #[serde(rename = "s", default, skip_serializing_if = "Option::is_none")]
    speaker: Option<Arc<str>>,
    #[serde(rename = "d", default, skip_serializing_if = "Option::is_none")]
    cwd: Option<Arc<str>>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    project: Option<Arc<str>>,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    branch: Option<Arc<str>>,
    #[serde(rename = "r", default, skip_serializing_if = "Option::is_none")]
    remote: Option<Arc<str>>,
    #[serde(rename = "m", default, skip_serializing_if = "Option::is_none")]
    model: Option<Arc<str>>,
    #[serde(rename = "a", default, skip_serializing_if = "Option::is_none")]
    agent: Option<Arc<str>>,
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    usage: Option<[u64; 4]>,
    /// Id and name of each call; the input is a long value.
    #[serde(rename = "c", default, skip_serializing_if = "Vec::is_empty")]
    calls: Vec<(String, String)>,
    /// Call, failure, and whether a detail follows the output.
    #[serde(rename = "e", default, skip_serializing_if = "Vec::is_empty")]
    results: Vec<(String, bool, bool)>,
    /// Path, and whether it was edited.
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    files: Vec<(String, bool)>,
    #[serde(rename = "x", default, skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<(String, u64)>,
    #[serde(rename = "h", default, skip_serializing_if = "std::ops::Not::not")]
    thinks: bool,
}

impl Body {
    /// Writes everything of a message but its text, role, kind, time and conversation.
    pub(crate) fn write(message: &Message, out: &mut Vec<u8>) {
        let head = Self {
            id: message.id.clone(),
            offset: message.offset,
            parent: message.parent.clone(),
            turn: message.turn.clone(),
            speaker: message.speaker.clone(),
            cwd: message.cwd.clone(),
            project: message.project.clone(),
            branch: message.branch.clone(),
            remote: message.remote.clone(),
            model: message.model.clone(),
            agent: message.agent.clone(),
            usage: message
                .usage
                .map(|u| [u.input, u.output, u.cache_creation, u.cache_read]),
            calls: message
                .tools
                .iter()
                .map(|t| (t.id.clone(), t.name.clone()))
                .collect(),
            results: message
                .results
                .iter()
                .map(|r| (r.call.clone(), r.is_error, r.detail.is_some()))
                .collect(),
            files: message
                .files
                .iter()
                .map(|f| (f.path.clone(), f.action == FileAction::Edited))
                .collect(),
            attachments: message
                .attachments
                .iter()
                .map(|a| (a.media_type.clone(), a.bytes))
                .collect(),
            thinks: !message.thinking.is_empty(),
        };
        // A struct of strings and numbers always serialises.
        let head = serde_json::to_vec(&head).unwrap_or_default();
        put_bytes(out, &head);
        for call in &message.tools {
            put_bytes(out, call.input.as_bytes());
        }
        for result in &message.results {
            put_bytes(out, result.output.as_bytes());
            if let Some(detail) = &result.detail {
                put_bytes(out, detail.as_bytes());
            }
        }
        if !message.thinking.is_empty() {
            put_bytes(out, message.thinking.as_bytes());
        }
    }

    /// Reads what [`Self::write`] wrote into `message`; `None` if it is damaged.
    pub(crate) fn read(mut bytes: &[u8], message: &mut Message) -> Option<()> {
        let head: Self = serde_json::from_slice(take_bytes(&mut bytes)?).ok()?;
        let mut long = || Some(String::from_utf8_lossy(take_bytes(&mut bytes)?).into_owned());
        for (id, name) in head.calls {
            message.tools.push(ToolCall {
                id,
                name,
                input: long()?,
            });
        }
        for (call, is_error, detailed) in head.results {
            let output = long()?;
            let detail = if detailed { Some(long()?) } else { None };
            message.results.push(ToolResult {
                call,
                is_error,
                output,
                detail,
            });
        }
        if head.thinks {
            message.thinking = long()?;
        }
        message.id = head.id;
        message.offset = head.offset;
        message.parent = head.parent;
        message.turn = head.turn;
        message.speaker = head.speaker;
        message.cwd = head.cwd;
        message.project = head.project;
        message.branch = head.branch;
        message.remote = head.remote;
        message.model = head.model;
        message.agent = head.agent;
        message.usage = head
            .usage
            .map(|[input, output, cache_creation, cache_read]| TokenUsage {
                input,
                output,
                cache_creation,
                cache_read,
            });
        message
            .files
            .extend(head.files.into_iter().map(|(path, edited)| FileTouch {
                path,
                action: if edited {
                    FileAction::Edited
                } else {
                    FileAction::Read
                },
            }));
        message.attachments.extend(
            head.attachments
                .into_iter()
                .map(|(media_type, bytes)| Attachment { media_type, bytes }),
        );
        Some(())
    }
}
