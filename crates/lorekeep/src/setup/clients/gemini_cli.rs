//! Gemini CLI: servers and hooks in `settings.json`, commands as TOML files.

use std::path::{Path, PathBuf};

use super::client::{ClientFileTarget, Servers, SetupClient};
use super::hooks::{HOOK_TIMEOUT_SECONDS, HookOccasion, Hooks};
use super::texts;
use crate::settings::ClientDirectories;

pub(super) struct GeminiCliClient;

const HOOK_EVENTS: [(HookOccasion, &str); 5] = [
    (HookOccasion::SessionStart, "SessionStart"),
    (HookOccasion::Prompt, "BeforeAgent"),
    (HookOccasion::Stop, "AfterAgent"),
    (HookOccasion::SessionEnd, "SessionEnd"),
    (HookOccasion::PreCompact, "PreCompress"),
];

impl GeminiCliClient {
    fn dir(places: &ClientDirectories) -> PathBuf {
        // The variable replaces the home directory, not `.gemini` in it.
        let home = places.gemini.as_ref().unwrap_or(&places.home);
        home.join(".gemini")
    }
}

impl SetupClient for GeminiCliClient {
    fn id(&self) -> &'static str {
        "gemini-cli"
    }

    fn title(&self) -> &'static str {
        "Gemini CLI"
    }

    fn trace(&self, places: &ClientDirectories) -> PathBuf {
        Self::dir(places)
    }

    fn servers(&self, places: &ClientDirectories) -> Servers {
        Servers::json(Self::dir(places).join("settings.json"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(Servers::json(project.join(".gemini/settings.json")))
    }

    fn hooks(&self, places: &ClientDirectories, hooks: &Hooks<'_>) -> Vec<ClientFileTarget> {
        // Times are in milliseconds there.
        let edits = hooks
            .wanted(&HOOK_EVENTS)
            .map(|event| hooks.group(event, None, Some(self.id()), HOOK_TIMEOUT_SECONDS * 1000));
        let file = Self::dir(places).join("settings.json");
        vec![ClientFileTarget::json(file, edits.collect())]
    }

    fn commands(&self, places: &ClientDirectories, _: &str) -> Vec<ClientFileTarget> {
        let file = Self::dir(places).join("commands/recall.toml");
        vec![ClientFileTarget::text(file, texts::gemini_command())]
    }
}
