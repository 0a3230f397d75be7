//! What leaves the program: JSON documents, text for models, times and sizes in words.
//!
//! In every document a time is RFC 3339 in UTC with milliseconds, such as `2026-03-01T09:30:00.000Z`, and a
//! field that is `None` is `null`, unless it is marked to be left out.
//!
//! Every key of a document is declared here, once for all surfaces; `docs/json.md` promises them. This
//! crate must not know how anything is found or stored: it is handed values and writes them down.

mod search;
mod search_note;
mod lag;
mod message;
mod finding;
mod reflections;
mod knowledge;
mod facts;
mod browse;
mod blame;
mod import;
mod projects;
mod upkeep;
mod scan;
mod forget;
mod setup;
mod codes;
mod evidence;
mod hidden;
mod id;
mod number;
pub mod when;
pub mod markup;
pub mod tokens;

pub use blame::BlameDoc;
pub use browse::{FileHistoryDoc, RecentDoc, TimelineDoc};
pub use codes::{
    EXIT_DONE, EXIT_FAILED, EXIT_INTERRUPTED, EXIT_NOTHING_FOUND, EXIT_SCAN_FOUND, EXIT_USAGE,
    ErrorCodes, RPC_INTERNAL_ERROR, RPC_INVALID_PARAMS, RPC_INVALID_REQUEST, error_codes,
};
pub use evidence::EvidenceDoc;
pub use facts::{FactDoc, FactsDoc, FoundFactsDoc, OneFactDoc};
pub use finding::FindingDoc;
pub use forget::{ExclusionsDoc, ForgetDoc};
pub use hidden::{json_without_hidden, without_hidden};
pub use id::short_id;
pub use import::{CaughtDoc, EmbeddingDoc, ImportDoc, ProblemDoc};
pub use knowledge::{AddedDocumentDoc, DocumentDoc, SectionDoc};
pub use lag::{LagDoc, lag_note};
pub use message::{BriefMessageDoc, ConversationDoc, MessageDoc, RelatedDoc, TreeDoc};
pub use number::{counted, size, thousands};
pub use projects::{ProjectChangeDoc, ProjectSuggestionsDoc, ProjectsDoc, SourcesDoc};
pub use recall::ErrorClass;
pub use reflections::{ForeignDoc, MarkedDoc, OneReflectionDoc, ReflectionsDoc};
pub use scan::{BadLineDoc, FoundAt, FoundDoc, JudgedDoc, ScanProblemDoc, ScannedDoc};
pub use search::{BriefHitDoc, RankedDoc, SearchDoc, round};
pub use search_note::search_note;
pub use setup::{SetupDoc, SetupFileDoc};
pub use transcript::has_at_most_values;
pub use upkeep::{
    CheckDoc, ConfigCheckDoc, ConfigDoc, DoctorDoc, FaultDoc, ModelDoc, RescanDoc, SettingDoc,
    StatusDoc, VerifyDoc,
};
