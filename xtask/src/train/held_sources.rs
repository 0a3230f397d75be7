//! What the guard for content makes of each source when its model was trained without it.

use std::collections::BTreeSet;

use guard::LinearModel;
use guard::content::{Category, Level, scores};

use super::corpus::Example;
use super::fit;
use super::recipe::Recipe;

/// Prints a row for each source: of its texts that belong to a category, how many a model finds in any that
/// never saw the source, and how many of its harmless ones it flags, at the level `medium`. A source is what
/// stands before the `/` of a family; rows of which nothing is known but single categories count as far as
/// these go.
pub(super) fn report(recipe: &Recipe, examples: &[Example]) -> anyhow::Result<()> {
    let source = |example: &Example| {
        let family = example.family.as_str();
        family.split('/').next().unwrap_or(family).to_owned()
    };
    let sources: BTreeSet<String> = examples.iter().map(source).collect();
    println!("| source left out | found | harmless flagged |\n|---|---|---|");
    for left_out in sources {
        let (of, rest): (Vec<&Example>, Vec<&Example>) = examples
            .iter()
            .partition(|example| source(example) == left_out);
        let rest: Vec<Example> = rest.into_iter().cloned().collect();
        let outputs = recipe.outputs.len();
        let fitted = fit::fit(&rest, &[], recipe.parts, &recipe.settings, outputs);
        let bytes = fitted.bytes(recipe.settings.bits);
        let model = LinearModel::read(&bytes)?;
        let mut counts = [(0, 0), (0, 0)];
        for example in of {
            let is_harmful = example.targets.contains(&Some(true));
            let is_harmless = example.targets.iter().all(|target| *target == Some(false));
            if is_harmful || is_harmless {
                let (flagged, all) = &mut counts[usize::from(is_harmless)];
                *flagged += usize::from(is_flagged(&model, &example.text));
                *all += 1;
            }
        }
        let [found, flagged] = counts.map(|(part, all)| match all {
            0 => "–".to_owned(),
            all => format!(
                "{:.1}% of {all}",
                100.0 * f64::from(u32::try_from(part).unwrap_or(0))
                    / f64::from(u32::try_from(all).unwrap_or(1))
            ),
        });
        println!("| {left_out} | {found} | {flagged} |");
    }
    Ok(())
}

fn is_flagged(model: &LinearModel<'_>, text: &str) -> bool {
    let scores = scores(model, text);
    let mut named = Category::ALL.into_iter().zip(scores);
    named.any(|(category, score)| score >= category.thresholds()[Level::Medium as usize])
}
