//! ConnectionOpening connections: a process behind its supervisor, or an address with the fall-back to the older transport that
//! the specification describes.

use std::sync::Arc;

use rmcp::service::serve_client;
use rmcp::transport::StreamableHttpClientTransport;
use tokio::time::{Instant, timeout_at};

use crate::config::{CommandEntry, ServerEntry, ServerTransport, UrlEntry, UrlKind};
use crate::connection::Connection;
use crate::failure::{
    ConnectFailure, begin_failure, ended_in_words, fault_failure, late, refused_start, web_failure,
};
use crate::handler::{ConnectionNews, Handler};
use crate::ledger::Ledger;
use crate::oauth::Login;
use crate::options::ToolServerOptions;
use crate::transport::process;
use crate::transport::sse::SseTransport;
use crate::transport::stdio::Pipes;
use crate::transport::streamable::transport_config;
use crate::transport::web::WebServer;

/// What is needed to open connections.
#[derive(Clone)]
pub(crate) struct ConnectionOpening {
    pub(crate) options: Arc<ToolServerOptions>,
    pub(crate) client: Result<reqwest::Client, String>,
    pub(crate) login: Login,
}

/// Connects to a server until a deadline.
pub(crate) async fn open(
    entry: &ServerEntry,
    opening: &ConnectionOpening,
    deadline: Instant,
) -> Result<Connection, ConnectFailure> {
    let mut failure = match &entry.transport {
        ServerTransport::Command(command) => {
            match open_process(entry, command, opening, deadline).await {
                Ok(connection) => return Ok(connection),
                Err(failure) => failure,
            }
        }
        ServerTransport::Url(url) => match open_url(entry, url, opening, deadline).await {
            Ok(connection) => return Ok(connection),
            Err(failure) => failure,
        },
    };
    failure.why = entry.scrub(&failure.why);
    Err(failure)
}

async fn open_process(
    entry: &ServerEntry,
    command: &CommandEntry,
    opening: &ConnectionOpening,
    deadline: Instant,
) -> Result<Connection, ConnectFailure> {
    if let Some(directory) = command
        .directory
        .as_ref()
        .filter(|directory| !directory.is_dir())
    {
        return Err(ConnectFailure::new(
            format!("its directory `{}` isn't there", directory.display()),
            Some("correct `cwd` of the server in mcp.json"),
        ));
    }
    let started = process::start(command, &opening.options).map_err(|error| {
        ConnectFailure::new(format!("its process can't be started: {error}"), None)
    })?;
    let ledger = Ledger::default();
    let told = ConnectionNews::new();
    let limit = opening.options.limits.message_bytes;
    let pipes = Pipes::new(started.output, started.input, ledger.clone(), limit);
    let handler = Handler::new(&entry.name, &opening.options, told.clone());
    match timeout_at(deadline, serve_client(handler, pipes)).await {
        Ok(Ok(service)) => Ok(Connection::new(service, told, ledger).with_process(started.process)),
        Ok(Err(error)) => Err(match ledger.fault() {
            Some(fault) => fault_failure(&fault),
            None => {
                let mut failure = ended_in_words(&started.process).await;
                if let Some(refused) = refused_start(&error) {
                    failure.why = refused;
                }
                failure
            }
        }),
        Err(_) => Err(late(&started.process.complaints())),
    }
}

async fn open_url(
    entry: &ServerEntry,
    url: &UrlEntry,
    opening: &ConnectionOpening,
    deadline: Instant,
) -> Result<Connection, ConnectFailure> {
    let client = opening
        .client
        .clone()
        .map_err(|why| ConnectFailure::new(format!("TLS can't be set up: {why}"), None))?;
    let limit = opening.options.limits.message_bytes;
    let new_server = || {
        WebServer::new(client.clone(), url, limit, opening.login.clone())
            .map_err(|why| ConnectFailure::new(why, None))
    };
    if url.kind == UrlKind::Sse {
        return open_sse(entry, new_server()?, opening, deadline).await;
    }
    let server = new_server()?;
    let told = ConnectionNews::new();
    let handler = Handler::new(&entry.name, &opening.options, told.clone());
    let transport =
        StreamableHttpClientTransport::with_client(server.clone(), transport_config(&server));
    let error = match timeout_at(deadline, serve_client(handler, transport)).await {
        Ok(Ok(service)) => {
            return Ok(Connection::new(service, told, Ledger::default()).with_web(server));
        }
        Ok(Err(error)) => error,
        Err(_) => return Err(late("")),
    };
    match server.refusal() {
        Some(refusal) if refusal.suggests_sse() => {
            let first = web_failure(&refusal);
            let fallback = open_sse(entry, new_server()?, opening, deadline).await;
            // What the server said to the newer transport tells more than that it has no stream.
            fallback.map_err(|failure| if failure.needs_login { failure } else { first })
        }
        Some(refusal) => Err(web_failure(&refusal)),
        None => Err(begin_failure(&error)),
    }
}

async fn open_sse(
    entry: &ServerEntry,
    server: WebServer,
    opening: &ConnectionOpening,
    deadline: Instant,
) -> Result<Connection, ConnectFailure> {
    let ledger = Ledger::default();
    let told = ConnectionNews::new();
    let opened = timeout_at(deadline, SseTransport::open(server.clone(), ledger.clone())).await;
    let transport = opened
        .map_err(|_| late(""))?
        .map_err(|refusal| web_failure(&refusal))?;
    let handler = Handler::new(&entry.name, &opening.options, told.clone());
    match timeout_at(deadline, serve_client(handler, transport)).await {
        Ok(Ok(service)) => Ok(Connection::new(service, told, ledger)),
        Ok(Err(error)) => Err(match ledger.fault() {
            Some(fault) => fault_failure(&fault),
            None => begin_failure(&error),
        }),
        Err(_) => Err(late("")),
    }
}
