//! Cursor: servers in `mcp.json`, hooks in `hooks.json`, both below `.cursor`.

use std::path::{Path, PathBuf};

use super::client::{Client, Servers, Target};
use super::hooks::{Event, Hooks, SECONDS};
use crate::settings::Places;
use crate::setup::edit::Edit;
use crate::setup::node::Node;

pub(super) struct Cursor;

// What a hook prints before a prompt can only block it, so that there is no evidence to add.
const EVENTS: [(Event, &str); 4] = [
    (Event::SessionStart, "sessionStart"),
    (Event::Stop, "stop"),
    (Event::SessionEnd, "sessionEnd"),
    (Event::PreCompact, "preCompact"),
];

impl Client for Cursor {
    fn id(&self) -> &'static str {
        "cursor"
    }

    fn title(&self) -> &'static str {
        "Cursor"
    }

    fn trace(&self, places: &Places) -> PathBuf {
        places.home.join(".cursor")
    }

    fn servers(&self, places: &Places) -> Servers {
        Servers::json(places.home.join(".cursor/mcp.json"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(Servers::json(project.join(".cursor/mcp.json")))
    }

    fn hooks(&self, places: &Places, hooks: &Hooks<'_>) -> Vec<Target> {
        let version = Edit::need(&["version"], Node::Number(1));
        let ours = hooks.wanted(&EVENTS).map(|event| {
            let hook = Node::table([
                ("command", Node::text(hooks.line(event, Some(self.id())))),
                ("timeout", Node::Number(SECONDS)),
            ]);
            Edit::element(&["hooks", event.1], hook)
        });
        let edits = [version].into_iter().chain(ours).collect();
        vec![Target::json(places.home.join(".cursor/hooks.json"), edits)]
    }
}
