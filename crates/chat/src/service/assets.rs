//! Pictures that go with messages, and what tools made.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::core::{Chat, ChatInner};
use crate::assets::{AssetInfo, AssetKind};
use crate::detail::AttachmentPlace;
use crate::steps::MediaPlace;
use crate::{Error, Result};

/// The largest picture that goes with a message, in bytes.
const MAX_PICTURE_BYTES: usize = 20 << 20;

impl Chat {
    /// Keeps a picture that is to go with a message. The same picture has the same id. With `off_record` it is in
    /// memory only.
    ///
    /// # Errors
    /// If it is too large, of no kind that models take, or can't be written.
    pub async fn add_asset(&self, bytes: Vec<u8>, off_record: bool) -> Result<AssetInfo> {
        if bytes.len() > MAX_PICTURE_BYTES {
            return Err(Error::TooLong {
                field: "picture",
                bytes: bytes.len(),
                limit: MAX_PICTURE_BYTES,
            });
        }
        let kind = AssetKind::of(&bytes).filter(|kind| kind.is_picture_for_models());
        let kind =
            kind.ok_or_else(|| Error::invalid("picture", "is neither PNG, JPEG, GIF nor WebP"))?;
        self.inner
            .read(move |inner| inner.assets.add(&bytes, kind, off_record))
            .await
    }

    /// What an asset is.
    ///
    /// # Errors
    /// If there is none of this id.
    pub async fn asset(&self, id: &str) -> Result<AssetInfo> {
        let id = id.to_owned();
        self.inner
            .read(move |inner| {
                let found = inner.assets.info(&id);
                found.ok_or_else(|| Error::not_found("picture or file", &id))
            })
            .await
    }

    /// A part of an asset, from `start` on and at most so many bytes; less at its end.
    ///
    /// # Errors
    /// If there is none of this id, or it can't be read.
    pub async fn asset_part(&self, id: &str, start: u64, length: usize) -> Result<Vec<u8>> {
        let id = id.to_owned();
        self.inner
            .read(move |inner| {
                let part = inner.assets.part(&id, start, length);
                part.ok_or_else(|| Error::not_found("picture or file", &id))
            })
            .await
    }
}

impl ChatInner {
    /// Keeps all of a tool's text, where the model was told a part of it. What can't be kept is left out.
    pub(super) async fn keep_whole(
        self: &Arc<Self>,
        conversation: &str,
        text: Option<&str>,
    ) -> Option<MediaPlace> {
        let bytes = text?.as_bytes().to_vec();
        let off_record = self.off_record.has(conversation);
        let kept = self.read(move |inner| inner.assets.add(&bytes, AssetKind::text(), off_record));
        kept.await.ok().map(MediaPlace::of)
    }

    /// What a message keeps of a picture. Blocks.
    pub(super) fn attachment(&self, id: &str) -> Result<AttachmentPlace> {
        let found = self.assets.info(id).filter(|asset| is_picture(&asset.id));
        let asset = found.ok_or_else(|| Error::not_found("picture", id))?;
        Ok(AttachmentPlace {
            id: asset.id,
            media_type: asset.media_type.to_owned(),
            bytes: asset.bytes,
        })
    }

    /// A picture as an address that holds it. Blocks, for as long as reading a file takes.
    pub(super) fn picture(&self, id: &str, media_type: &str) -> Option<String> {
        let bytes = self.assets.part(id, 0, MAX_PICTURE_BYTES)?;
        Some(format!(
            "data:{media_type};base64,{}",
            STANDARD.encode(&bytes)
        ))
    }
}

fn is_picture(id: &str) -> bool {
    let extension = id.rsplit('.').next().unwrap_or_default();
    AssetKind::of_extension(extension).is_some_and(AssetKind::is_picture_for_models)
}
