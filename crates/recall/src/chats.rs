//! Conversations of the chat: branches of messages, turns, and what the chat keeps of both.
//!
//! What was said are messages of the source `lorekeep`, stored, searched, exported and forgotten as those of
//! every other source; here is what only a chat needs beside them. Each list of changes is one transaction.

mod kinds;
mod rows;
mod changing;
mod write;
mod messages;
mod turns;
mod read;

pub use kinds::{
    CHAT_SOURCE, ChatChange, ChatFilter, ChatHead, ChatMessage, ChatMessageState, ChatPatch,
    ChatThread, NewChat, NewChatMessage, TurnEnd, TurnRecord, TurnState,
};
pub(crate) use read::{chat, chats, mentions, turn, unfinished_turns};
pub(crate) use rows::{forget_messages, forget_requests};
pub(crate) use write::change;
