//! What comes back: plain values that the edges render.

mod import;
mod forget;
mod message;
mod state;
mod search;

pub use forget::ForgetReport;
pub use import::{ImportReport, ProblemAt, Skipped, SourceReport};
pub use message::{ConversationTree, ConversationView, MessageView, RelatedConversation, TreeLine};
pub use search::{Hit, ReflectionHit, SearchNote, SearchResponse, Verdict, Why};
pub use state::{
    Indexed, ProjectChange, ProjectChangeKind, ProjectInfo, ProjectSize, ProjectSuggestion,
    RescanReport, SourceInfo, Status, SuggestionReason, VerifyReport,
};
