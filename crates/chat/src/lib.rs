//! The chat: turns, conversations, and the models that are asked.
//!
//! [`Chat`] is one person's: a turn goes on whoever listens, what is said is judged by the guards on its way
//! in and out, and kept in the person's archive, where it is found with everything else. This crate must not
//! know HTTP routes or terminals. Paths, settings and the clock are passed in.

mod error;
mod id;
mod options;
mod settings;
mod guards;
pub mod character;
mod vault;
mod event;
mod detail;
mod assets;
mod steps;
mod thread;
mod prompt;
pub mod knowledge;
mod facts;
mod recollect;
mod said;
mod recollections;
mod toolbox;
mod found;
pub mod model;
mod turn;
mod alive;
mod off_record;
mod writer;
mod view;
mod export;
mod screen;
mod service;

pub use assets::{AssetInfo, MediaRetention};
pub use error::{Error, Result};
pub use event::Event;
pub use export::ChatExportFormat;
pub use facts::{FactOptions, FactRefusal};
pub use found::{UnkeptFinding, UnkeptFindings};
pub use guards::{ChatGuards, FoundHere, GuardRefusal};
pub use options::{ChatLimits, ChatOptions};
pub use recollect::RecallOptions;
pub use screen::{ArgumentListener, HeardText, Listener, Screen, ScreenedText, Screens};
pub use service::{
    Chat, ChatEvent, ConversationPatch, Deleted, FactSource, NewConversation, ProjectView,
    PromptView, RecordedAnswer, RecordedCall, RememberedFact, Removed, ResourceView,
    ServerToolView, SnippetView, ToolServerView, TurnAsk, TurnRequest, TurnStarted,
};
pub use settings::ConversationSettings;
pub use toolbox::{
    ApprovalAnswer, ApprovalDecision, BuiltInTool, CallLimits, ToolOptions, TurnQuestions,
};
pub use turn::TurnEvents;
pub use view::{ChatMessageView, ChatView, ConversationSummary};
