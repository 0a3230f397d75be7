//! Hate, harassment, sexual content, self-harm, violence and illicit content, under the category
//! names of OpenAI's moderation API.
//!
//! A few rules for what must not be missed, and a small learned model for the rest. Text is read in
//! passages of at most 1,000 bytes, each judged for itself, so time is linear in its length.

mod category;

pub use category::{Category, Level, Levels, LevelsError};

mod words;
mod features;

pub use features::features;

mod rules;
mod passages;

use std::sync::OnceLock;

use crate::finding::{Finding, Kind};
use crate::learned::Model;
use features::normal;
use passages::Span;
use rules::Rule;

/// The weights, from `cargo xtask train content`.
static WEIGHTS: &[u8] = include_bytes!("../weights/content.bin");

/// The detector.
#[derive(Debug, Default)]
pub(crate) struct Content {
    levels: Levels,
}

impl Content {
    pub(crate) fn new(levels: Levels) -> Self {
        Self { levels }
    }

    pub(crate) fn find(&self, text: &str, out: &mut Vec<Finding>) {
        for passage in passages::passages(text) {
            self.find_in(text, &passage, out);
        }
    }

    fn find_in(&self, text: &str, passage: &[Span], out: &mut Vec<Finding>) {
        let plain = normal(&text[whole(passage).0..whole(passage).1]);
        let words = words::words(&plain);
        if !features::is_suspect(&plain, &words) {
            return;
        }
        let before = out.len();
        for (category, rule) in rules::find(&words) {
            if self.levels.of(category) >= Some(rule.from) {
                let fits = |span: &Span| rule_fits(rule, &text[span.0..span.1]);
                let span = passage.iter().find(|span| passage.len() == 1 || fits(span));
                out.push(rule.finding(*span.unwrap_or(&whole(passage))));
            }
        }
        let model = model();
        let scores = model.scores(&features::of(&plain, &words, model.bits()));
        let mut sentences = None;
        for (category, score) in Category::ALL.into_iter().zip(scores) {
            let is_known = |found: &Finding| found.entity == category.name();
            if out[before..].iter().any(is_known) || !self.levels.is_over(category, score) {
                continue;
            }
            let sentences = sentences.get_or_insert_with(|| by_sentence(model, text, passage));
            let (start, end) = highest(sentences, passage, category);
            out.push(Finding {
                kind: Kind::Content,
                entity: category.name().into(),
                rule: "content-model".into(),
                start,
                end,
                score,
                why: category.why().into(),
            });
        }
    }
}

/// Start and end of a passage.
fn whole(passage: &[Span]) -> Span {
    let first = passage.first().map_or(0, |(start, _)| *start);
    (first, passage.last().map_or(first, |(_, end)| *end))
}

fn rule_fits(rule: &Rule, sentence: &str) -> bool {
    rule.is_in(&words::words(&normal(sentence)))
}

/// The scores of each sentence.
fn by_sentence(model: &Model<'_>, text: &str, passage: &[Span]) -> Vec<Vec<f32>> {
    if passage.len() == 1 {
        return Vec::new();
    }
    let score = |(start, end): &Span| model.scores(&features(&text[*start..*end], model.bits()));
    passage.iter().map(score).collect()
}

/// The sentence with the highest score.
fn highest(scores: &[Vec<f32>], passage: &[Span], category: Category) -> Span {
    let of = |at: &usize| scores[*at][category as usize];
    let best = (0..scores.len()).max_by(|one, other| of(one).total_cmp(&of(other)));
    best.map_or(whole(passage), |at| passage[at])
}

/// The model that is compiled in.
///
/// # Panics
///
/// If the weights are of another format or make: the engine reports that as a failure, which is
/// better than to find nothing and say nothing.
fn model() -> &'static Model<'static> {
    static MODEL: OnceLock<Model<'static>> = OnceLock::new();
    MODEL.get_or_init(|| {
        let model = Model::read(WEIGHTS).expect("the weights can be read");
        assert_eq!(model.outputs(), Category::ALL.len(), "an output a category");
        model
    })
}

/// What a model says of a text, for each of [`Category::ALL`]: of its passages the highest score.
#[must_use]
pub fn scores(model: &Model<'_>, text: &str) -> Vec<f32> {
    let mut highest = vec![0.0_f32; model.outputs()];
    for passage in passages::passages(text) {
        let (start, end) = whole(&passage);
        let plain = normal(&text[start..end]);
        let words = words::words(&plain);
        if features::is_suspect(&plain, &words) {
            let scores = model.scores(&features::of(&plain, &words, model.bits()));
            for (highest, score) in highest.iter_mut().zip(scores) {
                *highest = highest.max(score);
            }
        }
    }
    highest
}
