//! An edit of a file as a value.

use serde::Deserialize;

/// What one call of a tool did to one file.
#[derive(Clone, Debug)]
pub struct LoggedEdit {
    /// The file's path as the call has it: absolute, or relative to the working directory.
    pub path: String,
    /// What became of the file.
    pub change: LoggedChange,
    /// The whole file before the edit, if the log has it.
    pub before: Option<String>,
    /// The text that the call asked for, where a person changed it before it was written.
    pub asked: Option<String>,
    /// The edit again as a patch, which also tells at which lines; empty where the log has none.
    pub patch: Vec<PatchedPart>,
    /// The name of the argument that holds the text, such as `new_string`, to be shown as evidence.
    pub part: &'static str,
    /// Whether the text came into the file as it stands here; not so where a shell expands variables
    /// in it.
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

    /// The edit of a script that names a file and holds lines, some of which it may have written.
    #[must_use]
    pub fn of_script(path: &str, lines: Vec<String>) -> Self {
        Self {
            is_exact: false,
            ..Self::new(path, LoggedChange::Scraps(lines), "command")
        }
    }
}

/// What became of a file.
#[derive(Clone, Debug)]
pub enum LoggedChange {
    /// The file is this text now.
    Whole(String),
    /// This text follows what was there.
    Append(String),
    /// These texts took the places of others, one after the other.
    Swaps(Vec<TextSwap>),
    /// These parts of a patch were applied, from the file's start to its end.
    Hunks(Vec<PatchedPart>),
    /// The file is gone, or has another name.
    Gone,
    /// Some of these lines may stand in the file.
    Scraps(Vec<String>),
}

/// A text that took the place of another one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct TextSwap {
    /// The text that was there.
    #[serde(rename = "old_string")]
    pub old: String,
    /// The text in its place.
    #[serde(rename = "new_string")]
    pub new: String,
    /// Whether all occurrences of the old text were exchanged, instead of its only one.
    #[serde(rename = "replace_all")]
    pub all: bool,
}

/// One part of a patch (a hunk): lines that stand together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PatchedPart {
    /// Line of the file before, from 0, at which the part begins; nothing if the patch doesn't tell.
    pub at: Option<usize>,
    /// A line that stands somewhere before the part, by which some patches tell the place.
    pub after: Option<String>,
    /// The lines, without the sign before them.
    pub lines: Vec<(LineSign, String)>,
}

impl PatchedPart {
    /// The lines before the patch (with [`LineSign::Removed`]) or after it (with
    /// [`LineSign::Added`]); those that it keeps are among both.
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
