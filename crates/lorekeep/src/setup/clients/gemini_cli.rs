//! Gemini CLI: servers and hooks in `settings.json`, commands as TOML files.

use std::path::{Path, PathBuf};

use super::client::{Client, Servers, Target};
use super::hooks::{Event, Hooks, SECONDS};
use super::texts;
use crate::settings::Places;

pub(super) struct GeminiCli;

const EVENTS: [(Event, &str); 5] = [
    (Event::SessionStart, "SessionStart"),
    (Event::Prompt, "BeforeAgent"),
    (Event::Stop, "AfterAgent"),
    (Event::SessionEnd, "SessionEnd"),
    (Event::PreCompact, "PreCompress"),
];

impl GeminiCli {
    fn dir(places: &Places) -> PathBuf {
        // The variable replaces the home directory, not `.gemini` in it.
        let home = places.gemini.as_ref().unwrap_or(&places.home);
        home.join(".gemini")
    }
}

impl Client for GeminiCli {
    fn id(&self) -> &'static str {
        "gemini-cli"
    }

    fn title(&self) -> &'static str {
        "Gemini CLI"
    }

    fn trace(&self, places: &Places) -> PathBuf {
        Self::dir(places)
    }

    fn servers(&self, places: &Places) -> Servers {
        Servers::json(Self::dir(places).join("settings.json"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(Servers::json(project.join(".gemini/settings.json")))
    }

    fn hooks(&self, places: &Places, hooks: &Hooks<'_>) -> Vec<Target> {
        // Times are in milliseconds there.
        let edits = hooks
            .wanted(&EVENTS)
            .map(|event| hooks.group(event, None, Some(self.id()), SECONDS * 1000));
        let file = Self::dir(places).join("settings.json");
        vec![Target::json(file, edits.collect())]
    }

    fn commands(&self, places: &Places, _: &str) -> Vec<Target> {
        let file = Self::dir(places).join("commands/recall.toml");
        vec![Target::text(file, texts::gemini_command())]
    }
}
