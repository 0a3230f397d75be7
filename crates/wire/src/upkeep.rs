//! The documents of the commands that look after archive, settings and model.

use recall::{RescanReport, Status, VerifyReport};
use serde::Serialize;

use crate::import::ProblemDoc;
use crate::search::IndexedDoc;
use crate::when::time;

/// The document that `status --json` prints: how much is archived, indexed, embedded and checked.
#[derive(Serialize)]
pub struct StatusDoc<'a> {
    version: &'static str,
    schema: i64,
    messages: u64,
    conversations: u64,
    projects: u64,
    files: u64,
    log_bytes: u64,
    archive_bytes: u64,
    problems: u64,
    guards: GuardsDoc,
    last_import: Option<String>,
    indexed: IndexedDoc,
    embedded_by: Option<&'a str>,
    model: ModelDoc,
    archive: String,
}

impl<'a> StatusDoc<'a> {
    /// The document of an archive at a path, and of the model that its searches use.
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

/// The document that `model status --json` and `model verify --json` print: the embedding model's files.
#[derive(Serialize)]
pub struct ModelDoc {
    /// The model's id, which every vector bears that it made.
    pub id: String,
    /// `missing`, `ready` or `damaged`.
    pub state: &'static str,
    /// What is wrong with it, if it is damaged.
    pub problem: Option<String>,
    /// The sum of its files' lengths, in bytes; 0 where there is none.
    pub bytes: u64,
    /// Where it was fetched from, as a path or address.
    pub origin: Option<String>,
    /// When its files were last read and found to be what they should be, in RFC 3339.
    pub verified: Option<String>,
    /// Its directory.
    pub path: String,
}

/// The document that `verify --json` prints: whether what is archived is as it was written.
#[derive(Serialize)]
pub struct VerifyDoc<'a> {
    sound: bool,
    messages: u64,
    problems: &'a [String],
    stopped: bool,
}

impl<'a> VerifyDoc<'a> {
    /// The document of a check; `stopped` says that it was ended before all was read.
    pub fn new(report: &'a VerifyReport, stopped: bool) -> Self {
        Self {
            sound: report.problems.is_empty(),
            messages: report.messages,
            problems: &report.problems,
            stopped,
        }
    }
}

/// The document that `guard rescan --json` prints: what checking archived messages anew changed.
#[derive(Serialize)]
pub struct RescanDoc<'a> {
    dry_run: bool,
    messages: u64,
    changed: u64,
    other: u64,
    unreadable: u64,
    rules: Vec<RuleDoc<'a>>,
    failures: &'a [String],
    log_emptied: bool,
    stopped: bool,
}

#[derive(Serialize)]
struct RuleDoc<'a> {
    rule: &'a str,
    findings: u64,
}

impl<'a> RescanDoc<'a> {
    /// The document of a rescan; of a dry run, what would be changed.
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

/// The document that `doctor --json` prints: what was looked at, and how it is.
#[derive(Serialize)]
pub struct DoctorDoc<'a> {
    /// Whether every check passed.
    pub well: bool,
    /// What was looked at.
    pub checks: Vec<CheckDoc<'a>>,
    /// What was repaired.
    pub repaired: &'a [String],
    /// The first problems of the logs.
    pub problems: Vec<ProblemDoc<'a>>,
}

/// One thing that `doctor` looked at, such as the archive or the model.
#[derive(Serialize)]
pub struct CheckDoc<'a> {
    /// The name of what was looked at.
    pub name: &'a str,
    /// `good`, `note` or `bad`.
    pub state: &'static str,
    /// What was found.
    pub what: &'a str,
    /// What to do about it.
    pub hint: Option<&'a str>,
}

/// The document that `config show --json` prints: every setting with its value and origin.
#[derive(Serialize)]
pub struct ConfigDoc<'a> {
    /// The settings file, which may not exist.
    pub file: String,
    /// The archive's directory.
    pub data: String,
    /// The model's and other re-creatable files.
    pub cache: String,
    /// Every setting.
    pub settings: Vec<SettingDoc<'a>>,
}

/// A setting with its value, and whether that comes from the file, the environment or the defaults.
#[derive(Serialize)]
pub struct SettingDoc<'a> {
    /// `section.name`.
    pub key: &'a str,
    /// The value, written as in the settings file.
    pub value: &'a str,
    /// Where it came from.
    pub origin: String,
}

/// The document that `config check --json` prints: the mistakes in settings file and environment.
#[derive(Serialize)]
pub struct ConfigCheckDoc<'a> {
    /// Whether there is no mistake.
    pub valid: bool,
    /// The mistakes.
    pub faults: Vec<FaultDoc<'a>>,
}

/// A mistake in the settings, and how to mend it.
#[derive(Serialize)]
pub struct FaultDoc<'a> {
    /// What is wrong and where.
    pub what: &'a str,
    /// What to do about it.
    pub hint: Option<&'a str>,
}
