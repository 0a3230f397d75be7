//! What comes, piece by piece.

use std::time::Duration;

use reqwest::Response;
use tokio::time::{Instant, timeout_at};

use crate::error::Error;
use crate::sniff::media_type;

/// Bytes from which it is told what comes.
const HEAD_BYTES: usize = 1_024;

/// What comes from an address. Its head has come; the rest comes as it is asked for.
#[derive(Debug)]
pub struct Fetched {
    response: Response,
    url: String,
    declared: Option<String>,
    /// What came and wasn't handed out.
    head: Vec<u8>,
    media_type: &'static str,
    /// Bytes that came.
    bytes: u64,
    limits: BodyLimits,
}

/// How much may come, and until when.
#[derive(Clone, Copy, Debug)]
pub(crate) struct BodyLimits {
    pub(crate) bytes: u64,
    pub(crate) timeout: Duration,
    pub(crate) deadline: Instant,
}

impl Fetched {
    /// Takes an answer, and waits for its head.
    pub(crate) async fn new(response: Response, limits: BodyLimits) -> Result<Self, Error> {
        let url = response.url().to_string();
        if response
            .content_length()
            .is_some_and(|length| length > limits.bytes)
        {
            let limit = limits.bytes;
            return Err(Error::TooLarge { url, limit });
        }
        let declared = response.headers().get("content-type");
        let mut fetched = Self {
            declared: declared
                .and_then(|value| value.to_str().ok())
                .map(str::to_owned),
            url,
            head: Vec::new(),
            media_type: "",
            bytes: 0,
            limits,
            response,
        };
        let mut head = Vec::new();
        while head.len() < HEAD_BYTES
            && let Some(piece) = fetched.receive().await?
        {
            head.extend_from_slice(&piece);
        }
        fetched.media_type = media_type(&head[..head.len().min(HEAD_BYTES)]);
        fetched.head = head;
        Ok(fetched)
    }

    /// The address that it came from, after redirects.
    #[must_use]
    pub fn final_url(&self) -> &str {
        &self.url
    }

    /// What it is, by its bytes; see [`media_type`].
    #[must_use]
    pub fn media_type(&self) -> &'static str {
        self.media_type
    }

    /// What its server says that it is.
    #[must_use]
    pub fn declared_type(&self) -> Option<&str> {
        self.declared.as_deref()
    }

    /// The next piece; `None` at the end.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::TimedOut`], or [`Error::Failed`] if the connection breaks.
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        if !self.head.is_empty() {
            return Ok(Some(std::mem::take(&mut self.head)));
        }
        self.receive().await
    }

    /// All of it.
    ///
    /// # Errors
    /// As [`Self::next`].
    pub async fn bytes(mut self) -> Result<Vec<u8>, Error> {
        let mut all = Vec::new();
        while let Some(piece) = self.next().await? {
            all.extend_from_slice(&piece);
        }
        Ok(all)
    }

    async fn receive(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let url = || self.url.clone();
        let piece = match timeout_at(self.limits.deadline, self.response.chunk()).await {
            Err(_) => {
                return Err(Error::TimedOut {
                    url: url(),
                    limit: self.limits.timeout,
                });
            }
            Ok(Err(error)) => {
                return Err(Error::Failed {
                    url: url(),
                    why: root_cause(&error),
                });
            }
            Ok(Ok(piece)) => piece,
        };
        let Some(piece) = piece else {
            return Ok(None);
        };
        self.bytes += piece.len() as u64;
        if self.bytes > self.limits.bytes {
            return Err(Error::TooLarge {
                url: url(),
                limit: self.limits.bytes,
            });
        }
        Ok(Some(piece.to_vec()))
    }
}

/// The innermost reason of an error, which says what happened; the outer ones repeat the address.
pub(crate) fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}
