//! `lorekeep serve`: the archive over HTTP.

mod browser;
mod parts;

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use chat::model::ProviderKey;
use memory::Clock;
use recall::ErrorClass;
use server::{
    Authentication, ConfiguredModels, HealthChecks, KeyScopes, LinkOptions, NewKey,
    ProgramOperation, RequestLimits, RequestRate, Server, ServerError, ServerOptions,
};

use super::app::App;
use super::doctor::quick_checks;
use crate::args;
use crate::chatting;
use crate::clock;
use crate::exit::CommandOutcome;
use crate::fault::Fault;
use crate::interrupt;
use crate::key_command;
use crate::output::Output;
use crate::settings::{LoadedSettings, ServerAuth};
use crate::tool_servers::ServersConfig;

/// How often the server looks whether it was asked to end.
const STOP_CHECK_INTERVAL: Duration = Duration::from_millis(100);

/// Threads for work that waits for the disk: the archive, the databases of keys, imports.
const MAX_BLOCKING_THREADS: usize = 24;

/// How often requests with one key may come to a server that other machines reach.
const SHARED_KEY_RATE: RequestRate = RequestRate {
    per_minute: 6000,
    burst: 1000,
};

/// Serves until it is asked to end.
pub(crate) fn run(
    app: App,
    args: &args::ServeArgs,
    out: &mut Output,
) -> anyhow::Result<CommandOutcome> {
    interrupt::raise_file_limit();
    let mut options = options(&app, args)?;
    let (servers, problems) = ServersConfig::read(&app.loaded);
    for note in app.loaded.notes.iter().chain(&problems) {
        out.warning(&note.what);
        if let Some(hint) = &note.hint {
            out.hint(hint);
        }
    }
    let stop = interrupt::stop();
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .max_blocking_threads(MAX_BLOCKING_THREADS)
        .build()
        .context("starting the server")?;
    app.settings().chat_model()?;
    let models = ConfiguredModels {
        registry: chatting::models(&app.loaded)?,
        default: chatting::default_model(&app.loaded),
    };
    let loaded = Arc::new(app.loaded);
    options.operation = operation(&loaded);
    let make = parts::maker(loaded, models.registry.clone(), servers);
    let served = runtime.block_on(async {
        let server = Server::bind(options, models, make).map_err(|error| fault(&error))?;
        announce(&server, args, out)?;
        out.flush()?;
        server
            .run(async {
                while !stop.is_set() {
                    tokio::time::sleep(STOP_CHECK_INTERVAL).await;
                }
            })
            .await;
        Ok(CommandOutcome::Done)
    });
    // Work on the archive may still be under way, which survives being cut off.
    runtime.shutdown_background();
    served
}

fn options(app: &App, args: &args::ServeArgs) -> Result<ServerOptions, Fault> {
    let locations = &app.loaded.locations;
    let settings = app.settings().chat_server()?;
    let address = args.addr.unwrap_or(settings.address);
    let has_no_keys = args.no_auth || settings.auth == ServerAuth::None;
    let mut limits = RequestLimits::default();
    if !address.ip().is_loopback() {
        limits.per_key = Some(SHARED_KEY_RATE);
    }
    let seal_command = app.settings().server.seal_key_command.get();
    let seal_secret = seal_command
        .map(|command| key_command::first_line("server.seal_key_command", command))
        .transpose()?;
    Ok(ServerOptions {
        seal_secret: seal_secret.as_deref().map(ProviderKey::new),
        authentication: match has_no_keys {
            true => Authentication::None,
            false => Authentication::Keys,
        },
        base_path: settings.base_path,
        hosts: settings.allowed_hosts,
        cors_origins: settings.cors,
        limits,
        seal_key: locations.config_file.with_file_name("seal.key"),
        ..ServerOptions::new(
            address,
            locations.home.data().to_owned(),
            locations.cache.clone(),
            locations.log.clone(),
            Clock(clock::system),
            clock::now,
        )
    })
}

/// What whoever runs the server can look up: the settings, and what `doctor` finds quickly.
fn operation(loaded: &Arc<LoadedSettings>) -> ProgramOperation {
    let checked = Arc::clone(loaded);
    ProgramOperation {
        settings: Arc::new(loaded.in_force()),
        checks: HealthChecks(Arc::new(move || quick_checks(&checked))),
    }
}

/// Says where the server is, and how to get in.
fn announce(server: &Server, args: &args::ServeArgs, out: &mut Output) -> anyhow::Result<()> {
    out.note(&format!("serving on {}", server.url()));
    if server.state().options.authentication == Authentication::None {
        out.warning(
            "every program on this machine can read the archive: nobody is asked for a key",
        );
        if args.open {
            open(&server.url(), out);
        }
        return Ok(());
    }
    let credentials = &server.state().credentials;
    if credentials.is_new() && out.is_for_person() {
        tell_owner_key(credentials, out)?;
    }
    let link = server.link(LinkOptions::default());
    let link = link.map_err(|error| fault(&error))?;
    if args.open && open(&link, out) {
        return Ok(());
    }
    out.note(&format!("open {link} (works once, within 5 minutes)"));
    out.hint("`lorekeep key create NAME` makes a key for a program");
    Ok(())
}

/// Makes a key with all scopes and shows it. Not where nobody watches: it would stay in a log.
fn tell_owner_key(credentials: &server::Credentials, out: &mut Output) -> anyhow::Result<()> {
    let new = NewKey {
        name: "owner".to_owned(),
        scopes: KeyScopes::ALL,
        expires: None,
    };
    let made = credentials.create_key(&credentials.first_owner().id, &new);
    let (_, token) = made.map_err(|error| fault(&error))?;
    out.note(&format!("your key, shown this once: {token}"));
    out.hint("programs send it as `Authorization: Bearer KEY`");
    Ok(())
}

fn open(url: &str, out: &mut Output) -> bool {
    let is_open = browser::open(url);
    if !is_open {
        out.note("there is no browser to open the page with");
    }
    is_open
}

/// A failure of the server as the command line says it.
pub(super) fn fault(error: &ServerError) -> Fault {
    let fault = match error {
        ServerError::Unsafe { .. } | ServerError::BadOption(_) | ServerError::BadKey(_) => {
            Fault::usage(error.to_string())
        }
        ServerError::NoKey(_) => Fault::missing(error.to_string()),
        ServerError::Io(error) => Fault {
            class: ErrorClass::from(error),
            ..Fault::failure(error.to_string())
        },
        _ => Fault::failure(error.to_string()),
    };
    match error.hint() {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

/// The server's own database of this home.
pub(super) fn credentials(app: &App) -> anyhow::Result<Arc<server::Credentials>> {
    let opened = server::Credentials::open(app.home().data(), Clock(clock::system));
    Ok(Arc::new(opened.map_err(|error| fault(&error))?))
}
