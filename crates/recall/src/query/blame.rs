//! Where did this line come from? Lines of a working tree or a commit → the conversation and the
//! tool call that wrote them, with what speaks for it and how sure it is.
//!
//! The edits that the archive holds of a file are replayed in order, and compared with what git
//! knows of it. What no edit accounts for is not attributed: a person typed it, or another program.

mod commits;
mod edits;
mod git;
mod judge;
mod lines;
mod patch;
mod payload;
mod places;
mod replay;
mod shell;
mod versions;

use std::path::{Path, PathBuf};

use rusqlite::Connection;
use transcript::Millis;

use crate::guards::{Gate, Outbound};
use crate::store::Spans;
use crate::{Error, Result, Scope, projects};
use git::Git;
use lines::Lines;
use places::{Place, Places};
use replay::Replay;

/// Which lines to ask about.
#[derive(Clone, Debug)]
pub struct BlameRequest {
    /// The file, absolute.
    pub file: PathBuf,
    /// A directory that the file must lie in, both without links: no link leads out of it, even one that
    /// is put there in the meantime. `None` where whoever asks may read any file.
    pub within: Option<PathBuf>,
    /// First and last line, from 1; without it all of them.
    pub lines: Option<(u32, u32)>,
    /// The file as it is in this commit (any revision that git understands), instead of on disk.
    pub commit: Option<String>,
    /// Whose conversations may have written it.
    pub scope: Scope,
    /// The time now.
    pub now: Millis,
}

/// Where lines come from.
#[derive(Clone, Debug)]
pub struct BlameReport {
    /// The file, as it was asked for.
    pub file: String,
    /// The working tree of its repository, if it lies in one.
    pub repository: Option<String>,
    /// The commit whose file it is; without one it is the file on disk.
    pub commit: Option<String>,
    /// Name of the project whose conversations were looked at; `None` for all.
    pub project: Option<String>,
    /// How many edits of the file the archive knows of.
    pub edits: usize,
    /// The lines, in order; neighbours of one source are together.
    pub lines: Vec<BlamedLines>,
    /// Words for a person.
    pub notes: Vec<String>,
}

impl Outbound for BlameReport {
    /// What the file itself says counts as recalled here, too: most of it was written by a tool.
    fn pass(&mut self, gate: Gate<'_>) {
        for lines in &mut self.lines {
            gate.text(&mut lines.text);
            let commit = match &mut lines.source {
                LineSource::Written(written) => {
                    let gate = gate.of_project(&written.project);
                    gate.texts(&mut written.evidence);
                    gate.text(&mut written.tool);
                    gate.texts(written.model.iter_mut().chain(&mut written.agent));
                    written.commit.as_mut()
                }
                LineSource::Commit(commit) => Some(&mut **commit),
                LineSource::Unknown { why } => {
                    gate.text(why);
                    None
                }
            };
            if let Some(commit) = commit {
                gate.texts([&mut commit.author, &mut commit.subject]);
                if let Some(maker) = &mut commit.conversation {
                    gate.text(&mut maker.evidence);
                }
            }
        }
        gate.texts(&mut self.notes);
    }
}

/// Neighbouring lines of one source.
#[derive(Clone, Debug)]
pub struct BlamedLines {
    /// The first, from 1.
    pub first: u32,
    /// The last.
    pub last: u32,
    /// Their text, without the last line's end.
    pub text: String,
    /// Where they come from.
    pub source: LineSource,
}

/// Where lines come from.
#[derive(Clone, Debug)]
pub enum LineSource {
    /// A tool call of a conversation wrote them.
    Written(Box<Written>),
    /// No conversation is known to have written them; this commit brought them in.
    Commit(Box<CommitInfo>),
    /// Nothing is known.
    Unknown {
        /// Why not.
        why: String,
    },
}

/// The tool call that wrote lines.
#[derive(Clone, Debug)]
pub struct Written {
    /// The source's id of the conversation.
    pub conversation: String,
    /// Name of the conversation's source.
    pub source: String,
    /// Its title.
    pub title: String,
    /// The source's id of the message that made the call.
    pub message: String,
    /// Id of the call.
    pub call: String,
    /// Name of the tool.
    pub tool: String,
    /// When.
    pub time: Option<Millis>,
    /// Short name of the project.
    pub project: String,
    /// The model that made the call.
    pub model: Option<String>,
    /// The sub-agent that made it, where it wasn't the main one.
    pub agent: Option<String>,
    /// How sure it is.
    pub certainty: Certainty,
    /// What speaks for it, and what was done to the lines since; words for a person.
    pub evidence: Vec<String>,
    /// The commit that has them; `None` where they aren't committed.
    pub commit: Option<CommitInfo>,
}

/// How sure it is that a tool call wrote a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// A line like it may have come from the call; others could have written it.
    Possible,
    /// The call wrote it, and something happened to it since, or there is a doubt about the place.
    Likely,
    /// The call wrote this line, as it is, in this place.
    Certain,
}

impl Certainty {
    /// The name used on the command line and in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// A commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its whole hash.
    pub hash: String,
    /// Who it says wrote it.
    pub author: String,
    /// When it was written, as its author says.
    pub time: Millis,
    /// The first line of its message.
    pub subject: String,
    /// The conversation that made it, if one of the scope did.
    pub conversation: Option<CommitMaker>,
}

/// The conversation that made a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitMaker {
    /// The source's id of the conversation.
    pub conversation: String,
    /// Its title.
    pub title: String,
    /// The source's id of the message that made it.
    pub message: String,
    /// How that is known; words for a person.
    pub evidence: String,
}

/// The longest file that is looked at, in lines and bytes.
const MAX_LINES: usize = 100_000;
const MAX_BYTES: u64 = 16 << 20;

/// Tells where lines come from.
pub(crate) fn run(
    connection: &Connection,
    gate: Gate<'_>,
    request: &BlameRequest,
) -> Result<BlameReport> {
    // One state of the archive from beginning to end.
    let transaction = connection.unchecked_transaction()?;
    let report = look(&transaction, gate, request)?;
    transaction.commit()?;
    Ok(report)
}

fn look(connection: &Connection, gate: Gate<'_>, request: &BlameRequest) -> Result<BlameReport> {
    let file = match &request.within {
        Some(_) => request.file.clone(),
        None => places::absolute(&request.file),
    };
    let directory = file.parent().unwrap_or(Path::new("/"));
    let (project, name) = projects::of_scope(connection, &request.scope)?.unzip();
    let spans = match project {
        Some(project) => Spans::of_project(connection, project)?,
        None => Spans::all(connection)?,
    };
    let git = Git::find(directory);
    let root = match &git {
        Some(git) => Some(git.root.clone()),
        None => root_of(connection, project, &file)?,
    };
    let mut places = Places::new(&file, root.as_deref());
    let history = versions::History::read(request, &file, git.as_ref(), &mut places)?;
    let texts: Vec<&str> = history.text.lines().collect();
    let wanted = wanted(request.lines, texts.len())?;
    let mut lines = Lines::default();
    let edits = edits::gather(connection, &spans, project, &mut places, &mut lines)?;
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
        project,
    )?;
    judge.is_repository = git.is_some();
    judge.makers = commits::makers(connection, &spans, &commits[wanted.clone()])?;
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

/// The copy that the file at hand is: where it lies, or, where nobody ever worked there, the one
/// that most edits were made in.
fn own(edits: &[edits::Edit], places: &Places) -> Place {
    let own = places.own();
    if edits.is_empty() || edits.iter().any(|edit| edit.place == own) {
        return own;
    }
    let mut counts: std::collections::BTreeMap<&Place, usize> = std::collections::BTreeMap::new();
    for edit in edits {
        *counts.entry(&edit.place).or_default() += 1;
    }
    let most = counts.into_iter().max_by_key(|(_, count)| *count);
    most.map_or(own, |(place, _)| place.clone())
}

/// Outside of repositories: the project's directory, if the file lies in it.
fn root_of(
    connection: &Connection,
    project: Option<crate::store::ProjectId>,
    file: &Path,
) -> Result<Option<PathBuf>> {
    let Some(project) = project else {
        return Ok(None);
    };
    let sql = "SELECT path FROM project WHERE id = ?1";
    let path: Option<String> = connection
        .prepare_cached(sql)?
        .query_row([project.0], |row| row.get(0))?;
    let path = path.map(PathBuf::from);
    Ok(path.filter(|path| file.starts_with(path)))
}

/// The wanted lines, as places from 0.
fn wanted(lines: Option<(u32, u32)>, count: usize) -> Result<std::ops::Range<usize>> {
    let Some((first, last)) = lines else {
        return Ok(0..count);
    };
    let (from, to) = (first as usize, (last as usize).min(count));
    if from == 0 || from > to {
        return Err(Error::NoLine { line: first, count });
    }
    Ok(from - 1..to)
}
