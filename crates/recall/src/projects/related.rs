//! Projects that may be one. A shared first commit is a hint, and no more: a fork has it as well.

use std::path::Path;

use rusqlite::Connection;

use super::directory::of_directory;
use super::names::{KnownProject, Names, known};
use crate::project::{Basis, native, of_directory as identity_of, root_commit};
use crate::store::Spans;
use crate::{ProjectSuggestion, Result, SuggestionReason};

/// Projects whose repository isn't where it was, and may be the one that this directory lies in: it has the
/// same first commit. Git is asked only if a project's directory is gone.
pub(crate) fn moved_to(connection: &Connection, directory: &Path) -> Result<Vec<String>> {
    let known = known(connection)?;
    let mut gone = known.iter().filter(|project| is_gone(project)).peekable();
    if gone.peek().is_none() {
        return Ok(Vec::new());
    }
    let identity = identity_of(&directory.to_string_lossy(), None);
    let (Basis::Repository, Some(root)) = (identity.basis, &identity.path) else {
        return Ok(Vec::new());
    };
    let here = of_directory(connection, directory)?.map(|(id, _)| id);
    let own = known.iter().find(|project| Some(project.id) == here);
    let commit = match own.and_then(|own| own.root_commit.clone()) {
        Some(commit) => commit,
        None => root_commit(&native(root)).unwrap_or_default(),
    };
    let names = Names::of(&known);
    let mut found = Vec::new();
    for project in gone {
        let is_same = !commit.is_empty() && project.root_commit.as_ref() == Some(&commit);
        if is_same && Some(project.id) != here && has_messages(connection, project)? {
            found.push(names.get(project.id).to_owned());
        }
    }
    Ok(found)
}

/// Projects that may be one, the one that is gone first.
pub(crate) fn suggestions(connection: &Connection) -> Result<Vec<ProjectSuggestion>> {
    let known = known(connection)?;
    let names = Names::of(&known);
    let mut found = Vec::new();
    let mut by_commit: Vec<&KnownProject> = known
        .iter()
        .filter(|project| {
            project
                .root_commit
                .as_deref()
                .is_some_and(|commit| !commit.is_empty())
        })
        .collect();
    by_commit.sort_by_key(|project| (project.root_commit.clone(), !is_gone(project), project.id));
    for group in by_commit.chunk_by(|a, b| a.root_commit == b.root_commit) {
        let Some((into, others)) = group.split_last() else {
            continue;
        };
        for from in others {
            found.push((*from, *into, SuggestionReason::SameFirstCommit));
        }
    }
    let in_container = |project: &&KnownProject| project.key.starts_with("dir:/workspaces/");
    for from in known.iter().filter(in_container) {
        let is_alike = |other: &&KnownProject| {
            let name = from.names.iter().find(|name| !name.contains('/'));
            other.id != from.id && name.is_some_and(|name| other.names.contains(name))
        };
        let mut alike = known.iter().filter(is_alike);
        if let (Some(into), None) = (alike.next(), alike.next()) {
            found.push((from, into, SuggestionReason::SameNameInContainer));
        }
    }
    let suggestion = |(from, into, reason): (&KnownProject, &KnownProject, _)| ProjectSuggestion {
        project: names.get(from.id).to_owned(),
        into: names.get(into.id).to_owned(),
        reason,
    };
    Ok(found.into_iter().map(suggestion).collect())
}

/// Whether a project's repository isn't where it was.
fn is_gone(project: &KnownProject) -> bool {
    let has_commit = project
        .root_commit
        .as_deref()
        .is_some_and(|commit| !commit.is_empty());
    let path = project.path.as_deref().filter(|_| has_commit);
    path.is_some_and(|path| native(path).symlink_metadata().is_err())
}

fn has_messages(connection: &Connection, project: &KnownProject) -> Result<bool> {
    Ok(!Spans::of_project(connection, project.id)?.0.is_empty())
}
