//! Playlists of sounds and films that come in segments (HLS, RFC 8216).

use reqwest::Url;

/// StreamSegments of one playlist at most.
const MAX_SEGMENTS: usize = 20_000;

/// What a playlist says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Playlist {
    /// Variants of one thing: the address of the best.
    Variants(Url),
    /// The thing itself.
    Segments(StreamSegments),
}

/// The parts of a thing, in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamSegments {
    /// What stands before the first segment, and nowhere in them.
    pub(crate) start: Option<Url>,
    pub(crate) segments: Vec<Url>,
    /// The number of the first of them: earlier ones may be gone.
    pub(crate) first: u64,
    /// How long a segment is at most, in seconds.
    pub(crate) target_s: u64,
    /// Whether no more come.
    pub(crate) is_ended: bool,
}

/// Whether a text begins as playlists do.
pub(crate) fn is_playlist(bytes: &[u8]) -> bool {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.starts_with(b"#EXTM3U")
}

/// Reads a playlist that came from an address, to which the others in it may be relative.
///
/// # Errors
/// Why it can't be used.
pub(crate) fn parse(text: &str, base: &Url) -> Result<Playlist, String> {
    let mut read = StreamSegments::default();
    let mut best: Option<(u64, Url)> = None;
    let mut bandwidth = None;
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let Some(tag) = line.strip_prefix('#') else {
            let url = base
                .join(line)
                .map_err(|_| format!("names no address: `{}`", wire::markup::cut(line, 80)))?;
            match bandwidth.take() {
                Some(width) if best.as_ref().is_none_or(|(best, _)| width > *best) => {
                    best = Some((width, url));
                }
                Some(_) => {}
                None if read.segments.len() < MAX_SEGMENTS => read.segments.push(url),
                None => return Err(format!("has more than {MAX_SEGMENTS} segments")),
            }
            continue;
        };
        let (name, value) = tag.split_once(':').unwrap_or((tag, ""));
        match name {
            "EXT-X-STREAM-INF" => {
                bandwidth = Some(
                    attribute(value, "BANDWIDTH")
                        .and_then(|width| width.parse().ok())
                        .unwrap_or(0),
                );
            }
            "EXT-X-TARGETDURATION" => read.target_s = value.parse().unwrap_or_default(),
            "EXT-X-MEDIA-SEQUENCE" => read.first = value.parse().unwrap_or_default(),
            "EXT-X-ENDLIST" => read.is_ended = true,
            "EXT-X-KEY" if attribute(value, "METHOD") != Some("NONE") => {
                return Err("is encrypted".to_owned());
            }
            "EXT-X-BYTERANGE" => {
                return Err("names ranges of files, which aren't supported".to_owned());
            }
            "EXT-X-MAP" => {
                let start = attribute(value, "URI").and_then(|uri| base.join(uri).ok());
                read.start = Some(start.ok_or("names no address of its start")?);
            }
            _ => {}
        }
    }
    match best {
        Some((_, url)) => Ok(Playlist::Variants(url)),
        None => Ok(Playlist::Segments(read)),
    }
}

/// The value of an attribute in a list of them, in which quoted values may have commas.
fn attribute<'v>(list: &'v str, name: &str) -> Option<&'v str> {
    let mut rest = list;
    loop {
        let (key, after) = rest.split_once('=')?;
        let (value, next) = match after.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"')?,
            None => (
                after.split(',').next()?,
                after.split_once(',').map_or("", |(_, next)| next),
            ),
        };
        if key.trim_start_matches(',').trim() == name {
            return Some(value.trim());
        }
        rest = next;
        if rest.is_empty() {
            return None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn base() -> Url {
        Url::parse("http://localhost:7861/gradio_api/stream/ab/cd/playlist.m3u8")
            .expect("an address")
    }

    #[test]
    fn segments_are_relative_to_the_playlist() {
        let text = "#EXTM3U\n#EXT-X-PLAYLIST-TYPE:EVENT\n#EXT-X-TARGETDURATION:10\n#EXT-X-VERSION:4\n\
                    #EXT-X-MEDIA-SEQUENCE:0\n#EXT-X-DISCONTINUITY\n#EXTINF:4.9,\nfirst.aac\n#EXTINF:3.2,\n/x/second.aac\n#EXT-X-ENDLIST\n";
        let Ok(Playlist::Segments(read)) = parse(text, &base()) else {
            panic!("{:?}", parse(text, &base()));
        };
        let names: Vec<&str> = read.segments.iter().map(Url::as_str).collect();
        assert_eq!(
            names,
            [
                "http://localhost:7861/gradio_api/stream/ab/cd/first.aac",
                "http://localhost:7861/x/second.aac"
            ]
        );
        assert!(read.is_ended);
        assert_eq!(read.target_s, 10);
    }

    #[test]
    fn the_best_variant_is_taken_and_a_start_is_told() {
        let text = "#EXTM3U\n#EXT-X-STREAM-INF:CODECS=\"mp4a.40.2,avc1\",BANDWIDTH=1000\nlow.m3u8\n\
                    #EXT-X-STREAM-INF:BANDWIDTH=5000,RESOLUTION=1x1\nhigh.m3u8\n";
        let Ok(Playlist::Variants(url)) = parse(text, &base()) else {
            panic!("{:?}", parse(text, &base()));
        };
        assert!(url.as_str().ends_with("/high.m3u8"));
        let text = "#EXTM3U\n#EXT-X-MAP:URI=\"init.mp4\"\n#EXTINF:1,\na.m4s\n";
        let Ok(Playlist::Segments(read)) = parse(text, &base()) else {
            panic!("{:?}", parse(text, &base()));
        };
        assert!(
            read.start
                .is_some_and(|start| start.as_str().ends_with("/init.mp4"))
        );
        assert!(!read.is_ended);
    }

    #[test]
    fn what_cannot_be_put_together_is_refused() {
        for text in [
            "#EXTM3U\n#EXT-X-KEY:METHOD=AES-128,URI=\"k\"\na.ts\n",
            "#EXTM3U\n#EXT-X-BYTERANGE:10@0\na.ts\n",
            "#EXTM3U\nhttp://[broken/a.ts\n",
        ] {
            assert!(parse(text, &base()).is_err(), "{text}");
        }
        assert!(parse("#EXTM3U\n#EXT-X-KEY:METHOD=NONE\na.ts\n", &base()).is_ok());
    }
}
