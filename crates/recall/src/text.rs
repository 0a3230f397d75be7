//! Text as the indexes see it: terms, passages, and what is worth searching in a message.

mod passage;
mod payload;
mod forms;
mod terms;
mod stop;

pub(crate) use passage::{chunks, passages};
pub(crate) use payload::payload_text;
pub(crate) use stop::{is_asking_word, is_stop_word};
pub(crate) use terms::{Analyzer, is_unspaced};
