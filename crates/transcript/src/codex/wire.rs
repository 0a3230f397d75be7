//! The records of Codex's rollout files, as they stand on disk.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::content::Content;
use crate::wire::{Array, Count, Flag, Object, Text};

/// A line: an envelope around a payload. In files from before envelopes the line is the payload.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Envelope<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) timestamp: Text<'a>,
    pub(super) created_at: Text<'a>,
    #[serde(borrow)]
    pub(super) payload: Option<&'a RawValue>,
}

/// What a line says: the fields of all payloads that matter.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Payload<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) record_type: Text<'a>,
    pub(super) id: Text<'a>,
    pub(super) turn_id: Text<'a>,
    pub(super) metadata: Object<Metadata<'a>>,
    #[serde(rename = "internal_chat_message_metadata_passthrough")]
    pub(super) passed_metadata: Object<Metadata<'a>>,

    // Messages.
    pub(super) role: Text<'a>,
    pub(super) author: Text<'a>,
    pub(super) content: Content<'a>,
    pub(super) message: Text<'a>,
    pub(super) text: Text<'a>,
    pub(super) summary: Content<'a>,
    pub(super) item: Object<Item<'a>>,
    pub(super) last_agent_message: Text<'a>,
    pub(super) review_output: Object<Review<'a>>,

    // Tools.
    pub(super) call_id: Text<'a>,
    pub(super) name: Text<'a>,
    pub(super) namespace: Text<'a>,
    pub(super) function: Object<Function<'a>>,
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) action: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) output: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) tools: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) changes: Option<&'a RawValue>,
    pub(super) stdout: Text<'a>,
    pub(super) stderr: Text<'a>,
    pub(super) success: Option<Flag>,

    // Tokens.
    pub(super) info: Object<TokenInfo>,
    pub(super) usage: Object<Tokens>,

    // The session and its settings.
    pub(super) session_id: Text<'a>,
    pub(super) timestamp: Text<'a>,
    pub(super) cwd: Text<'a>,
    pub(super) model: Text<'a>,
    pub(super) git: Object<Git<'a>>,
    pub(super) forked_from_id: Text<'a>,
    pub(super) parent_thread_id: Text<'a>,
    pub(super) agent_nickname: Text<'a>,
    pub(super) agent_role: Text<'a>,
    pub(super) source: Object<Launch<'a>>,
    pub(super) thread_name: Text<'a>,
    pub(super) thread_settings: Object<Settings<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Metadata<'a> {
    pub(super) turn_id: Text<'a>,
}

/// What `item_completed` events carry.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Item<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) content: Content<'a>,
    pub(super) summary_text: Array<Text<'a>>,
    pub(super) raw_content: Array<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Review<'a> {
    pub(super) overall_explanation: Text<'a>,
    pub(super) findings: Array<Object<Finding<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Finding<'a> {
    pub(super) title: Text<'a>,
    pub(super) body: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Function<'a> {
    pub(super) name: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenInfo {
    pub(super) total_token_usage: Object<Tokens>,
    pub(super) last_token_usage: Object<Tokens>,
}

/// Tokens; those read from and written to the cache are among the input.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the format"
)]
pub(super) struct Tokens {
    pub(super) input_tokens: Count,
    pub(super) cached_input_tokens: Count,
    pub(super) cache_write_input_tokens: Count,
    pub(super) output_tokens: Count,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Git<'a> {
    pub(super) branch: Text<'a>,
    pub(super) repository_url: Text<'a>,
}

/// How a session was started; a string unless it is a sub-agent's.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Launch<'a> {
    pub(super) subagent: Object<SubAgent<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct SubAgent<'a> {
    pub(super) thread_spawn: Object<Spawn<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Spawn<'a> {
    pub(super) parent_thread_id: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Settings<'a> {
    pub(super) cwd: Text<'a>,
    pub(super) model: Text<'a>,
}

/// The arguments that tell which files a tool touches.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Arguments<'a> {
    pub(super) path: Text<'a>,
    pub(super) file_path: Text<'a>,
    pub(super) dir_path: Text<'a>,
}

/// The form that some versions give to a tool's output, as JSON in a string.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Wrapped<'a> {
    pub(super) output: Option<Text<'a>>,
    #[serde(borrow)]
    pub(super) metadata: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Outcome {
    pub(super) exit_code: Option<i64>,
}
