//! What is put into the archive: logs (the files in which assistants record conversations), and the vectors
//! of their messages for searches by meaning.

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
    /// Imports what is new in the files that the request means, those that changed last first. Files and
    /// records that can't be read or understood are no error: the report lists them. Nothing is ever
    /// removed from the archive. After `stop` is set it ends at the next commit and says so in the report.
    ///
    /// # Errors
    /// If the archive can't be read or written. It is committed after each half second or 8 MiB of logs:
    /// what was committed before the error stays, and the next import goes on from there.
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

    /// Looks at the logs that may have changed and imports what is new in them, logs that changed last first:
    /// what a process calls before each search, with the same `sweeper` each time. [`CatchUp::look`] says how
    /// long the look may take; the import has no limit, but ends at its next commit once `stop` is set
    /// ([`Caught::stopped`]). Of several processes that do so at a time one imports, and the others wait for
    /// it as long as [`CatchUp::wait`] says. If anything is new, `tell` is called once before the import, with
    /// the files and bytes that wait.
    ///
    /// # Errors
    /// If the archive can't be read or written; what was committed before stays. That another process keeps
    /// it locked is no error: then [`Caught::elsewhere`] is set, and the result tells what still waits.
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

    /// Has every log read from its start by the next import, which adds what the archive doesn't have: for
    /// when something is excluded no longer ([`Exclusions`](crate::Exclusions)).
    ///
    /// # Errors
    /// If the archive can't be written.
    pub fn read_logs_again(&mut self) -> Result<()> {
        self.change(|parts| {
            import::read_all_again(parts.connection)?;
            Ok(Gate::new(parts.guards).release(()))
        })
    }

    /// The logs that are in danger of being lost: those of sources that delete their logs after a while,
    /// that last changed `days` days before `now` or earlier, and that are not imported, or not to their
    /// end. Those that changed longest ago come first.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn unimported(&self, roots: &Roots, now: Millis, days: u32) -> Result<Vec<UnimportedLog>> {
        self.ask(|connection, gate| {
            let logs = fresh::unimported((connection, gate.guards()), roots, now, days)?;
            Ok(gate.release(logs))
        })
    }

    /// Embeds (makes the vectors of) all messages that have none yet, newest first, until none is left or
    /// `stop` is set. Returns how many messages that were. If another model embedded the archive before,
    /// its vectors are removed and everything is embedded anew. Several processes may do this at once and
    /// share the work.
    ///
    /// # Errors
    /// If the model fails, or the archive can't be read or written. Vectors are committed every 64 passages
    /// or so: what was committed before stays.
    pub fn embed_pending(
        &mut self,
        embedder: &dyn Embedder,
        stop: &Stop,
        progress: &dyn Progress,
    ) -> Result<u64> {
        self.embed(embedder, |run| run.all(stop, progress))
    }

    /// Embeds some of the messages that have no vectors yet, newest first: as many as make up about
    /// `passages` passages (see [`PassageId`](crate::PassageId)), 8 or so at a time, so that a search
    /// beside it doesn't wait long for the model. Returns the number of messages; 0 while another process
    /// does this.
    ///
    /// # Errors
    /// As [`Self::embed_pending`]; and if the file by which processes take turns can't be opened.
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
