//! The documents of projects, and of sources: the assistants whose logs are read.

use recall::{ProjectInfo, SourceInfo};
use serde::Serialize;

use crate::when::time;

/// The document that `projects --json` prints: the archived projects, with their size and age.
#[derive(Serialize)]
pub struct ProjectsDoc<'a> {
    /// One entry for each project: `name` (the shortest that no other project shares), `key` (what identifies
    /// it: a git remote, a directory or a given name), `path` (its directory, `null` if unknown), the numbers
    /// of `conversations` and `messages`, and `last`, the time of its latest message (RFC 3339 in UTC or
    /// `null`).
    projects: Vec<ProjectDoc<'a>>,
}

#[derive(Serialize)]
struct ProjectDoc<'a> {
    name: &'a str,
    key: &'a str,
    path: Option<&'a str>,
    conversations: u64,
    messages: u64,
    last: Option<String>,
}

impl<'a> ProjectsDoc<'a> {
    /// The document of these projects, in the order of the slice.
    pub fn new(projects: &'a [ProjectInfo]) -> Self {
        let doc = |project: &'a ProjectInfo| ProjectDoc {
            name: &project.name,
            key: &project.key,
            path: project.path.as_deref(),
            conversations: project.conversations,
            messages: project.messages,
            last: time(project.last),
        };
        Self {
            projects: projects.iter().map(doc).collect(),
        }
    }
}

/// The document that `sources --json` prints: the assistants whose logs are read, and how much of each is
/// archived.
#[derive(Serialize)]
pub struct SourcesDoc<'a> {
    /// One entry for each source: `source` (its name), `roots` (the directories that are looked at), and the
    /// numbers of `files`, `bytes`, `conversations`, `messages` and `problems` (places in logs that couldn't
    /// be understood).
    sources: Vec<SourceDoc<'a>>,
}

#[derive(Serialize)]
struct SourceDoc<'a> {
    source: &'a str,
    roots: &'a [String],
    files: u64,
    bytes: u64,
    conversations: u64,
    messages: u64,
    problems: u64,
}

impl<'a> SourcesDoc<'a> {
    /// The document of these sources, in the order of the slice.
    pub fn new(sources: &'a [SourceInfo]) -> Self {
        let doc = |source: &'a SourceInfo| SourceDoc {
            source: &source.name,
            roots: &source.roots,
            files: source.files,
            bytes: source.bytes,
            conversations: source.conversations,
            messages: source.messages,
            problems: source.problems,
        };
        Self {
            sources: sources.iter().map(doc).collect(),
        }
    }
}
