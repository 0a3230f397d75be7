//! Documents of knowledge: what a person gives the chat to look things up in.
//!
//! A document is a conversation of the source [`KNOWLEDGE_SOURCE`], its sections are messages of the system, so
//! that they are masked, indexed, judged, exported and forgotten as all messages are. Rows beside them say whose
//! a document is, where it came from, and where in it each section stands. Searches for what was said leave
//! documents out unless they ask for them: see [`SearchRequest::documents`](crate::SearchRequest::documents).

mod kinds;
mod rows;
mod read;
mod write;

pub use kinds::{
    DocumentInfo, DocumentOrigin, DocumentOutcome, DocumentScope, DocumentSection,
    KNOWLEDGE_SOURCE, NewDocument, NewSection, StoredDocument, section_number,
};
pub(crate) use read::{document, list, sections, unchanged};
pub(crate) use rows::{conversations_of, is_any, knowledge_conversations};
pub(crate) use write::{remove, remove_of_chat, store};
