//! What a caller asks for: plain values, made from settings and arguments at the edge.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use transcript::{Millis, Registry, Role, Source};

/// A request to import logs: all that lie below the usual directories, or files and directories that a
/// person named.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// Files and directories to import; if empty, every log below [`Self::roots`].
    pub paths: Vec<PathBuf>,
    /// Import only files of this source. `None`: each file's source is recognised by its content.
    pub source: Option<Source>,
    /// Which sources there are, and where their logs lie on this machine.
    pub roots: Roots,
    /// The time now, in milliseconds since 1970; it is recorded as the time of the last import.
    pub now: Millis,
}

/// Which sources there are, and where their logs lie on this machine. By default all sources that are
/// shipped, and nowhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Roots {
    registry: Registry,
    roots: Vec<(Source, PathBuf)>,
}

impl Roots {
    /// These sources, with no roots yet.
    #[must_use]
    pub const fn new(registry: Registry) -> Self {
        Self {
            registry,
            roots: Vec::new(),
        }
    }

    /// Adds roots of a source: directories that an assistant keeps its things in, such
    /// as `~/.claude`. What they need not have yet is waited for.
    #[must_use]
    pub fn with(mut self, source: Source, roots: impl IntoIterator<Item = PathBuf>) -> Self {
        self.roots
            .extend(roots.into_iter().map(|root| (source, root)));
        self
    }

    /// The sources that files are told apart by.
    #[must_use]
    pub const fn registry(&self) -> Registry {
        self.registry
    }

    /// The roots of one source, whether they are there or not.
    pub fn of(&self, source: Source) -> impl Iterator<Item = &Path> {
        let roots = self.roots.iter().filter(move |(of, _)| *of == source);
        roots.map(|(_, root)| root.as_path())
    }

    /// The roots of all sources, whether they are there or not.
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

    /// Asks the work to end.
    pub fn set(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// Whether the work was asked to end.
    #[must_use]
    pub fn is_set(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}

/// Which kind of long work a [`Progress`] is told about, and thereby in which unit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading logs: the unit is bytes.
    Import,
    /// Embedding: the unit is messages.
    Embed,
    /// Checking or rebuilding: the unit is messages.
    Check,
}

/// A listener to the progress of long work, such as a progress bar.
pub trait Progress: Sync {
    /// `done` of `total` units of `stage` are finished. Called a few times a second at most.
    fn at(&self, stage: Stage, done: u64, total: u64);
}

/// A progress listener that ignores all events.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn at(&self, _: Stage, _: u64, _: u64) {}
}

/// Which retrievers a search uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// By words and by meaning together; by words alone while there is no embedding model.
    #[default]
    Hybrid,
    /// By the words of the query alone.
    Lexical,
    /// By the meaning of the query alone; an error while there is no embedding model.
    Semantic,
}

impl Mode {
    /// The name used on the command line and in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hybrid => "hybrid",
            Self::Lexical => "lexical",
            Self::Semantic => "semantic",
        }
    }
}

/// What may be found: which projects a request looks into.
///
/// There is no default: whoever asks says what is meant, and `All` is written where it is meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Nothing: what a request has whose scope isn't known yet.
    Nothing,
    /// Everything in the archive, whatever its project.
    All,
    /// One project by its name, path or key. A name that no project or several go by is an error.
    Project(String),
    /// The project that this working directory belongs to. Nothing is found if it belongs to none, and
    /// that is no error.
    Directory(PathBuf),
    /// The project that this working directory belongs to, or everything if it belongs to none: for people at
    /// their own command line, who outside of all projects ask about their archive as a whole.
    DirectoryOrAll(PathBuf),
}

/// How much newer messages are preferred: a hit's score becomes `score · ((1 − weight) + weight · 2^(−age / half_life))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decay {
    /// The share of a score that great age takes away, 0–1.
    pub weight: f64,
    /// The age in days at which half of that share is taken away.
    pub half_life_days: f64,
}

/// A search for messages: the words, where to look, and which messages count.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// What the person typed: words, `"phrases"`, `prefix*`, identifiers.
    pub query: String,
    /// Which projects are searched.
    pub scope: Scope,
    /// Which retrievers to use.
    pub mode: Mode,
    /// The largest number of hits to return; more than 10,000 are never returned.
    pub limit: usize,
    /// The number of best hits to skip, for the second and later pages.
    pub offset: usize,
    /// Only messages said at this time or later, in milliseconds since 1970; messages without a time are left out.
    pub since: Option<Millis>,
    /// Only messages said before this time, in milliseconds since 1970; messages without a time are left out.
    pub until: Option<Millis>,
    /// Only messages of this role.
    pub role: Option<Role>,
    /// Only conversations of the source of this name.
    pub source: Option<String>,
    /// Only messages in which, or near to which, a file was read or edited whose path ends with these parts.
    pub file: Option<String>,
    /// Only messages that call the tool of this name, or answer such a call.
    pub tool: Option<String>,
    /// Whether to leave out reflections, which are insights stored on purpose.
    pub without_reflections: bool,
    /// Only hits of at least this score, 0–1.
    pub min_score: f64,
    /// Whether to take the words as they are typed. Otherwise, if none of them occurs, the words spelled most
    /// like them are searched for, and a note says so.
    pub as_typed: bool,
    /// How much newer messages are preferred; `None`: age doesn't count.
    pub decay: Option<Decay>,
    /// The number of messages before and after each hit to return with it.
    pub context: usize,
    /// The time now, in milliseconds since 1970, from which ages are counted.
    pub now: Millis,
}

impl SearchRequest {
    /// A hybrid search for `query` within a scope, ten hits.
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
            file: None,
            tool: None,
            without_reflections: false,
            min_score: 0.0,
            as_typed: false,
            decay: None,
            context: 0,
            now,
        }
    }
}

/// A request to check stored texts by the guards' present rules and mask what older rules missed.
#[derive(Clone, Debug)]
pub struct Rescan {
    /// Which projects' messages. What isn't part of messages, such as names of files, is checked with
    /// everything only.
    pub scope: Scope,
    /// Whether to report only what would be masked, and change nothing.
    pub dry_run: bool,
}

/// Which messages an export contains.
#[derive(Clone, Debug)]
pub struct ExportFilter {
    /// Which projects' messages.
    pub scope: Scope,
    /// Only this conversation, by its id or an unambiguous start of it.
    pub conversation: Option<String>,
}

impl ExportFilter {
    /// All messages of a scope.
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
    /// The conversation, by its id or an unambiguous start of it.
    pub conversation: String,
    /// Only messages of these projects. A conversation may have parts in several.
    pub scope: Scope,
    /// Read only the message of this id and as many messages before and after it.
    pub around: Option<(String, usize)>,
    /// The number of messages to skip from the start of what is read.
    pub from: usize,
    /// Whether to include text that guards have quarantined because it tries to instruct its reader. Otherwise
    /// a note stands in its place.
    pub quarantined: bool,
}
