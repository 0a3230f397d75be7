//! Gathering the files that a tool names: fetched at once, since many are there for a moment only, and kept.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use fetch::{Fetched, Fetcher};
use reqwest::Url;
use tokio::time::Instant;

use super::core::ChatInner;
use crate::assets::AssetKind;
use crate::steps::MediaPlace;
use crate::toolbox::{NamedPlace, Playlist, StreamSegments, is_playlist, parse_playlist};

/// One picture, sound or film, in bytes.
const MAX_BYTES: usize = 256 << 20;

/// A playlist, in bytes.
const MAX_PLAYLIST_BYTES: usize = 4 << 20;

/// How long a stream that isn't over is followed without anything new.
const STREAM_PATIENCE: Duration = Duration::from_secs(30);

/// How long a stream is followed in all.
const MAX_STREAM_TIME: Duration = Duration::from_secs(900);

/// What a server named, and where that may be fetched from.
pub(super) struct Gathering<'a> {
    pub(super) chat: &'a Arc<ChatInner>,
    pub(super) off_record: bool,
    /// Scheme, host and port of the server, from which all may be fetched: private or not, it was configured.
    pub(super) origin: Option<String>,
    /// Where files may be that a server names which is a process here: directories that its entry names.
    pub(super) directories: Vec<PathBuf>,
}

impl Gathering<'_> {
    /// Keeps what is at a place; nothing if that is no picture, sound or film after all.
    pub(super) async fn gather(&self, place: &NamedPlace) -> Option<MediaPlace> {
        let name = name_of(place);
        let _turn = self.chat.gathering.acquire().await;
        let gathered = match place {
            NamedPlace::Address(url) => self.fetched(url).await,
            NamedPlace::Path(path) => self.read(path).await,
        };
        match gathered {
            Ok(None) => None,
            Ok(Some(bytes)) => Some(MediaPlace {
                name,
                ..self.keep(bytes).await
            }),
            Err(problem) => Some(MediaPlace {
                name,
                problem,
                ..MediaPlace::default()
            }),
        }
    }

    /// Keeps bytes of a result.
    pub(super) async fn keep(&self, bytes: Vec<u8>) -> MediaPlace {
        let off_record = self.off_record;
        let kept = self.chat.read(move |inner| match AssetKind::of(&bytes) {
            Some(kind) => inner
                .assets
                .add(&bytes, kind, off_record)
                .map(MediaPlace::of),
            None => Ok(MediaPlace {
                bytes: bytes.len() as u64,
                problem: "is of a kind that isn't kept".to_owned(),
                ..MediaPlace::default()
            }),
        });
        kept.await.unwrap_or_else(|error| MediaPlace {
            problem: error.to_string(),
            ..MediaPlace::default()
        })
    }

    fn fetcher(&self) -> &Fetcher {
        &self.chat.options.tools.fetcher
    }

    async fn open(&self, url: &Url) -> Result<Fetched, String> {
        let origins: Vec<String> = self.origin.iter().cloned().collect();
        let fetched = self.fetcher().fetch_from(url.as_str(), &origins).await;
        fetched.map_err(|error| match error {
            fetch::Error::Private { .. } => format!("{error}; `tools.allow_private` allows that"),
            error => error.to_string(),
        })
    }

    async fn fetched(&self, url: &Url) -> Result<Option<Vec<u8>>, String> {
        let mut fetched = self.open(url).await?;
        let mut bytes = Vec::new();
        let mut is_known = false;
        while let Some(piece) = fetched.next().await.map_err(|error| error.to_string())? {
            bytes.extend_from_slice(&piece);
            if bytes.len() > MAX_BYTES {
                return Err(too_large());
            }
            if !is_known {
                is_known = true;
                if is_playlist(&bytes) {
                    let base = Url::parse(fetched.final_url()).unwrap_or_else(|_| url.clone());
                    let text = rest_of(fetched, bytes).await?;
                    return self.streamed(base, text).await.map(Some);
                }
                if AssetKind::of(&bytes).is_none_or(|kind| !kind.is_media()) {
                    return Ok(None);
                }
            }
        }
        Ok((!bytes.is_empty()).then_some(bytes))
    }

    /// All segments of a playlist as one file. One that isn't over is followed until it is.
    async fn streamed(&self, base: Url, text: String) -> Result<Vec<u8>, String> {
        let mut base = base;
        let mut playlist = parse_playlist(&text, &base)?;
        if let Playlist::Variants(url) = playlist {
            let fetched = self.open(&url).await?;
            base = Url::parse(fetched.final_url()).unwrap_or(url);
            playlist = parse_playlist(&rest_of(fetched, Vec::new()).await?, &base)?;
        }
        let Playlist::Segments(mut segments) = playlist else {
            return Err("its playlist names playlists of playlists".to_owned());
        };
        let mut bytes = Vec::new();
        if let Some(start) = segments.start.clone() {
            self.add(&start, &mut bytes).await?;
        }
        let began = Instant::now();
        let (mut next, mut last_new) = (segments.first, began);
        loop {
            let skipped =
                usize::try_from(next.saturating_sub(segments.first)).unwrap_or(usize::MAX);
            for url in segments.segments.iter().skip(skipped) {
                if began.elapsed() > MAX_STREAM_TIME {
                    break;
                }
                self.add(url, &mut bytes).await?;
                next = next.max(segments.first) + 1;
                last_new = Instant::now();
            }
            let is_given_up =
                last_new.elapsed() > STREAM_PATIENCE || began.elapsed() > MAX_STREAM_TIME;
            if segments.is_ended || is_given_up {
                break;
            }
            let pause = (segments.target_s * 500).clamp(200, 3_000);
            tokio::time::sleep(Duration::from_millis(pause)).await;
            match self.again(&base).await {
                Ok(newer) => segments = newer,
                // A stream that goes away when it is over has said all.
                Err(_) if !bytes.is_empty() => break,
                Err(problem) => return Err(problem),
            }
        }
        match bytes.is_empty() {
            true => Err("its playlist has nothing in it".to_owned()),
            false => Ok(bytes),
        }
    }

    async fn again(&self, url: &Url) -> Result<StreamSegments, String> {
        let text = rest_of(self.open(url).await?, Vec::new()).await?;
        match parse_playlist(&text, url)? {
            Playlist::Segments(segments) => Ok(segments),
            Playlist::Variants(_) => Err("its playlist changed".to_owned()),
        }
    }

    async fn add(&self, url: &Url, to: &mut Vec<u8>) -> Result<(), String> {
        let mut fetched = self.open(url).await?;
        while let Some(piece) = fetched.next().await.map_err(|error| error.to_string())? {
            if to.len() + piece.len() > MAX_BYTES {
                return Err(too_large());
            }
            to.extend_from_slice(&piece);
        }
        Ok(())
    }

    /// A file on this machine, which a server that is a process here named. Only what is a picture, sound or film by
    /// its bytes is taken, from where such servers put what they make and from what their entries name: what is in
    /// the text of one may be somebody else's words.
    async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, String> {
        let (path, mut directories) = (PathBuf::from(path), self.directories.clone());
        directories.push(std::env::temp_dir());
        let read = self.chat.read(move |inner| {
            let own = inner.options.directory.parent();
            let Some(path) = within(&path, &directories, own) else {
                return Ok(None);
            };
            let start = files::read_start(&path, 512).unwrap_or_default();
            if AssetKind::of(&start).is_none_or(|kind| !kind.is_media()) {
                return Ok(None);
            }
            Ok(files::read(&path, MAX_BYTES as u64).ok())
        });
        read.await.map_err(|error| error.to_string())
    }
}

/// The real path of a file that is below one of some directories, and not below what is ours.
fn within(path: &Path, directories: &[PathBuf], own: Option<&Path>) -> Option<PathBuf> {
    let path = fs_err::canonicalize(path).ok()?;
    let is_below = |directory: &Path| {
        // The root holds everything, and so says nothing.
        fs_err::canonicalize(directory)
            .is_ok_and(|real| real.parent().is_some() && path.starts_with(real))
    };
    let is_allowed = directories.iter().any(|named| is_below(named));
    (is_allowed && !own.is_some_and(is_below)).then_some(path)
}

async fn rest_of(mut fetched: Fetched, mut bytes: Vec<u8>) -> Result<String, String> {
    while let Some(piece) = fetched.next().await.map_err(|error| error.to_string())? {
        bytes.extend_from_slice(&piece);
        if bytes.len() > MAX_PLAYLIST_BYTES {
            return Err("its playlist is too long".to_owned());
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

fn too_large() -> String {
    format!("is larger than {}", wire::size(MAX_BYTES as u64))
}

/// The last part of an address or path, for a download's name.
fn name_of(place: &NamedPlace) -> String {
    let path = match place {
        NamedPlace::Address(url) => url.path(),
        NamedPlace::Path(path) => path,
    };
    let name = path.rsplit('/').next().unwrap_or_default();
    wire::markup::cut(&wire::markup::line(name), 120)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test makes its own files")]
    fn only_files_below_named_directories_are_read() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let [made, data, other] = ["made", "data", "other"].map(|name| {
            let path = directory.path().join(name);
            fs_err::create_dir(&path).expect("a directory");
            fs_err::write(path.join("a.png"), "x").expect("a file");
            path
        });
        let named = [made.clone(), data.clone()];
        let read = |path: PathBuf| within(&path, &named, Some(&data)).is_some();
        assert!(read(made.join("a.png")));
        assert!(!read(other.join("a.png")));
        assert!(!read(made.join("../other/a.png")));
        assert!(!read(data.join("a.png")));
        assert!(!read(made.join("none.png")));
        assert!(within(&other.join("a.png"), &[PathBuf::from("/")], None).is_none());
        #[cfg(unix)]
        {
            let link = made.join("link.png");
            std::os::unix::fs::symlink(other.join("a.png"), &link).expect("a link");
            assert!(!read(link));
        }
    }
}
