//! How well a model does on a family that it was not trained on.

use std::collections::BTreeSet;

use super::Recipe;
use super::corpus::Example;
use super::fit;

/// Prints for each family, and over all, what a model that was trained without the family says of
/// it: the share found of what an output looks for, the share of false alarms among the rest.
pub(super) fn report(recipe: &Recipe, examples: &[Example]) {
    let families: BTreeSet<&str> = examples.iter().map(|one| one.family.as_str()).collect();
    let mut sums = vec![Count::default(); recipe.outputs.len()];
    for family in families {
        let (held, rest): (Vec<Example>, Vec<Example>) = examples
            .iter()
            .cloned()
            .partition(|one| one.family == family);
        let bytes =
            fit::fit(&rest, &recipe.settings, recipe.outputs.len()).bytes(recipe.settings.bits);
        let Ok(model) = guard::Model::read(&bytes) else {
            continue;
        };
        let mut counts = vec![Count::default(); recipe.outputs.len()];
        for example in &held {
            let features = (recipe.settings.features)(&example.text, model.bits());
            for (output, count) in counts.iter_mut().enumerate() {
                let found = model.score(&features, output) >= recipe.threshold;
                count.add(example.targets[output], found);
            }
        }
        for (sum, count) in sums.iter_mut().zip(&counts) {
            sum.join(count);
        }
        print(family, recipe.outputs, &counts);
    }
    print("all", recipe.outputs, &sums);
}

#[derive(Clone, Debug, Default)]
struct Count {
    with: usize,
    found: usize,
    without: usize,
    alarms: usize,
}

impl Count {
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

    fn join(&mut self, other: &Self) {
        self.with += other.with;
        self.found += other.found;
        self.without += other.without;
        self.alarms += other.alarms;
    }
}

fn print(family: &str, outputs: &[&str], counts: &[Count]) {
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
