//! What a reflection or a mark may hold, and the one form in which it is kept.

use crate::store::one_line_tags;
use crate::{Error, Result};

const MAX_CONTENT_BYTES: usize = 64 << 10;
const MAX_EVIDENCE_BYTES: usize = 16 << 10;
const MAX_TAGS: usize = 32;
const MAX_TAG_CHARS: usize = 64;
const MAX_NAME_CHARS: usize = 128;
const MAX_CONVERSATION_CHARS: usize = 256;
const MAX_MARKED_IDS: usize = 1_000;

/// What a reflection says, without the space around it.
pub(super) fn content(text: &str) -> Result<String> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Error::Empty("the reflection"));
    }
    within("the reflection", text.len(), MAX_CONTENT_BYTES, "bytes")?;
    Ok(text.to_owned())
}

/// Tags, each once.
pub(super) fn tags(tags: &[String]) -> Result<Vec<String>> {
    let tags = one_line_tags(tags);
    within("the list of tags", tags.len(), MAX_TAGS, "tags")?;
    for tag in &tags {
        within("a tag", tag.chars().count(), MAX_TAG_CHARS, "characters")?;
    }
    Ok(tags)
}

/// A name or an id, on one line; nothing where it is empty.
pub(super) fn name(name: Option<&str>) -> Result<Option<String>> {
    line("a name", name, MAX_NAME_CHARS)
}

/// A conversation's id.
pub(super) fn conversation(id: Option<&str>) -> Result<Option<String>> {
    line("a conversation's id", id, MAX_CONVERSATION_CHARS)
}

/// What shows something, or is claimed.
pub(super) fn evidence(what: &'static str, text: Option<&str>) -> Result<Option<String>> {
    let text = text.map(str::trim).filter(|text| !text.is_empty());
    if let Some(text) = text {
        within(what, text.len(), MAX_EVIDENCE_BYTES, "bytes")?;
    }
    Ok(text.map(str::to_owned))
}

/// How many are marked at once.
pub(super) fn marked(ids: usize) -> Result<()> {
    if ids == 0 {
        return Err(Error::Empty("the list of ids"));
    }
    within("the list of ids", ids, MAX_MARKED_IDS, "ids")
}

fn line(what: &'static str, text: Option<&str>, limit: usize) -> Result<Option<String>> {
    let text = text.map(one_line).filter(|text| !text.is_empty());
    if let Some(text) = &text {
        within(what, text.chars().count(), limit, "characters")?;
    }
    Ok(text)
}

fn within(what: &'static str, found: usize, limit: usize, unit: &'static str) -> Result<()> {
    if found <= limit {
        return Ok(());
    }
    Err(Error::TooLong {
        what,
        found,
        limit,
        unit,
    })
}

fn one_line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}
