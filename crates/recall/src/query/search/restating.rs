//! Messages that repeat the question or announce a look at it: they share its words like no other, and
//! answer nothing. They rank below what does.

use rusqlite::Connection;
use rustc_hash::FxHashSet;
use transcript::{MessageKind, Role};

use super::candidate::{Candidate, sort};
use super::exact::text_of;
use super::query::Query;
use crate::Result;
use crate::store::Reader;
use crate::text::{Analyzer, is_asking_word, is_stop_word};

/// The factor for evidence and score of what restates the question.
pub(super) const RESTATING_FACTOR: f32 = 0.6;

/// Candidates that are looked at beyond the hits that are wanted, and in all at most: each text is unpacked.
const LOOKED_AT_BEYOND: usize = 4;
const MAX_LOOKED_AT: usize = 40;

/// Bytes of a message that may restate the question; more says more.
const MAX_QUESTION_BYTES: usize = 400;
const MAX_ANNOUNCEMENT_BYTES: usize = 240;

/// The share of a question's own words that are the query's, from which it is the same question; for a text
/// that doesn't read like a question.
const SAME_QUESTION: f32 = 0.7;
const SAME_WORDS: f32 = 0.9;

/// What assistants begin with when they say what they are about to do, in lower case.
const ANNOUNCING: &[&str] = &[
    "let me ",
    "let's ",
    "i'll ",
    "i’ll ",
    "i will ",
    "i'm going to ",
    "i need to ",
    "now let me ",
    "now i'll ",
    "now i need to ",
    "first, let me ",
    "first let me ",
    "next, i'll ",
    "next, let me ",
    "ok, let me ",
    "okay, let me ",
    "sure, let me ",
    "sure, i'll ",
    "great, let me ",
    "good, let me ",
    "looking ",
    "checking ",
    "searching ",
    "ich schaue ",
    "ich sehe ",
    "ich prüfe ",
    "ich suche ",
    "lass mich ",
    "schauen wir ",
    "voy a ",
    "déjame ",
    "vamos a ",
    "veamos ",
    "je vais ",
    "laissez-moi ",
    "laisse-moi ",
    "regardons ",
    "vou ",
    "deixe-me ",
    "vamos ",
    "fammi ",
    "lasciami ",
    "vediamo ",
    "давайте ",
    "давай ",
    "сейчас ",
    "я посмотрю ",
    "让我",
    "我来",
    "我先",
    "我将",
    "讓我",
    "我會先",
    "まず",
    "確認します",
    "調べます",
    "見てみます",
    "살펴보",
    "확인해",
    "먼저 ",
];

/// Lowers the evidence of candidates that restate the question, among those that may be shown. Candidates are
/// in order, and are so afterwards.
pub(super) fn weigh(
    connection: &Connection,
    (reader, analyzer): (&mut Reader, &mut Analyzer),
    query: &Query,
    wanted: usize,
    candidates: &mut [Candidate],
) -> Result<()> {
    // Who types a word or two wants the messages that hold them.
    if query.ranks_by_holding() {
        return Ok(());
    }
    let most = wanted.saturating_add(LOOKED_AT_BEYOND).min(MAX_LOOKED_AT);
    let mut is_any = false;
    for candidate in candidates.iter_mut().take(most) {
        let says = candidate.row.text.is_some() && candidate.row.flags.kind() == MessageKind::Said;
        if !says || candidate.lexical.mask == 0 {
            continue;
        }
        let text = text_of(connection, reader, &candidate.row)?;
        let restates = match candidate.row.flags.role() {
            Role::User => is_question(&text, query, analyzer),
            Role::Assistant => is_announcement(&text),
            Role::System | Role::Tool => false,
        };
        if restates {
            candidate.restates = true;
            candidate.evidence *= RESTATING_FACTOR;
            is_any = true;
        }
        candidate.text = Some(text);
    }
    if is_any {
        sort(candidates);
    }
    Ok(())
}

/// Whether a message asks what the query asks, in much the same words.
fn is_question(text: &str, query: &Query, analyzer: &mut Analyzer) -> bool {
    if text.len() > MAX_QUESTION_BYTES {
        return false;
    }
    let mut words: FxHashSet<String> = FxHashSet::default();
    analyzer.terms(text, &mut |term| {
        if !term.part && !is_stop_word(term.text) && !is_asking_word(term.text) {
            words.insert(term.text.to_owned());
        }
    });
    let is_asked = |word: &&String| query.terms.iter().any(|term| term.text == **word);
    let shared = words.iter().filter(is_asked).count() as f32 / words.len().max(1) as f32;
    let least = match text.trim_end().ends_with(['?', '？', '؟']) {
        true => SAME_QUESTION,
        false => SAME_WORDS,
    };
    shared >= least
}

/// Whether an assistant only says what it is about to do.
fn is_announcement(text: &str) -> bool {
    let text = text.trim();
    if text.len() > MAX_ANNOUNCEMENT_BYTES || text.contains("```") {
        return false;
    }
    let start: String = text.chars().take(24).flat_map(char::to_lowercase).collect();
    let begins = ANNOUNCING.iter().any(|opening| start.starts_with(opening));
    // What follows the announcement may answer already.
    begins
        && !text
            .trim_end_matches(['.', ':', '…', '!', '。', '：'])
            .contains([':', '\n'])
        && text.matches(". ").count() <= 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_question_is_told_from_its_answer() {
        let mut analyzer = Analyzer::new();
        let query = Query::parse(
            "what did we decide about the retry policy for uploads?",
            &mut analyzer,
        );
        let mut is = |text| is_question(text, &query, &mut analyzer);
        assert!(is("What is the retry policy for uploads?"));
        assert!(is("what did we decide about the retry policy for uploads"));
        assert!(!is("The retry policy for uploads: five attempts."));
        assert!(!is(
            "Does the retry policy for uploads hold for the mirror in Oslo, which has no queue?"
        ));
    }

    #[test]
    fn announcements_are_told_from_answers() {
        for text in [
            "Let me look at the retry policy.",
            "I'll check how uploads are retried:",
            "让我看看重试策略。",
            "Now let me search for the retry policy. Then the tests.",
        ] {
            assert!(is_announcement(text), "{text}");
        }
        for text in [
            "The policy is five attempts.",
            "Let me be clear: the policy is five attempts",
            "I'll note the result: five attempts.",
            "Let me explain.\nFive attempts.",
        ] {
            assert!(!is_announcement(text), "{text}");
        }
    }
}
