//! A model of the real architecture with few and random weights, and the same network once more in
//! plain Rust, to compare with.

use embed::{BertConfig, ModelId, ModelOrigin, ModelSpec, ModelStore, Precision};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

pub(crate) const CONFIG: BertConfig = BertConfig {
    hidden: 32,
    heads: 4,
    layers: 2,
};
pub(crate) const MAX_TOKENS: usize = 16;
const INNER: usize = 64;
const PIECES: [&str; 24] = [
    "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "back", "##up", "##s", "the", "archive", "of",
    "a", "##rch", "##ive", ".", "?", "#", "##b", "un", "##believ", "##able", "caf", "##e", "漢",
];

/// A fixed time; nothing here depends on which.
pub(crate) fn now() -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_secs(1_800_000_000)
}

/// The inputs of a model, as they would be published.
pub(crate) struct Tiny {
    tensors: BTreeMap<String, (Vec<usize>, Vec<f32>)>,
    pub(crate) weights: Vec<u8>,
    pub(crate) tokenizer: Vec<u8>,
}

impl Tiny {
    pub(crate) fn new() -> Self {
        let tensors = tensors();
        let weights = safetensors(&tensors);
        Self {
            tensors,
            weights,
            tokenizer: tokenizer(&PIECES),
        }
    }

    pub(crate) fn spec(&self, precision: Precision) -> ModelSpec {
        ModelSpec {
            model_id: ModelId::new("tiny"),
            directory: "tiny".to_owned(),
            config: CONFIG,
            precision,
            max_tokens: MAX_TOKENS,
            weights_sha256: sha256(&self.weights),
            tokenizer_sha256: sha256(&self.tokenizer),
            ..ModelSpec::mini_lm()
        }
    }

    /// Both files in a directory.
    pub(crate) fn publish(&self, directory: &Path) -> ModelOrigin {
        fs_err::create_dir_all(directory).unwrap();
        fs_err::write(directory.join("model.safetensors"), &self.weights).unwrap();
        fs_err::write(directory.join("tokenizer.json"), &self.tokenizer).unwrap();
        ModelOrigin::Path(directory.to_owned())
    }

    /// A store under `root` with the model in it.
    pub(crate) fn fetched(&self, root: &Path, precision: Precision) -> ModelStore {
        let origin = self.publish(&root.join("published"));
        let store = ModelStore::new(models(root), self.spec(precision));
        store.fetch(&origin, now(), &mut |_| {}).unwrap();
        store
    }

    /// The unit mean over the tokens' vectors, in 64 bits.
    pub(crate) fn reference(&self, tokens: &[u32]) -> Vec<f64> {
        let mut hidden: Vec<Vec<f64>> = (tokens.iter().enumerate())
            .map(|(place, token)| {
                let word = self.row("embeddings.word_embeddings.weight", *token as usize);
                let position = self.row("embeddings.position_embeddings.weight", place);
                let segment = self.row("embeddings.token_type_embeddings.weight", 0);
                let sum = word
                    .iter()
                    .zip(position)
                    .zip(segment)
                    .map(|((a, b), c)| a + b + c);
                self.layer_norm("embeddings.LayerNorm", &sum.collect::<Vec<_>>())
            })
            .collect();
        for layer in 0..CONFIG.layers {
            hidden = self.layer(&format!("encoder.layer.{layer}"), &hidden);
        }
        let mut mean = vec![0.0; CONFIG.hidden];
        hidden
            .iter()
            .for_each(|row| mean.iter_mut().zip(row).for_each(|(sum, v)| *sum += v));
        let length = mean.iter().map(|v| v * v).sum::<f64>().sqrt();
        mean.iter().map(|v| v / length).collect()
    }

    fn layer(&self, layer: &str, hidden: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let project = |part: &str| -> Vec<Vec<f64>> {
            let name = format!("{layer}.attention.self.{part}");
            hidden.iter().map(|row| self.linear(&name, row)).collect()
        };
        let [query, key, value] = ["query", "key", "value"].map(project);
        let width = CONFIG.hidden / CONFIG.heads;
        let mut context = vec![vec![0.0; CONFIG.hidden]; hidden.len()];
        for start in (0..CONFIG.hidden).step_by(width) {
            let head = start..start + width;
            for (row, query) in context.iter_mut().zip(&query) {
                let scores = key.iter().map(|key| {
                    let pairs = query[head.clone()].iter().zip(&key[head.clone()]);
                    (pairs.map(|(q, k)| q * k).sum::<f64>() / (width as f64).sqrt()).exp()
                });
                let scores: Vec<f64> = scores.collect();
                let total: f64 = scores.iter().sum();
                for (score, value) in scores.iter().zip(&value) {
                    head.clone()
                        .for_each(|i| row[i] += score / total * value[i]);
                }
            }
        }
        let rows = hidden.iter().zip(&context);
        rows.map(|(input, context)| {
            let attended = self.linear(&format!("{layer}.attention.output.dense"), context);
            let norm = format!("{layer}.attention.output.LayerNorm");
            let attended = self.layer_norm(&norm, &add(&attended, input));
            let inner = self.linear(&format!("{layer}.intermediate.dense"), &attended);
            let inner: Vec<f64> = inner.into_iter().map(gelu).collect();
            let outer = self.linear(&format!("{layer}.output.dense"), &inner);
            self.layer_norm(
                &format!("{layer}.output.LayerNorm"),
                &add(&outer, &attended),
            )
        })
        .collect()
    }

    fn row(&self, tensor: &str, index: usize) -> Vec<f64> {
        let (shape, values) = &self.tensors[tensor];
        let width = *shape.last().unwrap();
        values[index * width..][..width]
            .iter()
            .map(|v| f64::from(*v))
            .collect()
    }

    fn linear(&self, name: &str, input: &[f64]) -> Vec<f64> {
        let bias = self.row(&format!("{name}.bias"), 0);
        let output = |(index, bias): (usize, f64)| {
            let weights = self.row(&format!("{name}.weight"), index);
            weights.iter().zip(input).map(|(w, v)| w * v).sum::<f64>() + bias
        };
        bias.into_iter().enumerate().map(output).collect()
    }

    fn layer_norm(&self, name: &str, input: &[f64]) -> Vec<f64> {
        let count = input.len() as f64;
        let mean = input.iter().sum::<f64>() / count;
        let variance = input.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / count;
        let gain = self.row(&format!("{name}.weight"), 0);
        let bias = self.row(&format!("{name}.bias"), 0);
        let scaled = input.iter().map(|v| (v - mean) / (variance + 1e-12).sqrt());
        scaled
            .zip(gain)
            .zip(bias)
            .map(|((v, gain), bias)| v * gain + bias)
            .collect()
    }
}

pub(crate) fn models(root: &Path) -> PathBuf {
    root.join("cache/models")
}

pub(crate) fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

/// A tokenizer file of the real kind with other pieces.
pub(crate) fn tokenizer(pieces: &[&str]) -> Vec<u8> {
    let vocab: BTreeMap<&str, usize> = pieces.iter().copied().zip(0..).collect();
    let file = json!({
        "truncation": { "max_length": 128 },
        "normalizer": {
            "type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true,
            "strip_accents": null, "lowercase": true,
        },
        "pre_tokenizer": { "type": "BertPreTokenizer" },
        "model": {
            "type": "WordPiece", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": vocab,
        },
    });
    file.to_string().into_bytes()
}

fn tensors() -> BTreeMap<String, (Vec<usize>, Vec<f32>)> {
    let mut random = Random(7);
    let mut tensors = BTreeMap::new();
    let mut add = |name: String, shape: Vec<usize>, centre: f32| {
        let values = (0..shape.iter().product())
            .map(|_| centre + random.next() * 0.3)
            .collect();
        tensors.insert(name, (shape, values));
    };
    let hidden = CONFIG.hidden;
    add(
        "embeddings.word_embeddings.weight".into(),
        vec![PIECES.len(), hidden],
        0.0,
    );
    add(
        "embeddings.position_embeddings.weight".into(),
        vec![MAX_TOKENS, hidden],
        0.0,
    );
    add(
        "embeddings.token_type_embeddings.weight".into(),
        vec![2, hidden],
        0.0,
    );
    let mut norms = vec!["embeddings.LayerNorm".to_owned()];
    for layer in 0..CONFIG.layers {
        let layer = format!("encoder.layer.{layer}");
        for (part, outputs, inputs) in [
            ("attention.self.query", hidden, hidden),
            ("attention.self.key", hidden, hidden),
            ("attention.self.value", hidden, hidden),
            ("attention.output.dense", hidden, hidden),
            ("intermediate.dense", INNER, hidden),
            ("output.dense", hidden, INNER),
        ] {
            add(format!("{layer}.{part}.weight"), vec![outputs, inputs], 0.0);
            add(format!("{layer}.{part}.bias"), vec![outputs], 0.0);
        }
        norms.push(format!("{layer}.attention.output.LayerNorm"));
        norms.push(format!("{layer}.output.LayerNorm"));
    }
    for norm in norms {
        add(format!("{norm}.weight"), vec![hidden], 1.0);
        add(format!("{norm}.bias"), vec![hidden], 0.0);
    }
    tensors
}

fn safetensors(tensors: &BTreeMap<String, (Vec<usize>, Vec<f32>)>) -> Vec<u8> {
    let mut header = serde_json::Map::new();
    header.insert("__metadata__".to_owned(), json!({ "format": "pt" }));
    let mut data = Vec::new();
    for (name, (shape, values)) in tensors {
        let start = data.len();
        data.extend(values.iter().flat_map(|v| v.to_le_bytes()));
        let entry = json!({ "dtype": "F32", "shape": shape, "data_offsets": [start, data.len()] });
        header.insert(name.clone(), entry);
    }
    let header = Value::Object(header).to_string();
    let mut file = (header.len() as u64).to_le_bytes().to_vec();
    file.extend(header.as_bytes());
    file.extend(data);
    file
}

fn add(a: &[f64], b: &[f64]) -> Vec<f64> {
    a.iter().zip(b).map(|(a, b)| a + b).collect()
}

/// With erf by its series, which is exact enough for the small arguments here.
fn gelu(x: f64) -> f64 {
    let z = x / 2.0_f64.sqrt();
    let (mut term, mut sum) = (z, z);
    for n in 1..200 {
        term *= -z * z / f64::from(n);
        sum += term / f64::from(2 * n + 1);
    }
    x * 0.5 * (1.0 + sum * 2.0 / std::f64::consts::PI.sqrt())
}

/// Evenly distributed numbers within ±1, the same every time.
pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963);
        (self.0 >> 40) as f32 / (1_u64 << 23) as f32 - 1.0
    }

    pub(crate) fn byte(&mut self) -> i8 {
        self.next();
        (self.0 >> 56) as i8
    }

    pub(crate) fn below(&mut self, limit: usize) -> usize {
        (((self.next() + 1.0) / 2.0 * limit as f32) as usize).min(limit - 1)
    }
}
