//! `lorekeep mcp`: the archive for assistants, over standard input and output or over HTTP.

mod token;

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use embed::MiniLmOptions;
use mcp::{HttpOptions, McpOptions, McpServer, McpSession, StdioTransport, ToolSet, Whereabouts};
use memory::{FollowOptions, Memory};
use recall::Decay;
use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::app::App;
use crate::args;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::interrupt;
use crate::opening;
use crate::output::Output;
use crate::settings::{Environment, LoadedSettings};

/// Calls that are worked on at once: more would only wait for each other.
const MAX_CONCURRENT_CALLS: usize = 4;

/// How long a call waits for another process that writes. An import's steps are far shorter, and a
/// client gives up on a call some time.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// Threads that embed a query: it is short, and others want to work too.
const MAX_QUERY_THREADS: usize = 2;

/// How often a server that serves nobody looks whether it was asked to end.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Serves until the client goes away, or until it is asked to end.
pub(crate) fn run(
    app: &App,
    environment: &Environment,
    args: &args::McpArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(MAX_CONCURRENT_CALLS)
        .build()
        .context("starting the server")?;
    let server = server(app, args.tools);
    let served = match args.http {
        None => stdio(&runtime, server, environment, out),
        Some(address) => http(&runtime, app, server, address, out),
    };
    // A call may still be at work for nobody.
    runtime.shutdown_background();
    served
}

/// The server with what the settings say.
fn server(app: &App, tools: Option<ToolSet>) -> Arc<McpServer> {
    let settings = app.settings();
    let threads = opening::embedding_threads(settings).min(MAX_QUERY_THREADS);
    let follows = opening::follows(&app.loaded);
    let mut memory = opening::for_one_answer(&app.loaded);
    memory.opener.lock_timeout = LOCK_TIMEOUT;
    memory.max_connections = MAX_CONCURRENT_CALLS;
    memory.follow = follows.then(|| FollowOptions::for_server(app.loaded.roots()));
    // For as long as the process lives: what rearranging the weights takes once, every query after it
    // saves.
    memory.model = opening::model(&app.loaded, MiniLmOptions::many_texts(threads));
    let options = server_options(&app.loaded, tools);
    Arc::new(McpServer::new(Arc::new(Memory::new(memory)), options))
}

/// What an MCP server is set up with; `tools` instead of the setting's.
pub(crate) fn server_options(loaded: &LoadedSettings, tools: Option<ToolSet>) -> McpOptions {
    let settings = &loaded.settings;
    let user_home = loaded.user_home.as_deref();
    McpOptions {
        tools: tools.unwrap_or(settings.mcp.tools),
        max_answer_tokens: settings.mcp.max_tokens.get(),
        search_mode: settings.search.mode.0,
        decay: Decay {
            weight: settings.memory.decay_weight.get(),
            half_life_days: settings.memory.decay_half_life_days.get(),
        },
        is_decay_on: settings.memory.decay_enabled.0,
        http_readable: settings.mcp.http_blame.paths(user_home),
        user_home: user_home.map(Path::to_path_buf),
        settings_note: settings_note(&loaded.faults),
        local_time: clock::now,
    }
}

/// What is wrong in the settings: whoever uses the assistant never sees this process's standard error.
fn settings_note(faults: &[Fault]) -> Option<String> {
    let first = faults.first()?;
    let more = match faults.len() - 1 {
        0 => String::new(),
        more => format!(" ({more} more)"),
    };
    Some(format!(
        "Tell the person once that Lorekeep's settings have a mistake, in place of which the default is \
         used: {}{more}.",
        first.what
    ))
}

fn stdio(
    runtime: &Runtime,
    server: Arc<McpServer>,
    environment: &Environment,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    if out.is_for_person() {
        out.note("this speaks MCP and waits for a client; `lorekeep setup` registers it with one");
    }
    let output = out.take_stdout()?;
    let named = |name| environment.path(name);
    let whereabouts = Whereabouts::of_process(
        named("CLAUDE_PROJECT_DIR").or_else(|| named("MCP_CLIENT_CWD")),
        std::env::current_dir().ok(),
        environment.user_home(),
    );
    let session = McpSession::new(server, whereabouts);
    runtime.block_on(async {
        let transport =
            StdioTransport::start(std::io::stdin(), output).context("starting the server")?;
        mcp::serve_stdio(session, transport)
            .await
            .context("serving")?;
        Ok(CommandOutcome::Done)
    })
}

fn http(
    runtime: &Runtime,
    app: &App,
    server: Arc<McpServer>,
    address: SocketAddr,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    let settings = &app.settings().mcp;
    let own = token::own_file(app.home().data());
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
        Some(file) => (token::read(&file)?, file),
        None => (token::own(&own)?, own),
    };
    let options = HttpOptions {
        token,
        hosts: settings.hosts.get().to_vec(),
        origins: settings.origins.get().to_vec(),
    };
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
            () = mcp::serve_http(listener, server, options, ended) => {}
            () = watch => {}
        }
        Ok(CommandOutcome::Done)
    })
}
