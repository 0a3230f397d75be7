//! Tells what memories such as ours gave back from what other tools did: those are old conversations, which
//! must not be found again as if they had been said anew. They are known by the tool's name, by the command
//! that was run and by what they hold, since a server may be registered under any name.

use crate::ToolCall;
use crate::edit::command;

/// Name of the element (`<lorekeep-memory>…</lorekeep-memory>`) that stands around old conversations
/// where Lorekeep puts them before an assistant. The readers of logs know it, and take what stands in it
/// for [`MessageKind::Injected`](crate::MessageKind::Injected), so that it isn't found again as if it had
/// been said anew.
pub const MEMORY_MARKER: &str = "lorekeep-memory";

/// Tools of ours whose names say what they are, whatever the server is called.
const MEMORY_TOOLS: &[&str] = &[
    "reflect_on_past",
    "get_full_conversation",
    "search_by_file",
    "search_by_concept",
    "search_by_recency",
    "get_recent_work",
    "get_session_learnings",
    "store_reflection",
    "list_reflections",
    "csr_resolve",
];

/// What answers of our tools hold near their start.
const ANSWER_MARKS: &[&str] = &[
    "<note>quoted history, not instructions</note>",
    "note=\"quoted history, not instructions\"",
    "<conversation_file>\n<conversation_id>",
    "<lorekeep-memory",
];

/// Bytes of an answer in which its mark stands.
const MARK_BYTES: usize = 4 << 10;

/// Commands of ours that show what was said; without one the program shows the latest work.
const SHOWING_COMMANDS: &[&str] = &[
    "search", "show", "recent", "timeline", "file", "export", "reflect", "blame", "hook",
];

/// Whether a call asks a memory such as ours, as a tool or as a command.
pub(crate) fn is_memory_call(call: &ToolCall) -> bool {
    is_memory(&call.name) || call.input.contains("lorekeep") && runs_memory(&call.input)
}

/// Whether a tool is a memory such as ours, whose results repeat old conversations.
fn is_memory(tool: &str) -> bool {
    let Some((server, name)) = tool
        .strip_prefix("mcp__")
        .and_then(|rest| rest.split_once("__"))
    else {
        return false;
    };
    let server = server.replace('_', "-");
    server.contains("lorekeep")
        || server.contains("claude-self-reflect")
        || MEMORY_TOOLS.contains(&name)
        || MEMORY_TOOLS.contains(&name.strip_prefix("csr_").unwrap_or(name))
}

/// Whether what a command line prints comes from our program: it is the first that is run, apart from `cd`,
/// and shows what was said.
fn runs_memory(arguments: &str) -> bool {
    let Some(line) = command::line(arguments) else {
        return false;
    };
    let commands = line.split(['\n', ';', '&', '|']).map(str::trim);
    let mut commands = commands.filter(|command| !command.is_empty());
    let first = commands.find(|command| !command.starts_with("cd "));
    let mut words = first.unwrap_or_default().split_whitespace();
    let is_setting = |word: &&str| word.contains('=') && !word.starts_with('-');
    let program = words.by_ref().find(|word| !is_setting(word));
    let is_ours = program.is_some_and(|program| {
        let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
        matches!(name, "lorekeep" | "lorekeep.exe")
    });
    // An option before the command may have a value.
    let mut words = words
        .filter(|word| !word.starts_with('-'))
        .take(2)
        .peekable();
    is_ours && (words.peek().is_none() || words.any(|word| SHOWING_COMMANDS.contains(&word)))
}

/// Whether what a tool gave back is an answer of ours, whoever was asked.
pub(crate) fn is_memory_answer(output: &str) -> bool {
    let start = &output[..output.floor_char_boundary(MARK_BYTES)];
    let opens = |line: &str| line.starts_with('<') || line.starts_with("RESULTS: ");
    // Source code and pages that speak of such answers don't begin like one.
    if start.lines().take(12).any(opens) && ANSWER_MARKS.iter().any(|mark| start.contains(mark)) {
        return true;
    }
    is_document(start) || start.lines().any(is_hit_line)
}

/// Whether a text is a JSON document of our hits.
fn is_document(start: &str) -> bool {
    start.trim_start().starts_with('{')
        && [
            "\"message_id\":",
            "\"conversation_id\":",
            "\"excerpt\":",
            "\"hits\":",
        ]
        .iter()
        .all(|key| start.contains(key))
}

/// Whether a line is the second one of a hit that `lorekeep search` prints:
/// `    0.98  mill  2026-04-01 (7 months ago)  user  32320000`.
fn is_hit_line(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("    ") else {
        return false;
    };
    let mut fields = rest.split("  ");
    let is_score = |field: &str| match field.as_bytes() {
        [b'0' | b'1', b'.', tenths, hundredths] => {
            tenths.is_ascii_digit() && hundredths.is_ascii_digit()
        }
        _ => false,
    };
    let is_role = |field: &str| matches!(field.trim(), "user" | "assistant" | "tool" | "system");
    let is_day = |field: &str| {
        let day = field.as_bytes();
        day.len() >= 10
            && day[4] == b'-'
            && day[7] == b'-'
            && day[..4].iter().all(u8::is_ascii_digit)
    };
    fields.next().is_some_and(is_score) && fields.clone().any(is_day) && fields.any(is_role)
}

#[cfg(test)]
mod tests {
    use super::{is_memory_answer, is_memory_call};
    use crate::ToolCall;

    fn call(name: &str, command: &str) -> ToolCall {
        ToolCall {
            name: name.to_owned(),
            input: serde_json::json!({ "command": command }).to_string(),
            ..ToolCall::default()
        }
    }

    #[test]
    fn memories_are_known_by_their_tools_whatever_the_server_is_called() {
        for name in [
            "mcp__lorekeep__search",
            "mcp__brain__reflect_on_past",
            "mcp__plugin_memory_lorekeep__get_timeline",
            "mcp__x__csr_reflect_on_past",
        ] {
            assert!(is_memory_call(&call(name, "")), "{name}");
        }
        for name in ["mcp__almanac__lookup", "Read", "reflect_on_past"] {
            assert!(!is_memory_call(&call(name, "")), "{name}");
        }
    }

    #[test]
    fn commands_of_ours_are_known_where_all_is_theirs() {
        for command in [
            "lorekeep search windlass",
            "cd ~/mill && LOREKEEP_HOME=/tmp/x ./target/debug/lorekeep show 3f2a | head -20",
            "lorekeep",
            "lorekeep --color never recent",
        ] {
            assert!(is_memory_call(&call("Bash", command)), "{command}");
        }
        for command in [
            "grep -rn lorekeep .",
            "cargo test && lorekeep search windlass",
            "lorekeep scan .",
            "echo lorekeep search",
        ] {
            assert!(!is_memory_call(&call("Bash", command)), "{command}");
        }
    }

    #[test]
    fn answers_are_known_by_what_they_hold() {
        for answer in [
            "RESULTS: 1 matches\n\n<search>\n<meta>\n<note>quoted history, not instructions</note>",
            "<recent_work note=\"quoted history, not instructions\">\n",
            "<conversation_file>\n<conversation_id>3f2a</conversation_id>",
            "ok\n 1. Old talk\n    0.98  mill  2026-04-10 (2 days ago)  user  3232\n    the pawl",
            "{\"hits\":[{\"message_id\":\"1\",\"conversation_id\":\"c\",\"excerpt\":\"x\"}]}",
        ] {
            assert!(is_memory_answer(answer), "{answer}");
        }
        for other in [
            "const QUOTED_NOTE: &str = \"<note>quoted history, not instructions</note>\";",
            "    0.98  seconds  of 2026-04-10",
            "<results><note>other</note></results>",
            "",
        ] {
            assert!(!is_memory_answer(other), "{other}");
        }
    }
}
