//! What text holds that should not be stored, shown or obeyed: personal data, secrets, attempts to
//! instruct the reader, unwanted content.
//!
//! Pure: text in, findings out; policies say what becomes of them. This crate must not know the
//! disk, the clock, the network, or where a text comes from. Its rules and weights are compiled in.
//!
//! The text that is judged is untrusted: time and memory are linear in its length, and every
//! regular expression is of the linear-time engine.

/// Counts up whenever a rule is added, dropped or changed: what was checked by an older number is worth
/// checking again.
pub const RULES_VERSION: u32 = 2;

mod finding;

pub use finding::{Finding, Kind, Kinds};

mod policy;

pub use policy::{Action, Place, Policies, Policy};

mod mask;

pub use mask::{Mask, Masker, Vault, collapse};

mod hidden;

pub use hidden::{hidden_ranges, is_hidden, without_hidden};

mod normal;

pub use normal::plain;

mod learned;

pub use learned::{Features, Model, ModelError, features};

mod custom;
mod reading;
mod overlap;

pub use custom::{Allow, Pattern, PatternError};

pub mod pii;
pub mod secrets;
pub mod injection;
pub mod content;

mod engine;

pub use engine::{Engine, Failure, Judged, Judgement, Options, SecondOpinion};

pub mod stream_scanner;
mod stream;

pub use stream::{Released, Stream};
