//! What bytes are, by how they begin, whatever a server or a name says.

/// Beginnings of files, and their media types; at an offset.
const TYPE_STARTS: &[(usize, &[u8], &str)] = &[
    (0, b"\x89PNG\r\n\x1a\n", "image/png"),
    (0, b"\xff\xd8\xff", "image/jpeg"),
    (0, b"GIF87a", "image/gif"),
    (0, b"GIF89a", "image/gif"),
    (8, b"WEBP", "image/webp"),
    (8, b"WAVE", "audio/wav"),
    (8, b"AVI ", "video/x-msvideo"),
    (4, b"ftypavif", "image/avif"),
    (4, b"ftypM4A", "audio/mp4"),
    (4, b"ftyp", "video/mp4"),
    (0, b"\x1a\x45\xdf\xa3", "video/webm"),
    (0, b"OggS", "audio/ogg"),
    (0, b"fLaC", "audio/flac"),
    (0, b"ID3", "audio/mpeg"),
    (0, b"\xff\xfb", "audio/mpeg"),
    (0, b"\xff\xf3", "audio/mpeg"),
    (0, b"\xff\xf1", "audio/aac"),
    (0, b"\xff\xf9", "audio/aac"),
    (0, b"#EXTM3U", "application/vnd.apple.mpegurl"),
    (0, b"%PDF-", "application/pdf"),
    (0, b"PK\x03\x04", "application/zip"),
    (0, b"\x1f\x8b", "application/gzip"),
];

/// The distance at which a stream of MPEG has its mark again.
const TRANSPORT_PACKET_BYTES: usize = 188;

/// The media type of what begins so: of pictures, sound, films, playlists, PDF, archives, pages and text;
/// `application/octet-stream` for all else. Some hundred bytes are enough.
#[must_use]
pub fn media_type(head: &[u8]) -> &'static str {
    for (at, start, found) in TYPE_STARTS {
        if head.get(*at..).is_some_and(|head| head.starts_with(start)) {
            return found;
        }
    }
    if head.first() == Some(&0x47) && head.get(TRANSPORT_PACKET_BYTES) == Some(&0x47) {
        return "video/mp2t";
    }
    let text = match std::str::from_utf8(head) {
        Ok(text) => text,
        // Cut in the middle of a letter.
        Err(error) if error.error_len().is_none() => {
            std::str::from_utf8(&head[..error.valid_up_to()]).unwrap_or_default()
        }
        Err(_) => return "application/octet-stream",
    };
    if text.is_empty() || text.contains('\0') {
        return "application/octet-stream";
    }
    let start: String = text
        .trim_start_matches('\u{feff}')
        .trim_start()
        .chars()
        .take(512)
        .collect();
    let start = start.to_ascii_lowercase();
    match () {
        () if start.starts_with("<!doctype html") || start.starts_with("<html") => "text/html",
        () if start.starts_with("<svg")
            || (start.starts_with("<?xml") && start.contains("<svg")) =>
        {
            "image/svg+xml"
        }
        () if start.contains("<html")
            || start.starts_with("<head")
            || start.starts_with("<body") =>
        {
            "text/html"
        }
        () if start.starts_with("<?xml") => "application/xml",
        () if start.starts_with(['{', '[']) => "application/json",
        () => "text/plain",
    }
}
