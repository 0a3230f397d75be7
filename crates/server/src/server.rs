//! A server: listening, serving, and ending in good order.

use std::io::ErrorKind;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use mcp::{ConnectionLimits, serve_connections};
use tokio::net::{TcpListener, TcpSocket};
use tokio_util::sync::CancellationToken;

use crate::credentials::Credentials;
use crate::home_lock::{HomeLock, RunningServer};
use crate::models::{ConfiguredModels, ServerModels};
use crate::options::{LinkOptions, ServerOptions};
use crate::origin;
use crate::people::PersonMaker;
use crate::routes;
use crate::seal::Sealer;
use crate::server_error::ServerError;
use crate::state::AppState;

/// Connections that the system holds until they are accepted.
const BACKLOG: u32 = 1024;

/// How long a connection may take until its first request with a credential has come in.
const STRANGER_TIMEOUT: Duration = Duration::from_secs(20);

/// How long turns that are under way may go on when the server ends, before they are stopped and what they
/// have said is kept; and how long that may take.
const TURN_PATIENCE: Duration = Duration::from_millis(1_500);

/// Characters of a base path.
const MAX_BASE_PATH_CHARACTERS: usize = 200;

/// A server that listens.
pub struct Server {
    listener: TcpListener,
    address: SocketAddr,
    state: AppState,
    _lock: HomeLock,
}

impl Server {
    /// Listens, with the archive's home locked and the server's database open. `models` are those of the
    /// settings, which people's chats share; those that were added through the API come in addition. Must be called in a `tokio`
    /// runtime.
    ///
    /// # Errors
    /// If the options are unsafe, another server uses the home, the address is taken or can't be used, or
    /// the server's database can't be opened.
    pub fn bind(
        mut options: ServerOptions,
        models: ConfiguredModels,
        make: PersonMaker,
    ) -> Result<Self, ServerError> {
        origin::check_options(&options)?;
        options.base_path = base_path(&options.base_path)?;
        let lock = HomeLock::take(&options.data)?;
        let listener = listen(options.address)?;
        let address = listener.local_addr()?;
        lock.tell(&RunningServer {
            address: address.to_string(),
            base_path: options.base_path.clone(),
            process: std::process::id(),
        })?;
        let credentials = Arc::new(Credentials::open(&options.data, options.clock)?);
        let (models, problems) = ServerModels::open(
            models.registry,
            models.default,
            Arc::clone(&credentials),
            Sealer::new(options.seal_key.clone(), options.seal_secret.as_ref())?,
        )?;
        let state = AppState::new(options, address.port(), credentials, models, make)?;
        for problem in problems {
            state.log_line(&problem);
        }
        Ok(Self {
            listener,
            address,
            state,
            _lock: lock,
        })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What its requests share.
    #[must_use]
    pub fn state(&self) -> &AppState {
        &self.state
    }

    /// Its URL on this machine, with a slash at its end.
    #[must_use]
    pub fn url(&self) -> String {
        let running = RunningServer {
            address: self.address.to_string(),
            base_path: self.state.options.base_path.clone(),
            process: std::process::id(),
        };
        running.url("/")
    }

    /// A one-time link that begins a session of the first owner.
    ///
    /// # Errors
    /// If the server's database can't be written.
    pub fn link(&self, options: LinkOptions) -> Result<String, ServerError> {
        let owner = &self.state.credentials.first_owner().id;
        let code = self.state.credentials.make_link(owner, options)?;
        Ok(format!("{}login?code={code}", self.url()))
    }

    /// Serves until `until` is done. Then streams are told, answers under way are sent, and what isn't over
    /// after [`RequestLimits::shutdown_timeout`](crate::RequestLimits::shutdown_timeout) is cut off.
    pub async fn run(self, until: impl Future<Output = ()>) {
        let router = routes::service(&self.state);
        let limits = self.state.options.limits;
        let connections = ConnectionLimits {
            strangers: limits.strangers,
            clients: limits.connections,
            stranger_timeout: STRANGER_TIMEOUT,
            head_timeout: limits.head_timeout,
        };
        let ended = CancellationToken::new();
        let served = serve_connections(self.listener, router, connections, ended.clone());
        let mut served = std::pin::pin!(served);
        let state = self.state.clone();
        tokio::spawn(async move {
            if let Err(error) = state.open_first_chat().await {
                state.log_line(&format!("the chat can't be opened: {}", error.message()));
            }
        });
        tokio::select! {
            () = served.as_mut() => return,
            () = until => {}
        }
        self.state.log_line("shutting down");
        self.state.shutdown.cancel();
        ended.cancel();
        let people = self.state.people.all();
        let chats = async {
            for person in people {
                person.chat.end(TURN_PATIENCE).await;
            }
        };
        let _ = tokio::time::timeout(limits.shutdown_timeout, async {
            tokio::join!(served, chats)
        })
        .await;
        let models = self.state.models.registry.clone();
        let _ = tokio::task::spawn_blocking(move || models.flush()).await;
    }
}

fn listen(address: SocketAddr) -> Result<TcpListener, ServerError> {
    let failed = |source: std::io::Error| match source.kind() {
        ErrorKind::AddrInUse => ServerError::AddressInUse(address),
        _ => ServerError::Listen { address, source },
    };
    let socket = match address {
        SocketAddr::V4(_) => TcpSocket::new_v4(),
        SocketAddr::V6(_) => TcpSocket::new_v6(),
    };
    let socket = socket.map_err(failed)?;
    // On Unix this only lets a server that starts again have a port whose old connections are ending; on
    // Windows it would let two servers share a port.
    #[cfg(unix)]
    socket.set_reuseaddr(true).map_err(failed)?;
    socket.bind(address).map_err(failed)?;
    socket.listen(BACKLOG).map_err(failed)
}

/// A base path with a slash at its start and none at its end; empty for none.
fn base_path(text: &str) -> Result<String, ServerError> {
    let path = text.trim_matches('/');
    if path.is_empty() {
        return Ok(String::new());
    }
    let is_plain = |part: &str| {
        let is_character = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
        !part.is_empty() && part != "." && part != ".." && part.bytes().all(is_character)
    };
    if path.len() > MAX_BASE_PATH_CHARACTERS || !path.split('/').all(is_plain) {
        let what = format!("`{text}` is no base path such as `/chat/`");
        return Err(ServerError::BadOption(what));
    }
    Ok(format!("/{path}"))
}
