//! The sessions of clients over HTTP: how many there are at a time, and how long one is kept that
//! nobody uses.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::HeaderMap;
use rmcp::model::RequestId;
use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;
use rmcp::transport::streamable_http_server::session::{SessionId, SessionManager as _};

use serde::Deserialize;
use serde::de::IgnoredAny;
use tokio::time::Instant;
use wire::ErrorClass;

use super::refused::HttpRefusal;
use crate::lock::lock;

/// Sessions at a time; a new one ends an old one then, whose client begins anew if it is still there.
const MAX_SESSIONS: usize = 64;

/// How long a session is kept that nobody uses.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30 * 60);

/// How long a session may take to begin.
const INIT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long an answer is kept for a client that lost its connection.
const RESUME_TIMEOUT: Duration = Duration::from_secs(10);

/// How long to wait for a session to take note of its end.
const END_TIMEOUT: Duration = Duration::from_secs(1);

/// Requests of a session that are under way or were given up; then it has to begin anew.
const MAX_OPEN_REQUESTS: usize = 256;

/// What tells a request from other messages.
#[derive(Deserialize)]
struct RequestHead {
    id: Option<RequestId>,
    method: Option<IgnoredAny>,
}

/// The header that names a session.
const SESSION_HEADER: &str = "mcp-session-id";

/// The sessions that are open.
pub(super) struct HttpSessions {
    all: Arc<LocalSessionManager>,
    uses: Arc<Mutex<HashMap<SessionId, SessionUse>>>,
}

/// How a session is used.
struct SessionUse {
    last: Instant,
    /// Messages since it began.
    messages: u64,
    /// Requests whose answers aren't all taken: under way, or given up by their client.
    open: HashSet<RequestId>,
}

/// A request of a session whose answer is under way.
pub(super) struct OpenRequest {
    uses: Arc<Mutex<HashMap<SessionId, SessionUse>>>,
    session: SessionId,
    request: RequestId,
}

impl OpenRequest {
    /// The answer was taken to its end, and the id may be used again. Of one that was given up it may
    /// not: rmcp would keep what belongs to the first request for good.
    pub(super) fn answered(self) {
        if let Some(of) = lock(&self.uses).get_mut(&self.session) {
            of.open.remove(&self.request);
        }
    }
}

impl HttpSessions {
    /// No sessions.
    pub(super) fn new() -> Self {
        let mut all = LocalSessionManager::default();
        let config = &mut all.session_config;
        config.keep_alive = Some(IDLE_TIMEOUT);
        config.init_timeout = Some(INIT_TIMEOUT);
        config.completed_cache_ttl = RESUME_TIMEOUT;
        Self {
            all: Arc::new(all),
            uses: Arc::default(),
        }
    }

    /// What keeps them for rmcp.
    pub(super) fn manager(&self) -> Arc<LocalSessionManager> {
        Arc::clone(&self.all)
    }

    /// Notes a message of a session; what it is to be answered by, if it is a request.
    pub(super) fn used(
        &self,
        head: &HeaderMap,
        body: &[u8],
    ) -> Result<Option<OpenRequest>, HttpRefusal> {
        let Some(session) = named(head) else {
            return Ok(None);
        };
        let mut uses = lock(&self.uses);
        let Some(of) = uses.get_mut(&session) else {
            return Ok(None);
        };
        of.last = Instant::now();
        of.messages += 1;
        let Ok(RequestHead {
            id: Some(request),
            method: Some(_),
        }) = serde_json::from_slice(body)
        else {
            return Ok(None);
        };
        if of.open.len() >= MAX_OPEN_REQUESTS {
            let why = "too many requests of this session have no answer; begin another";
            // To a client a session that isn't found means that it has to begin another.
            return Err(HttpRefusal::of(ErrorClass::NotFound, why));
        }
        if !of.open.insert(request.clone()) {
            let why = "the `id` belongs to another request, which has no answer yet";
            return Err(HttpRefusal::of(ErrorClass::Invalid, why));
        }
        Ok(Some(OpenRequest {
            uses: Arc::clone(&self.uses),
            session,
            request,
        }))
    }

    /// Notes the session that an answer names, and ends others if there are too many now.
    pub(super) async fn begun(&self, answer: &HeaderMap) {
        let Some(id) = named(answer) else { return };
        let open: Vec<SessionId> = self.all.sessions.read().await.keys().cloned().collect();
        let ends = {
            let mut uses = lock(&self.uses);
            uses.retain(|id, _| open.contains(id));
            let first = SessionUse {
                last: Instant::now(),
                messages: 0,
                open: HashSet::new(),
            };
            uses.entry(id.clone()).or_insert(first);
            too_many(&mut uses, &id)
        };
        for id in ends {
            // It is out of the list at once, whatever it is doing.
            let ended = self.all.close_session(&id);
            let _ = tokio::time::timeout(END_TIMEOUT, ended).await;
        }
    }
}

/// Takes out those that are too many: first those that were begun and never used, then those that
/// were used longest ago.
fn too_many(uses: &mut HashMap<SessionId, SessionUse>, newest: &SessionId) -> Vec<SessionId> {
    let mut ends = Vec::new();
    while uses.len() > MAX_SESSIONS {
        let others = uses.iter().filter(|(id, _)| *id != newest);
        let first = others.min_by_key(|(_, of)| (of.messages > 0, of.last));
        let Some(id) = first.map(|(id, _)| id.clone()) else {
            break;
        };
        uses.remove(&id);
        ends.push(id);
    }
    ends
}

fn named(headers: &HeaderMap) -> Option<SessionId> {
    Some(headers.get(SESSION_HEADER)?.to_str().ok()?.into())
}
