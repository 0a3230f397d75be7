//! The files below a directory, each as the set that its shape says it is. A file that no shape
//! fits is told, and why.

use std::path::{Path, PathBuf};

use super::content::content;
use super::set::{LabelledSet, SkippedSet};
use super::{bipia, shapes};

/// Reads all sets below a directory, in the order of their paths.
pub(crate) fn read(root: &Path) -> std::io::Result<(Vec<LabelledSet>, Vec<SkippedSet>)> {
    let mut paths = Vec::new();
    list(root, &mut paths)?;
    paths.sort();
    let mut sets = Vec::new();
    let mut skipped = Vec::new();
    let mut parts = bipia::BipiaParts::default();
    for path in paths {
        let name = path.strip_prefix(root).unwrap_or(&path);
        let name = name.to_string_lossy().into_owned();
        let result = content(&path).and_then(|content| {
            if parts.take(&path, &content) {
                return Ok(());
            }
            sets.extend(shapes::sets(&name, content)?);
            Ok(())
        });
        if let Err(why) = result {
            skipped.push(SkippedSet { path: name, why });
        }
    }
    sets.extend(parts.sets(root, &mut skipped));
    Ok((sets, skipped))
}

/// One in so many texts may be in both by chance or because everybody says it.
const OVERLAP_SHARE: usize = 50;

/// Takes out the sets that overlap with what the models were trained on, and tells them.
pub(crate) fn without_trained_on(
    sets: Vec<LabelledSet>,
    skipped: &mut Vec<SkippedSet>,
) -> Vec<LabelledSet> {
    let (fresh, seen): (Vec<_>, Vec<_>) = sets.into_iter().partition(|set| {
        let seen = trained_on(set);
        seen * OVERLAP_SHARE <= set.rows.len()
    });
    skipped.extend(seen.into_iter().map(|set| SkippedSet {
        why: format!(
            "{} of {} texts, or near copies, are among those that the models were trained on; \
             `--allow-overlap` measures them all the same",
            trained_on(&set),
            set.rows.len()
        ),
        path: set.name,
    }));
    fresh
}

fn trained_on(set: &LabelledSet) -> usize {
    if set.kind != guard::Kind::Injection {
        return 0;
    }
    let rows = set.rows.iter();
    rows.filter(|row| guard::injection::is_trained_on(&row.text))
        .count()
}

fn list(directory: &Path, paths: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs_err::read_dir(directory)? {
        let entry = entry?;
        let kind = entry.file_type()?;
        if kind.is_dir() {
            list(&entry.path(), paths)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}
