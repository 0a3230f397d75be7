//! What text holds that should not be stored, shown or obeyed: personal data, secrets, attempts to
//! instruct the reader, unwanted content.
//!
//! Pure: text in, findings out; policies say what becomes of them. This crate must not know the
//! disk, the clock, the network, or where a text comes from. Its rules and weights are compiled in.
//! There is a *guard* for each [`Kind`] of findings; [`Engine`] runs them, and [`Masker`] replaces what
//! they found.
//!
//! The text that is judged is untrusted: time and memory are linear in its length, and every
//! regular expression is of the linear-time engine.

/// Tells rules and weights from others: what was checked by another version is worth checking again.
///
/// It is the start of a SHA-256 over every literal of this crate's source (patterns, words, phrases,
/// names, thresholds), over the weights and word lists, and over what the guards find in the labelled
/// texts in `sets`; so it changes with the rules, and neither with names nor with the order of the
/// code. A test computes it and tells which number belongs here. Versions have no order. What policies
/// and a person's own patterns say is no part of it.
pub const RULES_VERSION: u32 = 0x4507_9fea;

mod finding;

pub use finding::{Finding, Kind, Kinds};

mod policy;

pub use policy::{Action, Place, Policies, Policy, TextOrigin};

mod judgement;

pub use judgement::{Failure, Judged, Judgement};

mod mask;

pub use mask::{Mask, Masker, Vault, collapse};

mod hidden;

pub use hidden::{hidden_ranges, is_hidden, without_hidden};

mod normal;

pub use normal::plain;

mod learned;

pub use learned::{Features, LinearModel, WeightsError, features};

mod unready;

mod custom;
mod reading;
mod overlap;

pub use custom::{Allow, Pattern, PatternError};

pub mod pii;
pub mod secrets;
pub mod injection;
pub mod content;

mod engine;

pub use engine::{Engine, EngineOptions, SecondOpinion};

pub mod names;

mod explain;

pub use explain::Explanation;

pub mod stream_scanner;
mod stream;

pub use stream::{LateVerdict, ReleasedText, Stream};
