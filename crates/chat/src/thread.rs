//! The branches of a conversation, as one looks at them.

use std::collections::HashMap;

use memory::{ChatMessage, ChatMessageState, ChatThread, Role};

/// Characters of the first message that become its conversation's title.
const TITLE_CHARACTERS: usize = 60;

/// Looks up messages of a conversation by what they follow.
pub(crate) struct Branches<'a> {
    messages: &'a [ChatMessage],
    by_id: HashMap<&'a str, usize>,
}

impl<'a> Branches<'a> {
    pub(crate) fn of(thread: &'a ChatThread) -> Self {
        let messages = thread.messages.as_slice();
        let ids = messages.iter().enumerate();
        Self {
            by_id: ids
                .map(|(at, message)| (message.message.id.as_str(), at))
                .collect(),
            messages,
        }
    }

    /// The message of this id.
    pub(crate) fn get(&self, id: &str) -> Option<&'a ChatMessage> {
        self.by_id.get(id).map(|at| &self.messages[*at])
    }

    /// The messages from the first one to this one.
    pub(crate) fn path(&self, to: Option<&str>) -> Vec<&'a ChatMessage> {
        let mut path = Vec::new();
        let mut at = to.and_then(|id| self.get(id));
        // A damaged archive may have a loop.
        while let Some(message) = at.filter(|_| path.len() < self.messages.len()) {
            path.push(message);
            at = message.parent.as_deref().and_then(|id| self.get(id));
        }
        path.reverse();
        path
    }

    /// The ids of the messages that follow the same one, this one among them, in the order in which they were
    /// added.
    pub(crate) fn variants(&self, of: &ChatMessage) -> Vec<&'a str> {
        self.messages
            .iter()
            .filter(|other| other.parent == of.parent && other.message.role == of.message.role)
            .map(|other| other.message.id.as_str())
            .collect()
    }

    /// The end of the newest branch that goes through a message.
    pub(crate) fn newest_end(&self, through: &str) -> Option<&'a str> {
        let mut end = self.get(through)?.message.id.as_str();
        for _ in 0..self.messages.len() {
            let next = self
                .messages
                .iter()
                .rfind(|message| message.parent.as_deref() == Some(end));
            match next {
                Some(next) => end = next.message.id.as_str(),
                None => break,
            }
        }
        Some(end)
    }
}

/// Whether a message is put before a model again.
pub(crate) fn is_history(message: &ChatMessage) -> bool {
    let said = &message.message;
    message.state != ChatMessageState::Hidden
        && (!said.text.is_empty() || !said.tools.is_empty())
        && matches!(said.role, Role::User | Role::Assistant | Role::Tool)
}

/// The title of a conversation that begins with this text: its first words, in one line.
pub(crate) fn title_of(text: &str) -> Option<String> {
    let line = text.lines().map(str::trim).find(|line| !line.is_empty())?;
    let title = wire::markup::cut(&wire::markup::line(line), TITLE_CHARACTERS);
    (!title.trim().is_empty()).then_some(title)
}
