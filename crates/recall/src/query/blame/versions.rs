//! The text of the file, the versions of it that commits have, and the commit of each line.

use std::io::ErrorKind;
use std::path::Path;

use transcript::Millis;

use super::edits::ReplayedEdit;
use super::git::{BlameRepository, CommittedLines, FileCommit, FileVersion};
use super::lines::{LineId, LineTable, kept};
use super::places::FileNames;
use super::replay::{Replay, ReplayEnd};
use super::report::{BlameRequest, MAX_BYTES, MAX_LINES};
use crate::{Error, Result};

/// A commit that was made this long after its author's time was made again from an older one; what
/// counts for the order of things is when it was written.
const REWRITTEN_AFTER_MILLIS: Millis = 600_000;

/// The file as it was asked for, and its versions in commits.
#[derive(Default)]
pub(super) struct FileVersions {
    /// The file as asked for.
    pub(super) text: String,
    /// The commit that was asked for.
    pub(super) commit: Option<String>,
    pub(super) notes: Vec<String>,
    /// Whether git knows the file.
    pub(super) is_tracked: bool,
    versions: Vec<(FileCommit, String)>,
    blamed: CommittedLines,
    /// The version in the commit at hand, whose lines `blamed` is about.
    committed: String,
    /// The time of `text`: later edits aren't replayed.
    end: Millis,
}

impl FileVersions {
    /// Reads the file, on disk or in a commit, and what git knows of it.
    pub(super) fn read(
        request: &BlameRequest,
        file: &Path,
        git: Option<&BlameRepository>,
        places: &mut FileNames,
    ) -> Result<Self> {
        let mut history = Self {
            end: Millis::MAX,
            ..Self::default()
        };
        let commit = match (&request.commit, git) {
            (Some(revision), Some(git)) => {
                Some(git.resolve(revision).ok_or_else(|| no_commit(revision))?)
            }
            (Some(revision), None) => return Err(no_commit(revision)),
            (None, _) => None,
        };
        if commit.is_none() {
            history.text = on_disk(file, request.within.as_deref())?;
        }
        history.commit.clone_from(&commit);
        let head = commit
            .clone()
            .or_else(|| git.and_then(|git| git.head.clone()));
        if let (Some(git), Some(head), Some(name)) = (git, head, places.name().map(str::to_owned)) {
            history.ask(git, &head, &name, commit.is_some(), places);
        }
        if let (Some(hash), Some(git)) = (&commit, git) {
            if !history.is_tracked {
                return Err(Error::NotCommitted(file.to_owned()));
            }
            history.text.clone_from(&history.committed);
            history.end = git.made(hash).map_or(Millis::MAX, |made| made * 1000 + 999);
        }
        if history.text.lines().nth(MAX_LINES).is_some() {
            return Err(Error::FileTooLong {
                file: file.to_owned(),
                lines: MAX_LINES,
            });
        }
        Ok(history)
    }

    fn ask(
        &mut self,
        git: &BlameRepository,
        head: &str,
        name: &str,
        is_commit: bool,
        places: &mut FileNames,
    ) {
        let mut name = name.to_owned();
        let mut content = git.content(head, &name);
        if content.is_none() && !is_commit {
            let Some(old) = git.renamed_from(&name) else {
                return;
            };
            places.also(&old);
            content = git.content(head, &old);
            name = old;
        }
        let Some(content) = content else { return };
        let (blamed, versions) = std::thread::scope(|scope| {
            let blaming = scope.spawn(|| git.blame(head, &name));
            let versions = git.versions(head, &name);
            (blaming.join().ok().flatten(), versions)
        });
        self.is_tracked = true;
        match blamed {
            Some(blamed) => self.blamed = blamed,
            None => self
                .notes
                .push("git could not tell the commit of each line".to_owned()),
        }
        for version in &versions {
            places.also(&version.name);
        }
        self.committed = content;
        let contents = git.contents(&versions);
        let both = versions.into_iter().zip(contents);
        self.versions = both
            .filter_map(|(FileVersion { commit, .. }, content)| Some((commit, content?)))
            .collect();
    }

    /// Replays edits and commits in the order in which they happened.
    pub(super) fn replay(
        &self,
        mut replay: Replay<'_>,
        edits: &[ReplayedEdit],
        ids: &[LineId],
        commits: &[Option<&FileCommit>],
    ) -> ReplayEnd {
        let mut contents = Vec::with_capacity(self.versions.len());
        let mut last = Millis::MIN;
        for (commit, content) in &self.versions {
            let (made, written) = (commit.made * 1000 + 999, commit.written * 1000 + 999);
            let at = if made - written > REWRITTEN_AFTER_MILLIS {
                written
            } else {
                made
            };
            // Commits follow each other, whatever their clocks said.
            last = last.max(at);
            contents.push((last, made.max(last), content));
        }
        let mut contents = contents.into_iter().peekable();
        for (nth, edit) in edits.iter().enumerate() {
            if edit.applied > self.end {
                break;
            }
            while let Some((_, made, content)) = contents.next_if(|(at, ..)| *at < edit.applied) {
                let ids = replay.lines.ids(content);
                replay.content(&ids, made);
            }
            replay.edit(nth);
        }
        for (_, made, content) in contents {
            let ids = replay.lines.ids(content);
            replay.content(&ids, made);
        }
        let made = |commit: &Option<&FileCommit>| {
            commit.map_or(self.end, |commit| commit.made * 1000 + 999)
        };
        let bounds: Vec<Millis> = commits.iter().map(made).collect();
        replay.end(ids, self.end, &bounds)
    }

    /// The commit of each line of the text; none where it isn't committed.
    pub(super) fn commits(
        &self,
        lines: &mut LineTable,
        ids: &[LineId],
    ) -> Vec<Option<&FileCommit>> {
        let committed = lines.ids(&self.committed);
        let mut commits = vec![None; ids.len()];
        let changes = lines.diff(&committed, ids);
        for (from, to) in kept(&changes, committed.len(), ids.len()) {
            for (old, new) in from.zip(to) {
                let commit = self
                    .blamed
                    .lines
                    .get(old)
                    .and_then(|at| self.blamed.commits.get(*at));
                commits[new] = commit;
            }
        }
        commits
    }
}

/// The text of a file: a regular one, opened without waiting.
fn on_disk(file: &Path, within: Option<&Path>) -> Result<String> {
    let read = match within {
        None => files::read(file, MAX_BYTES).map(Some),
        Some(directory) => inside(directory, file),
    };
    let bytes = match read {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return Err(Error::NoFile(file.to_owned())),
        Err(error) => return Err(unread(file, error)),
    };
    if bytes.contains(&0) {
        return Err(Error::NoText(file.to_owned()));
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// All of a file in a directory; `None` where there is none.
fn inside(directory: &Path, file: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let root = files::Root::open(directory)?;
    let relative = file.strip_prefix(root.path());
    let relative = relative.map_err(|_| std::io::Error::from(ErrorKind::PermissionDenied))?;
    root.read(relative, MAX_BYTES)
}

fn unread(file: &Path, error: std::io::Error) -> Error {
    let file = file.to_owned();
    match error.kind() {
        ErrorKind::NotFound => Error::NoFile(file),
        ErrorKind::InvalidInput => Error::NoText(file),
        ErrorKind::FileTooLarge => Error::FileTooLong {
            file,
            lines: MAX_LINES,
        },
        _ => error.into(),
    }
}

fn no_commit(revision: &str) -> Error {
    Error::NoCommit(revision.to_owned())
}
