//! The archive as its users see it: one value with everything that can be asked of it.

mod opened;
mod opener;
mod ingest;
mod query;
mod reflections;
mod facts;
mod projects;
mod chats;
mod documents;
mod upkeep;
mod salvage;
mod forget;

pub use opened::Archive;
pub use opener::{ArchiveOpener, OpenMode, VectorStorage};
pub use salvage::SalvageReport;
