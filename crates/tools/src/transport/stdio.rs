//! Messages over the standard input and output of a process, one a line.

use std::io;
use std::sync::Arc;

use rmcp::RoleClient;
use rmcp::model::{ClientJsonRpcMessage, ServerJsonRpcMessage};
use rmcp::transport::Transport;
use tokio::io::{AsyncBufReadExt as _, AsyncRead, AsyncWrite, AsyncWriteExt as _, BufReader};
use tokio::sync::Mutex;
use tokio_util::sync::CancellationToken;

use crate::frame::{FrameFault, decode};
use crate::ledger::Ledger;

/// A transport over two pipes.
pub(crate) struct Pipes<R, W> {
    input: BufReader<R>,
    /// What came of a line. It stays here when reading is interrupted, which happens whenever something is sent.
    line: Vec<u8>,
    output: Arc<Mutex<Option<W>>>,
    /// Cancelled when nothing more is to be written, not even what a server that reads nothing waits with.
    closing: CancellationToken,
    ledger: Ledger,
    limit: usize,
}

impl<R, W> Drop for Pipes<R, W> {
    fn drop(&mut self) {
        self.closing.cancel();
    }
}

impl<R: AsyncRead + Unpin, W> Pipes<R, W> {
    /// A transport that refuses lines of more than `limit` bytes, and with them the connection.
    pub(crate) fn new(input: R, output: W, ledger: Ledger, limit: usize) -> Self {
        Self {
            input: BufReader::with_capacity(64 << 10, input),
            line: Vec::new(),
            output: Arc::new(Mutex::new(Some(output))),
            closing: CancellationToken::new(),
            ledger,
            limit,
        }
    }

    /// Reads to the end of a line; `None` at the end of the input.
    async fn read_line(&mut self) -> Result<Option<Vec<u8>>, FrameFault> {
        loop {
            let available = match self.input.fill_buf().await {
                Ok(available) if !available.is_empty() => available,
                Ok(_) | Err(_) => return Ok(None),
            };
            let end = available.iter().position(|byte| *byte == b'\n');
            let taken = end.map_or(available.len(), |end| end + 1);
            if self.line.len() + taken > self.limit {
                return Err(FrameFault::TooLarge(self.limit));
            }
            self.line.extend_from_slice(&available[..taken]);
            self.input.consume(taken);
            if end.is_some() {
                return Ok(Some(std::mem::take(&mut self.line)));
            }
        }
    }

    async fn next(&mut self) -> Result<Option<ServerJsonRpcMessage>, FrameFault> {
        loop {
            let Some(line) = self.read_line().await? else {
                return Ok(None);
            };
            if let Some(message) = decode(&line)? {
                self.ledger.check(&message)?;
                return Ok(Some(message));
            }
        }
    }
}

impl<R, W> Transport<RoleClient> for Pipes<R, W>
where
    R: AsyncRead + Unpin + Send,
    W: AsyncWrite + Unpin + Send + 'static,
{
    type Error = io::Error;

    fn send(
        &mut self,
        message: ClientJsonRpcMessage,
    ) -> impl Future<Output = Result<(), io::Error>> + Send + 'static {
        self.ledger.sending(&message);
        let (output, closing) = (Arc::clone(&self.output), self.closing.clone());
        let writing = async move {
            let mut line = serde_json::to_vec(&message)?;
            line.push(b'\n');
            let mut output = output.lock().await;
            let Some(output) = output.as_mut() else {
                return Err(io::ErrorKind::NotConnected.into());
            };
            output.write_all(&line).await?;
            output.flush().await
        };
        async move {
            let written = closing.run_until_cancelled(writing).await;
            written.unwrap_or_else(|| Err(io::ErrorKind::NotConnected.into()))
        }
    }

    async fn receive(&mut self) -> Option<ServerJsonRpcMessage> {
        let next = self.next().await.unwrap_or_else(|fault| {
            self.ledger.fail(fault);
            None
        });
        if next.is_none() {
            self.ledger.end();
        }
        next
    }

    async fn close(&mut self) -> Result<(), io::Error> {
        // The end of its input tells a server to end. Whoever writes holds it, and may wait for ever.
        self.closing.cancel();
        drop(self.output.lock().await.take());
        Ok(())
    }
}
