//! Policies: what is done about a finding, by the place where its text is.

use crate::finding::{Finding, Kind, Kinds};

/// What is done about a finding, or about a whole text, from the weakest to the strongest. The action
/// for a text is the strongest of those for its findings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Action {
    /// Nothing is done: the finding isn't even reported.
    #[default]
    Allow,
    /// The finding is reported, and the text stays as it is.
    Flag,
    /// The finding is reported and replaced in the text, as a [`Masker`](crate::Masker) does it.
    Mask,
    /// What was found is held back: whoever shows the text puts a note in its place, until the reader asks
    /// for it on purpose. A [`Stream`](crate::Stream) ends.
    Quarantine,
    /// The whole text is refused, not only what was found: it is neither stored nor shown.
    Block,
}

impl Action {
    /// Every action, from the weakest to the strongest.
    pub const ALL: [Self; 5] = [
        Self::Allow,
        Self::Flag,
        Self::Mask,
        Self::Quarantine,
        Self::Block,
    ];

    /// The action's name as settings, the command line and JSON answers write it: `allow`, `flag`, `mask`,
    /// `quarantine` or `block`.
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

    /// The action that [`Action::name`] calls so; `None` for any other word; case counts.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|action| action.name() == name)
    }
}

/// Where a text is on its way when it is judged. Each place has default policies of its own ([`Policy::of`]);
/// the engine is handed the policy, not the place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    /// About to be written to the archive.
    Store,
    /// Read from the archive, about to be shown to a person or put before a model.
    Recall,
    /// Said by a person to a model, about to be sent.
    Input,
    /// Said by a model, about to be shown to a person.
    Output,
    /// Handed to the command `lorekeep scan`: a file, standard input or the history of a repository.
    Scan,
}

impl Place {
    /// Every place, in the order in which they are declared: the two of the archive, the two of a
    /// conversation, and a scan.
    pub const ALL: [Self; 5] = [
        Self::Store,
        Self::Recall,
        Self::Input,
        Self::Output,
        Self::Scan,
    ];

    /// The place that [`Place::name`] calls so; `None` for any other word; case counts.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|place| place.name() == name)
    }

    /// The place's name as settings write it: `store`, `recall`, `input`, `output` or `scan`.
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

/// Who wrote a text, as far as the caller knows. The same sentence may be a request where a person says it and
/// an attack where a document does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TextOrigin {
    /// Nobody knows.
    #[default]
    Unknown,
    /// Typed by the person whom the assistant serves. Tasks are what such text is for, so none in it is taken
    /// for one that was planted.
    Person,
    /// From elsewhere: what a tool gave back, a page, a mail, a file. An order to an assistant needs fewer signs
    /// there to be taken for an attack.
    Elsewhere,
}

/// An action for one entity or rule, which differs from that for its kind.
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

/// The policy of one [`Place`]: for each kind, entity or rule, the [`Action`] about what was found.
/// [`Policy::of`] has the defaults of each place.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    /// For each kind, in the order of [`Kind::ALL`].
    kinds: [Action; 4],
    /// Exceptions by entity or rule; the last that fits decides.
    exceptions: Vec<Exception>,
    /// What becomes of a secret at least, whatever else is said: [`Action::Mask`] in [`Place::Store`],
    /// [`Action::Allow`] elsewhere.
    secrets_at_least: Action,
    /// What is looked for at all, by default all kinds; see [`Policy::only()`].
    only: Kinds,
    /// What is done at least about a text on which a guard failed ([`Failure`](crate::Failure)), whatever
    /// the others found: by default it is blocked.
    pub on_failure: Action,
    /// Whether second opinions ([`SecondOpinion`](crate::SecondOpinion)) are asked for. They take
    /// time, and some send the text elsewhere, so the default is `false`.
    pub second_opinion: bool,
    /// Who wrote what is judged: [`TextOrigin::Person`] in [`Place::Input`], unknown elsewhere by default.
    pub origin: TextOrigin,
    /// The score, from 0 to 1, from which a finding of [`Kind::Injection`] is quarantined or blocked where its
    /// action says so; below it the finding is only flagged. To withhold a person's own old conversations, or
    /// to refuse what they say, by mistake costs more than a warning beside it, so the default is 0.96 for
    /// [`Place::Recall`], 0.98 for [`Place::Input`], and 0 elsewhere.
    pub sure: f32,
    /// The same for findings of [`Kind::Content`]: 0.9 for [`Place::Input`] and [`Place::Output`], where a
    /// conversation would break off, and 0 elsewhere.
    pub sure_of_content: f32,
}

impl Policy {
    /// The default policy of a place, before settings change it:
    ///
    /// | place | secret | pii | injection | content |
    /// |---|---|---|---|---|
    /// | store | mask | allow | allow | allow |
    /// | recall | mask | allow | quarantine | allow |
    /// | input | mask | mask | block | block |
    /// | output | mask | flag | allow | block |
    /// | scan | mask | mask | block | flag |
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
            origin: match place {
                Place::Input => TextOrigin::Person,
                _ => TextOrigin::Unknown,
            },
            sure: match place {
                Place::Recall => 0.96,
                Place::Input => 0.98,
                Place::Store | Place::Output | Place::Scan => 0.0,
            },
            sure_of_content: match place {
                Place::Input | Place::Output => 0.9,
                Place::Store | Place::Recall | Place::Scan => 0.0,
            },
        }
    }

    /// This policy with another action for all findings of a kind, exceptions apart. Secrets stay masked
    /// at least in [`Place::Store`], whatever is said here.
    #[must_use]
    pub fn with(mut self, kind: Kind, action: Action) -> Self {
        self.kinds[kind as usize] = action;
        self
    }

    /// This policy with another action for one entity ([`Finding::entity`]), such as `EMAIL_ADDRESS`, or
    /// one rule ([`Finding::rule`]), such as `github-pat`. The last exception that fits a finding decides.
    /// Secrets stay masked at least in [`Place::Store`].
    ///
    /// With a `kind` the exception is for findings of that kind only; with `None` for those of any, so
    /// that all four kinds have to be looked for unless `action` is [`Action::Allow`]. Names aren't
    /// checked: an exception for one that no finding has does nothing.
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

    /// This policy limited to those of its kinds that are in `only`: the other guards don't run.
    #[must_use]
    pub fn only(self, only: Kinds) -> Self {
        let only = self.limit(only);
        Self { only, ..self }
    }

    /// The kinds ([`Kind::ALL`]) that have to be looked for: those with an action other than
    /// [`Action::Allow`], in general or by an exception; in [`Place::Store`] secrets always. An exception of
    /// another action than `Allow` that names no kind makes it all four kinds; exceptions that allow add
    /// none. What [`Policy::only()`] left out isn't among them.
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
    #[must_use]
    pub fn in_general(&self, kind: Kind) -> Action {
        self.kinds[kind as usize].max(self.at_least(kind))
    }

    /// The exceptions in their order, of which the last that fits a finding decides: the entity or rule, and the action.
    pub fn exceptions(&self) -> impl Iterator<Item = (&str, Action)> {
        let all = self.exceptions.iter();
        all.map(|exception| (exception.entity_or_rule.as_str(), exception.action))
    }

    fn at_least(&self, kind: Kind) -> Action {
        match kind {
            Kind::Secret => self.secrets_at_least,
            _ => Action::Allow,
        }
    }

    /// What this policy does about a finding: the action of the last exception that fits it, else that of
    /// its kind; for instructions less sure than [`Policy::sure`], and content less sure than
    /// [`Policy::sure_of_content`], flagging instead of anything stricter.
    #[must_use]
    pub fn action(&self, finding: &Finding) -> Action {
        let exception = self.exceptions.iter().rev().find(|e| e.fits(finding));
        let action = exception.map_or(self.in_general(finding.kind), |exception| {
            exception.action.max(self.at_least(finding.kind))
        });
        let is_unsure = match finding.kind {
            Kind::Injection => finding.score < self.sure,
            Kind::Content => finding.score < self.sure_of_content,
            Kind::Secret | Kind::Pii => false,
        };
        match action {
            Action::Quarantine | Action::Block if is_unsure => Action::Flag,
            action => action,
        }
    }
}

/// The policies of one place: a default for all projects, and others for projects with rules of their
/// own. A project's policy takes the place of the default, and nothing is merged: whoever makes it begins
/// with a copy of the default where that is to hold too.
#[derive(Clone, Debug, PartialEq)]
pub struct Policies {
    /// The policy for projects that have none of their own.
    pub default: Policy,
    /// The policies of single projects, each with the project's short name, such as `shop`, as settings
    /// write it.
    pub projects: Vec<(String, Policy)>,
}

impl Policies {
    /// The default policy of a place for all projects, before settings change it.
    #[must_use]
    pub fn of(place: Place) -> Self {
        Self {
            default: Policy::of(place),
            projects: Vec::new(),
        }
    }

    /// The first policy in [`Self::projects`] whose project has exactly this name, upper and lower case
    /// included; the default where there is none.
    #[must_use]
    pub fn project(&self, name: &str) -> &Policy {
        let own = self.projects.iter().find(|(project, _)| project == name);
        own.map_or(&self.default, |(_, policy)| policy)
    }
}
