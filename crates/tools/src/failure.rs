//! Why a server can't be reached or a request has no result, and what that is to a caller.

use std::time::Duration;

use rmcp::model::{ErrorCode, ErrorData};
use rmcp::service::ClientInitializeError;
use rmcp::transport::streamable_http_client::StreamableHttpError;

use crate::config::ServerEntry;
use crate::error::ToolError;
use crate::frame::FrameFault;
use crate::http::WebRefusal;
use crate::transport::process::{Ended, ServerProcess};

/// How long a server that closed its output may take to end, so that its exit code can be told.
const EXIT_TIMEOUT: Duration = Duration::from_millis(1_500);

/// How much of what a server says about an error is kept, in bytes.
const MAX_SAID_BYTES: usize = 4 << 10;

/// Why a server can't be connected to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ConnectFailure {
    pub(crate) why: String,
    pub(crate) hint: Option<String>,
    pub(crate) needs_login: bool,
}

impl ConnectFailure {
    pub(crate) fn new(why: impl Into<String>, hint: Option<&str>) -> Self {
        Self {
            why: why.into(),
            hint: hint.map(str::to_owned),
            needs_login: false,
        }
    }
}

/// Why a request has no result.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum RequestFailure {
    /// The server never got it: it can be asked again over another connection.
    NotSent(String),
    /// The connection broke when the server may have been at work.
    Lost(String),
    Cancelled,
    TimedOut(Duration),
    Refused(ErrorData),
    Fault(FrameFault),
    NeedsLogin,
}

/// What an error of sending means for the request.
pub(crate) fn send_failure(error: &(dyn std::error::Error + 'static)) -> RequestFailure {
    if error.is::<std::io::Error>() {
        // A line that wasn't written to its end is none.
        return RequestFailure::NotSent("its input is closed".to_owned());
    }
    if let Some(refusal) = error.downcast_ref::<WebRefusal>() {
        return refused(refusal);
    }
    match error.downcast_ref::<StreamableHttpError<WebRefusal>>() {
        Some(StreamableHttpError::Client(refusal)) => refused(refusal),
        Some(
            StreamableHttpError::SessionExpired | StreamableHttpError::ReinitializationFailed(_),
        ) => RequestFailure::NotSent("the server forgot the session".to_owned()),
        Some(StreamableHttpError::TransportChannelClosed) => {
            RequestFailure::NotSent("the connection ended".to_owned())
        }
        Some(other) => RequestFailure::Lost(other.to_string()),
        None => RequestFailure::Lost(error.to_string()),
    }
}

pub(crate) fn refused(refusal: &WebRefusal) -> RequestFailure {
    match refusal {
        WebRefusal::NotSent(why) => RequestFailure::NotSent(why.clone()),
        WebRefusal::NeedsLogin => RequestFailure::NeedsLogin,
        // How servers say that they don't know a session; then they did nothing.
        WebRefusal::Status(404 | 410, _) => RequestFailure::NotSent(refusal.to_string()),
        WebRefusal::Status(400, said) if said.to_lowercase().contains("session") => {
            RequestFailure::NotSent(refusal.to_string())
        }
        WebRefusal::Status(status @ 400..500, _) => RequestFailure::Refused(ErrorData::new(
            ErrorCode(i32::from(*status)),
            refusal.to_string(),
            None,
        )),
        other => RequestFailure::Lost(other.to_string()),
    }
}

/// Why there was no handshake over HTTP.
pub(crate) fn begin_failure(error: &ClientInitializeError) -> ConnectFailure {
    let why = refused_start(error).unwrap_or_else(|| "the connection ended".to_owned());
    ConnectFailure::new(why, None)
}

/// What the server said to the handshake, if it said anything.
pub(crate) fn refused_start(error: &ClientInitializeError) -> Option<String> {
    match error {
        ClientInitializeError::JsonRpcError(error) => Some(match FrameFault::of(error) {
            Some(fault) => fault_failure(&fault).why,
            None => format!("it refused to begin: {}", clipped(&error.message)),
        }),
        ClientInitializeError::ExpectedInitResult(_) => {
            Some("its answer to the handshake isn't that of an MCP server".to_owned())
        }
        _ => None,
    }
}

pub(crate) fn fault_failure(fault: &FrameFault) -> ConnectFailure {
    match fault {
        FrameFault::TooLarge(limit) => ConnectFailure::new(
            format!("it sent a message of more than {limit} bytes"),
            None,
        ),
        FrameFault::Malformed(what) => {
            ConnectFailure::new(format!("it broke the protocol: {what}"), None)
        }
    }
}

pub(crate) fn late(complaints: &str) -> ConnectFailure {
    let mut failure = ConnectFailure::new(
        "it didn't answer in time",
        Some(
            "if it needs longer to start, start it once by hand so that what it downloads is there",
        ),
    );
    add_complaints(&mut failure, complaints);
    failure
}

pub(crate) fn add_complaints(failure: &mut ConnectFailure, complaints: &str) {
    if !complaints.is_empty() {
        failure.why = format!("{}; it said:\n{complaints}", failure.why);
    }
}

/// How a process ended, as a card tells it.
pub(crate) async fn ended_in_words(process: &ServerProcess) -> ConnectFailure {
    let ended = process.ended(EXIT_TIMEOUT).await;
    let complaints = process.complaints();
    if ended.and_then(Ended::code) == Some(127) {
        let why = complaints
            .lines()
            .last()
            .unwrap_or("its command can't be started");
        let hint = "install the program, or name it with its whole path in mcp.json; in a container it has to be in the container";
        return ConnectFailure::new(why, Some(hint));
    }
    let mut failure = match ended {
        Some(ended) => ConnectFailure::new(ended.in_words(), None),
        None => ConnectFailure::new("it closed its output", None),
    };
    add_complaints(&mut failure, &complaints);
    failure
}

pub(crate) fn web_failure(refusal: &WebRefusal) -> ConnectFailure {
    let hint = match refusal {
        WebRefusal::NotSent(_) => Some("check that the server runs, and its `url` in mcp.json"),
        WebRefusal::Status(401 | 403, _) => Some("check the server's `headers` in mcp.json"),
        WebRefusal::Status(404 | 405, _) => {
            Some("check the path of the server's `url` in mcp.json")
        }
        WebRefusal::NeedsLogin => Some("log in to the server"),
        _ => None,
    };
    ConnectFailure {
        needs_login: *refusal == WebRefusal::NeedsLogin,
        ..ConnectFailure::new(refusal.to_string(), hint)
    }
}

/// What a server that can't be reached is to the caller.
pub(crate) fn unavailable(entry: &ServerEntry, failure: &ConnectFailure) -> ToolError {
    match failure.needs_login {
        true => ToolError::NeedsLogin {
            server: entry.name.clone(),
        },
        false => ToolError::Unavailable {
            server: entry.name.clone(),
            why: failure.why.clone(),
            hint: failure.hint.clone(),
        },
    }
}

/// What a failure is to the caller; `what` says what was asked for.
pub(crate) fn request_error(entry: &ServerEntry, failure: RequestFailure, what: &str) -> ToolError {
    let server = entry.name.clone();
    match failure {
        RequestFailure::Cancelled => ToolError::Cancelled,
        RequestFailure::TimedOut(after) => ToolError::TimedOut {
            server,
            what: what.to_owned(),
            after,
        },
        RequestFailure::Refused(error) => ToolError::Refused(entry.scrub(clipped(&error.message))),
        RequestFailure::Fault(FrameFault::TooLarge(limit)) => ToolError::TooLarge { server, limit },
        RequestFailure::Fault(FrameFault::Malformed(what)) => ToolError::Malformed { server, what },
        RequestFailure::NeedsLogin => ToolError::NeedsLogin { server },
        RequestFailure::NotSent(why) | RequestFailure::Lost(why) => ToolError::Unavailable {
            server,
            why: entry.scrub(&why),
            hint: None,
        },
    }
}

/// The start of what a server says, which may be of any length.
fn clipped(said: &str) -> &str {
    &said[..said.floor_char_boundary(MAX_SAID_BYTES)]
}
