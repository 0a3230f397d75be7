//! Tells memories such as ours from other tools: what they give back are old conversations, which
//! must not be found again as if they had been said anew.

/// Whether a tool is a memory such as ours, whose results repeat old conversations.
pub(crate) fn is_memory(tool: &str) -> bool {
    let server = tool
        .strip_prefix("mcp__")
        .and_then(|rest| rest.split("__").next());
    let server = server.unwrap_or_default().replace('_', "-");
    server.contains("lorekeep") || server.contains("claude-self-reflect")
}
