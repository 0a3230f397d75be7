//! What a guard found.

use std::borrow::Cow;

/// The sorts of findings.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// A key, token or password.
    Secret,
    /// Data that tells who somebody is or how to reach them.
    Pii,
    /// An attempt to instruct whoever reads the text.
    Injection,
    /// Hate, harassment, sexual content, self-harm, violence, illicit content.
    Content,
}

impl Kind {
    /// Every kind; the first of two overlapping findings' kinds wins when text is masked.
    pub const ALL: [Self; 4] = [Self::Secret, Self::Pii, Self::Injection, Self::Content];

    /// The name in settings and answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Pii => "pii",
            Self::Injection => "injection",
            Self::Content => "content",
        }
    }

    /// The kind of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A set of kinds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// None of them.
    pub const NONE: Self = Self(0);
    /// All of them.
    pub const ALL: Self = Self(0b1111);

    /// These and another.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Whether a kind is among them.
    #[must_use]
    pub const fn has(self, kind: Kind) -> bool {
        self.0 & (1 << kind as u8) != 0
    }
}

impl FromIterator<Kind> for Kinds {
    fn from_iter<T: IntoIterator<Item = Kind>>(kinds: T) -> Self {
        kinds.into_iter().fold(Self::NONE, Self::with)
    }
}

/// What was found, and where.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// The sort of finding.
    pub kind: Kind,
    /// What it is, in the field's names: `EMAIL_ADDRESS`, `API_KEY`, `PROMPT_INJECTION`,
    /// `self-harm/intent`.
    pub entity: Cow<'static, str>,
    /// Id of the rule that found it, such as `github-pat`.
    pub rule: Cow<'static, str>,
    /// Where it starts, in bytes of the UTF-8 text; always at a character's start.
    pub start: usize,
    /// Where it ends; more than `start`.
    pub end: usize,
    /// How sure the rule is, more than 0 and at most 1.
    pub score: f32,
    /// Why the rule takes it for what it is, in words without any of the text.
    pub why: Cow<'static, str>,
}

impl Finding {
    /// The part of `text` that was found.
    #[must_use]
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}
