//! An edit of a file as a value.

use serde::Deserialize;

/// What one call of a tool did to one file.
#[derive(Clone, Debug)]
pub struct LoggedEdit {
    /// The file's path as the call has it: absolute, or relative to the working directory.
    pub path: String,
    /// What became of the file.
    pub change: LoggedChange,
    /// The whole file before the edit, if the log has it; empty for one that the edit made.
    pub before: Option<String>,
    /// The text that the call asked for, where a person changed it before it was written; `change` is
    /// what was written.
    pub asked: Option<String>,
    /// The edit again as a patch that tells line numbers, where the log has one beside `change`; else
    /// empty.
    pub patch: Vec<PatchedPart>,
    /// Where in the call the text stands, to be shown as evidence: the argument `content`, `new_string`
    /// or `new_source`, or `patch` or `command`.
    pub part: &'static str,
    /// Whether the text came into the file as it stands here; `false` where a shell may have expanded
    /// variables in it, or where it is only likely that it came into the file.
    pub is_exact: bool,
}

impl LoggedEdit {
    /// An exact edit of which nothing more is known.
    pub(crate) fn new(path: impl Into<String>, change: LoggedChange, part: &'static str) -> Self {
        Self {
            path: path.into(),
            change,
            before: None,
            asked: None,
            patch: Vec::new(),
            part,
            is_exact: true,
        }
    }

    /// Made by whoever looks for edits of `path`, not by a source: the edit of a script that names the file `path` and holds `lines`, some of which it may have
    /// written, if it wrote the file at all: [`LoggedChange::Scraps`], with [`Self::is_exact`] `false`.
    #[must_use]
    pub fn of_script(path: &str, lines: Vec<String>) -> Self {
        Self {
            is_exact: false,
            ..Self::new(path, LoggedChange::Scraps(lines), "command")
        }
    }
}

/// What became of a file by a [`LoggedEdit`].
#[derive(Clone, Debug)]
pub enum LoggedChange {
    /// The file's whole content is this text.
    Whole(String),
    /// This text was added at the file's end.
    Append(String),
    /// These texts took the places of others, each in what the one before left.
    Swaps(Vec<TextSwap>),
    /// These parts of a patch were applied, from the file's start to its end.
    Hunks(Vec<PatchedPart>),
    /// The file was deleted.
    Gone,
    /// Some of these lines may stand in the file, nobody knows where.
    Scraps(Vec<String>),
}

/// A text that took the place of another one; `Deserialize` reads it from the arguments of Claude Code's
/// editing tools.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TextSwap {
    /// The text that was there.
    #[serde(rename = "old_string")]
    pub old: String,
    /// The text in its place.
    #[serde(rename = "new_string")]
    pub new: String,
    /// Whether all occurrences of the old text were exchanged; `false`: it stood there only once.
    #[serde(rename = "replace_all")]
    pub all: bool,
}

/// One part of a patch (a hunk): lines that stand together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchedPart {
    /// The number, from 0, of the line at which the part begins in the file as it was before the patch;
    /// `None` if the patch doesn't tell.
    pub at: Option<usize>,
    /// A line that stands somewhere before the part, such as the head of a function, by which some
    /// patches tell the place.
    pub after: Option<String>,
    /// The lines, without the sign before them.
    pub lines: Vec<(LineSign, String)>,
}

impl PatchedPart {
    /// The part's lines as they were before the patch (with [`LineSign::Removed`]) or as they are after
    /// it (with [`LineSign::Added`]), in order; those that it keeps are among both. With
    /// [`LineSign::Kept`] only those.
    pub fn side(&self, side: LineSign) -> impl Iterator<Item = &str> {
        let on_it = move |sign: &LineSign| *sign == LineSign::Kept || *sign == side;
        self.lines
            .iter()
            .filter(move |(sign, _)| on_it(sign))
            .map(|(_, text)| text.as_str())
    }
}

/// What becomes of a line of a patch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineSign {
    /// It was there and stays.
    Kept,
    /// It was there and goes.
    Removed,
    /// It is new.
    Added,
}
