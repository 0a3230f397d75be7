//! How well a model does on text that it was not trained on.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::Path;

use super::corpus::Example;
use super::fit;
use super::recipe::Recipe;

/// So many models are trained, each without a part of the examples.
const HELD_OUT_FOLDS: usize = 4;

/// Trains without a part of the examples and judges that part, for each part in turn. The families
/// of what is looked for are held back whole, since a collection's rows resemble each other; of all
/// others, and of families that have both, every fourth row is.
///
/// Prints for each family the share found of what an output looks for, and the share of false
/// alarms among the rest; writes every score to `out`, for a closer look.
pub(super) fn report(
    recipe: &Recipe,
    examples: &[Example],
    out: Option<&Path>,
) -> anyhow::Result<()> {
    let folds = folds(examples);
    let mut counts: BTreeMap<&str, Vec<FoldCount>> = BTreeMap::new();
    let mut scores = String::new();
    for fold in 0..HELD_OUT_FOLDS {
        let rest = examples.iter().zip(&folds).filter(|(_, of)| **of != fold);
        let rest: Vec<Example> = rest.map(|(example, _)| example.clone()).collect();
        let fitted = fit::fit(
            &rest,
            &[],
            recipe.parts,
            &recipe.settings,
            recipe.outputs.len(),
        );
        let bytes = fitted.bytes(recipe.settings.bits);
        let model = guard::LinearModel::read(&bytes)?;
        let held = examples.iter().zip(&folds).filter(|(_, of)| **of == fold);
        for (example, _) in held {
            let all = counts.entry("all").or_default();
            all.resize(recipe.outputs.len(), FoldCount::default());
            let of_family = counts.entry(&example.family).or_default();
            of_family.resize(recipe.outputs.len(), FoldCount::default());
            let judged = scores_of(recipe, &model, &example.text);
            for (output, target) in example.targets.iter().enumerate() {
                let score = judged[output];
                for family in ["all", &example.family] {
                    if let Some(counts) = counts.get_mut(family) {
                        counts[output].add(*target, score >= recipe.threshold);
                    }
                }
                if let Some(target) = target {
                    let row = serde_json::json!([
                        example.family,
                        recipe.outputs[output],
                        target,
                        score,
                        example.text
                    ]);
                    writeln!(scores, "{row}")?;
                }
            }
        }
    }
    for (family, counts) in &counts {
        print(family, recipe.outputs, counts);
    }
    if let Some(out) = out {
        fs_err::write(out, scores)?;
    }
    Ok(())
}

/// What a model says of a text, for each output.
fn scores_of(recipe: &Recipe, model: &guard::LinearModel<'_>, text: &str) -> Vec<f32> {
    // The guard for content weighs more than words.
    if recipe.name == "content" {
        return guard::content::scores(model, text);
    }
    let features = (recipe.parts)(text, model.bits());
    let score = |output| {
        let parts = features.iter().map(|part| model.score(part, output));
        parts.fold(0.0, f32::max)
    };
    (0..recipe.outputs.len()).map(score).collect()
}

/// Writes the examples of one fold to a file, one JSON object a line, and returns the others: to
/// train on these and have the whole guard judge those.
pub(super) fn hold_back(examples: Vec<Example>, file: &Path) -> anyhow::Result<Vec<Example>> {
    let folds = folds(&examples);
    let mut rest = Vec::new();
    let mut held = String::new();
    for (nth, (example, fold)) in examples.into_iter().zip(folds).enumerate() {
        if fold == 0 {
            let id = format!(
                "{nth}|{}|{}",
                example.family,
                example.targets[0] == Some(true)
            );
            let row = serde_json::json!({ "id": id, "text": example.text });
            writeln!(held, "{row}")?;
        } else {
            rest.push(example);
        }
    }
    fs_err::write(file, held)?;
    Ok(rest)
}

/// Which fold each example is held back in.
fn folds(examples: &[Example]) -> Vec<usize> {
    let mut families: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (at, example) in examples.iter().enumerate() {
        families.entry(&example.family).or_default().push(at);
    }
    let mut folds = vec![0; examples.len()];
    for (nth, rows) in families.values().enumerate() {
        let is_whole = rows.iter().all(|at| {
            examples[*at].targets.contains(&Some(true))
                && !examples[*at].family.starts_with("attack/")
        });
        for (row, at) in rows.iter().enumerate() {
            folds[*at] = if is_whole { nth } else { row } % HELD_OUT_FOLDS;
        }
    }
    folds
}

#[derive(Clone, Debug, Default)]
struct FoldCount {
    with: usize,
    found: usize,
    without: usize,
    alarms: usize,
}

impl FoldCount {
    fn add(&mut self, target: Option<bool>, found: bool) {
        let found = usize::from(found);
        match target {
            Some(true) => {
                self.with += 1;
                self.found += found;
            }
            Some(false) => {
                self.without += 1;
                self.alarms += found;
            }
            None => {}
        }
    }
}

fn print(family: &str, outputs: &[&str], counts: &[FoldCount]) {
    for (output, count) in outputs.iter().zip(counts) {
        let found = share(count.found, count.with);
        let alarms = share(count.alarms, count.without);
        println!("{family:<32} {output:<24} found {found}  false alarms {alarms}");
    }
}

fn share(part: usize, all: usize) -> String {
    if all == 0 {
        return format!("{:>22}", "–");
    }
    #[expect(clippy::cast_precision_loss, reason = "counts of examples")]
    let percent = 100.0 * part as f64 / all as f64;
    format!("{part:>6} of {all:<6} {percent:5.1}%")
}
