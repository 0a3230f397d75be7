//! Pictures that go with messages: files of their own, named by what they hold. Messages, events and answers
//! only name them.

use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::core::{Chat, ChatInner};
use super::pictures::place;
use crate::detail::AttachmentPlace;
use crate::{Error, Result};

/// The largest picture, in bytes.
const MAX_BYTES: usize = 20 << 20;

/// The kinds of pictures that models take, by how their files begin.
const KINDS: [(&str, &str, &[u8]); 4] = [
    ("image/png", "png", b"\x89PNG\r\n\x1a\n"),
    ("image/jpeg", "jpg", b"\xff\xd8\xff"),
    ("image/gif", "gif", b"GIF8"),
    ("image/webp", "webp", b"RIFF"),
];

/// A picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asset {
    /// Its id.
    pub id: String,
    /// Its media type, such as `image/png`, told from its bytes.
    pub media_type: &'static str,
    /// Its bytes.
    pub bytes: Vec<u8>,
}

impl Chat {
    /// Keeps a picture, and returns its id. The same picture has the same id. With `off_record` it is in memory
    /// only.
    ///
    /// # Errors
    /// If it is too large, of no kind that models take, or can't be written.
    pub async fn add_asset(&self, bytes: Vec<u8>, off_record: bool) -> Result<Asset> {
        if bytes.len() > MAX_BYTES {
            return Err(Error::TooLong {
                field: "picture",
                bytes: bytes.len(),
                limit: MAX_BYTES,
            });
        }
        let (media_type, extension) = kind(&bytes)
            .ok_or_else(|| Error::invalid("picture", "is neither PNG, JPEG, GIF nor WebP"))?;
        self.inner
            .read(move |inner| {
                let id = format!("{}.{extension}", name_of(&bytes));
                match off_record {
                    true => inner.unkept_assets.add(&id, &bytes)?,
                    false => place(&inner.assets(), &id, &bytes)
                        .map_err(|error| Error::Memory(memory::ArchiveError::from(error).into()))?,
                }
                Ok(Asset {
                    id,
                    media_type,
                    bytes,
                })
            })
            .await
    }

    /// A picture.
    ///
    /// # Errors
    /// If there is none of this id, or it can't be read.
    pub async fn asset(&self, id: &str) -> Result<Asset> {
        let id = id.to_owned();
        self.inner.read(move |inner| inner.load(&id)).await
    }
}

impl ChatInner {
    fn assets(&self) -> PathBuf {
        self.options.directory.join("assets")
    }

    /// Reads a picture. Blocks.
    fn load(&self, id: &str) -> Result<Asset> {
        let missing = || Error::not_found("picture", id);
        if !is_asset_id(id) {
            return Err(missing());
        }
        let bytes = match self.unkept_assets.get(id) {
            Some(bytes) => bytes,
            None => {
                files::read(&self.assets().join(id), MAX_BYTES as u64).map_err(|_| missing())?
            }
        };
        let (media_type, _) = kind(&bytes).ok_or_else(missing)?;
        Ok(Asset {
            id: id.to_owned(),
            media_type,
            bytes,
        })
    }

    /// What a message keeps of a picture. Blocks.
    pub(super) fn attachment(&self, id: &str) -> Result<AttachmentPlace> {
        let asset = self.load(id)?;
        Ok(AttachmentPlace {
            id: asset.id,
            media_type: asset.media_type.to_owned(),
            bytes: asset.bytes.len() as u64,
        })
    }

    /// A picture as an address that holds it. Blocks, for as long as reading a file takes.
    pub(super) fn picture(&self, id: &str, media_type: &str) -> Option<String> {
        let asset = self.load(id).ok()?;
        Some(format!(
            "data:{media_type};base64,{}",
            STANDARD.encode(&asset.bytes)
        ))
    }
}

/// The kind of a picture, and how its file's name ends.
fn kind(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    let (media_type, extension, _) = KINDS
        .iter()
        .find(|(_, _, start)| bytes.starts_with(start))?;
    let is_webp = *extension != "webp" || bytes.get(8..12) == Some(b"WEBP");
    is_webp.then_some((*media_type, *extension))
}

/// A name made of what a file holds.
fn name_of(bytes: &[u8]) -> String {
    let digest = Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Whether an id may be one of this program's: nothing that could lead elsewhere.
fn is_asset_id(id: &str) -> bool {
    let Some((name, extension)) = id.split_once('.') else {
        return false;
    };
    name.len() == 64
        && name.bytes().all(|byte| byte.is_ascii_hexdigit())
        && KINDS.iter().any(|(_, known, _)| *known == extension)
}
