//! Servers of tools for the chat: from `mcp.json` to what a person's chat calls.
//!
//! Commands come from that file alone, which only whoever runs the program names: nothing that comes over the
//! network, or with a card or a conversation, adds one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use chat::TurnQuestions;
use chat::model::ProviderKey;
use recall::Home;
use server::Sealer;
use tools::{McpConfig, ToolServerOptions, ToolServers, WeakToolServers};

use crate::fault::Fault;
use crate::key_command;
use crate::settings::{Environment, LoadedSettings};
use crate::supervised::SUPERVISE;
use crate::tool_tokens::SealedTokens;

/// The file's name where no setting names it.
const FILE_NAME: &str = "mcp.json";

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// How often a change of the file is looked for.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// The file that lists servers, and what stood in it.
#[derive(Clone)]
pub(crate) struct ServersConfig {
    path: PathBuf,
    config: McpConfig,
    /// What seals tokens.
    sealer: Arc<Sealer>,
}

impl ServersConfig {
    /// Reads the file that the settings name, or the one beside them. Without one there are no servers. What is wrong
    /// in it is told, and costs the server that it stands in.
    pub(crate) fn read(loaded: &LoadedSettings) -> (Option<Self>, Vec<Fault>) {
        let beside = &loaded.locations.dotenv_file;
        let named = loaded
            .settings
            .tools
            .servers
            .path(loaded.user_home.as_deref());
        let is_named = named.is_some();
        let path = beside.with_file_name(named.unwrap_or_else(|| FILE_NAME.into()));
        match files::read_text(&path, MAX_FILE_BYTES) {
            Ok(text) => {
                let (config, faults) = parse(&text, &path);
                let seal_key = loaded.locations.config_file.with_file_name("seal.key");
                match sealer(loaded, seal_key) {
                    Ok(sealer) => (
                        Some(Self {
                            path,
                            config,
                            sealer: Arc::new(sealer),
                        }),
                        faults,
                    ),
                    Err(fault) => (None, vec![fault]),
                }
            }
            Err(error) if !is_named && error.kind() == std::io::ErrorKind::NotFound => {
                (None, Vec::new())
            }
            Err(error) => {
                let what = match error.kind() {
                    std::io::ErrorKind::NotFound => {
                        format!("no servers of tools: there is no file `{}`", path.display())
                    }
                    _ => format!("no servers of tools: {error}"),
                };
                let fault = Fault::usage(what).hint("`tools.servers` (MCP__PATH) names the file");
                (None, vec![fault])
            }
        }
    }

    /// The servers for a person, whose processes are theirs alone. Nothing is started yet.
    pub(crate) fn servers(&self, home: &Home, questions: &Arc<TurnQuestions>) -> ToolServers {
        let environment = Environment::of_process().all();
        let environment = environment
            .into_iter()
            .map(|(name, value)| (OsString::from(name), OsString::from(value)));
        let options = ToolServerOptions {
            environment: ToolServerOptions::inherited(environment),
            cache_file: Some(home.data().join("chat").join("tools.json")),
            tokens: Some(Arc::new(SealedTokens::new(
                Arc::clone(&self.sealer),
                home.data().join("chat").join("tool-tokens.json"),
            ))),
            elicitor: Some(Arc::clone(questions) as Arc<dyn tools::Elicitor>),
            ..ToolServerOptions::new(supervisor())
        };
        let servers = ToolServers::new(self.config.clone(), options);
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::spawn(follow(self.path.clone(), servers.downgrade()));
        }
        servers
    }
}

/// What seals keys of providers and tokens of servers.
fn sealer(loaded: &LoadedSettings, file: PathBuf) -> Result<Sealer, Fault> {
    let command = loaded.settings.server.seal_key_command.get();
    let secret = command
        .map(|command| key_command::first_line("server.seal_key_command", command))
        .transpose()?;
    let secret = secret.as_deref().map(ProviderKey::new);
    Sealer::new(file, secret.as_ref()).map_err(|error| Fault::usage(error.to_string()))
}

/// This program, as the process that stands between it and a server.
fn supervisor() -> Vec<OsString> {
    let program = std::env::current_exe().map_or_else(|_| "lorekeep".into(), OsString::from);
    std::iter::once(program)
        .chain(SUPERVISE.map(OsString::from))
        .collect()
}

fn parse(text: &str, path: &Path) -> (McpConfig, Vec<Fault>) {
    let environment = Environment::of_process();
    let (config, problems) = McpConfig::parse(text, path, &|name| environment.text(name));
    let faults = problems
        .into_iter()
        .map(|problem| {
            let fault = Fault::usage(problem.to_string());
            match problem.hint {
                Some(hint) => fault.hint(hint),
                None => fault,
            }
        })
        .collect();
    (config, faults)
}

/// Takes a changed file over, as long as the servers are used.
async fn follow(path: PathBuf, servers: WeakToolServers) {
    let mut known = changed(&path);
    loop {
        tokio::time::sleep(CHECK_INTERVAL).await;
        let Some(servers) = servers.upgrade() else {
            return;
        };
        let now = changed(&path);
        if now == known {
            continue;
        }
        known = now;
        // A file that is gone, or can't be read, changes nothing: it may be on its way.
        if let Ok(text) = files::read_text(&path, MAX_FILE_BYTES) {
            servers.reload(parse(&text, &path).0);
        }
    }
}

fn changed(path: &Path) -> Option<(SystemTime, u64)> {
    let about = fs_err::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}
