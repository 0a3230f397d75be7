//! What a client of tool servers is made of: everything is passed in.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::future::Future;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value};

use crate::config::Approval;

/// A future that another crate gives.
pub type BoxedFuture<'a, T> = Pin<Box<dyn Future<Output = T> + Send + 'a>>;

/// What tool servers are set up with.
#[derive(Clone)]
pub struct ToolServerOptions {
    /// The program and first arguments of the supervising process; the server's command follows them. It has to end
    /// up in [`supervise()`](crate::supervise()).
    pub supervisor: Vec<OsString>,
    /// What servers inherit of the environment, by name: never all of it, since it may hold keys. See
    /// [`inherited`](Self::inherited).
    pub environment: BTreeMap<OsString, OsString>,
    /// Where lists of tools are kept between runs; `None` keeps none.
    pub cache_file: Option<PathBuf>,
    /// The name under which servers see this client.
    pub client_name: String,
    /// Its version.
    pub client_version: String,
    /// How long things may take.
    pub timeouts: ToolTimeouts,
    /// How much a server may send.
    pub limits: ToolLimits,
    /// When a person is asked before a call, where the configuration says nothing.
    pub default_approval: Approval,
    /// Who answers what servers ask a person; without one, everything is declined.
    pub elicitor: Option<Arc<dyn Elicitor>>,
    /// Who keeps tokens of servers that want a log-in; without one, they are kept until the process ends.
    pub tokens: Option<Arc<dyn TokenStore>>,
}

/// How long things may take.
#[derive(Clone, Copy, Debug)]
pub struct ToolTimeouts {
    /// Connecting and listing.
    pub connect: Duration,
    /// A call, from its start or the last progress.
    pub call: Duration,
    /// Until a connection that nobody uses is ended.
    pub idle: Duration,
    /// Until a server that failed is tried again: the first wait, doubled each time up to `longest_backoff`.
    pub backoff: Duration,
    /// The longest wait until a server that failed is tried again.
    pub longest_backoff: Duration,
}

impl Default for ToolTimeouts {
    fn default() -> Self {
        Self {
            connect: Duration::from_secs(10),
            call: Duration::from_secs(600),
            idle: Duration::from_secs(600),
            backoff: Duration::from_secs(2),
            longest_backoff: Duration::from_secs(300),
        }
    }
}

/// How much a server may send.
#[derive(Clone, Copy, Debug)]
pub struct ToolLimits {
    /// One message, in bytes.
    pub message_bytes: usize,
    /// How many tools one server may have; as many prompts and resources.
    pub tools: usize,
    /// How long the list of a server's tools may be as JSON, in bytes; tools beyond are left out.
    pub list_bytes: usize,
    /// A tool's description, in bytes; the rest is cut off.
    pub description_bytes: usize,
    /// A tool's schema as JSON, in bytes; a tool with a longer one is left out.
    pub schema_bytes: usize,
}

impl Default for ToolLimits {
    fn default() -> Self {
        Self {
            message_bytes: 32 << 20,
            tools: 500,
            list_bytes: 4 << 20,
            description_bytes: 16 << 10,
            schema_bytes: 128 << 10,
        }
    }
}

/// Names of variables that servers need to run at all, and that hold no secrets.
const INHERITED_VARIABLES: [&str; 22] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "TEMP",
    "TMP",
    "TERM",
    "XDG_CACHE_HOME",
    "XDG_CONFIG_HOME",
    "XDG_DATA_HOME",
    "XDG_RUNTIME_DIR",
    "DOCKER_HOST",
    "SYSTEMROOT",
    "APPDATA",
    "USERPROFILE",
];

impl ToolServerOptions {
    /// Options with the usual limits and nothing inherited.
    #[must_use]
    pub fn new(supervisor: Vec<OsString>) -> Self {
        Self {
            supervisor,
            environment: BTreeMap::new(),
            cache_file: None,
            client_name: "lorekeep".to_owned(),
            client_version: env!("CARGO_PKG_VERSION").to_owned(),
            timeouts: ToolTimeouts::default(),
            limits: ToolLimits::default(),
            default_approval: Approval::default(),
            elicitor: None,
            tokens: None,
        }
    }

    /// Of an environment, what servers inherit: paths, language and the like.
    pub fn inherited(
        environment: impl IntoIterator<Item = (OsString, OsString)>,
    ) -> BTreeMap<OsString, OsString> {
        let is_inherited = |name: &OsString| {
            let name = name.to_string_lossy();
            INHERITED_VARIABLES
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        };
        environment
            .into_iter()
            .filter(|(name, _)| is_inherited(name))
            .collect()
    }
}

/// Answers what servers ask a person in the middle of a call.
pub trait Elicitor: Send + Sync {
    /// Shows a form and waits for the person. Whoever implements it sets a time limit; a call that is cancelled
    /// drops the future.
    fn ask(&self, question: Question) -> BoxedFuture<'_, FormAnswer>;
}

/// What a server asks a person.
#[derive(Clone, Debug, PartialEq)]
pub struct Question {
    /// The server.
    pub server: String,
    /// What it says: foreign text.
    pub message: String,
    /// A flat JSON Schema of the answer: texts, numbers, flags and choices.
    pub schema: Map<String, Value>,
}

/// What a person said to a question.
#[derive(Clone, Debug, PartialEq)]
pub enum FormAnswer {
    /// The values.
    Answered(Map<String, Value>),
    /// They don't want to.
    Declined,
    /// They closed it.
    Cancelled,
}

/// Keeps tokens, sealed: what is given is a text with secrets.
pub trait TokenStore: Send + Sync {
    /// What is kept for a key, such as `mcp:https://example.com/mcp`.
    fn load(&self, key: &str) -> Option<String>;
    /// Keeps a text for a key; `None` forgets it.
    fn store(&self, key: &str, value: Option<&str>);
    /// What is held while a token is renewed, so that no other process renews it meanwhile: a server takes a refresh
    /// token once. Blocks until it is had.
    fn hold(&self) -> Box<dyn Send> {
        Box::new(())
    }
}
