//! One person's chat: conversations, and turns in them.

mod active;
mod undo;
mod pictures;
mod recover;
mod recorded;
mod core;
mod told;
mod hearing;
mod window;
mod characters;
mod begin;
mod listen;
mod run;
mod conversations;
mod projects;
mod edit;
mod assets;
mod recording;

pub use self::core::{Chat, ChatEvent};
pub use active::{TurnAsk, TurnRequest};
pub use assets::Asset;
pub use begin::TurnStarted;
pub use conversations::{ConversationPatch, Deleted, NewConversation};
pub use edit::Removed;
pub use projects::ProjectView;
pub use recording::{RecordedAnswer, RecordedCall};
