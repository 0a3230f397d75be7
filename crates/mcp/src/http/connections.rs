//! The connections of the server: how many there are at a time, how long each may take, and which of
//! them gives way to another.
//!
//! Who has shown the token isn't shut out by who hasn't: strangers have a few places of their own, for
//! a few seconds each, and the one that came first makes room for the next.

use std::collections::BTreeMap;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::rt::{TokioIo, TokioTimer};
use hyper_util::service::TowerToHyperService;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;
use tokio::time::{Instant, Sleep};
use tokio_util::sync::CancellationToken;

use crate::lock::lock;

/// How many connections there may be, and how long they may take.
#[derive(Clone, Copy, Debug)]
pub struct ConnectionLimits {
    /// Connections that haven't shown a credential; with one more the one that came first ends.
    pub strangers: usize,
    /// Connections that have; with one more the one that was used longest ago ends.
    pub clients: usize,
    /// How long a connection may take until its first request with a credential has come in.
    pub stranger_timeout: Duration,
    /// How long the head of a request may take, and how long a connection may lie idle before it.
    pub head_timeout: Duration,
}

impl Default for ConnectionLimits {
    /// Those of `lorekeep mcp --http`, in all far below the 256 files that a process may have open on some
    /// systems: 48 strangers for 10 s, 96 clients, 30 s for a head.
    fn default() -> Self {
        Self {
            strangers: 48,
            clients: 96,
            stranger_timeout: Duration::from_secs(10),
            head_timeout: Duration::from_secs(30),
        }
    }
}

/// The address that a request's connection came from; an extension of each request.
#[derive(Clone, Copy, Debug)]
pub struct PeerAddress(pub SocketAddr);

/// How long a client may take nothing of what is sent to it.
const WRITE_TIMEOUT: Duration = Duration::from_secs(30);

/// Bytes of a request's head.
const MAX_HEAD_BYTES: usize = 64 << 10;

/// How long to wait after no connection could be taken.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The connections that are open.
struct ConnectionTable {
    open: Mutex<OpenConnections>,
    limits: ConnectionLimits,
}

#[derive(Default)]
struct OpenConnections {
    /// By number, in the order in which they came.
    all: BTreeMap<u64, ConnectionEntry>,
    next: u64,
}

struct ConnectionEntry {
    is_client: bool,
    /// When its last request came in, or it itself.
    used: Instant,
    /// Cancelled when it has to give way.
    gives_way: CancellationToken,
}

impl OpenConnections {
    /// Ends connections of a kind until there is room for one more, the one that was used longest ago
    /// first.
    fn make_room(&mut self, is_client: bool, limits: ConnectionLimits) {
        let most = if is_client {
            limits.clients
        } else {
            limits.strangers
        };
        while self.of_kind(is_client).count() >= most {
            let oldest = self.of_kind(is_client).min_by_key(|(_, entry)| entry.used);
            let Some(oldest) = oldest.map(|(number, _)| *number) else {
                return;
            };
            if let Some(entry) = self.all.remove(&oldest) {
                entry.gives_way.cancel();
            }
        }
    }

    fn of_kind(&self, is_client: bool) -> impl Iterator<Item = (&u64, &ConnectionEntry)> {
        let all = self.all.iter();
        all.filter(move |(_, entry)| entry.is_client == is_client)
    }
}

/// One connection's place among the others, until it is dropped.
struct ConnectionSlot {
    connections: Arc<ConnectionTable>,
    number: u64,
    gives_way: CancellationToken,
}

impl ConnectionSlot {
    fn take(connections: &Arc<ConnectionTable>) -> Self {
        let mut open = lock(&connections.open);
        open.make_room(false, connections.limits);
        let number = open.next;
        open.next += 1;
        let gives_way = CancellationToken::new();
        let entry = ConnectionEntry {
            is_client: false,
            used: Instant::now(),
            gives_way: gives_way.clone(),
        };
        open.all.insert(number, entry);
        Self {
            connections: Arc::clone(connections),
            number,
            gives_way,
        }
    }

    fn is_client(&self) -> bool {
        let open = lock(&self.connections.open);
        open.all
            .get(&self.number)
            .is_some_and(|entry| entry.is_client)
    }

    /// Ends when the connection has to: another needs its place, or it hasn't shown the token in time.
    async fn over(&self) {
        tokio::select! {
            () = self.gives_way.cancelled() => return,
            () = tokio::time::sleep(self.connections.limits.stranger_timeout) => {}
        }
        if self.is_client() {
            self.gives_way.cancelled().await;
        }
    }
}

impl Drop for ConnectionSlot {
    fn drop(&mut self) {
        lock(&self.connections.open).all.remove(&self.number);
    }
}

/// The connection that a request came by.
#[derive(Clone)]
pub struct RequestConnection(Arc<ConnectionSlot>);

impl RequestConnection {
    /// A request with a credential came by it: it counts among the clients from now on.
    pub fn has_shown_token(&self) {
        let mut open = lock(&self.0.connections.open);
        let open = &mut *open;
        let Some(entry) = open.all.get_mut(&self.0.number) else {
            return;
        };
        entry.used = Instant::now();
        if !entry.is_client {
            open.make_room(true, self.0.connections.limits);
            if let Some(entry) = open.all.get_mut(&self.0.number) {
                entry.is_client = true;
            }
        }
    }
}

/// Serves connections until `ended` is cancelled, and then until those that are open have had their answers;
/// whoever must not wait for these drops the future. Requests have the extensions [`PeerAddress`] and
/// [`RequestConnection`].
pub async fn serve_connections(
    listener: TcpListener,
    router: Router,
    limits: ConnectionLimits,
    ended: CancellationToken,
) {
    let connections = Arc::new(ConnectionTable {
        open: Mutex::default(),
        limits,
    });
    let mut tasks = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            // Takes note of those that have ended.
            Some(_) = tasks.join_next() => continue,
            () = ended.cancelled() => break,
        };
        match accepted {
            Ok((stream, peer)) => {
                let place = ConnectionSlot::take(&connections);
                let router = router.clone().layer(Extension(PeerAddress(peer)));
                tasks.spawn(serve_one(stream, router, place, ended.clone()));
                // Lets it say what it wants before the next comes, however many there are.
                tokio::task::yield_now().await;
            }
            // The system has no more files to give, for instance: some will be given back.
            Err(_) => {
                lock(&connections.open).make_room(false, limits);
                tokio::time::sleep(ACCEPT_PAUSE).await;
            }
        }
    }
    drop(listener);
    while tasks.join_next().await.is_some() {}
}

async fn serve_one(
    stream: TcpStream,
    router: Router,
    place: ConnectionSlot,
    ended: CancellationToken,
) {
    // Tokens of a stream are small, and somebody waits for each.
    let _ = stream.set_nodelay(true);
    let head_timeout = place.connections.limits.head_timeout;
    let place = Arc::new(place);
    let router = router.layer(Extension(RequestConnection(Arc::clone(&place))));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(head_timeout)
        .max_buf_size(MAX_HEAD_BYTES)
        .serve_connection(
            TokioIo::new(TimedStream::new(stream)),
            TowerToHyperService::new(router),
        );
    let mut connection = std::pin::pin!(connection);
    let over = place.over();
    let mut over = std::pin::pin!(over);
    let is_done = tokio::select! {
        // How it ends is the client's business.
        _ = connection.as_mut() => true,
        () = over.as_mut() => true,
        () = ended.cancelled() => false,
    };
    if !is_done {
        connection.as_mut().graceful_shutdown();
        tokio::select! {
            _ = connection => {}
            () = over => {}
        }
    }
}

/// A stream whose other end has to take what is written to it, some of it in each span of
/// [`WRITE_TIMEOUT`].
struct TimedStream {
    stream: TcpStream,
    /// Runs while nothing can be written.
    patience: Option<Pin<Box<Sleep>>>,
}

impl TimedStream {
    fn new(stream: TcpStream) -> Self {
        Self {
            stream,
            patience: None,
        }
    }

    fn within_patience<T>(
        &mut self,
        written: Poll<io::Result<T>>,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<T>> {
        if written.is_ready() {
            self.patience = None;
            return written;
        }
        let patience = self
            .patience
            .get_or_insert_with(|| Box::pin(tokio::time::sleep(WRITE_TIMEOUT)));
        ready!(patience.as_mut().poll(context));
        Poll::Ready(Err(io::ErrorKind::TimedOut.into()))
    }
}

impl AsyncRead for TimedStream {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for TimedStream {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write(context, bytes);
        self.within_patience(written, context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.stream).poll_write_vectored(context, bytes);
        self.within_patience(written, context)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
