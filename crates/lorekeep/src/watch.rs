//! What wakes a watcher: the system's word that something changed in a directory, or the clock where
//! the system has no such word to give.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use notify::{EventKind, RecommendedWatcher, RecursiveMode, Watcher as _};
use recall::{Look, Roots, Stop, Sweeper};
use transcript::Registry;

use crate::clock;

/// How often the watcher checks whether it was asked to end: a signal wakes no thread.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Time without another change after which changes are looked at.
const QUIET_TIME: Duration = Duration::from_millis(100);
/// Time after the first change after which changes are looked at, even if more go on coming.
const MAX_GATHER_TIME: Duration = Duration::from_millis(500);

/// How often hot files are looked at where the system tells of no change.
pub(crate) const POLL_INTERVAL: Duration = Duration::from_secs(2);

/// How often warm files, and some cold ones, are looked at in any case: a network's file system tells
/// of nothing.
const ROUND_INTERVAL: Duration = Duration::from_secs(60);

/// How long such a round may take.
const ROUND_TIME: Duration = Duration::from_millis(8);

/// Time after which an import is tried again that another process was in the way of.
const RETRY_INTERVAL: Duration = Duration::from_secs(1);

/// Waits for changes below the roots.
pub(crate) struct Watch {
    roots: Roots,
    news: Option<News>,
    /// Why the system can't be listened to, until somebody asks.
    deaf: Option<notify::Error>,
    poll: Duration,
    last_poll: Instant,
    last_round: Instant,
}

/// The system's notifications of changed files.
struct News {
    watcher: RecommendedWatcher,
    heard: Receiver<notify::Result<notify::Event>>,
    /// Trees that are listened to.
    watched: Vec<PathBuf>,
}

/// Why a watcher woke up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    /// Something may have changed.
    Look(Look),
    /// Nothing has, for a moment.
    Nothing,
    /// It was asked to end.
    End,
}

impl Watch {
    /// Listens to the system from now on; with `poll`, looks by itself so often instead, and as often
    /// as [`POLL_INTERVAL`] if the system can't be listened to.
    pub(crate) fn start(roots: Roots, poll: Option<Duration>) -> Self {
        let now = clock::instant();
        let mut watch = Self {
            roots,
            news: None,
            deaf: None,
            poll: poll.unwrap_or(POLL_INTERVAL),
            last_poll: now,
            last_round: now,
        };
        if poll.is_none() {
            match News::listen() {
                Ok(news) => watch.news = Some(news),
                Err(error) => watch.deaf = Some(error),
            }
            watch.follow_trees();
        }
        watch
    }

    /// Whether the system tells of changes.
    pub(crate) fn listens(&self) -> bool {
        self.news.is_some()
    }

    /// How often it looks by itself.
    pub(crate) fn poll(&self) -> Duration {
        self.poll
    }

    /// Why the system can't be listened to any more; told once.
    pub(crate) fn complaint(&mut self) -> Option<String> {
        let error = self.deaf.take()?;
        Some(match error.kind {
            notify::ErrorKind::MaxFilesWatch => {
                "the system watches no more directories (see fs.inotify.max_user_watches)".into()
            }
            _ => format!("the system doesn't tell of changes: {error}"),
        })
    }

    /// Waits for a moment, or until something may have changed, and tells the sweeper what. With
    /// `is_behind` something is known to wait, so that it is tried again soon.
    pub(crate) fn next(&mut self, sweeper: &mut Sweeper, is_behind: bool, stop: &Stop) -> Wake {
        if stop.is_set() {
            return Wake::End;
        }
        if let Some(event) = self.hear(STOP_CHECK_INTERVAL) {
            self.collect(event, sweeper);
            let look = if self.listens() {
                Look::Touched
            } else {
                Look::Hot
            };
            return Wake::Look(self.widen(look));
        }
        let pause = if is_behind { RETRY_INTERVAL } else { self.poll };
        if self.last_poll.elapsed() < pause {
            return Wake::Nothing;
        }
        self.last_poll = clock::instant();
        // Trees that are not there yet are looked for in either case. What changed in one before it
        // was listened to, nobody told.
        if self.follow_trees() {
            sweeper.touch_all();
            return Wake::Look(Look::Within(ROUND_TIME));
        }
        if self.news.is_none() {
            return Wake::Look(self.widen(Look::Hot));
        }
        match self.widen(Look::Touched) {
            Look::Touched if !is_behind => Wake::Nothing,
            look => Wake::Look(look),
        }
    }

    /// The look to take: from time to time more than would be needed.
    fn widen(&mut self, look: Look) -> Look {
        if self.last_round.elapsed() < ROUND_INTERVAL {
            return look;
        }
        self.last_round = clock::instant();
        Look::Within(ROUND_TIME)
    }

    /// Listens to trees that are new; returns whether there may be what was not told.
    fn follow_trees(&mut self) -> bool {
        let Some(news) = &mut self.news else {
            return false;
        };
        match news.follow(Sweeper::trees(&self.roots)) {
            Ok(has_new) => has_new,
            Err(error) => {
                self.give_up(error);
                true
            }
        }
    }

    fn give_up(&mut self, error: notify::Error) {
        self.news = None;
        self.deaf = Some(error);
    }

    fn hear(&self, patience: Duration) -> Option<notify::Result<notify::Event>> {
        let Some(news) = &self.news else {
            std::thread::sleep(patience);
            return None;
        };
        match news.heard.recv_timeout(patience) {
            Ok(event) => Some(event),
            Err(RecvTimeoutError::Timeout) => None,
            Err(RecvTimeoutError::Disconnected) => {
                std::thread::sleep(patience);
                None
            }
        }
    }

    /// Takes all that comes in a row.
    fn collect(&mut self, first: notify::Result<notify::Event>, sweeper: &mut Sweeper) {
        let began = clock::instant();
        let mut next = Some(first);
        while let Some(event) = next {
            match event {
                Ok(event) => note(&event, self.roots.registry(), sweeper),
                Err(error) => {
                    sweeper.touch_all();
                    return self.give_up(error);
                }
            }
            let left = MAX_GATHER_TIME.saturating_sub(began.elapsed());
            next = match left.is_zero() {
                true => None,
                false => self.hear(QUIET_TIME.min(left)),
            };
        }
    }
}

impl News {
    fn listen() -> notify::Result<Self> {
        let (sender, heard) = channel();
        let watcher = notify::recommended_watcher(move |event: notify::Result<notify::Event>| {
            let is_reading = |event: &notify::Event| matches!(event.kind, EventKind::Access(_));
            // Reading changes nothing, and is what an import does.
            if !event.as_ref().is_ok_and(is_reading) {
                // Where nobody listens any more there is nobody to tell.
                let _ = sender.send(event);
            }
        })?;
        Ok(Self {
            watcher,
            heard,
            watched: Vec::new(),
        })
    }

    fn follow(&mut self, trees: Vec<PathBuf>) -> notify::Result<bool> {
        self.watched.retain(|tree| trees.contains(tree));
        let mut has_new = false;
        for tree in trees {
            if !self.watched.contains(&tree) {
                self.watcher.watch(&tree, RecursiveMode::Recursive)?;
                self.watched.push(tree);
                has_new = true;
            }
        }
        Ok(has_new)
    }
}

fn note(event: &notify::Event, registry: Registry, sweeper: &mut Sweeper) {
    if event.need_rescan() {
        sweeper.touch_all();
    }
    for path in &event.paths {
        if is_of_interest(path, registry) {
            sweeper.touch(path);
        }
    }
}

/// Logs, and what has no ending and may be a directory.
fn is_of_interest(path: &Path, registry: Registry) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    // What is written to a database stands in a file beside it first.
    let name = name.strip_suffix("-wal").unwrap_or(&name);
    path.extension().is_none() || registry.has_file_name(name) || path.is_dir()
}
