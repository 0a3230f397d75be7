//! The words of a statement as they are compared.

use crate::text::{Analyzer, is_stop_word};

/// The words of a statement that say something, in the form that the indexes compare (lower case, English ones
/// by their stems), each once, sorted. Negations count: `not`, `no`, `never` and the like stand for themselves.
#[must_use]
pub fn fact_terms(text: &str) -> Vec<String> {
    let mut terms = Vec::new();
    Analyzer::new().terms(text, &mut |term| {
        let is_said = !is_stop_word(term.text) || matches!(term.text, "no" | "not" | "nor");
        if is_said && term.text != "user" && term.text != "person" {
            terms.push(term.text.to_owned());
        }
    });
    terms.sort_unstable();
    terms.dedup();
    terms
}

/// How much of the words of the shorter list stands in the other, 0 to 1. Both are sorted.
pub(super) fn overlap(one: &[String], other: &[String]) -> f32 {
    let shorter = one.len().min(other.len());
    if shorter == 0 {
        return 0.0;
    }
    let shared = one
        .iter()
        .filter(|word| other.binary_search(word).is_ok())
        .count();
    shared as f32 / shorter as f32
}
