//! Windsurf: servers in `mcp_config.json`.

use std::path::PathBuf;

use super::client::{Servers, SetupClient};
use crate::settings::ClientDirectories;

pub(super) struct WindsurfClient;

impl SetupClient for WindsurfClient {
    fn id(&self) -> &'static str {
        "windsurf"
    }

    fn title(&self) -> &'static str {
        "Windsurf"
    }

    fn trace(&self, places: &ClientDirectories) -> PathBuf {
        places.home.join(".codeium/windsurf")
    }

    fn servers(&self, places: &ClientDirectories) -> Servers {
        Servers::json(places.home.join(".codeium/windsurf/mcp_config.json"))
    }
}
