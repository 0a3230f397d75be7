//! Requests over HTTP: connections, what a refusal means, and bodies within limits.

use std::fmt;
use std::time::Duration;

use reqwest::Response;
use reqwest::redirect::Policy;

/// How long a connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How many redirects are followed, all of them within the same origin.
const MAX_REDIRECTS: usize = 5;

/// How much of an error page is read, in bytes.
const ERROR_BYTES: usize = 2 << 10;

/// Connections for all servers.
///
/// # Errors
/// What is wrong with the system's certificates.
pub(crate) fn client(agent: &str) -> Result<reqwest::Client, String> {
    // Of two that install a provider one fails, which is as good.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        reqwest::Client::builder()
            .connect_timeout(CONNECT_TIMEOUT)
            .redirect(within_origin())
            .tcp_nodelay(true)
            // A connection that was kept may have ended unnoticed, and then nobody knows whether the server got the
            // request: a call that fails on a new one was never made, and can be made again.
            .pool_max_idle_per_host(0)
            // A proxy is a setting, not whatever the environment says.
            .no_proxy()
            .user_agent(agent)
    };
    // Where there are no certificates at all, plain HTTP still works.
    let client = builder()
        .build()
        .or_else(|_| builder().tls_certs_only([]).build());
    client.map_err(|error| root_cause(&error))
}

/// Headers may hold keys, so that no other origin gets them.
fn within_origin() -> Policy {
    Policy::custom(|attempt| {
        let is_same = attempt
            .previous()
            .last()
            .is_some_and(|previous| previous.origin() == attempt.url().origin());
        match is_same && attempt.previous().len() <= MAX_REDIRECTS {
            true => attempt.follow(),
            false => attempt.stop(),
        }
    })
}

/// Why a request wasn't taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum WebRefusal {
    /// The connection couldn't be made: nothing was sent.
    NotSent(String),
    /// It broke off.
    Broken(String),
    /// An HTTP status, with the start of what was said.
    Status(u16, String),
    /// A log-in is wanted.
    NeedsLogin,
}

impl fmt::Display for WebRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotSent(why) | Self::Broken(why) => f.write_str(why),
            Self::Status(status, said) if said.is_empty() => write!(f, "HTTP status {status}"),
            Self::Status(status, said) => write!(f, "HTTP status {status}: {said}"),
            Self::NeedsLogin => f.write_str("it wants you to log in"),
        }
    }
}

impl std::error::Error for WebRefusal {}

impl WebRefusal {
    /// What an error of a connection means.
    pub(crate) fn of(error: &reqwest::Error) -> Self {
        match error.is_connect() {
            true => Self::NotSent(root_cause(error)),
            false => Self::Broken(root_cause(error)),
        }
    }

    /// Whether the server speaks only the older transport, as the specification has it: a client error for the
    /// first message.
    pub(crate) fn suggests_sse(&self) -> bool {
        matches!(self, Self::Status(status, _) if (400..500).contains(status) && !matches!(status, 401 | 403 | 407 | 408 | 429))
    }
}

/// The innermost cause of an error: the outer ones only say that there is one, and quote the address.
pub(crate) fn root_cause(error: &(dyn std::error::Error + 'static)) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    cause.to_string()
}

/// What an answer without success says.
pub(crate) async fn status_refusal(mut response: Response) -> WebRefusal {
    let status = response.status().as_u16();
    let mut said = Vec::new();
    while said.len() < ERROR_BYTES
        && let Ok(Some(chunk)) = response.chunk().await
    {
        said.extend_from_slice(&chunk);
    }
    said.truncate(ERROR_BYTES);
    let said = String::from_utf8_lossy(&said);
    let is_page = said.trim_start().starts_with('<');
    let said = if is_page { "" } else { said.trim() };
    WebRefusal::Status(status, said.chars().take(300).collect())
}

/// Reads a body within a limit; `None` if it is longer.
pub(crate) async fn read_body(
    mut response: Response,
    limit: usize,
) -> Result<Option<Vec<u8>>, WebRefusal> {
    if response
        .content_length()
        .is_some_and(|length| length > limit as u64)
    {
        return Ok(None);
    }
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) if body.len() + chunk.len() > limit => return Ok(None),
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Some(body)),
            Err(error) => return Err(WebRefusal::Broken(root_cause(&error))),
        }
    }
}

/// Whether a response is of a media type.
pub(crate) fn is_type(response: &Response, media_type: &str) -> bool {
    let value = response.headers().get(reqwest::header::CONTENT_TYPE);
    value
        .and_then(|value| value.to_str().ok())
        .is_some_and(|value| {
            let declared = value.split(';').next().unwrap_or_default();
            declared.trim().eq_ignore_ascii_case(media_type)
        })
}
