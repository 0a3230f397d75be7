//! Small linear models over hashed words and letter sequences: weights of one byte each, compiled
//! in. Trained by `cargo xtask train`, which uses the same features.
//!
//! A text's features are its words, sequences of two and three words, words and pairs that open a
//! sentence, and sequences of three to five letters within padded words (two to four in scripts
//! that write no spaces), each counted once, hashed into 2^bits buckets, in two groups that are
//! scaled to about unit length each. Signals, which rules give, are features of value 1. The score
//! of an output is the logistic function of bias + Σ weight · value.

mod checksum;
mod script;
mod buckets;
mod classes;
mod names;
mod tokens;
mod model;

pub use buckets::Features;
pub(crate) use buckets::{SeenBuckets, both, signal};
pub(crate) use model::logistic;
pub use model::{LinearModel, WeightsError};
pub use tokens::features;
pub(crate) use tokens::{TextTokens, common_words, shingles};
