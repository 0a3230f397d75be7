//! The command and the agent that recall what was said, as the files that clients read.

/// The tools that recalling needs, as Claude Code names those of a server.
const RECALL_TOOLS: [&str; 7] = [
    "search",
    "get_full_conversation",
    "search_by_file",
    "get_recent_work",
    "store_reflection",
    "get_status",
    "blame",
];

const COMMAND_TEXT: &str = include_str!("../texts/command.md");
const AGENT_TEXT: &str = include_str!("../texts/agent.md");

fn tools(name: &str) -> String {
    RECALL_TOOLS
        .map(|tool| format!("mcp__{name}__{tool}"))
        .join(", ")
}

/// `/recall` of Claude Code.
pub(super) fn claude_command(name: &str) -> String {
    let tools = tools(name);
    format!(
        "---\n\
         description: Find what was said, decided or done in earlier sessions\n\
         argument-hint: [what you want to know]\n\
         allowed-tools: {tools}\n\
         ---\n\n{}",
        COMMAND_TEXT.replace("{{args}}", "$ARGUMENTS")
    )
}

/// The agent of Claude Code.
pub(super) fn claude_agent(name: &str) -> String {
    let tools = tools(name);
    format!(
        "---\n\
         name: recall\n\
         description: Searches earlier sessions with AI assistants. Use it when an answer may have \
         been given before: past decisions and their reasons, fixes of the same error, how \
         something was built, or what was left open.\n\
         tools: {tools}\n\
         ---\n\n{AGENT_TEXT}"
    )
}

/// The skill of Codex.
pub(super) fn codex_skill(name: &str) -> String {
    format!(
        "---\n\
         name: recall\n\
         description: Find what was said, decided or done in earlier sessions, with the tools of \
         the MCP server `{name}`. Use it when the person asks what was decided or done before, or \
         meets an error that may have been solved once.\n\
         ---\n\n{AGENT_TEXT}"
    )
}

/// `/recall` of Gemini CLI, which puts in what was typed for `{{args}}`.
pub(super) fn gemini_command() -> String {
    format!(
        "description = \"Find what was said, decided or done in earlier sessions\"\n\
         prompt = \"\"\"\n{COMMAND_TEXT}\"\"\"\n"
    )
}
