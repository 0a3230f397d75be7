//! What the archive holds, and in which state it is.

use transcript::Millis;

use crate::guards::Unquoted;

/// How much of the archive can be searched, and how much of it by meaning.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    /// The number of messages that can be found by their words.
    pub messages: u64,
    /// The number of messages that are to be found by meaning, embedded or not.
    pub embeddable: u64,
    /// The number of those messages that are embedded, so that they are found by meaning already.
    pub embedded: u64,
}

impl Unquoted for Indexed {}

/// A project of the archive and what is archived of it.
#[derive(Clone, Debug)]
pub struct ProjectInfo {
    /// Shortest name that no other project shares.
    pub name: String,
    /// What identifies it: a git remote, a directory, or a given name.
    pub key: String,
    /// The directory that it lies in, if that is known; it may be gone.
    pub path: Option<String>,
    /// The number of conversations that have a part in it.
    pub conversations: u64,
    /// The number of its messages.
    pub messages: u64,
    /// Time of its latest message, in milliseconds since 1970.
    pub last: Option<Millis>,
}

impl Unquoted for ProjectInfo {}

/// How much is archived of a project; cheaper to find out than a [`ProjectInfo`].
#[derive(Clone, Debug)]
pub struct ProjectSize {
    /// Shortest name that no other project shares.
    pub name: String,
    /// How many conversations.
    pub conversations: u64,
    /// How many messages.
    pub messages: u64,
}

impl Unquoted for ProjectSize {}

/// A source of conversations: where its logs lie on this machine, and what the archive has of it.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// The source's name, such as `claude-code`.
    pub name: String,
    /// The directories below which its logs are looked for.
    pub roots: Vec<String>,
    /// The number of its log files that were imported at least in part.
    pub files: u64,
    /// The number of bytes read of those files.
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
    /// The version of the database's schema.
    pub schema: i64,
    /// How far the indexes are.
    pub indexed: Indexed,
    /// The number of messages kept, including those that are never searched because a program put them in.
    pub messages: u64,
    /// The number of conversations kept.
    pub conversations: u64,
    /// The number of projects.
    pub projects: u64,
    /// Files known.
    pub files: u64,
    /// The number of bytes of logs that were read.
    pub log_bytes: u64,
    /// The number of bytes that the archive takes on disk, with its indexes.
    pub archive_bytes: u64,
    /// The number of places in all logs that couldn't be understood.
    pub problems: u64,
    /// The id of the model that embedded its messages, if any was embedded.
    pub model: Option<String>,
    /// The version of the guards' rules by which all that is kept was checked; 0 where it never was.
    /// If it isn't [`guard::RULES_VERSION`], a rescan is due.
    pub guard_rules: u32,
    /// When logs were last imported, in milliseconds since 1970.
    pub last_import: Option<Millis>,
}

impl Unquoted for Status {}

impl Status {
    /// Whether some of what is kept was never checked by the rules of today.
    #[must_use]
    pub fn is_rescan_due(&self) -> bool {
        self.messages > 0 && self.guard_rules != guard::RULES_VERSION
    }
}

/// What a rescan by the guards' present rules found and masked.
#[derive(Clone, Debug, Default)]
pub struct RescanReport {
    /// The number of messages checked.
    pub messages: u64,
    /// The number of those messages in which something had to be masked.
    pub changed: u64,
    /// The number of titles, paths, marks and the like in which something had to be masked.
    pub other: u64,
    /// The number of messages that are damaged and couldn't be checked.
    pub unreadable: u64,
    /// The rules that had something masked, each with how often.
    pub rules: Vec<(String, u64)>,
    /// Names of guards that failed; what they couldn't check was left as it was.
    pub failures: Vec<String>,
    /// Whether what was replaced is gone from the database's log too. Where others read meanwhile, the
    /// last to close the archive does that.
    pub log_emptied: bool,
    /// Whether the work was asked to end before it was done.
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
    /// A sentence for each thing that is wrong; empty if the archive is sound.
    pub problems: Vec<String>,
}

impl Unquoted for VerifyReport {}
