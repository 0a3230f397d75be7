//! Looking for what guards find, in files, directories, standard input and the history of a
//! repository. It must not know how findings are printed, and writes nothing.

mod decode;
mod position;
mod allow;
mod text;
mod ignored;
mod walk;
mod history;
mod silence;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Mutex};

use guard::{Action, Engine, Kinds, Policy};

pub(crate) use self::allow::AllowFile;
pub(crate) use self::walk::{Exclude, Jobs, Wanted, history_job, jobs};

/// Something that was found, and where.
#[derive(Clone, Debug)]
pub(crate) struct Found {
    /// The file, as the person named it or below a directory that they named; `-` for standard
    /// input.
    pub(crate) path: Arc<str>,
    /// The commit that brought it in, when a history is looked through.
    pub(crate) commit: Option<Arc<str>>,
    /// Where it starts; lines and columns count from 1, columns in characters.
    pub(crate) from: (u64, u64),
    /// Where it ends: the column after its last character.
    pub(crate) to: (u64, u64),
    /// Its bytes in the file; a history has none.
    pub(crate) bytes: Option<(u64, u64)>,
    /// What it is.
    pub(crate) finding: guard::Finding,
    /// What the policy says.
    pub(crate) action: Action,
    /// The value with all but the last four characters hidden, for secrets and personal data.
    pub(crate) shown: Option<String>,
    /// What stays the same when lines before it change, where it was asked for.
    pub(crate) fingerprint: String,
}

/// What a scan tells as it goes.
#[derive(Debug)]
pub(crate) enum Told {
    /// Findings of one file, in its order.
    Found(Vec<Found>),
    /// A file was left out because it isn't text.
    Binary,
    /// Something couldn't be looked at.
    Problem {
        /// The file.
        path: String,
        /// What happened.
        trouble: Trouble,
    },
    /// A file or a history was looked through.
    Done {
        /// Files; of a history, those that commits changed, each time.
        files: u64,
        /// Its bytes.
        bytes: u64,
        /// How many findings somebody allowed beforehand.
        allowed: u64,
    },
}

/// Why something couldn't be looked at.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    /// What is wrong with it.
    pub(crate) what: String,
    /// What to do about it.
    pub(crate) hint: Option<&'static str>,
}

impl From<String> for Trouble {
    fn from(what: String) -> Self {
        Self { what, hint: None }
    }
}

/// How to look.
pub(crate) struct Scanner<'a> {
    /// What finds.
    pub(crate) engine: &'a Engine,
    /// What becomes of what was found.
    pub(crate) policy: &'a Policy,
    /// Whether findings get fingerprints.
    pub(crate) with_fingerprints: bool,
}

/// Something to look through.
pub(crate) struct Job {
    /// What it is.
    pub(crate) what: What,
    /// The name that findings bear.
    pub(crate) name: Arc<str>,
    /// Its path below the directory that exceptions are for.
    pub(crate) below: std::path::PathBuf,
    /// What is looked for in it.
    pub(crate) kinds: Kinds,
    /// What is allowed below the directory that it was found in.
    pub(crate) allow: Arc<AllowFile>,
}

/// What there is to look through.
pub(crate) enum What {
    /// A file that the person named, whatever it is.
    Named(std::path::PathBuf),
    /// A file of a directory; what isn't text is left out.
    Within(std::path::PathBuf),
    /// Standard input.
    Stdin,
    /// What the commits of a repository added.
    History {
        /// A directory in the repository.
        directory: std::path::PathBuf,
        /// Which commits; all of them if it isn't said.
        range: Option<String>,
        /// Paths that are left out.
        exclude: Exclude,
    },
    /// Nothing: it couldn't even be listed.
    Broken(Trouble),
}

/// Whether whoever is told wants to hear more.
pub(crate) type GoOn = bool;

/// Looks through all jobs, several at a time, and tells of them in their order.
pub(crate) fn scan<E>(
    scanner: &Scanner<'_>,
    jobs: impl Iterator<Item = Job> + Send,
    mut tell: impl FnMut(Told) -> Result<(), E>,
) -> Result<(), E> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get().min(4));
    let jobs = Mutex::new(jobs);
    let is_over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        // Each job has a channel of its own, and these come in the order of the jobs: so what is
        // told is in order, and nobody runs far ahead of whoever listens.
        let (sender, channels) = sync_channel(threads * 2);
        for _ in 0..threads {
            let sender = sender.clone();
            scope.spawn(|| work(scanner, &jobs, sender, &is_over));
        }
        drop(sender);
        let result = hear(&channels, &mut tell);
        is_over.store(true, Ordering::Relaxed);
        // Whoever waits to be heard must not wait any longer.
        drop(channels);
        result
    })
}

fn hear<E>(
    channels: &Receiver<Receiver<Told>>,
    tell: &mut impl FnMut(Told) -> Result<(), E>,
) -> Result<(), E> {
    for channel in channels {
        for told in channel {
            tell(told)?;
        }
    }
    Ok(())
}

#[expect(
    clippy::needless_pass_by_value,
    reason = "the last sender must be gone when the work is done"
)]
fn work(
    scanner: &Scanner<'_>,
    jobs: &Mutex<impl Iterator<Item = Job>>,
    channels: SyncSender<Receiver<Told>>,
    is_over: &AtomicBool,
) {
    loop {
        let (sender, receiver) = sync_channel(4);
        let job = {
            // A worker that has a bug takes the others along: what it left undone is unknown.
            let Ok(mut jobs) = jobs.lock() else { return };
            let Some(job) = jobs.next() else { return };
            if channels.send(receiver).is_err() {
                return;
            }
            job
        };
        let mut tell = |told| !is_over.load(Ordering::Relaxed) && sender.send(told).is_ok();
        run(scanner, &job, &mut tell);
    }
}

fn run(scanner: &Scanner<'_>, job: &Job, tell: &mut dyn FnMut(Told) -> GoOn) {
    let result = match &job.what {
        What::Named(path) => text::file(scanner, job, path, true, tell),
        What::Within(path) => text::file(scanner, job, path, false, tell),
        What::Stdin => {
            text::input(scanner, job, std::io::stdin().lock(), tell).map_err(Trouble::from)
        }
        What::History {
            directory,
            range,
            exclude,
        } => history::look_through(scanner, job, directory, range.as_deref(), exclude, tell)
            .map_err(Trouble::from),
        What::Broken(trouble) => Err(trouble.clone()),
    };
    if let Err(trouble) = result {
        let path = job.name.to_string();
        tell(Told::Problem { path, trouble });
    }
}
