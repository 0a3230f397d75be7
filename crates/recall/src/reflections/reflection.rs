//! Reflections: notes that a person or an assistant stores on purpose, so that later searches find them.
//! Here are the values by which they are stored, changed, listed and shown.

use std::path::PathBuf;

use transcript::{MarkStatus, Marking, Millis, Role};

use crate::Scope;
use crate::guards::{Gate, Outbound, Voice};

/// A reflection to be stored: a note that a person or an assistant wants to keep.
/// [`Archive::reflect`](crate::Archive::reflect) stores it.
#[derive(Clone, Debug, Default)]
pub struct NewReflection {
    /// The text: 1 byte to 64 KiB, not counting space around it, which is dropped.
    pub content: String,
    /// Tags to file it under: at most 32, each of at most 64 characters. Each is put on one line; empty and
    /// repeated ones are dropped.
    pub tags: Vec<String>,
    /// The project to store it in.
    pub place: ReflectionProject,
    /// Who stores it: a person or an assistant. Any other role counts as an assistant.
    pub role: Role,
    /// The name of whoever stores it, if known: at most 128 characters, put on one line. An empty one
    /// counts as `None`.
    pub author: Option<String>,
    /// The id of the conversation that it came from, as its source has it, if known: at most 256
    /// characters. It need not be in the archive.
    pub conversation: Option<String>,
    /// When it was made, in milliseconds since 1970; `None`: now.
    pub created: Option<Millis>,
    /// The time now, in milliseconds since 1970.
    pub now: Millis,
}

/// Which project a new reflection belongs to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ReflectionProject {
    /// No project is known: it goes to the project `unsorted`, as messages do that don't say where they were
    /// said.
    #[default]
    Nowhere,
    /// The project of this working directory: that of the git repository around it, else of the nearest
    /// directory at or above it that the archive knows. If there is none, a project is made of the
    /// directory, as an import of a conversation in it would.
    Directory(PathBuf),
    /// The project that somebody means by this name, path or key, as
    /// [`Archive::project_named`](crate::Archive::project_named) finds it; an error if there is none or
    /// several.
    Project(String),
}

/// A change of a stored reflection. Its id, project, marks and the time when it was made stay.
#[derive(Clone, Debug, Default)]
pub struct ReflectionChange {
    /// The new text, within the limits of [`NewReflection::content`]; `None` leaves the text as it was.
    pub content: Option<String>,
    /// The new tags in place of all old ones, within the limits of [`NewReflection::tags`]; `None` leaves
    /// the tags as they were.
    pub tags: Option<Vec<String>>,
    /// The time now, in milliseconds since 1970, recorded as [`Reflection::updated`] even if nothing
    /// changes.
    pub now: Millis,
}

/// Which reflections a list contains.
#[derive(Clone, Debug)]
pub struct ReflectionFilter {
    /// Which projects' reflections.
    pub scope: Scope,
    /// Only reflections that have this tag, in upper or lower case; `None`: any.
    pub tag: Option<String>,
    /// Only reflections whose latest mark has this status; those that were never marked have none. `None`:
    /// any.
    pub status: Option<MarkStatus>,
    /// Only reflections made at this time or later, in milliseconds since 1970.
    pub since: Option<Millis>,
    /// Only reflections made before this time, in milliseconds since 1970.
    pub until: Option<Millis>,
    /// The largest number of reflections to list; the newest come first.
    pub limit: usize,
}

impl ReflectionFilter {
    /// A filter for the newest 100 reflections of a scope.
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

/// A reflection as it is stored: a note that a person or an assistant kept on purpose. In its text, tags
/// and author a placeholder or a note may stand for what the guards found.
#[derive(Clone, Debug, PartialEq)]
pub struct Reflection {
    /// Its id, which is also that of its message and its conversation in the archive. A UUID if Lorekeep
    /// made it; an imported one may be any text.
    pub id: String,
    /// The text.
    pub content: String,
    /// The tags that it is filed under, in the order in which they were given.
    pub tags: Vec<String>,
    /// Short name of its project.
    pub project: String,
    /// Who stored it: a person ([`Role::User`]) or an assistant ([`Role::Assistant`]).
    pub role: Role,
    /// The name of whoever stored it, if it was given.
    pub author: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created: Millis,
    /// When its text or tags were last changed, in milliseconds since 1970; `None` if never. Marks don't
    /// count.
    pub updated: Option<Millis>,
    /// The id of the conversation that it came from, as its source has it, if that was given. The archive
    /// may not have that conversation.
    pub conversation: Option<String>,
    /// Its latest mark, which says whether it is open, resolved or superseded; `None` if it was never
    /// marked.
    pub status: Option<Marking>,
}

impl Outbound for Reflection {
    fn pass(&mut self, gate: Gate<'_>) {
        let gate = gate.of_project(&self.project);
        gate.for_words_of(Voice::of_note(self.role))
            .text(&mut self.content);
        gate.texts(self.tags.iter_mut().chain(&mut self.author));
        if let Some(status) = &mut self.status {
            status.pass(gate);
        }
    }
}
