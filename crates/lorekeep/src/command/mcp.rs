//! `lorekeep mcp`: the archive for assistants, over standard input and output or over HTTP.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use rmcp::ServiceExt as _;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::app::App;
use crate::args;
use crate::exit::Outcome;
use crate::fault::Fault;
use crate::interrupt;
use crate::mcp::{self, Desk, HttpOptions, Service, Stdio, Whereabouts};
use crate::output::Output;
use crate::settings::{Environment, ToolSet};

/// Calls that are worked on at once: more would only wait for each other.
const MAX_CONCURRENT_CALLS: usize = 4;

/// How often a server that serves nobody looks whether it was asked to end.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Serves until the client goes away, or until it is asked to end.
pub(crate) fn run(
    app: App,
    environment: &Environment,
    args: &args::Mcp,
    out: &mut Output,
) -> anyhow::Result<Outcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MAX_CONCURRENT_CALLS)
        .build()
        .context("starting the server")?;
    let tools = args.tools.unwrap_or(app.settings().mcp.tools);
    let served = match args.http {
        None => stdio(&runtime, app, environment, tools, out),
        Some(address) => http(&runtime, app, address, tools, out),
    };
    // A call may still be at work for nobody.
    runtime.shutdown_background();
    served
}

fn stdio(
    runtime: &Runtime,
    app: App,
    environment: &Environment,
    tools: ToolSet,
    out: &mut Output,
) -> anyhow::Result<Outcome> {
    if out.is_for_person() {
        out.note("this speaks MCP and waits for a client; `lorekeep setup` registers it with one");
    }
    let output = out.take_stdout()?;
    let service = Service::new(
        Arc::new(Desk::new(app)),
        Whereabouts::of_process(environment),
        tools,
    );
    runtime.block_on(async {
        let transport = Stdio::start(std::io::stdin(), output).context("starting the server")?;
        // A client that goes away before it said anything is no failure.
        if let Ok(running) = service.serve(transport).await {
            running.waiting().await.context("serving")?;
        }
        Ok(Outcome::Done)
    })
}

fn http(
    runtime: &Runtime,
    app: App,
    address: SocketAddr,
    tools: ToolSet,
    out: &mut Output,
) -> anyhow::Result<Outcome> {
    let settings = &app.settings().mcp;
    let own = mcp::token::own_file(app.home().data());
    let chosen = settings.token_file.path(app.loaded.user_home.as_deref());
    if !address.ip().is_loopback() && chosen.is_none() {
        return Err(Fault::usage(format!(
            "`--http {address}` can be reached from other machines"
        ))
        .hint("name a file with a token of yours in `mcp.token_file` first, or listen on 127.0.0.1")
        .into());
    }
    let readable = settings.http_blame.paths(app.loaded.user_home.as_deref());
    if let Some(relative) = readable.iter().find(|directory| !directory.is_absolute()) {
        let what = format!(
            "`mcp.http_blame` has `{}`, which isn't absolute",
            relative.display()
        );
        return Err(Fault::usage(what)
            .hint("name directories from `/` or `~` on")
            .into());
    }
    let (token, file) = match chosen {
        Some(file) => (mcp::token::read(&file)?, file),
        None => (mcp::token::own(&own)?, own),
    };
    let options = HttpOptions {
        token,
        hosts: settings.hosts.get().to_vec(),
        origins: settings.origins.get().to_vec(),
        tools,
    };
    let desk = Arc::new(Desk::new(app));
    let stop = interrupt::stop();
    runtime.block_on(async {
        let listener = mcp::listen(address)
            .await
            .with_context(|| format!("listening on {address}"))?;
        let bound = listener.local_addr().context("listening")?;
        out.note(&format!("serving MCP on http://{bound}{}", mcp::HTTP_PATH));
        out.hint(&format!(
            "clients send `Authorization: Bearer` and the token in {}",
            file.display()
        ));
        let ended = CancellationToken::new();
        let asked = ended.clone();
        let watch = async move {
            while !stop.is_set() {
                tokio::time::sleep(STOP_CHECK_INTERVAL).await;
            }
            asked.cancel();
            // Whoever keeps a connection open doesn't keep the server.
            tokio::time::sleep(STOP_CHECK_INTERVAL * 4).await;
        };
        tokio::select! {
            () = mcp::serve_http(listener, desk, options, ended) => {}
            () = watch => {}
        }
        Ok(Outcome::Done)
    })
}
