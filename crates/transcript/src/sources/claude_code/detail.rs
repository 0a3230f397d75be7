//! What the harness kept of a tool's result beside what the model was shown, without what the
//! output or the call's arguments say already: it is a third of a session's bytes, and half of that
//! is repetition.
//!
//! A part is left out only where its text was compared and is elsewhere in the message or its call,
//! or where it is a picture's data. Everything else stays, above all patches and original files.

use std::borrow::Cow;

use serde_json::Value;
use serde_json::value::RawValue;

use super::text::tool_output;
use crate::bounds;
use crate::content::MessageContent;
use crate::fingerprint::fingerprint;
use crate::json::{JsonEntries, json_text, whole_surrogates};

use super::parts::all_text;

/// The detail worth keeping, as JSON text. `arguments` are fingerprints of those of the call.
pub(super) fn slim(detail: &RawValue, output: &str, arguments: &[u64]) -> Option<String> {
    // One of very many parts isn't taken apart: it stays as it is.
    match bounds::is_small(detail.get()) {
        true => bounds::aside(|| slim_parts(detail, output, arguments)),
        false => Some(json_text(detail)),
    }
}

fn slim_parts(detail: &RawValue, output: &str, arguments: &[u64]) -> Option<String> {
    let json = match detail.get().contains("base64") {
        true => without_pictures(detail),
        false => json_text(detail),
    };
    let known = KnownTexts { output, arguments };
    match json.as_bytes().first() {
        Some(b'"') => known.text(&json).then_some(json),
        Some(b'[') => known.blocks(&json).then_some(json),
        Some(b'{') => known.object(&json),
        _ => (json != "null").then_some(json),
    }
}

/// What was said already.
struct KnownTexts<'a> {
    output: &'a str,
    arguments: &'a [u64],
}

impl KnownTexts<'_> {
    /// Whether a string that stands for a whole detail is news.
    fn text(&self, json: &str) -> bool {
        let Ok(text) = serde_json::from_str::<Cow<'_, str>>(json) else {
            return true;
        };
        let text = text.strip_prefix("Error: ").unwrap_or(&text);
        !self.is_output(text)
    }

    /// Whether an array of blocks that stands for a whole detail is news.
    fn blocks(&self, json: &str) -> bool {
        match serde_json::from_str::<MessageContent<'_>>(json) {
            Ok(content) => {
                let text = all_text(&content);
                text.is_empty() || !self.is_output(&text)
            }
            Err(_) => true,
        }
    }

    /// The entries of an object that are news.
    fn object(&self, json: &str) -> Option<String> {
        let Ok(JsonEntries(entries)) = serde_json::from_str::<JsonEntries<'_>>(json) else {
            return Some(json.to_owned());
        };
        let mut kept = String::with_capacity(json.len());
        let mut is_news = false;
        for (key, value) in &entries {
            let Some(value) = self.entry(key.as_str(), value) else {
                continue;
            };
            is_news |= !is_empty(&value);
            kept.push(if kept.is_empty() { '{' } else { ',' });
            // Keys are strings; to write one can't fail.
            kept.push_str(&serde_json::to_string(key.as_str()).unwrap_or_default());
            kept.push(':');
            kept.push_str(&value);
        }
        kept.push('}');
        is_news.then_some(kept)
    }

    /// What of an entry is news.
    fn entry<'v>(&self, key: &str, value: &'v RawValue) -> Option<Cow<'v, str>> {
        let json = value.get();
        let is_known = match (key, json.as_bytes().first()) {
            (_, Some(b'"')) => self.has_text(key, json),
            ("content", Some(b'[')) => serde_json::from_str::<MessageContent<'_>>(json)
                .is_ok_and(|content| self.has_part(&all_text(&content))),
            ("filenames", Some(b'[')) => serde_json::from_str::<Vec<String>>(json)
                .is_ok_and(|names| self.has_part(&names.join("\n"))),
            ("file", Some(b'{')) => return self.file(json).map(Cow::Owned),
            _ => false,
        };
        (!is_known).then_some(Cow::Borrowed(json))
    }

    /// Whether a string in an object is known.
    fn has_text(&self, key: &str, json: &str) -> bool {
        let Ok(text) = serde_json::from_str::<Cow<'_, str>>(json) else {
            return false;
        };
        if text.is_empty() {
            return false;
        }
        self.arguments.contains(&fingerprint(&text))
            || self.is_output(&text)
            // What a command wrote to stderr, or a note on what was cut, follows in the output.
            || matches!(key, "stdout" | "content" | "result")
                && self.output.trim_start().starts_with(text.trim())
    }

    /// What of a file that was read is news: its content is in the output, with line numbers.
    fn file(&self, json: &str) -> Option<String> {
        let Ok(JsonEntries(entries)) = serde_json::from_str::<JsonEntries<'_>>(json) else {
            return Some(json.to_owned());
        };
        let mut kept = Vec::new();
        for (key, value) in &entries {
            let is_known = key.as_str() == "content"
                && serde_json::from_str::<Cow<'_, str>>(value.get())
                    .is_ok_and(|content| is_numbered(self.output, &content));
            if !is_known {
                let key = serde_json::to_string(key.as_str()).unwrap_or_default();
                kept.push(format!("{key}:{}", value.get()));
            }
        }
        Some(format!("{{{}}}", kept.join(",")))
    }

    fn is_output(&self, text: &str) -> bool {
        let output = self.output.trim();
        text.trim() == output || tool_output(text).trim() == output
    }

    fn has_part(&self, text: &str) -> bool {
        !text.trim().is_empty() && self.output.contains(text.trim())
    }
}

/// Whether a value says nothing.
fn is_empty(json: &str) -> bool {
    matches!(json, "\"\"" | "false" | "null" | "[]" | "{}")
}

/// Whether an output is a file's content with a number before each line. The end of the last line
/// may count as a line of its own.
fn is_numbered(output: &str, content: &str) -> bool {
    let mut shown = output.split('\n').filter_map(unnumbered);
    let body = content.strip_suffix('\n').unwrap_or(content);
    if !body.split('\n').all(|line| shown.next() == Some(line)) {
        return false;
    }
    let rest = shown.next();
    rest.is_none() || body.len() < content.len() && rest == Some("") && shown.next().is_none()
}

fn unnumbered(line: &str) -> Option<&str> {
    let rest = line
        .trim_start()
        .trim_start_matches(|digit: char| digit.is_ascii_digit());
    rest.strip_prefix('→').or_else(|| rest.strip_prefix('\t'))
}

/// A detail without the data of its pictures.
fn without_pictures(detail: &RawValue) -> String {
    match serde_json::from_str(&whole_surrogates(detail.get())) {
        Ok(mut value) => {
            drop_pictures(&mut value);
            value.to_string()
        }
        Err(_) => json_text(detail),
    }
}

fn drop_pictures(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(drop_pictures),
        Value::Object(entries) => {
            entries.remove("base64");
            if entries.get("type").and_then(Value::as_str) == Some("base64") {
                entries.remove("data");
            }
            entries.values_mut().for_each(drop_pictures);
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(detail: &str, output: &str, expected: Option<&str>) {
        let raw = RawValue::from_string(detail.to_owned()).unwrap();
        let prompt = "a prompt that is long enough to be told by its fingerprint, as it must be";
        assert_eq!(
            slim(&raw, output, &[fingerprint(prompt)]).as_deref(),
            expected,
            "{detail}"
        );
    }

    #[test]
    fn what_the_output_says_goes() {
        check(r#""Error: no such file""#, "no such file", None);
        check(r#"[{"type":"text","text":"found"}]"#, "found", None);
        let quiet = r#"{"stdout":"a\nb","stderr":"","interrupted":false}"#;
        check(quiet, "a\nb\n", None);
        let loud = r#"{"stdout":"a","stderr":"b","interrupted":false}"#;
        check(loud, "a\nb", Some(r#"{"stderr":"b","interrupted":false}"#));
        check(
            r#"{"filenames":["a","b"],"numFiles":2}"#,
            "Found 2 files\na\nb",
            Some(r#"{"numFiles":2}"#),
        );
        let read = r#"{"type":"text","file":{"filePath":"f","content":"x\n\ny\n","numLines":3}}"#;
        let kept = r#"{"type":"text","file":{"filePath":"f","numLines":3}}"#;
        check(read, "     1→x\n     2→\n     3→y", Some(kept));
        check(read, "     1→x\n     2→\n     3→y\n     4→\n", Some(kept));
        check(read, "     1→x", Some(read));
    }

    #[test]
    fn what_the_call_says_goes() {
        let task = r#"{"prompt":"a prompt that is long enough to be told by its fingerprint, as it must be","totalTokens":7}"#;
        check(task, "", Some(r#"{"totalTokens":7}"#));
    }

    #[test]
    fn news_and_originals_stay() {
        let edit = r#"{"filePath":"f","originalFile":"old","structuredPatch":[{"oldStart":1}]}"#;
        check(edit, "The file f has been updated.", Some(edit));
        check(r#""something else""#, "found", Some(r#""something else""#));
    }

    #[test]
    fn pictures_go() {
        let read = r#"{"type":"image","file":{"base64":"aGk=","type":"image/png"}}"#;
        check(
            read,
            "",
            Some(r#"{"file":{"type":"image/png"},"type":"image"}"#),
        );
    }
}
