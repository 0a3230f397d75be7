//! A reflection: how it is stored, changed, asked for and shown.

use std::path::PathBuf;

use transcript::{MarkStatus, Marking, Millis, Role};

use crate::Scope;
use crate::guards::{Gate, Outbound};

/// A reflection to be stored: an insight that a person or an assistant wants to keep.
#[derive(Clone, Debug, Default)]
pub struct NewReflection {
    /// The text: 1 byte to 64 KiB, not counting space around it, which is dropped.
    pub content: String,
    /// Tags to file it under: at most 32, each of at most 64 characters; repeated ones count once.
    pub tags: Vec<String>,
    /// The project to store it in.
    pub place: ReflectionProject,
    /// Who stores it: a person or an assistant. Any other role counts as an assistant.
    pub role: Role,
    /// The name of whoever stores it: at most 128 characters.
    pub author: Option<String>,
    /// The conversation that it came from, by its source's id, if known: at most 256 characters.
    pub conversation: Option<String>,
    /// When it was made, if not now.
    pub created: Option<Millis>,
    /// The time now.
    pub now: Millis,
}

/// Which project a new reflection belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReflectionProject {
    /// No project is known: it goes to the project `unsorted`, as messages do that don't say where they were
    /// said.
    #[default]
    Nowhere,
    /// The project of this working directory; if the archive doesn't know it, it is made as an import would.
    Directory(PathBuf),
    /// The project of this name, path or key; an error if the archive doesn't know it.
    Project(String),
}

/// A change of a stored reflection. Its id and the time when it was made stay.
#[derive(Clone, Debug, Default)]
pub struct ReflectionChange {
    /// The new text; `None` leaves the text as it was.
    pub content: Option<String>,
    /// All tags from now on; `None` leaves the tags as they were.
    pub tags: Option<Vec<String>>,
    /// The time now.
    pub now: Millis,
}

/// Which reflections a list contains.
#[derive(Clone, Debug)]
pub struct ReflectionFilter {
    /// Which projects' reflections.
    pub scope: Scope,
    /// Only reflections filed under this tag, in upper or lower case.
    pub tag: Option<String>,
    /// Only reflections whose latest mark is this one.
    pub status: Option<MarkStatus>,
    /// Only reflections made at this time or later, in milliseconds since 1970.
    pub since: Option<Millis>,
    /// Only reflections made before this time, in milliseconds since 1970.
    pub until: Option<Millis>,
    /// The largest number of reflections to list; the newest come first.
    pub limit: usize,
}

impl ReflectionFilter {
    /// The newest hundred reflections of a scope.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            tag: None,
            status: None,
            since: None,
            until: None,
            limit: 100,
        }
    }
}

/// A stored reflection. Its texts have been judged by the guards.
#[derive(Clone, Debug, PartialEq)]
pub struct Reflection {
    /// The id, which its message and its conversation have as well; a UUID if it was made here.
    pub id: String,
    /// The text.
    pub content: String,
    /// The tags that it is filed under, in the order in which they were given.
    pub tags: Vec<String>,
    /// Short name of its project.
    pub project: String,
    /// Whether a person or an assistant stored it.
    pub role: Role,
    /// The name of whoever stored it, if it was given.
    pub author: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created: Millis,
    /// When it was last changed, if ever, in milliseconds since 1970.
    pub updated: Option<Millis>,
    /// The conversation that it came from, by its source's id.
    pub conversation: Option<String>,
    /// Its latest mark (open, resolved or superseded), if it was ever marked.
    pub status: Option<Marking>,
}

impl Outbound for Reflection {
    fn pass(&mut self, gate: Gate<'_>) {
        let gate = gate.of_project(&self.project);
        gate.text(&mut self.content);
        gate.texts(self.tags.iter_mut().chain(&mut self.author));
        if let Some(status) = &mut self.status {
            status.pass(gate);
        }
    }
}
