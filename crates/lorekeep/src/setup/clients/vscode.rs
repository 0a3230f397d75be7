//! Visual Studio Code: servers in `mcp.json` of the person's profile or of a project.

use std::path::{Path, PathBuf};

use super::client::{FileFormat, Servers, SetupClient};
use crate::settings::ClientDirectories;
use crate::setup::launch::LaunchCommand;
use crate::setup::node::Node;

pub(super) struct VsCodeClient;

fn servers(file: PathBuf) -> Servers {
    Servers {
        file,
        format: FileFormat::Json,
        path: &["servers"],
    }
}

impl SetupClient for VsCodeClient {
    fn id(&self) -> &'static str {
        "vscode"
    }

    fn title(&self) -> &'static str {
        "Visual Studio Code"
    }

    fn trace(&self, places: &ClientDirectories) -> PathBuf {
        places.desktop.join("Code/User")
    }

    fn servers(&self, places: &ClientDirectories) -> Servers {
        servers(places.desktop.join("Code/User/mcp.json"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(servers(project.join(".vscode/mcp.json")))
    }

    fn server(&self, launch: &LaunchCommand) -> Node {
        let kind = ("type", Node::text("stdio"));
        Node::table([kind].into_iter().chain(launch.keys()))
    }
}
