//! Owners: whose keys, sessions and archives there are. There is one for now; every row and every request
//! carries its owner all the same.

use rusqlite::{Connection, OptionalExtension as _, Row};

use crate::server_error::ServerError;
use crate::token::random_text;

/// Letters and digits of an owner's id.
const OWNER_ID_CHARACTERS: usize = 16;

/// The id of an owner: letters and digits, so that it can name a directory.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct OwnerId(String);

impl OwnerId {
    /// The id as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    pub(crate) fn of_row(text: String) -> Self {
        Self(text)
    }
}

impl std::fmt::Display for OwnerId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

/// Somebody with an archive of their own.
#[derive(Clone, Debug)]
pub struct Owner {
    /// Their id.
    pub id: OwnerId,
    /// What they are called.
    pub name: String,
    /// Whether theirs is the main archive. All others have one below `people` in the data directory.
    pub is_first: bool,
}

/// The first owner, made where there is none; whether it was made now.
pub(crate) fn first_owner(
    connection: &mut Connection,
    now: i64,
) -> Result<(Owner, bool), ServerError> {
    let transaction =
        connection.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let known = transaction
        .query_row(
            "SELECT id, name, is_first FROM owner WHERE is_first",
            [],
            read,
        )
        .optional()?;
    let found = match known {
        Some(owner) => (owner, false),
        None => (insert(&transaction, "owner", true, now)?, true),
    };
    transaction.commit()?;
    Ok(found)
}

/// One more owner, with an archive of their own.
pub(crate) fn add_owner(
    connection: &Connection,
    name: &str,
    now: i64,
) -> Result<Owner, ServerError> {
    insert(connection, name, false, now)
}

/// The owner of this id.
pub(crate) fn owner_of(
    connection: &Connection,
    id: &OwnerId,
) -> Result<Option<Owner>, ServerError> {
    let query = "SELECT id, name, is_first FROM owner WHERE id = ?1";
    Ok(connection.query_row(query, [&id.0], read).optional()?)
}

fn read(row: &Row<'_>) -> rusqlite::Result<Owner> {
    Ok(Owner {
        id: OwnerId(row.get(0)?),
        name: row.get(1)?,
        is_first: row.get(2)?,
    })
}

fn insert(
    connection: &Connection,
    name: &str,
    is_first: bool,
    now: i64,
) -> Result<Owner, ServerError> {
    let owner = Owner {
        id: OwnerId(random_text("", OWNER_ID_CHARACTERS)?),
        name: name.to_owned(),
        is_first,
    };
    connection.execute(
        "INSERT INTO owner (id, name, is_first, created) VALUES (?1, ?2, ?3, ?4)",
        (&owner.id.0, &owner.name, is_first, now),
    )?;
    Ok(owner)
}
