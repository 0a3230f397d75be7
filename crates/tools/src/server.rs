//! One server: when it is connected to, listed, tried again and left alone.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use rmcp::model::{ClientRequest, ListToolsRequest, PaginatedRequestParams};
use serde_json::Value;
use tokio::sync::broadcast;
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::config::{ServerEntry, ServerTransport};
use crate::connection::{Connection, Watched};
use crate::error::ToolError;
use crate::failure::{ConnectFailure, RequestFailure, request_error, unavailable};
use crate::frame::FrameFault;
use crate::handler::ChangedList;
use crate::lock::lock;
use crate::opening::{ConnectionOpening, open};
use crate::results::{self, ServerTool};
use crate::state::{ChangedPart, Phase, ServerKnowledge, SharedParts, ToolServerChange};

/// How long is waited after a list changed until it is read again.
const LIST_PAUSE: Duration = Duration::from_millis(100);

/// How long the next process waits for one that was started to be listed.
const START_SPACING: Duration = Duration::from_millis(100);

/// How many pages a list may have.
const MAX_PAGES: usize = 100;

/// A server.
pub(crate) struct ToolServer {
    pub(crate) entry: ServerEntry,
    pub(crate) hash: String,
    pub(crate) opening: ConnectionOpening,
    shared: Arc<SharedParts>,
    known: Mutex<ServerKnowledge>,
    /// Held while a connection is made, so that there is one for all.
    connection: tokio::sync::Mutex<Option<Arc<Connection>>>,
    /// Cancelled when the server is closed, which ends an attempt to connect.
    closing: CancellationToken,
}

impl ToolServer {
    pub(crate) fn new(
        entry: ServerEntry,
        opening: ConnectionOpening,
        shared: Arc<SharedParts>,
    ) -> Self {
        let hash = entry.hash();
        let tools = Arc::new(shared.cache.get(&hash).unwrap_or_default());
        Self {
            entry,
            hash,
            opening,
            shared,
            known: Mutex::new(ServerKnowledge {
                phase: Phase::Idle,
                tools,
                is_listed: false,
                is_listing: false,
                failures: 0,
                retry_at: None,
                is_closed: false,
            }),
            connection: tokio::sync::Mutex::new(None),
            closing: CancellationToken::new(),
        }
    }

    pub(crate) fn phase(&self) -> Phase {
        lock(&self.known).phase.clone()
    }

    pub(crate) fn tools(&self) -> Arc<Vec<ServerTool>> {
        Arc::clone(&lock(&self.known).tools)
    }

    /// Whether it was listed in this run, or failed.
    pub(crate) fn is_settled(&self) -> bool {
        let known = lock(&self.known);
        known.is_listed
            || known.is_closed
            || matches!(known.phase, Phase::Failed(_)) && !known.is_listing
    }

    fn change(&self, what: ChangedPart, change: impl FnOnce(&mut ServerKnowledge)) {
        change(&mut lock(&self.known));
        self.tell(what);
    }

    fn tell(&self, what: ChangedPart) {
        let _ = self.shared.changes.send(ToolServerChange {
            server: self.entry.name.clone(),
            what,
        });
        self.shared.version.send_modify(|version| *version += 1);
    }

    /// Begins listing in the background, unless that is done, under way, or not worth trying yet.
    pub(crate) fn list_soon(self: &Arc<Self>) {
        let Ok(runtime) = tokio::runtime::Handle::try_current() else {
            return;
        };
        {
            let mut known = lock(&self.known);
            let is_too_early = known.retry_at.is_some_and(|at| Instant::now() < at);
            if known.is_listed || known.is_listing || known.is_closed || is_too_early {
                return;
            }
            known.is_listing = true;
        }
        let server = Arc::clone(self);
        runtime.spawn(async move {
            match &server.entry.transport {
                ServerTransport::Command(_) => server.list_in_turn().await,
                ServerTransport::Url(_) => {
                    let _ = server.connected().await;
                }
            }
            server.change(ChangedPart::State, |known| known.is_listing = false);
        });
    }

    /// Makes the connection once the process before is listed, or was started [`START_SPACING`] ago: many that start
    /// at the same time take all processors from a turn that nobody wants to wait for.
    async fn list_in_turn(self: &Arc<Self>) {
        let turn = Arc::clone(&self.shared.starting).lock_owned().await;
        let mut connected = std::pin::pin!(self.connected());
        if timeout(START_SPACING, &mut connected).await.is_err() {
            drop(turn);
            let _ = connected.await;
        }
    }

    /// The connection, made if there is none, with the tools listed anew.
    pub(crate) async fn connected(self: &Arc<Self>) -> Result<Arc<Connection>, ToolError> {
        let mut slot = self.connection.lock().await;
        if let Some(connection) = slot.as_ref().filter(|connection| connection.is_alive()) {
            return Ok(Arc::clone(connection));
        }
        if let Some(dead) = slot.take() {
            tokio::spawn(async move { dead.close().await });
        }
        {
            let known = lock(&self.known);
            if known.is_closed {
                return Err(unavailable(&self.entry, &closed()));
            }
            if let Phase::Failed(failure) = &known.phase
                && known.retry_at.is_some_and(|at| Instant::now() < at)
            {
                return Err(unavailable(&self.entry, failure));
            }
        }
        let unconnected = Unconnected(self);
        self.change(ChangedPart::State, |known| known.phase = Phase::Connecting);
        let connected = tokio::select! {
            connected = self.connect() => connected,
            () = self.closing.cancelled() => return Err(unavailable(&self.entry, &closed())),
        };
        drop(unconnected);
        match connected {
            Ok(connection) => {
                *slot = Some(Arc::clone(&connection));
                self.watch(&connection);
                Ok(connection)
            }
            Err(failure) => Err(self.failed(failure)),
        }
    }

    async fn connect(self: &Arc<Self>) -> Result<Arc<Connection>, ConnectFailure> {
        let limit = self.entry.connect_timeout;
        let limit = limit.unwrap_or(self.opening.options.timeouts.connect);
        let deadline = Instant::now() + limit;
        let connection = open(&self.entry, &self.opening, deadline).await?;
        let tools = match self.list(&connection, deadline).await {
            Ok(tools) => tools,
            Err(failure) => {
                tokio::spawn(async move { connection.close().await });
                return Err(self.list_failure(failure));
            }
        };
        self.listed(tools);
        Ok(Arc::new(connection))
    }

    fn list_failure(&self, failure: RequestFailure) -> ConnectFailure {
        let needs_login = failure == RequestFailure::NeedsLogin;
        let error = request_error(&self.entry, failure, "its list of tools");
        ConnectFailure {
            why: self.entry.scrub(&match &error {
                ToolError::Unavailable { why, .. } => why.clone(),
                other => other.to_string(),
            }),
            hint: error.hint(),
            needs_login,
        }
    }

    fn listed(&self, tools: Vec<ServerTool>) {
        if self.shared.cache.put(&self.hash, &tools) {
            let shared = Arc::clone(&self.shared);
            tokio::task::spawn_blocking(move || shared.cache.write());
        }
        let mut are_new = false;
        self.change(ChangedPart::State, |known| {
            known.phase = Phase::Ready;
            known.is_listed = true;
            known.failures = 0;
            known.retry_at = None;
            are_new = *known.tools != tools;
            known.tools = Arc::new(tools);
        });
        if are_new {
            self.tell(ChangedPart::Tools);
        }
    }

    pub(crate) fn failed(&self, failure: ConnectFailure) -> ToolError {
        let error = unavailable(&self.entry, &failure);
        let timeouts = &self.opening.options.timeouts;
        self.change(ChangedPart::State, |known| {
            let wait = timeouts.backoff.saturating_mul(1 << known.failures.min(16));
            known.failures += 1;
            known.retry_at = Some(Instant::now() + wait.min(timeouts.longest_backoff));
            known.phase = Phase::Failed(failure);
            // So that it is tried again once somebody asks for tools.
            known.is_listed = false;
        });
        error
    }

    /// Lets a server that failed be tried again at once, because something about it changed.
    pub(crate) fn forgive(&self) {
        self.change(ChangedPart::State, |known| {
            known.retry_at = None;
            known.failures = 0;
            known.is_listed = false;
            known.phase = Phase::Idle;
        });
    }

    /// All pages of the list of tools.
    async fn list(
        &self,
        connection: &Connection,
        deadline: Instant,
    ) -> Result<Vec<ServerTool>, RequestFailure> {
        let limits = &self.opening.options.limits;
        let mut tools: Vec<ServerTool> = Vec::new();
        let mut bytes = 0;
        let list = |cursor: Option<String>| {
            let params = PaginatedRequestParams::default().with_cursor(cursor);
            ClientRequest::ListToolsRequest(ListToolsRequest {
                params: Some(params),
                ..ListToolsRequest::default()
            })
        };
        self.pages(connection, deadline, "tools", list, |value| {
            if tools.len() < limits.tools
                && bytes < limits.list_bytes
                && let Some(tool) = results::read_tool(value, limits)
                && !tools.iter().any(|known| known.name == tool.name)
            {
                bytes += serde_json::to_string(&tool).map_or(0, |json| json.len());
                tools.push(tool);
            }
        })
        .await?;
        Ok(tools)
    }

    /// Reads a list page by page until a deadline. A server that has no such list has an empty one.
    pub(crate) async fn pages(
        &self,
        connection: &Connection,
        deadline: Instant,
        field: &str,
        request: impl Fn(Option<String>) -> ClientRequest,
        mut entry: impl FnMut(&Value),
    ) -> Result<(), RequestFailure> {
        let mut cursor: Option<String> = None;
        for _ in 0..MAX_PAGES {
            let watched = Watched {
                timeout: deadline.saturating_duration_since(Instant::now()),
                progress: &mut |_| {},
                cancel: &CancellationToken::new(),
            };
            let page = match connection.request(request(cursor.clone()), watched).await {
                Ok(page) => page,
                Err(RequestFailure::Refused(error)) if error.code.0 == METHOD_NOT_FOUND => {
                    return Ok(());
                }
                Err(failure) => return Err(failure),
            };
            if !page.get(field).is_some_and(Value::is_array) {
                let what = format!("its answer has no list `{field}`");
                return Err(RequestFailure::Fault(FrameFault::Malformed(what)));
            }
            let (entries, next) = results::page(&page, field);
            entries.iter().for_each(&mut entry);
            match next {
                Some(next) if Some(&next) != cursor.as_ref() => cursor = Some(next),
                _ => break,
            }
        }
        Ok(())
    }

    /// Lists the tools again over a connection that stands.
    async fn list_again(self: &Arc<Self>, connection: &Connection) {
        let deadline = Instant::now() + self.opening.options.timeouts.connect;
        if let Ok(tools) = self.list(connection, deadline).await {
            self.listed(tools);
        }
    }

    /// Looks after a connection until it ends: lists that change, sessions that begin anew, and its end when nobody
    /// uses it.
    fn watch(self: &Arc<Self>, connection: &Arc<Connection>) {
        let server = Arc::downgrade(self);
        let connection = Arc::downgrade(connection);
        let Some(strong) = connection.upgrade() else {
            return;
        };
        let mut changes = strong.told.changes.subscribe();
        let mut sessions = strong.sessions();
        if let Some(sessions) = &mut sessions {
            sessions.mark_unchanged();
        }
        let ended = strong.ended();
        let idle = self.opening.options.timeouts.idle;
        let mut wake = Instant::now() + idle;
        tokio::spawn(async move {
            let mut ended = std::pin::pin!(ended);
            loop {
                let new_session = async {
                    match &mut sessions {
                        Some(sessions) => sessions.changed().await.is_ok(),
                        None => std::future::pending().await,
                    }
                };
                let mut is_over = false;
                let changed = tokio::select! {
                    () = &mut ended => {
                        is_over = true;
                        None
                    }
                    changed = changes.recv() => match changed {
                        Ok(changed) => Some(changed),
                        // So many that some were lost: the tools are what counts.
                        Err(broadcast::error::RecvError::Lagged(_)) => Some(ChangedList::Tools),
                        Err(broadcast::error::RecvError::Closed) => return,
                    },
                    true = new_session => Some(ChangedList::Tools),
                    () = sleep_until(wake) => None,
                };
                let (Some(server), Some(connection)) = (server.upgrade(), connection.upgrade())
                else {
                    return;
                };
                match changed {
                    Some(ChangedList::Tools) => {
                        // A server may say so many times at once.
                        sleep(LIST_PAUSE).await;
                        while let Ok(ChangedList::Tools) = changes.try_recv() {}
                        server.list_again(&connection).await;
                    }
                    Some(ChangedList::Prompts) => server.tell(ChangedPart::Prompts),
                    Some(ChangedList::Resources) => server.tell(ChangedPart::Resources),
                    None if is_over => return server.end(&connection).await,
                    None => match idle_until(&connection, idle) {
                        Some(next) => wake = next,
                        None => return server.end(&connection).await,
                    },
                }
            }
        });
    }

    /// Ends a connection; the server stays listed, and the next call connects again.
    pub(crate) async fn end(&self, connection: &Arc<Connection>) {
        {
            let mut slot = self.connection.lock().await;
            if slot
                .as_ref()
                .is_some_and(|current| Arc::ptr_eq(current, connection))
            {
                *slot = None;
                self.change(ChangedPart::State, |known| {
                    if known.phase == Phase::Ready {
                        known.phase = Phase::Idle;
                    }
                });
            }
        }
        connection.close().await;
    }

    /// Ends the server for good.
    pub(crate) async fn close(&self) {
        self.change(ChangedPart::State, |known| {
            known.is_closed = true;
            known.phase = Phase::Idle;
        });
        self.closing.cancel();
        let connection = self.connection.lock().await.take();
        if let Some(connection) = connection {
            connection.close().await;
        }
    }

    /// Takes a connection out of use, unless somebody is making another one anyway.
    pub(crate) fn forget(&self, connection: &Arc<Connection>) {
        let Ok(mut slot) = self.connection.try_lock() else {
            return;
        };
        if slot
            .as_ref()
            .is_some_and(|current| Arc::ptr_eq(current, connection))
        {
            *slot = None;
        }
        self.change(ChangedPart::State, |known| {
            if known.phase == Phase::Ready {
                known.phase = Phase::Idle;
            }
        });
    }
}

/// JSON-RPC's code for a method that there isn't.
const METHOD_NOT_FOUND: i32 = -32_601;

fn closed() -> ConnectFailure {
    ConnectFailure {
        why: "it was closed".to_owned(),
        hint: None,
        needs_login: false,
    }
}

/// When to look again whether a connection is idle; `None` if it was long enough.
fn idle_until(connection: &Connection, idle: Duration) -> Option<Instant> {
    let now = Instant::now();
    match connection.idle_since() {
        Some(since) if now >= since + idle => None,
        Some(since) => Some(since + idle),
        None => Some(now + idle),
    }
}

/// Puts a server that a caller stopped waiting for back to where it was.
struct Unconnected<'a>(&'a ToolServer);

impl Drop for Unconnected<'_> {
    fn drop(&mut self) {
        let is_connecting = lock(&self.0.known).phase == Phase::Connecting;
        if is_connecting {
            self.0
                .change(ChangedPart::State, |known| known.phase = Phase::Idle);
        }
    }
}
