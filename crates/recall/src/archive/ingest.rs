//! What is put into the archive: logs, and the vectors of what they say.

use embed::Embedder;
use transcript::Millis;

use super::opened::Archive;
use crate::guards::Gate;
use crate::index::embedding::EmbeddingRun;
use crate::ingest::{fresh, import};
use crate::{
    CatchUp, Caught, ImportReport, ImportRequest, Progress, Result, Roots, Stop, Sweeper,
    UnimportedLog,
};

impl Archive {
    /// Imports what is new in the files that the request means. What can't be understood is in the
    /// report; nothing is ever removed.
    ///
    /// # Errors
    /// If the archive can't be written. What was imported before stays.
    pub fn import(
        &mut self,
        request: &ImportRequest,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<ImportReport> {
        self.change(|parts| {
            let gate = Gate::new(parts.guards);
            let report = import::run(parts.connection, parts.guards, request, stop, progress)?;
            Ok(gate.release(report))
        })
    }

    /// Looks at what may have changed in the logs and imports it, newest first. Of several processes
    /// that do so at a time one imports, and the others wait for it as long as the request says.
    /// `tell` hears what waits before the import begins, if anything does.
    ///
    /// # Errors
    /// If the archive can't be read or written; but where others keep it locked, that is no error:
    /// the report tells what still waits.
    pub fn catch_up(
        &mut self,
        sweeper: &mut Sweeper,
        request: &CatchUp,
        stop: &Stop,
        tell: &mut dyn FnMut(Caught),
    ) -> Result<Caught> {
        self.change(|parts| {
            let gate = Gate::new(parts.guards);
            let writes = (parts.connection, parts.guards);
            let caught = fresh::catch_up(writes, parts.home, sweeper, request, stop, tell)?;
            Ok(gate.release(caught))
        })
    }

    /// Logs that last changed more than `days` ago and are not imported, or not to their end, oldest
    /// first; only of sources that delete their logs after a while.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn unimported(&self, roots: &Roots, now: Millis, days: u32) -> Result<Vec<UnimportedLog>> {
        self.ask(|connection, gate| {
            let logs = fresh::unimported((connection, gate.guards()), roots, now, days)?;
            Ok(gate.release(logs))
        })
    }

    /// Embeds messages that wait for it, newest first, until none is left or `stop` is set.
    /// Returns how many. Several processes may do this at once and share the work.
    ///
    /// # Errors
    /// If the model fails or the archive can't be written. What was embedded before stays.
    pub fn embed_pending(
        &mut self,
        embedder: &dyn Embedder,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<u64> {
        self.embed(embedder, |run| run.all(stop, progress))
    }

    /// Embeds some of the messages that wait for it, newest first: about as many as have `passages`
    /// passages, a few at a time. Returns how many. Does nothing while another process does this.
    ///
    /// # Errors
    /// If the model fails or the archive can't be written. What was embedded before stays.
    pub fn embed_some(
        &mut self,
        embedder: &dyn Embedder,
        passages: usize,
        stop: &Stop,
    ) -> Result<u64> {
        match fresh::Lock::try_take(self.home(), fresh::EMBED_LOCK)? {
            Some(_lock) => self.embed(embedder, |run| run.some(passages, stop)),
            None => Ok(0),
        }
    }

    fn embed(
        &mut self,
        embedder: &dyn Embedder,
        embed: impl FnOnce(&mut EmbeddingRun<'_>) -> Result<u64>,
    ) -> Result<u64> {
        self.change(|parts| {
            let gate = Gate::new(parts.guards);
            let mut run = EmbeddingRun {
                connection: parts.connection,
                index: parts.vectors,
                embedder,
            };
            Ok(gate.release(embed(&mut run)?))
        })
    }
}
