//! The server's database in use: whose a token is, and making, listing and revoking keys. The server and the
//! commands use it, at the same time.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use memory::Clock;
use rusqlite::Connection;

use crate::database::open_database;
use crate::keys::{self, ApiKey, KeyId, NewKey};
use crate::options::LinkOptions;
use crate::owner::{self, Owner, OwnerId};
use crate::providers::{self, ProviderSettings, StoredProvider};
use crate::seal::Sealer;
use crate::server_error::ServerError;
use crate::sessions;
use crate::token::TokenHash;

/// Keys whose rows are remembered.
const MAX_REMEMBERED_KEYS: usize = 1000;

/// How often the last use of a key is written, in milliseconds.
const USE_INTERVAL_MS: i64 = 60_000;

/// Keys, sessions, links and owners of a server.
pub struct Credentials {
    inner: Mutex<CredentialStore>,
    clock: Clock,
    first: Owner,
    is_new: bool,
}

struct CredentialStore {
    connection: Connection,
    /// Keys that were looked up; true while the database's version is the one noted.
    known: HashMap<TokenHash, ApiKey>,
    /// Changes whenever another process, such as `lorekeep key revoke`, writes.
    version: i64,
}

impl Credentials {
    /// Opens the server's database in a data directory, and makes it, with its first owner, if need be.
    ///
    /// # Errors
    /// If it can't be opened or made, or a newer version wrote it.
    pub fn open(data: &Path, clock: Clock) -> Result<Self, ServerError> {
        let mut connection = open_database(data)?;
        let (first, is_new) = owner::first_owner(&mut connection, clock.millis())?;
        Ok(Self {
            inner: Mutex::new(CredentialStore {
                connection,
                known: HashMap::new(),
                version: 0,
            }),
            clock,
            first,
            is_new,
        })
    }

    /// The owner of the main archive.
    #[must_use]
    pub fn first_owner(&self) -> &Owner {
        &self.first
    }

    /// Whether the first owner was made just now: the server has never run before.
    #[must_use]
    pub fn is_new(&self) -> bool {
        self.is_new
    }

    /// Makes one more owner.
    ///
    /// # Errors
    /// If the database can't be written.
    pub fn add_owner(&self, name: &str) -> Result<Owner, ServerError> {
        owner::add_owner(&self.lock().connection, name, self.clock.millis())
    }

    /// The owner of an id.
    ///
    /// # Errors
    /// If the database can't be read.
    pub fn owner(&self, id: &OwnerId) -> Result<Option<Owner>, ServerError> {
        if *id == self.first.id {
            return Ok(Some(self.first.clone()));
        }
        owner::owner_of(&self.lock().connection, id)
    }

    /// Makes a key of an owner; returns it and its token, which nobody can be told again.
    ///
    /// # Errors
    /// [`ServerError::BadKey`] if its name, scopes or end can't be taken; if the database can't be written.
    pub fn create_key(
        &self,
        owner: &OwnerId,
        new: &NewKey,
    ) -> Result<(ApiKey, String), ServerError> {
        keys::create(&self.lock().connection, owner, new, self.clock.millis())
    }

    /// The keys of an owner, the newest first.
    ///
    /// # Errors
    /// If the database can't be read.
    pub fn list_keys(&self, owner: &OwnerId) -> Result<Vec<ApiKey>, ServerError> {
        keys::list(&self.lock().connection, owner)
    }

    /// Revokes a key of an owner at once, for all processes.
    ///
    /// # Errors
    /// [`ServerError::NoKey`] if the owner has no key of this id; if the database can't be written.
    pub fn revoke_key(&self, owner: &OwnerId, id: &str) -> Result<ApiKey, ServerError> {
        let mut store = self.lock();
        let revoked = keys::revoke(&store.connection, owner, id, self.clock.millis())?;
        store.known.clear();
        Ok(revoked)
    }

    /// The code of a one-time link that begins a session of an owner.
    ///
    /// # Errors
    /// If the database can't be written.
    pub fn make_link(&self, owner: &OwnerId, options: LinkOptions) -> Result<String, ServerError> {
        let now = self.clock.millis();
        sessions::make_link(&self.lock().connection, owner, options.valid, now)
    }

    /// Uses up the code of a link and begins a session; returns its token, or nothing if the code is no
    /// longer of use.
    pub(crate) fn use_link(&self, code: &str) -> Result<Option<String>, ServerError> {
        let store = self.lock();
        let now = self.clock.millis();
        let owner = sessions::use_link(&store.connection, code, now)?;
        owner
            .map(|owner| sessions::begin(&store.connection, &owner, now))
            .transpose()
    }

    /// Begins a session of an owner; returns its token.
    pub(crate) fn begin_session(&self, owner: &OwnerId) -> Result<String, ServerError> {
        sessions::begin(&self.lock().connection, owner, self.clock.millis())
    }

    /// Ends the session of a token.
    pub(crate) fn end_session(&self, token: &str) -> Result<(), ServerError> {
        sessions::end(&self.lock().connection, &TokenHash::of(token))
    }

    /// Whose session a token is of.
    pub(crate) fn session_owner(&self, token: &str) -> Result<Option<OwnerId>, ServerError> {
        let now = self.clock.millis();
        sessions::find(&self.lock().connection, &TokenHash::of(token), now)
    }

    /// The key of a token, if it can be used now.
    pub(crate) fn key_of(&self, token: &str) -> Result<Option<ApiKey>, ServerError> {
        let hash = TokenHash::of(token);
        let now = self.clock.millis();
        let mut store = self.lock();
        store.forget_if_changed()?;
        if let Some(key) = store.known.get(&hash) {
            return Ok(key.is_valid(now).then(|| key.clone()));
        }
        let Some(key) = keys::find(&store.connection, &hash)? else {
            return Ok(None);
        };
        if store.known.len() >= MAX_REMEMBERED_KEYS {
            store.known.clear();
        }
        store.known.insert(hash, key.clone());
        Ok(key.is_valid(now).then_some(key))
    }

    /// Whether the use of a key is to be noted, which is done once a minute; then [`Self::note_use`] does it.
    pub(crate) fn is_use_due(&self, key: &ApiKey) -> bool {
        let now = self.clock.millis();
        key.used
            .is_none_or(|used| now.saturating_sub(used) >= USE_INTERVAL_MS)
    }

    /// Notes that a key was used now.
    pub(crate) fn note_use(&self, id: &KeyId) -> Result<(), ServerError> {
        let now = self.clock.millis();
        let mut store = self.lock();
        let known = store.known.values_mut().filter(|key| key.id == *id);
        let mut is_due = true;
        for key in known {
            // Several requests saw that it was due.
            is_due = key
                .used
                .is_none_or(|used| now.saturating_sub(used) >= USE_INTERVAL_MS);
            key.used = Some(now);
        }
        match is_due {
            true => keys::note_use(&store.connection, id, now),
            false => Ok(()),
        }
    }

    /// The providers that were added through the API.
    pub(crate) fn providers(&self, sealer: &Sealer) -> Result<Vec<StoredProvider>, ServerError> {
        providers::list(&self.lock().connection, sealer)
    }

    /// Stores a provider, with its key sealed.
    pub(crate) fn store_provider(
        &self,
        sealer: &Sealer,
        settings: &ProviderSettings,
        key: Option<&str>,
    ) -> Result<(), ServerError> {
        let now = self.clock.millis();
        providers::store(&self.lock().connection, sealer, settings, key, now)
    }

    /// Removes a provider; whether there was one.
    pub(crate) fn remove_provider(&self, name: &str) -> Result<bool, ServerError> {
        providers::remove(&self.lock().connection, name)
    }

    /// The model that was chosen as the default.
    pub(crate) fn default_model(&self) -> Result<Option<String>, ServerError> {
        providers::default_model(&self.lock().connection)
    }

    /// Chooses the default model, or takes the choice back.
    pub(crate) fn choose_default_model(&self, model: Option<&str>) -> Result<(), ServerError> {
        providers::choose_default(&self.lock().connection, model)
    }

    /// Whether the database answers.
    pub(crate) fn check(&self) -> Result<(), ServerError> {
        let store = self.lock();
        store
            .connection
            .query_row("SELECT 1 FROM owner", [], |_| Ok(()))?;
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, CredentialStore> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl CredentialStore {
    fn forget_if_changed(&mut self) -> Result<(), ServerError> {
        let mut statement = self.connection.prepare_cached("PRAGMA data_version")?;
        let version = statement.query_row([], |row| row.get(0))?;
        if self.version != version {
            self.known.clear();
            self.version = version;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::KeyScopes;

    fn open(dir: &Path) -> Credentials {
        let clock = Clock(|| std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_800_000_000));
        Credentials::open(dir, clock).expect("a database")
    }

    fn new_key() -> NewKey {
        NewKey {
            name: "a test".into(),
            scopes: KeyScopes::ALL,
            expires: None,
        }
    }

    #[test]
    fn a_key_that_another_process_revokes_is_refused_at_once() {
        let dir = tempfile::tempdir().expect("a directory");
        let (server, command) = (open(dir.path()), open(dir.path()));
        let owner = server.first_owner().id.clone();
        assert_eq!(owner, command.first_owner().id);
        let (key, token) = server.create_key(&owner, &new_key()).expect("a key");
        assert!(server.key_of(&token).expect("a lookup").is_some());
        command
            .revoke_key(&owner, key.id.as_str())
            .expect("it is there");
        assert!(server.key_of(&token).expect("a lookup").is_none());
    }

    #[test]
    fn a_token_is_nowhere_in_the_database() {
        let dir = tempfile::tempdir().expect("a directory");
        let credentials = open(dir.path());
        let owner = credentials.first_owner().id.clone();
        let (_, token) = credentials.create_key(&owner, &new_key()).expect("a key");
        let session = credentials.begin_session(&owner).expect("a session");
        let link = credentials
            .make_link(&owner, LinkOptions::default())
            .expect("a link");
        for file in ["server.db", "server.db-wal"] {
            let bytes = files::read(&dir.path().join(file), 10 << 20).expect("a file");
            for token in [&token, &session, &link] {
                let is_in = bytes.windows(token.len()).any(|at| at == token.as_bytes());
                assert!(!is_in, "{file}");
            }
        }
    }

    #[test]
    fn a_link_works_once() {
        let dir = tempfile::tempdir().expect("a directory");
        let credentials = open(dir.path());
        let owner = credentials.first_owner().id.clone();
        let code = credentials
            .make_link(&owner, LinkOptions::default())
            .expect("a link");
        let session = credentials.use_link(&code).expect("a session");
        let session = session.expect("it is new");
        assert_eq!(
            credentials.session_owner(&session).expect("it reads"),
            Some(owner)
        );
        assert!(credentials.use_link(&code).expect("it reads").is_none());
        credentials.end_session(&session).expect("it ends");
        assert_eq!(credentials.session_owner(&session).expect("it reads"), None);
    }

    #[test]
    fn a_key_of_another_owner_is_not_found() {
        let dir = tempfile::tempdir().expect("a directory");
        let credentials = open(dir.path());
        let first = credentials.first_owner().id.clone();
        let other = credentials.add_owner("other").expect("an owner").id;
        let (key, token) = credentials.create_key(&other, &new_key()).expect("a key");
        assert!(matches!(
            credentials.revoke_key(&first, key.id.as_str()),
            Err(ServerError::NoKey(_))
        ));
        assert!(credentials.list_keys(&first).expect("a list").is_empty());
        let found = credentials
            .key_of(&token)
            .expect("a lookup")
            .expect("a key");
        assert_eq!(found.owner, other);
    }
}
