//! What a caller asks for: plain values, made from settings and arguments at the edge.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use transcript::{Millis, Registry, Role, Source};

use crate::Exclusions;

/// A request to import logs, the files in which assistants record conversations: all that lie below
/// [`Self::roots`], or files and directories that a person named.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// Files and directories to import; if empty, every log below [`Self::roots`]. Of a directory, the
    /// files at any depth are taken that have the name of a log.
    pub paths: Vec<PathBuf>,
    /// Import only files of this source. `None`: files of all sources; each file's source is recognised by
    /// its path and its first bytes.
    pub source: Option<Source>,
    /// Which sources there are, and where their logs lie on this machine.
    pub roots: Roots,
    /// The time now, in milliseconds since 1970; it is recorded as the time of the last import.
    pub now: Millis,
}

/// Which sources there are (assistant programs and formats whose logs can be read), and where their logs
/// lie on this machine. A root is a directory in which an assistant keeps its files, such as `~/.claude`;
/// its logs lie in certain directories below it. The default has all sources that are shipped, and no
/// roots.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    registry: Registry,
    roots: Vec<(Source, PathBuf)>,
    exclusions: Exclusions,
}

impl Roots {
    /// The sources of a list, with no roots yet.
    #[must_use]
    pub const fn new(registry: Registry) -> Self {
        Self {
            registry,
            roots: Vec::new(),
            exclusions: Exclusions::none(),
        }
    }

    /// Adds roots of a source. They need not exist: one that doesn't has no logs, and when it is made
    /// later, the next look finds them.
    #[must_use]
    pub fn with(mut self, source: Source, roots: impl IntoIterator<Item = PathBuf>) -> Self {
        self.roots
            .extend(roots.into_iter().map(|root| (source, root)));
        self
    }

    /// Never imports what is excluded, in place of what was excluded before.
    #[must_use]
    pub fn excluding(mut self, exclusions: Exclusions) -> Self {
        self.exclusions = exclusions;
        self
    }

    /// What is never imported.
    #[must_use]
    pub const fn exclusions(&self) -> &Exclusions {
        &self.exclusions
    }

    /// The list of sources, by which the source of a file is recognised.
    #[must_use]
    pub const fn registry(&self) -> Registry {
        self.registry
    }

    /// The roots of one source in the order in which they were added, whether they exist or not.
    pub fn of(&self, source: Source) -> impl Iterator<Item = &Path> {
        let roots = self.roots.iter().filter(move |(of, _)| *of == source);
        roots.map(|(_, root)| root.as_path())
    }

    /// The roots of all sources in the order in which they were added, whether they exist or not.
    pub fn all(&self) -> impl Iterator<Item = &Path> {
        self.roots.iter().map(|(_, root)| root.as_path())
    }
}

/// A flag that ends long work at its next safe point. It may be set from another thread or from a signal
/// handler, and is never cleared.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// A flag that isn't set yet.
    #[must_use]
    pub const fn new() -> Self {
        Self(AtomicBool::new(false))
    }

    /// Asks the work to end. It ends at the next point where what is done is consistent, soon but not at
    /// once.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to end.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Which long work a [`Progress`] is told about. It also says in which unit `done` and `total` are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading logs; the unit is bytes of log.
    Import,
    /// Embedding messages (making their vectors); the unit is messages.
    Embed,
    /// Checking or rebuilding the archive; the unit is messages.
    Check,
    /// Removing what is forgotten; the unit is messages.
    Forget,
}

/// A listener to the progress of long work, such as a progress bar.
pub trait Progress: Sync {
    /// `done` of `total` units of `stage` are finished; `done` counts from the beginning of the work, and
    /// for [`Stage::Embed`] includes messages that were embedded before. Called on the thread that does the
    /// work, some times a second, so it must return quickly.
    fn at(&self, stage: Stage, done: u64, total: u64);
}

/// A progress listener that ignores all events.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn at(&self, _: Stage, _: u64, _: u64) {}
}

/// How a search finds messages: by their words, by their meaning, or by both.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// By words and by meaning together; by words alone while there is no embedding model or nothing is
    /// embedded.
    #[default]
    Hybrid,
    /// By the words of the query alone, for which no model is needed.
    Lexical,
    /// By meaning alone: by how near the vectors of a message are to that of the query. An error while
    /// there is no embedding model or nothing is embedded.
    Semantic,
}

impl Mode {
    /// The mode's name on the command line and in answers: `hybrid`, `lexical` or `semantic`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Lexical => "lexical",
            Self::Semantic => "semantic",
        }
    }
}

/// Which projects a request looks into: nothing that lies outside of them is found or shown.
///
/// There is no default, so that nobody looks into all projects by mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// No project: nothing is found. For a request that is built before its scope is known.
    Nothing,
    /// All projects of the archive.
    All,
    /// One project by its name, path or key, as [`Archive::project_named`](crate::Archive::project_named)
    /// finds it. If no project or several fit, the request is an error.
    Project(String),
    /// As [`Self::Project`], for somebody who stands in this directory: a name that the project of the
    /// directory goes by means that project, whatever else goes by it.
    ProjectFrom(String, PathBuf),
    /// The project that this working directory belongs to, as
    /// [`Archive::project_of`](crate::Archive::project_of) finds it. If it belongs to none, nothing is
    /// found, and that is no error.
    Directory(PathBuf),
    /// As [`Self::Directory`], but all projects if the directory belongs to none: for people at their own
    /// command line, who outside of all projects ask about the archive as a whole.
    DirectoryOrAll(PathBuf),
}

/// How much newer messages are preferred: a hit's score becomes `score · ((1 − weight) + weight · 2^(−age / half_life))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decay {
    /// The share of its score that a very old message loses, 0–1. At 0 age doesn't count.
    pub weight: f64,
    /// The age in days at which a message has lost half of that share; more than 0.
    pub half_life_days: f64,
}

/// A search for messages: the words, where to look, and which messages count.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// What the person typed: words and identifiers, of which some should occur; `"phrases"`, which must
    /// occur; `prefix*`, which stands for all words that start so (with 2 characters or more). Nothing else
    /// has a meaning, so no query is malformed. The first 64 KiB are read, and of more than 48 terms the
    /// longest.
    pub query: String,
    /// Which projects are searched.
    pub scope: Scope,
    /// Whether to search by words, by meaning or by both.
    pub mode: Mode,
    /// The largest number of hits to return. Only the best 10,000 or so of a query can be reached, with
    /// [`Self::offset`] included.
    pub limit: usize,
    /// The number of best hits to skip, for the second and later pages.
    pub offset: usize,
    /// Only messages said at this time or later, in milliseconds since 1970; messages without a time are left out.
    pub since: Option<Millis>,
    /// Only messages said before this time, in milliseconds since 1970; messages without a time are left out.
    pub until: Option<Millis>,
    /// Only messages of this role (a person's, an assistant's and so on); `None`: of every role.
    pub role: Option<Role>,
    /// Only conversations of the source of exactly this name, such as `claude-code`. A name that no source
    /// has finds nothing.
    pub source: Option<String>,
    /// Only sections of the documents of knowledge of these ids. `None`: of no document, so that what stands in
    /// documents isn't taken for what was said; but of all, if [`Self::source`] is
    /// [`KNOWLEDGE_SOURCE`](crate::KNOWLEDGE_SOURCE).
    pub documents: Option<Vec<String>>,
    /// Only messages that read or edited a file whose path ends with these whole parts, such as
    /// `src/main.rs`, and the 8 messages before and after each.
    pub file: Option<String>,
    /// Only messages that call the tool of this name, in upper or lower case, and the message before and
    /// after each, which may be the tool's answer. The end of an MCP tool's name, after `__`, is enough.
    pub tool: Option<String>,
    /// Whether to leave out reflections, which are notes stored on purpose.
    pub without_reflections: bool,
    /// Only hits of at least this score, 0–1; see [`Hit::score`](crate::Hit::score).
    pub min_score: f64,
    /// Whether to take the words as they are typed. Otherwise, if none of them occurs in the scope, the
    /// words spelled most like them are searched for, and a note of the answer says so.
    pub as_typed: bool,
    /// How much newer messages are preferred; `None`: age doesn't count.
    pub decay: Option<Decay>,
    /// The largest number of hits from one conversation; [`Hit::more`](crate::Hit::more) counts those that
    /// are left out. `None`: any number.
    pub per_conversation: Option<usize>,
    /// The number of messages before and after each hit to return with it; at most 50 on either side.
    pub context: usize,
    /// The time now, in milliseconds since 1970, from which [`Self::decay`] counts ages.
    pub now: Millis,
}

impl SearchRequest {
    /// A search for `query` in a scope by words and meaning together ([`Mode::Hybrid`]), for at most ten
    /// hits and without other filters. `now` is the time now, in milliseconds since 1970.
    #[must_use]
    pub fn new(query: impl Into<String>, scope: Scope, now: Millis) -> Self {
        Self {
            query: query.into(),
            scope,
            mode: Mode::Hybrid,
            limit: 10,
            offset: 0,
            since: None,
            until: None,
            role: None,
            source: None,
            documents: None,
            file: None,
            tool: None,
            without_reflections: false,
            min_score: 0.0,
            as_typed: false,
            decay: None,
            per_conversation: None,
            context: 0,
            now,
        }
    }
}

/// A request to check stored texts by the guards' present rules and mask what older rules missed.
#[derive(Clone, Debug)]
pub struct Rescan {
    /// Which projects' messages to check. Texts that aren't part of messages, such as paths of logs, are
    /// checked completely only if this is the whole archive.
    pub scope: Scope,
    /// Whether to change nothing and only report what would be masked.
    pub dry_run: bool,
}

/// A request to forget messages: to remove them from the archive for good, with all that was derived from
/// them, so that no import brings them back. A message is meant if it fits everything that is named; with
/// nothing named, everything in the scope is meant.
#[derive(Clone, Debug)]
pub struct Forget {
    /// Which projects' messages. What lies outside of it counts as unknown.
    pub scope: Scope,
    /// Only messages of these conversations, by the ids that their sources gave them or unambiguous starts.
    pub conversations: Vec<String>,
    /// Only the messages or reflections of these ids, as hits show them.
    pub messages: Vec<String>,
    /// Only messages said at this time or later, in milliseconds since 1970; those without a time are kept.
    pub since: Option<Millis>,
    /// Only messages said before this time, in milliseconds since 1970; those without a time are kept.
    pub until: Option<Millis>,
    /// Only messages that hold this text in what was said, thought, given to a tool or answered by one, in
    /// upper or lower case and with any space between its words. Titles, links and marks that hold it are
    /// meant too, unless ids or times are named.
    pub matching: Option<String>,
    /// Only messages that these exclude, by their source, log, directory or project.
    pub excluded: Option<Exclusions>,
    /// Whether to change nothing and only report what would be forgotten.
    pub dry_run: bool,
}

impl Forget {
    /// A request for everything in a scope.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            conversations: Vec::new(),
            messages: Vec::new(),
            since: None,
            until: None,
            matching: None,
            excluded: None,
            dry_run: false,
        }
    }
}

/// Which messages an export contains.
#[derive(Clone, Debug)]
pub struct ExportFilter {
    /// Which projects' messages to export. Of a conversation with parts in several projects, only those in
    /// the scope are exported.
    pub scope: Scope,
    /// Only this conversation, by the id that its source gave it or an unambiguous start of it; `None`:
    /// all.
    pub conversation: Option<String>,
}

impl ExportFilter {
    /// A filter that admits all messages of a scope.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            conversation: None,
        }
    }
}

/// A request to read messages of one conversation in order.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The conversation, by the id that its source gave it or an unambiguous start of it.
    pub conversation: String,
    /// Only messages of these projects. A conversation may have parts in several.
    pub scope: Scope,
    /// Read only the message of this id and this number of messages before and after it; `None`: all. The
    /// id is the one that hits show: the source's own, or `#` and a number.
    pub around: Option<(String, usize)>,
    /// The number of messages to skip, counted from the first one that would be read without this.
    pub from: usize,
    /// Whether to show text that the guards quarantine because it tries to instruct its reader. Otherwise a
    /// note stands in its place.
    pub quarantined: bool,
}
