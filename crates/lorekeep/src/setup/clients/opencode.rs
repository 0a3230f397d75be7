//! opencode: servers in `opencode.json`, or `opencode.jsonc` where that is there.

use std::path::{Path, PathBuf};

use super::client::{Client, Format, Servers};
use crate::settings::Places;
use crate::setup::launch::Launch;
use crate::setup::node::Node;

pub(super) struct OpenCode;

fn servers(dir: &Path) -> Servers {
    let commented = dir.join("opencode.jsonc");
    Servers {
        // A link that leads nowhere is one too: it must not be passed by unseen.
        file: if fs_err::symlink_metadata(&commented).is_ok() {
            commented
        } else {
            dir.join("opencode.json")
        },
        format: Format::Json,
        path: &["mcp"],
    }
}

impl Client for OpenCode {
    fn id(&self) -> &'static str {
        "opencode"
    }

    fn title(&self) -> &'static str {
        "opencode"
    }

    fn trace(&self, places: &Places) -> PathBuf {
        places.config.join("opencode")
    }

    fn servers(&self, places: &Places) -> Servers {
        servers(&places.config.join("opencode"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(servers(project))
    }

    fn server(&self, launch: &Launch) -> Node {
        let command = [&launch.program].into_iter().chain(&launch.args);
        let mut keys = vec![
            ("type", Node::text("local")),
            ("command", Node::texts(command)),
            ("enabled", Node::Flag(true)),
        ];
        if !launch.env.is_empty() {
            keys.push(("environment", launch.variables()));
        }
        Node::table(keys)
    }
}
