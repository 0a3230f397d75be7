//! The default vector index: vectors in the archive's own database, and an exact scan of all of them.
//!
//! The database has the vectors in batches, as they were embedded ([`batch`]). What a search scans is
//! derived from it ([`loaded`]): vectors grouped by project, so that a search in a project can't meet
//! another's. Small archives hold them in memory; larger ones in a file that all processes map
//! ([`snapshot`]), and in memory what came after it, unless no file may be written.

mod batch;
mod rows;
mod snapshot;
mod loaded;
#[cfg(test)]
mod tests;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use embed::matrix::MatrixQuery;
use embed::{Embedding, ModelId};
use rusqlite::{Connection, OptionalExtension as _};
use rustc_hash::FxHashMap;

use self::loaded::{LoadedVectors, SnapshotFiles};
use super::passage::PassageId;
use super::vectors::{
    ArchiveState, VectorFilter, VectorHit, VectorIndex, VectorQuery, VectorSpace,
};
use crate::Result;
use crate::store::{MessageId, note_erasure, regroup};

/// Vectors outside of the file from which on a file is worth it.
const MIN_SNAPSHOT_ROWS: usize = 20_000;

/// Problems that [`VectorIndex::verify`] lists.
const MAX_PROBLEMS: usize = 50;

/// The vector index in the archive's own database.
#[derive(Default)]
pub(crate) struct EmbeddedIndex {
    /// Where snapshot files are; without it everything is held in memory.
    files: Option<SnapshotFiles>,
    /// What was read so far. A search holds on to it while another one reads on.
    loaded: Mutex<Arc<LoadedVectors>>,
    /// Filled by the first [`VectorIndex::erase`] that needs it.
    batches: Mutex<BatchesOfMessages>,
}

impl EmbeddedIndex {
    /// An index that writes snapshot files of large archives into a directory.
    pub(crate) fn with_files(directory: PathBuf) -> Self {
        Self {
            files: Some(SnapshotFiles {
                directory,
                min_rows: MIN_SNAPSHOT_ROWS,
            }),
            ..Self::default()
        }
    }

    /// An index that neither writes nor reads a file beside the database.
    pub(crate) fn in_memory() -> Self {
        Self::default()
    }

    /// The vectors of a space in the state of the archive.
    fn load(
        &self,
        archive: &ArchiveState<'_>,
        space: VectorSpace<'_>,
    ) -> Result<Arc<LoadedVectors>> {
        // What a panic left half read is read anew.
        let mut loaded = self.loaded.lock().unwrap_or_else(|poisoned| {
            let mut loaded = poisoned.into_inner();
            *loaded = Arc::default();
            loaded
        });
        self.loaded.clear_poison();
        if !loaded.is_current(archive, space)? {
            let files = self.files.as_ref();
            let refreshed = Arc::make_mut(&mut loaded).refresh(archive, space, files);
            if let Err(error) = refreshed {
                *loaded = Arc::default();
                return Err(error);
            }
        }
        Ok(Arc::clone(&loaded))
    }

    fn batches(&self) -> MutexGuard<'_, BatchesOfMessages> {
        let batches = self.batches.lock();
        batches.unwrap_or_else(PoisonError::into_inner)
    }
}

impl VectorIndex for EmbeddedIndex {
    fn prepare(&self, archive: &ArchiveState<'_>, space: VectorSpace<'_>) -> Result<u64> {
        Ok(self.load(archive, space)?.len() as u64)
    }

    fn nearest(
        &self,
        archive: &ArchiveState<'_>,
        query: VectorQuery<'_>,
        filter: &VectorFilter,
        limit: usize,
    ) -> Result<Vec<VectorHit>> {
        let loaded = self.load(archive, query.space())?;
        let query = MatrixQuery::new(query.vector);
        loaded.nearest(archive.connection(), &query, filter, limit)
    }

    fn scores(
        &self,
        archive: &ArchiveState<'_>,
        query: VectorQuery<'_>,
        messages: &[MessageId],
    ) -> Result<Vec<Option<VectorHit>>> {
        let loaded = self.load(archive, query.space())?;
        loaded.scores(archive, &MatrixQuery::new(query.vector), messages)
    }

    fn upsert(
        &self,
        archive: &ArchiveState<'_>,
        model: &ModelId,
        vectors: &[(PassageId, Embedding)],
    ) -> Result<()> {
        let connection = archive.connection();
        let Some(batch) = batch::insert(connection, model, vectors)? else {
            return Ok(());
        };
        // Reflections and facts are changed and deleted often: theirs are found without reading all batches.
        let [mut reflection, mut fact] = [
            connection.prepare_cached("UPDATE reflection SET vectors = ?2 WHERE message = ?1")?,
            connection.prepare_cached("UPDATE fact SET vectors = ?2 WHERE message = ?1")?,
        ];
        let mut last = None;
        for message in vectors.iter().map(|(passage, _)| passage.message()) {
            if last != Some(message) {
                if reflection.execute([message.0, batch])? == 0 {
                    fact.execute([message.0, batch])?;
                }
                last = Some(message);
            }
        }
        Ok(())
    }

    fn erase(&self, archive: &ArchiveState<'_>, messages: &[MessageId]) -> Result<()> {
        let connection = archive.connection();
        let (mut is_erased, mut is_in_file) = (false, false);
        for message in messages {
            let of_reflection: Option<Option<i64>> = connection
                .prepare_cached(
                    "SELECT vectors FROM reflection WHERE message = ?1
                     UNION ALL SELECT vectors FROM fact WHERE message = ?1",
                )?
                .query_row([message.0], |row| row.get(0))
                .optional()?;
            let numbers = match of_reflection {
                Some(batch) => batch.into_iter().collect(),
                None => self.batches().take(connection, *message)?,
            };
            for number in numbers {
                if let Some(model) = batch::blank(connection, number, *message)? {
                    is_erased = true;
                    is_in_file |= self.is_in_file(&model, number);
                }
            }
        }
        // A file that holds them is made anew, which is worth it only then; what is in memory is read anew
        // by every process.
        match (is_in_file, is_erased) {
            (true, _) => regroup(connection),
            (false, true) => note_erasure(connection),
            (false, false) => Ok(()),
        }
    }

    fn clear(&self, archive: &ArchiveState<'_>) -> Result<()> {
        archive.connection().execute("DELETE FROM vectors", [])?;
        // A file of a model that comes back later would hold what is gone.
        regroup(archive.connection())
    }

    fn verify(&self, archive: &ArchiveState<'_>) -> Result<Vec<String>> {
        let misshapen = batch::misshapen(archive.connection(), MAX_PROBLEMS)?;
        let problem = |number| format!("vectors {number} can't be read");
        Ok(misshapen.into_iter().map(problem).collect())
    }
}

impl EmbeddedIndex {
    /// Whether a snapshot file may hold a batch. Where no file may be read, another process may have
    /// made one all the same.
    fn is_in_file(&self, model: &str, batch: i64) -> bool {
        let Some(files) = &self.files else {
            return true;
        };
        let last = snapshot::last_batch(&snapshot::path(&files.directory, model));
        last.is_some_and(|last| batch <= last)
    }
}

/// Which batches hold vectors of which messages. Takes 40 bytes for each message.
#[derive(Default)]
struct BatchesOfMessages {
    /// The last batch that was read.
    last_batch: i64,
    numbers: FxHashMap<MessageId, Vec<i64>>,
}

impl BatchesOfMessages {
    /// The batches that hold vectors of a message, which are forgotten here. Reads all batches the first
    /// time, and later those that were added since.
    fn take(&mut self, connection: &Connection, message: MessageId) -> Result<Vec<i64>> {
        let mut last_batch = self.last_batch;
        let numbers = &mut self.numbers;
        batch::each_passage(connection, self.last_batch, &mut |number, passage| {
            last_batch = number;
            let of_message = numbers.entry(passage.message()).or_default();
            if of_message.last() != Some(&number) {
                of_message.push(number);
            }
        })?;
        self.last_batch = last_batch;
        Ok(self.numbers.remove(&message).unwrap_or_default())
    }
}
