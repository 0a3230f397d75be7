//! Which requests were sent over a connection, so that an answer to one that nobody asked is known.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};

use rmcp::model::{ClientJsonRpcMessage, RequestId, ServerJsonRpcMessage};
use tokio_util::sync::CancellationToken;

use crate::frame::{FrameFault, answered};
use crate::lock::lock;

/// What is known of one connection by those who read and write it.
#[derive(Clone, Default)]
pub(crate) struct Ledger(Arc<LedgerParts>);

struct LedgerParts {
    /// `rmcp` counts requests up from 0.
    last_request: AtomicI64,
    fault: Mutex<Option<FrameFault>>,
    /// Cancelled once nothing more comes.
    end: CancellationToken,
}

impl Default for LedgerParts {
    fn default() -> Self {
        Self {
            last_request: AtomicI64::new(-1),
            fault: Mutex::default(),
            end: CancellationToken::new(),
        }
    }
}

impl Ledger {
    /// Takes note of what is sent.
    pub(crate) fn sending(&self, message: &ClientJsonRpcMessage) {
        if let ClientJsonRpcMessage::Request(request) = message
            && let RequestId::Number(id) = request.id
        {
            self.0.last_request.fetch_max(id, Ordering::SeqCst);
        }
    }

    /// Whether a request was given to the transport.
    pub(crate) fn was_sent(&self, id: &RequestId) -> bool {
        match id {
            RequestId::Number(id) => *id <= self.0.last_request.load(Ordering::SeqCst),
            RequestId::String(_) => true,
        }
    }

    /// Whether the message can be an answer to anything.
    pub(crate) fn check(&self, message: &ServerJsonRpcMessage) -> Result<(), FrameFault> {
        let last = self.0.last_request.load(Ordering::SeqCst);
        match answered(message) {
            Some(RequestId::Number(id)) if (0..=last).contains(id) => Ok(()),
            Some(_) => Err(FrameFault::Malformed(
                "it answered a request that nobody made".to_owned(),
            )),
            None => Ok(()),
        }
    }

    /// Remembers why the connection ends; the first reason counts.
    pub(crate) fn fail(&self, fault: FrameFault) {
        lock(&self.0.fault).get_or_insert(fault);
    }

    /// Remembers that nothing more comes.
    pub(crate) fn end(&self) {
        self.0.end.cancel();
    }

    /// Whether and when nothing more comes.
    pub(crate) fn ending(&self) -> &CancellationToken {
        &self.0.end
    }

    /// Why the connection ended, if its bytes were the reason.
    pub(crate) fn fault(&self) -> Option<FrameFault> {
        lock(&self.0.fault).clone()
    }
}
