//! The guards through their public interface: text in, findings out.

mod content;
mod mask;
mod secrets;
