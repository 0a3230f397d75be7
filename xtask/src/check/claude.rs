//! The second reading of Claude Code's records.

use serde_json::Value;

use super::expected::{Place, Said, squeezed};

/// What the harness wraps its own words in. None of it was said.
const WRAPPERS: &[&str] = &[
    "task-notification",
    "local-command-caveat",
    "local-command-stdout",
    "local-command-stderr",
    "bash-stdout",
    "bash-stderr",
    "system-reminder",
    "persisted-output",
    "tool_use_error",
    "command-message",
    "command-contents",
    "user-prompt-submit-hook",
];

/// Reads the records of a file.
pub(super) fn read(records: &[(Place, Value)], said: &mut Vec<Said>) {
    for (place, record) in records {
        let message = match record["type"].as_str() {
            Some("user") => user(record),
            Some("assistant") => Some(("assistant", texts(&record["message"]["content"]), true)),
            Some("attachment") => queued(&record["attachment"]),
            _ => None,
        };
        let Some((role, text, required)) = message else {
            continue;
        };
        let text = squeezed(&text);
        if text.is_empty() {
            continue;
        }
        // A fork repeats a record under another session; a repeated id with another text is another
        // message all the same.
        let identity = match record["uuid"].as_str() {
            Some(uuid) => format!("{uuid} {text}"),
            None => format!("{}:{}", place.path.display(), place.line),
        };
        said.push(Said {
            role,
            text,
            identity,
            required,
            place: place.clone(),
        });
    }
}

fn user(record: &Value) -> Option<(&'static str, String, bool)> {
    let is = |name: &str| record[name].as_bool() == Some(true);
    if is("isMeta") || is("isCompactSummary") || record["origin"]["kind"] == "task-notification" {
        return None;
    }
    let text = unwrapped(&texts(&record["message"]["content"]));
    // Words beside a tool's result are the harness's more often than a person's.
    let blocks = record["message"]["content"].as_array();
    let has_result = blocks.is_some_and(|all| all.iter().any(|b| b["type"] == "tool_result"));
    let is_command = text.starts_with('/') || text.starts_with('!');
    // A sub-agent's user is the assistant that started it.
    let required = !has_result && !is_command && !is("isSidechain");
    Some(("user", text, required))
}

/// A prompt typed while the assistant was at work.
fn queued(attachment: &Value) -> Option<(&'static str, String, bool)> {
    if attachment["type"] != "queued_command" {
        return None;
    }
    let text = unwrapped(&texts(&attachment["prompt"]));
    let is_human = attachment["commandMode"]
        .as_str()
        .is_none_or(|mode| mode == "prompt");
    Some(("user", text, is_human))
}

/// The text of a content: a string, or the text blocks of a list.
fn texts(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(blocks) => {
            let texts = blocks.iter().filter_map(|block| match block {
                Value::String(text) => Some(text.as_str()),
                block if block["type"] == "text" => block["text"].as_str(),
                _ => None,
            });
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// What is left when everything is taken out that the harness put in.
fn unwrapped(text: &str) -> String {
    let mut text = text.to_owned();
    if let Some(name) = inside(&text, "command-name") {
        let arguments = inside(&text, "command-args").unwrap_or_default();
        let shown = format!("{} {}", name.trim(), arguments.trim());
        return shown.trim().to_owned();
    }
    if let Some(command) = inside(&text, "bash-input") {
        return format!("!{}", command.trim());
    }
    for wrapper in WRAPPERS {
        while let Some((start, end)) = span(&text, wrapper) {
            text.replace_range(start..end, "");
        }
    }
    let is_notice = text.trim_start().starts_with("[Request interrupted")
        || text
            .trim_start()
            .starts_with("Base directory for this skill");
    if is_notice { String::new() } else { text }
}

/// What stands between the tags, if they are there.
fn inside(text: &str, tag: &str) -> Option<String> {
    let start = text.find(&format!("<{tag}>"))? + tag.len() + 2;
    let length = text[start..].find(&format!("</{tag}>"))?;
    Some(text[start..start + length].to_owned())
}

/// Where the first element of this name begins and ends; to the end of the text if it isn't closed.
fn span(text: &str, tag: &str) -> Option<(usize, usize)> {
    let start = text.find(&format!("<{tag}>"))?;
    let close = format!("</{tag}>");
    let end = text[start..]
        .find(&close)
        .map_or(text.len(), |at| start + at + close.len());
    Some((start, end))
}

#[cfg(test)]
mod tests {
    use super::unwrapped;

    #[test]
    fn what_a_person_typed_is_left() {
        let text = "fix it<system-reminder>\nbe careful\n</system-reminder> now";
        assert_eq!(unwrapped(text), "fix it now");
        let command = "<command-name>/model</command-name><command-args>opus</command-args>";
        assert_eq!(unwrapped(command), "/model opus");
    }
}
