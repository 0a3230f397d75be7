//! The documents of knowledge: what a person gave the chat to look things up in, and sections of it.

use recall::{DocumentInfo, StoredDocument};
use serde::Serialize;
use serde_json::Value;

use crate::when::time;

/// A document of knowledge.
#[derive(Debug, Serialize)]
pub struct DocumentDoc<'a> {
    /// Its id.
    pub id: &'a str,
    /// What it is called.
    pub name: &'a str,
    /// Whose it is: `everywhere`, `character`, `project` or `conversation`.
    pub scope: &'static str,
    /// The id or name of that; absent for `everywhere`.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub owner: &'a str,
    /// How it came: `file`, `url` or `upload`.
    pub origin: &'static str,
    /// Its path, address or name there.
    pub place: &'a str,
    /// Its format, such as `pdf`.
    pub format: &'a str,
    /// Its size in bytes.
    pub bytes: u64,
    /// The number of its pages, where it has pages.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pages: Option<u32>,
    /// The number of its sections.
    pub sections: u64,
    /// The length of its text in bytes.
    pub text_bytes: u64,
    /// What of it couldn't be read, a line each.
    pub problems: &'a [String],
    /// When it was added.
    pub added: Option<String>,
    /// When it was read last.
    pub indexed: Option<String>,
}

impl<'a> DocumentDoc<'a> {
    /// A document as it is told.
    pub fn new(document: &'a DocumentInfo) -> Self {
        Self {
            id: &document.id,
            name: &document.name,
            scope: document.scope.kind(),
            owner: document.scope.owner(),
            origin: document.origin.name(),
            place: &document.place,
            format: &document.format,
            bytes: document.bytes,
            pages: document.pages,
            sections: document.sections,
            text_bytes: document.text_bytes,
            problems: &document.problems,
            added: time(Some(document.added)),
            indexed: time(Some(document.indexed)),
        }
    }
}

/// What became of something that was to be added.
#[derive(Debug, Serialize)]
pub struct AddedDocumentDoc<'a> {
    /// The path, address or name that was given.
    pub given: &'a str,
    /// `added`, `replaced`, `unchanged`; `failed` with an error.
    pub outcome: &'static str,
    /// The document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentDoc<'a>>,
    /// Why it wasn't added.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl<'a> AddedDocumentDoc<'a> {
    /// What became of what was given: the document, or what went wrong and what to do about it.
    pub fn new(
        given: &'a str,
        stored: Result<&'a StoredDocument, (String, Option<String>)>,
    ) -> Self {
        match stored {
            Ok(stored) => Self {
                given,
                outcome: stored.outcome.name(),
                document: Some(DocumentDoc::new(&stored.document)),
                error: None,
                hint: None,
            },
            Err((error, hint)) => Self {
                given,
                outcome: "failed",
                document: None,
                error: Some(error),
                hint,
            },
        }
    }
}

/// A section of a document.
#[derive(Debug, Serialize)]
pub struct SectionDoc<'a> {
    /// The document's id.
    pub document: &'a str,
    /// What the document is called.
    pub name: &'a str,
    /// The section's number in it, from 0.
    pub section: u32,
    /// The headings that it stands under, in one line.
    #[serde(skip_serializing_if = "str::is_empty")]
    pub heading: &'a str,
    /// Where it stands, in words, such as `page 12`.
    pub place: String,
    /// The same as values: `page`, `lines`, `paragraphs`, `anchor`, as the format has them.
    pub at: Value,
    /// What a link that opens the document there ends with, such as `page=12`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fragment: Option<String>,
    /// Its text, as the guards let it be shown.
    pub text: &'a str,
    /// How well it fits a search, 0–1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<f64>,
}
