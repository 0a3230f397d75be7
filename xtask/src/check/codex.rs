//! The second reading of Codex's records.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::said::{LogLine, Said, squeezed};

/// How items of the user's role begin that the harness wrote.
const HARNESS_OPENINGS: &[&str] = &[
    "<environment_context>",
    "<user_instructions>",
    "<permissions instructions>",
    "<INSTRUCTIONS>",
    "<turn_aborted>",
    "<user_shell_command>",
    "<skill>",
    "<collaboration_mode>",
    "<subagent_notification>",
    "# AGENTS.md instructions",
];

/// What an editor puts in front of the words that were typed there.
const EDITOR_HEADINGS: (&str, &str) = ("# Context from my IDE setup", "## My request for Codex:");

/// Reads the records of a file.
pub(super) fn read(records: &[(LogLine, Value)], said: &mut Vec<Said>) {
    let meta = records
        .iter()
        .find(|(_, record)| record["type"] == "session_meta");
    let meta = meta
        .map(|(_, record)| &record["payload"])
        .unwrap_or(&Value::Null);
    let session = meta["id"].as_str().unwrap_or_default();
    // A fork opens with a copy of its parent that an importer may or may not tell from new words.
    let is_fork = ["forked_from_id", "parent_thread_id"]
        .iter()
        .any(|name| meta[*name].is_string());
    for role in ["user", "assistant"] {
        let events: Vec<_> = records
            .iter()
            .filter_map(|record| event(record, role))
            .collect();
        let items: Vec<_> = records
            .iter()
            .filter_map(|record| item(record, role))
            .collect();
        // Every text is told twice; the events are the cleaner telling, where there are any.
        let events_tell = !events.is_empty();
        let mut left: BTreeMap<String, usize> = BTreeMap::new();
        let mut seen: HashMap<String, usize> = HashMap::new();
        let mut add = |(place, text): (&LogLine, String), required: bool| {
            let count = seen.entry(text.clone()).or_default();
            *count += 1;
            let place_in_file = if session.is_empty() {
                place.path.display().to_string()
            } else {
                session.to_owned()
            };
            let identity = format!("{place_in_file} {role} {count} {text}");
            said.push(Said {
                role,
                text,
                identity,
                required,
                countable: true,
                place: place.clone(),
            });
        };
        for (place, text) in events {
            *left.entry(text.clone()).or_default() += 1;
            add((place, text), !is_fork);
        }
        for (place, text) in items {
            match left.get_mut(&text).filter(|count| **count > 0) {
                Some(count) => *count -= 1,
                None => add((place, text), !events_tell && !is_fork),
            }
        }
    }
}

fn event<'a>((place, record): &'a (LogLine, Value), role: &str) -> Option<(&'a LogLine, String)> {
    let payload = &record["payload"];
    let wanted = if role == "user" {
        "user_message"
    } else {
        "agent_message"
    };
    if record["type"] != "event_msg" || payload["type"] != wanted {
        return None;
    }
    let is_plain = payload["kind"].as_str().is_none_or(|kind| kind == "plain");
    let text = typed(payload["message"].as_str().unwrap_or_default());
    (is_plain && is_said(&text)).then_some((place, text))
}

fn item<'a>((place, record): &'a (LogLine, Value), role: &str) -> Option<(&'a LogLine, String)> {
    let payload = &record["payload"];
    let is_message = payload["type"].is_null() || payload["type"] == "message";
    if record["type"] != "response_item" || !is_message || payload["role"] != role {
        return None;
    }
    let blocks = payload["content"].as_array()?;
    let texts = blocks.iter().filter_map(|block| block["text"].as_str());
    let text = typed(&texts.collect::<Vec<_>>().join("\n"));
    is_said(&text).then_some((place, text))
}

fn typed(text: &str) -> String {
    let request = text
        .starts_with(EDITOR_HEADINGS.0)
        .then(|| text.split_once(EDITOR_HEADINGS.1))
        .flatten();
    squeezed(request.map_or(text, |(_, request)| request))
}

fn is_said(text: &str) -> bool {
    !text.is_empty() && !HARNESS_OPENINGS.iter().any(|start| text.starts_with(start))
}
