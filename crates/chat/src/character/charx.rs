//! Character cards as CHARX files: a ZIP archive with `card.json` and pictures.
//!
//! Format: <https://github.com/kwaroran/character-card-spec-v3>. What is read is limited, whatever the archive says of
//! its sizes.

use std::io::{Cursor, Read as _, Write as _};

use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

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

/// An archive with another card in it; its other files stay as they are, packed as they were.
///
/// # Errors
/// If it can't be read or written.
pub(super) fn with_card(bytes: &[u8], json: &str) -> Result<Vec<u8>, String> {
    let unwritten = |error: zip::result::ZipError| format!("can't be packed: {error}");
    let mut archive = ZipArchive::new(Cursor::new(bytes)).map_err(unwritten)?;
    let mut out = ZipWriter::new(Cursor::new(Vec::new()));
    for nth in 0..archive.len() {
        let file = archive.by_index_raw(nth).map_err(unwritten)?;
        if file.name().is_ok_and(|name| name != "card.json") {
            out.raw_copy_file(file).map_err(unwritten)?;
        }
    }
    let options = SimpleFileOptions::default();
    out.start_file("card.json", options).map_err(unwritten)?;
    out.write_all(json.as_bytes())
        .map_err(|error| format!("can't be packed: {error}"))?;
    Ok(out.finish().map_err(unwritten)?.into_inner())
}
