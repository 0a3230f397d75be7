//! What keeps the archive sound: its state, checks and repairs.

use super::opened::Archive;
use crate::guards::Gate;
use crate::{
    ProblemAt, Progress, Rescan, RescanReport, Result, Roots, SourceInfo, Status, Stop,
    VerifyReport, upkeep,
};

impl Archive {
    /// All sources (assistant programs and formats whose logs are read) of [`Roots::registry`], in its order,
    /// those without logs too, and after them others of which the archive holds something, such as
    /// reflections; with where their logs lie on this machine by `roots`.
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

    /// The size and state of the whole archive. It only counts rows and adds up the lengths of files, so that
    /// it is quick; whether the archive is sound says [`Self::verify`].
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn status(&self) -> Result<Status> {
        let home = self.home();
        self.ask(|connection, gate| {
            let status = upkeep::status(connection, home, gate.guards())?;
            Ok(gate.release(status))
        })
    }

    /// The places in logs that couldn't be understood when these were imported, in the order of path and
    /// line; at most `limit` of the [`Status::problems`]. One goes when an import reads that part of the log
    /// again, as it does with a log that was rewritten; that the log itself is gone changes nothing.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn problems(&self, limit: usize) -> Result<Vec<ProblemAt>> {
        self.ask(|connection, gate| Ok(gate.release(upkeep::problems(connection, limit)?)))
    }

    /// Checks the database, reads every message, and compares the indexes with them. Changes nothing. It
    /// ends early if `stop` is set or when 50 problems are found, which the report doesn't say.
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

    /// Checks what is stored by the guards' present rules and masks what they find; in a dry run only
    /// reports it. To be called when [`Status::is_rescan_due`]. The vectors of messages whose text changed
    /// are removed; [`Self::embed_pending`] makes them anew.
    ///
    /// # Errors
    /// If the scope names an unknown or ambiguous project, the vector index fails, or the archive can't be
    /// read or written. It is committed every 0.2 seconds or so: what was committed before stays, and if the
    /// whole archive was meant, the next rescan goes on from there.
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

    /// Rebuilds what is derived from the messages: the indexes of words and titles, the counts, and which
    /// project each directory belongs to. Returns sentences for a person that say what was done. If `stop`
    /// is set while the indexes are made, nothing is changed and the only sentence says so; later it leaves
    /// out the projects.
    ///
    /// # Errors
    /// If the archive can't be read or written. Indexes and counts are then as they were, unless it failed
    /// after these were committed, at the projects.
    pub fn repair(&mut self, stop: &Stop, progress: &dyn Progress) -> Result<Vec<String>> {
        self.forget_search();
        self.change(|parts| upkeep::repair(parts.connection, parts.guards, stop, progress))
    }
}
