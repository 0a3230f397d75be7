//! Pictures, sounds and films that a tool names in its text: as data, by their addresses, or by paths on its machine.
//!
//! Servers made with Gradio answer so: a bare address or path in a text, with a few words before it or none.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use reqwest::Url;
use wire::size;

use crate::assets::AssetKind;

/// Files of one result at most.
const MAX_FILES: usize = 8;

/// A text that is longer, in bytes, is no word on a file but a page: of the addresses in it only those of the server
/// itself are looked at.
const SHORT_TEXT_BYTES: usize = 4_000;

/// How the names of pictures, sounds and films end.
const MEDIA_ENDS: [&str; 20] = [
    "png", "jpg", "jpeg", "gif", "webp", "avif", "svg", "mp3", "wav", "ogg", "oga", "ogv", "flac",
    "m4a", "aac", "mp4", "webm", "m4v", "mov", "m3u8",
];

/// What a text names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NamedMedia {
    /// The text, in which data of files is replaced by what they are.
    pub(crate) text: String,
    /// Files whose data stood in the text.
    pub(crate) files: Vec<Vec<u8>>,
    pub(crate) places: Vec<NamedPlace>,
}

/// Where a file may be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum NamedPlace {
    /// At an address.
    Address(Url),
    /// At a path on the machine of the server.
    Path(String),
}

/// What a server's text names. `origin` is scheme, host and port of a server at an address.
pub(crate) fn named(text: &str, links: &[String], origin: Option<&str>) -> NamedMedia {
    let mut media = NamedMedia::default();
    let origin = origin.and_then(|origin| Url::parse(origin).ok());
    take_data(text, &mut media);
    let is_short = media.text.len() <= SHORT_TEXT_BYTES;
    let words = media
        .text
        .split(|c: char| c.is_whitespace() || c.is_control() || "\"'`<>()[]{}|\\".contains(c));
    let words = words.map(|word| word.trim_end_matches(['.', ',', ';', ':', '!', '?']));
    let mut places = Vec::new();
    for word in links.iter().map(String::as_str).chain(words) {
        if let Some(place) = place(word, origin.as_ref(), is_short)
            && !places.contains(&place)
            && places.len() < MAX_FILES
        {
            places.push(place);
        }
    }
    media.places = places;
    media
}

fn place(word: &str, origin: Option<&Url>, is_short: bool) -> Option<NamedPlace> {
    if word.starts_with("http://") || word.starts_with("https://") {
        let url = Url::parse(word).ok()?;
        let is_own = origin.is_some_and(|origin| origin.origin() == url.origin());
        return (is_own || (is_short && has_media_end(url.path())))
            .then_some(NamedPlace::Address(url));
    }
    let is_path = word.starts_with('/') && word.len() > 1 && !word.starts_with("//");
    if !is_path || !has_media_end(word) {
        return None;
    }
    match origin {
        None if !is_short => None,
        None => Some(NamedPlace::Path(word.to_owned())),
        Some(origin) if word.starts_with("/gradio_api/") || word.starts_with("/file=") => {
            origin.join(word).ok().map(NamedPlace::Address)
        }
        // A path on the server's machine, which Gradio hands out so.
        Some(origin) => {
            let mut url = origin.clone();
            url.set_path(&format!("/gradio_api/file={word}"));
            Some(NamedPlace::Address(url))
        }
    }
}

fn has_media_end(path: &str) -> bool {
    let end = path.rsplit(['.', '/']).next().unwrap_or_default();
    MEDIA_ENDS
        .iter()
        .any(|known| end.eq_ignore_ascii_case(known))
}

/// Takes data of files out of a text.
fn take_data(text: &str, media: &mut NamedMedia) {
    let mut rest = text;
    while let Some(at) = rest.find("data:") {
        let (before, from) = rest.split_at(at);
        media.text.push_str(before);
        let end = from
            .find(|c: char| !(c.is_ascii_alphanumeric() || ":/;,=+-._%".contains(c)))
            .unwrap_or(from.len());
        let (word, after) = from.split_at(end);
        match file_of(word).filter(|_| media.files.len() < MAX_FILES) {
            Some((file, kind)) => {
                let length = size(file.len() as u64);
                media.text.push_str(&format!(
                    "[{}, {length}: the person sees it]",
                    kind.media_type
                ));
                media.files.push(file);
            }
            None => media.text.push_str(word),
        }
        rest = after;
    }
    media.text.push_str(rest);
}

fn file_of(word: &str) -> Option<(Vec<u8>, &'static AssetKind)> {
    let (head, data) = word.strip_prefix("data:")?.split_once(',')?;
    head.ends_with(";base64").then_some(())?;
    let bytes = STANDARD
        .decode(data)
        .or_else(|_| STANDARD_NO_PAD.decode(data))
        .ok()?;
    let kind = AssetKind::of(&bytes)?;
    Some((bytes, kind))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Option<&str> = Some("http://localhost:7861");

    fn addresses(text: &str, origin: Option<&str>) -> Vec<String> {
        named(text, &[], origin)
            .places
            .into_iter()
            .map(|place| match place {
                NamedPlace::Address(url) => url.to_string(),
                NamedPlace::Path(path) => path,
            })
            .collect()
    }

    #[test]
    fn addresses_are_found_in_the_shapes_that_gradio_has() {
        let cases = [
            (
                "Image URL: http://localhost:7861/gradio_api/file=/tmp/gradio/ab/image.webp",
                ORIGIN,
                vec!["http://localhost:7861/gradio_api/file=/tmp/gradio/ab/image.webp"],
            ),
            (
                "http://localhost:7861/gradio_api/stream/ab/1/playlist.m3u8",
                ORIGIN,
                vec!["http://localhost:7861/gradio_api/stream/ab/1/playlist.m3u8"],
            ),
            (
                "/tmp/gradio/ab/audio.wav",
                ORIGIN,
                vec!["http://localhost:7861/gradio_api/file=/tmp/gradio/ab/audio.wav"],
            ),
            (
                "/gradio_api/file=/tmp/a.mp3",
                ORIGIN,
                vec!["http://localhost:7861/gradio_api/file=/tmp/a.mp3"],
            ),
            ("Saved to /home/me/out.png.", None, vec!["/home/me/out.png"]),
            (
                "see https://example.org/cat.jpg, please",
                None,
                vec!["https://example.org/cat.jpg"],
            ),
            (
                "![cat](https://example.org/cat.jpg)",
                None,
                vec!["https://example.org/cat.jpg"],
            ),
            (
                "see https://example.org/page and /usr/bin/env",
                None,
                vec![],
            ),
            (
                "http://localhost:7861/anything",
                ORIGIN,
                vec!["http://localhost:7861/anything"],
            ),
            ("http://localhost:7862/anything", ORIGIN, vec![]),
        ];
        for (text, origin, expected) in cases {
            assert_eq!(addresses(text, origin), expected, "{text}");
        }
        let long = format!(
            "{} https://example.org/cat.jpg http://localhost:7861/a.png",
            "word ".repeat(2_000)
        );
        assert_eq!(addresses(&long, ORIGIN), ["http://localhost:7861/a.png"]);
    }

    #[test]
    fn data_in_a_text_becomes_a_file() {
        let png = STANDARD.encode(b"\x89PNG\r\n\x1a\n and more");
        let media = named(
            &format!("Here: data:image/png;base64,{png} done, data: none"),
            &[],
            None,
        );
        assert_eq!(
            media.text,
            "Here: [image/png, 17 B: the person sees it] done, data: none"
        );
        assert_eq!(media.files.len(), 1);
    }
}
