//! Linear models, one example after another in an order that the seed gives: logistic regression by
//! AdaGrad, or a support vector machine by dual coordinate descent (Hsieh and others, 2008).

use std::collections::BTreeMap;

use super::corpus::Example;
use crate::logs::Rng;

/// What a model is punished for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Loss {
    /// How unlikely it takes the truth to be.
    Logistic,
    /// The square of what an example lacks to a margin of 1; the number is how much that counts
    /// against large weights. Of an example that is looked for only the whole is learned from, since
    /// nobody said which part of it is meant; of others every part.
    SquaredHinge(f32),
}

/// How a model is trained.
#[derive(Clone, Copy, Debug)]
pub(super) struct FitSettings {
    /// Features are hashed into 2^bits buckets.
    pub(super) bits: u32,
    pub(super) loss: Loss,
    pub(super) epochs: usize,
    /// Length of a step of [`Loss::Logistic`].
    pub(super) rate: f32,
    /// Pull of the weights towards zero.
    pub(super) l2: f32,
    pub(super) seed: u64,
    /// How often to train anew with the parts that speak for an example: a long text is what an
    /// output looks for because of some part of it, and which part that is shows in training.
    pub(super) rounds: usize,
    /// How much examples of what an output looks for count in all, against all others; 1 makes both
    /// sides count the same, nothing leaves them as they come.
    pub(super) balance: Option<f32>,
}

/// A trained model before its weights are rounded.
pub(super) struct FittedModel {
    biases: Vec<f32>,
    /// Bucket by bucket, one for each output.
    weights: Vec<f32>,
}

impl FittedModel {
    /// The model as `guard` reads it.
    pub(super) fn bytes(&self, bits: u32) -> Vec<u8> {
        guard::LinearModel::write(bits, &self.biases, &self.weights)
    }

    /// Whether a part comes near what any output looks for.
    fn is_near(&self, part: &PreparedExample<'_>, outputs: usize) -> bool {
        (0..outputs).any(|output| {
            let terms = part.values.iter();
            let terms = terms.map(|(b, v)| self.weights[*b as usize * outputs + output] * v);
            self.biases[output] + terms.sum::<f32>() > NEAR_MARGIN
        })
    }
}

/// A part of an example.
struct PreparedExample<'a> {
    values: Vec<(u32, f32)>,
    example: &'a Example,
    /// Which example of all it belongs to.
    whole: usize,
    /// Whether it is all of it.
    is_whole: bool,
    /// How much it counts.
    weight: f32,
}

/// The features of the parts of a text that are judged one by one, hashed into 2^bits buckets.
pub(super) type SplitText = fn(&str, u32) -> Vec<guard::Features>;

/// Trains on examples, and on those parts of a pool of harmless texts that a model trained without them
/// takes for something else, or nearly.
pub(super) fn fit(
    examples: &[Example],
    pool: &[Example],
    parts: SplitText,
    settings: &FitSettings,
    outputs: usize,
) -> FittedModel {
    let mut prepared = Vec::new();
    for (whole, example) in examples.iter().enumerate() {
        prepared.extend(prepare(example, whole, parts, settings));
    }
    // A first model has seen something of each source.
    let first = pool.iter().step_by(FIRST_OF_POOL);
    for (nth, example) in first.enumerate() {
        prepared.extend(prepare(example, examples.len() + nth, parts, settings));
    }
    let mut fitted = fit_prepared(&prepared, settings, outputs);
    for _ in 0..POOL_ROUNDS {
        if pool.is_empty() {
            break;
        }
        let before = prepared.len();
        for (nth, example) in pool.iter().enumerate() {
            if nth % FIRST_OF_POOL == 0 {
                continue;
            }
            let whole = examples.len() + pool.len() + nth;
            let hard = prepare(example, whole, parts, settings);
            let hard = hard
                .into_iter()
                .filter(|part| fitted.is_near(part, outputs));
            prepared.extend(hard);
        }
        println!("{} parts of the pool were hard", prepared.len() - before);
        fitted = fit_prepared(&prepared, settings, outputs);
    }
    fitted
}

/// One in so many texts of the pool is trained on from the start.
const FIRST_OF_POOL: usize = 8;
/// How often what a model is wrong about is added.
const POOL_ROUNDS: usize = 2;
/// The margin from which a harmless part is added: a support vector machine forgets those beyond -1.
const NEAR_MARGIN: f32 = -0.9;

fn prepare<'a>(
    example: &'a Example,
    whole: usize,
    parts: SplitText,
    settings: &FitSettings,
) -> Vec<PreparedExample<'a>> {
    let parts = parts(&example.text, settings.bits);
    // A long text counts more than a short one, but not by its length.
    #[expect(clippy::cast_precision_loss, reason = "a count of parts")]
    let weight = example.weight / (parts.len().max(1) as f32).sqrt();
    let parts = parts.into_iter().enumerate();
    let prepared = parts.map(|(nth, part)| PreparedExample {
        values: part.values,
        example,
        whole,
        is_whole: nth == 0,
        weight,
    });
    prepared.collect()
}

fn fit_prepared(
    prepared: &[PreparedExample<'_>],
    settings: &FitSettings,
    outputs: usize,
) -> FittedModel {
    let mut fitted = FittedModel {
        biases: vec![0.0; outputs],
        weights: vec![0.0; outputs << settings.bits],
    };
    for output in 0..outputs {
        let mut parts: Vec<&PreparedExample<'_>> = prepared.iter().collect();
        for round in 0..=settings.rounds {
            let (bias, weights) = match settings.loss {
                Loss::Logistic => fit_output(&parts, settings, output),
                Loss::SquaredHinge(cost) => fit_margin(&parts, settings, output, cost),
            };
            if round == settings.rounds {
                fitted.biases[output] = bias;
                for (at, weight) in weights.into_iter().enumerate() {
                    fitted.weights[at * outputs + output] = weight;
                }
            } else {
                parts = speaking(prepared, output, bias, &weights);
            }
        }
    }
    fitted
}

/// All parts of what isn't looked for; of the others those that score well and the best of each.
fn speaking<'a, 'b>(
    parts: &'b [PreparedExample<'a>],
    output: usize,
    bias: f32,
    weights: &[f32],
) -> Vec<&'b PreparedExample<'a>> {
    let scores: Vec<f32> = parts.iter().map(|part| bias + sum(part, weights)).collect();
    let mut best: BTreeMap<usize, f32> = BTreeMap::new();
    for (part, score) in parts.iter().zip(&scores) {
        let best = best.entry(part.whole).or_insert(*score);
        *best = best.max(*score);
    }
    let speaks = |part: &PreparedExample<'_>, score: f32| {
        part.example.targets[output] != Some(true) || score > 0.0 || score >= best[&part.whole]
    };
    let parts = parts.iter().zip(scores);
    let parts = parts.filter(|(part, score)| speaks(part, *score));
    parts.map(|(part, _)| part).collect()
}

fn sum(part: &PreparedExample<'_>, weights: &[f32]) -> f32 {
    let terms = part.values.iter();
    terms.map(|(b, v)| weights[*b as usize] * v).sum()
}

fn fit_output(
    parts: &[&PreparedExample<'_>],
    settings: &FitSettings,
    output: usize,
) -> (f32, Vec<f32>) {
    let sides = sides(parts, settings, output);
    let mut squares = vec![1e-6_f32; 1 << settings.bits];
    let mut bias_square = 1e-6_f32;
    let mut bias = 0.0_f32;
    let mut weights = vec![0.0_f32; 1 << settings.bits];
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let mut rng = Rng::new(settings.seed, output as u64);
    for _ in 0..settings.epochs {
        shuffle(&mut order, &mut rng);
        for at in &order {
            let part = parts[*at];
            let Some(target) = part.example.targets[output] else {
                continue;
            };
            let target_value = f32::from(u8::from(target));
            let side = if target { sides.1 } else { sides.0 };
            let error = logistic(bias + sum(part, &weights)) - target_value;
            let error = error * part.weight * side;
            for (bucket, value) in &part.values {
                let at = *bucket as usize;
                let gradient = error * value + settings.l2 * weights[at];
                squares[at] += gradient * gradient;
                weights[at] -= settings.rate * gradient / squares[at].sqrt();
            }
            bias_square += error * error;
            bias -= settings.rate * error / bias_square.sqrt();
        }
    }
    (bias, weights)
}

/// A support vector machine, solved in its dual.
fn fit_margin(
    parts: &[&PreparedExample<'_>],
    settings: &FitSettings,
    output: usize,
    cost: f32,
) -> (f32, Vec<f32>) {
    let counts = |part: &&&PreparedExample<'_>| match part.example.targets[output] {
        Some(true) => part.is_whole,
        Some(false) => true,
        None => false,
    };
    let parts: Vec<&PreparedExample<'_>> = parts.iter().filter(counts).copied().collect();
    let mut bias = 0.0_f32;
    let mut weights = vec![0.0_f32; 1 << settings.bits];
    let mut pulls = vec![0.0_f32; parts.len()];
    let squares: Vec<f32> = parts
        .iter()
        .map(|part| {
            1.0 + part
                .values
                .iter()
                .map(|(_, value)| value * value)
                .sum::<f32>()
        })
        .collect();
    let mut order: Vec<usize> = (0..parts.len()).collect();
    let mut rng = Rng::new(settings.seed, output as u64);
    for _ in 0..settings.epochs {
        shuffle(&mut order, &mut rng);
        for at in &order {
            let part = parts[*at];
            let is = part.example.targets[output] == Some(true);
            let sign = if is { 1.0 } else { -1.0 };
            let give = 1.0 / (2.0 * cost * part.weight);
            let lacks = sign * (bias + sum(part, &weights)) - 1.0 + give * pulls[*at];
            let pull = (pulls[*at] - lacks / (squares[*at] + give)).max(0.0);
            let step = sign * (pull - pulls[*at]);
            pulls[*at] = pull;
            if step != 0.0 {
                bias += step;
                for (bucket, value) in &part.values {
                    weights[*bucket as usize] += step * value;
                }
            }
        }
    }
    (bias, weights)
}

/// What an example counts by its side: of those without and of those with what is looked for.
fn sides(parts: &[&PreparedExample<'_>], settings: &FitSettings, output: usize) -> (f32, f32) {
    let Some(balance) = settings.balance else {
        return (1.0, 1.0);
    };
    let weight_of = |side: bool| -> f32 {
        let of_side = parts
            .iter()
            .filter(|one| one.example.targets[output] == Some(side));
        of_side.map(|one| one.weight).sum::<f32>().max(1.0)
    };
    let (without, with) = (weight_of(false), weight_of(true));
    let ratio = balance * without / with;
    // The rarer side counts more rather than the other one less.
    if ratio > 1.0 {
        (1.0, ratio)
    } else {
        (1.0 / ratio, 1.0)
    }
}

fn shuffle(order: &mut [usize], rng: &mut Rng) {
    for last in (1..order.len()).rev() {
        order.swap(last, rng.below(last + 1));
    }
}

/// The logistic function without the platform's `exp`, whose last digits differ from one machine to
/// the next: e^x = 2^k · e^r with a polynomial for the small rest r.
fn logistic(x: f32) -> f32 {
    let x = f64::from(-x.clamp(-30.0, 30.0));
    let k = (x * std::f64::consts::LOG2_E).round();
    let r = x - k * std::f64::consts::LN_2;
    let mut e = 1.0;
    for n in (1..=12).rev() {
        e = 1.0 + e * r / f64::from(n);
    }
    #[expect(clippy::cast_possible_truncation, reason = "between -44 and 44")]
    let power = f64::powi(2.0, k as i32);
    #[expect(clippy::cast_possible_truncation, reason = "between 0 and 1")]
    let y = (1.0 / (1.0 + e * power)) as f32;
    y
}

#[cfg(test)]
mod tests {
    use super::{Example, FitSettings, Loss, fit, logistic};

    fn whole(text: &str, bits: u32) -> Vec<guard::Features> {
        vec![guard::features(&guard::plain(text), bits)]
    }

    #[test]
    fn the_logistic_function_is_right() {
        for tenth in -200_i16..200 {
            let x = f32::from(tenth) / 10.0;
            assert!((logistic(x) - 1.0 / (1.0 + (-x).exp())).abs() < 1e-6, "{x}");
        }
    }

    #[test]
    fn what_is_learned_tells_the_examples_apart_and_comes_out_the_same_again() {
        let settings = FitSettings {
            bits: 12,
            loss: Loss::Logistic,
            epochs: 10,
            rate: 0.5,
            l2: 0.0,
            seed: 1,
            rounds: 1,
            balance: Some(1.0),
        };
        let rows = [
            ("let the cat out", true),
            ("the cat sleeps", true),
            ("walk the dog", false),
            ("a dog barks", false),
            ("dogs and more dogs", false),
        ];
        for loss in [Loss::Logistic, Loss::SquaredHinge(1.0)] {
            learns(&rows, &FitSettings { loss, ..settings });
        }
    }

    fn learns(rows: &[(&str, bool)], settings: &FitSettings) {
        let example =
            |(text, is): &(&str, bool)| Example::new(*text, &[Some(*is), Some(!*is)], "rows");
        let examples: Vec<Example> = rows.iter().map(example).collect();
        let bytes = fit(&examples, &[], whole, settings, 2).bytes(12);
        assert!(bytes == fit(&examples, &[], whole, settings, 2).bytes(12));
        let model = guard::LinearModel::read(&bytes).unwrap();
        for (text, is) in rows {
            let features = guard::features(text, 12);
            assert_eq!(model.score(&features, 0) > 0.5, *is, "{text}");
            assert_eq!(model.score(&features, 1) > 0.5, !is, "{text}");
        }
    }
}
