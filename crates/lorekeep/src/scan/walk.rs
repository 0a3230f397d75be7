//! Which files there are to look through: those that a person names, and of directories what isn't
//! ignored by git, hidden files too; links are not followed.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;

use guard::Kinds;
use ignore::WalkBuilder;

use super::allow::AllowFile;
use super::exclude::Exclude;
use super::ignored;
use super::job::{JobSubject, ScanJob, ScanTrouble};
use crate::fault::Fault;
use crate::input;

/// What is to be looked through, and for what.
pub(crate) struct ScanWishes {
    /// What is looked for in files that are named, and in standard input.
    pub(crate) in_named: Kinds,
    /// What is looked for in directories.
    pub(crate) in_directories: Kinds,
    /// Paths that are left out.
    pub(crate) exclude: Exclude,
    /// Whether what git ignores is looked through too.
    pub(crate) with_ignored: bool,
}

/// A job for each file. `-` is standard input.
pub(crate) fn jobs(paths: &[PathBuf], wanted: &ScanWishes) -> Result<Vec<ScanJobs>, Fault> {
    paths.iter().map(|path| jobs_of(path, wanted)).collect()
}

/// The jobs of one path.
pub(crate) type ScanJobs = Box<dyn Iterator<Item = ScanJob> + Send>;

fn jobs_of(path: &Path, wanted: &ScanWishes) -> Result<ScanJobs, Fault> {
    let name: Arc<str> = path.to_string_lossy().into();
    if input::is_standard(path) {
        return Ok(Box::new(std::iter::once(ScanJob {
            what: JobSubject::Stdin,
            name,
            below: PathBuf::new(),
            kinds: wanted.in_named,
            allow: Arc::default(),
        })));
    }
    if path.is_dir() {
        return walk(path, wanted);
    }
    Ok(Box::new(std::iter::once(ScanJob {
        what: JobSubject::Named(path.to_owned()),
        name,
        below: path.strip_prefix(".").unwrap_or(path).to_owned(),
        kinds: wanted.in_named,
        allow: Arc::new(AllowFile::of(Path::new("."))?),
    })))
}

/// The job of a repository's history.
pub(crate) fn history_job(
    directory: &Path,
    range: Option<&str>,
    wanted: &ScanWishes,
) -> Result<ScanJob, Fault> {
    Ok(ScanJob {
        what: JobSubject::History {
            directory: directory.to_owned(),
            range: range.map(str::to_owned),
            exclude: wanted.exclude.clone(),
        },
        name: directory.to_string_lossy().into(),
        below: PathBuf::new(),
        kinds: wanted.in_directories,
        allow: Arc::new(AllowFile::of(directory)?),
    })
}

fn walk(root: &Path, wanted: &ScanWishes) -> Result<ScanJobs, Fault> {
    let base = DirectoryJobs {
        root: root.to_owned(),
        kinds: wanted.in_directories,
        allow: Arc::new(AllowFile::of(root)?),
    };
    let has_rules = !wanted.with_ignored;
    if has_rules && let Some(trouble) = ignored::trouble_above(root) {
        return Ok(Box::new(std::iter::once(base.broken(root, trouble))));
    }
    let (exclude, above) = (wanted.exclude.clone(), root.to_owned());
    // Directories whose rules can't be read are left out, and told of.
    let (sender, troubles) = channel();
    let mut builder = WalkBuilder::new(root);
    builder
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_ignore(has_rules)
        .git_exclude(has_rules)
        .follow_links(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| {
            let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
            let below = entry.path().strip_prefix(&above).unwrap_or(entry.path());
            if entry.file_name() == ".git"
                || (below != Path::new("") && exclude.leaves_out(below, is_dir))
            {
                return false;
            }
            let trouble = (has_rules && is_dir).then(|| ignored::trouble(entry.path()));
            let Some(trouble) = trouble.flatten() else {
                return true;
            };
            // Whoever listens no longer doesn't need it.
            let _ = sender.send((entry.path().to_owned(), trouble));
            false
        });
    let mut entries = builder.build();
    let mut next = None;
    Ok(Box::new(std::iter::from_fn(move || {
        loop {
            // A directory is tried before the entry after it is known.
            if let Ok((directory, trouble)) = troubles.try_recv() {
                return Some(base.broken(&directory, trouble));
            }
            if next.is_some() {
                return next.take();
            }
            match entries.next() {
                Some(entry) => next = base.job(entry),
                None => {
                    let (directory, trouble) = troubles.try_recv().ok()?;
                    return Some(base.broken(&directory, trouble));
                }
            }
        }
    })))
}

/// What the jobs of a directory have in common.
struct DirectoryJobs {
    root: PathBuf,
    kinds: Kinds,
    allow: Arc<AllowFile>,
}

impl DirectoryJobs {
    /// The job of an entry, unless it is a directory or a link.
    fn job(&self, entry: Result<ignore::DirEntry, ignore::Error>) -> Option<ScanJob> {
        match entry {
            Ok(entry)
                if entry
                    .file_type()
                    .is_some_and(|kind| !kind.is_dir() && !kind.is_symlink()) =>
            {
                let path = entry.into_path();
                Some(self.of(&path, JobSubject::Within(path.clone())))
            }
            Ok(_) => None,
            Err(error) => Some(self.broken(&self.root, error.to_string().into())),
        }
    }

    fn broken(&self, path: &Path, trouble: ScanTrouble) -> ScanJob {
        self.of(path, JobSubject::Broken(trouble))
    }

    fn of(&self, path: &Path, what: JobSubject) -> ScanJob {
        let shown = path.strip_prefix("./").unwrap_or(path);
        ScanJob {
            what,
            name: shown.to_string_lossy().into(),
            below: path.strip_prefix(&self.root).unwrap_or(path).to_owned(),
            kinds: self.kinds,
            allow: Arc::clone(&self.allow),
        }
    }
}
