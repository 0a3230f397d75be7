//! A reflection: how it is stored, changed, asked for and shown.

use std::path::PathBuf;

use transcript::{MarkStatus, Marking, Millis, Role};

use crate::Scope;
use crate::guards::{Gate, Outbound};

/// An insight to store.
#[derive(Clone, Debug, Default)]
pub struct NewReflection {
    /// What it says: 1 byte to 64 KiB without the space around it.
    pub content: String,
    /// What it is filed under: at most 32, of at most 64 characters; repeated ones count once.
    pub tags: Vec<String>,
    /// The project that it belongs to.
    pub place: ReflectionProject,
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
pub enum ReflectionProject {
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
