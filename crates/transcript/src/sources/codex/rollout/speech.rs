//! What people, the assistant and programs say in a rollout. Both streams come through here, and
//! each text goes on once.

use super::reading::{RecordContext, RolloutReader};
use crate::content::{ContentBlock, MessageContent, TypedText};
use crate::sources::codex::record::RolloutPayload;
use crate::sources::codex::state::TextStream;
use crate::sources::codex::text::typed;
use crate::sources::codex::tools;
use crate::{Message, MessageKind, Role};

impl RolloutReader {
    /// A message in a person's place: their words, pictures, or what a program put in.
    pub(super) fn prompt(
        &mut self,
        item: &RolloutPayload<'_>,
        context: &mut RecordContext<'_, '_>,
    ) {
        let mut said = Vec::new();
        for text in texts(&item.content).into_iter().chain(item.message.get()) {
            match typed(text) {
                TypedText::Said(text) => said.push(text),
                TypedText::Command(text) => self.command(&text, TextStream::Response, context),
                TypedText::Injected(text) => self.put_in(&text, TextStream::Response, context),
                TypedText::Nothing => {}
            }
        }
        let text = said.join("\n\n");
        let pictures: Vec<_> = match &item.content {
            MessageContent::Blocks(blocks) => blocks.iter().filter_map(tools::picture).collect(),
            _ => Vec::new(),
        };
        let is_new = !text.is_empty() && self.memo.is_new("user", &text, TextStream::Response);
        if is_new || text.is_empty() && !pictures.is_empty() {
            let message = self.base(context);
            let message = Message {
                text,
                attachments: pictures,
                ..message
            };
            self.emit(message, context);
        }
    }

    pub(super) fn typed(
        &mut self,
        text: &str,
        stream: TextStream,
        context: &mut RecordContext<'_, '_>,
    ) {
        match typed(text) {
            TypedText::Said(text) if self.memo.is_new("user", &text, stream) => {
                let message = Message {
                    text,
                    ..self.base(context)
                };
                self.emit(message, context);
            }
            TypedText::Command(text) => self.command(&text, stream, context),
            TypedText::Injected(text) => self.put_in(&text, stream, context),
            TypedText::Said(_) | TypedText::Nothing => {}
        }
    }

    pub(super) fn command(
        &mut self,
        text: &str,
        stream: TextStream,
        context: &mut RecordContext<'_, '_>,
    ) {
        if self.memo.is_new("command", text, stream) {
            let text = text.to_owned();
            let message = Message {
                kind: MessageKind::Command,
                text,
                ..self.base(context)
            };
            self.emit(message, context);
        }
    }

    pub(super) fn spoken(
        &mut self,
        text: &str,
        stream: TextStream,
        context: &mut RecordContext<'_, '_>,
    ) {
        let text = text.trim();
        if !text.is_empty() && self.memo.is_new("assistant", text, stream) {
            let text = text.to_owned();
            let message = Message {
                text,
                ..self.by_assistant(context)
            };
            self.emit(message, context);
            self.memo.is_spoken = true;
        }
    }

    /// What another agent says to this one.
    pub(super) fn agent_message(
        &mut self,
        item: &RolloutPayload<'_>,
        context: &mut RecordContext<'_, '_>,
    ) {
        let text = joined(&item.content);
        if !text.is_empty() {
            let speaker = self.speaker.share_some(item.author.get());
            let message = Message {
                text,
                speaker,
                ..self.by_assistant(context)
            };
            self.emit(message, context);
        }
    }

    pub(super) fn thought<'t>(
        &mut self,
        thoughts: impl IntoIterator<Item = &'t str>,
        stream: TextStream,
        context: &mut RecordContext<'_, '_>,
    ) {
        let thoughts = thoughts
            .into_iter()
            .map(str::trim)
            .filter(|text| !text.is_empty());
        let new: Vec<&str> = thoughts
            .filter(|text| self.memo.is_new("thought", text, stream))
            .collect();
        if !new.is_empty() {
            let message = Message {
                thinking: new.join("\n\n"),
                ..self.by_assistant(context)
            };
            self.emit(message, context);
        }
    }

    /// A program's words in a person's place.
    fn put_in(&mut self, text: &str, stream: TextStream, context: &mut RecordContext<'_, '_>) {
        if self.memo.is_new("program", text, stream) {
            self.injected(text, context);
        }
    }

    pub(super) fn injected(&mut self, text: &str, context: &mut RecordContext<'_, '_>) {
        if !text.is_empty() {
            let (role, kind) = (Role::System, MessageKind::Injected);
            let message = Message {
                role,
                kind,
                text: text.to_owned(),
                ..self.base(context)
            };
            self.emit(message, context);
        }
    }

    /// A review. The items have it too, in words of their own: it is kept, but not searched.
    pub(super) fn review(
        &mut self,
        event: &RolloutPayload<'_>,
        context: &mut RecordContext<'_, '_>,
    ) {
        let Some(review) = &event.review_output.0 else {
            return;
        };
        let findings = review
            .findings
            .0
            .iter()
            .filter_map(|finding| finding.0.as_ref());
        let findings =
            findings.map(|found| format!("{}\n{}", found.title.as_str(), found.body.as_str()));
        let parts: Vec<String> = std::iter::once(review.overall_explanation.as_str().to_owned())
            .chain(findings)
            .filter(|part| !part.trim().is_empty())
            .collect();
        self.injected(&parts.join("\n\n"), context);
    }
}

/// The texts of a message's blocks.
pub(super) fn texts<'c>(content: &'c MessageContent<'_>) -> Vec<&'c str> {
    match content {
        MessageContent::Absent | MessageContent::Object(_) => Vec::new(),
        MessageContent::Text(text) => vec![text],
        MessageContent::Blocks(blocks) => blocks
            .iter()
            .filter_map(|ContentBlock(block)| block.text.get())
            .collect(),
    }
}

pub(super) fn joined(content: &MessageContent<'_>) -> String {
    texts(content).join("\n\n").trim().to_owned()
}
