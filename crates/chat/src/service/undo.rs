//! Deletions of messages that can be taken back for a while.

use std::collections::VecDeque;

use memory::{ChatMessage, ChatThread};

use crate::thread::Branches;
use crate::{Error, Result, id};

/// Deletions that can be taken back, at most.
const MAX_UNDO: usize = 50;

/// Deletions that can be taken back, the latest last. They are in memory only.
#[derive(Default)]
pub(super) struct UndoList(std::sync::Mutex<VecDeque<MessageUndo>>);

pub(super) struct MessageUndo {
    pub(super) token: String,
    pub(super) chat: String,
    /// In the order in which they follow each other.
    pub(super) messages: Vec<ChatMessage>,
    /// What followed a message that was deleted, with that one's id.
    pub(super) followers: Vec<(String, String)>,
    pub(super) head: Option<String>,
}

impl UndoList {
    pub(super) fn push(&self, undo: MessageUndo) {
        let mut list = self.0.lock().unwrap_or_else(|error| error.into_inner());
        if list.len() >= MAX_UNDO {
            list.pop_front();
        }
        list.push_back(undo);
    }

    pub(super) fn take(&self, token: &str) -> Option<MessageUndo> {
        let mut list = self.0.lock().unwrap_or_else(|error| error.into_inner());
        let at = list.iter().position(|undo| undo.token == token)?;
        list.remove(at)
    }

    /// Forgets what was deleted of a conversation.
    pub(super) fn forget(&self, chat: &str) {
        let mut list = self.0.lock().unwrap_or_else(|error| error.into_inner());
        list.retain(|undo| undo.chat != chat);
    }
}

impl MessageUndo {
    pub(super) fn of(thread: &ChatThread, id: &str, with_following: bool) -> Result<Self> {
        let branches = Branches::of(thread);
        let first = branches
            .get(id)
            .ok_or_else(|| Error::not_found("message", id))?;
        let mut messages = vec![first.clone()];
        let mut at = 0;
        while with_following && at < messages.len() {
            let parent = messages[at].message.id.clone();
            let next = thread.messages.iter();
            messages.extend(
                next.filter(|message| message.parent.as_deref() == Some(parent.as_str()))
                    .cloned(),
            );
            at += 1;
        }
        let followers = thread
            .messages
            .iter()
            .filter(|message| !with_following && message.parent.as_deref() == Some(id))
            .map(|message| (message.message.id.clone(), id.to_owned()))
            .collect();
        Ok(Self {
            token: id::new_id(),
            chat: thread.head.id.clone(),
            messages,
            followers,
            head: thread.head.head.clone(),
        })
    }
}
