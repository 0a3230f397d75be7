//! Tombstones: what was forgotten on purpose, as hashes in the table of keys, so that no import brings it
//! back, from whichever copy of a log. They hold nothing of a text.
//!
//! The key of a forgotten message stays, and stands for [`FORGOTTEN`]. Conversations and titles have
//! hashes of their own kind there. Programs that don't know tombstones take them for keys of messages
//! that they have already, and import nothing under them either.

use std::borrow::Cow;

use rusqlite::{Connection, OptionalExtension as _};
use serde_json::Value;

use super::keys::stable_hash;
use super::message::MessageId;
use crate::Result;

/// What the key of a forgotten message stands for: no message has this number.
pub(crate) const FORGOTTEN: MessageId = MessageId(0);

/// The hash that stands for a conversation of a source.
pub(crate) fn conversation_hash(source: &str, key: &str) -> u64 {
    // Keys of messages are made of two parts, so that none is the same.
    stable_hash(&[b"conversation", source.as_bytes(), key.as_bytes()])
}

/// The hash that stands for a title, whichever conversation has it.
pub(crate) fn title_hash(title: &str) -> u64 {
    stable_hash(&[b"title", b"", title.as_bytes()])
}

/// Remembers that what a hash stands for was forgotten.
pub(crate) fn bury(connection: &Connection, hash: u64) -> Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO key (hash, message) VALUES (?1, ?2)")?
        .execute([hash.cast_signed(), FORGOTTEN.0])?;
    Ok(())
}

/// Whether what a hash stands for was forgotten.
pub(crate) fn is_forgotten(connection: &Connection, hash: u64) -> Result<bool> {
    let sql = "SELECT 1 FROM key WHERE hash = ?1 AND message = ?2";
    let mut statement = connection.prepare_cached(sql)?;
    let found = statement.query_row([hash.cast_signed(), FORGOTTEN.0], |_| Ok(()));
    Ok(found.optional()?.is_some())
}

/// A reader's state without titles that were forgotten: readers hold some back until they know whose
/// they are.
pub(crate) fn without_titles<'s>(connection: &Connection, state: &'s str) -> Result<Cow<'s, str>> {
    scrubbed(state, &mut |text| {
        is_forgotten(connection, title_hash(text))
    })
}

/// A reader's state with nothing in the place of each text that `is_gone` tells. Only what has a space
/// is asked about: everything else in a state is an id, a name or a number.
pub(crate) fn scrubbed<'s>(
    state: &'s str,
    is_gone: &mut dyn FnMut(&str) -> Result<bool>,
) -> Result<Cow<'s, str>> {
    if !state.contains(' ') {
        return Ok(state.into());
    }
    let Ok(mut value) = serde_json::from_str::<Value>(state) else {
        return Ok(state.into());
    };
    Ok(match scrub(&mut value, is_gone)? {
        true => value.to_string().into(),
        false => state.into(),
    })
}

fn scrub(value: &mut Value, is_gone: &mut dyn FnMut(&str) -> Result<bool>) -> Result<bool> {
    let mut is_changed = false;
    match value {
        Value::String(text) if text.contains(' ') && is_gone(text)? => {
            text.clear();
            is_changed = true;
        }
        Value::Array(values) => {
            for value in values {
                is_changed |= scrub(value, is_gone)?;
            }
        }
        Value::Object(entries) => {
            for value in entries.values_mut() {
                is_changed |= scrub(value, is_gone)?;
            }
        }
        _ => {}
    }
    Ok(is_changed)
}
