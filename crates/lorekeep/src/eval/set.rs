//! A labelled set of texts, whatever shape its file has.

use std::ops::Range;

/// Texts of one file, and what there is to find in them.
#[derive(Debug)]
pub(crate) struct LabelledSet {
    /// The path below the directory of all sets, and which part of it.
    pub(crate) name: String,
    /// What is to be found.
    pub(crate) kind: guard::Kind,
    /// The texts, each with what is to be found in it.
    pub(crate) rows: Vec<LabelledText>,
}

/// One text of a labelled set.
#[derive(Debug)]
pub(crate) struct LabelledText {
    /// The text itself.
    pub(crate) text: String,
    /// What a guard should find in it.
    pub(crate) truth: Truth,
}

/// What a guard should find in a text, in the form that the set has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Truth {
    /// Whether there is anything to find.
    Label(bool),
    /// Every place where there is something to find; only entities that a set knows count.
    Spans(Vec<TruthSpan>),
    /// What there is of one entity; others don't count.
    Only(String, Vec<TruthSpan>),
    /// The categories that it belongs to.
    Categories(Vec<String>),
}

/// A place where there is something to find.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct TruthSpan {
    /// The name of the entity, such as `EMAIL_ADDRESS`.
    pub(crate) entity: String,
    /// Its bytes in the text.
    pub(crate) bytes: Range<usize>,
}

impl Truth {
    /// Whether there is anything to find.
    pub(crate) fn is_positive(&self) -> bool {
        match self {
            Self::Label(label) => *label,
            Self::Spans(spans) | Self::Only(_, spans) => !spans.is_empty(),
            Self::Categories(categories) => !categories.is_empty(),
        }
    }
}

/// A file that is no set.
#[derive(Debug)]
pub(crate) struct SkippedSet {
    /// The path below the directory.
    pub(crate) path: String,
    /// Why it is none, in words.
    pub(crate) why: String,
}
