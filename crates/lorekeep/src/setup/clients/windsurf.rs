//! Windsurf: servers in `mcp_config.json`.

use std::path::PathBuf;

use super::client::{Client, Servers};
use crate::settings::Places;

pub(super) struct Windsurf;

impl Client for Windsurf {
    fn id(&self) -> &'static str {
        "windsurf"
    }

    fn title(&self) -> &'static str {
        "Windsurf"
    }

    fn trace(&self, places: &Places) -> PathBuf {
        places.home.join(".codeium/windsurf")
    }

    fn servers(&self, places: &Places) -> Servers {
        Servers::json(places.home.join(".codeium/windsurf/mcp_config.json"))
    }
}
