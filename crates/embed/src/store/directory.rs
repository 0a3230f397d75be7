//! The directory of one model: which files it has, whether they are there and whole.
//!
//! It must not know how they get there.

use super::manifest::ModelManifest;
use super::spec::ModelSpec;
use crate::convert::WEIGHTS_FILE;
use crate::{Error, ModelId, Result};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// The name of the operators' file in a model's directory.
pub(crate) const GRAPH_FILE: &str = "model.onnx";
/// The name of the vocabulary in a model's directory.
pub(crate) const VOCABULARY_FILE: &str = "vocabulary.txt";

/// The directory in which one model is kept, whether or not the model has been fetched yet.
///
/// It answers whether the model is there ([`status`](ModelStore::status)) and whole
/// ([`check`](ModelStore::check)), and [`fetch`](ModelStore::fetch) puts it there.
#[derive(Debug, Clone)]
pub struct ModelStore {
    models: PathBuf,
    spec: ModelSpec,
}

/// When [`ModelStore::check`] reads and hashes all files of the model, about 24 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// On this call.
    Always,
    /// Only where they were last hashed longer ago than this, or at a time in the future, by the `now`
    /// that `check` is given. Whether the files are there and have their lengths is checked on every
    /// call.
    IfOlderThan(Duration),
}

/// The state of a model's directory, found without hashing the model's files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStatus {
    /// The model that belongs in the directory.
    pub model_id: ModelId,
    /// The model's directory.
    pub path: PathBuf,
    /// Whether the model can be loaded.
    pub state: ModelState,
    /// The sum of the lengths of the model's files, in bytes; 0 unless it is [`ModelState::Ready`].
    pub bytes: u64,
    /// The path or address that the model was fetched from; `None` unless it is
    /// [`ModelState::Ready`].
    pub origin: Option<String>,
    /// When the model's files were last hashed and found to be what was written, to the second: when
    /// it was fetched, if not since. `None` unless it is [`ModelState::Ready`].
    pub verified: Option<SystemTime>,
}

/// Whether the model in a [`ModelStore`] can be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelState {
    /// The model hasn't been fetched, or was removed.
    Missing,
    /// All files are there and have the lengths that they were written with. Their hashes may still be
    /// wrong: only [`ModelStore::check`] tells.
    Ready,
    /// A file is missing, has another length, or can't be read; a hash was wrong when it was last
    /// checked; or the directory holds another model or format. Holds what is wrong, in words.
    Damaged(String),
}

impl ModelStore {
    /// The directory of `spec`'s model below `models`, the directory of all models. Nothing is read
    /// or written yet.
    #[must_use]
    pub fn new(models: impl Into<PathBuf>, spec: ModelSpec) -> Self {
        Self {
            models: models.into(),
            spec,
        }
    }

    /// The directory of all-MiniLM-L6-v2, the model that Lorekeep uses: `all-MiniLM-L6-v2-int8` below
    /// `models`, the directory of all models. Nothing is read or written yet.
    #[must_use]
    pub fn mini_lm(models: impl Into<PathBuf>) -> Self {
        Self::new(models, ModelSpec::mini_lm())
    }

    /// The model's own directory, one level below that of all models, whether it is there or not.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.models.join(&self.spec.directory)
    }

    /// The description that the store was made with: the model's name, inputs and network.
    #[must_use]
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// Looks whether the model is there, by its manifest and the lengths of its files. Never fails:
    /// what can't be read is [`ModelState::Damaged`].
    #[must_use]
    pub fn status(&self) -> ModelStatus {
        let mut status = ModelStatus {
            model_id: self.spec.model_id.clone(),
            path: self.path(),
            state: ModelState::Ready,
            bytes: 0,
            origin: None,
            verified: None,
        };
        match self.present() {
            Ok(manifest) => {
                status.bytes = manifest.bytes();
                status.verified = Some(manifest.verified());
                status.origin = Some(manifest.origin);
            }
            Err(Error::NotFetched { .. }) => status.state = ModelState::Missing,
            Err(Error::Damaged { why, .. }) => status.state = ModelState::Damaged(why),
            Err(other) => status.state = ModelState::Damaged(other.to_string()),
        }
        status
    }

    /// Makes sure that the model is there and whole, and records in its directory that its files were
    /// hashed at the time `now`. Where two processes check at once, each records its own time, and
    /// either is true.
    ///
    /// # Errors
    /// [`Error::NotFetched`] if the model isn't there; [`Error::Damaged`] if it isn't whole, which is
    /// recorded where a hash was wrong, so that later calls fail at once until it is fetched again;
    /// [`Error::Disk`] if it can't be read. A directory that can't be written to is no error: the
    /// files are then hashed every time.
    pub fn check(&self, when: Verification, now: SystemTime) -> Result<ModelStatus> {
        let manifest = self.present()?;
        let is_fresh = match when {
            Verification::Always => false,
            Verification::IfOlderThan(age) => now
                .duration_since(manifest.verified())
                .is_ok_and(|since| since <= age),
        };
        if !is_fresh {
            if let Err(error) = manifest.verify(&self.path()) {
                // What is known to be damaged must not be loaded by whoever comes next.
                if let Error::Damaged { why, .. } = &error {
                    let _ = manifest.condemn(&self.path(), why);
                }
                return Err(error);
            }
            // Not being able to note the time costs time only.
            let _ = manifest.verified_at(now).write(&self.path());
        }
        Ok(self.status())
    }

    /// The manifest, if the directory holds this model and each file has its length.
    fn present(&self) -> Result<ModelManifest> {
        let path = self.path();
        let manifest = ModelManifest::read(&path)?;
        if manifest.model_id != self.spec.model_id.as_str() {
            let why = format!("it holds `{}`", manifest.model_id);
            return Err(Error::Damaged { path, why });
        }
        for name in [GRAPH_FILE, WEIGHTS_FILE, VOCABULARY_FILE] {
            manifest.check_length(&path, name)?;
        }
        Ok(manifest)
    }

    pub(super) fn parent(&self) -> &Path {
        &self.models
    }
}
