//! What people, the assistant and programs say in a rollout. Both streams come through here, and
//! each text goes on once.

use super::{Context, Rollout};
use crate::codex::memo::Stream;
use crate::codex::text::typed;
use crate::codex::tools;
use crate::codex::wire::Payload;
use crate::content::{Block, Content, Typed};
use crate::{Kind, Message, Role};

impl Rollout {
    /// A message in a person's place: their words, pictures, or what a program put in.
    pub(super) fn prompt(&mut self, item: &Payload<'_>, context: &mut Context<'_, '_>) {
        let mut said = Vec::new();
        for text in texts(&item.content).into_iter().chain(item.message.get()) {
            match typed(text) {
                Typed::Said(text) => said.push(text),
                Typed::Command(text) => self.command(&text, Stream::Response, context),
                Typed::Injected(text) => self.put_in(&text, Stream::Response, context),
                Typed::Nothing => {}
            }
        }
        let text = said.join("\n\n");
        let pictures: Vec<_> = match &item.content {
            Content::Blocks(blocks) => blocks.iter().filter_map(tools::picture).collect(),
            _ => Vec::new(),
        };
        let is_new = !text.is_empty() && self.memo.is_new("user", &text, Stream::Response);
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

    pub(super) fn typed(&mut self, text: &str, stream: Stream, context: &mut Context<'_, '_>) {
        match typed(text) {
            Typed::Said(text) if self.memo.is_new("user", &text, stream) => {
                let message = Message {
                    text,
                    ..self.base(context)
                };
                self.emit(message, context);
            }
            Typed::Command(text) => self.command(&text, stream, context),
            Typed::Injected(text) => self.put_in(&text, stream, context),
            Typed::Said(_) | Typed::Nothing => {}
        }
    }

    pub(super) fn command(&mut self, text: &str, stream: Stream, context: &mut Context<'_, '_>) {
        if self.memo.is_new("command", text, stream) {
            let text = text.to_owned();
            let message = Message {
                kind: Kind::Command,
                text,
                ..self.base(context)
            };
            self.emit(message, context);
        }
    }

    pub(super) fn spoken(&mut self, text: &str, stream: Stream, context: &mut Context<'_, '_>) {
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
    pub(super) fn agent_message(&mut self, item: &Payload<'_>, context: &mut Context<'_, '_>) {
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
        stream: Stream,
        context: &mut Context<'_, '_>,
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
    fn put_in(&mut self, text: &str, stream: Stream, context: &mut Context<'_, '_>) {
        if self.memo.is_new("program", text, stream) {
            self.injected(text, context);
        }
    }

    pub(super) fn injected(&mut self, text: &str, context: &mut Context<'_, '_>) {
        if !text.is_empty() {
            let (role, kind) = (Role::System, Kind::Injected);
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
    pub(super) fn review(&mut self, event: &Payload<'_>, context: &mut Context<'_, '_>) {
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
pub(super) fn texts<'c>(content: &'c Content<'_>) -> Vec<&'c str> {
    match content {
        Content::Absent => Vec::new(),
        Content::Text(text) => vec![text],
        Content::Blocks(blocks) => blocks
            .iter()
            .filter_map(|Block(block)| block.text.get())
            .collect(),
    }
}

pub(super) fn joined(content: &Content<'_>) -> String {
    texts(content).join("\n\n").trim().to_owned()
}
