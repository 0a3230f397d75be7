//! What a file is, told from its bytes and never from its name or from what a server says.

/// A kind of files that are kept.
#[derive(Debug)]
pub(crate) struct AssetKind {
    pub(crate) media_type: &'static str,
    /// How its files' names end.
    pub(crate) extension: &'static str,
    fits: fn(&[u8]) -> bool,
}

/// Bytes of a file's start that tell what it is.
pub(crate) const SNIFFED_BYTES: usize = 512;

/// All kinds; the first that fits counts. Formats: the PNG, JPEG (ITU T.81), GIF89a, RIFF (WebP, WAVE), Ogg (RFC
/// 3533), FLAC (RFC 9639), ISO base media (ISO/IEC 14496-12), Matroska (RFC 9559), ADTS and MP3 (ISO/IEC 13818-7,
/// 11172-3) and MPEG-TS (ISO/IEC 13818-1) specifications.
static ALL_KINDS: [AssetKind; 18] = [
    kind("image/png", "png", |bytes| {
        bytes.starts_with(b"\x89PNG\r\n\x1a\n")
    }),
    kind("image/jpeg", "jpg", |bytes| {
        bytes.starts_with(b"\xff\xd8\xff")
    }),
    kind("image/gif", "gif", |bytes| bytes.starts_with(b"GIF8")),
    kind("image/webp", "webp", |bytes| is_riff(bytes, b"WEBP")),
    kind("audio/wav", "wav", |bytes| is_riff(bytes, b"WAVE")),
    kind("audio/flac", "flac", |bytes| bytes.starts_with(b"fLaC")),
    kind("video/ogg", "ogv", |bytes| {
        bytes.starts_with(b"OggS") && holds(bytes, b"theora")
    }),
    kind("audio/ogg", "ogg", |bytes| bytes.starts_with(b"OggS")),
    kind("audio/mp4", "m4a", |bytes| {
        is_brand(bytes, &[b"M4A ", b"M4B "])
    }),
    kind("image/avif", "avif", |bytes| {
        is_brand(bytes, &[b"avif", b"avis"])
    }),
    kind("video/mp4", "mp4", |bytes| bytes.get(4..8) == Some(b"ftyp")),
    kind("video/webm", "webm", |bytes| {
        bytes.starts_with(b"\x1a\x45\xdf\xa3") && holds(bytes, b"webm")
    }),
    kind("audio/aac", "aac", |bytes| {
        bytes.first() == Some(&0xff) && bytes.get(1).is_some_and(|byte| byte & 0xf6 == 0xf0)
    }),
    kind("audio/mpeg", "mp3", |bytes| {
        bytes.starts_with(b"ID3")
            || (bytes.first() == Some(&0xff)
                && bytes.get(1).is_some_and(|byte| byte & 0xe6 == 0xe2))
    }),
    kind("video/mp2t", "ts", |bytes| {
        bytes.first() == Some(&0x47)
            && bytes.get(188).is_none_or(|byte| *byte == 0x47)
            && bytes.len() >= 188
    }),
    kind("application/pdf", "pdf", |bytes| {
        bytes.starts_with(b"%PDF-")
    }),
    kind("image/svg+xml", "svg", is_svg),
    // Kept only where it is known to be text: nothing tells it from its bytes.
    kind("text/plain; charset=utf-8", "txt", |_| false),
];

const fn kind(
    media_type: &'static str,
    extension: &'static str,
    fits: fn(&[u8]) -> bool,
) -> AssetKind {
    AssetKind {
        media_type,
        extension,
        fits,
    }
}

impl AssetKind {
    /// What begins so; `None` for what isn't kept.
    pub(crate) fn of(start: &[u8]) -> Option<&'static Self> {
        let start = &start[..SNIFFED_BYTES.min(start.len())];
        ALL_KINDS.iter().find(|kind| (kind.fits)(start))
    }

    /// The kind of files whose names end so.
    pub(crate) fn of_extension(extension: &str) -> Option<&'static Self> {
        ALL_KINDS.iter().find(|kind| kind.extension == extension)
    }

    /// The kind of texts.
    pub(crate) fn text() -> &'static Self {
        &ALL_KINDS[ALL_KINDS.len() - 1]
    }

    /// Whether it is a picture of a kind that models take.
    pub(crate) fn is_picture_for_models(&self) -> bool {
        matches!(self.extension, "png" | "jpg" | "gif" | "webp")
    }

    /// Whether it is a picture, a sound or a film.
    pub(crate) fn is_media(&self) -> bool {
        self.is_large() || self.media_type.starts_with("image/")
    }

    /// Whether it is sound or film, which take much room.
    pub(crate) fn is_large(&self) -> bool {
        self.media_type.starts_with("audio/") || self.media_type.starts_with("video/")
    }
}

fn is_riff(bytes: &[u8], form: &[u8; 4]) -> bool {
    bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(form)
}

fn is_brand(bytes: &[u8], brands: &[&[u8; 4]]) -> bool {
    bytes.get(4..8) == Some(b"ftyp")
        && bytes
            .get(8..12)
            .is_some_and(|brand| brands.iter().any(|known| brand == *known))
}

fn holds(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Its first element is `svg`, behind a declaration and comments.
fn is_svg(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    let is_markup =
        text.starts_with("<svg") || text.starts_with("<?xml") || text.starts_with("<!--");
    is_markup && text.contains("<svg")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_are_told_from_bytes() {
        let mut ts = vec![0x47; 376];
        ts[1] = 0;
        let cases: [(&[u8], Option<&str>); 12] = [
            (b"RIFF\0\0\0\0WAVEfmt ", Some("wav")),
            (b"RIFF\0\0\0\0WEBPVP8 ", Some("webp")),
            (b"\xff\xf1\x50\x80", Some("aac")),
            (b"\xff\xfb\x90\x00", Some("mp3")),
            (b"ID3\x04", Some("mp3")),
            (b"\0\0\0\x20ftypisom", Some("mp4")),
            (b"\0\0\0\x20ftypM4A ", Some("m4a")),
            (b"\x1a\x45\xdf\xa3\x9f\x42\x82\x84webm", Some("webm")),
            (&ts, Some("ts")),
            (b"<?xml version=\"1.0\"?><svg xmlns=\"\"/>", Some("svg")),
            (b"<html><body><svg/></body></html>", None),
            (b"", None),
        ];
        for (bytes, extension) in cases {
            let found = AssetKind::of(bytes).map(|kind| kind.extension);
            assert_eq!(found, extension, "{bytes:?}");
        }
    }
}
