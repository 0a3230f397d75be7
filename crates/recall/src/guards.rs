//! Guards in memory: what they find is masked before anything is written, and what comes back out is
//! judged before anybody reads it.
//!
//! Nothing gets into the archive but as [`Masked`], which only the guards make; nothing gets out but
//! through a [`Gate`].

mod key;
mod json;
mod clean;
mod gate;
mod shown;

use std::borrow::Cow;
use std::ops::Deref;
use std::sync::Arc;

use guard::{Action, Engine, Judgement, Mask, Masker, Place, Policies, Policy};
use transcript::Message;

pub(crate) use self::clean::Cleaner;
pub use self::gate::FieldFinding;
pub(crate) use self::gate::Gate;
use crate::{Home, Result};

/// What stands for a text that couldn't be checked, or that may not be kept.
const WITHHELD: &str = "[withheld: it couldn't be checked]";
const BLOCKED: &str = "[blocked: it may not be kept or shown]";

/// What an archive guards its texts with: what is looked for, and what becomes of it where text is
/// written ([`Place::Store`]) and where it comes back out ([`Place::Recall`]).
///
/// What is masked in memory is always masked by a placeholder, which the same value always gets.
#[derive(Clone)]
pub struct Guards {
    engine: Arc<Engine>,
    store: Policies,
    recall: Policies,
}

impl std::fmt::Debug for Guards {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guards")
            .field("store", &self.store)
            .field("recall", &self.recall)
            .finish_non_exhaustive()
    }
}

impl Default for Guards {
    /// The rules that are compiled in, with the policies that hold unless somebody decides otherwise.
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl Guards {
    /// Guards of an engine, with the policies that hold unless somebody decides otherwise.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            store: Policies::of(Place::Store),
            recall: Policies::of(Place::Recall),
        }
    }

    /// The same with other policies. A policy is found by the short name of a project.
    #[must_use]
    pub fn with_policies(mut self, store: Policies, recall: Policies) -> Self {
        self.store = store;
        self.recall = recall;
        self
    }
}

/// The guards of an open archive, with the key of its placeholders.
#[derive(Debug)]
pub(crate) struct Keeper {
    guards: Guards,
    masker: Masker,
}

impl Keeper {
    /// The guards of a home, whose key is made where there is none.
    pub(crate) fn open(home: &Home, guards: &Guards) -> Result<Self> {
        Ok(Self::with_key(guards, &key::own(home)?))
    }

    /// The same for who only reads, and may not be able to make a key.
    pub(crate) fn peek(home: &Home, guards: &Guards) -> Result<Self> {
        Ok(Self::with_key(guards, &key::known_or_passing(home)?))
    }

    /// The same under a key that is forgotten with it.
    #[cfg(test)]
    pub(crate) fn passing(guards: &Guards) -> Self {
        Self::with_key(guards, &[7; 32])
    }

    fn with_key(guards: &Guards, key: &[u8; 32]) -> Self {
        Self {
            guards: guards.clone(),
            masker: Masker::new(key, Mask::Placeholder),
        }
    }

    /// The policy by which texts of a project are written; `names` are the forms of its name, the
    /// shortest first.
    fn store(&self, names: &[String]) -> &Policy {
        policy(&self.guards.store, names)
    }

    fn judge(&self, text: &str, policy: &Policy) -> Judgement {
        if text.is_empty() {
            return Judgement::default();
        }
        self.guards.engine.judge(text, policy)
    }

    /// A text as it would have been written: what a search or a name is compared with what is kept.
    pub(crate) fn as_kept<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let judgement = self.judge(text, &self.guards.store.default);
        let masked = judgement.with(Action::Mask);
        self.masker.mask(text, &masked)
    }
}

/// The policy of a project by any form of its name, else that of all.
fn policy<'a>(policies: &'a Policies, names: &[String]) -> &'a Policy {
    let own = policies.projects.iter();
    let mut own = own.filter(|(project, _)| names.iter().any(|name| name == project));
    own.next().map_or(&policies.default, |(_, policy)| policy)
}

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
