//! A labelled set of texts, whatever shape its file has.

use std::ops::Range;

/// Texts of one file, and what there is to find in them.
#[derive(Debug)]
pub(crate) struct Set {
    /// The path below the directory of all sets, and which part of it.
    pub(crate) name: String,
    /// What is to be found.
    pub(crate) kind: guard::Kind,
    /// The texts.
    pub(crate) rows: Vec<Row>,
}

/// A text.
#[derive(Debug)]
pub(crate) struct Row {
    /// What it says.
    pub(crate) text: String,
    /// What is so of it.
    pub(crate) truth: Truth,
}

/// What is so of a text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Truth {
    /// Whether there is anything to find.
    Label(bool),
    /// Every place where there is something to find; only entities that a set knows count.
    Spans(Vec<Span>),
    /// What there is of one entity; others don't count.
    Only(String, Vec<Span>),
    /// The categories that it belongs to.
    Categories(Vec<String>),
}

/// A place where there is something to find.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Span {
    /// What.
    pub(crate) entity: String,
    /// Where, in bytes.
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
pub(crate) struct Skipped {
    /// The path below the directory.
    pub(crate) path: String,
    /// Why.
    pub(crate) why: String,
}
