//! Claude Code: servers in `.claude.json` or a project's `.mcp.json`, hooks in `settings.json`.

use std::path::{Path, PathBuf};

use super::client::{ClientFileTarget, Servers, SetupClient};
use super::hooks::{HOOK_TIMEOUT_SECONDS, HookOccasion, Hooks};
use super::texts;
use crate::settings::ClientDirectories;
use crate::setup::launch::LaunchCommand;
use crate::setup::node::Node;

pub(super) struct ClaudeCodeClient;

const HOOK_EVENTS: [(HookOccasion, &str); 5] = [
    (HookOccasion::SessionStart, "SessionStart"),
    (HookOccasion::Prompt, "UserPromptSubmit"),
    (HookOccasion::Stop, "Stop"),
    (HookOccasion::SessionEnd, "SessionEnd"),
    (HookOccasion::PreCompact, "PreCompact"),
];

impl ClaudeCodeClient {
    fn dir(places: &ClientDirectories) -> PathBuf {
        let dir = places.claude.clone();
        dir.unwrap_or_else(|| places.home.join(".claude"))
    }
}

impl SetupClient for ClaudeCodeClient {
    fn id(&self) -> &'static str {
        "claude-code"
    }

    fn title(&self) -> &'static str {
        "Claude Code"
    }

    fn trace(&self, places: &ClientDirectories) -> PathBuf {
        Self::dir(places)
    }

    fn servers(&self, places: &ClientDirectories) -> Servers {
        // With CLAUDE_CONFIG_DIR the file moves into that directory, else it is beside `.claude`.
        let dir = places.claude.as_ref().unwrap_or(&places.home);
        Servers::json(dir.join(".claude.json"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(Servers::json(project.join(".mcp.json")))
    }

    fn server(&self, launch: &LaunchCommand) -> Node {
        let kind = ("type", Node::text("stdio"));
        Node::table([kind].into_iter().chain(launch.keys()))
    }

    fn hooks(&self, places: &ClientDirectories, hooks: &Hooks<'_>) -> Vec<ClientFileTarget> {
        let edits = hooks.wanted(&HOOK_EVENTS).map(|event| {
            let start = event.0 == HookOccasion::SessionStart;
            let matcher = start.then_some("startup|resume|clear|compact");
            hooks.group(event, matcher, None, HOOK_TIMEOUT_SECONDS)
        });
        let file = Self::dir(places).join("settings.json");
        vec![ClientFileTarget::json(file, edits.collect())]
    }

    fn commands(&self, places: &ClientDirectories, name: &str) -> Vec<ClientFileTarget> {
        let dir = Self::dir(places);
        vec![
            ClientFileTarget::text(dir.join("commands/recall.md"), texts::claude_command(name)),
            ClientFileTarget::text(dir.join("agents/recall.md"), texts::claude_agent(name)),
        ]
    }

    fn hooks_by_default(&self) -> bool {
        true
    }

    fn advice(&self, _: bool) -> Option<&'static str> {
        Some("restart open sessions to use it")
    }
}
