//! What a second, slow and plain reading of logs finds in them. It shares no code with the
//! importers, so that a mistake would have to be made twice to go unseen.

use std::path::Path;

use serde_json::{Deserializer, Value};

use super::said::{LogLine, Said, squeezed};
use super::{claude, codex};

/// What all files hold.
#[derive(Default)]
pub(super) struct Expected {
    /// Texts, repeats included.
    pub(super) said: Vec<Said>,
    /// Lines that aren't JSON and must be reported.
    pub(super) broken: Vec<LogLine>,
    /// Half a last line, which may still be waiting for its other half, and lines that are JSON
    /// but no record: these may be reported.
    pub(super) doubtful: Vec<LogLine>,
    /// Files of each kind.
    pub(super) files: [usize; 4],
}

/// Whose a file is.
#[derive(Clone, Copy)]
enum LogOwner {
    Claude,
    Codex,
    Generic,
    Other,
}

impl Expected {
    /// Reads one file, whatever it is.
    pub(super) fn read(&mut self, path: &Path) -> anyhow::Result<()> {
        let name = path
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        let is_log = name.ends_with(".jsonl") || name.ends_with(".jsonl.zst");
        // The helper of compaction, a journal and an index hold no conversation of their own.
        let is_side = name.starts_with("agent-acompact-")
            || ["journal.jsonl", "session_index.jsonl", "history.jsonl"].contains(&name.as_str());
        let twin = path.with_extension("");
        if !is_log || is_side || (name.ends_with(".zst") && twin.exists()) {
            return Ok(());
        }
        let mut bytes = fs_err::read(path)?;
        if name.ends_with(".zst") {
            bytes = zstd::decode_all(bytes.as_slice())?;
        }
        let text = String::from_utf8_lossy(&bytes);
        let (records, broken) = records(path, &text);
        let kind = kind_of(&records);
        self.files[kind as usize] += 1;
        match kind {
            LogOwner::Claude => claude::read(&records, &mut self.said),
            LogOwner::Codex => codex::read(&records, &mut self.said),
            LogOwner::Generic => generic(&records, &mut self.said),
            LogOwner::Other => return Ok(()),
        }
        let not_records = records.iter().filter(|(_, record)| !record.is_object());
        self.doubtful
            .extend(not_records.map(|(place, _)| place.clone()));
        let last_is_open = !text.ends_with('\n');
        for place in broken {
            if last_is_open && place.line == text.lines().count() {
                self.doubtful.push(place);
            } else {
                self.broken.push(place);
            }
        }
        Ok(())
    }
}

/// Every JSON value of a file with its line, and the lines that hold something else. Two values
/// glued together on a line are two records.
fn records(path: &Path, text: &str) -> (Vec<(LogLine, Value)>, Vec<LogLine>) {
    let mut records = Vec::new();
    let mut broken = Vec::new();
    for (line, number) in text.split('\n').zip(1..) {
        let place = LogLine {
            path: path.to_path_buf(),
            line: number,
        };
        for value in Deserializer::from_str(line).into_iter::<Value>() {
            match value {
                Ok(value) => records.push((place.clone(), value)),
                Err(_) => broken.push(place.clone()),
            }
        }
    }
    (records, broken)
}

fn kind_of(records: &[(LogLine, Value)]) -> LogOwner {
    for (_, record) in records.iter().take(50) {
        if record["payload"].is_object() && record["type"].is_string() {
            return LogOwner::Codex;
        }
        let is_message = ["user", "assistant"]
            .iter()
            .any(|kind| record["type"] == *kind)
            && record["message"].is_object();
        if record["sessionId"].is_string() || record["leafUuid"].is_string() || is_message {
            return LogOwner::Claude;
        }
        let has = |name: &str| record[name].is_string();
        if has("conversation") && has("role") && has("text") {
            return LogOwner::Generic;
        }
    }
    LogOwner::Other
}

fn generic(records: &[(LogLine, Value)], said: &mut Vec<Said>) {
    for (place, record) in records {
        let text = squeezed(record["text"].as_str().unwrap_or_default());
        let role = match record["role"].as_str() {
            Some("user") => "user",
            Some("assistant") => "assistant",
            _ => continue,
        };
        let identity = format!("{} {}", record["conversation"], record["id"]);
        if !text.is_empty() {
            said.push(Said {
                role,
                text,
                identity,
                required: true,
                countable: true,
                place: place.clone(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::records;

    #[test]
    fn glued_and_broken_lines_are_told_apart() {
        let (records, broken) = records(Path::new("a"), "{\"a\":1}{\"b\":2}\n\n{\"c\":\n");
        assert_eq!(records.len(), 2);
        assert_eq!(broken[0].line, 3);
    }
}
