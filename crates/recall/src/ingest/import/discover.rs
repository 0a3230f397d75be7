//! Which files to look at.

use std::path::{Path, PathBuf};

use rustc_hash::FxHashSet;
use transcript::{Registry, Source};
use walkdir::WalkDir;

use crate::store::WAL_SUFFIX;
use crate::{ImportRequest, Roots, Skipped};

/// A file that may be a log.
#[derive(Clone, Debug)]
pub(crate) struct FoundLog {
    pub(crate) path: PathBuf,
    pub(crate) size: u64,
    /// Nanoseconds since 1970.
    pub(crate) mtime: i64,
    /// Whether the person named this very file.
    pub(crate) named: bool,
}

impl FoundLog {
    /// The path as text, as it stands: what is kept or shown of it has its secrets masked.
    pub(crate) fn shown(&self) -> String {
        self.path.to_string_lossy().into_owned()
    }
}

/// Finds the files that a request means; what can't be looked at goes into `skipped`.
pub(crate) fn discover(request: &ImportRequest, skipped: &mut Vec<Skipped>) -> Vec<FoundLog> {
    let mut search = LogSearch {
        registry: request.roots.registry(),
        found: Vec::new(),
        seen: FxHashSet::default(),
        skipped,
    };
    if request.paths.is_empty() {
        for tree in trees(&request.roots, request.source) {
            search.tree(&tree, false);
        }
    }
    for path in &request.paths {
        search.named(path);
    }
    search.found
}

/// The directories that hold logs, whether they are there or not; of one source only, if so wanted.
pub(crate) fn trees(roots: &Roots, only: Option<Source>) -> Vec<PathBuf> {
    let sources = roots.registry().all().iter().copied();
    let wanted = sources.filter(|source| only.is_none_or(|only| only == *source));
    let mut trees = Vec::new();
    for source in wanted {
        let directories = source.roots().map_or(&[][..], |roots| roots.directories);
        for root in roots.of(source) {
            trees.extend(directories.iter().map(|directory| root.join(directory)));
        }
    }
    trees
}

struct LogSearch<'a> {
    registry: Registry,
    found: Vec<FoundLog>,
    /// Device and inode, where there are such: a file under two names is read once.
    seen: FxHashSet<(u64, u64)>,
    skipped: &'a mut Vec<Skipped>,
}

impl LogSearch<'_> {
    fn named(&mut self, path: &Path) {
        match fs_err::metadata(path) {
            Ok(metadata) if metadata.is_dir() => self.tree(path, true),
            Ok(metadata) => {
                let path = fs_err::canonicalize(path).unwrap_or_else(|_| path.to_owned());
                self.add(path, &metadata, true);
            }
            Err(error) => self.skip(path, unread(path, &error), true),
        }
    }

    fn tree(&mut self, root: &Path, named: bool) {
        // A source that isn't used on this machine has no directory: nothing to tell.
        if !root.exists() {
            return;
        }
        let root = fs_err::canonicalize(root).unwrap_or_else(|_| root.to_owned());
        for entry in WalkDir::new(&root).follow_links(true) {
            let entry = match entry {
                Ok(entry) => entry,
                Err(error) => {
                    let path = error.path().unwrap_or(&root).to_owned();
                    self.skip(&path, error.to_string(), named && path == root);
                    continue;
                }
            };
            let kind = entry.file_type();
            if kind.is_dir() || !is_log_name(self.registry, entry.path()) {
                continue;
            }
            if !kind.is_file() {
                // A named pipe or the like: opening it is refused, which says what it is.
                if let Err(error) = files::open(entry.path()) {
                    self.skip(entry.path(), error.to_string(), false);
                }
                continue;
            }
            match entry.metadata() {
                Ok(metadata) => self.add(entry.into_path(), &metadata, false),
                Err(error) => self.skip(entry.path(), error.to_string(), false),
            }
        }
    }

    fn add(&mut self, path: PathBuf, metadata: &std::fs::Metadata, named: bool) {
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            if !self.seen.insert((metadata.dev(), metadata.ino())) {
                return;
            }
        }
        // A compressed copy beside the plain file is the same log.
        if path.extension().is_some_and(|e| e == "zst") && path.with_extension("").exists() {
            return;
        }
        let stamp = Stamp::of(self.registry, &path, metadata);
        self.found.push(FoundLog {
            path,
            size: stamp.size,
            mtime: stamp.mtime,
            named,
        });
    }

    fn skip(&mut self, path: &Path, what: String, is_named: bool) {
        self.skipped.push(Skipped {
            path: path.to_string_lossy().into_owned(),
            what,
            is_named,
        });
    }
}

/// Why a file couldn't be read.
pub(crate) fn unread(path: &Path, error: &std::io::Error) -> String {
    match error.kind() {
        std::io::ErrorKind::NotFound => format!("no file or directory `{}`", path.display()),
        _ => error.to_string(),
    }
}

/// What tells whether a file changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stamp {
    pub(crate) size: u64,
    /// Nanoseconds since 1970.
    pub(crate) mtime: i64,
}

impl Stamp {
    /// The stamp of a file, of which this is known. What is written to a database may stand in a file
    /// beside it for long, which counts as a part of it.
    pub(crate) fn of(registry: Registry, path: &Path, metadata: &std::fs::Metadata) -> Self {
        let (mut size, mut mtime) = (metadata.len(), mtime_of(metadata));
        if registry.has_database_name(&path.file_name().unwrap_or_default().to_string_lossy()) {
            let mut beside = path.as_os_str().to_owned();
            beside.push(WAL_SUFFIX);
            if let Ok(log) = std::fs::metadata(beside) {
                size += log.len();
                mtime = mtime.max(mtime_of(&log));
            }
        }
        Self { size, mtime }
    }
}

/// When something changed, in nanoseconds since 1970.
pub(crate) fn mtime_of(metadata: &std::fs::Metadata) -> i64 {
    metadata
        .modified()
        .ok()
        .and_then(|time| time.duration_since(std::time::UNIX_EPOCH).ok())
        .map_or(0, |since| {
            i64::try_from(since.as_nanos()).unwrap_or(i64::MAX)
        })
}

/// Whether a file below a directory may be a log of one of the sources, by its name.
pub(crate) fn is_log_name(registry: Registry, path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    registry.has_file_name(&name)
}
