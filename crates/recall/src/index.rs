//! The indexes over messages: of terms (words in the form in which they are indexed), written when a
//! message is imported; and of vectors, written when it is embedded later. The unit of both is the passage;
//! see [`PassageId`].

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
    replace_terms, unlink_terms,
};
