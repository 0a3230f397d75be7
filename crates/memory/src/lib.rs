//! The archive as every surface uses it: the command line, the MCP server and hooks.
//!
//! A [`Memory`] imports what is new in the logs of assistants, loads the embedding model, searches, and
//! searches by words alone where there is no model. One value serves any number of threads. This crate
//! must not know terminals, HTTP or MCP, and reads neither settings nor environment nor the clock: all of
//! that is passed in.

mod error;
mod clock;
mod model;
mod options;
mod pool;
mod follower;
mod memory;

pub use clock::Clock;
pub use error::{Error, Result};
pub use memory::{Memory, SearchReadiness, Searched};
pub use model::{LocalModel, ModelAvailability, ModelDescription, SharedModel};
pub use options::{FollowOptions, MemoryOptions};
pub use pool::PooledArchive;

// What a surface asks the archive for and gets back, so that it need not know where that is made.
pub use embed::FixedEmbedder;
pub use guard::Action;
pub use recall::{
    Archive, ArchiveOpener, BlameReport, BlameRequest, BlamedLines, CHAT_SOURCE, ChatChange,
    ChatFilter, ChatHead, ChatMessage, ChatMessageState, ChatPatch, ChatProject, ChatQuestion,
    ChatThread, ConceptHit, ConceptReport, ConceptRequest, ConversationView, Decay, DocumentInfo,
    DocumentOrigin, DocumentOutcome, DocumentScope, DocumentSection, Error as ArchiveError,
    FactBasis, FactChange, FactDue, FactFilter, FactList, FileRequest, FileUse, Forget,
    ForgetReport, FoundFact, Granularity, GroupBy, GuardedMessage, Guards, Hit, Home, ImportReport,
    ImportRequest, Indexed, KNOWLEDGE_SOURCE, Lag, Learnings, LearningsRequest, LineSource, Mark,
    Masker, MessageView, Mode, NewChat, NewChatMessage, NewDocument, NewFact, NewReflection,
    NewSection, NoProgress, OpenMode, Period, PersonFact, Progress, ReadRequest, RecentRequest,
    Reflection, ReflectionChange, ReflectionFilter, ReflectionProject, Roots, Scope, SearchRequest,
    SearchResponse, Stage, Stop, StoredDocument, TimelineRequest, TurnEnd, TurnRecord, TurnState,
    VectorIndex, VectorStorage, Verdict, WorkGroup, WritingCall, fact_terms, section_number,
};
pub use transcript::{
    FactOrigin, FileAction, MarkStatus, Marking, Message, MessageKind, Millis, PERSON_FACT,
    Registry, Relation, Role, TokenUsage, ToolCall, ToolResult,
};
