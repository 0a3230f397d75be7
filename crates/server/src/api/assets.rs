//! `/api/assets`: pictures that go with messages, and what tools made.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use chat::{AssetInfo, Chat};
use futures_core::Stream;
use serde_json::json;
use utoipa::ToSchema;

use crate::api_error::{ApiError, RequestFailures};
use crate::body::{JsonResponse, read_body};
use crate::principal::Principal;
use crate::query::QueryValues;
use crate::state::AppState;

/// The largest picture that is taken, in bytes; what is larger is told by its length.
const MAX_PICTURE_BYTES: usize = 20 << 20;

/// How much of a file is read at a time, in bytes.
const PART_BYTES: usize = 256 << 10;

/// The bytes of a picture, for the document of the API.
#[derive(ToSchema)]
#[schema(value_type = String, format = Binary)]
#[expect(dead_code, reason = "it describes what is read elsewhere")]
struct PictureBytes(Vec<u8>);

/// Keeps a picture that is to go with a message.
#[utoipa::path(
    post, path = "/api/assets", tag = "chat",
    params(("off_record" = Option<bool>, Query, description = "Whether it is in memory only, for a conversation off the record.")),
    request_body(content = inline(PictureBytes), content_type = "application/octet-stream", description = "PNG, JPEG, GIF or WebP, up to 20 MiB."),
    responses(
        (status = 201, description = "Its `id` and `media_type`.", body = Object),
        (status = 409, description = "There are too many off the record.", body = crate::ApiErrorDoc),
        RequestFailures,
    )
)]
pub(crate) async fn add_asset(
    State(state): State<AppState>,
    principal: Principal,
    mut query: QueryValues,
    request: Request,
) -> Result<(StatusCode, JsonResponse), ApiError> {
    let chat = state.chat(&principal).await?;
    let off_record = query.flag("off_record")?.unwrap_or_default();
    query.finish()?;
    let bytes = read_body(request, MAX_PICTURE_BYTES, &state).await?;
    let asset = chat.add_asset(bytes.to_vec(), off_record).await?;
    let document = json!({
        "id": asset.id, "media_type": asset.media_type, "bytes": asset.bytes,
    });
    Ok((StatusCode::CREATED, JsonResponse::of(&document)?))
}

/// A picture, or a file that a tool made: all of it, or the range of bytes that is asked for.
#[utoipa::path(
    get, path = "/api/assets/{id}", tag = "chat",
    params(
        ("id" = String, Path, description = "Its id."),
        ("Range" = Option<String>, Header, description = "One range, such as `bytes=0-1023`. Several, or what can't be read, have all of it sent."),
    ),
    responses(
        (status = 200, description = "Its bytes.", content((PictureBytes = "image/png"), (PictureBytes = "image/jpeg"), (PictureBytes = "image/gif"), (PictureBytes = "image/webp"), (PictureBytes = "application/octet-stream"))),
        (status = 206, description = "The bytes of the range.", content((PictureBytes = "application/octet-stream"))),
        (status = 404, description = "There is none of this id.", body = crate::ApiErrorDoc),
        (status = 416, description = "The range begins behind the end."),
        RequestFailures,
    )
)]
pub(crate) async fn asset(
    State(state): State<AppState>,
    principal: Principal,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<Response<Body>, ApiError> {
    let chat = state.chat(&principal).await?;
    let asset = chat.asset(&id).await?;
    let range = headers
        .get(header::RANGE)
        .and_then(|range| range.to_str().ok())
        .map_or(AssetRange::All, |range| AssetRange::of(range, asset.bytes));
    let (status, start, end) = match range {
        AssetRange::All => (StatusCode::OK, 0, asset.bytes),
        AssetRange::Part(start, end) => (StatusCode::PARTIAL_CONTENT, start, end),
        AssetRange::Beyond => (StatusCode::RANGE_NOT_SATISFIABLE, 0, 0),
    };
    let mut response = Response::new(Body::from_stream(AssetBytes::new(
        chat,
        (asset.id.clone(), start, end),
    )));
    *response.status_mut() = status;
    set_headers(response.headers_mut(), &asset, (range, start, end));
    Ok(response)
}

fn set_headers(
    headers: &mut HeaderMap,
    asset: &AssetInfo,
    (range, start, end): (AssetRange, u64, u64),
) {
    headers.insert(
        header::CONTENT_TYPE,
        HeaderValue::from_static(asset.media_type),
    );
    headers.insert(header::ACCEPT_RANGES, HeaderValue::from_static("bytes"));
    headers.insert(header::CONTENT_LENGTH, (end - start).into());
    let total = asset.bytes;
    let of_range = match range {
        AssetRange::All => None,
        AssetRange::Part(..) => Some(format!("bytes {start}-{}/{total}", end - 1)),
        AssetRange::Beyond => Some(format!("bytes */{total}")),
    };
    if let Some(of_range) = of_range.and_then(|value| HeaderValue::from_str(&value).ok()) {
        headers.insert(header::CONTENT_RANGE, of_range);
    }
    // Its name is made of what it holds.
    let forever = HeaderValue::from_static("private, max-age=31536000, immutable");
    headers.insert(header::CACHE_CONTROL, forever);
}

/// The bytes that a request wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AssetRange {
    All,
    /// From the first to the second, exclusive.
    Part(u64, u64),
    /// None that are there.
    Beyond,
}

impl AssetRange {
    /// One range of a `Range` header (RFC 9110, 14.2), of a file of so many bytes.
    fn of(header: &str, total: u64) -> Self {
        let Some((first, last)) = header
            .strip_prefix("bytes=")
            .filter(|ranges| !ranges.contains(','))
            .and_then(|range| range.trim().split_once('-'))
        else {
            return Self::All;
        };
        let (start, end) = match (first.trim().parse::<u64>(), last.trim().parse::<u64>()) {
            (Ok(start), Ok(last)) if start <= last => (start, last.saturating_add(1).min(total)),
            (Ok(start), Err(_)) if last.trim().is_empty() => (start, total),
            (Err(_), Ok(length)) if first.trim().is_empty() => {
                (total.saturating_sub(length), total)
            }
            _ => return Self::All,
        };
        match start < end {
            true => Self::Part(start, end),
            false => Self::Beyond,
        }
    }
}

type NextPart = Pin<Box<dyn Future<Output = std::io::Result<Vec<u8>>> + Send>>;

/// A file's bytes, read as they are sent.
struct AssetBytes {
    chat: Chat,
    id: String,
    at: u64,
    end: u64,
    next: Option<NextPart>,
}

impl AssetBytes {
    fn new(chat: Chat, (id, at, end): (String, u64, u64)) -> Self {
        Self {
            chat,
            id,
            at,
            end,
            next: None,
        }
    }

    fn read(&self) -> NextPart {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let (chat, id, at) = (self.chat.clone(), self.id.clone(), self.at);
        Box::pin(async move {
            let part = chat.asset_part(&id, at, left.min(PART_BYTES)).await;
            part.map_err(std::io::Error::other)
        })
    }
}

impl Stream for AssetBytes {
    type Item = std::io::Result<Bytes>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if self.at >= self.end {
            return Poll::Ready(None);
        }
        let mut next = match self.next.take() {
            Some(next) => next,
            None => self.read(),
        };
        match next.as_mut().poll(context) {
            Poll::Pending => {
                self.next = Some(next);
                Poll::Pending
            }
            Poll::Ready(Ok(part)) if part.is_empty() => {
                self.at = self.end;
                let gone = std::io::Error::other("the file is shorter than it was");
                Poll::Ready(Some(Err(gone)))
            }
            Poll::Ready(Ok(part)) => {
                self.at += part.len() as u64;
                Poll::Ready(Some(Ok(part.into())))
            }
            Poll::Ready(Err(error)) => {
                self.at = self.end;
                Poll::Ready(Some(Err(error)))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read_as_browsers_write_them() {
        let cases = [
            ("bytes=0-", AssetRange::Part(0, 100)),
            ("bytes=0-0", AssetRange::Part(0, 1)),
            ("bytes=90-300", AssetRange::Part(90, 100)),
            ("bytes=-10", AssetRange::Part(90, 100)),
            ("bytes=-300", AssetRange::Part(0, 100)),
            ("bytes=100-", AssetRange::Beyond),
            ("bytes=5-3", AssetRange::All),
            ("bytes=0-1,5-6", AssetRange::All),
            ("bytes=a-b", AssetRange::All),
            ("items=0-1", AssetRange::All),
            (
                "bytes=18446744073709551615-18446744073709551615",
                AssetRange::Beyond,
            ),
        ];
        for (header, range) in cases {
            assert_eq!(AssetRange::of(header, 100), range, "{header}");
        }
    }
}
