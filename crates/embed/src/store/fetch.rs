//! Fetching: read the inputs, verify, convert, and put the result in place in one step.

use super::directory::{
    GRAPH_FILE, ModelState, ModelStatus, ModelStore, VOCABULARY_FILE, Verification,
};
use super::input::{FetchProgress, InputReader};
use super::manifest::ModelManifest;
use super::origin::ModelOrigin;
use crate::convert::{self, WEIGHTS_FILE};
use crate::{Error, Result};
use files::{Access, Draft};
use std::io::Write as _;
use std::path::Path;
use std::time::SystemTime;

impl ModelStore {
    /// Gets the model's input files from `origin`, verifies and converts them, and puts the model
    /// in its directory, as verified at `now`; `progress` is called whenever some more is done.
    ///
    /// Does nothing where the model is there and whole, by its hashes; replaces it where it is damaged.
    /// Written beside its place and renamed: whenever this is interrupted, no half model stands in the
    /// place, and the next call removes the remains. Of two processes that fetch at once the second
    /// waits for the first and finds the model there. Needs some 120 MB of memory.
    ///
    /// # Errors
    /// [`Error::NoModelAt`] where `origin` is a path without the files, [`Error::WrongHash`],
    /// [`Error::Download`], [`Error::Weights`] or [`Error::Tokenizer`] where they can't be converted,
    /// [`Error::Disk`]; [`Error::NotFetched`] or [`Error::Damaged`] where something else changed the
    /// model's directory meanwhile.
    pub fn fetch(
        &self,
        origin: &ModelOrigin,
        now: SystemTime,
        progress: &mut dyn FnMut(FetchProgress),
    ) -> Result<ModelStatus> {
        files::create_dir(self.parent())?;
        let lock_path = self
            .parent()
            .join(format!(".{}.lock", self.spec().directory));
        let lock = files::open_lock(&lock_path)?;
        // Held until the file is closed, by the kernel even after a crash.
        lock.lock()?;
        if self.check(Verification::Always, now).is_ok() {
            return Ok(self.status());
        }
        let partial = self
            .parent()
            .join(format!(".{}.partial", self.spec().directory));
        // Under the lock, whatever is there is of a fetch that was interrupted.
        remove(&partial)?;
        let written = self.write(&partial, origin, now, progress);
        if let Err(error) = written.and_then(|()| self.put_in_place(&partial)) {
            // The error that stopped the fetch says more than one from cleaning up after it.
            let _ = remove(&partial);
            return Err(error);
        }
        let status = self.status();
        match &status.state {
            ModelState::Ready => Ok(status),
            ModelState::Missing => Err(Error::NotFetched { path: self.path() }),
            ModelState::Damaged(why) => Err(Error::Damaged {
                path: self.path(),
                why: why.clone(),
            }),
        }
    }

    fn write(
        &self,
        directory: &Path,
        origin: &ModelOrigin,
        now: SystemTime,
        progress: &mut dyn FnMut(FetchProgress),
    ) -> Result<()> {
        let spec = self.spec();
        let inputs = origin.read(spec, &mut InputReader::new(progress))?;
        progress(FetchProgress::Converting);
        let model = convert::convert(&inputs.weights, spec.config, spec.precision)?;
        let vocabulary = convert::vocabulary(&inputs.tokenizer)?;
        let parts: [(&str, &[u8]); 3] = [
            (GRAPH_FILE, &model.graph),
            (WEIGHTS_FILE, &model.weights),
            (VOCABULARY_FILE, vocabulary.as_bytes()),
        ];
        files::create_dir(directory)?;
        for (name, bytes) in parts {
            let mut draft = Draft::new(&directory.join(name), Access::Ordinary)?;
            draft.write_all(bytes)?;
            draft.replace()?;
        }
        let model_id = spec.model_id.as_str();
        ModelManifest::new(model_id, origin.describe(spec), &parts, now).write(directory)
    }

    /// A directory can't be renamed over another: a damaged one is moved out of the way first, and
    /// in that instant there is none, which a reader takes for a model not yet fetched.
    fn put_in_place(&self, partial: &Path) -> Result<()> {
        let place = self.path();
        let old = self
            .parent()
            .join(format!(".{}.old", self.spec().directory));
        remove(&old)?;
        // A link that leads nowhere is in the way, too.
        if fs_err::symlink_metadata(&place).is_ok() {
            files::rename(&place, &old)?;
        }
        files::rename(partial, &place)?;
        remove(&old)
    }
}

fn remove(directory: &Path) -> Result<()> {
    match fs_err::remove_dir_all(directory) {
        Err(e) if e.kind() != std::io::ErrorKind::NotFound => Err(e.into()),
        _ => Ok(()),
    }
}
