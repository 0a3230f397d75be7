//! Visual Studio Code: servers in `mcp.json` of the person's profile or of a project.

use std::path::{Path, PathBuf};

use super::client::{Client, Format, Servers};
use crate::settings::Places;
use crate::setup::launch::Launch;
use crate::setup::node::Node;

pub(super) struct VsCode;

fn servers(file: PathBuf) -> Servers {
    Servers {
        file,
        format: Format::Json,
        path: &["servers"],
    }
}

impl Client for VsCode {
    fn id(&self) -> &'static str {
        "vscode"
    }

    fn title(&self) -> &'static str {
        "Visual Studio Code"
    }

    fn trace(&self, places: &Places) -> PathBuf {
        places.desktop.join("Code/User")
    }

    fn servers(&self, places: &Places) -> Servers {
        servers(places.desktop.join("Code/User/mcp.json"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(servers(project.join(".vscode/mcp.json")))
    }

    fn server(&self, launch: &Launch) -> Node {
        let kind = ("type", Node::text("stdio"));
        Node::table([kind].into_iter().chain(launch.keys()))
    }
}
