//! Keeping the archive up to date while logs grow: a cheap look at which logs may have changed, and an
//! import of just these.
//!
//! A search does this before it answers, and a watcher when the system reports a change of a file. Of all
//! processes that do, one at a time imports; the others wait for it.

mod lock;
mod request;
mod table;
mod sweep;
mod unimported;

use std::time::{Duration, Instant};

use rusqlite::Connection;

use self::lock::IMPORT_LOCK;
pub(crate) use self::lock::{EMBED_LOCK, FORGET_LOCK, Lock};
pub use self::request::{CatchUp, Caught, Lag, Look};
pub use self::sweep::Sweeper;
pub use self::unimported::UnimportedLog;
pub(crate) use self::unimported::unimported;
use crate::guards::ArchiveGuards;
use crate::ingest::import;
use crate::store::lock_timeout;
use crate::{Error, Home, Result, Stop};

/// How long a write waits for another process's before it is put off. An import by hand holds the
/// archive for as long as half a second at a time.
const WRITE_TIMEOUT: Duration = Duration::from_millis(200);

/// How often what another process does is looked at.
const POLL_PAUSE: Duration = Duration::from_millis(4);

/// Looks at what may have changed, tells what that is, and imports it, newest first.
pub(crate) fn catch_up(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    home: &Home,
    sweeper: &mut Sweeper,
    request: &CatchUp,
    stop: &Stop,
    tell: &mut dyn FnMut(Caught),
) -> Result<Caught> {
    let usual = lock_timeout(connection)?;
    connection.busy_timeout(WRITE_TIMEOUT)?;
    let mut caught = Caught::default();
    let mut work = CatchUpWork {
        connection,
        guards,
        home,
        sweeper,
        request,
        stop,
    };
    let done = work.run(&mut caught, tell);
    connection.busy_timeout(usual)?;
    match done {
        Err(Error::Locked) => caught.elsewhere = true,
        done => done?,
    }
    caught.stopped = stop.is_set();
    (caught.waiting_files, caught.waiting_bytes) = sweeper.waiting();
    Ok(caught)
}

struct CatchUpWork<'a> {
    connection: &'a mut Connection,
    guards: &'a ArchiveGuards,
    home: &'a Home,
    sweeper: &'a mut Sweeper,
    request: &'a CatchUp,
    stop: &'a Stop,
}

impl CatchUpWork<'_> {
    fn run(&mut self, caught: &mut Caught, tell: &mut dyn FnMut(Caught)) -> Result<()> {
        caught.looked_at =
            self.sweeper
                .look((self.connection, self.guards), self.request, self.stop)?;
        // Another process may have read what this one sees changed.
        self.sweeper.settle(self.connection, self.guards)?;
        (caught.waiting_files, caught.waiting_bytes) = self.sweeper.waiting();
        caught.changed = caught.waiting_files;
        if caught.changed == 0 {
            return self.remember();
        }
        tell(*caught);
        self.import_or_wait(caught)
    }

    fn import_or_wait(&mut self, caught: &mut Caught) -> Result<()> {
        let began = Instant::now();
        while self.sweeper.waiting().0 > 0 && !self.stop.is_set() {
            if let Some(_lock) = Lock::try_take(self.home, IMPORT_LOCK)? {
                // Once more, since the one that had the lock may have read it all.
                self.sweeper.settle(self.connection, self.guards)?;
                caught.elsewhere = false;
                caught.added = self.import()?;
                return self.save();
            }
            caught.elsewhere = true;
            if began.elapsed() >= self.request.wait {
                break;
            }
            std::thread::sleep(POLL_PAUSE);
            self.sweeper.settle(self.connection, self.guards)?;
        }
        Ok(())
    }

    /// Imports what waits; returns how many messages that added.
    fn import(&mut self) -> Result<u64> {
        let files = self.sweeper.behind();
        if files.is_empty() {
            return Ok(0);
        }
        let report = import::files(
            self.connection,
            self.guards,
            &self.request.roots,
            files,
            self.request.now,
            self.stop,
        )?;
        self.sweeper.settle(self.connection, self.guards)?;
        if !report.stopped {
            // What is left can't be read, or has no record yet: it waits until it changes.
            self.sweeper.give_up_on_rest();
        }
        Ok(report.sources.iter().map(|source| source.added).sum())
    }

    /// Keeps what was found out of directories, if that saves the next process enough work.
    fn remember(&mut self) -> Result<()> {
        if !self.sweeper.is_worth_remembering() {
            return Ok(());
        }
        match Lock::try_take(self.home, IMPORT_LOCK)? {
            Some(_lock) => self.save(),
            None => Ok(()),
        }
    }

    fn save(&mut self) -> Result<()> {
        let (connection, guards) = (&*self.connection, self.guards);
        self.sweeper
            .remember((connection, guards), self.request.now)
    }
}
