//! HTTP with server-sent events, as MCP had it before March 2025: one stream of everything the server says, whose
//! first event names the address to which messages are posted.

use std::collections::HashMap;
use std::time::Duration;

use reqwest::Url;
use reqwest::header::{ACCEPT, HeaderValue};
use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use sse_stream::Sse;
use tokio::sync::{mpsc, watch};

use super::events::{EventItem, read_events};
use super::web::WebServer;
use crate::frame::{FrameFault, decode};
use crate::http::{WebRefusal, is_type, status_refusal};
use crate::ledger::Ledger;

/// How long the server may take to take a message; what comes of it comes over the stream.
const POST_TIMEOUT: Duration = Duration::from_secs(30);

/// A connection of the older kind.
pub(crate) struct SseTransport {
    server: WebServer,
    endpoint: Url,
    events: mpsc::Receiver<EventItem>,
    ledger: Ledger,
    /// How many messages are being posted.
    posting: watch::Sender<usize>,
}

impl SseTransport {
    /// Opens the stream and waits for the address to post to. The caller limits how long that may take.
    pub(crate) async fn open(server: WebServer, ledger: Ledger) -> Result<Self, WebRefusal> {
        let request = server.0.client.get(server.0.url.clone());
        let accept = HashMap::from([(ACCEPT, HeaderValue::from_static("text/event-stream"))]);
        let response = server.send(request, accept).await?;
        if !response.status().is_success() {
            return Err(status_refusal(response).await);
        }
        if !is_type(&response, "text/event-stream") {
            let what = "the answer is no stream of events".to_owned();
            return Err(WebRefusal::Status(response.status().as_u16(), what));
        }
        let mut events = read_events(response, server.0.limit);
        let endpoint = loop {
            match events.recv().await {
                Some(Ok(event)) if event.event.as_deref() == Some("endpoint") => {
                    break endpoint(&server.0.url, &event)?;
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => {
                    let what = "the stream ended before it named an address to post to";
                    return Err(WebRefusal::Broken(what.to_owned()));
                }
            }
        };
        Ok(Self {
            server,
            endpoint,
            events,
            ledger,
            posting: watch::Sender::new(0),
        })
    }

    async fn next(&mut self) -> Result<Option<ServerJsonRpcMessage>, FrameFault> {
        loop {
            let Some(event) = self.events.recv().await else {
                return Ok(None);
            };
            let event = event?;
            let is_message = matches!(event.event.as_deref(), None | Some("message"));
            let data = event.data.filter(|_| is_message);
            let Some(message) = data
                .map(|data| decode(data.as_bytes()))
                .transpose()?
                .flatten()
            else {
                continue;
            };
            self.ledger.check(&message)?;
            return Ok(Some(message));
        }
    }
}

/// The address to post to. One of another origin would get the headers that are meant for this one.
fn endpoint(url: &Url, event: &Sse) -> Result<Url, WebRefusal> {
    let written = event.data.as_deref().unwrap_or_default().trim();
    let endpoint = url.join(written).map_err(|_| {
        WebRefusal::Broken("it named an address to post to that is none".to_owned())
    })?;
    match endpoint.origin() == url.origin() {
        true => Ok(endpoint),
        false => Err(WebRefusal::Broken(
            "it named an address to post to at another origin".to_owned(),
        )),
    }
}

/// A message that is being posted, until it is dropped.
struct Posting(watch::Sender<usize>);

impl Posting {
    fn begin(count: &watch::Sender<usize>) -> Self {
        count.send_modify(|count| *count += 1);
        Self(count.clone())
    }
}

impl Drop for Posting {
    fn drop(&mut self) {
        self.0.send_modify(|count| *count -= 1);
    }
}

impl Transport<RoleClient> for SseTransport {
    type Error = WebRefusal;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), WebRefusal>> + Send + 'static {
        self.ledger.sending(&message);
        let server = self.server.clone();
        let endpoint = self.endpoint.clone();
        let posting = Posting::begin(&self.posting);
        async move {
            let _posting = posting;
            let request = server.message(endpoint, &message).timeout(POST_TIMEOUT);
            let response = server.send(request, HashMap::new()).await?;
            match response.status().is_success() {
                true => Ok(()),
                false => Err(status_refusal(response).await),
            }
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        let next = self.next().await.unwrap_or_else(|fault| {
            self.ledger.fail(fault);
            None
        });
        if next.is_none() {
            // What comes of messages that are being posted tells whether the server got them. `rmcp` asks again once
            // it has taken that.
            let mut posting = self.posting.subscribe();
            if *posting.borrow() > 0 {
                let _ = posting.wait_for(|posting| *posting == 0).await;
                std::future::pending::<()>().await;
            }
            self.ledger.end();
        }
        next
    }

    async fn close(&mut self) -> Result<(), WebRefusal> {
        self.events.close();
        Ok(())
    }
}
