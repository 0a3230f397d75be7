//! What the archive holds, and in which state it is.

use transcript::Millis;

use crate::guards::Unquoted;

/// How far the indexes are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Indexed {
    /// Messages that can be found by their terms.
    pub messages: u64,
    /// Messages that should be found by meaning.
    pub embeddable: u64,
    /// Of these, messages that can be already.
    pub embedded: u64,
}

impl Unquoted for Indexed {}

/// A project.
#[derive(Clone, Debug)]
pub struct ProjectInfo {
    /// Shortest name that no other project shares.
    pub name: String,
    /// What identifies it: a git remote, a directory, or a given name.
    pub key: String,
    /// Its directory, if known.
    pub path: Option<String>,
    /// How many conversations.
    pub conversations: u64,
    /// How many messages.
    pub messages: u64,
    /// Time of the last message.
    pub last: Option<Millis>,
}

impl Unquoted for ProjectInfo {}

/// How much there is of a project.
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

/// A source, as found on this machine and in the archive.
#[derive(Clone, Debug)]
pub struct SourceInfo {
    /// Its name.
    pub name: String,
    /// Directories that are looked at.
    pub roots: Vec<String>,
    /// Files known.
    pub files: u64,
    /// Bytes read of them.
    pub bytes: u64,
    /// Conversations in the archive.
    pub conversations: u64,
    /// Messages in the archive.
    pub messages: u64,
    /// Problems met.
    pub problems: u64,
}

impl Unquoted for SourceInfo {}

/// The state of the archive.
#[derive(Clone, Debug, Default)]
pub struct Status {
    /// Version of the archive's schema.
    pub schema: i64,
    /// How far the indexes are.
    pub indexed: Indexed,
    /// Messages kept, those that are never searched included.
    pub messages: u64,
    /// Conversations kept.
    pub conversations: u64,
    /// Projects known.
    pub projects: u64,
    /// Files known.
    pub files: u64,
    /// Bytes of logs read.
    pub log_bytes: u64,
    /// Bytes of the archive on disk, indexes included.
    pub archive_bytes: u64,
    /// Problems met, in all files.
    pub problems: u64,
    /// Id of the model that embedded, if any.
    pub model: Option<String>,
    /// The version of the guards' rules by which all that is kept was checked; 0 where it never was.
    /// If it isn't [`guard::RULES_VERSION`], a rescan is due.
    pub guard_rules: u32,
    /// When something was last imported.
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

/// What a rescan did.
#[derive(Clone, Debug, Default)]
pub struct RescanReport {
    /// Messages read.
    pub messages: u64,
    /// Of these, messages in which something had to be masked.
    pub changed: u64,
    /// Titles, paths, marks and the like in which something had to be masked.
    pub other: u64,
    /// Messages that can't be read.
    pub unreadable: u64,
    /// How often each rule had something masked.
    pub rules: Vec<(String, u64)>,
    /// Guards that failed; what they couldn't check is as it was.
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
    /// Messages whose text was read and compared with its index entries.
    pub messages: u64,
    /// What is wrong; empty when all is well.
    pub problems: Vec<String>,
}

impl Unquoted for VerifyReport {}
