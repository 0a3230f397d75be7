//! What a caller asks for: plain values, made from settings and arguments at the edge.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

use transcript::{Millis, Registry, Role, Source};

/// What to import.
#[derive(Clone, Debug, Default)]
pub struct ImportRequest {
    /// Files and directories named by the person; empty for everything below [`Self::roots`].
    pub paths: Vec<PathBuf>,
    /// Only files of this source; without it each file's content tells.
    pub source: Option<Source>,
    /// Which sources there are, and where their logs lie on this machine.
    pub roots: Roots,
    /// The time now, for the archive's records.
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

    /// The same, and these roots of a source: directories that an assistant keeps its things in, such
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

/// Set from another thread or a signal handler to end long work at the next safe point.
#[derive(Debug, Default)]
pub struct Stop(AtomicBool);

impl Stop {
    /// One that nobody has set yet.
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

/// Which part of a long work is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stage {
    /// Reading logs: the unit is bytes.
    Import,
    /// Embedding: the unit is messages.
    Embed,
    /// Checking or rebuilding: the unit is messages.
    Check,
}

/// Hears how long work goes on.
pub trait Progress: Sync {
    /// `done` of `total` units of `stage` are finished. Called a few times a second at most.
    fn at(&self, stage: Stage, done: u64, total: u64);
}

/// Hears nothing.
#[derive(Debug, Default, Clone, Copy)]
pub struct NoProgress;

impl Progress for NoProgress {
    fn at(&self, _: Stage, _: u64, _: u64) {}
}

/// Which retrievers a search uses.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// Terms and meaning together; terms alone while no model is there.
    #[default]
    Hybrid,
    /// Terms only.
    Lexical,
    /// Meaning only.
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

/// How age weighs in: `score · ((1 − weight) + weight · 2^(−age / half_life))`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Decay {
    /// How much of a score age can take, 0–1.
    pub weight: f64,
    /// Age in days at which half of that is gone.
    pub half_life_days: f64,
}

/// One search.
#[derive(Clone, Debug)]
pub struct SearchRequest {
    /// What the person typed: words, `"phrases"`, `prefix*`, identifiers.
    pub query: String,
    /// What may be found.
    pub scope: Scope,
    /// Which retrievers to use.
    pub mode: Mode,
    /// How many hits at most.
    pub limit: usize,
    /// How many hits to leave out first.
    pub offset: usize,
    /// Only messages at or after this time.
    pub since: Option<Millis>,
    /// Only messages before this time.
    pub until: Option<Millis>,
    /// Only messages of this role.
    pub role: Option<Role>,
    /// Only conversations of the source of this name.
    pub source: Option<String>,
    /// Only messages that touched a file whose path ends so.
    pub file: Option<String>,
    /// Only messages that call or answer this tool.
    pub tool: Option<String>,
    /// Leave reflections out.
    pub without_reflections: bool,
    /// Only hits of at least this score, 0–1.
    pub min_score: f64,
    /// Take the words as they are: don't look for the nearest ones where none of them occurs.
    pub as_typed: bool,
    /// Let recency weigh in.
    pub decay: Option<Decay>,
    /// How many messages before and after each hit to bring along.
    pub context: usize,
    /// The time now, for ages.
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

/// What to check by the rules of today.
#[derive(Clone, Debug)]
pub struct Rescan {
    /// Which projects' messages. What isn't part of messages, such as names of files, is checked with
    /// everything only.
    pub scope: Scope,
    /// Only tell what would be masked.
    pub dry_run: bool,
}

/// Which messages to export.
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

/// What to read of a conversation.
#[derive(Clone, Debug)]
pub struct ReadRequest {
    /// The conversation, by its id or an unambiguous start of it.
    pub conversation: String,
    /// Only messages of these projects. A conversation may have parts in several.
    pub scope: Scope,
    /// Only those up to a number of steps around the message of an id.
    pub around: Option<(String, usize)>,
    /// How many messages to leave out first.
    pub from: usize,
    /// Whether what is quarantined is to be shown.
    pub quarantined: bool,
}
