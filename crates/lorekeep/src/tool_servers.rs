//! Servers of tools for the chat: from `mcp.json` to what a person's chat calls.
//!
//! Commands come from that file alone, which only whoever runs the program names: nothing that comes over the
//! network, or with a card or a conversation, adds one.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use chat::TurnQuestions;
use chat::model::ProviderKey;
use recall::Home;
use server::Sealer;
use tools::{ConfigProblem, McpConfig, ToolServerOptions, ToolServers, WeakToolServers};

use crate::fault::Fault;
use crate::key_command;
use crate::output::say_without_output;
use crate::settings::{Environment, LoadedSettings};
use crate::supervised::SUPERVISE;
use crate::tool_tokens::SealedTokens;

/// The file's name where no setting names it.
const FILE_NAME: &str = "mcp.json";

/// The largest file that is read, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// How often a change of the file is looked for.
const CHECK_INTERVAL: Duration = Duration::from_secs(2);

/// The file that lists servers, and what stands in it.
#[derive(Clone)]
pub(crate) struct ServersConfig {
    path: PathBuf,
    /// Shared by all people, so that a mistake is told once.
    current: Arc<Mutex<CurrentConfig>>,
    /// What seals tokens.
    sealer: Arc<Sealer>,
    /// This program, as the process that stands between it and a server; where it was at the start, since it may be
    /// replaced by a newer one meanwhile.
    supervisor: Vec<OsString>,
}

/// What stood in the file when it was looked at last.
struct CurrentConfig {
    /// Taken before it was read, so that a change in between is seen the next time.
    stamp: Option<FileStamp>,
    config: McpConfig,
    /// How often another configuration was taken over.
    version: u64,
}

/// What tells one state of a file from the next: when it was changed, and its bytes.
type FileStamp = (SystemTime, u64);

impl ServersConfig {
    /// What is wrong with the file that the settings name, or the one beside them.
    pub(crate) fn faults(loaded: &LoadedSettings) -> Vec<Fault> {
        let (path, is_named) = place(loaded);
        match files::read_text(&path, MAX_FILE_BYTES) {
            Ok(text) => parse(&text, &path).1.into_iter().map(fault).collect(),
            Err(error) => unread(&path, is_named, &error).into_iter().collect(),
        }
    }

    /// Reads the file that the settings name, or the one beside them. Without one there are no servers. What is wrong
    /// in it is told, and costs the server that it stands in.
    pub(crate) fn read(loaded: &LoadedSettings) -> (Option<Self>, Vec<Fault>) {
        let (path, is_named) = place(loaded);
        let stamp = stamp(&path);
        match files::read_text(&path, MAX_FILE_BYTES) {
            Ok(text) => {
                let (config, problems) = parse(&text, &path);
                let faults = problems.into_iter().map(fault).collect();
                let current = CurrentConfig {
                    stamp,
                    config,
                    version: 0,
                };
                let seal_key = loaded.locations.config_file.with_file_name("seal.key");
                match sealer(loaded, seal_key) {
                    Ok(sealer) => (
                        Some(Self {
                            path,
                            current: Arc::new(Mutex::new(current)),
                            sealer: Arc::new(sealer),
                            supervisor: supervisor(),
                        }),
                        faults,
                    ),
                    Err(fault) => (None, vec![fault]),
                }
            }
            Err(error) => {
                let fault = unread(&path, is_named, &error);
                (None, fault.into_iter().collect())
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
            ..ToolServerOptions::new(self.supervisor.clone())
        };
        let (config, version) = self.now();
        let servers = ToolServers::new(config, options);
        if tokio::runtime::Handle::try_current().is_ok() {
            tokio::spawn(follow(self.clone(), version, servers.downgrade()));
        }
        servers
    }

    /// What stands in the file now, and how often that changed. A file that is gone, half written or can't be read
    /// changes nothing: it may be on its way. What is wrong in a changed one is told.
    fn now(&self) -> (McpConfig, u64) {
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        let stamp = stamp(&self.path);
        if stamp != current.stamp {
            current.stamp = stamp;
            if let Ok(text) = files::read_text(&self.path, MAX_FILE_BYTES)
                && !text.trim().is_empty()
            {
                let (config, problems) = parse(&text, &self.path);
                let is_whole = !problems.iter().any(ConfigProblem::is_whole);
                problems
                    .into_iter()
                    .for_each(|problem| tell(&fault(problem)));
                if is_whole && config != current.config {
                    current.config = config;
                    current.version += 1;
                }
            }
        }
        (current.config.clone(), current.version)
    }
}

/// Where the file is, and whether the settings name it.
fn place(loaded: &LoadedSettings) -> (PathBuf, bool) {
    let named = &loaded.settings.tools.servers;
    let named = named.path(loaded.user_home.as_deref());
    let is_named = named.is_some();
    let beside = &loaded.locations.dotenv_file;
    let path = beside.with_file_name(named.unwrap_or_else(|| FILE_NAME.into()));
    (path, is_named)
}

/// A file that can't be read; nothing where none is named and there is none.
fn unread(path: &Path, is_named: bool, error: &std::io::Error) -> Option<Fault> {
    let is_missing = error.kind() == std::io::ErrorKind::NotFound;
    let what = match is_missing {
        true if !is_named => return None,
        true => format!("no servers of tools: there is no file `{}`", path.display()),
        false => format!("no servers of tools: {error}"),
    };
    Some(Fault::usage(what).hint("`tools.servers` (MCP__PATH) names the file"))
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

fn parse(text: &str, path: &Path) -> (McpConfig, Vec<ConfigProblem>) {
    let environment = Environment::of_process();
    McpConfig::parse(text, path, &|name| environment.text(name))
}

fn fault(problem: ConfigProblem) -> Fault {
    let fault = Fault::usage(problem.to_string());
    match problem.hint {
        Some(hint) => fault.hint(hint),
        None => fault,
    }
}

/// Tells of what is wrong in the middle of other work.
fn tell(fault: &Fault) {
    say_without_output(&format!("warning: {}", fault.what));
    if let Some(hint) = &fault.hint {
        say_without_output(&format!("hint: {hint}"));
    }
}

/// Takes a changed file over, as long as the servers are used.
async fn follow(config: ServersConfig, mut known: u64, servers: WeakToolServers) {
    loop {
        tokio::time::sleep(CHECK_INTERVAL).await;
        let Some(servers) = servers.upgrade() else {
            return;
        };
        let (now, version) = config.now();
        if version != known {
            known = version;
            servers.reload(now);
        }
    }
}

fn stamp(path: &Path) -> Option<FileStamp> {
    let about = fs_err::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(config: &McpConfig) -> Vec<&str> {
        let names = config.servers.iter().map(|server| server.name.as_str());
        names.collect()
    }

    #[test]
    #[expect(clippy::disallowed_methods, reason = "a test writes as an editor does")]
    fn a_file_that_is_half_written_or_gone_changes_nothing() {
        let directory = tempfile::tempdir().expect("a temporary directory");
        let path = directory.path().join("mcp.json");
        let one = r#"{"mcpServers": {"one": {"command": "one"}}}"#;
        let two = r#"{"mcpServers": {"one": {"command": "one"}, "two": {"command": "two"}}}"#;
        let write = |text: &str| fs_err::write(&path, text).expect("it is written");
        write(one);
        let sealer = Sealer::new(directory.path().join("seal.key"), None).expect("a sealer");
        let current = CurrentConfig {
            stamp: stamp(&path),
            config: parse(one, &path).0,
            version: 0,
        };
        let config = ServersConfig {
            path: path.clone(),
            current: Arc::new(Mutex::new(current)),
            sealer: Arc::new(sealer),
            supervisor: supervisor(),
        };
        for cut in ["", "{\"mcpServers\": {\"one\": {\"comm", "[]"] {
            write(cut);
            let (now, version) = config.now();
            assert_eq!((names(&now), version), (vec!["one"], 0), "{cut:?}");
        }
        fs_err::remove_file(&path).expect("it is removed");
        assert_eq!(config.now().1, 0);
        write(two);
        let (now, version) = config.now();
        assert_eq!((names(&now), version), (vec!["one", "two"], 1));
        write(r#"{"mcpServers": {}}"#);
        let (now, version) = config.now();
        assert_eq!((names(&now), version), (Vec::new(), 2));
    }
}
