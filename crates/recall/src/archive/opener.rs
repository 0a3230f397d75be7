//! Opening an archive: the one way to get an [`Archive`].

use std::sync::Arc;
use std::time::Duration;

use super::opened::Archive;
use crate::guards::ArchiveGuards;
use crate::index::embedded::EmbeddedIndex;
use crate::index::vectors::VectorIndex;
use crate::ingest::import;
use crate::{Guards, Home, Result, store, upkeep};

/// How long an archive waits for another process's write to end, unless the opener says otherwise. Steps
/// of an import are far shorter.
const LOCK_TIMEOUT: Duration = Duration::from_secs(30);

/// Opens the archive of a home, as often as needed: every thread and every process has an [`Archive`] of
/// its own.
///
/// ```no_run
/// # use std::time::Duration;
/// # use recall::{ArchiveOpener, Guards, Home, OpenMode};
/// # fn open(home: &Home) -> recall::Result<()> {
/// let archive = ArchiveOpener {
///     mode: OpenMode::ReadOnly,
///     lock_timeout: Duration::from_millis(300),
///     ..ArchiveOpener::new(home, &Guards::default())
/// }
/// .open()?;
/// # Ok(())
/// # }
/// ```
///
/// Archives are not encrypted so far. The key of one that is will be another field here, and be told to
/// the database in `store::open`, the one place where it is opened.
#[derive(Clone)]
pub struct ArchiveOpener {
    /// Where the archive is.
    pub home: Home,
    /// What is masked before it is written, and what is found in it before anybody reads it.
    pub guards: Guards,
    /// Whether the archive may be changed.
    pub mode: OpenMode,
    /// How long to wait for another process's write to end: while opening, and in everything that is done
    /// with the archive. After that comes [`Error::Locked`](crate::Error::Locked).
    pub lock_timeout: Duration,
    /// Where the vectors are that searches by meaning scan.
    pub vectors: VectorStorage,
}

/// Whether an archive that is opened may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The archive is made where there is none, and brought up to date where an older program made it.
    ReadWrite,
    /// The archive must be there and of this program's version; nothing is made, migrated or tidied up, so
    /// that it opens at once. Whatever would write fails.
    ReadOnly,
}

/// Where the vectors are that searches by meaning scan.
#[derive(Clone)]
pub enum VectorStorage {
    /// In the archive's database; for large archives, also in files under [`Home::vectors`] that all
    /// processes map into memory and that are made again where they are missing.
    Files,
    /// In the archive's database, and in the memory of this process: nothing that tells of what messages
    /// mean is written to or read from another file. Searches find the same; large archives take about
    /// 400 bytes of memory for each passage, and longer to start.
    Memory,
    /// In an index that the caller brings, such as one on a server.
    Index(Arc<dyn VectorIndex>),
}

impl ArchiveOpener {
    /// An opener that reads and writes, waits 30 seconds for other processes, and keeps vectors in files.
    #[must_use]
    pub fn new(home: &Home, guards: &Guards) -> Self {
        Self {
            home: home.clone(),
            guards: guards.clone(),
            mode: OpenMode::ReadWrite,
            lock_timeout: LOCK_TIMEOUT,
            vectors: VectorStorage::Files,
        }
    }

    /// Opens the archive.
    ///
    /// # Errors
    /// If the database isn't ours, is newer than this program, is damaged, can't be read, or another
    /// process keeps it locked for too long. To read and write: if it can't be written. Only to read: if
    /// there is none, or it is older than this program.
    pub fn open(&self) -> Result<Archive> {
        let home = &self.home;
        let (connection, guards) = match self.mode {
            OpenMode::ReadWrite => {
                let mut connection = store::open(home, self.lock_timeout)?;
                upkeep::begin_checked(&connection)?;
                let guards = ArchiveGuards::open(home, &self.guards)?;
                import::mask_paths(&mut connection, &guards)?;
                (connection, guards)
            }
            OpenMode::ReadOnly => (
                store::open_read_only(home, self.lock_timeout)?,
                ArchiveGuards::open_read_only(home, &self.guards)?,
            ),
        };
        Ok(Archive::new(connection, home.clone(), guards, self.index()))
    }

    /// An opener whose archives share one index of vectors, and clones of which do: a process that opens an
    /// archive for each of its threads holds the vectors in memory once.
    #[must_use]
    pub fn with_shared_vectors(mut self) -> Self {
        self.vectors = VectorStorage::Index(self.index());
        self
    }

    fn index(&self) -> Arc<dyn VectorIndex> {
        match &self.vectors {
            VectorStorage::Files => Arc::new(EmbeddedIndex::with_files(self.home.vectors())),
            VectorStorage::Memory => Arc::new(EmbeddedIndex::in_memory()),
            VectorStorage::Index(index) => Arc::clone(index),
        }
    }
}
