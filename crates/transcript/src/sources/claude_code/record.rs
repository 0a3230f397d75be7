//! The records of Claude Code's session files, as they stand on disk.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::TokenUsage;
use crate::content::MessageContent;
use crate::json::{JsonCount, JsonFlag, JsonObject, JsonText};

/// A record of any type: the fields of all of them that matter.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ClaudeRecord<'a> {
    #[serde(rename = "type")]
    pub(super) kind: JsonText<'a>,
    pub(super) subtype: JsonText<'a>,
    /// Of records on the queue of prompts.
    pub(super) operation: JsonText<'a>,
    pub(super) uuid: JsonText<'a>,
    pub(super) parent_uuid: JsonText<'a>,
    pub(super) session_id: JsonText<'a>,
    pub(super) agent_id: JsonText<'a>,
    pub(super) request_id: JsonText<'a>,
    pub(super) timestamp: JsonText<'a>,
    pub(super) cwd: JsonText<'a>,
    pub(super) git_branch: JsonText<'a>,
    pub(super) is_sidechain: JsonFlag,
    pub(super) is_meta: JsonFlag,
    pub(super) is_compact_summary: JsonFlag,
    pub(super) is_api_error_message: JsonFlag,
    pub(super) message: JsonObject<Utterance<'a>>,
    #[serde(borrow)]
    pub(super) tool_use_result: Option<&'a RawValue>,
    pub(super) attachment: JsonObject<ClaudeAttachment<'a>>,
    pub(super) origin: JsonObject<RecordOrigin<'a>>,
    pub(super) forked_from: JsonObject<ForkedFrom<'a>>,
    /// Of `system` records.
    pub(super) content: MessageContent<'a>,
    pub(super) summary: JsonText<'a>,
    pub(super) leaf_uuid: JsonText<'a>,
    pub(super) ai_title: JsonText<'a>,
    pub(super) agent_name: JsonText<'a>,
    pub(super) custom_title: JsonText<'a>,
    pub(super) pr_url: JsonText<'a>,
    pub(super) frame_url: JsonText<'a>,
}

/// What a `user` or `assistant` record carries: a message of the Messages API.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Utterance<'a> {
    pub(super) id: JsonText<'a>,
    pub(super) model: JsonText<'a>,
    pub(super) content: MessageContent<'a>,
    pub(super) usage: JsonObject<ReplyTokens>,
}

/// The usage of a reply.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are those of the API")]
pub(super) struct ReplyTokens {
    input_tokens: JsonCount,
    output_tokens: JsonCount,
    cache_creation_input_tokens: JsonCount,
    cache_read_input_tokens: JsonCount,
}

impl From<ReplyTokens> for TokenUsage {
    fn from(tokens: ReplyTokens) -> Self {
        Self {
            input: tokens.input_tokens.0,
            output: tokens.output_tokens.0,
            cache_creation: tokens.cache_creation_input_tokens.0,
            cache_read: tokens.cache_read_input_tokens.0,
        }
    }
}

/// Who is behind a user record.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct RecordOrigin<'a> {
    pub(super) kind: JsonText<'a>,
}

/// The session that this one was forked from.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ForkedFrom<'a> {
    pub(super) session_id: JsonText<'a>,
}

/// What an `attachment` record carries.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ClaudeAttachment<'a> {
    #[serde(rename = "type")]
    pub(super) kind: JsonText<'a>,
    pub(super) prompt: MessageContent<'a>,
    pub(super) content: MessageContent<'a>,
    pub(super) command_mode: JsonText<'a>,
    pub(super) is_meta: JsonFlag,
    pub(super) origin: JsonObject<RecordOrigin<'a>>,
}

/// The tool arguments that tell which files a tool touches, and those that its result repeats.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct CallArguments<'a> {
    pub(super) file_path: JsonText<'a>,
    pub(super) notebook_path: JsonText<'a>,
    pub(super) path: JsonText<'a>,
    pub(super) content: JsonText<'a>,
    pub(super) old_string: JsonText<'a>,
    pub(super) new_string: JsonText<'a>,
    pub(super) prompt: JsonText<'a>,
    pub(super) plan: JsonText<'a>,
}
