//! What tools there are, at a terminal.

use chat::{Chat, ToolServerView};

use super::failure::fault;
use crate::output::Output;
use crate::output::text::one_line;

/// Shows the servers of tools and what they offer.
pub(super) async fn show(chat: &Chat, out: &mut Output) -> anyhow::Result<()> {
    let servers = chat.tool_servers().await.map_err(|error| fault(&error))?;
    if servers.is_empty() {
        out.note("there are no servers of tools");
        out.hint("`mcp.json` lists them; see docs/chat/tools.md");
    }
    for server in &servers {
        one(server, out)?;
    }
    Ok(())
}

fn one(server: &ToolServerView, out: &mut Output) -> anyhow::Result<()> {
    let name = one_line(&server.name);
    out.text(&format!("{name}  {}, {}\n", server.transport, server.state))?;
    if let Some(problem) = &server.problem {
        out.text(&format!("  {}\n", one_line(problem)))?;
    }
    if let Some(hint) = &server.hint {
        out.text(&format!("  {}\n", one_line(hint)))?;
    }
    for tool in &server.tools {
        let asked = match (tool.is_allowed, tool.approval) {
            _ if tool.withheld.is_some() => "not offered to models",
            _ if !tool.is_available => "can't be reached",
            (true, _) | (_, "never") => "without asking",
            (_, "always") => "asks before each call",
            _ => "asks once",
        };
        let about = wire::markup::cut(&one_line(&tool.description), 60);
        out.text(&format!("  {}  ({asked})  {about}\n", one_line(&tool.name)))?;
    }
    Ok(())
}
