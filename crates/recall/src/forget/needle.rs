//! A text that is looked for in messages, in whichever form it stands there.

use serde_json::Value;
use transcript::{Marking, Message};
use unicode_normalization::UnicodeNormalization as _;

/// A text that is looked for: in one form of Unicode (NFKC), in lower case, with single spaces, and without
/// what no reader sees.
pub(super) struct Needle(String);

impl Needle {
    /// The needle of a text; `None` if it has nothing to look for.
    pub(super) fn new(text: &str) -> Option<Self> {
        let folded = folded(text);
        (!folded.is_empty()).then_some(Self(folded))
    }

    /// Whether a text holds it.
    pub(super) fn is_in(&self, text: &str) -> bool {
        folded(text).contains(&self.0)
    }

    /// Whether a message holds it: in what was said or thought, in what tools were given and gave back, or
    /// in a path.
    pub(super) fn is_in_message(&self, message: &Message) -> bool {
        self.is_in(&message.text)
            || self.is_in(&message.thinking)
            || message
                .tools
                .iter()
                .any(|call| self.is_in_value(&call.input))
            || message.results.iter().any(|result| {
                let detail = result.detail.as_deref();
                self.is_in_value(&result.output)
                    || detail.is_some_and(|text| self.is_in_value(text))
            })
            || message.files.iter().any(|touch| self.is_in(&touch.path))
    }

    /// Whether a mark holds it.
    pub(super) fn is_in_mark(&self, mark: &Marking) -> bool {
        let texts = [&mark.evidence, &mark.claim];
        texts.into_iter().flatten().any(|text| self.is_in(text))
    }

    /// Whether a text holds it, which may be JSON in which it is escaped.
    fn is_in_value(&self, text: &str) -> bool {
        self.is_in(text)
            || text.contains('\\')
                && serde_json::from_str(text).is_ok_and(|value| self.is_in_json(&value))
    }

    fn is_in_json(&self, value: &Value) -> bool {
        match value {
            Value::String(text) => self.is_in(text),
            Value::Array(values) => values.iter().any(|value| self.is_in_json(value)),
            Value::Object(entries) => entries
                .iter()
                .any(|(key, value)| self.is_in(key) || self.is_in_json(value)),
            _ => false,
        }
    }
}

/// A text as it is compared.
fn folded(text: &str) -> String {
    let visible = guard::without_hidden(text);
    let mut folded = String::with_capacity(visible.len());
    let composed: String = match visible.is_ascii() {
        true => visible.into_owned(),
        false => visible.nfkc().collect(),
    };
    for word in composed.split_whitespace() {
        if !folded.is_empty() {
            folded.push(' ');
        }
        // A sigma at the end of a word is the same letter.
        let lower = word.chars().flat_map(char::to_lowercase);
        folded.extend(lower.map(|letter| if letter == 'ς' { 'σ' } else { letter }));
    }
    folded
}
