//! What `blame` is asked and what it answers.

use std::path::PathBuf;

use transcript::{Millis, Registry};

use crate::Scope;
use crate::guards::{Gate, Outbound};

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
    /// The sources whose tools are understood.
    pub sources: Registry,
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
    /// Name of the project whose conversations were looked at; `None` where all or none were meant.
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
    Written(Box<WritingCall>),
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
pub struct WritingCall {
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
pub(super) const MAX_LINES: usize = 100_000;
pub(super) const MAX_BYTES: u64 = 16 << 20;
