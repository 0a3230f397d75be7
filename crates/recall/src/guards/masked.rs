//! What may be written into the archive.

use std::ops::Deref;

use transcript::Message;

/// What may be written: all of its texts went through the guards.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Masked<T>(T);

impl<T> Deref for Masked<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}

impl<T> Masked<T> {
    /// What the guards made of a value: only [`super::clean`] calls this.
    pub(super) fn new(value: T) -> Self {
        Self(value)
    }

    /// What the archive holds already.
    pub(crate) fn kept(value: T) -> Self {
        Self(value)
    }
}

impl Masked<Message> {
    /// Gives it another id, made of its own.
    pub(crate) fn rename(&mut self, id: String) {
        self.0.id = id;
    }

    /// Takes over from a copy where and how it was said; what was said stays.
    pub(crate) fn take_place_of(&mut self, copy: Self) {
        let copy = copy.0;
        self.0 = Message {
            offset: copy.offset,
            time: copy.time,
            parent: copy.parent,
            turn: copy.turn,
            speaker: copy.speaker,
            attachments: copy.attachments,
            cwd: copy.cwd,
            project: copy.project,
            branch: copy.branch,
            remote: copy.remote,
            model: copy.model,
            agent: copy.agent,
            usage: copy.usage,
            ..std::mem::take(&mut self.0)
        };
    }

    /// What [`Self::take_place_of`] needs of a message, which is left without it: no long texts.
    pub(crate) fn split_place(&mut self) -> Self {
        let mut place = Self::kept(Message::default());
        place.take_place_of(Self::kept(std::mem::take(&mut self.0)));
        place
    }
}
