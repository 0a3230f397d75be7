//! Findings: what a guard found in a text, of which kind, and where.

use std::borrow::Cow;

/// The kinds of findings: each has a guard of its own, and policies decide by them.
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
    /// Every kind, in the order of precedence: where findings of two kinds overlap, the placeholder that
    /// masks them is named after the earlier kind.
    pub const ALL: [Self; 4] = [Self::Secret, Self::Pii, Self::Injection, Self::Content];

    /// The kind's name as settings, the command line and JSON answers write it: `secret`, `pii`,
    /// `injection` or `content`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Secret => "secret",
            Self::Pii => "pii",
            Self::Injection => "injection",
            Self::Content => "content",
        }
    }

    /// The kind that [`Kind::name`] calls so; `None` for any other word; case counts.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

/// A set of kinds of findings, such as those that a policy looks for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Kinds(u8);

impl Kinds {
    /// The empty set: nothing is looked for.
    pub const NONE: Self = Self(0);
    /// The set of all four kinds.
    pub const ALL: Self = Self(0b1111);

    /// This set with one more kind in it.
    #[must_use]
    pub const fn with(self, kind: Kind) -> Self {
        Self(self.0 | 1 << kind as u8)
    }

    /// Whether a kind is in this set.
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

/// Something that a guard found in a text: what it is, where it stands, which rule found it, and how
/// sure the rule is. It holds nothing of the text itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Finding {
    /// Which of the four kinds it is.
    pub kind: Kind,
    /// What it is, in the field's names: `EMAIL_ADDRESS` and the others of
    /// [`pii::ENTITIES`](crate::pii::ENTITIES), `API_KEY`, `PROMPT_INJECTION`, or the
    /// [name of a category](crate::content::Category::name) of content, such as `self-harm/intent`.
    pub entity: Cow<'static, str>,
    /// Id of the rule that found it, such as `github-pat`; one of a person's own patterns is `custom/` and
    /// the entity.
    pub rule: Cow<'static, str>,
    /// Where the finding starts, in bytes of the UTF-8 text; always at the start of a character.
    pub start: usize,
    /// Where the finding ends, in bytes, exclusive; always more than `start`.
    pub end: usize,
    /// How sure the rule is, more than 0 and at most 1.
    pub score: f32,
    /// Why the rule takes it for what it is, in words without any of the text.
    pub why: Cow<'static, str>,
}

impl Finding {
    /// The part of `text`, in which it was found, that this finding is about; empty if the range doesn't
    /// fit the text.
    #[must_use]
    pub fn of<'a>(&self, text: &'a str) -> &'a str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}
