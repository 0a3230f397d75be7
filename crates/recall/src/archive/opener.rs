//! Opening an archive: the one way to get an [`Archive`].

use std::sync::Arc;
use std::time::Duration;

use super::opened::Archive;
use crate::guards::ArchiveGuards;
use crate::index::embedded::EmbeddedIndex;
use crate::index::vectors::VectorIndex;
use crate::ingest::import;
use crate::{Guards, Home, Result, forget, projects, store, upkeep};

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
    /// The directories of the archive and of what can be made again.
    pub home: Home,
    /// What is masked before it is written, and what is done about findings in text that is read back.
    pub guards: Guards,
    /// Whether the archive may be changed.
    pub mode: OpenMode,
    /// How long to wait for another process's write to end: while opening, and in every call on the archive
    /// later. After that a call fails with [`Error::Locked`](crate::Error::Locked).
    pub lock_timeout: Duration,
    /// Where the vectors are that searches by meaning scan.
    pub vectors: VectorStorage,
}

/// Whether an archive that is opened may be changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenMode {
    /// The archive is made if there is none, and migrated if an older program made it. One that a newer
    /// program made is refused with [`Error::Newer`](crate::Error::Newer).
    ReadWrite,
    /// The archive must exist and have this program's schema version ([`Error::Older`](crate::Error::Older)
    /// and [`Error::Newer`](crate::Error::Newer) otherwise). Nothing is made or migrated, so that it opens
    /// at once; every call that would write fails.
    ReadOnly,
}

/// Where the vectors are kept that searches by meaning scan: one for each passage of a message, see
/// [`PassageId`](crate::PassageId).
#[derive(Clone)]
pub enum VectorStorage {
    /// In the archive's database; for large archives, also in files under [`Home::vectors`] that all
    /// processes map into memory and that are made again where they are missing.
    Files,
    /// In the archive's database, and in the memory of this process: no other file is written or read, for
    /// people who don't want vectors, which tell what messages are about, to lie in files of their own.
    /// Searches find the same; large archives take about 400 bytes of memory for each passage, and longer
    /// to start.
    Memory,
    /// In an index that the caller brings, such as one on a server, or one that several archives of a
    /// process share (see [`ArchiveOpener::with_shared_vectors`]).
    Index(Arc<dyn VectorIndex>),
}

impl ArchiveOpener {
    /// An opener that reads and writes, waits 30 seconds for other processes, and keeps vectors in files;
    /// its fields can be set to anything else. Nothing is opened until [`Self::open`].
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

    /// Opens the archive. With [`OpenMode::ReadWrite`] the directory [`Home::data`], the database and the
    /// key file [`Home::guard_key`] are made if they are missing, and what an interrupted
    /// [`Archive::forget`] left to do is done.
    ///
    /// # Errors
    /// If the database isn't a Lorekeep archive, was made by a newer program, is damaged, can't be read, or
    /// another process keeps it locked for longer than [`Self::lock_timeout`]; if the key file is damaged.
    /// With [`OpenMode::ReadWrite`] also if it can't be written; a migration that fails leaves the archive
    /// as it was. With [`OpenMode::ReadOnly`] also if there is no archive, or it is of an older schema
    /// version.
    pub fn open(&self) -> Result<Archive> {
        let home = &self.home;
        let vectors = self.index();
        let (connection, guards) = match self.mode {
            OpenMode::ReadWrite => {
                let mut connection = store::open(home, self.lock_timeout)?;
                let guards = ArchiveGuards::open(home, &self.guards)?;
                upkeep::begin_checked(&connection, &guards)?;
                import::mask_paths(&mut connection, &guards)?;
                projects::upgrade(&mut connection, &guards)?;
                forget::resume(&mut connection, home, &*vectors)?;
                (connection, guards)
            }
            OpenMode::ReadOnly => (
                store::open_read_only(home, self.lock_timeout)?,
                ArchiveGuards::open_read_only(home, &self.guards)?,
            ),
        };
        Ok(Archive::new(connection, home.clone(), guards, vectors))
    }

    /// Makes all archives that this opener and its clones open from now on share one index of vectors, so
    /// that a process that opens an archive for each of its threads holds the vectors in memory once.
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
