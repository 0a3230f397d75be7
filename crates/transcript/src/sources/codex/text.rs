//! Tells what people typed from what Codex and editors wrapped around it or put in their mouth.

use crate::content::{TypedText, element, split_elements};
use crate::memory::MEMORY_MARKER;

/// Wrappers of settings and instructions, which every session repeats.
const SETTINGS_TAGS: [&str; 10] = [
    "environment_context",
    "user_instructions",
    "permissions instructions",
    "INSTRUCTIONS",
    "collaboration_mode",
    "personality_spec",
    "apps_instructions",
    "skills_instructions",
    "turn_aborted",
    "image",
];

/// Wrappers of a program's words, for the model to read.
const INJECTED_TAGS: [&str; 4] = [
    "subagent_notification",
    "skill",
    "user_action",
    "hook_prompt",
];

/// What opens the project's instructions, up to the end of [`SETTINGS_TAGS`]' `INSTRUCTIONS`.
const PROJECT_INSTRUCTIONS_START: &str = "# AGENTS.md instructions";

/// What editors and the desktop app put before the person's words. What they open a prompt with is a heading:
/// `# Context from my IDE setup:`, `# Files mentioned by the user:` and others.
const EDITOR_REQUEST_START: &str = "## My request for Codex:";

/// Takes a text in a person's place apart.
pub(super) fn typed(text: &str) -> TypedText {
    let text = text.trim();
    if text.is_empty() || text == "</image>" {
        return TypedText::Nothing;
    }
    if text.starts_with(PROJECT_INSTRUCTIONS_START) {
        let rest = text
            .split_once("</INSTRUCTIONS>")
            .map_or("", |(_, rest)| rest);
        return typed(rest);
    }
    if let Some(request) = request(text) {
        return typed(request);
    }
    if let Some((shell, _)) = element(text, "user_shell_command") {
        let command = element(shell.trim(), "command").map_or(shell, |(command, _)| command);
        return TypedText::Command(format!("!{}", command.trim()));
    }
    if let Some((_, rest)) = SETTINGS_TAGS.iter().find_map(|tag| element(text, tag)) {
        return typed(rest);
    }
    match INJECTED_TAGS.iter().find_map(|tag| element(text, tag)) {
        Some((_, rest)) if !rest.trim().is_empty() => return typed(rest),
        Some((content, _)) => return TypedText::Injected(content.trim().to_owned()),
        None => {}
    }
    let (said, memories) = split_elements(text, &[MEMORY_MARKER]);
    match said.trim() {
        "" => TypedText::Injected(memories.trim().to_owned()),
        said => TypedText::Said(said.to_owned()),
    }
}

/// What a person asks below what a program has put before it.
fn request(text: &str) -> Option<&str> {
    if !text.starts_with("# ") && !text.starts_with(EDITOR_REQUEST_START) {
        return None;
    }
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        at += line.len();
        if let Some(rest) = line.strip_prefix(EDITOR_REQUEST_START) {
            // The words may begin on the same line.
            return Some(text[at - rest.len()..].trim());
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &TypedText) {
        assert_eq!(&typed(text), expected, "{text}");
    }

    #[test]
    fn words_are_told_from_context() {
        check(
            "<environment_context>\n<cwd>/p</cwd>\n</environment_context>",
            &TypedText::Nothing,
        );
        check(
            "# AGENTS.md instructions for /p\n\n<INSTRUCTIONS>\nx\n</INSTRUCTIONS>",
            &TypedText::Nothing,
        );
        check(
            "# Context from my IDE setup:\n\n## Open tabs:\n- a\n\n## My request for Codex:\nfix it\n",
            &TypedText::Said("fix it".to_owned()),
        );
        check(
            "# Files mentioned by the user:\n\n## plan.pdf: /p/plan.pdf\n\n## My request for Codex:\nfix it\n",
            &TypedText::Said("fix it".to_owned()),
        );
        let own = "# What I want\nto ask of `## My request for Codex:` is why";
        check(own, &TypedText::Said(own.to_owned()));
        check(
            "<user_shell_command>\n<command>\nls\n</command>\n<result>\na\n</result>\n</user_shell_command>",
            &TypedText::Command("!ls".to_owned()),
        );
        check(
            "<user_action>review</user_action>",
            &TypedText::Injected("review".to_owned()),
        );
        let memory = "<lorekeep-memory kind=\"recap\">\nold words\n</lorekeep-memory>";
        check(memory, &TypedText::Injected("old words".to_owned()));
        check(
            &format!("fix it\n{memory}"),
            &TypedText::Said("fix it".to_owned()),
        );
        check(
            "<environments> differ",
            &TypedText::Said("<environments> differ".to_owned()),
        );
    }
}
