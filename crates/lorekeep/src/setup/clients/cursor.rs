//! Cursor: servers in `mcp.json`, hooks in `hooks.json`, both below `.cursor`.

use std::path::{Path, PathBuf};

use super::client::{ClientFileTarget, Servers, SetupClient};
use super::hooks::{HOOK_TIMEOUT_SECONDS, HookOccasion, Hooks};
use crate::settings::ClientDirectories;
use crate::setup::edit::FileEdit;
use crate::setup::node::Node;

pub(super) struct CursorClient;

// What a hook prints before a prompt can only block it, so that there is no evidence to add.
const HOOK_EVENTS: [(HookOccasion, &str); 4] = [
    (HookOccasion::SessionStart, "sessionStart"),
    (HookOccasion::Stop, "stop"),
    (HookOccasion::SessionEnd, "sessionEnd"),
    (HookOccasion::PreCompact, "preCompact"),
];

impl SetupClient for CursorClient {
    fn id(&self) -> &'static str {
        "cursor"
    }

    fn title(&self) -> &'static str {
        "Cursor"
    }

    fn trace(&self, places: &ClientDirectories) -> PathBuf {
        places.home.join(".cursor")
    }

    fn servers(&self, places: &ClientDirectories) -> Servers {
        Servers::json(places.home.join(".cursor/mcp.json"))
    }

    fn project_servers(&self, project: &Path) -> Option<Servers> {
        Some(Servers::json(project.join(".cursor/mcp.json")))
    }

    fn hooks(&self, places: &ClientDirectories, hooks: &Hooks<'_>) -> Vec<ClientFileTarget> {
        let version = FileEdit::need(&["version"], Node::Number(1));
        let ours = hooks.wanted(&HOOK_EVENTS).map(|event| {
            let hook = Node::table([
                ("command", Node::text(hooks.line(event, Some(self.id())))),
                ("timeout", Node::Number(HOOK_TIMEOUT_SECONDS)),
            ]);
            FileEdit::element(&["hooks", event.1], hook)
        });
        let edits = [version].into_iter().chain(ours).collect();
        vec![ClientFileTarget::json(
            places.home.join(".cursor/hooks.json"),
            edits,
        )]
    }
}
