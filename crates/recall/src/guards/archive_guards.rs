//! The guards of an archive: what is looked for, and what becomes of it.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use guard::{Action, Engine, Judgement, Mask, Masker, Place, Policies, Policy};

use super::key;
use crate::{Home, Result};

/// What stands for a text that couldn't be checked, or that may not be kept.
pub(super) const WITHHELD_NOTE: &str = "[withheld: it couldn't be checked]";
pub(super) const BLOCKED_NOTE: &str = "[blocked: it may not be kept or shown]";

/// What an archive guards its texts with: the engine that looks for secrets, personal data, injected
/// instructions and the like, and two sets of policies that say what is done about findings: in text about
/// to be written ([`Place::Store`]) and in text that is read back ([`Place::Recall`]).
///
/// A value that is masked is replaced by a placeholder. Within an archive the same value always gets the
/// same one.
#[derive(Clone)]
pub struct Guards {
    engine: Arc<Engine>,
    pub(super) store: Policies,
    pub(super) recall: Policies,
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
    /// The default engine with the default policies, as [`Guards::new`] has them.
    fn default() -> Self {
        Self::new(Arc::default())
    }
}

impl Guards {
    /// Guards that use an engine, with the default policies ([`Policy::of`]) for text that is stored
    /// ([`Place::Store`]) and for text that is read back ([`Place::Recall`]). [`Self::with_policies`] sets
    /// others.
    #[must_use]
    pub fn new(engine: Arc<Engine>) -> Self {
        Self {
            engine,
            store: Policies::of(Place::Store),
            recall: Policies::of(Place::Recall),
        }
    }

    /// Replaces the policies for text that is stored and for text that is read back. A project with a
    /// policy of its own is named there by its short name (for stored text also by a longer form such as
    /// `acme/shop`); upper and lower case count, and a name that no project has does nothing.
    #[must_use]
    pub fn with_policies(mut self, store: Policies, recall: Policies) -> Self {
        self.store = store;
        self.recall = recall;
        self
    }
}

/// The guards of an open archive, with the key by which the same value always gets the same placeholder.
#[derive(Debug)]
pub(crate) struct ArchiveGuards {
    pub(super) rules: Guards,
    pub(super) masker: Masker,
}

impl ArchiveGuards {
    /// The guards of a home, whose key is made where there is none.
    pub(crate) fn open(home: &Home, guards: &Guards) -> Result<Self> {
        Ok(Self::with_key(guards, &key::own(home)?))
    }

    /// The guards of a home that is only read, where a key that is missing can't be made: then one that
    /// is forgotten with the process stands in.
    pub(crate) fn open_read_only(home: &Home, guards: &Guards) -> Result<Self> {
        Ok(Self::with_key(guards, &key::known_or_passing(home)?))
    }

    /// Guards whose key is always the same, for tests.
    #[cfg(test)]
    pub(crate) fn passing(guards: &Guards) -> Self {
        Self::with_key(guards, &[7; 32])
    }

    fn with_key(guards: &Guards, key: &[u8; 32]) -> Self {
        Self {
            rules: guards.clone(),
            masker: Masker::new(key, Mask::Placeholder),
        }
    }

    /// What puts placeholders into the place of values.
    pub(crate) fn masker(&self) -> Masker {
        self.masker.clone()
    }

    /// The policy for storing texts of a project; `names` are the forms of its name, the
    /// shortest first.
    pub(super) fn store(&self, names: &[String]) -> &Policy {
        policy(&self.rules.store, names)
    }

    /// What tells the patterns and exceptions of the settings from others; 0 where there are none.
    pub(crate) fn own_rules(&self) -> u32 {
        self.rules.engine.own_rules_version()
    }

    pub(super) fn judge(&self, text: &str, policy: &Policy) -> Judgement {
        if text.is_empty() {
            return Judgement::default();
        }
        self.rules.engine.judge(text, policy)
    }

    /// A path with its secrets masked as [`Self::as_kept`] does.
    pub(crate) fn as_kept_path(&self, path: &Path) -> PathBuf {
        let path = path.to_string_lossy();
        PathBuf::from(self.as_kept(&path).into_owned())
    }

    /// A text with its secrets masked as they are masked when it is kept, so that a query, a name or a path can
    /// be compared with what is kept.
    pub(crate) fn as_kept<'a>(&self, text: &'a str) -> Cow<'a, str> {
        let judgement = self.judge(text, &self.rules.store.default);
        let masked = judgement.with(Action::Mask);
        self.masker.mask(text, &masked)
    }
}

/// The policy of a project by any form of its name, else that of all.
pub(super) fn policy<'a>(policies: &'a Policies, names: &[String]) -> &'a Policy {
    let own = policies.projects.iter();
    let mut own =
        own.filter(|(project, _)| names.iter().any(|name| name.eq_ignore_ascii_case(project)));
    own.next().map_or(&policies.default, |(_, policy)| policy)
}
