//! What comes back: plain values that the edges render.

use transcript::{Marking, Message, Millis, Reflected, Role};

use crate::{FieldFinding, ReflectionHit};

/// What an import did.
#[derive(Clone, Debug, Default)]
pub struct ImportReport {
    /// Per source, in the order of the registry; sources with no file are left out.
    pub sources: Vec<SourceReport>,
    /// Paths that no importer recognised, and named paths that could not be read.
    pub skipped: Vec<Skipped>,
    /// Whether the work was asked to end before it was done.
    pub stopped: bool,
}

/// What an import did for one source.
#[derive(Clone, Debug, Default)]
pub struct SourceReport {
    /// The source's name.
    pub source: String,
    /// Files looked at.
    pub files: u64,
    /// Of these, files that had something new.
    pub changed: u64,
    /// Bytes read.
    pub bytes: u64,
    /// Conversations that got something new.
    pub conversations: u64,
    /// Messages read.
    pub messages: u64,
    /// Of these, messages that the archive did not have yet.
    pub added: u64,
    /// Of these, messages that the archive had already.
    pub duplicates: u64,
    /// How many problems there were.
    pub problem_count: u64,
    /// The first of them.
    pub problems: Vec<ProblemAt>,
}

/// A file or directory that nothing was imported of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Skipped {
    /// Where it is, as it is kept: a secret in it is masked.
    pub path: String,
    /// Why.
    pub what: String,
    /// Whether the request named this very path, so that it must be importable; what merely lies in a
    /// directory need not be.
    pub is_named: bool,
}

/// Something that could not be read, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProblemAt {
    /// The file.
    pub path: String,
    /// Line, from 1; 0 where the whole file is meant.
    pub line: u64,
    /// What is wrong.
    pub what: String,
}

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

/// The answer to a search.
#[derive(Clone, Debug)]
pub struct SearchResponse {
    /// Name of the project that was searched; `None` for all.
    pub project: Option<String>,
    /// The mode that was walked, which is lexical when hybrid was asked for without a model.
    pub mode: crate::Mode,
    /// How far the indexes are.
    pub indexed: Indexed,
    /// Best first.
    pub hits: Vec<Hit>,
    /// Whether the hits answer the query.
    pub verdict: Verdict,
    /// Words for the person: corrected typos, a missing model, a limit reached.
    pub notes: Vec<String>,
}

/// One message that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// 0–1; means the same in every mode.
    pub score: f64,
    /// The source's id of the message.
    pub message_id: String,
    /// The source's id of the conversation.
    pub conversation_id: String,
    /// Short name of the project.
    pub project: String,
    /// Name of the source.
    pub source: String,
    /// Who spoke.
    pub role: Role,
    /// Who exactly, where the source names speakers.
    pub speaker: Option<String>,
    /// When.
    pub time: Option<Millis>,
    /// Title of the conversation.
    pub title: String,
    /// The best passage, cut around the match, as it may be shown.
    pub excerpt: String,
    /// Byte ranges of matched terms in `excerpt`.
    pub matches: Vec<(usize, usize)>,
    /// The log file it came from, which may be gone.
    pub path: String,
    /// Why it was found.
    pub why: Why,
    /// Further messages that say nearly the same, folded into this hit.
    pub folded: Vec<String>,
    /// What it has as a reflection, if it is one.
    pub reflection: Option<ReflectionHit>,
    /// What became of it, if it was marked.
    pub status: Option<Marking>,
    /// Messages right before and after, as asked for; the hit itself is left out.
    pub before: Vec<MessageView>,
    /// See [`Self::before`].
    pub after: Vec<MessageView>,
    /// What was found in `excerpt` and `title`; a note or a placeholder may stand for it there.
    pub findings: Vec<FieldFinding>,
}

/// Why a message was found; each leg 0–1, absent where it did not take part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// Share of the query's weight that its terms matched.
    pub lexical: Option<f64>,
    /// Cosine of the best passage.
    pub semantic: Option<f64>,
    /// Factor by which age lowered the score.
    pub recency: Option<f64>,
    /// The query's terms that matched, as typed.
    pub terms: Vec<String>,
}

/// Whether hits answer a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They do.
    Relevant,
    /// They may.
    Weak,
    /// Nothing relevant was said.
    Nothing,
}

impl Verdict {
    /// The name used in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relevant => "relevant",
            Self::Weak => "weak",
            Self::Nothing => "nothing",
        }
    }
}

/// A message with what the archive adds to it.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The message as its source had it.
    pub message: Message,
    /// Short name of its project.
    pub project: String,
    /// Name of its source.
    pub source: String,
    /// Title of its conversation.
    pub title: String,
    /// How the title came about (see [`transcript::FactKind::Title`]); `None` where the archive
    /// made it up.
    pub title_rank: Option<u8>,
    /// The conversation that its own was forked from or started by.
    pub parent: Option<String>,
    /// Links that came out of its conversation.
    pub links: Vec<String>,
    /// What it has as a reflection, if it is one.
    pub reflection: Option<Reflected>,
    /// What became of it: all marks, the latest last.
    pub marks: Vec<Marking>,
    /// What was found in its texts; a note or a placeholder may stand for it there.
    pub findings: Vec<FieldFinding>,
}

/// A conversation.
#[derive(Clone, Debug)]
pub struct ConversationView {
    /// The source's id.
    pub id: String,
    /// Name of the source.
    pub source: String,
    /// Short name of the project that most of it belongs to.
    pub project: String,
    /// Title, made up from the first words where the source gave none.
    pub title: String,
    /// The conversation that it was forked from or started by.
    pub parent: Option<String>,
    /// Log file that it came from.
    pub path: String,
    /// First and last time.
    pub started: Option<Millis>,
    /// See [`Self::started`].
    pub ended: Option<Millis>,
    /// How many messages it has.
    pub messages: u64,
    /// Links that came out of it.
    pub links: Vec<String>,
}

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
    /// The number of the guards' rules by which all that is kept was checked; 0 where it never was.
    /// Below [`guard::RULES_VERSION`] a rescan is due.
    pub guard_rules: u32,
    /// When something was last imported.
    pub last_import: Option<Millis>,
}

impl Status {
    /// Whether some of what is kept was never checked by the rules of today.
    #[must_use]
    pub fn is_rescan_due(&self) -> bool {
        self.messages > 0 && self.guard_rules < guard::RULES_VERSION
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

/// What a check of the archive found.
#[derive(Clone, Debug, Default)]
pub struct VerifyReport {
    /// Messages whose text was read and compared with its index entries.
    pub messages: u64,
    /// What is wrong; empty when all is well.
    pub problems: Vec<String>,
}
