//! What an assistant tells a hook. Every client has its own names; missing and unknown ones are no
//! reason to fail.

use std::path::PathBuf;

use serde_json::Value;

/// The assistant that runs a hook; each takes answers in a form of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum HookClient {
    /// Claude Code, and whoever does as it does.
    ClaudeCode,
    /// Codex CLI.
    Codex,
    /// Gemini CLI.
    GeminiCli,
    /// Cursor.
    Cursor,
}

impl HookClient {
    fn from_name(name: &str) -> Option<Self> {
        Some(match name {
            "claude-code" | "claude" => Self::ClaudeCode,
            "codex" => Self::Codex,
            "gemini-cli" | "gemini" => Self::GeminiCli,
            "cursor" => Self::Cursor,
            _ => return None,
        })
    }
}

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Moment {
    /// A session starts, or goes on with an emptied context: tell what was done last.
    Start,
    /// A person typed something: tell what is known of it.
    Prompt,
    /// A turn or a session ends, or its context is about to be emptied: import what is new.
    End,
}

/// Values in the JSON of an event; assistants tell some dozens.
const MAX_VALUES: usize = 16_384;

/// The names of the moments, in any client, without case and separators.
const MOMENT_NAMES: [(&str, Moment); 10] = [
    ("sessionstart", Moment::Start),
    ("userpromptsubmit", Moment::Prompt),
    ("beforeagent", Moment::Prompt),
    ("beforesubmitprompt", Moment::Prompt),
    ("stop", Moment::End),
    ("subagentstop", Moment::End),
    ("afteragent", Moment::End),
    ("sessionend", Moment::End),
    ("precompact", Moment::End),
    ("precompress", Moment::End),
];

/// An event as an assistant tells it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct HookEvent {
    /// The assistant that runs the hook.
    pub(super) client: HookClient,
    /// Its name in the client's own spelling, which answers repeat.
    pub(super) name: String,
    /// What is to be done; `None` where the name says nothing to us.
    pub(super) moment: Option<Moment>,
    /// The session that goes on.
    pub(super) session: Option<String>,
    /// The log of the session.
    pub(super) transcript: Option<PathBuf>,
    /// Where the assistant works.
    pub(super) directory: Option<PathBuf>,
    /// What the person typed.
    pub(super) prompt: Option<String>,
    /// Whether the turn goes on because a hook said so: it was seen to before.
    pub(super) is_repeated: bool,
}

impl HookEvent {
    /// Reads an event; what the command line says goes before what the event says of itself.
    pub(super) fn read(named: &str, client: Option<&str>, input: &[u8]) -> Self {
        // What an assistant tells has a few values; more of them would only take memory.
        let is_short = transcript::has_at_most_values(input, MAX_VALUES);
        let told = is_short
            .then(|| serde_json::from_slice(input).ok())
            .flatten();
        let told: Value = told.unwrap_or_default();
        let text = |key: &str| {
            let text = told.get(key).and_then(Value::as_str);
            text.filter(|text| !text.is_empty()).map(str::to_owned)
        };
        let own = text("hook_event_name").filter(|own| plain(own) == plain(named));
        let name = own.unwrap_or_else(|| named.to_owned());
        let root = told.get("workspace_roots").and_then(|roots| roots.get(0));
        let root = root.and_then(Value::as_str).map(str::to_owned);
        let is_repeated = told.get("stop_hook_active").and_then(Value::as_bool);
        let is_named = |known: &&(&str, Moment)| known.0 == plain(&name);
        let client = client.and_then(HookClient::from_name);
        Self {
            client: client.unwrap_or_else(|| guess(&told, &name)),
            moment: MOMENT_NAMES
                .iter()
                .find(is_named)
                .map(|(_, moment)| *moment),
            name,
            session: text("session_id").or_else(|| text("conversation_id")),
            transcript: text("transcript_path").map(PathBuf::from),
            directory: text("cwd").or(root).map(PathBuf::from),
            prompt: text("prompt"),
            is_repeated: is_repeated.unwrap_or(false),
        }
    }
}

/// Whose event it is, by what only one of them tells.
fn guess(told: &Value, name: &str) -> HookClient {
    if told.get("cursor_version").is_some() || told.get("workspace_roots").is_some() {
        return HookClient::Cursor;
    }
    match plain(name).as_str() {
        "beforeagent" | "afteragent" | "precompress" => HookClient::GeminiCli,
        _ => HookClient::ClaudeCode,
    }
}

/// A name without case and separators.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|letter| letter.to_ascii_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_of_every_client_are_read() {
        let event = HookEvent::read(
            "session-start",
            None,
            br#"{"session_id":"s","transcript_path":"/t.jsonl","cwd":"/p","hook_event_name":"SessionStart","source":"compact"}"#,
        );
        assert_eq!(event.name, "SessionStart");
        assert_eq!(
            (event.client, event.moment),
            (HookClient::ClaudeCode, Some(Moment::Start))
        );
        assert_eq!(event.directory, Some("/p".into()));
        let event = HookEvent::read(
            "beforeSubmitPrompt",
            None,
            br#"{"conversation_id":"c","workspace_roots":["/p"],"prompt":"x","cursor_version":"2"}"#,
        );
        assert_eq!(
            (event.client, event.moment),
            (HookClient::Cursor, Some(Moment::Prompt))
        );
        assert_eq!(event.session.as_deref(), Some("c"));
        let event = HookEvent::read("BeforeAgent", None, b"{}");
        assert_eq!(event.client, HookClient::GeminiCli);
        let event = HookEvent::read("Stop", Some("codex"), br#"{"stop_hook_active":true}"#);
        assert!(event.is_repeated && event.client == HookClient::Codex);
    }

    #[test]
    fn nonsense_is_an_event_of_nothing() {
        for input in [
            &b""[..],
            b"[1]",
            b"{\"cwd\":7}",
            b"\xff\xfe",
            b"{\"prompt\":",
        ] {
            let event = HookEvent::read("SessionStart", None, input);
            assert_eq!((event.directory, event.prompt), (None, None));
            assert_eq!(HookEvent::read("Whatever", None, input).moment, None);
        }
    }
}
