//! How much one record may take in memory: a list of tiny elements would take a hundred times the
//! bytes that it has on disk. Must not know any format.

use std::borrow::Cow;
use std::cell::Cell;

use memchr::memchr2;
use serde::de::{Deserialize, IgnoredAny, SeqAccess};

use crate::fingerprint::fingerprint;

/// Elements of lists that one record may have, in all of its lists together. Real records have a few
/// hundred at most.
pub(crate) const MAX_ITEMS: usize = 16_384;

/// The longest name that is kept as it is: of a conversation, a directory, a branch, a turn. Names are
/// repeated with every message, so that a long one would multiply.
const MAX_NAME_BYTES: usize = 4096;

thread_local! {
    /// Elements of the record at hand so far. Derived `Deserialize` implementations pass nothing down
    /// to the lists in them, and limits for each list alone multiply where lists are nested.
    static RECORD_ITEMS: Cell<usize> = const { Cell::new(0) };
}

/// Starts counting anew, for the next record.
pub(crate) fn begin_record() {
    RECORD_ITEMS.set(0);
}

/// Whether the record at hand had more elements than it may, so that some were left out.
pub(crate) fn is_exceeded() -> bool {
    RECORD_ITEMS.get() > MAX_ITEMS
}

/// Counts one more element of the record at hand, and tells whether it may be kept.
pub(crate) fn take_item() -> bool {
    RECORD_ITEMS.set(RECORD_ITEMS.get().saturating_add(1));
    !is_exceeded()
}

/// The next element of a list; nothing at its end, or once the record has too many: the rest of the
/// list is passed over then.
pub(crate) fn next_item<'de, T, A>(items: &mut A) -> Result<Option<T>, A::Error>
where
    T: Deserialize<'de>,
    A: SeqAccess<'de>,
{
    if RECORD_ITEMS.get() < MAX_ITEMS {
        let item = items.next_element()?;
        if item.is_some() {
            take_item();
        }
        return Ok(item);
    }
    while items.next_element::<IgnoredAny>()?.is_some() {
        take_item();
    }
    Ok(None)
}

/// Runs `work` with a count of its own: what it leaves out isn't missing from the record.
pub(crate) fn aside<T>(work: impl FnOnce() -> T) -> T {
    let before = RECORD_ITEMS.replace(0);
    let done = work();
    RECORD_ITEMS.set(before);
    done
}

/// Whether a JSON text has so few values that it may be held as a tree of them.
pub(crate) fn is_small(json: &str) -> bool {
    json.len() <= MAX_ITEMS || has_at_most_values(json.as_bytes(), MAX_ITEMS)
}

/// Whether a JSON text has about `limit` values or fewer: it has at most so many `,`, `[` and `{` outside
/// of strings. Call it before an untrusted text is parsed into a tree, which takes up to two hundred times
/// the bytes of a text of tiny values. Whether the text is JSON isn't told.
#[must_use]
pub fn has_at_most_values(json: &[u8], limit: usize) -> bool {
    let (mut at, mut values) = (0, 0);
    while let Some(byte) = json.get(at) {
        match byte {
            b'"' => at = string_end(json, at + 1),
            b',' | b'[' | b'{' => values += 1,
            _ => {}
        }
        at += 1;
    }
    values <= limit
}

/// Where the string ends whose content starts at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

/// A name that may be repeated with every message: a longer one than anybody gives is cut, and told
/// apart from others by its fingerprint.
pub(crate) fn name(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_NAME_BYTES {
        return Cow::Borrowed(text);
    }
    let start = &text[..text.floor_char_boundary(MAX_NAME_BYTES / 4)];
    Cow::Owned(format!("{start}…{:016x}", fingerprint(text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_counted_outside_of_strings() {
        let check = |json: &str, limit, expected| {
            let found = has_at_most_values(json.as_bytes(), limit);
            assert_eq!(found, expected, "{json} {limit}");
        };
        check("[1,2,[]]", 4, true);
        check("[1,2,[]]", 3, false);
        check(r#"{"a,{[\",": "[[[["}"#, 1, true);
        check(r#""open,,,"#, 0, true);
    }
}
