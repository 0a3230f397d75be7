//! Looks for a text in all files of an archive: as it is, and in every compressed frame that can be put
//! together from pages of the database that are used, free, or in its write-ahead log.

use std::collections::HashMap;
use std::io::Read as _;

use crate::guards::planted::bytes_below;
use crate::support::Sandbox;

const MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const WAL_HEADER_BYTES: usize = 32;
const FRAME_HEADER_BYTES: usize = 24;

/// Where a text is, if it is anywhere.
pub(crate) fn is_anywhere(sandbox: &Sandbox, text: &str) -> Option<String> {
    for (path, bytes) in bytes_below(sandbox.home().data()) {
        if holds(&bytes, text) {
            return Some(format!("{path}, as it is"));
        }
    }
    is_in_frame(sandbox, text)
}

/// In which compressed frame a text is, if it is in any.
pub(crate) fn is_in_frame(sandbox: &Sandbox, text: &str) -> Option<String> {
    let files = bytes_below(sandbox.home().data());
    for (path, bytes) in &files {
        for at in places_of(bytes, &MAGIC) {
            if holds(&unpacked(&bytes[at..]), text) {
                return Some(format!("{path}, in the frame at {at}"));
            }
        }
    }
    let of = |end: &str| {
        let file = files.iter().find(|(path, _)| path.ends_with(end));
        file.map_or(&[][..], |(_, bytes)| bytes)
    };
    in_pages(of("lorekeep.db"), of("lorekeep.db-wal"), text)
}

/// The same in frames that go from page to page.
fn in_pages(database: &[u8], log: &[u8], text: &str) -> Option<String> {
    let size = usize::from(u16::from_be_bytes([database[16], database[17]]));
    let size = if size == 1 { 65_536 } else { size };
    let mut pages: HashMap<u32, &[u8]> = HashMap::new();
    for (at, page) in database.chunks_exact(size).enumerate() {
        pages.insert(at as u32 + 1, page);
    }
    // Every image of a page is where a frame may begin; it goes on in the newest images, or in the
    // database's own.
    let mut images: Vec<(u32, &[u8])> = pages
        .iter()
        .map(|(number, page)| (*number, *page))
        .collect();
    let mut newest = pages.clone();
    let frames = log.get(WAL_HEADER_BYTES..).unwrap_or_default();
    for frame in frames.chunks_exact(FRAME_HEADER_BYTES + size) {
        let number = u32::from_be_bytes(frame[..4].try_into().unwrap());
        images.push((number, &frame[FRAME_HEADER_BYTES..]));
        newest.insert(number, &frame[FRAME_HEADER_BYTES..]);
    }
    for (number, image) in images {
        for at in places_of(image, &MAGIC) {
            for all in [&pages, &newest] {
                for frame in candidates(image, at, all) {
                    if holds(&unpacked(&frame), text) {
                        return Some(format!("a frame that begins in page {number} at {at}"));
                    }
                }
            }
        }
    }
    None
}

/// What may follow a frame's first bytes: the rest of the page, and what is on overflow pages, for each
/// place at which the number of one may stand.
fn candidates(image: &[u8], at: usize, pages: &HashMap<u32, &[u8]>) -> Vec<Vec<u8>> {
    let mut found = vec![image[at..].to_vec()];
    for end in at + MAGIC.len()..image.len().saturating_sub(3) {
        let next = u32::from_be_bytes(image[end..end + 4].try_into().unwrap());
        if next == 0 || !pages.contains_key(&next) {
            continue;
        }
        let mut frame = image[at..end].to_vec();
        let mut next = next;
        let mut steps = 0;
        while let Some(page) = pages.get(&next) {
            frame.extend_from_slice(&page[4..]);
            next = u32::from_be_bytes(page[..4].try_into().unwrap());
            steps += 1;
            if steps > pages.len() {
                break;
            }
        }
        found.push(frame);
    }
    found
}

/// As much as can be unpacked.
fn unpacked(frame: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    if let Ok(decoder) = zstd::Decoder::new(frame) {
        let _ = decoder.single_frame().take(64 << 20).read_to_end(&mut out);
    }
    out
}

fn places_of<'b>(bytes: &'b [u8], what: &'b [u8]) -> impl Iterator<Item = usize> + 'b {
    let first = what[0];
    let starts = bytes
        .iter()
        .enumerate()
        .filter(move |(_, byte)| **byte == first);
    starts
        .map(|(at, _)| at)
        .filter(move |at| bytes[*at..].starts_with(what))
}

fn holds(bytes: &[u8], text: &str) -> bool {
    places_of(bytes, text.as_bytes()).next().is_some()
}
