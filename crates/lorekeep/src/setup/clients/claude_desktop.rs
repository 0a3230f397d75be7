//! Claude Desktop: servers in `claude_desktop_config.json`.

use std::path::PathBuf;

use super::client::{Servers, SetupClient};
use crate::settings::ClientDirectories;

pub(super) struct ClaudeDesktopClient;

impl SetupClient for ClaudeDesktopClient {
    fn id(&self) -> &'static str {
        "claude-desktop"
    }

    fn title(&self) -> &'static str {
        "Claude Desktop"
    }

    fn trace(&self, places: &ClientDirectories) -> PathBuf {
        places.desktop.join("Claude")
    }

    fn servers(&self, places: &ClientDirectories) -> Servers {
        Servers::json(places.desktop.join("Claude/claude_desktop_config.json"))
    }

    fn advice(&self, _: bool) -> Option<&'static str> {
        Some("Claude Desktop sees it after a restart")
    }
}
