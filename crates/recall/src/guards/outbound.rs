//! How values leave the archive: each type of answer says which of its texts a [`Gate`] must judge, and
//! only what went through a gate gets out.

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use transcript::{Marking, Message, Role};

use super::gate::{FieldFinding, Gate, Voice};
use super::uuid::is_uuid;

/// Bytes of an id that is too short to say anything.
const SHORT_ID_BYTES: usize = 12;

/// A value that may leave the archive once the gate has judged its texts.
pub(crate) trait Outbound {
    /// Puts every text that somebody else wrote through the gate: messages, names, paths, notes. Texts
    /// that were cut from a longer one went through it when they were cut, together with what stood
    /// around them, and are left out.
    fn pass(&mut self, gate: Gate<'_>);
}

/// An answer without text that somebody else wrote: numbers, words of this program, and names and paths
/// that were masked when they were stored. Nothing in it needs to be judged.
pub(crate) trait Unquoted {}

/// A value that may leave the archive, since all of its texts went through a [`Gate`].
#[derive(Debug)]
pub(crate) struct Cleared<T>(T);

impl<T> Deref for Cleared<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Cleared<T> {
    /// A value that needs no judging, as [`Unquoted`]: names and paths that were masked when they were
    /// stored, or words of this program.
    pub(crate) fn unquoted(value: T) -> Self {
        Self(value)
    }

    /// Joins two values that may leave into one.
    pub(crate) fn join<U, V>(self, other: Cleared<U>, join: impl FnOnce(T, U) -> V) -> Cleared<V> {
        Cleared(join(self.0, other.0))
    }

    /// The value; only the archive's public methods call this.
    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl Gate<'_> {
    /// Judges the texts of a report, which may leave the archive then.
    pub(crate) fn release<T: Outbound>(self, mut report: T) -> Cleared<T> {
        report.pass(self);
        Cleared(report)
    }

    /// Judges a text.
    pub(crate) fn text(self, text: &mut String) {
        let seen = self.whole(text).text;
        if let Cow::Owned(seen) = seen {
            *text = seen;
        } else if seen.len() != text.len() {
            *text = seen.into_owned();
        }
    }

    /// Judges texts.
    pub(crate) fn texts<'t>(self, texts: impl IntoIterator<Item = &'t mut String>) {
        texts.into_iter().for_each(|text| self.text(text));
    }

    fn field(self, name: &str, text: &mut String, all: &mut Vec<FieldFinding>) {
        let mut seen = self.whole(text);
        seen.tell(name, all);
        if *seen.text != **text {
            *text = seen.text.into_owned();
        }
    }

    fn short(self, text: &mut Option<Arc<str>>) {
        if let Some(text) = text {
            let seen = self.whole(text).text;
            if *seen != **text {
                *text = seen.into();
            }
        }
    }

    /// Judges an id: most hold nothing but a number.
    fn id(self, id: &mut String) {
        if id.len() > SHORT_ID_BYTES && !is_uuid(id) {
            self.text(id);
        }
    }

    /// Judges every field of a message; what is found is told by field, after what was found before. `voice`
    /// is whose words its text is.
    pub(crate) fn message(
        self,
        message: &mut Message,
        voice: Voice,
        found: &mut Vec<FieldFinding>,
    ) {
        let called = message.tools.iter_mut().map(|call| &mut call.id);
        let answered = message.results.iter_mut().map(|result| &mut result.call);
        let own = [&mut message.id].into_iter().chain(&mut message.parent);
        for id in own.chain(called).chain(answered) {
            self.id(id);
        }
        let said = self.for_words_of(voice);
        said.field("text", &mut message.text, found);
        let done = match voice {
            Voice::Person if message.role == Role::User => self.for_words_of(Voice::Assistant),
            _ => said,
        };
        done.field("thinking", &mut message.thinking, found);
        for (at, call) in message.tools.iter_mut().enumerate() {
            self.field(&format!("tools.{at}.name"), &mut call.name, found);
            done.field(&format!("tools.{at}.input"), &mut call.input, found);
        }
        for (at, result) in message.results.iter_mut().enumerate() {
            self.field(&format!("results.{at}.output"), &mut result.output, found);
            if let Some(detail) = &mut result.detail {
                self.field(&format!("results.{at}.detail"), detail, found);
            }
        }
        for touch in &mut message.files {
            self.field("files", &mut touch.path, found);
        }
        for attachment in &mut message.attachments {
            self.field("attachments", &mut attachment.media_type, found);
        }
        for text in [
            &mut message.turn,
            &mut message.speaker,
            &mut message.cwd,
            &mut message.branch,
            &mut message.remote,
            &mut message.model,
            &mut message.agent,
        ] {
            self.short(text);
        }
    }
}

impl Outbound for Marking {
    fn pass(&mut self, gate: Gate<'_>) {
        let texts = [&mut self.evidence, &mut self.claim, &mut self.who];
        gate.texts(texts.into_iter().flatten());
    }
}

impl<T: Outbound> Outbound for Vec<T> {
    fn pass(&mut self, gate: Gate<'_>) {
        self.iter_mut().for_each(|report| report.pass(gate));
    }
}

impl<T: Outbound> Outbound for Option<T> {
    fn pass(&mut self, gate: Gate<'_>) {
        if let Some(report) = self {
            report.pass(gate);
        }
    }
}

impl<T: Outbound, U: Outbound> Outbound for (T, U) {
    fn pass(&mut self, gate: Gate<'_>) {
        self.0.pass(gate);
        self.1.pass(gate);
    }
}

impl<T: Unquoted> Outbound for T {
    fn pass(&mut self, _: Gate<'_>) {}
}

impl Unquoted for () {}
impl Unquoted for u64 {}
