//! Which files there are to look through: those that a person names, and of directories what isn't
//! ignored by git, hidden files too; links are not followed.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use guard::Kinds;
use ignore::WalkBuilder;
use ignore::overrides::{Override, OverrideBuilder};

use super::{AllowFile, Job, What};
use crate::exit::Usage;
use crate::settings::Fault;

/// Paths that are left out.
#[derive(Clone, Debug)]
pub(crate) struct Exclude(Override);

impl Exclude {
    /// What matches one of these, written as in `.gitignore`.
    pub(crate) fn new(globs: &[String]) -> Result<Self, Usage> {
        let mut builder = OverrideBuilder::new("");
        for glob in globs {
            let added = builder.add(&format!("!{glob}"));
            added.map_err(|error| Usage::new(format!("`--exclude`: {error}")))?;
        }
        let built = builder.build();
        built
            .map(Self)
            .map_err(|error| Usage::new(format!("`--exclude`: {error}")))
    }

    /// Whether a path is left out.
    pub(super) fn leaves_out(&self, path: &Path, is_dir: bool) -> bool {
        self.0.matched(path, is_dir).is_ignore()
    }
}

/// What is to be looked through, and for what.
pub(crate) struct Wanted {
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
pub(crate) fn jobs(paths: &[PathBuf], wanted: &Wanted) -> Result<Vec<Jobs>, Fault> {
    paths.iter().map(|path| jobs_of(path, wanted)).collect()
}

/// The jobs of one path.
pub(crate) type Jobs = Box<dyn Iterator<Item = Job> + Send>;

fn jobs_of(path: &Path, wanted: &Wanted) -> Result<Jobs, Fault> {
    let name: Arc<str> = path.to_string_lossy().into();
    if path == Path::new("-") {
        return Ok(Box::new(std::iter::once(Job {
            what: What::Stdin,
            name,
            below: PathBuf::new(),
            kinds: wanted.in_named,
            allow: Arc::default(),
        })));
    }
    if path.is_dir() {
        return walk(path, wanted);
    }
    Ok(Box::new(std::iter::once(Job {
        what: What::Named(path.to_owned()),
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
    wanted: &Wanted,
) -> Result<Job, Fault> {
    Ok(Job {
        what: What::History {
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

fn walk(root: &Path, wanted: &Wanted) -> Result<Jobs, Fault> {
    let allow = Arc::new(AllowFile::of(root)?);
    let kinds = wanted.in_directories;
    let root = root.to_owned();
    let (exclude, above) = (wanted.exclude.clone(), root.clone());
    let mut builder = WalkBuilder::new(&root);
    builder
        .hidden(false)
        .ignore(false)
        .git_global(false)
        .git_ignore(!wanted.with_ignored)
        .git_exclude(!wanted.with_ignored)
        .follow_links(false)
        .sort_by_file_path(Path::cmp)
        .filter_entry(move |entry| {
            let is_dir = entry.file_type().is_some_and(|kind| kind.is_dir());
            let below = entry.path().strip_prefix(&above).unwrap_or(entry.path());
            let is_git = entry.file_name() == ".git";
            !is_git && (below == Path::new("") || !exclude.leaves_out(below, is_dir))
        });
    let jobs = builder.build().filter_map(move |entry| {
        let (what, path) = match entry {
            Ok(entry) if entry.file_type().is_some_and(|kind| kind.is_file()) => {
                let path = entry.into_path();
                (What::Within(path.clone()), path)
            }
            Ok(_) => return None,
            Err(error) => (What::Broken(error.to_string()), root.clone()),
        };
        let shown = path.strip_prefix("./").unwrap_or(&path);
        Some(Job {
            what,
            name: shown.to_string_lossy().into(),
            below: path.strip_prefix(&root).unwrap_or(&path).to_owned(),
            kinds,
            allow: Arc::clone(&allow),
        })
    });
    Ok(Box::new(jobs))
}
