//! Where Lorekeep keeps its things.

use std::path::{Path, PathBuf};

/// The directories that the archive and the model live in.
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

    /// The vector matrices derived from the archive.
    #[must_use]
    pub fn vectors(&self) -> PathBuf {
        self.data.join("vectors")
    }

    /// The directory of model files.
    #[must_use]
    pub fn models(&self) -> PathBuf {
        self.cache.join("models")
    }
}
