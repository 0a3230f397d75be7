//! What is asked of documents, and what comes back.

use transcript::Millis;

use crate::guards::{FieldFinding, Gate, Outbound, strongest};

/// The source of documents.
pub const KNOWLEDGE_SOURCE: &str = "knowledge";

/// Whose a document is: in which conversations of the chat it counts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum DocumentScope {
    /// It counts in every conversation of the person.
    Everywhere,
    /// It is the knowledge of the character of this id.
    Character(String),
    /// It counts in the conversations of the project of this name.
    Project(String),
    /// It counts in the conversation of this id, and goes with it.
    Conversation(String),
}

impl DocumentScope {
    /// The number in the archive, and the name or id.
    pub(crate) fn parts(&self) -> (i64, &str) {
        match self {
            Self::Everywhere => (0, ""),
            Self::Character(id) => (1, id),
            Self::Project(name) => (2, name),
            Self::Conversation(id) => (3, id),
        }
    }

    pub(crate) fn of_parts(number: i64, owner: String) -> Self {
        match number {
            1 => Self::Character(owner),
            2 => Self::Project(owner),
            3 => Self::Conversation(owner),
            _ => Self::Everywhere,
        }
    }

    /// The name of its kind: `everywhere`, `character`, `project` or `conversation`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::Everywhere => "everywhere",
            Self::Character(_) => "character",
            Self::Project(_) => "project",
            Self::Conversation(_) => "conversation",
        }
    }

    /// The id or name of the character, project or conversation; empty for [`Self::Everywhere`].
    #[must_use]
    pub fn owner(&self) -> &str {
        self.parts().1
    }
}

/// How a document came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentOrigin {
    /// From a file of this machine, which it can be read from again.
    File,
    /// From an address (URL), which it can be fetched from again.
    Url,
    /// A program or page sent it.
    Upload,
}

impl DocumentOrigin {
    /// The name used in answers and in the archive: `file`, `url` or `upload`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::File => "file",
            Self::Url => "url",
            Self::Upload => "upload",
        }
    }

    pub(crate) fn of_name(name: &str) -> Self {
        match name {
            "file" => Self::File,
            "url" => Self::Url,
            _ => Self::Upload,
        }
    }
}

/// A document to be stored.
#[derive(Clone, Debug)]
pub struct NewDocument {
    /// Whose it is.
    pub scope: DocumentScope,
    /// What it is called: its file's name or its title.
    pub name: String,
    /// How it came.
    pub origin: DocumentOrigin,
    /// Its path or address; of an upload its name. A document of the same scope and origin with the same place
    /// is replaced.
    pub place: String,
    /// Its format, such as `pdf`.
    pub format: String,
    /// SHA-256 of its bytes and of how they were read, in hexadecimal.
    pub hash: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When its file was changed last, in milliseconds since 1970.
    pub modified: Option<Millis>,
    /// The number of its pages, if it has pages.
    pub pages: Option<u32>,
    /// What of it couldn't be read, a line each.
    pub problems: Vec<String>,
    /// Its sections, in order.
    pub sections: Vec<NewSection>,
}

/// A section of a document to be stored.
#[derive(Clone, Debug)]
pub struct NewSection {
    /// The headings that it stands under, in one line; empty for none.
    pub heading: String,
    /// Its text.
    pub text: String,
    /// Where it stands, as a JSON object.
    pub place: String,
}

/// What became of a document that was to be stored.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DocumentOutcome {
    /// It is new.
    Added,
    /// It took the place of what the same file or address held before, of which nothing is left.
    Replaced,
    /// The archive had the same bytes of it already.
    Unchanged,
}

impl DocumentOutcome {
    /// The name used in answers: `added`, `replaced` or `unchanged`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Replaced => "replaced",
            Self::Unchanged => "unchanged",
        }
    }
}

/// A document that was stored.
#[derive(Clone, Debug)]
pub struct StoredDocument {
    /// What the archive has of it.
    pub document: DocumentInfo,
    /// What became of it.
    pub outcome: DocumentOutcome,
}

/// A document without its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DocumentInfo {
    /// Its id.
    pub id: String,
    /// Whose it is.
    pub scope: DocumentScope,
    /// What it is called.
    pub name: String,
    /// How it came.
    pub origin: DocumentOrigin,
    /// Its path, address or name there.
    pub place: String,
    /// Its format, such as `pdf`.
    pub format: String,
    /// SHA-256 of its bytes and of how they were read, in hexadecimal.
    pub hash: String,
    /// Its size in bytes.
    pub bytes: u64,
    /// When its file was changed last, in milliseconds since 1970.
    pub modified: Option<Millis>,
    /// The number of its pages, if it has pages.
    pub pages: Option<u32>,
    /// What of it couldn't be read.
    pub problems: Vec<String>,
    /// The number of its sections.
    pub sections: u64,
    /// The length of its text in bytes.
    pub text_bytes: u64,
    /// When it was added, in milliseconds since 1970.
    pub added: Millis,
    /// When it was read last, in milliseconds since 1970.
    pub indexed: Millis,
}

impl Outbound for DocumentInfo {
    /// Its name, place and problems may hold words of whoever made the document.
    fn pass(&mut self, gate: Gate<'_>) {
        gate.texts(
            [&mut self.name, &mut self.place]
                .into_iter()
                .chain(&mut self.problems),
        );
    }
}

impl Outbound for StoredDocument {
    fn pass(&mut self, gate: Gate<'_>) {
        self.document.pass(gate);
    }
}

/// A section of a document.
#[derive(Clone, Debug, PartialEq)]
pub struct DocumentSection {
    /// The document's id.
    pub document: String,
    /// The number of the section, from 0.
    pub number: u32,
    /// The id of its message.
    pub message: String,
    /// The headings that it stands under, in one line.
    pub heading: String,
    /// Its text, as the guards let it be shown.
    pub text: String,
    /// Where it stands, as a JSON object.
    pub place: String,
    /// What the guards found in it, where a note or a placeholder may stand for it.
    pub findings: Vec<FieldFinding>,
}

impl DocumentSection {
    /// The strictest action that the guards took on it.
    #[must_use]
    pub fn guard(&self) -> guard::Action {
        strongest(&self.findings)
    }
}

impl Outbound for DocumentSection {
    fn pass(&mut self, gate: Gate<'_>) {
        // One text, as it is stored: what stands in a heading may be the first half of what follows.
        let whole = match self.heading.is_empty() {
            true => self.text.clone(),
            false => format!("{}\n\n{}", self.heading, self.text),
        };
        let mut seen = gate.whole(&whole);
        seen.tell("text", &mut self.findings);
        if *seen.text != whole {
            let (heading, text) = match seen.text.split_once("\n\n") {
                Some((heading, text)) if !self.heading.is_empty() => (heading, text),
                _ => ("", &*seen.text),
            };
            (self.heading, self.text) = (heading.to_owned(), text.to_owned());
        }
        gate.text(&mut self.place);
    }
}

/// The number of the section that a message of a document is, by the message's id.
#[must_use]
pub fn section_number(message_id: &str) -> Option<u32> {
    let (_, tail) = message_id.rsplit_once('/')?;
    tail.split('-').next()?.parse().ok()
}
