//! Tasks for an assistant that stand inside a document: a question or an order that doesn't belong
//! into a mail, a listing, a table or a page, however harmless it is by itself.
//!
//! A person's own prompt is full of tasks, so this looks at documents only; and a mail is full of
//! requests to people, so a task has to read like one for an assistant and to be foreign to its
//! surroundings.

mod document;

use std::collections::HashMap;
use std::ops::Range;

use document::DocumentSort;

use super::signs::code_signs;
use crate::learned::{Features, LinearModel, SeenBuckets, TextTokens, signal};
use crate::normal::Normal;

/// What a sentence must reach in a letter, in code and in a table or page: what people say about code reads
/// more like a task.
const LETTER_THRESHOLD: f32 = 1.4;
const CODE_THRESHOLD: f32 = 3.4;
const TABLE_THRESHOLD: f32 = 1.8;
/// How much it counts that none of a sentence's words stand elsewhere in the document, rather than
/// all.
const FOREIGN_BONUS: f32 = 3.0;
/// How much it counts that a sentence is the first or the last.
const AT_END_BONUS: f32 = 0.8;
/// How much it counts that other sentences of the document read like tasks, too: in a list of questions,
/// steps or exercises one more is nothing foreign.
const USUAL_WEIGHT: f32 = 0.7;
/// How much it counts against a sentence that it speaks of what stands beside it ("explain this code"): whoever
/// put the text there asks so, not somebody who slipped a task into it.
const REFERRING_PENALTY: f32 = 1.5;
const REFERRING_WORDS: &[&str] = &["this", "these", "following", "above", "below", "here"];
/// Sentences so near belong to the same task.
const NEAR_SENTENCES: usize = 2;
/// A sentence of fewer words says too little, and one of more is a paragraph.
const SENTENCE_WORDS: (usize, usize) = (4, 80);

/// A task in a document.
pub(super) struct DocumentTask {
    /// Where it stands in the normalised text.
    pub(super) range: Range<usize>,
    /// How sure that is, before the logistic function.
    pub(super) sum: f32,
    /// Whether the document is code, with which people ask about it, too.
    pub(super) is_code: bool,
}

/// The features of each sentence; for training.
pub(super) fn features(normal: &Normal, original: &str, bits: u32) -> Vec<Features> {
    let text = normal.text.as_str();
    let tokens = TextTokens::of_normal(normal, original);
    let sentences = sentences(text, &tokens);
    let features = sentences.into_iter().map(|sentence| {
        let signals = signals(&text[tokens.start(sentence.start)..end(text, &tokens, &sentence)]);
        tokens.features(sentence, &signals, bits)
    });
    features.collect()
}

/// The most foreign task in a text, if it is a document and there is one.
pub(super) fn find(
    text: &str,
    tokens: &TextTokens,
    model: &LinearModel<'_>,
    seen: &mut SeenBuckets,
) -> Option<DocumentTask> {
    let sort = document::sort_of(text)?;
    let threshold = match sort {
        DocumentSort::Letter => LETTER_THRESHOLD,
        DocumentSort::Code => CODE_THRESHOLD,
        DocumentSort::Table => TABLE_THRESHOLD,
    };
    let judged = judge(text, tokens, model, seen);
    let (nth, best) = judged
        .iter()
        .enumerate()
        .filter_map(|(nth, judged)| Some((nth, judged.as_ref()?)))
        .max_by(|one, other| one.1.sum.total_cmp(&other.1.sum))?;
    let others = judged
        .iter()
        .enumerate()
        .filter(|(at, _)| at.abs_diff(nth) > NEAR_SENTENCES);
    let usual = others
        .filter_map(|(_, judged)| Some(judged.as_ref()?.margin))
        .fold(0.0, f32::max);
    let sum = best.sum - USUAL_WEIGHT * usual;
    (sum >= threshold).then(|| DocumentTask {
        range: best.range.clone(),
        sum,
        is_code: matches!(sort, DocumentSort::Code),
    })
}

/// The sentences of a document in their order; nothing for one that is too short or too long.
fn judge(
    text: &str,
    tokens: &TextTokens,
    model: &LinearModel<'_>,
    seen: &mut SeenBuckets,
) -> Vec<Option<JudgedSentence>> {
    let sentences = sentences(text, tokens);
    let words = DocumentWords::of(text, tokens);
    let last = sentences.len().saturating_sub(1);
    let mut out = Vec::with_capacity(sentences.len());
    for (nth, sentence) in sentences.into_iter().enumerate() {
        if !(SENTENCE_WORDS.0..=SENTENCE_WORDS.1).contains(&sentence.len()) {
            out.push(None);
            continue;
        }
        let range = tokens.start(sentence.start)..end(text, tokens, &sentence);
        let signals = signals(&text[range.clone()]);
        let mut sum = FOREIGN_BONUS * (words.foreign(&sentence) - 0.5);
        if nth == 0 || nth == last {
            sum += AT_END_BONUS;
        }
        if refers(&text[range.clone()]) {
            sum -= REFERRING_PENALTY;
        }
        let margin = model.sum(tokens, sentence, &signals, 0, seen);
        sum += margin;
        out.push(Some(JudgedSentence { range, margin, sum }));
    }
    out
}

/// Whether a sentence speaks of what stands beside it, rather than of what the reader is to answer.
fn refers(sentence: &str) -> bool {
    let mut words = sentence.split(|c: char| !c.is_alphanumeric());
    !sentence.contains("your ") && words.any(|word| REFERRING_WORDS.contains(&word))
}

/// A sentence of a document.
struct JudgedSentence {
    range: Range<usize>,
    /// How much it reads like a task by itself.
    margin: f32,
    /// The same with how foreign it is to the document.
    sum: f32,
}

/// The end of a sentence with the sign that ends it.
fn end(text: &str, tokens: &TextTokens, sentence: &Range<usize>) -> usize {
    let end = tokens.end(sentence.end - 1);
    let sign = text[end..].chars().next();
    end + sign.filter(|c| is_end(*c)).map_or(0, char::len_utf8)
}

fn is_end(c: char) -> bool {
    matches!(c, '.' | '!' | '?' | '。' | '！' | '？' | '।' | '؟')
}

/// Sentences as ranges of words: lines, parts of lines between bars, and what ends in a full stop
/// before a space.
fn sentences(text: &str, tokens: &TextTokens) -> Vec<Range<usize>> {
    let mut out = Vec::new();
    let mut start = 0;
    for at in 1..=tokens.len() {
        let is_last = at == tokens.len();
        if is_last || breaks(&text[tokens.end(at - 1)..tokens.start(at)]) {
            if start < at {
                out.push(start..at);
            }
            start = at;
        }
    }
    out
}

/// Whether a sentence ends in what stands between two words.
fn breaks(between: &str) -> bool {
    let mut after_end = false;
    for c in between.chars() {
        if c == '\n' || c == '|' || (after_end && c.is_whitespace()) {
            return true;
        }
        after_end = is_end(c) || (after_end && !c.is_alphanumeric());
    }
    false
}

/// Verbs that tasks for an assistant begin with.
#[rustfmt::skip]
const REQUEST_VERBS: &[&str] = &[
    "add", "advise", "analyze", "analyse", "answer", "append", "apply", "ask", "assess", "assist", "blend", "break", "brainstorm", "calculate",
    "can", "classify", "close", "combine", "compare", "compile", "compose", "compute", "conclude", "consider", "convert", "could", "craft",
    "create", "decode", "define", "describe", "design", "determine", "develop", "devise", "discuss", "display", "do", "draft", "draw",
    "embed", "employ", "encode", "encourage", "end", "ensure", "estimate", "evaluate", "examine", "explain", "express", "find",
    "finish", "format", "formulate", "generate", "give", "group", "guide", "help", "how", "identify", "imagine", "implement", "include",
    "incorporate", "insert", "inject", "integrate", "interpret", "invent", "list", "make", "mention", "merge", "modify", "name",
    "offer", "outline", "paraphrase", "plan", "predict", "prepare", "present", "print", "produce", "promote", "propose", "provide",
    "put", "rank", "recommend", "replace", "rephrase", "reply", "respond", "reverse", "rewrite", "say", "scramble", "share", "show", "simplify",
    "solve", "speak", "spell", "start", "suggest", "summarize", "summarise", "tell", "translate", "try", "turn", "use", "utilize", "what", "when",
    "where", "which", "who", "why", "write",
];

/// What a sentence looks like beside its words.
fn signals(sentence: &str) -> Vec<u32> {
    let mut out = Vec::new();
    let mut is = |name: &str, yes: bool| {
        if yes {
            out.push(signal(name));
        }
    };
    let mut words = sentence
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty());
    let first = words.next().unwrap_or_default();
    let opening = if first == "please" {
        words.next().unwrap_or_default()
    } else {
        first
    };
    is("task/verb", REQUEST_VERBS.contains(&opening));
    is("task/question", sentence.ends_with('?'));
    let has = |words: &[&str]| words.iter().any(|word| sentence.contains(word));
    let output = [
        "response",
        "answer",
        "reply",
        "implementation",
        "solution",
        "output",
        "code",
    ];
    let yours = output.iter().any(|word| {
        let near = sentence.find(word).map(|at| &sentence[..at]);
        near.is_some_and(|before| before.ends_with("your ") || before.ends_with("the "))
    });
    is("task/your-output", yours);
    is(
        "task/your-code",
        has(&[
            "code snippet",
            "code block",
            "code excerpt",
            "code segment",
            "code section",
            "following code",
            "snippet",
            "code fragment",
            "lines of code",
        ]),
    );
    is(
        "task/we",
        has(&[" we ", " our ", " us ", "we'", " i ", "i'm", "i've", " my "])
            || matches!(first, "we" | "our" | "i" | "my"),
    );
    is("task/you", has(&[" you ", " your ", "you'"]));
    is("task/number", sentence.bytes().any(|b| b.is_ascii_digit()));
    is("task/code", code_signs(sentence) * 12 > sentence.len());
    out
}

/// How often each word of a document stands in it, by its first letters.
struct DocumentWords {
    of_token: Vec<Option<u64>>,
    counts: HashMap<u64, u32>,
}

impl DocumentWords {
    fn of(text: &str, tokens: &TextTokens) -> Self {
        let key = |at: usize| {
            let word = &text[tokens.start(at)..tokens.end(at)];
            let letters = word.chars().count();
            let key = word.chars().take(5).fold(7_u64, |key, c| {
                key.wrapping_mul(1_114_111).wrapping_add(u64::from(c))
            });
            (letters > 3 && !word.starts_with(|c: char| c.is_ascii_digit())).then_some(key)
        };
        let of_token: Vec<Option<u64>> = (0..tokens.len()).map(key).collect();
        let mut counts = HashMap::new();
        for key in of_token.iter().flatten() {
            *counts.entry(*key).or_default() += 1;
        }
        Self { of_token, counts }
    }

    /// The share of a sentence's words that stand nowhere else in the document; half if it has none
    /// that count.
    fn foreign(&self, sentence: &Range<usize>) -> f32 {
        let own = &self.of_token[sentence.clone()];
        let count = own.iter().flatten().count();
        if count == 0 {
            return 0.5;
        }
        let is_foreign = |key: &&u64| {
            let here = own.iter().flatten().filter(|other| other == key).count();
            self.counts
                .get(*key)
                .is_none_or(|all| *all as usize <= here)
        };
        let foreign = own.iter().flatten().filter(is_foreign).count();
        #[expect(clippy::cast_precision_loss, reason = "a share")]
        let share = foreign as f32 / count as f32;
        share
    }
}
