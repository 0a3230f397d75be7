//! The documents of the commands that look after archive, settings and model.

use embed::{ModelStatus, State};
use jiff::Timestamp;
use recall::{RescanReport, Status, VerifyReport};
use serde::Serialize;

use super::{IndexedDoc, ProblemDoc, time};

/// `status --json`.
#[derive(Serialize)]
pub(crate) struct StatusDoc<'a> {
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
    /// The state of archive and model.
    pub(crate) fn new(status: &'a Status, model: &ModelStatus, archive: String) -> Self {
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
            model: ModelDoc::new(model),
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

/// `model status --json` and `model verify --json`.
#[derive(Serialize)]
pub(crate) struct ModelDoc {
    id: String,
    state: &'static str,
    problem: Option<String>,
    bytes: u64,
    origin: Option<String>,
    verified: Option<String>,
    path: String,
}

impl ModelDoc {
    /// The state of the model.
    pub(crate) fn new(status: &ModelStatus) -> Self {
        let verified = status
            .verified
            .and_then(|time| Timestamp::try_from(time).ok());
        let (state, problem) = match &status.state {
            State::Missing => ("missing", None),
            State::Ready => ("ready", None),
            State::Damaged(why) => ("damaged", Some(why.clone())),
        };
        Self {
            id: status.model_id.to_string(),
            state,
            problem,
            bytes: status.bytes,
            origin: status.origin.clone(),
            verified: time(verified.map(Timestamp::as_millisecond)),
            path: status.path.display().to_string(),
        }
    }
}

/// `verify --json`.
#[derive(Serialize)]
pub(crate) struct VerifyDoc<'a> {
    sound: bool,
    messages: u64,
    problems: &'a [String],
    stopped: bool,
}

impl<'a> VerifyDoc<'a> {
    /// What a check found.
    pub(crate) fn new(report: &'a VerifyReport, stopped: bool) -> Self {
        Self {
            sound: report.problems.is_empty(),
            messages: report.messages,
            problems: &report.problems,
            stopped,
        }
    }
}

/// `guard rescan --json`.
#[derive(Serialize)]
pub(crate) struct RescanDoc<'a> {
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
    /// What a rescan did.
    pub(crate) fn new(report: &'a RescanReport, dry_run: bool) -> Self {
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

/// `doctor --json`.
#[derive(Serialize)]
pub(crate) struct DoctorDoc<'a> {
    /// Whether every check passed.
    pub(crate) well: bool,
    /// What was looked at.
    pub(crate) checks: Vec<CheckDoc<'a>>,
    /// What was repaired.
    pub(crate) repaired: &'a [String],
    /// The first problems of the logs.
    pub(crate) problems: Vec<ProblemDoc<'a>>,
}

/// One thing that was looked at.
#[derive(Serialize)]
pub(crate) struct CheckDoc<'a> {
    /// What it is.
    pub(crate) name: &'a str,
    /// `good`, `note` or `bad`.
    pub(crate) state: &'static str,
    /// What was found.
    pub(crate) what: &'a str,
    /// What to do about it.
    pub(crate) hint: Option<&'a str>,
}

/// `config show --json`.
#[derive(Serialize)]
pub(crate) struct ConfigDoc<'a> {
    /// The settings file, which may not exist.
    pub(crate) file: String,
    /// The archive's directory.
    pub(crate) data: String,
    /// The model's and other re-creatable files.
    pub(crate) cache: String,
    /// Every setting.
    pub(crate) settings: Vec<SettingDoc<'a>>,
}

/// One setting.
#[derive(Serialize)]
pub(crate) struct SettingDoc<'a> {
    /// `section.name`.
    pub(crate) key: &'a str,
    /// Its value, written as in the file.
    pub(crate) value: &'a str,
    /// Where it came from.
    pub(crate) origin: String,
}

/// `config check --json`.
#[derive(Serialize)]
pub(crate) struct ConfigCheckDoc<'a> {
    /// Whether there is no mistake.
    pub(crate) valid: bool,
    /// The mistakes.
    pub(crate) faults: Vec<FaultDoc<'a>>,
}

/// One mistake in the settings.
#[derive(Serialize)]
pub(crate) struct FaultDoc<'a> {
    /// What is wrong and where.
    pub(crate) what: &'a str,
    /// What to do about it.
    pub(crate) hint: Option<&'a str>,
}
