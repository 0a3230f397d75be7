//! What tells other processes that this one is there: a file that it keeps locked. Turns name it, so that
//! what another process left half-way is told from what is under way there.

use std::io;
use std::path::{Path, PathBuf};

use fs_err::File;

/// This process, as other processes see it. The lock ends with the process, however that ends.
#[derive(Debug)]
pub(crate) struct Alive {
    /// Its name, which turns carry.
    pub(crate) name: String,
    path: PathBuf,
    _lock: File,
}

impl Alive {
    /// Makes and locks this process's file.
    pub(crate) fn new(directory: &Path) -> io::Result<Self> {
        files::create_private_dir(directory)?;
        let name = crate::id::new_id();
        let path = path_of(directory, &name);
        let lock = files::open_lock(&path)?;
        lock.lock()?;
        Ok(Self {
            name,
            path,
            _lock: lock,
        })
    }
}

impl Drop for Alive {
    fn drop(&mut self) {
        // One that stays is removed by the next process.
        let _ = fs_err::remove_file(&self.path);
    }
}

/// Whether the process of this name is there. What is left of one that isn't is removed.
pub(crate) fn is_alive(directory: &Path, name: &str) -> bool {
    if !crate::id::is_id(name) {
        return false;
    }
    let path = path_of(directory, name);
    if !path.exists() {
        return false;
    }
    let Ok(file) = files::open_lock(&path) else {
        return false;
    };
    match file.try_lock() {
        Ok(()) => {
            let _ = fs_err::remove_file(&path);
            false
        }
        Err(_) => true,
    }
}

fn path_of(directory: &Path, name: &str) -> PathBuf {
    directory.join(format!("process-{name}.lock"))
}
