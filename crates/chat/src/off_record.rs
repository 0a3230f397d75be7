//! Conversations of which nothing is kept: they are in memory only, and gone with the process.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memory::{ChatChange, ChatHead, ChatMessage, ChatThread, Message, Millis, NewChatMessage};

use crate::detail::Detail;
use crate::thread::Branches;
use crate::{Error, Result};

/// Conversations off the record that a person may have at a time.
const MAX_CONVERSATIONS: usize = 200;

/// The conversations of one person of which nothing is kept.
#[derive(Debug, Default)]
pub(crate) struct OffRecord {
    threads: Mutex<HashMap<String, ChatThread>>,
}

impl OffRecord {
    fn threads(&self) -> MutexGuard<'_, HashMap<String, ChatThread>> {
        self.threads.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The conversation of this id.
    pub(crate) fn get(&self, id: &str) -> Option<ChatThread> {
        self.threads().get(id).cloned()
    }

    /// Whether a conversation is off the record.
    pub(crate) fn has(&self, id: &str) -> bool {
        self.threads().contains_key(id)
    }

    /// All of them, without their messages.
    pub(crate) fn heads(&self) -> Vec<ChatHead> {
        let threads = self.threads();
        threads.values().map(|thread| thread.head.clone()).collect()
    }

    /// Makes the changes that the archive would make, all or none.
    pub(crate) fn change(&self, now: Millis, changes: &[ChatChange]) -> Result<()> {
        let mut threads = self.threads();
        for change in changes {
            apply(&mut threads, now, change)?;
        }
        Ok(())
    }
}

fn apply(
    threads: &mut HashMap<String, ChatThread>,
    now: Millis,
    change: &ChatChange,
) -> Result<()> {
    match change {
        ChatChange::Create(new) => {
            if threads.len() >= MAX_CONVERSATIONS {
                return Err(Error::Conflict(format!(
                    "there are {MAX_CONVERSATIONS} conversations off the record; delete one"
                )));
            }
            let head = ChatHead {
                id: new.id.clone(),
                title: new.title.clone(),
                is_title_given: new.title.is_some(),
                created: now,
                updated: now,
                version: 1,
                head: None,
                pinned: false,
                archived: false,
                tags: new.tags.clone(),
                project: new.project.clone(),
                parent: new.parent.clone(),
                settings: new.settings.clone(),
                messages: 0,
            };
            let messages = Vec::new();
            let thread = ChatThread {
                head,
                messages,
                // Its project is the archive's, which is asked where the conversation is read.
                instructions: String::new(),
            };
            threads.insert(new.id.clone(), thread);
        }
        ChatChange::Patch { chat, patch } => {
            let head = &mut find(threads, chat)?.head;
            if let Some((title, is_given)) = &patch.title
                && (*is_given || !head.is_title_given)
            {
                (head.title, head.is_title_given) = (Some(title.clone()), *is_given);
            }
            if let Some(to) = &patch.head {
                head.head = Some(to.clone());
            }
            head.pinned = patch.pinned.unwrap_or(head.pinned);
            head.archived = patch.archived.unwrap_or(head.archived);
            if let Some(tags) = &patch.tags {
                head.tags.clone_from(tags);
            }
            if let Some(project) = &patch.project {
                head.project.clone_from(project);
            }
            if let Some(settings) = &patch.settings {
                head.settings.clone_from(settings);
            }
            touch(head, now);
        }
        ChatChange::Append { chat, message } => {
            let thread = find(threads, chat)?;
            thread.messages.push(kept(chat, message));
            thread.head.head = Some(message.id.clone());
            thread.head.messages += 1;
            touch(&mut thread.head, now);
        }
        ChatChange::Rewrite {
            chat,
            message,
            text,
            state,
            detail,
        } => {
            let thread = find(threads, chat)?;
            forget_summaries(thread, message);
            let found = find_message(thread, message)?;
            found.message.text.clone_from(text);
            found.state = *state;
            if let Some(detail) = detail {
                found.detail.clone_from(detail);
            }
            touch(&mut thread.head, now);
        }
        ChatChange::Note {
            chat,
            message,
            state,
            detail,
        } => {
            let thread = find(threads, chat)?;
            let found = find_message(thread, message)?;
            found.state = *state;
            found.detail.clone_from(detail);
            touch(&mut thread.head, now);
        }
        // A project is none of a conversation.
        ChatChange::Expect { .. } | ChatChange::Project { .. } => {}
        ChatChange::Move {
            chat,
            message,
            parent,
        } => {
            let thread = find(threads, chat)?;
            find_message(thread, message)?.parent.clone_from(parent);
            touch(&mut thread.head, now);
        }
        ChatChange::Remove { chat, messages } => {
            let thread = find(threads, chat)?;
            for id in messages {
                forget_summaries(thread, id);
                remove(thread, id)?;
            }
            touch(&mut thread.head, now);
        }
        ChatChange::Delete { chat } => {
            find(threads, chat)?;
            threads.remove(chat);
        }
        // Nothing of a turn is kept but what it said.
        ChatChange::Begin { .. }
        | ChatChange::DrawFacts { .. }
        | ChatChange::Draft { .. }
        | ChatChange::Progress { .. }
        | ChatChange::Request { .. }
        | ChatChange::End { .. } => {}
    }
    Ok(())
}

fn find<'t>(threads: &'t mut HashMap<String, ChatThread>, id: &str) -> Result<&'t mut ChatThread> {
    let found = threads.get_mut(id);
    found.ok_or_else(|| Error::not_found("conversation", id))
}

fn touch(head: &mut ChatHead, now: Millis) {
    head.version += 1;
    head.updated = now.max(head.updated);
}

fn find_message<'t>(thread: &'t mut ChatThread, id: &str) -> Result<&'t mut ChatMessage> {
    let found = thread.messages.iter_mut().find(|one| one.message.id == id);
    found.ok_or_else(|| Error::not_found("message", id))
}

/// Removes the summaries that stand for a message which goes or changes.
fn forget_summaries(thread: &mut ChatThread, id: &str) {
    let branches = Branches::of(thread);
    let stale: Vec<usize> = (0..thread.messages.len())
        .filter(|at| thread.messages[*at].detail.contains("\"summary\""))
        .filter(|at| {
            let path = branches.path(Some(&thread.messages[*at].message.id));
            path.iter().any(|message| message.message.id == id)
        })
        .collect();
    for at in stale {
        let message = &mut thread.messages[at];
        let mut detail = Detail::parse(&message.detail);
        detail.summary = None;
        message.detail = detail.to_json();
    }
}

fn remove(thread: &mut ChatThread, id: &str) -> Result<()> {
    let parent = find_message(thread, id)?.parent.clone();
    thread.messages.retain(|one| one.message.id != id);
    for other in &mut thread.messages {
        if other.parent.as_deref() == Some(id) {
            other.parent.clone_from(&parent);
        }
    }
    if thread.head.head.as_deref() == Some(id) {
        thread.head.head = parent;
    }
    thread.head.messages = thread.messages.len() as u64;
    Ok(())
}

fn kept(chat: &str, new: &NewChatMessage) -> ChatMessage {
    ChatMessage {
        message: Message {
            id: new.id.clone(),
            conversation: chat.into(),
            role: new.role,
            time: Some(new.time),
            text: new.text.clone(),
            thinking: new.thinking.clone(),
            speaker: new.speaker.as_deref().map(Into::into),
            model: new.model.as_deref().map(Into::into),
            usage: new.usage,
            tools: new.tools.clone(),
            results: new.results.clone(),
            ..Message::default()
        },
        parent: new.parent.clone(),
        turn: new.turn.clone(),
        state: new.state,
        detail: new.detail.clone(),
    }
}
