//! What becomes of a finding, by the place where its text is.

use crate::finding::{Finding, Kind, Kinds};

/// What becomes of a text or of a finding in it; the strongest of a text's findings is the text's.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Nothing.
    #[default]
    Allow,
    /// It is reported.
    Flag,
    /// The finding is replaced.
    Mask,
    /// The text is kept from the reader until asked for on purpose.
    Quarantine,
    /// The text goes no further.
    Block,
}

impl Action {
    /// Every action, the weakest first.
    pub const ALL: [Self; 5] = [
        Self::Allow,
        Self::Flag,
        Self::Mask,
        Self::Quarantine,
        Self::Block,
    ];

    /// The name in settings and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Flag => "flag",
            Self::Mask => "mask",
            Self::Quarantine => "quarantine",
            Self::Block => "block",
        }
    }

    /// The action of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// Where a text is when it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// About to be written.
    Store,
    /// Taken from memory, about to be shown or put before a model.
    Recall,
    /// What a person says to a model.
    Input,
    /// What a model says to a person.
    Output,
    /// Handed over to be scanned.
    Scan,
}

impl Place {
    /// Every place.
    pub const ALL: [Self; 5] = [
        Self::Store,
        Self::Recall,
        Self::Input,
        Self::Output,
        Self::Scan,
    ];

    /// The place of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == name)
    }

    /// The name in settings.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Store => "store",
            Self::Recall => "recall",
            Self::Input => "input",
            Self::Output => "output",
            Self::Scan => "scan",
        }
    }
}

/// Another action for an entity or a rule.
#[derive(Clone, Debug, PartialEq)]
struct Exception {
    /// The kind that it belongs to, where that is known.
    kind: Option<Kind>,
    entity_or_rule: String,
    action: Action,
}

impl Exception {
    fn fits(&self, finding: &Finding) -> bool {
        self.kind.is_none_or(|kind| kind == finding.kind)
            && (self.entity_or_rule == finding.entity || self.entity_or_rule == finding.rule)
    }
}

/// What becomes of findings in one place.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// For each kind, in the order of [`Kind::ALL`].
    kinds: [Action; 4],
    /// Exceptions by entity or rule; the last that fits decides.
    exceptions: Vec<Exception>,
    /// What becomes of a secret at least, whatever else is said.
    secrets_at_least: Action,
    /// What is looked for at all.
    only: Kinds,
    /// What becomes of a text when a guard failed.
    pub on_failure: Action,
    /// Whether second opinions are asked for.
    pub second_opinion: bool,
    /// The score from which an instruction found in a text is kept from the reader; below it the
    /// finding is only reported. A block of a person's own old conversations costs more than a
    /// warning beside them.
    pub sure: f32,
}

impl Policy {
    /// What holds in a place unless somebody decides otherwise.
    #[must_use]
    pub fn of(place: Place) -> Self {
        use Action::{Allow, Block, Flag, Mask, Quarantine};
        // secret, pii, injection, content
        let kinds = match place {
            Place::Store => [Mask, Allow, Allow, Allow],
            Place::Recall => [Mask, Allow, Quarantine, Allow],
            Place::Input => [Mask, Mask, Block, Block],
            Place::Output => [Mask, Flag, Allow, Block],
            Place::Scan => [Mask, Mask, Block, Flag],
        };
        Self {
            kinds,
            exceptions: Vec::new(),
            secrets_at_least: match place {
                // What was written once is in backups too.
                Place::Store => Mask,
                _ => Allow,
            },
            only: Kinds::ALL,
            on_failure: Block,
            second_opinion: false,
            sure: if place == Place::Recall { 0.96 } else { 0.0 },
        }
    }

    /// The same, with another action for a kind.
    #[must_use]
    pub fn with(mut self, kind: Kind, action: Action) -> Self {
        self.kinds[kind as usize] = action;
        self
    }

    /// The same, with another action for an entity or a rule. That it belongs to one kind should
    /// be said where it is known: else all kinds have to be looked for.
    #[must_use]
    pub fn except(
        mut self,
        kind: Option<Kind>,
        entity_or_rule: impl Into<String>,
        action: Action,
    ) -> Self {
        self.exceptions.push(Exception {
            kind,
            entity_or_rule: entity_or_rule.into(),
            action,
        });
        self
    }

    /// The same for some kinds alone, of those that it was for: nothing else is looked for.
    #[must_use]
    pub fn only(self, only: Kinds) -> Self {
        let only = self.limit(only);
        Self { only, ..self }
    }

    /// The kinds that have to be looked for.
    ///
    /// An exception may name what belongs to any kind: where there are such, all kinds are looked
    /// for.
    #[must_use]
    pub fn kinds(&self) -> Kinds {
        let stricter = |exception: &&Exception| exception.action > Action::Allow;
        let excepted = self.exceptions.iter().filter(stricter);
        let kinds = excepted.fold(self.kinds_in_general(), |kinds, exception| {
            exception.kind.map_or(Kinds::ALL, |kind| kinds.with(kind))
        });
        self.limit(kinds)
    }

    fn limit(&self, kinds: Kinds) -> Kinds {
        let both = |kind: &Kind| kinds.has(*kind) && self.only.has(*kind);
        Kind::ALL.into_iter().filter(both).collect()
    }

    fn kinds_in_general(&self) -> Kinds {
        Kind::ALL
            .into_iter()
            .filter(|kind| self.in_general(*kind) > Action::Allow)
            .collect()
    }

    /// What becomes of a kind where there is no exception.
    fn in_general(&self, kind: Kind) -> Action {
        self.kinds[kind as usize].max(self.at_least(kind))
    }

    fn at_least(&self, kind: Kind) -> Action {
        match kind {
            Kind::Secret => self.secrets_at_least,
            _ => Action::Allow,
        }
    }

    /// What becomes of a finding.
    #[must_use]
    pub fn action(&self, finding: &Finding) -> Action {
        let exception = self.exceptions.iter().rev().find(|e| e.fits(finding));
        let action = exception.map_or(self.in_general(finding.kind), |exception| {
            exception.action.max(self.at_least(finding.kind))
        });
        let is_unsure = finding.kind == Kind::Injection && finding.score < self.sure;
        match action {
            Action::Quarantine if is_unsure => Action::Flag,
            action => action,
        }
    }
}

/// Policies of one place: one for all projects, and others for some.
#[derive(Clone, Debug, PartialEq)]
pub struct Policies {
    /// What holds where nothing else is said.
    pub default: Policy,
    /// Policies of projects, by name.
    pub projects: Vec<(String, Policy)>,
}

impl Policies {
    /// What holds in a place unless somebody decides otherwise.
    #[must_use]
    pub fn of(place: Place) -> Self {
        Self {
            default: Policy::of(place),
            projects: Vec::new(),
        }
    }

    /// The policy of a project.
    #[must_use]
    pub fn project(&self, name: &str) -> &Policy {
        let own = self.projects.iter().find(|(project, _)| project == name);
        own.map_or(&self.default, |(_, policy)| policy)
    }
}
