//! Logs that come over standard input: they are written to a file first, since readers go back and forth in
//! a log, and import it like any other.

use std::hash::Hasher as _;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};

use anyhow::Context as _;

use crate::input;

/// Bytes that are copied at once.
const PIECE_BYTES: usize = 1 << 20;

/// A log from standard input in a private file, which is removed when this is dropped.
pub(super) struct StdinLog(PathBuf);

impl Drop for StdinLog {
    fn drop(&mut self) {
        // What is left is removed by the next one.
        let _ = fs_err::remove_file(&self.0);
    }
}

/// Replaces the paths that mean standard input by a file of what came over it. The file is named by its
/// content, so that importing the same again adds nothing.
pub(super) fn spooled(paths: &mut [PathBuf], cache: &Path) -> anyhow::Result<Option<StdinLog>> {
    if !paths.iter().any(|path| input::is_standard(path)) {
        return Ok(None);
    }
    let directory = cache.join("stdin");
    let log = copied(&directory).context("keeping what came over standard input")?;
    for path in paths.iter_mut().filter(|path| input::is_standard(path)) {
        path.clone_from(&log.0);
    }
    Ok(Some(log))
}

fn copied(directory: &Path) -> std::io::Result<StdinLog> {
    files::create_private_dir(directory)?;
    for left in fs_err::read_dir(directory)?.flatten() {
        let _ = fs_err::remove_file(left.path());
    }
    let mut draft = files::Draft::new(&directory.join("log"), files::Access::Private)?;
    let mut stdin = std::io::stdin().lock();
    let mut hasher = std::hash::DefaultHasher::new();
    let mut piece = vec![0; PIECE_BYTES];
    loop {
        let read = stdin.read(&mut piece)?;
        if read == 0 {
            break;
        }
        hasher.write(&piece[..read]);
        draft.write_all(&piece[..read])?;
    }
    draft.replace()?;
    let named = directory.join(format!("stdin-{:016x}.jsonl", hasher.finish()));
    files::rename(&directory.join("log"), &named)?;
    Ok(StdinLog(named))
}
