//! Looking for what guards find, in files, directories, standard input and the history of a
//! repository. It must not know how findings are printed, and writes nothing.

mod job;
mod decode;
mod position;
mod allow;
mod exclude;
mod text;
mod ignored;
mod walk;
mod history;
mod silence;

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

pub(crate) use self::allow::setting as allow_setting;
pub(crate) use self::exclude::Exclude;
use self::job::{GoOn, JobSubject, ScanTrouble};
pub(crate) use self::job::{ScanEvent, ScanFinding, ScanJob, TextScanner};
pub(crate) use self::text::last_four;
pub(crate) use self::walk::{ScanJobs, ScanWishes, history_job, jobs};

/// Looks through all jobs, several at a time, and tells of them in their order.
pub(crate) fn scan<E>(
    scanner: &TextScanner<'_>,
    jobs: impl Iterator<Item = ScanJob> + Send,
    mut tell: impl FnMut(ScanEvent) -> Result<(), E>,
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
    channels: &Receiver<Receiver<ScanEvent>>,
    tell: &mut impl FnMut(ScanEvent) -> Result<(), E>,
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
    scanner: &TextScanner<'_>,
    jobs: &Mutex<impl Iterator<Item = ScanJob>>,
    channels: SyncSender<Receiver<ScanEvent>>,
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

fn run(scanner: &TextScanner<'_>, job: &ScanJob, tell: &mut dyn FnMut(ScanEvent) -> GoOn) {
    let result = match &job.what {
        JobSubject::Named(path) => text::file(scanner, job, path, true, tell),
        JobSubject::Within(path) => text::file(scanner, job, path, false, tell),
        JobSubject::Stdin => {
            text::input(scanner, job, std::io::stdin().lock(), tell).map_err(ScanTrouble::from)
        }
        JobSubject::History {
            directory,
            range,
            exclude,
        } => history::look_through(scanner, job, directory, range.as_deref(), exclude, tell)
            .map_err(ScanTrouble::from),
        JobSubject::Broken(trouble) => Err(trouble.clone()),
    };
    if let Err(trouble) = result {
        let path = job.name.to_string();
        if matches!(job.what, JobSubject::Within(_)) && trouble.is_no_file() {
            let what = trouble.what;
            tell(ScanEvent::Skipped { path, what });
            return;
        }
        tell(ScanEvent::Problem { path, trouble });
    }
}
