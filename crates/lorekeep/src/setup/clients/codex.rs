//! Codex: servers in `config.toml`, hooks in `hooks.json`, a skill for recalling.

use std::path::PathBuf;

use super::client::{ClientFileTarget, FileFormat, Servers, SetupClient};
use super::hooks::{HOOK_TIMEOUT_SECONDS, HookOccasion, Hooks};
use super::texts;
use crate::settings::ClientDirectories;

pub(super) struct CodexClient;

// It has no event for the end of a session; `Stop` comes after every answer.
const HOOK_EVENTS: [(HookOccasion, &str); 4] = [
    (HookOccasion::SessionStart, "SessionStart"),
    (HookOccasion::Prompt, "UserPromptSubmit"),
    (HookOccasion::Stop, "Stop"),
    (HookOccasion::PreCompact, "PreCompact"),
];

impl CodexClient {
    fn dir(places: &ClientDirectories) -> PathBuf {
        let dir = places.codex.clone();
        dir.unwrap_or_else(|| places.home.join(".codex"))
    }
}

impl SetupClient for CodexClient {
    fn id(&self) -> &'static str {
        "codex"
    }

    fn title(&self) -> &'static str {
        "Codex"
    }

    fn trace(&self, places: &ClientDirectories) -> PathBuf {
        Self::dir(places)
    }

    fn servers(&self, places: &ClientDirectories) -> Servers {
        Servers {
            file: Self::dir(places).join("config.toml"),
            format: FileFormat::Toml,
            path: &["mcp_servers"],
        }
    }

    fn hooks(&self, places: &ClientDirectories, hooks: &Hooks<'_>) -> Vec<ClientFileTarget> {
        let edits = hooks.wanted(&HOOK_EVENTS).map(|event| {
            let start = event.0 == HookOccasion::SessionStart;
            let matcher = start.then_some("startup|resume|clear|compact");
            hooks.group(event, matcher, Some(self.id()), HOOK_TIMEOUT_SECONDS)
        });
        let file = Self::dir(places).join("hooks.json");
        vec![ClientFileTarget::json(file, edits.collect())]
    }

    fn commands(&self, places: &ClientDirectories, name: &str) -> Vec<ClientFileTarget> {
        // Prompts below `prompts/` are deprecated and no longer shown; skills took their place.
        let file = places.home.join(".agents/skills/recall/SKILL.md");
        vec![ClientFileTarget::text(file, texts::codex_skill(name))]
    }

    fn advice(&self, hooks: bool) -> Option<&'static str> {
        hooks.then_some("Codex runs hooks only after you have trusted them there, with `/hooks`")
    }
}
