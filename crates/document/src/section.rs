//! What a document is read into: sections with their places, and what couldn't be read.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::kind::DocumentKind;

/// A part of a document that is cited as one: at most some 2,000 characters that stand under one heading.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExtractedSection {
    /// Its number in the document, from 0.
    pub number: u32,
    /// The headings that it stands under, the outermost first. Of source code the definition that it is of.
    #[serde(default)]
    pub heading: Vec<String>,
    /// Its text, without the headings; never blank.
    pub text: String,
    /// Where it stands.
    pub place: SectionPlace,
}

/// Where a section stands, as far as its format has such places.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct SectionPlace {
    /// The page, from 1, as readers of PDF count: not the number that is printed on it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub page: Option<u32>,
    /// The first and the last line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<(u32, u32)>,
    /// The first and the last paragraph, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub paragraphs: Option<(u32, u32)>,
    /// The name that a link to the section ends with, without `#`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub anchor: Option<String>,
}

impl SectionPlace {
    /// The fragment of a link that opens the document there, such as `page=12`; `None` where it has none.
    #[must_use]
    pub fn fragment(&self) -> Option<String> {
        match (self.page, &self.anchor) {
            (Some(page), _) => Some(format!("page={page}")),
            (None, anchor) => anchor.clone(),
        }
    }

    /// Takes in what stands behind.
    pub(crate) fn extend(&mut self, next: &Self) {
        let join = |own: &mut Option<(u32, u32)>, next: Option<(u32, u32)>| match (own, next) {
            (Some((_, last)), Some((_, end))) => *last = (*last).max(end),
            (own, next) => *own = own.or(next),
        };
        join(&mut self.lines, next.lines);
        join(&mut self.paragraphs, next.paragraphs);
        self.page = self.page.or(next.page);
        if self.anchor.is_none() {
            self.anchor.clone_from(&next.anchor);
        }
    }
}

impl fmt::Display for SectionPlace {
    /// The place in words: `page 12`, `lines 3–9`, `paragraph 4`; empty where the format has none.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let range = |f: &mut fmt::Formatter<'_>, what: &str, (first, last): (u32, u32)| match first
            == last
        {
            true => write!(f, "{what} {first}"),
            false => write!(f, "{what}s {first}–{last}"),
        };
        match (self.page, self.lines, self.paragraphs, &self.anchor) {
            (Some(page), ..) => write!(f, "page {page}"),
            (_, Some(lines), ..) => range(f, "line", lines),
            (_, _, Some(paragraphs), None) => range(f, "paragraph", paragraphs),
            (_, _, _, Some(anchor)) => write!(f, "#{anchor}"),
            _ => Ok(()),
        }
    }
}

/// What is told while a document is read, in this order: what it is, then sections and problems, then its end.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "record", rename_all = "snake_case")]
pub enum ExtractRecord {
    /// Reading begins.
    Started {
        /// What it is read as.
        kind: DocumentKind,
    },
    /// The page that is read now. If nothing comes after it, that page is why.
    At {
        /// The page, from 1.
        page: u32,
    },
    /// A section.
    Section(ExtractedSection),
    /// Something that couldn't be read, and where.
    Problem {
        /// What, as one line.
        what: String,
    },
    /// All was read.
    Done {
        /// The number of its pages, where it has pages.
        #[serde(default)]
        pages: Option<u32>,
        /// What it calls itself.
        #[serde(default)]
        title: Option<String>,
    },
}
