//! API keys: what programs send. Only a hash of each is stored.

use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::owner::OwnerId;
use crate::server_error::ServerError;
use crate::token::{KEY_PREFIX, TokenHash, random_text, random_token};

/// Characters of a key's name.
const MAX_NAME_CHARACTERS: usize = 100;

/// Characters of a token that are kept to recognise it by: the prefix and four more.
const SHOWN_CHARACTERS: usize = 7;

/// Letters and digits of a key's id.
const KEY_ID_CHARACTERS: usize = 12;

/// Keys that one owner may have which can be used.
const MAX_KEYS: i64 = 1000;

/// The id of a key, which is no secret.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct KeyId(String);

impl KeyId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for KeyId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// What a key may be used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum KeyScope {
    /// Conversations and turns.
    Chat,
    /// The archive: search, reading, reflections, imports, forgetting, MCP.
    Memory,
    /// The gateway for OpenAI's clients, `/v1`.
    Gateway,
    /// Keys, providers and the server itself.
    Admin,
}

impl KeyScope {
    /// All scopes.
    pub const ALL: [Self; 4] = [Self::Chat, Self::Memory, Self::Gateway, Self::Admin];

    /// Its name: `chat`, `memory`, `gateway` or `admin`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Chat => "chat",
            Self::Memory => "memory",
            Self::Gateway => "gateway",
            Self::Admin => "admin",
        }
    }

    /// The scope of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|scope| scope.name() == name)
    }
}

/// A set of scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyScopes(u8);

impl KeyScopes {
    /// All of them.
    pub const ALL: Self = Self(0b1111);

    /// These; one may be named twice.
    #[must_use]
    pub fn of(scopes: &[KeyScope]) -> Self {
        Self(scopes.iter().fold(0, |all, scope| all | 1 << *scope as u8))
    }

    /// Whether a scope is among them.
    #[must_use]
    pub fn has(self, scope: KeyScope) -> bool {
        self.0 & 1 << scope as u8 != 0
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Their names.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let scopes = KeyScope::ALL.into_iter();
        scopes
            .filter(|scope| self.has(*scope))
            .map(KeyScope::name)
            .collect()
    }

    /// As they are stored.
    fn stored(text: &str) -> Self {
        let known: Vec<KeyScope> = text.split(' ').filter_map(KeyScope::from_name).collect();
        Self::of(&known)
    }
}

/// A key that is to be made.
#[derive(Clone, Debug)]
pub struct NewKey {
    /// What it is called: 1 to 100 characters.
    pub name: String,
    /// What it may be used for; at least one scope.
    pub scopes: KeyScopes,
    /// When it ends, in milliseconds since 1970; `None`: never.
    pub expires: Option<i64>,
}

/// A key as it is stored; nothing that could be sent in its place.
#[derive(Clone, Debug)]
pub struct ApiKey {
    /// Its id.
    pub id: KeyId,
    /// Whose it is.
    pub owner: OwnerId,
    /// What it is called.
    pub name: String,
    /// The first characters of its token.
    pub start: String,
    /// What it may be used for.
    pub scopes: KeyScopes,
    /// When it was made, in milliseconds since 1970, as all times here.
    pub created: i64,
    /// When it ends.
    pub expires: Option<i64>,
    /// When it was last used, to the minute.
    pub used: Option<i64>,
    /// When it was revoked.
    pub revoked: Option<i64>,
}

impl ApiKey {
    /// Whether it can be used at this time.
    #[must_use]
    pub fn is_valid(&self, now: i64) -> bool {
        self.revoked.is_none() && self.expires.is_none_or(|expires| now < expires)
    }
}

const COLUMNS: &str = "id, owner, name, start, scopes, created, expires, used, revoked";

fn read(row: &Row<'_>) -> rusqlite::Result<ApiKey> {
    Ok(ApiKey {
        id: KeyId(row.get(0)?),
        owner: OwnerId::of_row(row.get(1)?),
        name: row.get(2)?,
        start: row.get(3)?,
        scopes: KeyScopes::stored(&row.get::<_, String>(4)?),
        created: row.get(5)?,
        expires: row.get(6)?,
        used: row.get(7)?,
        revoked: row.get(8)?,
    })
}

/// Makes a key; returns it and its token, which nobody can be told again.
pub(crate) fn create(
    connection: &Connection,
    owner: &OwnerId,
    new: &NewKey,
    now: i64,
) -> Result<(ApiKey, String), ServerError> {
    let name = new.name.as_str();
    let length = name.chars().count();
    let is_plain = name == name.trim() && !name.chars().any(char::is_control);
    if length == 0 || length > MAX_NAME_CHARACTERS || !is_plain {
        let what = format!(
            "a key's name has 1 to {MAX_NAME_CHARACTERS} characters on one line, without space around it"
        );
        return Err(ServerError::BadKey(what));
    }
    if new.scopes.is_empty() {
        return Err(ServerError::BadKey(
            "a key has at least one scope".to_owned(),
        ));
    }
    if new.expires.is_some_and(|expires| expires <= now) {
        return Err(ServerError::BadKey("a key ends in the future".to_owned()));
    }
    let counted = "SELECT count(*) FROM key WHERE owner = ?1 AND revoked IS NULL";
    let count: i64 = connection.query_row(counted, [owner.as_str()], |row| row.get(0))?;
    if count >= MAX_KEYS {
        let what = format!("there are {MAX_KEYS} keys already; revoke some");
        return Err(ServerError::BadKey(what));
    }
    let token = random_token(KEY_PREFIX)?;
    let key = ApiKey {
        id: KeyId(random_text("", KEY_ID_CHARACTERS)?),
        owner: owner.clone(),
        name: name.to_owned(),
        start: token.chars().take(SHOWN_CHARACTERS).collect(),
        scopes: new.scopes,
        created: now,
        expires: new.expires,
        used: None,
        revoked: None,
    };
    connection.execute(
        "INSERT INTO key (id, owner, name, hash, start, scopes, created, expires)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
        (
            &key.id.0,
            owner.as_str(),
            &key.name,
            TokenHash::of(&token).0,
            &key.start,
            key.scopes.names().join(" "),
            now,
            key.expires,
        ),
    )?;
    Ok((key, token))
}

/// The keys of an owner, the newest first.
pub(crate) fn list(connection: &Connection, owner: &OwnerId) -> Result<Vec<ApiKey>, ServerError> {
    let query = format!("SELECT {COLUMNS} FROM key WHERE owner = ?1 ORDER BY created DESC, id");
    let mut statement = connection.prepare_cached(&query)?;
    let keys = statement.query_map([owner.as_str()], read)?;
    Ok(keys.collect::<rusqlite::Result<_>>()?)
}

/// Revokes a key of an owner, by its id or the start of its token; one that is revoked stays so.
pub(crate) fn revoke(
    connection: &Connection,
    owner: &OwnerId,
    id: &str,
    now: i64,
) -> Result<ApiKey, ServerError> {
    connection.execute(
        "UPDATE key SET revoked = ?3 WHERE owner = ?1 AND id = ?2 AND revoked IS NULL",
        (owner.as_str(), id, now),
    )?;
    let query = format!("SELECT {COLUMNS} FROM key WHERE owner = ?1 AND id = ?2");
    let key = connection.query_row(&query, (owner.as_str(), id), read);
    let missing = || ServerError::NoKey(id.to_owned());
    key.optional()?.ok_or_else(missing)
}

/// The key whose token has this hash, valid or not.
pub(crate) fn find(
    connection: &Connection,
    hash: &TokenHash,
) -> Result<Option<ApiKey>, ServerError> {
    let query = format!("SELECT {COLUMNS}, hash FROM key WHERE hash = ?1");
    let mut statement = connection.prepare_cached(&query)?;
    let found = statement.query_row([hash.0], |row| Ok((read(row)?, row.get::<_, Vec<u8>>(9)?)));
    let found = found.optional()?;
    Ok(found.and_then(|(key, stored)| hash.is(&stored).then_some(key)))
}

/// Notes that a key was used.
pub(crate) fn note_use(connection: &Connection, id: &KeyId, now: i64) -> Result<(), ServerError> {
    connection.execute("UPDATE key SET used = ?2 WHERE id = ?1", (&id.0, now))?;
    Ok(())
}
