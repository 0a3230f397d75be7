//! What `doctor` looks at, each a value that says how it is and what to do.

use std::path::{Path, PathBuf};

use recall::{Status, Stop, VerifyReport};
use wire::{counted, thousands};

use crate::hint;
use crate::opening;
use crate::settings::LoadedSettings;
use crate::tool_servers::ServersConfig;

/// How something that was looked at is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CheckState {
    /// As it should be.
    Good,
    /// Worth knowing; nothing is wrong.
    Note,
    /// Something is wrong; the exit code tells.
    Bad,
}

impl CheckState {
    /// The name used in answers.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Note => "note",
            Self::Bad => "bad",
        }
    }
}

/// One thing that was looked at.
pub(super) struct DoctorCheck {
    /// What was looked at, in one word, as `--json` has it.
    pub(super) name: &'static str,
    /// Whether it is as it should be.
    pub(super) state: CheckState,
    /// What was found, in words.
    pub(super) what: String,
    /// What to do about it.
    pub(super) hint: Option<String>,
}

impl DoctorCheck {
    /// A check without a remedy.
    pub(super) fn new(name: &'static str, state: CheckState, what: impl Into<String>) -> Self {
        Self {
            name,
            state,
            what: what.into(),
            hint: None,
        }
    }

    /// The check with a remedy for the person.
    pub(super) fn hint(self, hint: impl Into<String>) -> Self {
        Self {
            hint: Some(hint.into()),
            ..self
        }
    }
}

/// Settings file and environment.
pub(super) fn settings(loaded: &LoadedSettings) -> DoctorCheck {
    let (of_chat, of_servers) = (loaded.settings.chat_faults(), ServersConfig::faults(loaded));
    let mut faults = loaded.faults.iter().chain(&of_chat).chain(&of_servers);
    match faults.next() {
        None => DoctorCheck::new("settings", CheckState::Good, "no mistakes"),
        Some(fault) => DoctorCheck::new("settings", CheckState::Bad, fault.what.clone()).hint(
            fault
                .hint
                .clone()
                .unwrap_or_else(|| "`lorekeep config check` says more".into()),
        ),
    }
}

/// There is nothing to check yet.
pub(super) fn no_archive() -> DoctorCheck {
    DoctorCheck::new("archive", CheckState::Note, "there is none yet")
        .hint("`lorekeep import` makes it")
}

/// Nothing could be saved of a damaged archive.
pub(super) fn not_salvaged(error: recall::Error) -> DoctorCheck {
    match error {
        recall::Error::Damaged(_) => DoctorCheck {
            hint: Some(
                "restore a backup; or move `lorekeep.db` away, then `lorekeep import` reads the logs that are left"
                    .to_owned(),
            ),
            ..failed("archive", error)
        },
        _ => failed("archive", error),
    }
}

/// A part of what keeps forgotten messages away was damaged.
pub(super) fn lost_tombstones() -> DoctorCheck {
    let what = "a part of what keeps forgotten messages away is lost: imports and searches may bring some back \
                while their logs are on disk";
    DoctorCheck::new("forgotten", CheckState::Bad, what).hint(
        "delete those logs, or `lorekeep exclude` their directory, then `lorekeep forget` it again",
    )
}

/// A check that could not be made.
pub(super) fn failed(name: &'static str, error: recall::Error) -> DoctorCheck {
    let hint = hint::of_archive(&error);
    let what = crate::exit::chain(&error.into());
    DoctorCheck {
        hint,
        ..DoctorCheck::new(name, CheckState::Bad, what)
    }
}

/// The check of the archive, from what verifying it found.
pub(super) fn verified(report: &VerifyReport, stop: &Stop) -> DoctorCheck {
    if stop.is_set() {
        return DoctorCheck::new(
            "archive",
            CheckState::Note,
            "stopped before everything was read",
        );
    }
    match report.problems.as_slice() {
        [] => {
            let what = format!("sound, {} read", counted(report.messages, "message"));
            DoctorCheck::new("archive", CheckState::Good, what)
        }
        [problem, rest @ ..] => {
            let more = match rest.len() {
                0 => String::new(),
                more => format!(" (and {more} more, `lorekeep verify` lists them)"),
            };
            DoctorCheck::new("archive", CheckState::Bad, format!("{problem}{more}"))
                .hint(match report.is_damaged {
                    true => "`lorekeep doctor --repair` saves what can be read into a new archive, and keeps the old file",
                    false => "`lorekeep doctor --repair` rebuilds what can be rebuilt",
                })
        }
    }
}

/// How far the indexes are, and what the logs had.
pub(super) fn status(status: &Status) -> [DoctorCheck; 3] {
    let left = status
        .indexed
        .embeddable
        .saturating_sub(status.indexed.embedded);
    let embedded = match left {
        0 => DoctorCheck::new(
            "embeddings",
            CheckState::Good,
            "every message that should be is embedded",
        ),
        left => {
            let what = format!("{} yet to be embedded", counted(left, "message"));
            DoctorCheck::new("embeddings", CheckState::Note, what)
                .hint("`lorekeep import --embed` does it")
        }
    };
    let logs = match status.problems {
        0 => DoctorCheck::new(
            "logs",
            CheckState::Good,
            "everything in them was understood",
        ),
        problems => {
            let what = format!("{} records could not be understood", thousands(problems));
            DoctorCheck::new("logs", CheckState::Note, what)
        }
    };
    let guards = if status.is_rescan_due() {
        let what = if status.has_own_rules {
            "what was kept earlier was not checked by the newest rules"
        } else {
            "what was kept earlier was not checked by your present patterns and exceptions"
        };
        DoctorCheck::new("guards", CheckState::Note, what).hint("`lorekeep guard rescan` does it")
    } else {
        DoctorCheck::new(
            "guards",
            CheckState::Good,
            "all was checked by the newest rules",
        )
    };
    [embedded, logs, guards]
}

/// The model, without hashing what was hashed lately.
pub(super) fn model(loaded: &LoadedSettings) -> DoctorCheck {
    let store = opening::model_store(loaded);
    match store.check(
        opening::verification(&loaded.settings),
        crate::clock::system(),
    ) {
        Ok(status) => DoctorCheck::new(
            "model",
            CheckState::Good,
            format!("{} is ready", status.model_id),
        ),
        Err(embed::Error::NotFetched { .. }) => DoctorCheck::new(
            "model",
            CheckState::Note,
            "there is none, search goes by words only",
        )
        .hint("`lorekeep model fetch` gets it"),
        Err(error) => {
            let hint = hint::of_model(&error).map(str::to_owned);
            let what = crate::exit::chain(&error.into());
            DoctorCheck {
                hint,
                ..DoctorCheck::new("model", CheckState::Bad, what)
            }
        }
    }
}

/// Whether there are logs to read.
pub(super) fn sources(loaded: &LoadedSettings) -> DoctorCheck {
    let roots = loaded.roots();
    let all: Vec<&Path> = roots.all().collect();
    let found: Vec<String> = all
        .iter()
        .filter(|root| root.is_dir())
        .map(|root| loaded.shorten(root))
        .collect();
    if found.is_empty() {
        let looked: Vec<String> = all.iter().map(|root| loaded.shorten(root)).collect();
        return DoctorCheck::new(
            "sources",
            CheckState::Note,
            format!("no logs in {}", looked.join(", ")),
        )
        .hint("`lorekeep config docs` tells how to say where they are");
    }
    DoctorCheck::new("sources", CheckState::Good, found.join(", "))
}

/// Whether others can read the archive.
pub(super) fn permissions(data: &Path) -> DoctorCheck {
    let open = others_can_read(data);
    match open.first() {
        None => DoctorCheck::new(
            "permissions",
            CheckState::Good,
            "nobody else can read the archive",
        ),
        Some(path) => {
            let what = format!("others on this machine can read `{}`", path.display());
            DoctorCheck::new("permissions", CheckState::Bad, what)
                .hint("`lorekeep doctor --repair` closes it")
        }
    }
}

/// Makes the archive's directory 0700 and its files 0600; says what was changed.
pub(super) fn close_permissions(data: &Path) -> anyhow::Result<Vec<String>> {
    let mut closed = Vec::new();
    for path in others_can_read(data) {
        close(&path)?;
        closed.push(format!("closed `{}` to others", path.display()));
    }
    Ok(closed)
}

#[cfg(unix)]
fn others_can_read(data: &Path) -> Vec<PathBuf> {
    use std::os::unix::fs::PermissionsExt;
    let mut open = Vec::new();
    let mut left = vec![data.to_path_buf()];
    while let Some(path) = left.pop() {
        // What isn't there or can't be looked at is no one's to read; links lead elsewhere.
        let Ok(metadata) = fs_err::symlink_metadata(&path) else {
            continue;
        };
        if metadata.is_symlink() {
            continue;
        }
        if metadata.permissions().mode() & 0o077 != 0 {
            open.push(path.clone());
        }
        if let Ok(entries) = fs_err::read_dir(&path) {
            left.extend(entries.filter_map(|entry| Some(entry.ok()?.path())));
        }
    }
    open.sort();
    open
}

#[cfg(unix)]
fn close(path: &Path) -> anyhow::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    let mode = if path.is_dir() { 0o700 } else { 0o600 };
    fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode))?;
    Ok(())
}

/// Elsewhere a person's own directories are closed to others by the system.
#[cfg(not(unix))]
fn others_can_read(_: &Path) -> Vec<PathBuf> {
    Vec::new()
}

#[cfg(not(unix))]
fn close(_: &Path) -> anyhow::Result<()> {
    Ok(())
}
