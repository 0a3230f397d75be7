//! The guards through their public interface: text in, findings out.

mod mask;
mod secrets;
mod pii;
