//! One connection to one server: asked within a time, and closed with all that belongs to it.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rmcp::RoleClient;
use rmcp::model::{ClientRequest, ServerResult};
use rmcp::service::{Peer, PeerRequestOptions, RequestHandle, RunningService, ServiceError};
use serde_json::Value;
use tokio::sync::Mutex;
use tokio::time::{Instant, sleep_until, timeout};
use tokio_util::sync::CancellationToken;

use crate::failure::{RequestFailure, ended_in_words, send_failure};
use crate::frame::FrameFault;
use crate::handler::{ConnectionNews, Handler};
use crate::ledger::Ledger;
use crate::lock::lock;
use crate::tool::Progress;
use crate::transport::process::ServerProcess;
use crate::transport::web::WebServer;

/// How long closing may take before it goes on in the background.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(4);

/// How long the server may take to be told that a call was cancelled.
const CANCEL_TIMEOUT: Duration = Duration::from_secs(5);

/// What a request is watched for while it is under way.
pub(crate) struct Watched<'a> {
    pub(crate) timeout: Duration,
    pub(crate) progress: &'a mut (dyn FnMut(Progress) + Send),
    pub(crate) cancel: &'a CancellationToken,
}

/// A connection.
pub(crate) struct Connection {
    peer: Peer<RoleClient>,
    service: Mutex<Option<RunningService<RoleClient, Handler>>>,
    pub(crate) told: ConnectionNews,
    ledger: Ledger,
    process: Option<ServerProcess>,
    web: Option<WebServer>,
    under_way: AtomicUsize,
    last_used: std::sync::Mutex<Instant>,
}

impl Connection {
    /// A connection over which the handshake was made.
    pub(crate) fn new(
        service: RunningService<RoleClient, Handler>,
        told: ConnectionNews,
        ledger: Ledger,
    ) -> Self {
        Self {
            peer: service.peer().clone(),
            service: Mutex::new(Some(service)),
            told,
            ledger,
            process: None,
            web: None,
            under_way: AtomicUsize::new(0),
            last_used: std::sync::Mutex::new(Instant::now()),
        }
    }

    /// The same with the process that it leads to.
    pub(crate) fn with_process(self, process: ServerProcess) -> Self {
        Self {
            process: Some(process),
            ..self
        }
    }

    /// The same with the server at an address that it leads to by Streamable HTTP.
    pub(crate) fn with_web(self, web: WebServer) -> Self {
        Self {
            web: Some(web),
            ..self
        }
    }

    /// Whether the connection still stands, as far as one knows.
    pub(crate) fn is_alive(&self) -> bool {
        !self.peer.is_transport_closed() && !self.ledger.ending().is_cancelled()
    }

    /// Waits until nothing more can come of the server. Over Streamable HTTP only a request can tell.
    pub(crate) fn ended(&self) -> impl Future<Output = ()> + use<> {
        self.ledger.ending().clone().cancelled_owned()
    }

    /// Since when nothing goes on; `None` if something does.
    pub(crate) fn idle_since(&self) -> Option<Instant> {
        let is_idle = self.under_way.load(Ordering::SeqCst) == 0;
        is_idle.then(|| *lock(&self.last_used))
    }

    /// Tells how many sessions were begun over it: a second one means that the server forgot the first.
    pub(crate) fn sessions(&self) -> Option<tokio::sync::watch::Receiver<u32>> {
        self.web.as_ref().map(|web| web.0.sessions.subscribe())
    }

    /// Asks the server and waits for the result.
    pub(crate) async fn request(
        &self,
        request: ClientRequest,
        watched: Watched<'_>,
    ) -> Result<Value, RequestFailure> {
        self.under_way.fetch_add(1, Ordering::SeqCst);
        let _used = Used(self);
        let mut reports = self.told.progress.subscribe();
        let send = self
            .peer
            .send_request_with_option(request, PeerRequestOptions::no_options());
        let handle = tokio::select! {
            sent = timeout(watched.timeout, send) => sent,
            () = watched.cancel.cancelled() => return Err(RequestFailure::Cancelled),
        };
        let handle = match handle {
            Ok(Ok(handle)) => handle,
            Ok(Err(_)) => return Err(RequestFailure::NotSent("the connection ended".to_owned())),
            Err(_) => return Err(RequestFailure::TimedOut(watched.timeout)),
        };
        let mut pending = Pending(Some(handle));
        let mut late = Instant::now() + watched.timeout;
        let mut done = f64::NEG_INFINITY;
        loop {
            let Some(handle) = pending.0.as_mut() else {
                return Err(RequestFailure::Cancelled);
            };
            tokio::select! {
                biased;
                answer = &mut handle.rx => {
                    let id = pending.0.take().map(|handle| handle.id);
                    let answer = answer.unwrap_or(Err(ServiceError::TransportClosed));
                    let was_sent = id.is_none_or(|id| self.ledger.was_sent(&id) || self.web.is_some());
                    return self.result(answer, was_sent).await;
                }
                () = watched.cancel.cancelled() => return Err(RequestFailure::Cancelled),
                report = reports.recv() => {
                    let Ok(report) = report else { continue };
                    if report.progress_token == handle.progress_token {
                        late = Instant::now() + watched.timeout;
                        // `rmcp` hands reports to tasks of their own, which may overtake each other.
                        if report.progress > done {
                            done = report.progress;
                            (watched.progress)(Progress {
                                done,
                                total: report.total,
                                message: report.message,
                            });
                        }
                    }
                }
                () = sleep_until(late) => {
                    if self.told.questions.load(Ordering::SeqCst) == 0 {
                        return Err(RequestFailure::TimedOut(watched.timeout));
                    }
                    // It waits for a person.
                    late = Instant::now() + watched.timeout;
                }
            }
        }
    }

    async fn result(
        &self,
        answer: Result<ServerResult, ServiceError>,
        was_sent: bool,
    ) -> Result<Value, RequestFailure> {
        let error = match answer {
            Ok(ServerResult::CustomResult(result)) => return Ok(result.0),
            Ok(other) => {
                return serde_json::to_value(other).map_err(|error| {
                    RequestFailure::Fault(FrameFault::Malformed(error.to_string()))
                });
            }
            Err(error) => error,
        };
        Err(match error {
            ServiceError::McpError(error) => match FrameFault::of(&error) {
                Some(fault) => RequestFailure::Fault(fault),
                None => RequestFailure::Refused(error),
            },
            ServiceError::TransportSend(error) => send_failure(error.error.as_ref()),
            _ => match self.ledger.fault() {
                Some(fault) => RequestFailure::Fault(fault),
                None if was_sent => RequestFailure::Lost(self.end_in_words().await),
                None => RequestFailure::NotSent(self.end_in_words().await),
            },
        })
    }

    /// How the server ended, with its last complaints.
    async fn end_in_words(&self) -> String {
        match &self.process {
            Some(process) => ended_in_words(process).await.why,
            None => "the connection ended".to_owned(),
        }
    }

    /// Closes the connection and waits until the server's processes are gone.
    pub(crate) async fn close(&self) {
        let service = self.service.lock().await.take();
        if let Some(mut service) = service {
            let _ = service.close_with_timeout(CLOSE_TIMEOUT).await;
        }
        if let Some(process) = &self.process {
            process.gone().await;
        }
    }
}

/// A request that is under way, for the clock of the connection.
struct Used<'a>(&'a Connection);

impl Drop for Used<'_> {
    fn drop(&mut self) {
        *lock(&self.0.last_used) = Instant::now();
        self.0.under_way.fetch_sub(1, Ordering::SeqCst);
    }
}

/// A request whose server is told if nobody waits for it any more.
struct Pending(Option<RequestHandle<RoleClient>>);

impl Drop for Pending {
    fn drop(&mut self) {
        let (Some(handle), Ok(runtime)) = (self.0.take(), tokio::runtime::Handle::try_current())
        else {
            return;
        };
        runtime.spawn(timeout(
            CANCEL_TIMEOUT,
            handle.cancel(Some("nobody waits for it any more".to_owned())),
        ));
    }
}
