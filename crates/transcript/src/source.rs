//! What a source of conversations (an assistant program or an export format) declares of itself: its name,
//! where its logs lie, how they are read and told from others. Must not know any source; they are in
//! [`crate::sources`].

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

    /// Whether a file is one of this source's, by its path (with `/`) and its first bytes after
    /// decompression, which may end in the middle of a record. Called for files of every source, so that
    /// it should look at what only its own have.
    fn recognises(&self, path: &str, head: &[u8]) -> bool;

    /// Where the source's logs lie on a machine; `None` for formats whose files people put anywhere.
    fn roots(&self) -> Option<&'static LogRoots> {
        None
    }

    /// When the source deletes its own logs; `None` if it keeps them.
    fn retention(&self) -> Option<&'static Retention> {
        None
    }

    /// The tools that run command lines, or read or write files.
    fn tools(&self) -> &'static [SourceTool] {
        &[]
    }

    /// What a call of one of the tools with [`ToolEffect::Edit`] did to files; empty if that can't be
    /// told. `result` is what it gave back, if that is known; it is no error then.
    fn edits(&self, _call: &ToolCall, _result: Option<&ToolResult>) -> Vec<LoggedEdit> {
        Vec::new()
    }

    /// The edits in a result, where the source's logs record no call that made them; `None` if the result
    /// has none. Callers ask it through [`Registry::result_edits`](crate::Registry::result_edits).
    fn result_edits(&self, _result: &ToolResult) -> Option<ResultEdits> {
        None
    }
}

/// A tool that an assistant calls, by what it does to files.
#[derive(Clone, Copy, Debug)]
pub struct SourceTool {
    /// Its name in the logs, as [`ToolCall::name`] has it.
    pub name: &'static str,
    /// What it does to files.
    pub effect: ToolEffect,
}

impl SourceTool {
    /// A tool that logs call `name`, with this effect.
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

/// Edits that a log records in the result of a tool, with no call that made them: Codex logs patches so
/// where the call is missing. They come in addition to [`Registry::edits`](crate::Registry::edits).
#[derive(Clone, Debug)]
pub struct ResultEdits {
    /// The name that a call of the tool that made them would have, such as `apply_patch`.
    pub tool: &'static str,
    /// What was done: one entry for each file.
    pub edits: Vec<LoggedEdit>,
}

/// A kind of files that a source writes, known by the names of the files.
#[derive(Clone, Copy, Debug)]
pub struct LogFiles {
    /// What their names (without directories) start with; empty where that differs from file to file.
    pub prefix: &'static str,
    /// What their names end with, such as `.jsonl`, without the ending `.zst` of compressed files.
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
    /// What the page of settings in the documentation says of the roots: one or two sentences.
    pub about: &'static str,
    /// The roots where nothing else is set, with `~` for the person's home directory.
    pub defaults: &'static [&'static str],
    /// Environment variables of the assistant's own that name other roots.
    pub variables: &'static [RootVariable],
    /// The directories below each root that hold logs, at any depth, `""` for the root itself; and single logs
    /// in the root.
    pub directories: &'static [&'static str],
}

/// An environment variable by which people move an assistant's files.
#[derive(Clone, Copy, Debug)]
pub struct RootVariable {
    /// Its name, such as `CODEX_HOME`. Its value is a directory, or several with commas between them.
    pub name: &'static str,
    /// The root's path relative to that directory, such as `.claude`; empty where the directory is the
    /// root itself.
    pub below: &'static str,
}

/// When a source deletes its own logs: a number of days after their last change, from the assistant's own
/// settings.
#[derive(Clone, Copy, Debug)]
pub struct Retention {
    /// The number of days where the assistant's settings say nothing.
    pub default_days: u64,
    /// The path of the assistant's own settings file, a JSON object, relative to a root ([`LogRoots`]).
    pub settings_file: &'static str,
    /// The top-level key in it that holds the number of days.
    pub setting: &'static str,
}

/// A handle on one source: an assistant or export format whose logs are read. It derefs to the
/// [`SourceFormat`] with all that the source declares. Two are equal if their names are.
#[derive(Clone, Copy)]
pub struct Source(&'static dyn SourceFormat);

impl Source {
    /// The source that a format declares.
    #[must_use]
    pub const fn new(format: &'static dyn SourceFormat) -> Self {
        Self(format)
    }

    /// How a file of this source is read, by the name at the end of its path (after `/` or `\`); one that
    /// somebody named otherwise is read as the source's first kind of files. `None` if the source declares
    /// no kinds.
    #[must_use]
    pub fn framing(self, path: &str) -> Option<Framing> {
        let name = file_name(path);
        let kinds = self.files();
        let named = kinds.iter().find(|files| files.has_name(name));
        named.or(kinds.first()).map(|files| files.framing)
    }

    /// Whether a file of this name may be a log of the source. It says nothing of the content:
    /// [`SourceFormat::recognises`] does. `.zst` may follow names of files that aren't databases. Pass the
    /// name without directories: only its start and its end are compared.
    #[must_use]
    pub fn has_file_name(self, name: &str) -> bool {
        self.files().iter().any(|files| files.has_name(name))
    }

    /// Whether a file of this name may be a database that the source reads rows of, passed as for
    /// [`Self::has_file_name`]. Files beside a database, such as its write-ahead log (`…-wal`), are none.
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
