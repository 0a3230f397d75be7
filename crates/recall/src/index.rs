//! The indexes over messages: terms at once, vectors later.
//!
//! The unit of both is the passage; see [`PassageId`].

mod passage;
mod label;
mod terms;
pub(crate) mod titles;
pub(crate) mod vectors;
pub(crate) mod embedded;
pub(crate) mod embedding;

pub(crate) use label::Label;
pub use passage::PassageId;
pub(crate) use terms::{
    DATE_MARK, SPEAKER_MARK, TermBuilder, TermRow, Terms, add_terms, forget_removed, remove_terms,
    replace_terms,
};
