//! Keys and hashes by which a message that is imported again is recognised, whichever copy of its log it is
//! read from, and however often.
//!
//! All of them are stored in the archive, or ids that are stored are made of them, so how they are computed
//! must never change.

use std::borrow::Cow;

use guard::collapse;
use rusqlite::{Connection, OptionalExtension as _};
use transcript::Message;

use super::message::MessageId;
use crate::Result;
use crate::guards::Masked;

/// The source of the chat's conversations.
pub const CHAT_SOURCE: &str = "lorekeep";

/// The key of a message: a hash of its source's name and of its id there.
pub(crate) fn id_key(source: &str, id: &str) -> u64 {
    stable_hash(&[source.as_bytes(), id.as_bytes()])
}

/// An id for a record to which its source gave none. It is the same in every copy of the log, and doesn't
/// depend on the placeholders of values that were masked in it or in its conversation's id.
pub(crate) fn id_of_place(message: &Masked<Message>, conversation: &str) -> String {
    let place = message.offset.to_le_bytes();
    let text = collapse(&message.text);
    let parts = [conversation.as_bytes(), &place, text.as_bytes()];
    format!("{:016x}", stable_hash(&parts))
}

/// An id for a record that a reader numbered within a conversation whose id holds a masked value. It
/// doesn't depend on the placeholder of that value.
pub(crate) fn id_of_number(conversation: &str, number: &str) -> String {
    let parts = [conversation.as_bytes(), number.as_bytes()];
    format!("{:016x}", stable_hash(&parts))
}

/// The id for a message whose own id another message keeps, made of that id and the message's content. It
/// doesn't depend on which of them is imported first.
pub(crate) fn told_apart_id(id: &str, content: u64) -> String {
    format!("{id}~{content:016x}")
}

/// The number of messages with one id that older versions told apart by numbering them; further ones they
/// told apart by their content.
const MAX_COUNTED: usize = 16;

/// The ids that older versions may have given a message whose own id belonged to a different message.
pub(crate) fn former_ids(id: &str, message: &Message) -> impl Iterator<Item = String> {
    let counted = (2..=MAX_COUNTED).map(move |nth| format!("{id}~{nth}"));
    let hashed = std::iter::once_with(move || {
        let texts = texts(message);
        let role = message.role.name().as_bytes();
        let texts = texts.iter().map(|text| text.as_bytes());
        let parts: Vec<&[u8]> = std::iter::once(role).chain(texts).collect();
        told_apart_id(id, stable_hash(&parts))
    });
    counted.chain(hashed)
}

/// A hash of a message's content, by which different messages with one id are told apart. It doesn't depend
/// on the placeholders of masked values. Ids are made of it, so it must never change.
pub(crate) fn content_hash(message: &Masked<Message>) -> u64 {
    let texts = texts(message);
    let texts = texts.iter().map(|text| text.as_bytes());
    stable_hash_of_texts(std::iter::once(message.role.name().as_bytes()).chain(texts))
}

/// The texts of a message without the placeholders of masked values.
fn texts(message: &Message) -> Vec<Cow<'_, str>> {
    let inputs = message.tools.iter().map(|call| &call.input);
    let outputs = message.results.iter().map(|result| &result.output);
    let texts = [&message.text].into_iter().chain(inputs).chain(outputs);
    texts.map(|text| collapse(text)).collect()
}

/// The message that has this id in a source; `None` if the archive doesn't have it.
pub(crate) fn message_of_id(
    connection: &Connection,
    source: &str,
    id: &str,
) -> Result<Option<MessageId>> {
    // 0 stands for messages that were forgotten.
    let sql = "SELECT message FROM key WHERE hash = ?1 AND message != 0";
    let mut statement = connection.prepare_cached(sql)?;
    let key = id_key(source, id).cast_signed();
    Ok(statement
        .query_row([key], |row| row.get(0).map(MessageId))
        .optional()?)
}

/// The id of a message as it is shown: the source's own, or `#` and its number here where that is empty.
pub(crate) fn shown_id(message: MessageId, id: String) -> String {
    if id.is_empty() {
        format!("#{}", message.0)
    } else {
        id
    }
}

/// FNV-1a over the parts, with their lengths, finished so that all bits depend on all input.
/// Kept in the archive, so it must never change.
pub(crate) fn stable_hash(parts: &[&[u8]]) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut add = |byte: u8| hash = (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3);
    for part in parts {
        (part.len() as u64)
            .to_le_bytes()
            .into_iter()
            .for_each(&mut add);
        part.iter().copied().for_each(&mut add);
    }
    finish(hash)
}

/// A hash of long texts, eight bytes at a time. Kept in the archive, so it must never change.
pub(crate) fn stable_hash_of_texts<'a>(texts: impl Iterator<Item = &'a [u8]>) -> u64 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    // The step of FxHash.
    let mut add = |word: u64| {
        hash = (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95);
    };
    for text in texts {
        add(text.len() as u64);
        let (words, rest) = text.as_chunks::<8>();
        words.iter().for_each(|word| add(u64::from_le_bytes(*word)));
        let mut last = [0; 8];
        last[..rest.len()].copy_from_slice(rest);
        add(u64::from_le_bytes(last));
    }
    finish(hash)
}

/// The finish of MurmurHash3: all bits depend on all others.
fn finish(mut hash: u64) -> u64 {
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xff51_afd7_ed55_8ccd);
    hash = (hash ^ (hash >> 33)).wrapping_mul(0xc4ce_b9fe_1a85_ec53);
    hash ^ (hash >> 33)
}

/// A random id: two processes that make one in the same instant don't make the same.
pub(crate) fn new_uuid(connection: &Connection) -> Result<String> {
    // SQLite seeds its generator from the system's.
    let bytes: Vec<u8> = connection
        .prepare_cached("SELECT randomblob(16)")?
        .query_row([], |row| row.get(0))?;
    let number = bytes
        .iter()
        .fold(0, |all, byte| all << 8 | u128::from(*byte));
    Ok(uuid(number, 4))
}

/// A number in the form of a UUID of a version.
pub(crate) fn uuid(number: u128, version: u128) -> String {
    let number = number & !(0xf << 76) & !(0x3 << 62) | version << 76 | 0x2 << 62;
    let hex = format!("{number:032x}");
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    parts.join("-")
}
