//! Tells memories such as ours from other tools: what they give back are old conversations, which
//! must not be found again as if they had been said anew.

/// Name of the element (`<lorekeep-memory>…</lorekeep-memory>`) that stands around old conversations
/// where Lorekeep puts them before an assistant. The readers of logs know it, and take what stands in it
/// for [`MessageKind::Injected`](crate::MessageKind::Injected), so that it isn't found again as if it had
/// been said anew.
pub const MEMORY_MARKER: &str = "lorekeep-memory";

/// Whether a tool is a memory such as ours, whose results repeat old conversations.
pub(crate) fn is_memory(tool: &str) -> bool {
    let server = tool
        .strip_prefix("mcp__")
        .and_then(|rest| rest.split("__").next());
    let server = server.unwrap_or_default().replace('_', "-");
    server.contains("lorekeep") || server.contains("claude-self-reflect")
}
