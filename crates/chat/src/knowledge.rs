//! Knowledge: documents that a person gives the chat to look things up in.
//!
//! A document is read by a process of its own with limits ([`ExtractorOptions`]), kept in the archive as a
//! conversation of the source `knowledge`, and found by the archive's one search. In a turn what is small goes
//! whole before the model, and of the rest the sections that are nearest to the question, quoted as foreign text
//! with their places.

mod options;
mod extractor;
mod source;
mod folder;
mod section;
mod base;
mod asking;
mod context;
mod turn;

pub use asking::{KnowledgeScope, KnowledgeWanted};
pub use base::{AddedDocument, KnowledgeBase};
pub use folder::documents_below;
pub use options::{ExtractorOptions, KnowledgeOptions};
pub use section::{KnowledgeHit, ReadSection};
pub(crate) use turn::TurnKnowledge;
