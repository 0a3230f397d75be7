//! Where Lorekeep keeps its things.

use std::path::{Path, PathBuf};

/// The two directories that Lorekeep uses: one for the archive, one for what can be fetched or made again.
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

    /// The directory of everything that can't be made again; mode 0700.
    #[must_use]
    pub fn data(&self) -> &Path {
        &self.data
    }

    /// The archive's database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.data.join("lorekeep.db")
    }

    /// The key of placeholders that stand for masked values; made by the first who needs it. A backup
    /// of the archive should not have it beside it.
    #[must_use]
    pub fn guard_key(&self) -> PathBuf {
        self.data.join("guard.key")
    }

    /// The directory of vector files, which are derived from the archive and made again if they are missing.
    #[must_use]
    pub fn vectors(&self) -> PathBuf {
        self.data.join("vectors")
    }

    /// The directory of the embedding model's files.
    #[must_use]
    pub fn models(&self) -> PathBuf {
        self.cache.join("models")
    }
}
