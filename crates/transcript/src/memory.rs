//! Tells memories such as ours from other tools: what they give back are old conversations, which
//! must not be found again as if they had been said anew.

/// The element that stands around what we put before an assistant, so that a log that has it isn't
/// read as if it had been said anew.
pub const MEMORY_MARKER: &str = "lorekeep-memory";

/// Whether a tool is a memory such as ours, whose results repeat old conversations.
pub(crate) fn is_memory(tool: &str) -> bool {
    let server = tool
        .strip_prefix("mcp__")
        .and_then(|rest| rest.split("__").next());
    let server = server.unwrap_or_default().replace('_', "-");
    server.contains("lorekeep") || server.contains("claude-self-reflect")
}
