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

/// The directory of one model, whether or not it is there yet.
#[derive(Debug, Clone)]
pub struct ModelStore {
    models: PathBuf,
    spec: ModelSpec,
}

/// When to read and hash all files, about 24 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verification {
    /// Now.
    Always,
    /// Only where the last time is longer ago than this, or in the future. The files' presence and
    /// lengths are checked in any case.
    IfOlderThan(Duration),
}

/// What is known of a model without hashing its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ModelStatus {
    /// The model.
    pub model_id: ModelId,
    /// Its directory.
    pub path: PathBuf,
    /// Whether it can be loaded.
    pub state: ModelState,
    /// The sum of its files' lengths, in bytes; 0 where there is none.
    pub bytes: u64,
    /// Where it was fetched from, as a path or address.
    pub origin: Option<String>,
    /// When its files were last read and found to be what was written.
    pub verified: Option<SystemTime>,
}

/// Whether a model can be loaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ModelState {
    /// Not fetched.
    Missing,
    /// All files are there, with their lengths.
    Ready,
    /// Something is wrong, and what.
    Damaged(String),
}

impl ModelStore {
    /// The place of `spec`'s model under `models`. Nothing is read or written yet.
    #[must_use]
    pub fn new(models: impl Into<PathBuf>, spec: ModelSpec) -> Self {
        Self {
            models: models.into(),
            spec,
        }
    }

    /// The place of the model that Lorekeep uses, all-MiniLM-L6-v2, under `models`.
    #[must_use]
    pub fn mini_lm(models: impl Into<PathBuf>) -> Self {
        Self::new(models, ModelSpec::mini_lm())
    }

    /// The model's own directory.
    #[must_use]
    pub fn path(&self) -> PathBuf {
        self.models.join(&self.spec.directory)
    }

    /// What the model is and is made of.
    #[must_use]
    pub fn spec(&self) -> &ModelSpec {
        &self.spec
    }

    pub(crate) fn file(&self, name: &str) -> PathBuf {
        self.path().join(name)
    }

    /// What is there. Never fails: what can't be read is [`ModelState::Damaged`].
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

    /// Makes sure that the model is there and whole; records when its files were hashed. Of two
    /// processes that do so at once each records its own time, and either is true.
    ///
    /// # Errors
    /// [`Error::NotFetched`], [`Error::Damaged`], [`Error::Disk`]. A directory that can't be
    /// written to is no error: the files are then hashed every time.
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
