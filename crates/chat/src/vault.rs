//! What placeholders stand for, so that an author sees their own words where the model and the archive have
//! placeholders. It is in memory only, and gone with the process.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use guard::{Finding, Masker};
use serde_json::Value;

/// How a placeholder begins; see `guard::Mask::Placeholder`.
const PLACEHOLDER_START: &str = "[masked:";

/// The longest placeholder, in bytes: its start, 56 bytes of a name, a colon, its digits and a bracket.
const MAX_PLACEHOLDER_BYTES: usize = PLACEHOLDER_START.len() + 56 + 1 + 16 + 1;

/// Values that one conversation remembers at most; what is more stays a placeholder.
const MAX_VALUES: usize = 10_000;

/// The values that one conversation's placeholders stand for.
#[derive(Clone, Default)]
pub(crate) struct PlaceholderVault {
    values: Arc<Mutex<HashMap<String, String>>>,
}

impl std::fmt::Debug for PlaceholderVault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PlaceholderVault")
    }
}

impl PlaceholderVault {
    /// Masks findings of a text, and remembers what stands behind the placeholders.
    pub(crate) fn mask(&self, masker: &Masker, text: &str, findings: &[Finding]) -> String {
        let masked = masker.mask(text, findings).into_owned();
        let mut values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        let mut rest = text;
        let mut placed = masked.as_str();
        while let Some(start) = placed.find(PLACEHOLDER_START) {
            let Some(length) = placed[start..].find(']').map(|end| end + 1) else {
                break;
            };
            let placeholder = &placed[start..start + length];
            // What stands between findings is the same in both.
            rest = &rest[start..];
            placed = &placed[start + length..];
            let covered = covered(findings, text, rest);
            if covered == 0 {
                // It stood in the text already.
                rest = &rest[length..];
                continue;
            }
            if values.len() < MAX_VALUES {
                values.insert(placeholder.to_owned(), rest[..covered].to_owned());
            }
            rest = &rest[covered..];
        }
        masked
    }

    /// A JSON value with the author's own words in the texts that it holds.
    pub(crate) fn reveal_in(&self, value: Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.reveal(&text).into_owned()),
            Value::Array(values) => values
                .into_iter()
                .map(|value| self.reveal_in(value))
                .collect(),
            Value::Object(values) => values
                .into_iter()
                .map(|(name, value)| (name, self.reveal_in(value)))
                .collect(),
            other => other,
        }
    }

    /// A text that answers to another one, with that one's placeholders again where it repeats what they stand for.
    pub(crate) fn hide<'t>(&self, asked: &str, text: &'t str) -> Cow<'t, str> {
        let mut text = Cow::Borrowed(text);
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        for (start, _) in asked.match_indices(PLACEHOLDER_START) {
            let Some(length) = asked[start..].find(']') else {
                break;
            };
            let placeholder = &asked[start..=start + length];
            if let Some(value) = values.get(placeholder)
                && text.contains(value.as_str())
            {
                text = Cow::Owned(text.replace(value.as_str(), placeholder));
            }
        }
        text
    }

    /// The text with what its placeholders stand for, as far as that is remembered.
    pub(crate) fn reveal<'t>(&self, text: &'t str) -> Cow<'t, str> {
        self.reveal_as(text, str::to_owned)
    }

    /// As [`Self::reveal`], with values in the form that the text around them needs.
    fn reveal_as<'t>(&self, text: &'t str, form: fn(&str) -> String) -> Cow<'t, str> {
        if !text.contains(PLACEHOLDER_START) {
            return Cow::Borrowed(text);
        }
        let values = self.values.lock().unwrap_or_else(PoisonError::into_inner);
        if values.is_empty() {
            return Cow::Borrowed(text);
        }
        let mut out = String::with_capacity(text.len());
        let mut rest = text;
        while let Some(start) = rest.find(PLACEHOLDER_START) {
            out.push_str(&rest[..start]);
            rest = &rest[start..];
            let length = rest.find(']').map_or(rest.len(), |end| end + 1);
            match values.get(&rest[..length]) {
                Some(value) => {
                    out.push_str(&form(value));
                    rest = &rest[length..];
                }
                None => {
                    out.push_str(PLACEHOLDER_START);
                    rest = &rest[PLACEHOLDER_START.len()..];
                }
            }
        }
        out.push_str(rest);
        Cow::Owned(out)
    }
}

/// Whether a text has anything in it that looks like a placeholder.
pub(crate) fn has_placeholders(text: &str) -> bool {
    text.contains(PLACEHOLDER_START)
}

/// How many bytes of `rest`, the end of `text`, the findings that begin there cover.
fn covered(findings: &[Finding], text: &str, rest: &str) -> usize {
    let start = text.len() - rest.len();
    let mut end = start;
    let mut grows = true;
    while grows {
        grows = false;
        for finding in findings {
            let touches = finding.start == start || (finding.start < end && finding.start >= start);
            if touches && finding.end > end {
                end = finding.end;
                grows = true;
            }
        }
    }
    end - start
}

/// Puts values into a text that comes in pieces: a placeholder may be cut anywhere.
#[derive(Debug)]
pub(crate) struct Revealer {
    vault: PlaceholderVault,
    /// The form that values need in the text.
    form: fn(&str) -> String,
    /// The start of what may become a placeholder.
    held: String,
}

impl Revealer {
    pub(crate) fn new(vault: PlaceholderVault) -> Self {
        Self {
            vault,
            form: str::to_owned,
            held: String::new(),
        }
    }

    /// For a text that is JSON, in whose strings placeholders stand.
    pub(crate) fn for_json(vault: PlaceholderVault) -> Self {
        Self {
            form: |value| {
                let quoted = serde_json::Value::from(value).to_string();
                quoted[1..quoted.len() - 1].to_owned()
            },
            ..Self::new(vault)
        }
    }

    /// The next piece as its author sees it; what may be the start of a placeholder is held back.
    pub(crate) fn push(&mut self, piece: &str) -> String {
        if self.held.is_empty() && !piece.contains('[') {
            return piece.to_owned();
        }
        self.held.push_str(piece);
        let safe = self.safe();
        let rest = self.held.split_off(safe);
        let out = self.vault.reveal_as(&self.held, self.form).into_owned();
        self.held = rest;
        out
    }

    /// What was held back.
    pub(crate) fn finish(&mut self) -> String {
        let rest = std::mem::take(&mut self.held);
        self.vault.reveal_as(&rest, self.form).into_owned()
    }

    /// How much of what is held can't become a part of a placeholder.
    fn safe(&self) -> usize {
        let held = self.held.as_str();
        let mut from = held.len();
        while let Some(open) = held[..from].rfind('[') {
            let tail = &held[open..];
            let begins = PLACEHOLDER_START.starts_with(tail) || tail.starts_with(PLACEHOLDER_START);
            if begins && !tail.contains(']') && tail.len() < MAX_PLACEHOLDER_BYTES {
                return open;
            }
            if held.len() - open > MAX_PLACEHOLDER_BYTES {
                break;
            }
            from = open;
        }
        held.len()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use guard::{Kind, Mask};

    use super::*;

    fn finding(start: usize, end: usize) -> Finding {
        Finding {
            kind: Kind::Pii,
            entity: Cow::Borrowed("EMAIL_ADDRESS"),
            rule: Cow::Borrowed("email"),
            start,
            end,
            score: 1.0,
            why: Cow::Borrowed(""),
        }
    }

    fn masked(text: &str, findings: &[Finding]) -> (PlaceholderVault, String) {
        let vault = PlaceholderVault::default();
        let masker = Masker::new(&[1; 32], Mask::Placeholder);
        let masked = vault.mask(&masker, text, findings);
        (vault, masked)
    }

    #[test]
    fn what_was_masked_is_put_back() {
        let text = "to ann@example.org and bob@example.org, [masked:X:00000000] too";
        let all = [finding(3, 18), finding(23, 38)];
        let (vault, masked) = masked(text, &all);
        assert!(!masked.contains("@example"), "{masked}");
        assert_eq!(vault.reveal(&masked), text);
        assert_eq!(
            vault.reveal("[masked:EMAIL_ADDRESS:ffffffff]"),
            "[masked:EMAIL_ADDRESS:ffffffff]"
        );
    }

    #[test]
    fn overlapping_and_adjacent_findings_are_put_back() {
        let text = "aaaabbbbcccc";
        for all in [
            vec![finding(0, 4), finding(4, 8)],
            vec![finding(0, 6), finding(4, 8)],
            vec![finding(2, 12)],
            vec![finding(0, 12), finding(4, 8)],
        ] {
            let (vault, masked) = masked(text, &all);
            assert_eq!(vault.reveal(&masked), text, "{all:?}");
        }
    }

    #[test]
    fn pieces_are_revealed_as_the_whole_is_however_it_is_cut() {
        let text = "[a] ann@example.org [mask [masked: [masked:EMAIL";
        let (vault, masked) = masked(text, &[finding(4, 19)]);
        for first in 0..=masked.len() {
            for second in first..=masked.len() {
                let mut revealer = Revealer::new(vault.clone());
                let mut out = revealer.push(&masked[..first]);
                out += &revealer.push(&masked[first..second]);
                out += &revealer.push(&masked[second..]);
                out += &revealer.finish();
                assert_eq!(out, text, "{first} {second}");
            }
        }
    }
}
