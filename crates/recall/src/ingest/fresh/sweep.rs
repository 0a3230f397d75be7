//! What a process knows of log files and of the directories that they lie in, and its look at them.
//!
//! Of files only those are held that changed of late, or that are not in the archive as they are:
//! all others are taken from the archive's table a few at a time, so that it costs the same to know
//! a hundred files or a hundred thousand.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use rusqlite::Connection;
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{Millis, Registry};

mod directories;

use self::directories::Directories;
use super::request::{CatchUp, Look};
use super::table::{self, Known};
use crate::guards::ArchiveGuards;
use crate::ingest::import::{FoundLog, Stamp, is_log_name};
use crate::store::WAL_SUFFIX;
use crate::{Result, Roots, Stop};

/// Changed less long ago than this a file is hot.
const HOT_MILLIS: Millis = 5 * 60 * 1000;

/// Changed less long ago than this a file is warm.
const WARM_MILLIS: Millis = 24 * 60 * 60 * 1000;

/// Cold files that are looked at in any case.
const COLD_AT_LEAST: usize = 5;

/// Cold files that are taken from the table at once.
const COLD_STEP: usize = 64;

const NANOS_PER_MILLI: i64 = 1_000_000;

/// What a process remembers of log files and their directories between looks at them: which changed of
/// late, and how far the archive is behind. A process keeps one and hands it to each
/// [`Archive::catch_up`](crate::Archive::catch_up), which fills it. With a new one each time nothing is lost,
/// but a look starts anew and may get to fewer files in its time, and files that can't be read are tried
/// again.
#[derive(Debug, Default)]
pub struct Sweeper {
    /// For which roots the rest holds.
    roots: Option<Roots>,
    directories: Directories,
    files: FxHashMap<PathBuf, WatchedFile>,
    /// Paths given to [`Self::touch`] since the last look.
    touched: FxHashSet<PathBuf>,
    /// The last cold file looked at, by its id in the archive.
    cold: i64,
    sweeps: u64,
}

/// A log file that changed of late or isn't in the archive as it is.
#[derive(Debug)]
struct WatchedFile {
    seen: Stamp,
    /// What the archive has of it.
    known: Option<Known>,
    /// The stamp that it had when an import couldn't read it: it is left alone until it changes.
    given_up: Option<Stamp>,
    /// Whether its path has a secret that is masked in the archive's table, by which the file can't be
    /// found.
    is_masked: bool,
    /// The number of the last look that included it.
    looked: u64,
}

impl WatchedFile {
    fn is_behind(&self) -> bool {
        // An empty file has nothing to read.
        self.seen.size > 0
            && self.known.is_none_or(|known| known.stamp != self.seen)
            && self.given_up != Some(self.seen)
    }

    fn bytes_behind(&self) -> u64 {
        let offset = self.known.map_or(0, |known| known.offset);
        // Written anew it is read from its start.
        match offset <= self.seen.size {
            true => self.seen.size - offset,
            false => self.seen.size,
        }
    }

    fn age(&self, now: Millis) -> Millis {
        now - self.seen.mtime / NANOS_PER_MILLI
    }
}

/// Which files, of those that are held.
#[derive(Clone, Copy, PartialEq, Eq)]
enum FileHeat {
    Hot,
    Warm,
}

/// When to leave off.
#[derive(Clone, Copy)]
struct Limit<'a> {
    began: Instant,
    time: Duration,
    stop: &'a Stop,
}

impl Limit<'_> {
    fn is_over(&self) -> bool {
        self.stop.is_set() || self.began.elapsed() >= self.time
    }
}

impl Sweeper {
    /// A sweeper that knows nothing yet: its first look starts from what the archive knows.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Makes the next look include this file or directory, which a watcher reports to have changed. For the
    /// write-ahead log of a SQLite database (`…-wal`) the database itself is looked at. A path outside of
    /// the roots is ignored.
    pub fn touch(&mut self, path: impl Into<PathBuf>) {
        let path = path.into();
        let database = path.to_str().and_then(|path| path.strip_suffix(WAL_SUFFIX));
        let touched = database.map_or_else(|| path.clone(), PathBuf::from);
        self.touched.insert(touched);
    }

    /// Makes the next looks read all directories again, for a watcher that may have missed changes.
    pub fn touch_all(&mut self) {
        self.directories.forget();
    }

    /// The directories to watch: those below the roots that hold logs, at any depth, as far as they exist,
    /// with symbolic links resolved.
    #[must_use]
    pub fn trees(roots: &Roots) -> Vec<PathBuf> {
        crate::ingest::import::trees(roots, None)
            .into_iter()
            .filter_map(|tree| fs_err::canonicalize(tree).ok())
            .collect()
    }

    /// Looks at what may have changed; returns how many files and directories that were.
    pub(super) fn look(
        &mut self,
        kept: (&Connection, &ArchiveGuards),
        request: &CatchUp,
        stop: &Stop,
    ) -> Result<u64> {
        let (connection, _) = kept;
        if self.roots.as_ref() != Some(&request.roots) {
            self.seed(connection, request)?;
        }
        self.sweeps += 1;
        let time = match request.look {
            Look::Within(time) => time,
            Look::Touched | Look::Hot => Duration::ZERO,
        };
        let limit = Limit {
            began: Instant::now(),
            time,
            stop,
        };
        let mut looked = self.look_at_touched(kept, request.now)?;
        if request.look == Look::Touched {
            return Ok(looked);
        }
        looked += self.look_at_files(FileHeat::Hot, request.now, None);
        looked += self.look_at_directories(kept, request.now, limit)?;
        if request.look != Look::Hot {
            looked += self.look_at_files(FileHeat::Warm, request.now, Some(limit));
        }
        looked += self.look_at_cold(connection, request.now, limit)?;
        self.let_go(request.now);
        Ok(looked)
    }

    /// Starts from what the archive knows.
    fn seed(&mut self, connection: &Connection, request: &CatchUp) -> Result<()> {
        let touched = std::mem::take(&mut self.touched);
        *self = Self {
            roots: Some(request.roots.clone()),
            directories: Directories::load(connection, &request.roots)?,
            touched,
            ..Self::default()
        };
        let since = (request.now - WARM_MILLIS).saturating_mul(NANOS_PER_MILLI);
        for (path, known) in table::newer(connection, since)? {
            if self.directories.has(&path) {
                self.hold(path, known.stamp, Some(known));
            }
        }
        // Each process starts somewhere else, so that many short ones get around too.
        let last = table::last(connection)?;
        self.cold = request.now.unsigned_abs() as i64 % (last + 1);
        Ok(())
    }

    fn hold(&mut self, path: PathBuf, seen: Stamp, known: Option<Known>) {
        let looked = self.sweeps;
        let file = self.files.entry(path).or_insert(WatchedFile {
            seen,
            known,
            given_up: None,
            is_masked: false,
            looked: 0,
        });
        file.seen = seen;
        file.known = known;
        // What is known to be so from the table alone must still be looked at.
        let is_seen = known.is_none_or(|known| known.stamp != seen);
        file.looked = if is_seen { looked } else { file.looked };
    }

    fn look_at_touched(&mut self, kept: (&Connection, &ArchiveGuards), now: Millis) -> Result<u64> {
        let touched = std::mem::take(&mut self.touched);
        let registry = self.directories.registry();
        let count = touched.len() as u64;
        for path in touched {
            if is_log_name(registry, &path) {
                if self.directories.has(&path) {
                    self.look_at_path(kept, &path)?;
                }
            } else {
                self.directories.touch(&path);
            }
        }
        if count > 0 {
            self.read_directories(kept, now)?;
        }
        Ok(count)
    }

    /// Looks at one file that may not be held yet.
    fn look_at_path(
        &mut self,
        (connection, guards): (&Connection, &ArchiveGuards),
        path: &Path,
    ) -> Result<()> {
        if let Some(file) = self.files.get_mut(path) {
            match stamp(self.directories.registry(), path) {
                Some(seen) => file.seen = seen,
                None => drop(self.files.remove(path)),
            }
        } else if let Some(seen) =
            stamp(self.directories.registry(), path).filter(|_| !has_plain_twin(path))
        {
            let known = table::one(connection, guards, path)?;
            self.hold(path.to_owned(), seen, known);
            let is_masked = is_masked(guards, path);
            self.files
                .entry(path.to_owned())
                .and_modify(|file| file.is_masked = is_masked);
        }
        Ok(())
    }

    /// Looks at held files of a class, those first that were not looked at for longest.
    fn look_at_files(&mut self, class: FileHeat, now: Millis, limit: Option<Limit<'_>>) -> u64 {
        let mut wanted: Vec<(u64, PathBuf)> = self
            .files
            .iter()
            .filter(|(_, file)| file.looked < self.sweeps)
            .filter(|(_, file)| (file.age(now) < HOT_MILLIS) == (class == FileHeat::Hot))
            .map(|(path, file)| (file.looked, path.clone()))
            .collect();
        wanted.sort_unstable();
        let mut looked = 0;
        for (_, path) in wanted {
            if limit.is_some_and(|limit| limit.is_over()) {
                break;
            }
            looked += 1;
            match (
                stamp(self.directories.registry(), &path),
                self.files.get_mut(&path),
            ) {
                (Some(seen), Some(file)) => {
                    file.seen = seen;
                    file.looked = self.sweeps;
                }
                (None, Some(_)) => drop(self.files.remove(&path)),
                (_, None) => {}
            }
        }
        looked
    }

    fn look_at_directories(
        &mut self,
        kept: (&Connection, &ArchiveGuards),
        now: Millis,
        limit: Limit<'_>,
    ) -> Result<u64> {
        let looked = self.directories.look(now, &|| limit.is_over());
        for path in self.directories.single_logs() {
            if !self.files.contains_key(&path) {
                self.look_at_path(kept, &path)?;
            }
        }
        self.read_directories(kept, now)?;
        Ok(looked)
    }

    /// Reads directories that changed, and holds the logs in them that the archive doesn't know.
    fn read_directories(&mut self, kept: (&Connection, &ArchiveGuards), now: Millis) -> Result<()> {
        while let Some((directory, logs)) = self.directories.read_next(now) {
            if logs.is_empty() {
                continue;
            }
            let known = table::below(kept.0, &directory)?;
            for path in logs {
                if !known.contains_key(&path) && !self.files.contains_key(&path) {
                    self.look_at_path(kept, &path)?;
                }
            }
        }
        Ok(())
    }

    /// Looks at cold files, around and around, once around at most.
    fn look_at_cold(
        &mut self,
        connection: &Connection,
        now: Millis,
        limit: Limit<'_>,
    ) -> Result<u64> {
        let until = (now - WARM_MILLIS).saturating_mul(NANOS_PER_MILLI);
        let first = self.cold;
        let mut has_turned = false;
        let mut looked = 0;
        loop {
            let step = match limit.is_over() {
                true => COLD_AT_LEAST.saturating_sub(looked),
                false => COLD_STEP,
            };
            if step == 0 {
                return Ok(looked as u64);
            }
            let rows = table::older(connection, until, self.cold, step)?;
            let is_end = rows.len() < step;
            for (id, path, known) in rows {
                if has_turned && id > first {
                    self.cold = first;
                    return Ok(looked as u64);
                }
                self.cold = id;
                looked += 1;
                self.look_at_cold_file(path, known);
            }
            if is_end && has_turned {
                return Ok(looked as u64);
            }
            if is_end {
                (self.cold, has_turned) = (0, true);
            }
        }
    }

    fn look_at_cold_file(&mut self, path: PathBuf, known: Known) {
        if self.files.contains_key(&path) || !self.directories.has(&path) {
            return;
        }
        if let Some(seen) =
            stamp(self.directories.registry(), &path).filter(|seen| *seen != known.stamp)
        {
            self.hold(path, seen, Some(known));
        }
    }

    /// Lets files go that are cold and in the archive as they are.
    fn let_go(&mut self, now: Millis) {
        self.files.retain(|_, file| {
            let is_known = file.known.is_some() && !file.is_masked;
            file.age(now) < WARM_MILLIS || file.is_behind() || !is_known
        });
    }

    /// Asks the archive how far it is with the files that seem to be behind.
    pub(super) fn settle(&mut self, connection: &Connection, guards: &ArchiveGuards) -> Result<()> {
        for (path, file) in self.files.iter_mut().filter(|(_, file)| file.is_behind()) {
            file.known = table::one(connection, guards, path)?;
        }
        Ok(())
    }

    /// Leaves alone what an import could not bring in, until it changes.
    pub(super) fn give_up_on_rest(&mut self) {
        for file in self.files.values_mut().filter(|file| file.is_behind()) {
            file.given_up = Some(file.seen);
        }
    }

    /// How many files have something new, and how many bytes.
    pub(super) fn waiting(&self) -> (u64, u64) {
        let behind = self.files.values().filter(|file| file.is_behind());
        behind.fold((0, 0), |(files, bytes), file| {
            (files + 1, bytes + file.bytes_behind())
        })
    }

    /// The files that have something new.
    pub(super) fn behind(&self) -> Vec<FoundLog> {
        let behind = self.files.iter().filter(|(_, file)| file.is_behind());
        behind
            .map(|(path, file)| FoundLog {
                path: path.clone(),
                size: file.seen.size,
                mtime: file.seen.mtime,
                named: false,
            })
            .collect()
    }

    /// Whether the next process would have to read many directories that this one has read.
    pub(super) fn is_worth_remembering(&self) -> bool {
        self.directories.is_worth_remembering()
    }

    /// Keeps in the archive when directories last changed, so that the next process needn't read
    /// them.
    pub(super) fn remember(
        &mut self,
        (connection, guards): (&Connection, &ArchiveGuards),
        now: Millis,
    ) -> Result<()> {
        let Some(roots) = &self.roots else {
            return Ok(());
        };
        // A log that isn't in the archive would never be found again by its directory alone.
        let unknown: FxHashSet<&Path> = self
            .files
            .iter()
            .filter(|(_, file)| file.known.is_none())
            .filter_map(|(path, _)| path.parent())
            .collect();
        self.directories
            .save((connection, guards), roots, &unknown, now)
    }
}

/// Whether a path isn't kept as it is, since there is a secret in it.
fn is_masked(guards: &ArchiveGuards, path: &Path) -> bool {
    let path = path.to_string_lossy();
    guards.as_kept(&path) != path
}

/// What tells whether a file changed; `None` where there is none (any more).
fn stamp(registry: Registry, path: &Path) -> Option<Stamp> {
    // Plain paths: relative to an open directory a look takes 2.0 µs instead of 2.8.
    let metadata = std::fs::metadata(path).ok()?;
    metadata
        .is_file()
        .then(|| Stamp::of(registry, path, &metadata))
}

/// Whether a compressed log lies beside the plain one, which is the same.
fn has_plain_twin(path: &Path) -> bool {
    path.extension().is_some_and(|e| e == "zst") && path.with_extension("").exists()
}
