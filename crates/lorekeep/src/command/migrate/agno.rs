//! What agno, which Chattr is built on, leaves as JSON: sessions with their runs, and memories of the person.

use recall::NewFact;
use serde_json::{Value, json};
use transcript::{FactOrigin, Role};

/// The longest fact that is taken, in bytes.
const MAX_FACT_BYTES: usize = 1_000;

/// What one file holds.
#[derive(Default)]
pub(super) struct AgnoFile {
    /// Messages in the generic format, one a line.
    pub(super) lines: String,
    pub(super) messages: usize,
    pub(super) conversations: usize,
    pub(super) facts: Vec<NewFact>,
}

impl AgnoFile {
    /// Reads a file: a list of sessions or memories, or an object with such lists.
    ///
    /// # Errors
    /// If it is no JSON.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let value: Value =
            serde_json::from_slice(bytes).map_err(|error| format!("is no JSON: {error}"))?;
        let mut file = Self::default();
        let lists: Vec<&Value> = match &value {
            Value::Object(fields) => fields.values().collect(),
            list => vec![list],
        };
        for entry in lists.into_iter().filter_map(Value::as_array).flatten() {
            if entry["runs"].is_array() {
                file.session(entry);
            } else if entry["memory"].is_string() {
                file.memory(entry);
            }
        }
        Ok(file)
    }

    fn session(&mut self, session: &Value) {
        let Some(id) = session["session_id"].as_str() else {
            return;
        };
        let title = session["session_data"]["session_name"].as_str();
        let mut count = 0;
        for (nth, run) in session["runs"].as_array().into_iter().flatten().enumerate() {
            let run_id = run["run_id"]
                .as_str()
                .map_or_else(|| format!("{id}-{nth}"), str::to_owned);
            for (at, (role, text, time)) in said(run).into_iter().enumerate() {
                let time = time
                    .or_else(|| time_of(&run["created_at"]))
                    .or_else(|| time_of(&session["created_at"]));
                let mut line = json!({
                    "id": format!("{run_id}-{at}"), "conversation": format!("chattr-{id}"), "project": "Chattr",
                    "role": role, "text": text,
                });
                let optional = [
                    ("time", time.and_then(|time| wire::when::time(Some(time)))),
                    ("title", title.map(str::to_owned)),
                    ("model", run["model"].as_str().map(str::to_owned)),
                ];
                for (name, value) in optional {
                    if let Some(value) = value {
                        line[name] = value.into();
                    }
                }
                self.lines.push_str(&line.to_string());
                self.lines.push('\n');
                count += 1;
            }
        }
        self.messages += count;
        self.conversations += usize::from(count > 0);
    }

    fn memory(&mut self, memory: &Value) {
        let text = memory["memory"].as_str().unwrap_or_default().trim();
        if text.is_empty() || text.len() > MAX_FACT_BYTES {
            return;
        }
        let topics = memory["topics"].as_array().into_iter().flatten();
        let topics = topics
            .filter_map(Value::as_str)
            .filter(|topic| topic.chars().count() <= 64);
        self.facts.push(NewFact {
            text: text.to_owned(),
            origin: FactOrigin {
                topics: topics.take(8).map(str::to_owned).collect(),
                ..FactOrigin::default()
            },
            // A model worded it.
            role: Role::Assistant,
            replaces: Vec::new(),
            created: time_of(&memory["updated_at"]).or_else(|| time_of(&memory["created_at"])),
        });
    }
}

/// Who said what in a run, and when: its messages but for those that repeat earlier runs, or else its input and its
/// answer.
fn said(run: &Value) -> Vec<(&'static str, String, Option<i64>)> {
    let messages = run["messages"].as_array().into_iter().flatten();
    let told: Vec<_> = messages
        .filter(|message| message["from_history"] != true)
        .filter_map(|message| {
            let role = match message["role"].as_str()? {
                "user" => "user",
                "assistant" | "model" => "assistant",
                _ => return None,
            };
            Some((
                role,
                text_of(&message["content"])?,
                time_of(&message["created_at"]),
            ))
        })
        .collect();
    if !told.is_empty() {
        return told;
    }
    let asked = text_of(&run["input"]["input_content"]).or_else(|| text_of(&run["input"]));
    let answered = text_of(&run["content"]);
    [("user", asked), ("assistant", answered)]
        .into_iter()
        .filter_map(|(role, text)| Some((role, text?, None)))
        .collect()
}

/// A text, or the texts of a list of parts.
fn text_of(content: &Value) -> Option<String> {
    let text = match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part["text"].as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => return None,
    };
    (!text.trim().is_empty()).then_some(text)
}

/// Milliseconds since 1970: agno has seconds, or a date.
fn time_of(value: &Value) -> Option<i64> {
    if let Some(seconds) = value.as_f64() {
        #[expect(
            clippy::cast_possible_truncation,
            reason = "times fit, and what doesn't is cut"
        )]
        return (seconds > 0.0).then_some((seconds * 1_000.0) as i64);
    }
    let time: jiff::Timestamp = value.as_str()?.parse().ok()?;
    Some(time.as_millisecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sessions_and_memories_are_read_in_the_shapes_that_agno_has() {
        let file = json!([
            {"session_id": "s1", "session_data": {"session_name": "Quinces"}, "created_at": 1_750_000_000, "runs": [
                {"run_id": "r1", "messages": [
                    {"role": "system", "content": "You are Napoleon."},
                    {"role": "user", "content": "Hello", "created_at": 1_750_000_001},
                    {"role": "assistant", "content": [{"type": "text", "text": "Bonjour"}]},
                ]},
                {"run_id": "r2", "messages": [
                    {"role": "user", "content": "Hello", "from_history": true},
                    {"role": "user", "content": "And now?"}, {"role": "tool", "content": "x"},
                ]},
                {"run_id": "r3", "input": {"input_content": "Last"}, "content": "Done"},
            ]},
            {"memory_id": "m", "memory": "likes quinces", "topics": ["food"], "updated_at": "2025-06-01T10:00:00Z"},
            {"memory": 5}, {"session_id": 7, "runs": []}, "junk",
        ]);
        let read = AgnoFile::read(file.to_string().as_bytes()).expect("it is JSON");
        let lines: Vec<Value> = read
            .lines
            .lines()
            .map(|line| serde_json::from_str(line).expect("JSON"))
            .collect();
        let texts: Vec<&str> = lines
            .iter()
            .filter_map(|line| line["text"].as_str())
            .collect();
        assert_eq!(texts, ["Hello", "Bonjour", "And now?", "Last", "Done"]);
        assert_eq!((read.messages, read.conversations), (5, 1));
        assert_eq!(lines[0]["time"], "2025-06-15T15:06:41.000Z");
        assert_eq!(
            (read.facts.len(), read.facts[0].created),
            (1, Some(1_748_772_000_000))
        );
        assert!(AgnoFile::read(b"{").is_err());
    }
}
