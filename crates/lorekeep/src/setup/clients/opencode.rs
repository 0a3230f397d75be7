//! opencode: servers in `opencode.json`, or `opencode.jsonc` where that is there.

use std::path::{Path, PathBuf};

use super::client::{FileFormat, Servers, SetupClient};
use crate::settings::ClientDirectories;
use crate::setup::launch::LaunchCommand;
use crate::setup::node::Node;

pub(super) struct OpenCodeClient;

fn servers(dir: &Path) -> Servers {
    let commented = dir.join("opencode.jsonc");
    Servers {
        // A link that leads nowhere is one too: it must not be passed by unseen.
        file: if fs_err::symlink_metadata(&commented).is_ok() {
            commented
        } else {
            dir.join("opencode.json")
        },
        format: FileFormat::Json,
        path: &["mcp"],
    }
}

impl SetupClient for OpenCodeClient {
    fn id(&self) -> &'static str {
        "opencode"
    }

    fn title(&self) -> &'static str {
        "opencode"
    }

    fn trace(&self, places: &ClientDirectories) -> PathBuf {
        places.config.join("opencode")
    }

    fn servers(&self, places: &ClientDirectories) -> Servers {
        servers(&places.config.join("opencode"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(servers(project))
    }

    fn server(&self, launch: &LaunchCommand) -> Node {
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
