//! What keeps the archive sound: its state, checks and repairs.

use super::opened::Archive;
use crate::guards::Gate;
use crate::{
    ProblemAt, Progress, Rescan, RescanReport, Result, Roots, SourceInfo, Status, Stop,
    VerifyReport, upkeep,
};

impl Archive {
    /// All sources, with where their logs lie on this machine.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn sources(&self, roots: &Roots) -> Result<Vec<SourceInfo>> {
        self.ask(|connection, gate| {
            let mut sources = upkeep::sources(connection, roots)?;
            for root in sources.iter_mut().flat_map(|source| &mut source.roots) {
                *root = gate.guards().as_kept(root).into_owned();
            }
            Ok(gate.release(sources))
        })
    }

    /// The state of the archive.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn status(&self) -> Result<Status> {
        let home = self.home();
        self.ask(|connection, gate| Ok(gate.release(upkeep::status(connection, home)?)))
    }

    /// Problems met in files, by file and line, at most `limit`.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn problems(&self, limit: usize) -> Result<Vec<ProblemAt>> {
        self.ask(|connection, gate| Ok(gate.release(upkeep::problems(connection, limit)?)))
    }

    /// Checks the database, reads every message, and compares the indexes with them.
    ///
    /// # Errors
    /// If the archive can't be read at all; what is wrong with it is in the report.
    pub fn verify(&self, stop: &Stop, progress: &dyn Progress) -> Result<VerifyReport> {
        let vectors = self.vectors();
        self.ask(|connection, gate| {
            let report = upkeep::verify(connection, vectors, stop, progress)?;
            Ok(gate.release(report))
        })
    }

    /// Checks what is stored by the rules of today, and masks what they find; or, in a dry run, only
    /// tells what that would be. Texts that change are embedded anew some time.
    ///
    /// # Errors
    /// If the name of the project means nothing or several, or the archive can't be read or written.
    /// What was done before stays, and the next rescan goes on from there.
    pub fn rescan(
        &mut self,
        request: &Rescan,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<RescanReport> {
        self.forget_search();
        self.change(|parts| {
            let gate = Gate::new(parts.guards);
            let writes = (parts.connection, parts.guards);
            let report = upkeep::rescan(writes, parts.vectors, request, stop, progress)?;
            Ok(gate.release(report))
        })
    }

    /// Rebuilds what is derived from the messages. Returns what was done.
    ///
    /// # Errors
    /// If the archive can't be read or written.
    pub fn repair(&mut self, stop: &Stop, progress: &dyn Progress) -> Result<Vec<String>> {
        self.forget_search();
        self.change(|parts| upkeep::repair(parts.connection, parts.guards, stop, progress))
    }
}
