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

use crate::{Finding, Kind, Model, plain};
use rules::Rules;
use words::Word;

/// The weights, from `cargo xtask train content`.
static WEIGHTS: &[u8] = include_bytes!("../weights/content.bin");

/// The detector.
#[derive(Debug, Default)]
pub(crate) struct Content {
    levels: Levels,
    rules: Rules,
}

impl Content {
    pub(crate) fn new(levels: Levels) -> Self {
        Self {
            levels,
            rules: Rules::default(),
        }
    }

    pub(crate) fn find(&self, text: &str, out: &mut Vec<Finding>) {
        for passage in passages::passages(text) {
            self.find_in(text, &passage, out);
        }
    }

    fn find_in(&self, text: &str, passage: &[(usize, usize)], out: &mut Vec<Finding>) {
        let (Some((start, _)), Some((_, end))) = (passage.first(), passage.last()) else {
            return;
        };
        let plain = plain(&text[*start..*end]);
        let words = words::words(&plain);
        if !features::is_suspect(&plain, &words) {
            return;
        }
        let before = out.len();
        for (category, rule) in self.rules.find(&words) {
            if self.levels.of(category) >= Some(rule.from) {
                let fits = |_: &str, words: &[Word]| f32::from(u8::from(rule.is_in(words)));
                out.push(rule.finding(sentence(text, passage, fits)));
            }
        }
        let Some(model) = model() else {
            return;
        };
        let features = features::of(&plain, &words, model.bits());
        for category in Category::ALL {
            let score = model.score(&features, category as usize);
            let known = out[before..]
                .iter()
                .any(|found| found.entity == category.name());
            if known || !self.levels.is_over(category, score) {
                continue;
            }
            let (start, end) = sentence(text, passage, |plain, words| {
                model.score(&features::of(plain, words, model.bits()), category as usize)
            });
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

/// The sentence of a passage that has most of something.
fn sentence(
    text: &str,
    passage: &[(usize, usize)],
    score: impl Fn(&str, &[Word]) -> f32,
) -> (usize, usize) {
    let mut best = (f32::MIN, (0, 0));
    for (start, end) in passage {
        if passage.len() == 1 {
            return (*start, *end);
        }
        let plain = plain(&text[*start..*end]);
        let score = score(&plain, &words::words(&plain));
        if score > best.0 {
            best = (score, (*start, *end));
        }
    }
    best.1
}

fn model() -> Option<&'static Model<'static>> {
    static MODEL: OnceLock<Option<Model<'static>>> = OnceLock::new();
    let read = || {
        let model = Model::read(WEIGHTS).ok()?;
        (model.outputs() == Category::ALL.len()).then_some(model)
    };
    MODEL.get_or_init(read).as_ref()
}

/// What a model says of a text, for each of [`Category::ALL`]: of its passages the highest score.
#[must_use]
pub fn scores(model: &Model<'_>, text: &str) -> Vec<f32> {
    let mut scores = vec![0.0_f32; Category::ALL.len()];
    for passage in passages::passages(text) {
        let (Some((start, _)), Some((_, end))) = (passage.first(), passage.last()) else {
            continue;
        };
        let plain = plain(&text[*start..*end]);
        let words = words::words(&plain);
        if !features::is_suspect(&plain, &words) {
            continue;
        }
        let features = features::of(&plain, &words, model.bits());
        for (output, score) in scores.iter_mut().enumerate() {
            *score = score.max(model.score(&features, output));
        }
    }
    scores
}
