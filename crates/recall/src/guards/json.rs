//! Masking in JSON text, which stays JSON.

use std::borrow::Cow;
use std::ops::Range;

/// Replaces the values of strings that hold escapes, where `mask` changes what they stand for; all
/// else stays as it is written.
pub(super) fn strings(text: &str, mask: &mut impl FnMut(&str) -> Option<String>) -> Option<String> {
    let mut out = String::new();
    let mut done = 0;
    for range in literals(text) {
        let literal = &text[range.clone()];
        // Without escapes a string says what it looks like: that is masked with all around it.
        if !literal.contains('\\') {
            continue;
        }
        let Ok(plain) = serde_json::from_str::<Cow<'_, str>>(literal) else {
            continue;
        };
        let Some(masked) = mask(&plain) else { continue };
        // A string always serialises.
        let masked = serde_json::to_string(&masked).unwrap_or_else(|_| "\"\"".to_owned());
        out.push_str(&text[done..range.start]);
        out.push_str(&masked);
        done = range.end;
    }
    if done == 0 {
        return None;
    }
    out.push_str(&text[done..]);
    Some(out)
}

/// Where strings stand in JSON text, with their quotation marks.
fn literals(text: &str) -> impl Iterator<Item = Range<usize>> {
    let bytes = text.as_bytes();
    let mut at = 0;
    std::iter::from_fn(move || {
        let start = at + bytes.get(at..)?.iter().position(|byte| *byte == b'"')?;
        let mut end = start + 1;
        loop {
            match bytes.get(end)? {
                b'\\' => end += 2,
                b'"' => break,
                _ => end += 1,
            }
        }
        at = end + 1;
        Some(start..at)
    })
}

/// Whether a text is one JSON value.
pub(super) fn is_value(text: &str) -> bool {
    serde_json::from_str::<serde::de::IgnoredAny>(text).is_ok()
}

/// A text as a JSON string.
pub(super) fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_strings_with_escapes_are_looked_into() {
        let text = r#"{"a\n": "plain", "b": ["x\ty", 1, "\"\\"]} "#;
        let mut seen = Vec::new();
        let mut mask = |plain: &str| {
            seen.push(plain.to_owned());
            plain.contains('\t').then(|| "[\"masked\"]".to_owned())
        };
        let masked = strings(text, &mut mask);
        assert_eq!(
            masked.as_deref(),
            Some(r#"{"a\n": "plain", "b": ["[\"masked\"]", 1, "\"\\"]} "#)
        );
        assert_eq!(seen, ["a\n", "x\ty", "\"\\"]);
        assert!(is_value(&masked.unwrap_or_default()));
    }

    #[test]
    fn what_is_no_json_does_no_harm() {
        for text in [
            "",
            "\"",
            "\"\\",
            "a \"b\\\" c",
            "\\\"\\u12\"",
            "\"\\ud800\"",
        ] {
            assert_eq!(strings(text, &mut |_| Some(String::new())), None, "{text}");
        }
    }
}
