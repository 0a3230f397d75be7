//! The guards through their public interface: text in, findings out.

mod content;
mod overlap;
mod planted;
mod properties;
mod hidden;
mod mask;
mod injection;
mod stream;
mod rules;
mod secrets;
mod pii;
