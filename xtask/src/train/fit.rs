//! Logistic regression by AdaGrad, one example after another in an order that the seed gives.

use super::corpus::Example;
use crate::logs::Rng;

/// How a model is trained.
#[derive(Clone, Copy, Debug)]
pub(super) struct Settings {
    /// Features are hashed into 2^bits buckets.
    pub(super) bits: u32,
    pub(super) epochs: usize,
    pub(super) rate: f32,
    /// Pull of the weights towards zero.
    pub(super) l2: f32,
    pub(super) seed: u64,
    /// How much examples of what an output looks for count in all, against all others; 1 makes both
    /// sides count the same, nothing leaves them as they come.
    pub(super) balance: Option<f32>,
    /// The features of a text, in 2^bits buckets.
    pub(super) features: fn(&str, u32) -> guard::Features,
}

/// A trained model before its weights are rounded.
pub(super) struct Fitted {
    biases: Vec<f32>,
    /// Bucket by bucket, one for each output.
    weights: Vec<f32>,
}

impl Fitted {
    /// The model as `guard` reads it.
    pub(super) fn bytes(&self, bits: u32) -> Vec<u8> {
        guard::Model::write(bits, &self.biases, &self.weights)
    }
}

struct Prepared<'a> {
    values: Vec<(u32, f32)>,
    example: &'a Example,
}

/// Trains on examples.
pub(super) fn fit(examples: &[Example], settings: &Settings, outputs: usize) -> Fitted {
    let prepared: Vec<Prepared<'_>> = examples
        .iter()
        .map(|example| Prepared {
            values: settings.features_of(&example.text),
            example,
        })
        .collect();
    let mut fitted = Fitted {
        biases: vec![0.0; outputs],
        weights: vec![0.0; outputs << settings.bits],
    };
    for output in 0..outputs {
        fit_output(&prepared, settings, output, outputs, &mut fitted);
    }
    fitted
}

impl Settings {
    fn features_of(&self, text: &str) -> Vec<(u32, f32)> {
        (self.features)(text, self.bits).values
    }
}

fn fit_output(
    examples: &[Prepared<'_>],
    settings: &Settings,
    output: usize,
    outputs: usize,
    fitted: &mut Fitted,
) {
    let sides = sides(examples, settings, output);
    let mut squares = vec![1e-6_f32; 1 << settings.bits];
    let mut bias_square = 1e-6_f32;
    let mut bias = 0.0_f32;
    let mut weights = vec![0.0_f32; 1 << settings.bits];
    let mut order: Vec<usize> = (0..examples.len()).collect();
    let mut rng = Rng::new(settings.seed, output as u64);
    for _ in 0..settings.epochs {
        shuffle(&mut order, &mut rng);
        for at in &order {
            let Prepared { values, example } = &examples[*at];
            let Some(target) = example.targets[output] else {
                continue;
            };
            let sum: f32 = values.iter().map(|(b, v)| weights[*b as usize] * v).sum();
            let target_value = f32::from(u8::from(target));
            let error = (logistic(bias + sum) - target_value) * example.weight;
            let error = error * if target { sides.1 } else { sides.0 };
            for (bucket, value) in values {
                let at = *bucket as usize;
                let gradient = error * value + settings.l2 * weights[at];
                squares[at] += gradient * gradient;
                weights[at] -= settings.rate * gradient / squares[at].sqrt();
            }
            bias_square += error * error;
            bias -= settings.rate * error / bias_square.sqrt();
        }
    }
    fitted.biases[output] = bias;
    for (at, weight) in weights.into_iter().enumerate() {
        fitted.weights[at * outputs + output] = weight;
    }
}

/// What an example counts by its side: of those without and of those with what is looked for.
fn sides(examples: &[Prepared<'_>], settings: &Settings, output: usize) -> (f32, f32) {
    let Some(balance) = settings.balance else {
        return (1.0, 1.0);
    };
    let weight_of = |side: bool| -> f32 {
        let of_side = examples
            .iter()
            .filter(|one| one.example.targets[output] == Some(side));
        of_side.map(|one| one.example.weight).sum::<f32>().max(1.0)
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
    use super::{Example, Settings, fit, logistic};

    #[test]
    fn the_logistic_function_is_right() {
        for tenth in -200_i16..200 {
            let x = f32::from(tenth) / 10.0;
            assert!((logistic(x) - 1.0 / (1.0 + (-x).exp())).abs() < 1e-6, "{x}");
        }
    }

    #[test]
    fn what_is_learned_tells_the_examples_apart_and_comes_out_the_same_again() {
        let settings = Settings {
            bits: 12,
            epochs: 10,
            rate: 0.5,
            l2: 0.0,
            seed: 1,
            balance: Some(1.0),
            features: guard::features,
        };
        let rows = [
            ("let the cat out", true),
            ("the cat sleeps", true),
            ("walk the dog", false),
            ("a dog barks", false),
            ("dogs and more dogs", false),
        ];
        let examples = rows.map(|(text, is)| Example::new(text, &[Some(is), Some(!is)], "rows"));
        let bytes = fit(&examples, &settings, 2).bytes(12);
        assert!(bytes == fit(&examples, &settings, 2).bytes(12));
        let model = guard::Model::read(&bytes).unwrap();
        for (text, is) in rows {
            let features = guard::features(text, 12);
            assert_eq!(model.score(&features, 0) > 0.5, is, "{text}");
            assert_eq!(model.score(&features, 1) > 0.5, !is, "{text}");
        }
    }
}
