//! How long a source keeps its logs, and how many would go with that.

use std::path::{Path, PathBuf};

use transcript::{Retention, Source};

use super::files::ClientFile;
use super::json;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A log, and when it last changed, in milliseconds since 1970.
pub(crate) type DatedLog = (PathBuf, i64);

/// Logs that will be deleted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LogLosses {
    /// Days after which a log is deleted.
    pub(crate) days: u64,
    /// How many logs there are.
    pub(crate) logs: usize,
    /// Days until the first of them goes; 0 if it can happen any time.
    pub(crate) left: u64,
}

/// When the source whose root is `dir` will delete those of these logs that are its own; `None` where
/// none is.
pub(crate) fn losses(
    retention: &Retention,
    dir: &Path,
    logs: &[DatedLog],
    now: i64,
) -> Option<LogLosses> {
    let own = logs.iter().filter(|(path, _)| path.starts_with(dir));
    let changed: Vec<i64> = own.map(|(_, changed)| *changed).collect();
    let oldest = *changed.iter().min()?;
    let days = days(retention, dir);
    let kept = i64::try_from(days)
        .unwrap_or(i64::MAX)
        .saturating_mul(DAY_MS);
    let left = oldest.saturating_add(kept).saturating_sub(now).max(0) / DAY_MS;
    Some(LogLosses {
        days,
        logs: changed.len(),
        left: left.unsigned_abs(),
    })
}

/// What the source's own settings say. What can't be read is as if it weren't set, since setup says so
/// elsewhere.
fn days(retention: &Retention, dir: &Path) -> u64 {
    let settings = ClientFile::find(&dir.join(retention.settings_file), None);
    let text = settings.and_then(|file| file.read()).ok().flatten();
    let key = [retention.setting.to_owned()];
    let days = text.and_then(|text| json::get(&text, &key).ok().flatten());
    days.and_then(|days| days.as_u64())
        .unwrap_or(retention.default_days)
}

/// Directories below each other in which logs are looked for.
const MAX_DEPTH: u8 = 4;

/// Every log of a source below its root `dir`: what isn't imported while there is no archive.
pub(crate) fn all(source: Source, dir: &Path) -> Vec<DatedLog> {
    let mut logs = Vec::new();
    let directories = source.roots().map_or(&[][..], |roots| roots.directories);
    for directory in directories {
        collect(source, &dir.join(directory), MAX_DEPTH, &mut logs);
    }
    logs
}

fn collect(source: Source, dir: &Path, depth: u8, logs: &mut Vec<DatedLog>) {
    let entries = fs_err::read_dir(dir).into_iter().flatten().flatten();
    for entry in entries {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() && depth > 0 {
            collect(source, &path, depth - 1, logs);
        } else if kind.is_file() && source.has_file_name(&entry.file_name().to_string_lossy()) {
            let changed = entry.metadata().and_then(|metadata| metadata.modified());
            let changed = changed
                .ok()
                .and_then(|time| jiff::Timestamp::try_from(time).ok());
            logs.extend(changed.map(|time| (path, time.as_millisecond())));
        }
    }
}

#[cfg(test)]
#[expect(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]
mod tests {
    use super::*;

    #[test]
    fn logs_go_after_the_days_that_are_set() {
        let dir = tempfile::tempdir().expect("a directory");
        let source = transcript::claude_code::SOURCE;
        let retention = source.retention().expect("it deletes its logs");
        let losses = |logs: &[DatedLog], now| losses(retention, dir.path(), logs, now);
        assert_eq!(all(source, dir.path()), Vec::new());
        let project = dir.path().join("projects/-x/s/subagents");
        fs_err::create_dir_all(&project).expect("a directory");
        fs_err::write(project.join("a.jsonl"), "{}\n").expect("a log");
        fs_err::write(project.join("a.txt"), "x").expect("no log");
        let logs = all(source, dir.path());
        assert_eq!(logs.len(), 1);
        let changed = logs[0].1;
        let some = losses(&logs, changed + DAY_MS).expect("one log");
        assert_eq!((some.days, some.logs, some.left), (30, 1, 29));
        assert_eq!(losses(&[("/elsewhere".into(), 0)], changed), None);
        let settings = dir.path().join("settings.json");
        fs_err::write(settings, "{ // mine\n \"cleanupPeriodDays\": 0 }").expect("settings");
        let some = losses(&logs, changed).expect("one log");
        assert_eq!((some.days, some.left), (0, 0));
    }
}
