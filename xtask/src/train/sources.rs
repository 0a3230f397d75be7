//! What the whole guard makes of each source when it was trained without it.

use std::collections::BTreeSet;

use guard::{Engine, EngineOptions, Kind, Kinds};

use super::corpus::Example;
use super::fit;
use super::recipe::Recipe;

use crate::report::percent_with_interval;

/// Prints a row for each source, or for those named in `only`, separated by commas: how many of its attacks a
/// guard finds whose model of attacks never saw the source, and how many of its harmless texts it flags, with
/// Wilson's intervals of 95%. One training for each.
pub(super) fn report(
    recipe: &Recipe,
    examples: &[Example],
    pool: &[Example],
    task: &[u8],
    only: Option<&str>,
) {
    let sources: BTreeSet<&str> = examples
        .iter()
        .map(|example| example.family.as_str())
        .collect();
    let sources = sources
        .into_iter()
        .filter(|source| only.is_none_or(|only| only.split(',').any(|one| one == *source)));
    // Kept to the end of the process: an engine borrows its weights for good.
    let task: &'static [u8] = task.to_vec().leak();
    println!("| source left out | attacks found | harmless flagged |\n|---|---|---|");
    for source in sources {
        let (of, rest): (Vec<&Example>, Vec<&Example>) = examples
            .iter()
            .partition(|example| example.family == source);
        let rest: Vec<Example> = rest.into_iter().cloned().collect();
        let fitted = fit::fit(
            &rest,
            pool,
            recipe.parts,
            &recipe.settings,
            recipe.outputs.len(),
        );
        let weights: &'static [u8] = fitted.bytes(recipe.settings.bits).leak();
        let engine = Engine::new(EngineOptions::default()).with_injection_weights(weights, task);
        let count = |is_attack: bool| {
            let texts = of
                .iter()
                .filter(|example| (example.targets[0] == Some(true)) == is_attack);
            let found = texts.map(|example| {
                let kinds = Kinds::NONE.with(Kind::Injection);
                !engine.find(&example.text, kinds).is_empty()
            });
            let found: Vec<bool> = found.collect();
            share(found.iter().filter(|found| **found).count(), found.len())
        };
        println!("| {source} | {} | {} |", count(true), count(false));
    }
}

/// A share with its interval, or a dash for none.
fn share(part: usize, all: usize) -> String {
    if all == 0 {
        return "–".to_owned();
    }
    let [share, low, high] = percent_with_interval(part as u64, all as u64);
    format!("{share:.1}% of {all} ({low:.1}–{high:.1})")
}
