//! Reflections: insights stored on purpose, and what became of them and of whatever else was said.
//!
//! A reflection is a message of the archive in a conversation of its own, so that terms, vectors,
//! scopes, reading and exports hold for it as for any other. Beside it stands what only it has.

mod limits;
mod kept;
mod change;
mod marks;
mod bounds;
mod foreign;
mod self_reflect;

use std::path::PathBuf;

use transcript::{MarkStatus, Marking, Millis, Role};

use crate::Scope;
use crate::guards::{Gate, Outbound};

pub use bounds::ForeignBounds;
pub(crate) use change::{delete, edit};
pub(crate) use foreign::import;
pub(crate) use kept::{get, list, reflect};
pub(crate) use marks::mark;
pub use self_reflect::{self_reflect_database, self_reflect_point};

/// An insight to store.
#[derive(Clone, Debug, Default)]
pub struct NewReflection {
    /// What it says: 1 byte to 64 KiB without the space around it.
    pub content: String,
    /// What it is filed under: at most 32, of at most 64 characters; repeated ones count once.
    pub tags: Vec<String>,
    /// The project that it belongs to.
    pub place: Place,
    /// Who stores it: a person or an assistant. Any other role counts as an assistant.
    pub role: Role,
    /// Who exactly, by name: at most 128 characters.
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
pub enum Place {
    /// None: it goes where messages go that say nothing about where they were said.
    #[default]
    Nowhere,
    /// That of this working directory, made as an import makes it where the archive doesn't know it.
    Directory(PathBuf),
    /// The one of this name, path or key, which the archive must know.
    Project(String),
}

/// What is to change of a reflection. Its id and the time when it was made stay.
#[derive(Clone, Debug, Default)]
pub struct ReflectionChange {
    /// What it is to say; as it was if absent.
    pub content: Option<String>,
    /// What it is to be filed under, all of it; as it was if absent.
    pub tags: Option<Vec<String>>,
    /// The time now.
    pub now: Millis,
}

/// Which reflections to list.
#[derive(Clone, Debug)]
pub struct ReflectionFilter {
    /// Which projects' reflections.
    pub scope: Scope,
    /// Only those filed under this tag, whatever its case.
    pub tag: Option<String>,
    /// Only those marked so last.
    pub status: Option<MarkStatus>,
    /// Only those made at or after this time.
    pub since: Option<Millis>,
    /// Only those made before this time.
    pub until: Option<Millis>,
    /// How many at most.
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

/// A stored insight.
#[derive(Clone, Debug, PartialEq)]
pub struct Reflection {
    /// Its id, which is its message's and its conversation's as well; a UUID where it was made here.
    pub id: String,
    /// What it says.
    pub content: String,
    /// What it is filed under, in the order in which it was given.
    pub tags: Vec<String>,
    /// Short name of its project.
    pub project: String,
    /// Whether a person or an assistant stored it.
    pub role: Role,
    /// Who exactly, by name.
    pub author: Option<String>,
    /// When it was made.
    pub created: Millis,
    /// When it was last changed, if ever.
    pub updated: Option<Millis>,
    /// The conversation that it came from, by its source's id.
    pub conversation: Option<String>,
    /// What became of it, if it was ever marked.
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

/// What was found out about messages, reflections among them.
#[derive(Clone, Debug)]
pub struct Mark {
    /// Which: ids as hits show them (a source's own, or `#` and a number), or enough of the start of a
    /// reflection's. At most 1,000.
    pub ids: Vec<String>,
    /// In which projects they are. What is elsewhere is as if it weren't there.
    pub scope: Scope,
    /// What became of them.
    pub status: MarkStatus,
    /// What shows that: at most 16 KiB.
    pub evidence: Option<String>,
    /// What of them is meant, where they say several things: at most 16 KiB.
    pub claim: Option<String>,
    /// Who found it out: at most 128 characters.
    pub who: Option<String>,
    /// The time now.
    pub now: Millis,
}

impl Mark {
    /// A mark as open, of no messages yet of a scope.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            ids: Vec::new(),
            scope,
            status: MarkStatus::Open,
            evidence: None,
            claim: None,
            who: None,
            now: 0,
        }
    }
}

/// A message that was marked.
#[derive(Clone, Debug, PartialEq)]
pub struct Marked {
    /// Its id, as hits show it.
    pub id: String,
    /// Short name of its project.
    pub project: String,
    /// Whether it is a reflection.
    pub is_reflection: bool,
    /// What it was marked as before, if ever.
    pub before: Option<MarkStatus>,
    /// What it is marked as now.
    pub status: MarkStatus,
}

/// A reflection of another store.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ForeignReflection {
    /// The store and its own id there. The same key is imported once, however often it is met.
    pub key: String,
    /// What it says.
    pub content: String,
    /// What it is filed under.
    pub tags: Vec<String>,
    /// When it was made, if the store says so.
    pub created: Option<Millis>,
    /// The directory of its project, if the store says so.
    pub directory: Option<String>,
    /// The name of its project, if the store says so.
    pub project: Option<String>,
    /// The conversation that it came from, if the store says so.
    pub conversation: Option<String>,
    /// What became of it, the newest last.
    pub marks: Vec<Marking>,
}

/// What an import of reflections did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ForeignReport {
    /// Reflections that the archive did not have.
    pub added: u64,
    /// Reflections that it had already.
    pub known: u64,
    /// Reflections that say nothing.
    pub empty: u64,
    /// Marks that it did not have.
    pub marks: u64,
}
