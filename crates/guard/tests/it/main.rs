//! The guards through their public interface: text in, findings out.

mod mask;
mod stream;
mod secrets;
mod pii;
