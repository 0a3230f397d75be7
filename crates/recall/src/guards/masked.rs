//! The type of values that may be written into the archive: only the guards make it.

use std::ops::Deref;

use transcript::Message;

/// A value that may be written into the archive, since all of its texts went through the guards.
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

    /// A value that was read from the archive, and so went through the guards before.
    pub(crate) fn kept(value: T) -> Self {
        Self(value)
    }
}

impl Masked<Message> {
    /// Gives it another id, made of its own.
    pub(crate) fn rename(&mut self, id: String) {
        self.0.id = id;
    }

    /// Takes over from a copy of the message where and how it was said (its directory, model and the like);
    /// its texts stay.
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
