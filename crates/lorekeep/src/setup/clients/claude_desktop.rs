//! Claude Desktop: servers in `claude_desktop_config.json`.

use std::path::PathBuf;

use super::client::{Client, Servers};
use crate::settings::Places;

pub(super) struct ClaudeDesktop;

impl Client for ClaudeDesktop {
    fn id(&self) -> &'static str {
        "claude-desktop"
    }

    fn title(&self) -> &'static str {
        "Claude Desktop"
    }

    fn trace(&self, places: &Places) -> PathBuf {
        places.desktop.join("Claude")
    }

    fn servers(&self, places: &Places) -> Servers {
        Servers::json(places.desktop.join("Claude/claude_desktop_config.json"))
    }

    fn advice(&self, _: bool) -> Option<&'static str> {
        Some("Claude Desktop sees it after a restart")
    }
}
