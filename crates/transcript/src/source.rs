//! What a source of conversations declares of itself: its name, where its logs lie, how they are read
//! and told from others. Must not know any source; they are in [`crate::sources`].

use std::fmt;
use std::ops::Deref;

use crate::edit::LoggedEdit;
use crate::path::{file_name, uncompressed};
use crate::reader::Framing;
use crate::{ToolCall, ToolResult};

/// An assistant or export format that conversations come from: all that the other crates know of it.
///
/// To add one is to implement this in a folder of `sources/` and to list it in
/// [`Registry::shipped`](crate::Registry::shipped).
pub trait SourceFormat: Sync {
    /// The name used on the command line, in the archive and in exports: lower case with hyphens,
    /// such as `claude-code`. It must never change, since archives hold it.
    fn name(&self) -> &'static str;

    /// The name as people write it, such as `Claude Code`.
    fn title(&self) -> &'static str;

    /// The kinds of files that the source writes, and how each is read; at least one.
    fn files(&self) -> &'static [LogFiles];

    /// Whether a file is one of this source's, by its path (with `/`) and its first bytes, which may
    /// end in the middle of a record. Called for files of every source, so that it should look at
    /// what only its own have.
    fn recognises(&self, path: &str, head: &[u8]) -> bool;

    /// Where the source's logs lie on a machine; nothing for formats that people export and name.
    fn roots(&self) -> Option<&'static LogRoots> {
        None
    }

    /// When the source deletes its own logs; nothing if it keeps them.
    fn retention(&self) -> Option<&'static Retention> {
        None
    }

    /// The tools that run command lines, or read or write files.
    fn tools(&self) -> &'static [SourceTool] {
        &[]
    }

    /// What a call of one of the tools with [`ToolEffect::Edit`] did to files. `result` is what it
    /// gave back, if that is known; it is no error then.
    fn edits(&self, _call: &ToolCall, _result: Option<&ToolResult>) -> Vec<LoggedEdit> {
        Vec::new()
    }

    /// Edits that the source's logs tell of only with a result, without a call that made them.
    fn result_edits(&self, _result: &ToolResult) -> Option<ResultEdits> {
        None
    }
}

/// A tool that an assistant calls, by what it does to files.
#[derive(Clone, Copy, Debug)]
pub struct SourceTool {
    /// Its name in the logs.
    pub name: &'static str,
    /// What it does.
    pub effect: ToolEffect,
}

impl SourceTool {
    /// A tool of this name that does this.
    #[must_use]
    pub const fn new(name: &'static str, effect: ToolEffect) -> Self {
        Self { name, effect }
    }
}

/// What a tool does to files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ToolEffect {
    /// It runs a command line, which tells what it writes; see [`command`](crate::command).
    Command,
    /// It applies a patch of the form `*** Begin Patch` in its arguments.
    Patch,
    /// It writes files itself; see [`SourceFormat::edits`].
    Edit,
    /// It looks at files or directories.
    Read,
}

/// Edits that a log tells of with a result.
#[derive(Clone, Debug)]
pub struct ResultEdits {
    /// The tool that made them.
    pub tool: &'static str,
    /// What was done, file by file.
    pub edits: Vec<LoggedEdit>,
}

/// A kind of files that a source writes.
#[derive(Clone, Copy, Debug)]
pub struct LogFiles {
    /// What their names start with; empty where that differs.
    pub prefix: &'static str,
    /// What their names end with, such as `.jsonl`, without the ending of compressed files.
    pub suffix: &'static str,
    /// How their content is handed in and read.
    pub framing: Framing,
}

impl LogFiles {
    /// Whether a file of this name may be one of the kind. Files that are read as bytes may also be
    /// compressed, with `.zst` behind the name.
    fn has_name(&self, name: &str) -> bool {
        let plain = match self.framing {
            Framing::Lines(_) | Framing::Document(_) => uncompressed(name),
            Framing::Rows(..) => name,
        };
        plain.starts_with(self.prefix) && plain.ends_with(self.suffix)
    }
}

/// Where a source's logs lie on a machine. A root is the directory that an assistant keeps its own
/// things in, such as `~/.claude`; its logs lie in some of the directories below it.
#[derive(Clone, Copy, Debug)]
pub struct LogRoots {
    /// What is said of the roots on the page of settings: one or two sentences.
    pub about: &'static str,
    /// The roots where nothing else is set, with `~` for the person's home directory.
    pub defaults: &'static [&'static str],
    /// Variables of the assistant's own that name other roots.
    pub variables: &'static [RootVariable],
    /// The directories below each root that hold logs, at any depth; `""` for the root itself.
    pub directories: &'static [&'static str],
}

/// An environment variable by which people move an assistant's files.
#[derive(Clone, Copy, Debug)]
pub struct RootVariable {
    /// Its name, such as `CODEX_HOME`. Its value is a directory, or several with commas between them.
    pub name: &'static str,
    /// The root below that directory; empty where it is the root itself.
    pub below: &'static str,
}

/// When a source deletes its own logs.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// After how many days since their last change, where nothing else is set.
    pub default_days: u64,
    /// The assistant's own settings file, a JSON object, below its root.
    pub settings_file: &'static str,
    /// The key in it that holds the number of days.
    pub setting: &'static str,
}

/// One source, by which everything else asks for what it declares. Two are equal if their names are.
#[derive(Clone, Copy)]
pub struct Source(&'static dyn SourceFormat);

impl Source {
    /// The source that a format declares.
    #[must_use]
    pub const fn new(format: &'static dyn SourceFormat) -> Self {
        Self(format)
    }

    /// How a file is read that is one of this source's, by its name; one that somebody named
    /// otherwise is read as the source's first kind of files. Nothing if the source has no kinds.
    #[must_use]
    pub fn framing(self, path: &str) -> Option<Framing> {
        let name = file_name(path);
        let kinds = self.files();
        let named = kinds.iter().find(|files| files.has_name(name));
        named.or(kinds.first()).map(|files| files.framing)
    }

    /// Whether a file of this name may be a log of the source.
    #[must_use]
    pub fn has_file_name(self, name: &str) -> bool {
        self.files().iter().any(|files| files.has_name(name))
    }

    /// Whether a file of this name may be a database that the source reads rows of.
    #[must_use]
    pub fn has_database_name(self, name: &str) -> bool {
        let is_database = |files: &&LogFiles| matches!(files.framing, Framing::Rows(..));
        let mut databases = self.files().iter().filter(is_database);
        databases.any(|files| files.has_name(name))
    }
}

impl Deref for Source {
    type Target = dyn SourceFormat;

    fn deref(&self) -> &Self::Target {
        self.0
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl PartialEq for Source {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name()
    }
}

impl Eq for Source {}
