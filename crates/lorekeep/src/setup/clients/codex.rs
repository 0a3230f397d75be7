//! Codex: servers in `config.toml`, hooks in `hooks.json`, a skill for recalling.

use std::path::PathBuf;

use super::client::{Client, Format, Servers, Target};
use super::hooks::{Event, Hooks, SECONDS};
use super::texts;
use crate::settings::Places;

pub(super) struct Codex;

// It has no event for the end of a session; `Stop` comes after every answer.
const EVENTS: [(Event, &str); 4] = [
    (Event::SessionStart, "SessionStart"),
    (Event::Prompt, "UserPromptSubmit"),
    (Event::Stop, "Stop"),
    (Event::PreCompact, "PreCompact"),
];

impl Codex {
    fn dir(places: &Places) -> PathBuf {
        let dir = places.codex.clone();
        dir.unwrap_or_else(|| places.home.join(".codex"))
    }
}

impl Client for Codex {
    fn id(&self) -> &'static str {
        "codex"
    }

    fn title(&self) -> &'static str {
        "Codex"
    }

    fn trace(&self, places: &Places) -> PathBuf {
        Self::dir(places)
    }

    fn servers(&self, places: &Places) -> Servers {
        Servers {
            file: Self::dir(places).join("config.toml"),
            format: Format::Toml,
            path: &["mcp_servers"],
        }
    }

    fn hooks(&self, places: &Places, hooks: &Hooks<'_>) -> Vec<Target> {
        let edits = hooks.wanted(&EVENTS).map(|event| {
            let start = event.0 == Event::SessionStart;
            let matcher = start.then_some("startup|resume|clear|compact");
            hooks.group(event, matcher, Some(self.id()), SECONDS)
        });
        let file = Self::dir(places).join("hooks.json");
        vec![Target::json(file, edits.collect())]
    }

    fn commands(&self, places: &Places, name: &str) -> Vec<Target> {
        // Prompts below `prompts/` are deprecated and no longer shown; skills took their place.
        let file = places.home.join(".agents/skills/recall/SKILL.md");
        vec![Target::text(file, texts::codex_skill(name))]
    }

    fn advice(&self, hooks: bool) -> Option<&'static str> {
        hooks.then_some("Codex runs hooks only after you have trusted them there, with `/hooks`")
    }
}
