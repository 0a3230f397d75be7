//! Claude Code: servers in `.claude.json` or a project's `.mcp.json`, hooks in `settings.json`.

use std::path::{Path, PathBuf};

use super::client::{Client, Servers, Target};
use super::hooks::{Event, Hooks, SECONDS};
use super::texts;
use crate::settings::Places;
use crate::setup::launch::Launch;
use crate::setup::node::Node;

pub(super) struct ClaudeCode;

const EVENTS: [(Event, &str); 5] = [
    (Event::SessionStart, "SessionStart"),
    (Event::Prompt, "UserPromptSubmit"),
    (Event::Stop, "Stop"),
    (Event::SessionEnd, "SessionEnd"),
    (Event::PreCompact, "PreCompact"),
];

impl ClaudeCode {
    fn dir(places: &Places) -> PathBuf {
        let dir = places.claude.clone();
        dir.unwrap_or_else(|| places.home.join(".claude"))
    }
}

impl Client for ClaudeCode {
    fn id(&self) -> &'static str {
        "claude-code"
    }

    fn title(&self) -> &'static str {
        "Claude Code"
    }

    fn trace(&self, places: &Places) -> PathBuf {
        Self::dir(places)
    }

    fn servers(&self, places: &Places) -> Servers {
        // With CLAUDE_CONFIG_DIR the file moves into that directory, else it is beside `.claude`.
        let dir = places.claude.as_ref().unwrap_or(&places.home);
        Servers::json(dir.join(".claude.json"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(Servers::json(project.join(".mcp.json")))
    }

    fn server(&self, launch: &Launch) -> Node {
        let kind = ("type", Node::text("stdio"));
        Node::table([kind].into_iter().chain(launch.keys()))
    }

    fn hooks(&self, places: &Places, hooks: &Hooks<'_>) -> Vec<Target> {
        let edits = hooks.wanted(&EVENTS).map(|event| {
            let start = event.0 == Event::SessionStart;
            let matcher = start.then_some("startup|resume|clear|compact");
            hooks.group(event, matcher, None, SECONDS)
        });
        let file = Self::dir(places).join("settings.json");
        vec![Target::json(file, edits.collect())]
    }

    fn commands(&self, places: &Places, name: &str) -> Vec<Target> {
        let dir = Self::dir(places);
        vec![
            Target::text(dir.join("commands/recall.md"), texts::claude_command(name)),
            Target::text(dir.join("agents/recall.md"), texts::claude_agent(name)),
        ]
    }

    fn hooks_by_default(&self) -> bool {
        true
    }

    fn advice(&self, _: bool) -> Option<&'static str> {
        Some("sessions that are open already see it after a restart")
    }
}
