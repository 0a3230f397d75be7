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
mod stance;
mod passages;

use std::sync::OnceLock;

use crate::finding::{Finding, Kind};
use crate::learned::LinearModel;
use crate::unready::Unready;
use features::normal;
use passages::SentenceRange;
use rules::ContentRule;
use stance::Stance;

/// The weights, from `cargo xtask train content`.
pub(crate) static CONTENT_WEIGHTS: &[u8] = include_bytes!("../weights/content.bin");

/// The detector.
#[derive(Debug)]
pub(crate) struct ContentGuard {
    levels: Levels,
    weights: &'static [u8],
    model: OnceLock<Result<LinearModel<'static>, Unready>>,
}

impl ContentGuard {
    pub(crate) fn new(levels: Levels) -> Self {
        Self::of(levels, CONTENT_WEIGHTS)
    }

    /// A detector of other weights than those that are compiled in.
    pub(crate) fn of(levels: Levels, weights: &'static [u8]) -> Self {
        Self {
            levels,
            weights,
            model: OnceLock::new(),
        }
    }

    /// Adds what is found; what was found before a rule turns out not to be usable stays.
    pub(crate) fn find(&self, text: &str, out: &mut Vec<Finding>) -> Result<(), Unready> {
        for passage in passages::passages(text) {
            self.find_in(text, &passage, out)?;
        }
        Ok(())
    }

    fn model(&self) -> Result<&LinearModel<'static>, Unready> {
        let read = || match LinearModel::read(self.weights)? {
            model if model.outputs() == Category::ALL.len() => Ok(model),
            model => Err(Unready::Outputs(model.outputs())),
        };
        let model = self.model.get_or_init(read);
        model.as_ref().map_err(|unready| *unready)
    }

    /// How far a text is over a toss-up for a category: its highest score as a margin.
    pub(crate) fn margin(&self, text: &str, category: &str) -> Result<f32, Unready> {
        let scores = scores(self.model()?, text);
        let named = Category::ALL.into_iter().zip(scores);
        let score = named
            .filter(|(known, _)| known.name() == category)
            .map(|(_, score)| score.clamp(1e-6, 1.0 - 1e-6))
            .next();
        Ok(score.map_or(0.0, |score| (score / (1.0 - score)).ln()))
    }

    fn find_in(
        &self,
        text: &str,
        passage: &[SentenceRange],
        out: &mut Vec<Finding>,
    ) -> Result<(), Unready> {
        let plain = normal(&text[whole(passage).0..whole(passage).1]);
        let words = words::words(&plain);
        if !features::is_suspect(&plain, &words) {
            return Ok(());
        }
        let before = out.len();
        // Most passages are far from every threshold, whatever they do with their words.
        let mut known = None;
        let mut stance = || match known {
            Some(stance) => Ok(stance),
            None => Stance::of(&plain, &words).inspect(|stance| known = Some(*stance)),
        };
        for (category, rule) in rules::find(&rules::CONTENT_RULES, &words)? {
            if self.levels.of(category) < Some(rule.from) {
                continue;
            }
            if !rule.is_about_groups() || stance()?.is_meant(category) {
                out.push(rule.finding(sentence_of(rule, text, passage)?));
            }
        }
        let model = self.model()?;
        let scores = model.scores(&features::of(&plain, &words, model.bits()));
        let mut sentences = None;
        for (category, score) in Category::ALL.into_iter().zip(scores) {
            let most = shifted(score, Stance::MAX_SHIFT);
            if !self.levels.is_over(category, most) {
                continue;
            }
            let score = shifted(score, stance()?.shift(category));
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
        Ok(())
    }
}

/// A score whose margin is moved.
fn shifted(score: f32, by: f32) -> f32 {
    if by == 0.0 {
        return score;
    }
    let score = score.clamp(1e-6, 1.0 - 1e-6);
    let odds = score / (1.0 - score) * by.exp();
    odds / (1.0 + odds)
}

/// The names of all rules.
pub(crate) fn rules() -> impl Iterator<Item = &'static str> {
    rules::CONTENT_RULES.iter().map(ContentRule::id)
}

/// Start and end of a passage.
fn whole(passage: &[SentenceRange]) -> SentenceRange {
    let first = passage.first().map_or(0, |(start, _)| *start);
    (first, passage.last().map_or(first, |(_, end)| *end))
}

/// The first sentence that a rule fits; all of the passage, if it fits only that.
fn sentence_of(
    rule: &ContentRule,
    text: &str,
    passage: &[SentenceRange],
) -> Result<SentenceRange, Unready> {
    for (start, end) in passage {
        let fits = || rule.is_in(&words::words(&normal(&text[*start..*end])));
        if passage.len() == 1 || fits()? {
            return Ok((*start, *end));
        }
    }
    Ok(whole(passage))
}

/// The scores of each sentence.
fn by_sentence(model: &LinearModel<'_>, text: &str, passage: &[SentenceRange]) -> Vec<Vec<f32>> {
    if passage.len() == 1 {
        return Vec::new();
    }
    let score =
        |(start, end): &SentenceRange| model.scores(&features(&text[*start..*end], model.bits()));
    passage.iter().map(score).collect()
}

/// The sentence with the highest score.
fn highest(scores: &[Vec<f32>], passage: &[SentenceRange], category: Category) -> SentenceRange {
    let of = |at: &usize| scores[*at][category as usize];
    let best = (0..scores.len()).max_by(|one, other| of(one).total_cmp(&of(other)));
    best.map_or(whole(passage), |at| passage[at])
}

/// The scores, from 0 to 1, that a model of content gives a text, one for each of [`Category::ALL`] in
/// that order: the highest of its passages', moved by what the passage does with its words, as the guard has
/// them. A passage without words that could be meant badly counts as 0. For training and measuring;
/// [`Engine`](crate::Engine) has the compiled-in model and the rules.
///
/// # Panics
///
/// If a pattern of the program doesn't compile, which a test would tell.
#[must_use]
pub fn scores(model: &LinearModel<'_>, text: &str) -> Vec<f32> {
    let mut highest = vec![0.0_f32; model.outputs()];
    for passage in passages::passages(text) {
        let (start, end) = whole(&passage);
        let plain = normal(&text[start..end]);
        let words = words::words(&plain);
        if features::is_suspect(&plain, &words) {
            let scores = model.scores(&features::of(&plain, &words, model.bits()));
            let stance = Stance::of(&plain, &words).expect("patterns that compile");
            let named = Category::ALL.into_iter().zip(scores);
            for (highest, (category, score)) in highest.iter_mut().zip(named) {
                *highest = highest.max(shifted(score, stance.shift(category)));
            }
        }
    }
    highest
}
