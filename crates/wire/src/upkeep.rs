//! The documents of the commands that look after archive, settings and model. Times are RFC 3339 in UTC
//! (`2026-03-01T09:30:00.000Z`), `null` where unknown.

use recall::{RescanReport, Status, VerifyReport};
use serde::Serialize;

use crate::import::ProblemDoc;
use crate::search::IndexedDoc;
use crate::when::time;

/// The document that `status --json` prints: how much is archived, indexed, embedded and checked.
#[derive(Serialize)]
pub struct StatusDoc<'a> {
    /// The program's version.
    version: &'static str,
    /// The version of the archive's database schema.
    schema: i64,
    /// The number of messages kept.
    messages: u64,
    /// The number of conversations kept.
    conversations: u64,
    /// The number of projects.
    projects: u64,
    /// The number of log files known.
    files: u64,
    /// The number of bytes read of them.
    log_bytes: u64,
    /// The number of bytes that the archive takes on disk, with its indexes.
    archive_bytes: u64,
    /// The number of places in the logs that couldn't be understood.
    problems: u64,
    /// `rules` (version of the guards' rules in this program), `checked_by` (version by which all that is
    /// kept was checked, 0 if it never was) and `rescan_due` (whether there are messages and the two
    /// differ, or the patterns or exceptions of the settings have changed since).
    guards: GuardsDoc,
    /// When logs were last imported.
    last_import: Option<String>,
    /// The numbers of `messages` that can be found by words, of `embeddable` ones that should be found by
    /// meaning, and of those that are `embedded`, so that they can be.
    indexed: IndexedDoc,
    /// Id of the model that embedded them; `null` if none did.
    embedded_by: Option<&'a str>,
    /// The model that searches use.
    model: ModelDoc,
    /// Path of the archive's database.
    archive: String,
}

impl<'a> StatusDoc<'a> {
    /// The document of an archive's status. `archive` is the path of its database, `model` the embedding
    /// model that its searches use.
    pub fn new(status: &'a Status, model: ModelDoc, archive: String) -> Self {
        Self {
            version: env!("CARGO_PKG_VERSION"),
            schema: status.schema,
            messages: status.messages,
            conversations: status.conversations,
            projects: status.projects,
            files: status.files,
            log_bytes: status.log_bytes,
            archive_bytes: status.archive_bytes,
            problems: status.problems,
            guards: GuardsDoc {
                rules: guard::RULES_VERSION,
                checked_by: status.guard_rules,
                rescan_due: status.is_rescan_due(),
            },
            last_import: time(status.last_import),
            indexed: status.indexed.into(),
            embedded_by: status.model.as_deref(),
            model,
            archive,
        }
    }
}

/// By which rules the archive was checked.
#[derive(Serialize)]
struct GuardsDoc {
    rules: u32,
    checked_by: u32,
    rescan_due: bool,
}

/// The document that `model status --json` and `model verify --json` print: the files of the embedding model,
/// which searches by meaning need.
#[derive(Serialize)]
pub struct ModelDoc {
    /// The model's id, which is stored with every vector that it made.
    pub id: String,
    /// `missing` (never fetched), `ready`, or `damaged` (a file is missing, unreadable or of another length).
    pub state: &'static str,
    /// What is wrong with it, if `state` is `damaged`, else `None`.
    pub problem: Option<String>,
    /// The sum of its files' lengths, in bytes; 0 if it is missing.
    pub bytes: u64,
    /// The path or address that it was fetched from, if it is there.
    pub origin: Option<String>,
    /// When the checksums of its files were last found to be right, in RFC 3339 (UTC); `None` if never.
    pub verified: Option<String>,
    /// Path of its directory.
    pub path: String,
}

/// The document that `verify --json` prints: whether what is archived is as it was written.
#[derive(Serialize)]
pub struct VerifyDoc<'a> {
    /// Whether no problem was found; if the check was stopped, in what it had read.
    sound: bool,
    /// The number of messages that were read and compared with the indexes.
    messages: u64,
    /// A sentence for each thing that is wrong.
    problems: &'a [String],
    /// Whether the check was interrupted before all was read.
    stopped: bool,
}

impl<'a> VerifyDoc<'a> {
    /// The document of a check; `stopped` says that it was interrupted before all was read.
    pub fn new(report: &'a VerifyReport, stopped: bool) -> Self {
        Self {
            sound: report.problems.is_empty(),
            messages: report.messages,
            problems: &report.problems,
            stopped,
        }
    }
}

/// The document that `guard rescan --json` prints: what was masked when all that is kept was checked by the
/// guards' present rules.
#[derive(Serialize)]
pub struct RescanDoc<'a> {
    /// Whether nothing was changed, and the counts are of what would be.
    dry_run: bool,
    /// The number of messages checked.
    messages: u64,
    /// The number of those messages in which something was masked.
    changed: u64,
    /// The number of titles, paths, marks and the like in which something was masked.
    other: u64,
    /// The number of damaged messages, which couldn't be checked and stay as they are.
    unreadable: u64,
    /// The rules that had something masked: `rule` (its id) and `findings` (how often).
    rules: Vec<RuleDoc<'a>>,
    /// Names of guards that failed; what they couldn't check is as it was.
    failures: &'a [String],
    /// Whether what was replaced is gone from the database's write-ahead log too. If not, the last process to
    /// close the archive does that.
    log_emptied: bool,
    /// Whether it was interrupted before all was checked. The next rescan goes on from there.
    stopped: bool,
}

#[derive(Serialize)]
struct RuleDoc<'a> {
    rule: &'a str,
    findings: u64,
}

impl<'a> RescanDoc<'a> {
    /// The document of a rescan; `dry_run` says that nothing was changed.
    pub fn new(report: &'a RescanReport, dry_run: bool) -> Self {
        let rules = report.rules.iter();
        Self {
            dry_run,
            messages: report.messages,
            changed: report.changed,
            other: report.other,
            unreadable: report.unreadable,
            rules: rules
                .map(|(rule, findings)| RuleDoc {
                    rule,
                    findings: *findings,
                })
                .collect(),
            failures: &report.failures,
            log_emptied: report.log_emptied,
            stopped: report.stopped,
        }
    }
}

/// The document that `doctor --json` prints: the result of each check of the installation.
#[derive(Serialize)]
pub struct DoctorDoc<'a> {
    /// Whether no check is `bad`.
    pub well: bool,
    /// The checks, in the order in which they were made.
    pub checks: Vec<CheckDoc<'a>>,
    /// What `--repair` repaired, a sentence each; empty without it.
    pub repaired: &'a [String],
    /// The first 100 places in the logs that couldn't be understood.
    pub problems: Vec<ProblemDoc<'a>>,
}

/// One thing that `doctor` looked at, such as the archive or the model.
#[derive(Serialize)]
pub struct CheckDoc<'a> {
    /// What was checked, such as `archive`, `model`, `permissions` or a client's name.
    pub name: &'a str,
    /// `good`, `note` (works, but could be better) or `bad`; one that is `bad` makes the command fail.
    pub state: &'static str,
    /// What was found, in words.
    pub what: &'a str,
    /// What to do about it; `None` if there is nothing to do.
    pub hint: Option<&'a str>,
}

/// The document that `config show --json` prints: every setting with its value and origin.
#[derive(Serialize)]
pub struct ConfigDoc<'a> {
    /// Path of the settings file, which may not exist.
    pub file: String,
    /// Path of the directory that the archive is in.
    pub data: String,
    /// Path of the directory of files that can be fetched or made again, such as the model.
    pub cache: String,
    /// Every setting, those with their default value included.
    pub settings: Vec<SettingDoc<'a>>,
}

/// A setting with its value, and whether that comes from the file, the environment or the defaults.
#[derive(Serialize)]
pub struct SettingDoc<'a> {
    /// The key in the settings file, `section.name`, such as `search.mode`.
    pub key: &'a str,
    /// The value, written as in the settings file.
    pub value: &'a str,
    /// Where it came from: `default`, `config.toml, line 3`, `.env, line 3, ` or `environment, ` and the variable's name.
    pub origin: String,
}

/// The document that `config check --json` prints: the mistakes in settings file and environment.
#[derive(Serialize)]
pub struct ConfigCheckDoc<'a> {
    /// Whether there is no mistake.
    pub valid: bool,
    /// The mistakes; empty if `valid`.
    pub faults: Vec<FaultDoc<'a>>,
    /// What does nothing and is no mistake, such as variables that are no longer used.
    pub notes: Vec<FaultDoc<'a>>,
}

/// A mistake in the settings, and how to mend it.
#[derive(Serialize)]
pub struct FaultDoc<'a> {
    /// What is wrong and where, in words.
    pub what: &'a str,
    /// What to do about it, if something is known.
    pub hint: Option<&'a str>,
}
