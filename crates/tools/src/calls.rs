//! Calls: over the connection that there is, and once more over a new one if the server never got the first.

use std::sync::Arc;
use std::time::Duration;

use rmcp::model::{CallToolRequest, CallToolRequestParams, ClientRequest, PingRequest};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::connection::{Connection, Watched};
use crate::error::ToolError;
use crate::failure::{ConnectFailure, RequestFailure, request_error};
use crate::results;
use crate::server::ToolServer;
use crate::tool::{Progress, ToolCall, ToolResult};

/// How long a server that was late may take to say that it is there.
const PING_TIMEOUT: Duration = Duration::from_secs(5);

/// Calls a tool; once more over a new connection if the server never got the first call.
pub(crate) async fn call(
    server: &Arc<ToolServer>,
    call: &ToolCall,
    progress: &mut (dyn FnMut(Progress) + Send),
    cancel: &CancellationToken,
) -> Result<ToolResult, ToolError> {
    let unknown = || ToolError::UnknownTool {
        server: call.server.clone(),
        name: call.name.clone(),
    };
    if !server.entry.offers(&call.name) {
        return Err(unknown());
    }
    let timeout = server.entry.call_timeout;
    let timeout = timeout.unwrap_or(server.opening.options.timeouts.call);
    let params =
        CallToolRequestParams::new(call.name.clone()).with_arguments(call.arguments.clone());
    let request = ClientRequest::CallToolRequest(CallToolRequest::new(params));
    let what = format!("the call of `{}`", call.name);
    let watched = Watched {
        timeout,
        progress,
        cancel,
    };
    let value = ask(server, request, &what, watched).await?;
    results::read_result(value).ok_or_else(|| ToolError::Malformed {
        server: server.entry.name.clone(),
        what: "its answer is no result of a tool".to_owned(),
    })
}

/// Asks the server, connecting first if need be.
pub(crate) async fn ask(
    server: &Arc<ToolServer>,
    request: ClientRequest,
    what: &str,
    watched: Watched<'_>,
) -> Result<Value, ToolError> {
    let Watched {
        timeout,
        progress,
        cancel,
    } = watched;
    let mut is_retry = false;
    loop {
        let connection = tokio::select! {
            connection = server.connected() => connection?,
            () = cancel.cancelled() => return Err(ToolError::Cancelled),
        };
        let watched = Watched {
            timeout,
            progress: &mut *progress,
            cancel,
        };
        let failure = match connection.request(request.clone(), watched).await {
            Ok(value) => return Ok(value),
            Err(failure) => failure,
        };
        let is_over = matches!(
            failure,
            RequestFailure::NotSent(_) | RequestFailure::Lost(_) | RequestFailure::NeedsLogin
        ) || !connection.is_alive();
        if is_over {
            // Its processes may take a while to go; nobody has to wait for that.
            server.forget(&connection);
            let (server, connection) = (Arc::clone(server), Arc::clone(&connection));
            tokio::spawn(async move { server.end(&connection).await });
        }
        if matches!(failure, RequestFailure::TimedOut(_)) {
            tokio::spawn(end_if_stuck(Arc::clone(server), Arc::clone(&connection)));
        }
        match failure {
            RequestFailure::NotSent(_) if !is_retry => is_retry = true,
            RequestFailure::NeedsLogin => {
                return Err(server.failed(ConnectFailure {
                    why: "it wants you to log in".to_owned(),
                    hint: Some("log in to the server".to_owned()),
                    needs_login: true,
                }));
            }
            failure => return Err(request_error(&server.entry, failure, what)),
        }
    }
}

/// Ends a connection over which nothing comes any more: the next call begins anew instead of waiting as long again.
async fn end_if_stuck(server: Arc<ToolServer>, connection: Arc<Connection>) {
    let watched = Watched {
        timeout: PING_TIMEOUT,
        progress: &mut |_| {},
        cancel: &CancellationToken::new(),
    };
    let ping = ClientRequest::PingRequest(PingRequest::default());
    match connection.request(ping, watched).await {
        // Whatever it says, it says something.
        Ok(_) | Err(RequestFailure::Refused(_)) => {}
        Err(_) => server.end(&connection).await,
    }
}
