//! What the archive holds, and in which state it is.

use transcript::Millis;

use crate::guards::Unquoted;

/// How many messages of the archive can be searched, and how many of these by meaning. Until embedding is
/// done, searches by meaning miss `embeddable - embedded` messages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    /// The number of messages that can be found by their words.
    pub messages: u64,
    /// The number of messages with text that people and assistants said, which are to be found by meaning.
    pub embeddable: u64,
    /// The number of those messages that are embedded (have their vectors), so that they are found by
    /// meaning.
    pub embedded: u64,
}

impl Unquoted for Indexed {}

/// A project of the archive and how much is archived of it. A project is a git repository with all its
/// clones and worktrees, or elsewhere a directory or a name that a log gives.
#[derive(Clone, Debug)]
pub struct ProjectInfo {
    /// Its short name: what a person called it, else the shortest end of its path that says something and that
    /// no other project has, such as `shop` or `acme/shop`. It may grow when another project of the same name
    /// is archived.
    pub name: String,
    /// What identifies it for good: `git:` with the remote's host and path, as in
    /// `git:github.com/acme/shop`; `dir:` with the directory of a repository without remote, or of no
    /// repository; or `name:` with a given name. `name:unsorted` is the project of messages that don't say
    /// where they were said.
    pub key: String,
    /// The directory that it lies in, if that is known; it may be gone or of another machine.
    pub path: Option<String>,
    /// The number of conversations that have a message in it; reflections count as a conversation each.
    pub conversations: u64,
    /// The number of its messages.
    pub messages: u64,
    /// Time of its latest message, in milliseconds since 1970; `None` if none has a time.
    pub last: Option<Millis>,
}

impl Unquoted for ProjectInfo {}

/// What a person did, or would do, to a project.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProjectChange {
    /// What was done.
    pub kind: ProjectChangeKind,
    /// The short name of the project that was merged, renamed or taken out again. Of a rename that was
    /// undone, the name that it had.
    pub project: String,
    /// Of a merge the short name of the project that it is part of now; of one that was undone that of the
    /// project that it was part of; else the name that the project has now.
    pub into: String,
    /// The number of conversations of `project` that this is about.
    pub conversations: u64,
    /// The number of their messages.
    pub messages: u64,
}

impl Unquoted for ProjectChange {}

/// What is done to a project.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ProjectChangeKind {
    /// It became part of another.
    #[default]
    Merge,
    /// It got a name.
    Rename,
    /// It isn't part of another any more.
    UndoMerge,
    /// It lost the name that it was given.
    UndoRename,
}

impl ProjectChangeKind {
    /// Its name in documents: `merge`, `rename`, `undo_merge` or `undo_rename`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Merge => "merge",
            Self::Rename => "rename",
            Self::UndoMerge => "undo_merge",
            Self::UndoRename => "undo_rename",
        }
    }
}

/// Two projects that may be one. Nothing but a person's word makes them one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProjectSuggestion {
    /// The short name of the one that may be part of the other; if the directory of one of them is gone, it
    /// is this one.
    pub project: String,
    /// The short name of the other.
    pub into: String,
    /// What speaks for it.
    pub reason: SuggestionReason,
}

impl Unquoted for ProjectSuggestion {}

/// Why two projects may be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SuggestionReason {
    /// Their repositories have the same first commit: one was moved or copied, or is a fork.
    SameFirstCommit,
    /// One lies in a container, in a directory with the name of the other.
    SameNameInContainer,
}

impl SuggestionReason {
    /// Its name in documents: `same_first_commit` or `same_name_in_container`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SameFirstCommit => "same_first_commit",
            Self::SameNameInContainer => "same_name_in_container",
        }
    }
}

/// How much is archived of a project; cheaper to find out than a [`ProjectInfo`].
#[derive(Clone, Debug)]
pub struct ProjectSize {
    /// Its short name, as [`ProjectInfo::name`].
    pub name: String,
    /// The number of conversations that have a message in it.
    pub conversations: u64,
    /// The number of its messages.
    pub messages: u64,
}

impl Unquoted for ProjectSize {}

/// A source of conversations (an assistant program or a format of logs): where its logs lie on this
/// machine, and how much the archive has of it.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// The source's name, such as `claude-code`.
    pub name: String,
    /// The directories below which its logs are looked for, whether they exist or not; see
    /// [`Roots`](crate::Roots). Secrets in them are masked. Empty for a format that people export and name.
    pub roots: Vec<String>,
    /// The number of its log files that were imported at least in part.
    pub files: u64,
    /// The number of bytes of those files that are imported, after decompression.
    pub bytes: u64,
    /// The number of its conversations in the archive.
    pub conversations: u64,
    /// The number of its messages in the archive.
    pub messages: u64,
    /// The number of places in its logs that couldn't be understood.
    pub problems: u64,
}

impl Unquoted for SourceInfo {}

/// The size and state of the whole archive.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// The version of the database's schema, 1 or more.
    pub schema: i64,
    /// How many messages can be found by words, and how many by meaning.
    pub indexed: Indexed,
    /// The number of messages kept, including those that are never searched because a program put them in.
    pub messages: u64,
    /// The number of conversations kept; reflections count as a conversation each.
    pub conversations: u64,
    /// The number of projects, those without messages included.
    pub projects: u64,
    /// The number of log files that were imported at least in part.
    pub files: u64,
    /// The number of bytes of those logs that are imported, after decompression.
    pub log_bytes: u64,
    /// The number of bytes of all files in [`Home::data`](crate::Home::data): the database, its indexes,
    /// the files of vectors.
    pub archive_bytes: u64,
    /// The number of places in all logs that couldn't be understood.
    pub problems: u64,
    /// The id of the model that last embedded messages; `None` if none ever did.
    pub model: Option<String>,
    /// The version of the guards' rules by which everything that is kept was checked; 0 if it never was.
    /// Versions have no order: if it isn't [`guard::RULES_VERSION`], a rescan is due.
    pub guard_rules: u32,
    /// Whether the patterns and exceptions of the settings are those by which everything that is kept was
    /// checked; if not, a rescan is due.
    pub has_own_rules: bool,
    /// When logs with something new were last imported, in milliseconds since 1970; `None` if never.
    pub last_import: Option<Millis>,
}

impl Unquoted for Status {}

impl Status {
    /// Whether messages are kept that weren't checked by the guards' present rules, or by the present patterns
    /// and exceptions of the settings, so that
    /// [`Archive::rescan`](crate::Archive::rescan) should be called.
    #[must_use]
    pub fn is_rescan_due(&self) -> bool {
        self.messages > 0 && (self.guard_rules != guard::RULES_VERSION || !self.has_own_rules)
    }
}

/// What a rescan by the guards' present rules found and masked; in a dry run, what it would have masked.
#[derive(Clone, Debug, Default)]
pub struct RescanReport {
    /// The number of messages checked.
    pub messages: u64,
    /// The number of those messages in which something had to be masked.
    pub changed: u64,
    /// The number of titles, paths, marks and other texts beside messages in which something had to be
    /// masked.
    pub other: u64,
    /// The number of messages that are damaged and couldn't be checked.
    pub unreadable: u64,
    /// The ids of the guards' rules that had something masked, such as `github-pat`, each with how often;
    /// in the order of the ids.
    pub rules: Vec<(String, u64)>,
    /// Names of guards that failed, each once; what they couldn't check was left as it was, and the rescan
    /// remains due.
    pub failures: Vec<String>,
    /// Whether the values that were replaced are gone from SQLite's write-ahead log (`lorekeep.db-wal`)
    /// too. That can't be done while another process reads; then it is done when the last one closes the
    /// archive. Always `false` after a dry run or a rescan that was stopped.
    pub log_emptied: bool,
    /// Whether the rescan was asked to end ([`Stop`](crate::Stop)) before it was done.
    pub stopped: bool,
}

impl Unquoted for RescanReport {}

impl RescanReport {
    /// Whether anything had to be masked.
    #[must_use]
    pub fn is_changed(&self) -> bool {
        self.changed + self.other > 0
    }
}

/// What a check of the archive found.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    /// The number of messages that were read and compared with the indexes.
    pub messages: u64,
    /// A sentence for a person for each thing that is wrong; empty if nothing wrong was found.
    pub problems: Vec<String>,
    /// Whether some of the problems are damage to the database or to messages themselves, which rebuilding
    /// what is derived can't mend, but [`ArchiveOpener::salvage`](crate::ArchiveOpener::salvage) can.
    pub is_damaged: bool,
}

impl Unquoted for VerifyReport {}
