//! The documents of projects, and of sources: the assistants whose logs are read.

use recall::{ProjectChange, ProjectInfo, ProjectSuggestion, SourceInfo};
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

/// The document that `projects merge`, `rename` and `undo` print with `--json`: what was done, or would be.
#[derive(Serialize)]
pub struct ProjectChangeDoc<'a> {
    /// `merge`, `rename`, `undo_merge` or `undo_rename`.
    change: &'static str,
    /// Whether nothing was changed, and this is what would be done.
    dry_run: bool,
    /// The name of the project that was merged, renamed or taken out again.
    project: &'a str,
    /// Of a merge the name of the other project; else the name that the project has now.
    into: &'a str,
    /// The number of conversations of the project.
    conversations: u64,
    /// The number of their messages.
    messages: u64,
}

impl<'a> ProjectChangeDoc<'a> {
    /// The document of a change.
    pub fn new(change: &'a ProjectChange, dry_run: bool) -> Self {
        Self {
            change: change.kind.name(),
            dry_run,
            project: &change.project,
            into: &change.into,
            conversations: change.conversations,
            messages: change.messages,
        }
    }
}

/// The document that `projects merge --json` prints without names: projects that may be one.
#[derive(Serialize)]
pub struct ProjectSuggestionsDoc<'a> {
    /// One entry for each pair: `project` and `into` (names, the one that is gone first) and `reason`
    /// (`same_first_commit` or `same_name_in_container`).
    suggestions: Vec<SuggestionDoc<'a>>,
}

#[derive(Serialize)]
struct SuggestionDoc<'a> {
    project: &'a str,
    into: &'a str,
    reason: &'static str,
}

impl<'a> ProjectSuggestionsDoc<'a> {
    /// The document of these suggestions.
    pub fn new(suggestions: &'a [ProjectSuggestion]) -> Self {
        let doc = |suggestion: &'a ProjectSuggestion| SuggestionDoc {
            project: &suggestion.project,
            into: &suggestion.into,
            reason: suggestion.reason.name(),
        };
        Self {
            suggestions: suggestions.iter().map(doc).collect(),
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
