//! The records of Claude Code's session files, as they stand on disk.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::Usage;
use crate::content::Content;
use crate::wire::{Count, Flag, Object, Text};

/// A record of any type: the fields of all of them that matter.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Record<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) subtype: Text<'a>,
    pub(super) uuid: Text<'a>,
    pub(super) parent_uuid: Text<'a>,
    pub(super) session_id: Text<'a>,
    pub(super) agent_id: Text<'a>,
    pub(super) request_id: Text<'a>,
    pub(super) timestamp: Text<'a>,
    pub(super) cwd: Text<'a>,
    pub(super) git_branch: Text<'a>,
    pub(super) is_sidechain: Flag,
    pub(super) is_meta: Flag,
    pub(super) is_compact_summary: Flag,
    pub(super) is_api_error_message: Flag,
    pub(super) message: Object<Utterance<'a>>,
    #[serde(borrow)]
    pub(super) tool_use_result: Option<&'a RawValue>,
    pub(super) attachment: Object<Attached<'a>>,
    pub(super) origin: Object<Origin<'a>>,
    pub(super) forked_from: Object<ForkedFrom<'a>>,
    /// Of `system` records.
    pub(super) content: Content<'a>,
    pub(super) summary: Text<'a>,
    pub(super) leaf_uuid: Text<'a>,
    pub(super) ai_title: Text<'a>,
    pub(super) agent_name: Text<'a>,
    pub(super) custom_title: Text<'a>,
    pub(super) pr_url: Text<'a>,
    pub(super) frame_url: Text<'a>,
}

/// What a `user` or `assistant` record carries: a message of the Messages API.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Utterance<'a> {
    pub(super) id: Text<'a>,
    pub(super) model: Text<'a>,
    pub(super) content: Content<'a>,
    pub(super) usage: Object<Tokens>,
}

/// The usage of a reply.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are those of the API")]
pub(super) struct Tokens {
    input_tokens: Count,
    output_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_read_input_tokens: Count,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
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
pub(super) struct Origin<'a> {
    pub(super) kind: Text<'a>,
}

/// The session that this one was forked from.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ForkedFrom<'a> {
    pub(super) session_id: Text<'a>,
}

/// What an `attachment` record carries.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Attached<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) prompt: Content<'a>,
    pub(super) content: Content<'a>,
    pub(super) command_mode: Text<'a>,
    pub(super) is_meta: Flag,
    pub(super) origin: Object<Origin<'a>>,
}

/// The tool arguments that tell which files a tool touches, and those that its result repeats.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Arguments<'a> {
    pub(super) file_path: Text<'a>,
    pub(super) notebook_path: Text<'a>,
    pub(super) path: Text<'a>,
    pub(super) content: Text<'a>,
    pub(super) old_string: Text<'a>,
    pub(super) new_string: Text<'a>,
    pub(super) prompt: Text<'a>,
    pub(super) plan: Text<'a>,
}
