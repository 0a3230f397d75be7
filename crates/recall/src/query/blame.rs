//! Where did this line come from? For lines of a file on disk or in a commit, finds the conversation and
//! the tool call that wrote them, with what speaks for it and how sure it is.
//!
//! The edits of the file that the archive holds are replayed in order on the versions that git has of it. A
//! line that no edit accounts for is attributed to no conversation: a person or another program wrote it.

mod report;
mod lines;
mod places;
mod git;
mod edits;
mod commits;
mod replay;
mod versions;
mod judge;

use std::path::{Path, PathBuf};

use rusqlite::Connection;

use crate::guards::{Cleared, Gate};
use crate::store::{ProjectFilter, Spans};
use crate::{Error, Result, projects};
use git::BlameRepository;
use lines::LineTable;
use places::{FileCopy, FileNames};
use replay::Replay;
pub use report::{
    BlameReport, BlameRequest, BlamedLines, Certainty, CommitInfo, CommitMaker, LineSource,
    WritingCall,
};

/// Tells where the lines of a request come from.
pub(crate) fn run(
    connection: &Connection,
    gate: Gate<'_>,
    request: &BlameRequest,
) -> Result<Cleared<BlameReport>> {
    // One state of the archive from beginning to end.
    let transaction = connection.unchecked_transaction()?;
    let report = look(&transaction, gate, request)?;
    transaction.commit()?;
    Ok(gate.release(report))
}

fn look(connection: &Connection, gate: Gate<'_>, request: &BlameRequest) -> Result<BlameReport> {
    let file = match &request.within {
        Some(_) => request.file.clone(),
        None => places::absolute(&request.file),
    };
    let directory = file.parent().unwrap_or(Path::new("/"));
    let (projects, name) = projects::of_scope(connection, &request.scope)?;
    let spans = Spans::of(connection, projects)?;
    let git = BlameRepository::find(directory);
    let root = match &git {
        Some(git) => Some(git.root.clone()),
        None => root_of(connection, projects, &file)?,
    };
    let mut places = FileNames::new(&file, root.as_deref());
    let history = versions::FileVersions::read(request, &file, git.as_ref(), &mut places)?;
    let texts: Vec<&str> = history.text.lines().collect();
    let wanted = wanted(request.lines, texts.len())?;
    let mut lines = LineTable::default();
    let within = edits::EditScope {
        connection,
        spans: &spans,
        projects,
        sources: request.sources,
    };
    let edits = edits::gather(within, &mut places, &mut lines)?;
    let ids = lines.ids(&history.text);
    let commits = history.commits(&mut lines, &ids);
    let replay = Replay::new(&mut lines, &edits, own(&edits, &places));
    let ended = history.replay(replay, &edits, &ids, &commits);
    let mut judge = judge::Judge::new(
        (connection, gate),
        &edits,
        &ended,
        &lines,
        &commits,
        projects,
    )?;
    judge.is_repository = git.is_some();
    judge.makers = commits::makers(within, &commits[wanted.clone()])?;
    Ok(BlameReport {
        file: request.file.to_string_lossy().into_owned(),
        repository: git
            .as_ref()
            .map(|git| git.root.to_string_lossy().into_owned()),
        commit: history.commit.clone(),
        project: name,
        edits: edits.len(),
        lines: judge.lines(&texts, wanted)?,
        notes: history.notes.clone(),
    })
}

/// Which copy of the file (in which clone or worktree) the edits are replayed for: the one that was asked
/// about, or, if none of the edits was made in that, the one with most edits.
fn own(edits: &[edits::ReplayedEdit], places: &FileNames) -> FileCopy {
    let own = places.own();
    if edits.is_empty() || edits.iter().any(|edit| edit.place == own) {
        return own;
    }
    let mut counts: std::collections::BTreeMap<&FileCopy, usize> =
        std::collections::BTreeMap::new();
    for edit in edits {
        *counts.entry(&edit.place).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(own, |(place, _)| place.clone())
}

/// The directory that names of the file are relative to where there is no repository: that of the project,
/// if the file lies in it.
fn root_of(
    connection: &Connection,
    projects: ProjectFilter,
    file: &Path,
) -> Result<Option<PathBuf>> {
    let ProjectFilter::One(project) = projects else {
        return Ok(None);
    };
    let sql = "SELECT path FROM project WHERE id = ?1";
    let path: Option<String> = connection
        .prepare_cached(sql)?
        .query_row([project.0], |row| row.get(0))?;
    let path = path.map(PathBuf::from);
    Ok(path.filter(|path| file.starts_with(path)))
}

/// The lines that were asked for (first and last, from 1), as a range that counts from 0.
fn wanted(lines: Option<(u32, u32)>, count: usize) -> Result<std::ops::Range<usize>> {
    let Some((first, last)) = lines else {
        return Ok(0..count);
    };
    let (from, to) = (first as usize, (last as usize).min(count));
    if last < first {
        return Err(Error::LinesReversed { first, last });
    }
    if from == 0 || from > to {
        return Err(Error::NoLine { line: first, count });
    }
    Ok(from - 1..to)
}
