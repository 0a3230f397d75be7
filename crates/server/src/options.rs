//! What a server is set up with: settings come as values, never from a file or the environment.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use chat::model::ProviderKey;
use jiff::Zoned;
use memory::Clock;

use crate::operation::ProgramOperation;
use crate::rate::RequestRate;

/// What a [`Server`](crate::Server) is set up with.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// The address to listen on; port 0 lets the system choose one.
    pub address: SocketAddr,
    /// The path below which a reverse proxy shows the server, such as `/chat/`; empty or `/` for none. A
    /// request's path may have it or lack it: some proxies strip it.
    pub base_path: String,
    /// Whether requests need a credential.
    pub authentication: Authentication,
    /// Host names that a request's `Host` may have, beside `localhost` and the loopback addresses. A server
    /// that listens beyond loopback accepts every IP address as well, since no DNS name can be made to point
    /// elsewhere there.
    pub hosts: Vec<String>,
    /// Web origins other than the server's own whose pages may send requests, such as
    /// `https://tools.example.org`; `*` for all.
    pub cors_origins: Vec<String>,
    /// Whether pages of [`Self::cors_origins`] may send the session cookie. Refused together with `*`.
    pub cors_credentials: bool,
    /// Whether `/metrics` answers without a key; only on loopback.
    pub are_metrics_open: bool,
    /// How much is accepted at once.
    pub limits: RequestLimits,
    /// The directory of the archive, in which the server keeps its own database and its lock.
    pub data: PathBuf,
    /// The directory of files that can be made anew, such as the embedding model.
    pub cache: PathBuf,
    /// The file of the key that seals the keys of providers, made when one is first stored; not in [`Self::data`].
    pub seal_key: PathBuf,
    /// A text that seals them in the place of that file's key: 32 characters or more.
    pub seal_secret: Option<ProviderKey>,
    /// The directory of the logs `access.log` and `server.log`.
    pub log: PathBuf,
    /// The clock.
    pub clock: Clock,
    /// The present time in the person's time zone, by which words such as `yesterday` are understood.
    pub local_time: fn() -> Zoned,
    /// What the program around the server tells of itself.
    pub operation: ProgramOperation,
}

/// Whether requests need a credential.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Authentication {
    /// A key or a session, on loopback too.
    Keys,
    /// None: every request is the first owner's. Refused beyond loopback.
    None,
}

/// How much is accepted at once.
#[derive(Clone, Copy, Debug)]
pub struct RequestLimits {
    /// Connections that are open at a time, those of clients that have shown a credential.
    pub connections: usize,
    /// Connections that are open at a time of clients that haven't.
    pub strangers: usize,
    /// Requests that are worked on at a time; streams don't count once they have begun.
    pub requests: usize,
    /// Requests that use the archive at a time; others wait.
    pub archive_jobs: usize,
    /// How long the head of a request may take to come in, and how long a connection may be idle.
    pub head_timeout: Duration,
    /// How long the body of a request may take to come in.
    pub body_timeout: Duration,
    /// How long answers under way and streams have to end at a shutdown.
    pub shutdown_timeout: Duration,
    /// How often requests with one key may come; `None`: as often as they like.
    pub per_key: Option<RequestRate>,
    /// How often requests without a valid credential may come from one address; from this machine ten times
    /// as often, since all its programs, and all clients of a proxy on it, have one address.
    pub per_address: Option<RequestRate>,
    /// Bytes of a log file, after which it is rotated.
    pub log_bytes: u64,
    /// Log files that are kept beside the one that is written.
    pub log_files: u32,
}

impl Default for RequestLimits {
    fn default() -> Self {
        Self {
            connections: 4096,
            // As many as may come at once: each shows its credential a moment later.
            strangers: 2048,
            requests: 1024,
            archive_jobs: 8,
            head_timeout: Duration::from_secs(30),
            body_timeout: Duration::from_secs(30),
            shutdown_timeout: Duration::from_secs(4),
            per_key: None,
            per_address: Some(RequestRate {
                per_minute: 600,
                burst: 200,
            }),
            log_bytes: 10 << 20,
            log_files: 5,
        }
    }
}

/// How a one-time link is made.
#[derive(Clone, Copy, Debug)]
pub struct LinkOptions {
    /// How long it can be used.
    pub valid: Duration,
}

impl Default for LinkOptions {
    fn default() -> Self {
        Self {
            valid: Duration::from_secs(300),
        }
    }
}

impl ServerOptions {
    /// Options for an address and the directories of a home; everything else is the default.
    #[must_use]
    pub fn new(
        address: SocketAddr,
        data: PathBuf,
        cache: PathBuf,
        log: PathBuf,
        clock: Clock,
        local_time: fn() -> Zoned,
    ) -> Self {
        Self {
            address,
            base_path: String::new(),
            authentication: Authentication::Keys,
            hosts: Vec::new(),
            cors_origins: Vec::new(),
            cors_credentials: false,
            are_metrics_open: false,
            limits: RequestLimits::default(),
            seal_key: log.join("seal.key"),
            seal_secret: None,
            data,
            cache,
            log,
            clock,
            local_time,
            operation: ProgramOperation::default(),
        }
    }
}
