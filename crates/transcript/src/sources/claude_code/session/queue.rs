//! Reads what records say of the queue of prompts.

use super::reading::SessionReader;
use crate::content::{MessageContent, TypedText};
use crate::lines::LogRecord;
use crate::sources::claude_code::queue::QueuedPrompt;
use crate::sources::claude_code::record::ClaudeRecord;
use crate::sources::claude_code::text::typed;
use crate::time::millis;
use crate::{Message, MessageKind, ReadBatch, Role};

impl SessionReader {
    /// A record on the queue.
    pub(super) fn queue(&mut self, record: &ClaudeRecord<'_>, at: LogRecord<'_>) {
        match record.operation.as_str() {
            "enqueue" => self.enqueue(record, at),
            "dequeue" | "remove" => self.memo.queue.take(),
            "popAll" | "clear" => self.memo.queue.clear(),
            _ => {}
        }
    }

    fn enqueue(&mut self, record: &ClaudeRecord<'_>, at: LogRecord<'_>) {
        let MessageContent::Text(text) = &record.content else {
            return;
        };
        let (text, is_command) = match typed(text, false) {
            TypedText::Said(text) => (text, false),
            TypedText::Command(text) => (text, true),
            TypedText::Injected(_) | TypedText::Nothing => return,
        };
        let (conversation, ..) = self.place(record);
        self.memo.queue.add(QueuedPrompt {
            text,
            is_command,
            conversation: conversation.to_string(),
            time: millis(record.timestamp.as_str()),
            offset: at.offset,
            cwd: record.cwd.get().unwrap_or(&self.memo.cwd).to_owned(),
            ..QueuedPrompt::default()
        });
    }

    /// Tells prompts that stand in the queue alone, now that nothing follows.
    pub(super) fn tell_queued(&mut self, batch: &mut ReadBatch) {
        for prompt in self.memo.queue.waiting() {
            let message = Message {
                id: prompt.id,
                offset: prompt.offset,
                conversation: self.conversation.share(&prompt.conversation),
                role: Role::User,
                kind: match prompt.is_command {
                    true => MessageKind::Command,
                    false => MessageKind::Said,
                },
                time: prompt.time,
                text: prompt.text,
                cwd: self.cwd.share_some(Some(&prompt.cwd)),
                ..Message::default()
            };
            // Messages come in the order of the file.
            let is_before = |other: &Message| other.offset <= message.offset;
            let at = batch.messages.partition_point(is_before);
            batch.messages.insert(at, message);
        }
    }
}
