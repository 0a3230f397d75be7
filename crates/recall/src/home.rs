//! The paths of Lorekeep's files. Nothing here looks at the disk.

use std::path::{Path, PathBuf};

/// The two directories that Lorekeep uses: one for the archive, one for files that can be downloaded again.
/// Its methods only return paths, and neither check nor make anything.
#[derive(Clone, Debug)]
pub struct Home {
    data: PathBuf,
    cache: PathBuf,
}

impl Home {
    /// A home whose archive is in `data` and whose re-creatable files are in `cache`.
    #[must_use]
    pub fn new(data: impl Into<PathBuf>, cache: impl Into<PathBuf>) -> Self {
        Self {
            data: data.into(),
            cache: cache.into(),
        }
    }

    /// The directory of the archive and all that belongs to it; this is what to back up. Opening the
    /// archive for writing makes it; on Unix with mode 0700, which an existing one is set to as well.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The archive's database, a SQLite file: `lorekeep.db` in [`Self::data`].
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("lorekeep.db")
    }

    /// The file of the secret key by which a masked value always gets the same placeholder: `guard.key`, 32
    /// random bytes. Opening the archive for writing makes it. Whoever has it beside the archive can try
    /// out which value a placeholder stands for, so a backup of the archive should not contain it.
    #[must_use]
    pub fn guard_key(&self) -> PathBuf {
        self.data.join("guard.key")
    }

    /// The directory of the files in which searches by meaning scan vectors: `vectors` in [`Self::data`].
    /// They are made from the database again if they are missing.
    #[must_use]
    pub fn vectors(&self) -> PathBuf {
        self.data.join("vectors")
    }

    /// The directory below which the embedding models' files are downloaded: `models` in the cache
    /// directory.
    #[must_use]
    pub fn models(&self) -> PathBuf {
        self.cache.join("models")
    }
}
