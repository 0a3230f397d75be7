//! The lists of an earlier run, so that tools are known before their servers are.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

use files::{Access, Draft};
use serde::{Deserialize, Serialize};

use crate::lock::lock;
use crate::results::ServerTool;

/// The version of the file; one of another version is as none.
const CACHE_VERSION: u32 = 1;

/// How long the file may be, in bytes.
const CACHE_BYTES: u64 = 32 << 20;

/// Lists of tools by the hash of the server's entry.
pub(crate) struct ListCache {
    path: Option<PathBuf>,
    lists: Mutex<BTreeMap<String, Vec<ServerTool>>>,
    /// Whether something is kept that the file hasn't.
    is_unwritten: AtomicBool,
    /// Held while the file is written.
    writing: Mutex<()>,
}

#[derive(Serialize, Deserialize)]
struct CacheFile {
    version: u32,
    lists: BTreeMap<String, Vec<ServerTool>>,
}

impl ListCache {
    /// Reads the file; whatever is wrong with it, it only means that nothing is known yet.
    pub(crate) fn open(path: Option<PathBuf>) -> Self {
        let read = |path: &PathBuf| {
            let text = files::read(path, CACHE_BYTES).ok()?;
            let file: CacheFile = serde_json::from_slice(&text).ok()?;
            (file.version == CACHE_VERSION).then_some(file.lists)
        };
        let lists = path.as_ref().and_then(read).unwrap_or_default();
        Self {
            path,
            lists: Mutex::new(lists),
            is_unwritten: AtomicBool::new(false),
            writing: Mutex::default(),
        }
    }

    /// The list of a server.
    pub(crate) fn get(&self, hash: &str) -> Option<Vec<ServerTool>> {
        lock(&self.lists).get(hash).cloned()
    }

    /// Keeps a list; whether that changes anything, so that the file has to be written.
    pub(crate) fn put(&self, hash: &str, tools: &[ServerTool]) -> bool {
        {
            let mut lists = lock(&self.lists);
            if lists.get(hash).is_some_and(|known| known == tools) {
                return false;
            }
            lists.insert(hash.to_owned(), tools.to_vec());
        }
        self.is_unwritten.store(true, Ordering::SeqCst);
        self.path.is_some()
    }

    /// Writes the file if something changed, which takes as long as the disk does. Not being able to is no harm.
    pub(crate) fn write(&self) {
        let Some(path) = &self.path else {
            return;
        };
        let _writing = lock(&self.writing);
        if !self.is_unwritten.swap(false, Ordering::SeqCst) {
            return;
        }
        let file = CacheFile {
            version: CACHE_VERSION,
            lists: lock(&self.lists).clone(),
        };
        if let Ok(text) = serde_json::to_vec(&file)
            && text.len() as u64 <= CACHE_BYTES
            && let Ok(mut draft) = Draft::new(path, Access::Private)
            && draft.write_all(&text).is_ok()
        {
            let _ = draft.replace();
        }
    }

    /// Forgets servers that aren't configured any more; written with the next change.
    pub(crate) fn retain(&self, is_kept: impl Fn(&str) -> bool) {
        lock(&self.lists).retain(|hash, _| is_kept(hash));
    }
}
