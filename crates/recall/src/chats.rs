//! Conversations of the chat: branches of messages, turns, and what the chat keeps of both.
//!
//! What was said are messages of the source `lorekeep`, stored, searched, exported and forgotten as those of
//! every other source; here is what only a chat needs beside them. Each list of changes is one transaction.

mod kinds;
mod rows;
mod summaries;
mod forgetting;
mod changing;
mod write;
mod messages;
mod turns;
mod projects;
mod read;

pub(crate) use forgetting::forget_messages;
pub use kinds::{
    ChatChange, ChatFilter, ChatHead, ChatMessage, ChatMessageState, ChatPatch, ChatProject,
    ChatQuestion, ChatThread, GuardedMessage, NewChat, NewChatMessage, TurnEnd, TurnRecord,
    TurnState,
};
pub(crate) use projects::{forget_project, projects};
pub(crate) use read::{chat, chats, guarded, mentions, question, turn, unfinished_turns};
pub(crate) use write::change;
