//! The request to [`Archive::blame`](crate::Archive::blame) and its answer.

use std::path::PathBuf;

use transcript::{Millis, Registry};

use crate::Scope;
use crate::guards::{Gate, Outbound};

/// A request to tell where lines of a file come from.
#[derive(Clone, Debug)]
pub struct BlameRequest {
    /// The absolute path of the file.
    pub file: PathBuf,
    /// A directory that the file must lie in, for a caller that may not read other files. Both paths must
    /// be without symbolic links; one on the way that leads out of the directory is refused, even if it is
    /// put there in the meantime. `None`: any file may be read.
    pub within: Option<PathBuf>,
    /// The first and the last line, both included, counted from 1. A last line beyond the end of the file
    /// means its end. `None`: all lines.
    pub lines: Option<(u32, u32)>,
    /// The commit (any revision that git understands) whose version of the file is meant. `None`: the file
    /// on disk.
    pub commit: Option<String>,
    /// The projects whose conversations are looked at; what others wrote is unknown.
    pub scope: Scope,
    /// The sources whose tools are understood: only edits by their tools can be found.
    pub sources: Registry,
    /// The time now, in milliseconds since 1970. The answer doesn't depend on it at present.
    pub now: Millis,
}

/// Where the lines of a file come from.
#[derive(Clone, Debug)]
pub struct BlameReport {
    /// The file's path, as it was asked for.
    pub file: String,
    /// The working tree of the git repository that it lies in; `None` if it lies in none.
    pub repository: Option<String>,
    /// The whole hash of the commit whose version of the file this is; `None` for the file on disk.
    pub commit: Option<String>,
    /// Short name of the project whose conversations were looked at; `None` if those of all projects were,
    /// or of none.
    pub project: Option<String>,
    /// The number of edits of the file that were found in the archive, in all its clones and worktrees.
    pub edits: usize,
    /// All lines that were asked for, in order. Neighbouring lines with the same source are one entry.
    pub lines: Vec<BlamedLines>,
    /// Sentences for a person, such as that git couldn't tell the commit of each line; mostly empty.
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

/// Neighbouring lines that come from the same tool call or commit, with the same certainty.
#[derive(Clone, Debug)]
pub struct BlamedLines {
    /// The number of the first line, counted from 1.
    pub first: u32,
    /// The number of the last line, included.
    pub last: u32,
    /// Their text with `\n` between lines, as the guards let it be shown.
    pub text: String,
    /// Where they come from.
    pub source: LineSource,
}

/// Where lines come from. A tool call takes precedence over a commit.
#[derive(Clone, Debug)]
pub enum LineSource {
    /// A tool call of an archived conversation wrote them.
    Written(Box<WritingCall>),
    /// No tool call is known to have written them, and this commit introduced them: a person or another
    /// program wrote them, or an assistant whose conversation isn't archived.
    Commit(Box<CommitInfo>),
    /// No tool call is known to have written them, and they are not committed.
    Unknown {
        /// Why nothing is known, in words for a person.
        why: String,
    },
}

/// The tool call that wrote lines, such as an assistant's call of an editing tool or of a shell.
#[derive(Clone, Debug)]
pub struct WritingCall {
    /// The conversation's id, as its source has it.
    pub conversation: String,
    /// Name of the conversation's source, such as `claude-code`.
    pub source: String,
    /// The conversation's title.
    pub title: String,
    /// The id of the message that made the call: the source's own, or `#` and a number.
    pub message: String,
    /// The call's id, as the log has it.
    pub call: String,
    /// Name of the tool, as the log has it.
    pub tool: String,
    /// When the call was made, in milliseconds since 1970, if that is known.
    pub time: Option<Millis>,
    /// Short name of the project in which it was made.
    pub project: String,
    /// Name of the model that made the call, if the log has it.
    pub model: Option<String>,
    /// Name of the sub-agent that made the call; `None` if the main one did.
    pub agent: Option<String>,
    /// How sure it is that this call wrote the lines.
    pub certainty: Certainty,
    /// What speaks for it, and what was done to the lines since: sentences for a person.
    pub evidence: Vec<String>,
    /// The commit that introduced the lines; `None` if they aren't committed.
    pub commit: Option<CommitInfo>,
}

/// How sure it is that a tool call wrote a line, from the least sure on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Certainty {
    /// The call wrote a line like it, but others could have written this one; or a script that the call ran
    /// may have.
    Possible,
    /// The call wrote it, but it was moved or reformatted since, its place isn't the only one possible, or
    /// the log doesn't say that the call succeeded.
    Likely,
    /// The call wrote this line as it is, in this place.
    Certain,
}

impl Certainty {
    /// The name used on the command line and in answers: `possible`, `likely` or `certain`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Possible => "possible",
            Self::Likely => "likely",
            Self::Certain => "certain",
        }
    }
}

/// A git commit that introduced lines.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitInfo {
    /// Its whole hash: 40 or 64 hexadecimal digits.
    pub hash: String,
    /// Name of its author, as the commit has it.
    pub author: String,
    /// Its author date, in milliseconds since 1970, always whole seconds.
    pub time: Millis,
    /// Its subject: the first line of its message.
    pub subject: String,
    /// The conversation in which it was made; `None` if none of the scope is known to be.
    pub conversation: Option<CommitMaker>,
}

/// The conversation whose shell call ran the `git commit` that made a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitMaker {
    /// The conversation's id, as its source has it.
    pub conversation: String,
    /// The conversation's title.
    pub title: String,
    /// The id of the message that made the call: the source's own, or `#` and a number.
    pub message: String,
    /// How that is known, in words for a person.
    pub evidence: String,
}

/// The longest file that is looked at, in lines and bytes.
pub(super) const MAX_LINES: usize = 100_000;
pub(super) const MAX_BYTES: u64 = 16 << 20;
