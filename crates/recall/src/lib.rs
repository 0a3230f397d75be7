//! The archive, its indexes, import and search.
//!
//! SQLite is the only system of record; everything else here is derived from it. This crate must not
//! know HTTP, MCP or terminals, and reads neither the environment nor the clock: paths, settings and
//! times are passed in.

mod error;
mod home;
mod git;
mod exclusions;
mod request;
mod text;
mod guards;
mod project;
mod store;
mod report;
mod index;
mod projects;
mod ingest;
mod reflections;
mod documents;
mod facts;
mod chats;
mod query;
mod upkeep;
mod forget;
mod archive;

pub use archive::{Archive, ArchiveOpener, OpenMode, SalvageReport, VectorStorage};
pub use chats::{
    ChatChange, ChatFilter, ChatHead, ChatMessage, ChatMessageState, ChatPatch, ChatProject,
    ChatQuestion, ChatThread, GuardedMessage, NewChat, NewChatMessage, TurnEnd, TurnRecord,
    TurnState,
};
pub use documents::{
    DocumentInfo, DocumentOrigin, DocumentOutcome, DocumentScope, DocumentSection,
    KNOWLEDGE_SOURCE, NewDocument, NewSection, StoredDocument, section_number,
};
pub use error::{Error, ErrorClass, Result};
pub use exclusions::Exclusions;
pub use facts::{
    FactBasis, FactChange, FactDue, FactFilter, FactList, FoundFact, NewFact, PersonFact,
    fact_terms,
};
pub use git::{command as git, output as git_output};
pub use guard::Masker;
pub use guards::{FieldFinding, Guards};
pub use home::Home;
pub use index::PassageId;
pub use index::vectors::{
    ArchiveState, MessageRange, VectorFilter, VectorHit, VectorIndex, VectorQuery, VectorSpace,
};
pub use ingest::fresh::{CatchUp, Caught, Lag, Look, Sweeper, UnimportedLog};
pub use query::blame::{
    BlameReport, BlameRequest, BlamedLines, Certainty, CommitInfo, CommitMaker, LineSource,
    WritingCall,
};
pub use query::browse::{
    Activity, CONCEPTS, ConceptHit, ConceptReport, ConceptRequest, FileHistory, FileRequest,
    FileUse, Granularity, GroupBy, Learnings, LearningsRequest, OpenEnd, Outcome, Period, Quote,
    Recap, RecapRequest, RecentRequest, RecentWork, StandingTerm, Timeline, TimelineRequest,
    WorkGroup,
};
pub use query::locate::Located;
pub use query::outline::{ConversationOutline, FoundPositions};
pub use reflections::{
    ForeignBounds, ForeignReflection, ForeignReport, Mark, Marked, NewReflection, Reflection,
    ReflectionChange, ReflectionFilter, ReflectionProject, self_reflect_database,
    self_reflect_point,
};
pub use report::{
    ConversationTree, ConversationView, ForgetReport, Hit, ImportReport, Indexed, MessageView,
    ProblemAt, ProjectChange, ProjectChangeKind, ProjectInfo, ProjectSize, ProjectSuggestion,
    ReflectionHit, RelatedConversation, RescanReport, SearchNote, SearchResponse, Skipped,
    SourceInfo, SourceReport, Status, SuggestionReason, TreeLine, Verdict, VerifyReport, Why,
};
pub use request::{
    Decay, ExportFilter, Forget, ImportRequest, Mode, NoProgress, Progress, ReadRequest, Rescan,
    Roots, Scope, SearchRequest, Stage, Stop,
};
pub use store::{CHAT_SOURCE, MessageId, ProjectFilter, ProjectId};
