//! The records of Codex's rollout files, as they stand on disk.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::content::MessageContent;
use crate::json::{JsonArray, JsonCount, JsonFlag, JsonObject, JsonText};

/// A line: an envelope around a payload. In files from before envelopes the line is the payload.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct RolloutEnvelope<'a> {
    #[serde(rename = "type")]
    pub(super) kind: JsonText<'a>,
    pub(super) timestamp: JsonText<'a>,
    pub(super) created_at: JsonText<'a>,
    #[serde(borrow)]
    pub(super) payload: Option<&'a RawValue>,
}

/// What a line says: the fields of all payloads that matter.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct RolloutPayload<'a> {
    #[serde(rename = "type")]
    pub(super) kind: JsonText<'a>,
    pub(super) record_type: JsonText<'a>,
    pub(super) id: JsonText<'a>,
    pub(super) turn_id: JsonText<'a>,
    pub(super) metadata: JsonObject<TurnMetadata<'a>>,
    #[serde(rename = "internal_chat_message_metadata_passthrough")]
    pub(super) passed_metadata: JsonObject<TurnMetadata<'a>>,

    // Messages.
    pub(super) role: JsonText<'a>,
    pub(super) author: JsonText<'a>,
    pub(super) content: MessageContent<'a>,
    pub(super) message: JsonText<'a>,
    pub(super) text: JsonText<'a>,
    pub(super) summary: MessageContent<'a>,
    pub(super) item: JsonObject<CompletedItem<'a>>,
    pub(super) last_agent_message: JsonText<'a>,
    pub(super) review_output: JsonObject<ReviewOutput<'a>>,

    // Tools.
    pub(super) call_id: JsonText<'a>,
    pub(super) name: JsonText<'a>,
    pub(super) namespace: JsonText<'a>,
    pub(super) function: JsonObject<CalledFunction<'a>>,
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
    pub(super) stdout: JsonText<'a>,
    pub(super) stderr: JsonText<'a>,
    pub(super) success: Option<JsonFlag>,

    // Tokens.
    pub(super) info: JsonObject<TokenInfo>,
    pub(super) usage: JsonObject<RolloutTokens>,

    // The session and its settings.
    pub(super) session_id: JsonText<'a>,
    pub(super) timestamp: JsonText<'a>,
    pub(super) cwd: JsonText<'a>,
    pub(super) model: JsonText<'a>,
    pub(super) git: JsonObject<SessionGit<'a>>,
    pub(super) forked_from_id: JsonText<'a>,
    pub(super) parent_thread_id: JsonText<'a>,
    pub(super) agent_nickname: JsonText<'a>,
    pub(super) agent_role: JsonText<'a>,
    pub(super) source: JsonObject<SessionLaunch<'a>>,
    pub(super) thread_name: JsonText<'a>,
    pub(super) thread_settings: JsonObject<ThreadSettings<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct TurnMetadata<'a> {
    pub(super) turn_id: JsonText<'a>,
}

/// What `item_completed` events carry.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct CompletedItem<'a> {
    #[serde(rename = "type")]
    pub(super) kind: JsonText<'a>,
    pub(super) content: MessageContent<'a>,
    pub(super) summary_text: JsonArray<JsonText<'a>>,
    pub(super) raw_content: JsonArray<JsonText<'a>>,
    pub(super) id: JsonText<'a>,
    pub(super) status: JsonText<'a>,

    // Of commands.
    #[serde(borrow)]
    pub(super) command: Option<&'a RawValue>,
    pub(super) cwd: JsonText<'a>,
    pub(super) aggregated_output: JsonText<'a>,
    #[serde(borrow)]
    pub(super) exit_code: Option<&'a RawValue>,

    // Of edits.
    #[serde(borrow)]
    pub(super) changes: Option<&'a RawValue>,

    // Of calls of MCP servers and of searches in the web.
    pub(super) server: JsonText<'a>,
    pub(super) tool: JsonText<'a>,
    #[serde(borrow)]
    pub(super) arguments: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) result: Option<&'a RawValue>,
    #[serde(borrow)]
    pub(super) error: Option<&'a RawValue>,
    pub(super) query: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ReviewOutput<'a> {
    pub(super) overall_explanation: JsonText<'a>,
    pub(super) findings: JsonArray<JsonObject<ReviewFinding<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ReviewFinding<'a> {
    pub(super) title: JsonText<'a>,
    pub(super) body: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct CalledFunction<'a> {
    pub(super) name: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct TokenInfo {
    pub(super) total_token_usage: JsonObject<RolloutTokens>,
    pub(super) last_token_usage: JsonObject<RolloutTokens>,
}

/// Tokens; those read from and written to the cache are among the input.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(
    clippy::struct_field_names,
    reason = "the names are those of the format"
)]
pub(super) struct RolloutTokens {
    pub(super) input_tokens: JsonCount,
    pub(super) cached_input_tokens: JsonCount,
    pub(super) cache_write_input_tokens: JsonCount,
    pub(super) output_tokens: JsonCount,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct SessionGit<'a> {
    pub(super) branch: JsonText<'a>,
    pub(super) repository_url: JsonText<'a>,
}

/// How a session was started; a string unless it is a sub-agent's.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct SessionLaunch<'a> {
    pub(super) subagent: JsonObject<SubAgent<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct SubAgent<'a> {
    pub(super) thread_spawn: JsonObject<ThreadSpawn<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ThreadSpawn<'a> {
    pub(super) parent_thread_id: JsonText<'a>,
    pub(super) agent_nickname: JsonText<'a>,
    pub(super) agent_role: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ThreadSettings<'a> {
    pub(super) cwd: JsonText<'a>,
    pub(super) model: JsonText<'a>,
}

/// The arguments that tell which files a tool touches.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ReadArguments<'a> {
    pub(super) path: JsonText<'a>,
    pub(super) file_path: JsonText<'a>,
    pub(super) dir_path: JsonText<'a>,
}

/// The arguments that tell where a command is run.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct CommandArguments<'a> {
    pub(super) workdir: JsonText<'a>,
    pub(super) cwd: JsonText<'a>,
}

/// The form that some versions give to a tool's output, as JSON in a string.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct WrappedOutput<'a> {
    pub(super) output: Option<JsonText<'a>>,
    #[serde(borrow)]
    pub(super) metadata: Option<&'a RawValue>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct OutputMetadata {
    pub(super) exit_code: Option<i64>,
}
