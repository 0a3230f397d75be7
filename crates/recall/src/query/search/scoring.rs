//! Turns evidence into scores, which say how likely it is that a candidate answers the query.

use super::candidate::Candidate;
use super::lexical::Lexicon;
use super::restating::RESTATING_FACTOR;
use super::standing;
use crate::{Mode, SearchRequest, Verdict};

/// Scores from which hits answer a query, and from which they may.
const RELEVANT_SCORE: f64 = 0.5;
const WEAK_SCORE: f64 = 0.2;

/// Milliseconds of a day.
const DAY_MILLIS: f64 = 86_400_000.0;

/// Evidence → scores, weighed by what became of it, and by age if asked for; best first.
pub(super) fn finish(
    candidates: &mut Vec<Candidate>,
    lexicon: &Lexicon,
    mode: Mode,
    request: &SearchRequest,
) {
    for candidate in candidates.iter_mut() {
        candidate.score = score(candidate, lexicon, mode);
        if candidate.restates {
            candidate.score *= f64::from(RESTATING_FACTOR);
        }
    }
    in_order(candidates);
    standing::promote(candidates, RELEVANT_SCORE);
    standing::weigh(candidates);
    if let Some(decay) = request.decay {
        for candidate in candidates.iter_mut() {
            let Some(time) = candidate.row.time else {
                continue;
            };
            let days = (request.now - time).max(0) as f64 / DAY_MILLIS;
            let aged = (-days / decay.half_life_days).exp2();
            let factor = (1.0 - decay.weight) + decay.weight * aged;
            candidate.recency = Some(factor);
            candidate.score *= factor;
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    standing::demote(candidates, WEAK_SCORE);
    candidates.retain(|candidate| candidate.score >= request.min_score);
}

/// Brings scores into the order of the candidates. One that holds less of what was typed scores less than
/// all that hold more; within these a message scores a little more than any that ranks below it.
fn in_order(candidates: &mut [Candidate]) {
    let mut most = 1.0_f64;
    for group in candidates.chunk_by_mut(|one, other| one.holding == other.holding) {
        let mut least = 0.0_f64;
        for candidate in group.iter_mut().rev() {
            let score = candidate.score.min(most);
            // Steps that are seen in three decimals, and that end at `most`.
            least = match score > least {
                true => score,
                false => least + (most - least) * SCORE_STEP,
            };
            candidate.score = least;
        }
        if let Some(lowest) = group.last() {
            most = lowest.score * HELD_LESS_FACTOR;
        }
    }
}

/// How much of what is left to the highest possible score a better one gets, at the least.
const SCORE_STEP: f64 = 0.002;
/// The highest score of a message that holds less of what was typed, against the lowest of those that
/// hold more.
const HELD_LESS_FACTOR: f64 = 0.95;

/// The probability that evidence like this comes from a message that answers the query, by a logistic model
/// fitted to labelled queries with messages that answer them and others that don't. So a score means the
/// same in every mode. See docs/decisions/0003-ranking.md.
fn score(candidate: &Candidate, lexicon: &Lexicon, mode: Mode) -> f64 {
    let lexical = f64::from((candidate.lexical.coverage + candidate.bonus).min(1.0));
    let semantic = candidate
        .semantic
        .map_or(0.0, |semantic| f64::from(semantic.cosine));
    let logit = match mode {
        Mode::Lexical => 8.8 * lexical - 4.9,
        Mode::Semantic => 16.2 * semantic - 7.3,
        Mode::Hybrid => 4.8 * lexical + 13.0 * semantic - 7.8,
    };
    let score = 1.0 / (1.0 + (-logit).exp());
    if mode == Mode::Semantic {
        return score;
    }
    if !lexicon.says_something() {
        return score.min(WEAK_SCORE);
    }
    // Who types few words and finds them all has found what was asked for; who typed something as it
    // stands there, all the more.
    let found = lexicon.is_covered(candidate.lexical.mask) || candidate.is_exact;
    let least =
        RELEVANT_SCORE + 0.4 * f64::from(candidate.lexical.own) + 0.4 * f64::from(candidate.bonus);
    if found {
        score.max(least.min(0.99))
    } else {
        score
    }
}

pub(super) fn verdict(candidates: &[Candidate]) -> Verdict {
    // What was found is an answer, whatever became of it since.
    let scores = candidates.iter().map(|c| c.score / standing::factor(c));
    match scores.fold(0.0, f64::max) {
        score if score >= RELEVANT_SCORE => Verdict::Relevant,
        score if score >= WEAK_SCORE => Verdict::Weak,
        _ => Verdict::Nothing,
    }
}
