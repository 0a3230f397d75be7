//! How long Claude Code keeps its logs, and whether some will be deleted before they are imported.

use std::path::Path;

use super::{files, json};

/// Days that logs are kept where nothing is set.
const DEFAULT_DAYS: u64 = 30;

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// Logs that would be lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Losses {
    /// Days after which a log is deleted.
    pub(crate) days: u64,
    /// How many logs are not imported yet.
    pub(crate) logs: u64,
    /// Days until the first of them goes; 0 if it can happen any time.
    pub(crate) left: u64,
}

/// What Claude Code in `dir` would delete that was not imported: logs that were written to since
/// the last import (`last_import` and `now` in milliseconds). `None` where nothing is at stake.
pub(crate) fn losses(dir: &Path, last_import: Option<i64>, now: i64) -> Option<Losses> {
    let days = days(dir);
    let mut logs = 0;
    let mut oldest = i64::MAX;
    each_log(&dir.join("projects"), 4, &mut |changed| {
        if last_import.is_none_or(|import| changed > import) {
            logs += 1;
            oldest = oldest.min(changed);
        }
    });
    if logs == 0 {
        return None;
    }
    let kept = i64::try_from(days)
        .unwrap_or(i64::MAX)
        .saturating_mul(DAY_MS);
    let left = oldest.saturating_add(kept).saturating_sub(now).max(0) / DAY_MS;
    Some(Losses {
        days,
        logs,
        left: left.unsigned_abs(),
    })
}

/// `cleanupPeriodDays`. What can't be read is as if it weren't set, since setup says so elsewhere.
fn days(dir: &Path) -> u64 {
    let text = files::read(&dir.join("settings.json")).ok().flatten();
    let key = ["cleanupPeriodDays".to_owned()];
    let days = text.and_then(|text| json::get(&text, &key).ok().flatten());
    days.and_then(|days| days.as_u64()).unwrap_or(DEFAULT_DAYS)
}

/// Calls `seen` with the time of the last change of each log.
fn each_log(dir: &Path, depth: u8, seen: &mut impl FnMut(i64)) {
    let Ok(entries) = fs_err::read_dir(dir) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        let Ok(kind) = entry.file_type() else {
            continue;
        };
        if kind.is_dir() && depth > 0 {
            each_log(&path, depth - 1, seen);
        } else if kind.is_file()
            && path
                .extension()
                .is_some_and(|extension| extension == "jsonl")
        {
            let changed = entry.metadata().and_then(|metadata| metadata.modified());
            if let Ok(changed) = changed
                .map_err(drop)
                .and_then(|time| jiff::Timestamp::try_from(time).map_err(drop))
            {
                seen(changed.as_millisecond());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logs_since_the_last_import_are_at_stake() {
        let dir = tempfile::tempdir().expect("a directory");
        assert_eq!(losses(dir.path(), None, 0), None);
        let project = dir.path().join("projects/-x");
        fs_err::create_dir_all(&project).expect("a directory");
        fs_err::write(project.join("a.jsonl"), "{}\n").expect("a log");
        fs_err::write(project.join("a.txt"), "x").expect("no log");
        let now = jiff::Timestamp::now().as_millisecond();
        let losses = |last| losses(dir.path(), last, now);
        assert_eq!(losses(Some(now + DAY_MS)), None);
        let some = losses(Some(now - DAY_MS)).expect("one log");
        assert_eq!((some.days, some.logs), (30, 1));
        assert!((29..=30).contains(&some.left), "{some:?}");
        let settings = dir.path().join("settings.json");
        fs_err::write(settings, "{ // mine\n \"cleanupPeriodDays\": 0 }").expect("settings");
        assert_eq!(
            losses(None).map(|some| (some.days, some.left)),
            Some((0, 0))
        );
    }
}
