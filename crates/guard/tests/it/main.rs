//! The guards through their public interface: text in, findings out.

#![expect(
    clippy::disallowed_methods,
    reason = "tests read this crate's own source and sets, which nobody has prepared"
)]

mod content;
mod counterfactual;
mod overlap;
mod planted;
mod properties;
mod hidden;
mod hostile;
mod mask;
mod injection;
mod stream;
mod rules;
mod secrets;
mod pii;
