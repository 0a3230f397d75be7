//! Character cards as CHARX files: a ZIP archive with `card.json` and pictures.
//!
//! Format: <https://github.com/kwaroran/character-card-spec-v3>. What is read is limited, whatever the archive says of
//! its sizes.

use std::io::{Cursor, Read as _};

use zip::ZipArchive;

/// Entries that are looked at.
const MAX_ENTRIES: usize = 4_096;

/// How long the card may be, in bytes.
const MAX_CARD_BYTES: u64 = 32 << 20;

/// Whether a file is a ZIP archive by its first bytes. Some have a picture before it.
pub(super) fn is_zip(bytes: &[u8]) -> bool {
    bytes.starts_with(b"PK\x03\x04")
}

/// The card in an archive, as JSON.
///
/// # Errors
/// What is missing, or can't be read.
pub(super) fn card(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let mut archive = ZipArchive::new(Cursor::new(bytes))
        .map_err(|error| format!("is no ZIP archive: {error}"))?;
    if archive.len() > MAX_ENTRIES {
        return Err(format!("has more than {MAX_ENTRIES} files in it"));
    }
    let card = archive
        .by_name("card.json")
        .map_err(|error| format!("has no `card.json` that can be read: {error}"))?;
    let mut json = Vec::new();
    card.take(MAX_CARD_BYTES + 1)
        .read_to_end(&mut json)
        .map_err(|error| format!("has a `card.json` that can't be unpacked: {error}"))?;
    match json.len() as u64 <= MAX_CARD_BYTES {
        true => Ok(json),
        false => Err(format!(
            "has a `card.json` of more than {} MiB",
            MAX_CARD_BYTES >> 20
        )),
    }
}
