//! The directories that logs lie in: a new log changes the time of its directory.

use std::collections::VecDeque;
use std::path::{Path, PathBuf};

use rusqlite::Connection;
use rustc_hash::{FxHashMap, FxHashSet};
use serde::{Deserialize, Serialize};
use transcript::{Millis, Registry};

use crate::guards::ArchiveGuards;
use crate::ingest::import::{SWEPT_DIRECTORIES_KEY, is_log_name, mtime_of, trees};
use crate::store::{meta, set_meta};
use crate::{Result, Roots};

/// The time of a directory that must be read.
const UNREAD_MTIME: i64 = i64::MIN;

/// Clocks of file systems are coarse: a directory that changed so recently may change again within
/// the same tick.
const CLOCK_TICK_NANOS: i64 = 2_000_000_000;

/// Directories that changed less long ago than this are looked at each time.
const BUSY_NANOS: i64 = 48 * 3600 * 1_000_000_000;

/// Directories at rest that are looked at in any case.
const MIN_RESTING_LOOKS: usize = 5;

/// That much reading is worth a write that saves it, in entries; see [`OPENING_COST`].
const SAVE_THRESHOLD: usize = 64;

/// What opening a directory costs, in entries.
const OPENING_COST: usize = 4;

const NANOS_PER_MILLI: i64 = 1_000_000;

#[derive(Debug, Default)]
pub(super) struct Directories {
    registry: Registry,
    /// The trees of the roots, as configured; those that aren't there yet are waited for.
    trees: Vec<Tree>,
    all: FxHashMap<PathBuf, Directory>,
    /// Directories to read.
    unread: VecDeque<PathBuf>,
    /// Device and inode of each, where there are such: links lead around.
    seen: FxHashSet<(u64, u64)>,
    /// What was read since that was last saved, and needn't be read again, in entries.
    news: usize,
    looks: u64,
}

#[derive(Debug)]
struct Tree {
    configured: PathBuf,
    /// Its place without links, once it is there.
    place: Option<PathBuf>,
}

#[derive(Debug)]
struct Directory {
    /// When it changed before it was read; [`UNREAD_MTIME`] if it must be (again).
    mtime: i64,
    /// The last look at it.
    looked: u64,
    identity: Option<(u64, u64)>,
}

/// What the archive keeps.
#[derive(Serialize, Deserialize)]
struct Saved {
    trees: Vec<PathBuf>,
    directories: Vec<(PathBuf, i64)>,
}

impl Saved {
    /// As it is kept; nothing if a path isn't kept as it is, or is no UTF-8.
    fn text(&self, guards: &ArchiveGuards) -> Option<String> {
        let text = serde_json::to_string(self).ok()?;
        (guards.as_kept(&text) == text).then_some(text)
    }

    /// The same without the paths that hold a secret. The directories that they lie in are read each
    /// time then, which finds them.
    fn without_masked(self, guards: &ArchiveGuards) -> Self {
        let is_kept = |(path, _): &(PathBuf, i64)| {
            let path = path.to_string_lossy();
            guards.as_kept(&path) == path
        };
        let (mut directories, masked): (Vec<_>, Vec<_>) =
            self.directories.into_iter().partition(is_kept);
        let parents: FxHashSet<&Path> = masked
            .iter()
            .filter_map(|(path, _)| path.parent())
            .collect();
        for (path, mtime) in &mut directories {
            if parents.contains(path.as_path()) {
                *mtime = UNREAD_MTIME;
            }
        }
        Self {
            directories,
            ..self
        }
    }
}

impl Directories {
    /// What an earlier process found out.
    pub(super) fn load(connection: &Connection, roots: &Roots) -> Result<Self> {
        let mut directories = Self {
            registry: roots.registry(),
            trees: trees(roots, None)
                .into_iter()
                .map(|configured| Tree {
                    configured,
                    place: None,
                })
                .collect(),
            ..Self::default()
        };
        directories.find_trees();
        let places = directories.places();
        // What can't be read is no loss: then all directories are.
        let saved = meta(connection, SWEPT_DIRECTORIES_KEY)?
            .and_then(|text| serde_json::from_str::<Saved>(&text).ok())
            .filter(|saved| saved.trees == places);
        for (path, mtime) in saved.into_iter().flat_map(|saved| saved.directories) {
            let identity = None;
            let known = Directory {
                mtime,
                looked: 0,
                identity,
            };
            directories.all.insert(path, known);
        }
        Ok(directories)
    }

    fn places(&self) -> Vec<PathBuf> {
        let places = self.trees.iter().filter_map(|tree| tree.place.clone());
        places.collect()
    }

    /// The sources whose logs are looked for.
    pub(super) fn registry(&self) -> Registry {
        self.registry
    }

    /// Whether a path lies in one of the trees.
    pub(super) fn has(&self, path: &Path) -> bool {
        let mut places = self.trees.iter().filter_map(|tree| tree.place.as_ref());
        places.any(|place| path.starts_with(place))
    }

    /// Has all directories read again.
    pub(super) fn forget(&mut self) {
        for directory in self.all.values_mut() {
            directory.mtime = UNREAD_MTIME;
        }
    }

    /// Something happened to a path, which may be a directory, or have been one.
    pub(super) fn touch(&mut self, path: &Path) {
        self.find_trees();
        if self.has(path) && path.is_dir() {
            self.add(path.to_owned());
            self.unread.push_back(path.to_owned());
        }
    }

    /// Looks for trees that weren't there.
    fn find_trees(&mut self) {
        for at in 0..self.trees.len() {
            let tree = &mut self.trees[at];
            if tree.place.is_none() {
                tree.place = fs_err::canonicalize(&tree.configured).ok();
                // A single log is a tree of its own.
                if let Some(place) = tree.place.clone().filter(|place| place.is_dir()) {
                    self.add(place);
                }
            }
        }
    }

    /// Single logs that lie in no directory of logs.
    pub(super) fn single_logs(&self) -> Vec<PathBuf> {
        let places = self.trees.iter().filter_map(|tree| tree.place.as_ref());
        let single = places
            .filter(|place| !self.all.contains_key(*place) && is_log_name(self.registry, place));
        single.cloned().collect()
    }

    fn add(&mut self, path: PathBuf) {
        self.all.entry(path).or_insert(Directory {
            mtime: UNREAD_MTIME,
            looked: 0,
            identity: None,
        });
    }

    /// Looks at directories; those that changed wait to be read. Deep ones that have been at rest
    /// for long are looked at in turns, until `is_over`.
    pub(super) fn look(&mut self, now: Millis, is_over: &dyn Fn() -> bool) -> u64 {
        self.find_trees();
        self.looks += 1;
        let places = self.places();
        let busy_since = now.saturating_mul(NANOS_PER_MILLI) - BUSY_NANOS;
        let mut wanted: Vec<(bool, u64, &PathBuf)> = self
            .all
            .iter()
            .map(|(path, directory)| {
                let is_flat = path.parent().is_some_and(|parent| {
                    places.iter().any(|place| path == place || parent == place)
                });
                let may_wait =
                    !is_flat && directory.mtime != UNREAD_MTIME && directory.mtime < busy_since;
                (may_wait, directory.looked, path)
            })
            .collect();
        wanted.sort_unstable();
        let wanted: Vec<_> = wanted
            .into_iter()
            .map(|(may_wait, _, path)| (may_wait, path.clone()))
            .collect();
        let (mut looked, mut at_rest) = (0, 0);
        for (may_wait, path) in wanted {
            if may_wait && at_rest >= MIN_RESTING_LOOKS && is_over() {
                break;
            }
            looked += 1;
            at_rest += usize::from(may_wait);
            self.look_at(&path, now);
        }
        looked
    }

    fn look_at(&mut self, path: &Path, now: Millis) {
        let metadata = std::fs::metadata(path).ok().filter(|found| found.is_dir());
        let Some(metadata) = metadata else {
            // Its logs find out for themselves that they are gone.
            if let Some(identity) = self.all.remove(path).and_then(|gone| gone.identity) {
                self.seen.remove(&identity);
            }
            for tree in &mut self.trees {
                tree.place.take_if(|place| place == path);
            }
            return;
        };
        let mtime = mtime_of(&metadata);
        let looks = self.looks;
        let Some(directory) = self.all.get_mut(path) else {
            return;
        };
        directory.looked = looks;
        if directory.identity.is_none() {
            directory.identity = identity(&metadata);
            if directory.identity.is_some_and(|id| !self.seen.insert(id)) {
                // Another path leads here too, and was there first.
                self.all.remove(path);
                return;
            }
        }
        if directory.mtime == mtime {
            return;
        }
        let is_fresh = now.saturating_mul(NANOS_PER_MILLI) - mtime < CLOCK_TICK_NANOS;
        directory.mtime = if is_fresh { UNREAD_MTIME } else { mtime };
        self.unread.push_back(path.to_owned());
    }

    /// Reads the next directory that waits: its path and the logs in it. Directories in it that are
    /// new wait from then on.
    pub(super) fn read_next(&mut self, now: Millis) -> Option<(PathBuf, Vec<PathBuf>)> {
        let path = self.unread.pop_front()?;
        let mut logs = Vec::new();
        for entry in std::fs::read_dir(&path).into_iter().flatten().flatten() {
            let Ok(kind) = entry.file_type() else {
                continue;
            };
            let found = entry.path();
            let is_log = is_log_name(self.registry, &found);
            // Links to directories are followed, as an import does.
            let is_directory = kind.is_dir() || kind.is_symlink() && !is_log && found.is_dir();
            if is_directory && !self.all.contains_key(&found) {
                self.add(found.clone());
                // Reading comes later than this time, so that nothing is missed.
                self.look_at(&found, now);
            } else if is_log && !is_directory {
                logs.push(found);
            }
        }
        let is_settled = |directory: &Directory| directory.mtime != UNREAD_MTIME;
        if self.all.get(&path).is_some_and(is_settled) {
            self.news += OPENING_COST + logs.len();
        }
        Some((path, logs))
    }

    /// Whether enough was read that the next process needn't.
    pub(super) fn is_worth_remembering(&self) -> bool {
        self.news >= SAVE_THRESHOLD
    }

    /// Keeps what is known, but for directories in which there may be something that the archive
    /// doesn't know.
    pub(super) fn save(
        &mut self,
        (connection, guards): (&Connection, &ArchiveGuards),
        roots: &Roots,
        unknown: &FxHashSet<&Path>,
        now: Millis,
    ) -> Result<()> {
        if self.news == 0 || trees(roots, None).len() != self.trees.len() {
            return Ok(());
        }
        let settled = now.saturating_mul(NANOS_PER_MILLI) - CLOCK_TICK_NANOS;
        let directories = self.all.iter().map(|(path, directory)| {
            let is_settled = directory.mtime < settled && !unknown.contains(path.as_path());
            (
                path.clone(),
                if is_settled {
                    directory.mtime
                } else {
                    UNREAD_MTIME
                },
            )
        });
        let mut directories: Vec<_> = directories.collect();
        directories.sort_unstable();
        let saved = Saved {
            trees: self.places(),
            directories,
        };
        self.news = 0;
        // A path that is no UTF-8 can't be kept: then nothing is, and all is read each time.
        let text = saved.text(guards);
        if let Some(text) = text.or_else(|| saved.without_masked(guards).text(guards))
            && meta(connection, SWEPT_DIRECTORIES_KEY)?.as_ref() != Some(&text)
        {
            set_meta(connection, SWEPT_DIRECTORIES_KEY, &text)?;
        }
        Ok(())
    }
}

#[cfg(unix)]
#[expect(
    clippy::unnecessary_wraps,
    reason = "elsewhere there is no such number"
)]
fn identity(metadata: &std::fs::Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    Some((metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &std::fs::Metadata) -> Option<(u64, u64)> {
    None
}
