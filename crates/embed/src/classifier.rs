//! A text classifier that somebody brings along: a BERT-like network in ONNX with an uncased
//! WordPiece vocabulary and one class that counts.

use std::path::Path;
use std::sync::Arc;

use rten::{Model, ModelOptions, NodeId, RunOptions, ThreadPool, op_registry};
use rten_tensor::NdTensor;
use rten_tensor::prelude::*;
use serde::Deserialize;

use crate::minilm::{MAX_VOCABULARY_BYTES, Tokenizer};
use crate::{Error, Result};

const CLASSIFIER_GRAPH_FILE: &str = "model.onnx";
const CLASSIFIER_VOCABULARY_FILE: &str = "vocab.txt";
const CLASSIFIER_CONFIG_FILE: &str = "config.json";

/// Tokens that are read of a text at most, and where the configuration says nothing.
const MAX_CLASSIFIER_TOKENS: usize = 512;

/// Labels of the class that counts, in any spelling of case; of these the first that there is.
const CLASS_LABELS: [&str; 8] = [
    "injection",
    "jailbreak",
    "malicious",
    "unsafe",
    "attack",
    "toxic",
    "positive",
    "label_1",
];

/// A text classifier from files that a person provides: it says how likely a text belongs to one
/// class, such as prompt injection. It runs on this machine's CPU and serves any number of threads.
pub struct Classifier {
    tokenizer: Tokenizer,
    model: Model,
    input: NodeId,
    mask: NodeId,
    types: Option<NodeId>,
    output: NodeId,
    pool: Arc<ThreadPool>,
    /// Which output counts.
    class: usize,
}

/// What is read of `config.json`.
#[derive(Deserialize)]
struct ClassifierConfig {
    #[serde(default)]
    id2label: std::collections::BTreeMap<String, String>,
    max_position_embeddings: Option<usize>,
}

impl Classifier {
    /// Loads the classifier in a directory with `model.onnx`, `vocab.txt` and `config.json`;
    /// `threads` is how many all calls share; 0 counts as 1.
    ///
    /// The network must take `input_ids` and `attention_mask` (`token_type_ids` too, if it likes)
    /// and give `logits`, `[batch, classes]`. With several classes, the one that counts is the first
    /// of these that `id2label` in `config.json` names, in upper or lower case: `injection`,
    /// `jailbreak`, `malicious`, `unsafe`, `attack`, `toxic`, `positive`, `LABEL_1`. With one label
    /// or none, the network's first output counts.
    ///
    /// # Errors
    /// [`Error::Classifier`] where a file is missing, unreadable or not of this kind, `vocab.txt` or
    /// `config.json` has more than 64 MiB, or `id2label` names none of these classes.
    pub fn open(directory: &Path, threads: usize) -> Result<Self> {
        let read = |name: &str| {
            let path = directory.join(name);
            files::read_text(&path, MAX_VOCABULARY_BYTES).map_err(|error| wrong(&path, &error))
        };
        let config: ClassifierConfig = serde_json::from_str(&read(CLASSIFIER_CONFIG_FILE)?)
            .map_err(|error| wrong(&directory.join(CLASSIFIER_CONFIG_FILE), &error))?;
        let limit = config
            .max_position_embeddings
            .unwrap_or(MAX_CLASSIFIER_TOKENS)
            .min(MAX_CLASSIFIER_TOKENS);
        let tokenizer = Tokenizer::new(
            &read(CLASSIFIER_VOCABULARY_FILE)?,
            limit,
            &directory.join(CLASSIFIER_VOCABULARY_FILE),
        )
        .map_err(|error| wrong(directory, &error))?;
        let path = directory.join(CLASSIFIER_GRAPH_FILE);
        let model = load(&path)?;
        let node = |name: &str| model.node_id(name).map_err(|error| wrong(&path, &error));
        Ok(Self {
            tokenizer,
            input: node("input_ids")?,
            mask: node("attention_mask")?,
            types: node("token_type_ids").ok(),
            output: node("logits")?,
            pool: Arc::new(ThreadPool::with_num_threads(threads.max(1))),
            class: config
                .class()
                .map_err(|why| wrong(&directory.join(CLASSIFIER_CONFIG_FILE), &why))?,
            model,
        })
    }

    /// The probability that a text belongs to the class, from 0 to 1: the softmax of the network's
    /// outputs, or the logistic function of its only one. The text is read up to
    /// `max_position_embeddings` tokens of `config.json`, at most 512; what comes after is ignored.
    ///
    /// # Errors
    /// [`Error::Runtime`] where the network can't be run, or has fewer outputs than classes.
    pub fn score(&self, text: &str) -> Result<f32> {
        let tokens = self.tokenizer.tokens_of(text);
        let mut ids = NdTensor::<i32, 2>::zeros([1, tokens.len()]);
        for (place, token) in tokens.iter().enumerate() {
            ids[[0, place]] = token.cast_signed();
        }
        let mask = NdTensor::<i32, 2>::full([1, tokens.len()], 1);
        let mut inputs = vec![(self.input, ids.into()), (self.mask, mask.into())];
        if let Some(types) = self.types {
            inputs.push((types, NdTensor::<i32, 2>::zeros([1, tokens.len()]).into()));
        }
        let options = RunOptions::default().with_thread_pool(Some(self.pool.clone()));
        let [logits] = self
            .model
            .run_n(inputs, [self.output], Some(options))
            .map_err(|error| Error::Runtime(error.to_string()))?;
        let logits: NdTensor<f32, 2> = logits
            .try_into()
            .map_err(|_| Error::Runtime("the classifier's output isn't of rank 2".to_owned()))?;
        let logits: Vec<f32> = logits.iter().copied().collect();
        probability(&logits, self.class).ok_or_else(|| {
            let count = logits.len();
            Error::Runtime(format!(
                "the classifier gives {count} classes, not those it names"
            ))
        })
    }
}

impl ClassifierConfig {
    /// The number of the class that counts.
    fn class(&self) -> std::result::Result<usize, String> {
        if self.id2label.len() <= 1 {
            return Ok(0);
        }
        let named = |label: &str| {
            let is = |name: &String| name.eq_ignore_ascii_case(label);
            let (id, _) = self.id2label.iter().find(|(_, name)| is(name))?;
            id.parse().ok()
        };
        CLASS_LABELS.into_iter().find_map(named).ok_or_else(|| {
            let names: Vec<&str> = self.id2label.values().map(String::as_str).collect();
            format!("no class to count among {}", names.join(", "))
        })
    }
}

/// The softmax of a class; the logistic function where there is only one.
fn probability(logits: &[f32], class: usize) -> Option<f32> {
    let own = *logits.get(class)?;
    if logits.len() == 1 {
        return Some(1.0 / (1.0 + (-own).exp()));
    }
    let sum: f32 = logits.iter().map(|logit| (logit - own).exp()).sum();
    Some(1.0 / sum)
}

fn load(path: &Path) -> Result<Model> {
    if !path.is_file() {
        return Err(wrong(path, &"no such file"));
    }
    // What exporters make of BERT-like networks. The whole registry would be 2 MB of program.
    let options = ModelOptions::with_ops(op_registry!(
        Add,
        And,
        Cast,
        Clip,
        Concat,
        ConstantOfShape,
        Div,
        DynamicQuantizeLinear,
        Equal,
        Erf,
        Expand,
        Flatten,
        Gather,
        GatherElements,
        Gelu,
        Gemm,
        Greater,
        GreaterOrEqual,
        Identity,
        IsNaN,
        LayerNormalization,
        Less,
        LessOrEqual,
        MatMul,
        MatMulInteger,
        Max,
        Min,
        Mul,
        Neg,
        Not,
        Or,
        Pow,
        Range,
        ReduceMean,
        Relu,
        Reshape,
        Shape,
        Sigmoid,
        Slice,
        Softmax,
        Split,
        Sqrt,
        Squeeze,
        Sub,
        Tanh,
        Transpose,
        Unsqueeze,
        Where
    ));
    options.load_file(path).map_err(|error| wrong(path, &error))
}

fn wrong(path: &Path, why: &dyn std::fmt::Display) -> Error {
    Error::Classifier {
        path: path.to_owned(),
        why: why.to_string(),
    }
}
