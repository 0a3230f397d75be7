//! What comes of a call, and what the model is told of it.

use std::sync::Arc;

use guard::{Action, Engine, Masker, Policy};
use serde_json::{Value, json};
use wire::tokens;

use crate::guards::FoundHere;
use crate::steps::{CallState, MediaPlace};

/// The longest text that is judged whole, in bytes; what is behind it is neither told nor kept.
pub(crate) const MAX_TEXT_BYTES: usize = 4 << 20;

/// A text that a tool gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OutcomeText {
    pub(crate) text: String,
    /// Whether it was judged already, such as what the archive gives.
    pub(crate) is_judged: bool,
}

impl OutcomeText {
    pub(crate) fn judged(text: String) -> Self {
        Self {
            text,
            is_judged: true,
        }
    }

    pub(crate) fn foreign(text: String) -> Self {
        Self {
            text,
            is_judged: false,
        }
    }
}

/// What came of a call.
#[derive(Clone, Debug, Default)]
pub(crate) struct ToolOutcome {
    pub(crate) state: CallState,
    /// What the model is told.
    pub(crate) told: String,
    /// All of the text, where the model is told a part.
    pub(crate) whole: Option<String>,
    pub(crate) media: Vec<MediaPlace>,
    pub(crate) findings: Vec<Value>,
}

impl ToolOutcome {
    /// A call that wasn't made, or failed.
    pub(crate) fn failed(state: CallState, why: &str) -> Self {
        Self {
            state,
            told: format!("error: {why}"),
            ..Self::default()
        }
    }

    /// A result as the model may have it: judged as text of others, and not longer than it should be.
    pub(crate) fn of_text(
        text: OutcomeText,
        is_error: bool,
        (engine, masker, policy): (&Arc<Engine>, &Masker, &Policy),
        max_tokens: usize,
    ) -> Self {
        let state = match is_error {
            true => CallState::Failed,
            false => CallState::Done,
        };
        let OutcomeText {
            mut text,
            is_judged,
        } = text;
        text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES.min(text.len())));
        let mut findings = Vec::new();
        if !is_judged {
            let judgement = engine.judge(&text, policy);
            findings = judgement
                .findings
                .iter()
                .map(|judged| json!(FoundHere::new(judged)))
                .collect();
            if judgement.action >= Action::Quarantine {
                return Self {
                    findings,
                    ..Self::withheld(&judgement)
                };
            }
            text = masker
                .mask(&text, &judgement.with(Action::Mask))
                .into_owned();
        }
        let (told, whole) = match tokens::estimate(&text) > max_tokens {
            false => (text, None),
            true => (shortened(&text, max_tokens), Some(text)),
        };
        Self {
            state,
            told: match (told.is_empty(), is_error) {
                (true, _) => "(the tool gave nothing)".to_owned(),
                (false, true) => format!("error: {told}"),
                (false, false) => told,
            },
            whole,
            media: Vec::new(),
            findings,
        }
    }

    fn withheld(judgement: &guard::Judgement) -> Self {
        let first = judgement
            .findings
            .iter()
            .find(|judged| judged.action >= Action::Quarantine);
        let why = match first {
            Some(judged) => judged.finding.why.to_string(),
            None => "it couldn't be checked".to_owned(),
        };
        Self::failed(
            CallState::Refused,
            &format!("the result is withheld from you and was shown to nobody: {why}"),
        )
    }
}

/// The start and the end of a text that is too long for the model.
fn shortened(text: &str, max_tokens: usize) -> String {
    let head = tokens::start(text, max_tokens * 3 / 4);
    let mut from =
        text.ceil_char_boundary(text.len() - (max_tokens / 4).min(text.len() - head.len()));
    while from < text.len() && tokens::estimate(&text[from..]) > max_tokens / 4 {
        from = text.ceil_char_boundary(from + (text.len() - from) / 3 + 1);
    }
    let left_out = from - head.len();
    format!(
        "{head}\n[… {left_out} bytes are left out here; the person can open all of it …]\n{}",
        &text[from..]
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_result_is_told_by_its_start_and_its_end() {
        let text: String = (0..20_000).map(|at| format!("zeile {at} ä\n")).collect();
        let told = shortened(&text, 1_000);
        assert!(told.starts_with("zeile 0 ä"));
        assert!(told.ends_with("zeile 19999 ä\n"));
        assert!(
            tokens::estimate(&told) < 1_100,
            "{}",
            tokens::estimate(&told)
        );
    }
}
