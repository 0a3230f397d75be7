//! Tokens of servers of tools that want a log-in: sealed, in a file of the person's, with the key that seals the keys of
//! providers.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};

use fs_err::File;
use server::Sealer;
use tools::TokenStore;

/// The largest file, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// A person's tokens, by the key that the client has for each.
pub(crate) struct SealedTokens {
    sealer: Arc<Sealer>,
    path: PathBuf,
    /// Writers come one after the other.
    writing: Mutex<()>,
}

impl SealedTokens {
    pub(crate) fn new(sealer: Arc<Sealer>, path: PathBuf) -> Self {
        Self {
            sealer,
            path,
            writing: Mutex::new(()),
        }
    }

    /// The sealed tokens; none where there is no file, or it is no list of them.
    fn read(&self) -> std::io::Result<BTreeMap<String, Vec<u8>>> {
        match files::read(&self.path, MAX_FILE_BYTES) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes).unwrap_or_default()),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(BTreeMap::new()),
            Err(error) => Err(error),
        }
    }

    /// Waits for other processes that have the lock of this name. Where there can't be one, they aren't kept away.
    fn lock(&self, name: &str) -> Option<File> {
        let directory = self.path.parent()?;
        files::create_private_dir(directory).ok()?;
        let file = files::open_lock(&self.path.with_extension(name)).ok()?;
        file.file().lock().ok()?;
        Some(file)
    }

    fn write(&self, tokens: &BTreeMap<String, Vec<u8>>) -> std::io::Result<()> {
        if let Some(directory) = self.path.parent() {
            files::create_private_dir(directory)?;
        }
        let draft = files::Draft::new(&self.path, files::Access::Private)?;
        draft.file().write_all(&serde_json::to_vec(tokens)?)?;
        draft.replace()
    }
}

impl TokenStore for SealedTokens {
    fn load(&self, key: &str) -> Option<String> {
        let sealed = self.read().ok()?.remove(key)?;
        self.sealer.open(&sealed, key).ok()
    }

    fn store(&self, key: &str, value: Option<&str>) {
        let _writing = self.writing.lock().unwrap_or_else(PoisonError::into_inner);
        let _alone = self.lock("lock");
        // Of a file that can't be read now nothing is lost.
        let Ok(mut tokens) = self.read() else {
            return;
        };
        match value.map(|value| self.sealer.seal(value, key)) {
            None => {
                tokens.remove(key);
            }
            Some(Ok(sealed)) => {
                tokens.insert(key.to_owned(), sealed);
            }
            // What can't be sealed isn't kept: it is used until the program ends.
            Some(Err(_)) => return,
        }
        // The same holds for what can't be written.
        let _ = self.write(&tokens);
    }

    fn hold(&self) -> Box<dyn Send> {
        Box::new(self.lock("renewal"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tokens_are_sealed_and_only_their_key_opens_them() {
        let home = tempfile::tempdir().expect("a directory");
        let sealer =
            |name: &str| Arc::new(Sealer::new(home.path().join(name), None).expect("a sealer"));
        let file = home.path().join("tokens.json");
        let tokens = SealedTokens::new(sealer("seal.key"), file.clone());
        tokens.store("mcp:https://a.example/mcp", Some("planted-token"));
        tokens.store("mcp:https://b.example/mcp", Some("other"));
        tokens.store("mcp:https://b.example/mcp", None);
        let written = files::read(&file, 1 << 20).expect("it is written");
        assert!(!String::from_utf8_lossy(&written).contains("planted"));
        let again = SealedTokens::new(sealer("seal.key"), file.clone());
        assert_eq!(
            again.load("mcp:https://a.example/mcp").as_deref(),
            Some("planted-token")
        );
        assert_eq!(again.load("mcp:https://b.example/mcp"), None);
        let stranger = SealedTokens::new(sealer("other.key"), file);
        assert_eq!(stranger.load("mcp:https://a.example/mcp"), None);
    }
}
