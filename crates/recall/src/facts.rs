//! Facts about the person whose archive it is: what they said of themselves, one statement each.
//!
//! A fact is a message of the archive in a conversation of its own, of the source `fact` and in no project, so
//! that it is guarded, indexed, exported and forgotten as any other. A row beside the message holds its topics
//! and where it was said; marks say whether it still holds.

mod fact;
mod words;
mod listing;
mod kept;
mod closeness;
mod drawing;

pub(crate) use closeness::search;
pub(crate) use drawing::{basis, begin_drawing, due, end_drawing, set_due, spend, spent};
pub use fact::{
    FactBasis, FactChange, FactDue, FactFilter, FactList, FoundFact, NewFact, PersonFact,
};
pub(crate) use kept::{as_kept, edit, forget, forget_said, keep};
pub(crate) use listing::{get, list, said_in, version};
pub use words::fact_terms;
