//! The guards through their public interface: text in, findings out.

mod content;
mod hidden;
mod mask;
mod injection;
mod stream;
mod secrets;
mod pii;
