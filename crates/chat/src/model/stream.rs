//! An answer as it streams: as normal chunks, from the request to the end.

use std::collections::VecDeque;
use std::time::Duration;

use serde_json::{Map, Value};
use tokio::time::{Instant, timeout, timeout_at};
use tokio_util::sync::CancellationToken;

use super::choice::FinishReason;
use super::error::{ModelError, UpstreamError};
use super::exchange::{ModelExchange, Opened, Target, no_first_byte, open, wait_to_retry};
use super::normal::ChunkNormalizer;
use super::payload::{BodyParser, Payload};
use super::provider::root_cause;
use super::usage::Usage;

/// How long a connection is read on after the end, so that it can be used again.
const DRAIN_TIME: Duration = Duration::from_millis(20);

/// How long usage may come after the reason of the end where the server doesn't say that this is all.
const LAST_WORD: Duration = Duration::from_secs(5);

/// The chunks of one answer, made normal. Dropping it, or cancelling its token, closes the connection to the
/// provider at once.
pub struct ChunkStream {
    targets: VecDeque<Target>,
    body: Map<String, Value>,
    is_streaming: bool,
    cancel: CancellationToken,
    attempts: u32,
    answer: Option<AnswerUnderWay>,
    ready: VecDeque<Map<String, Value>>,
    notices: Vec<String>,
    /// What ended the answer, told after what came before it.
    failed: Option<ModelError>,
    state: AnswerState,
    info: AnswerInfo,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum AnswerState {
    /// Nothing of the answer came yet, so that it can be asked for again.
    Waiting,
    /// Some of it was handed out.
    Begun,
    /// All of it is ready.
    Ended,
    /// The end was told, or an error.
    Over,
}

/// An answer under way.
struct AnswerUnderWay {
    opened: Opened,
    parser: BodyParser,
    normal: ChunkNormalizer,
    has_bytes: bool,
}

/// What is known of an answer, as far as it came.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AnswerInfo {
    /// The provider that answers.
    pub provider: String,
    /// The model, as the provider has it.
    pub model: String,
    /// The request as it was sent, without the key.
    pub sent: Map<String, Value>,
    /// Headers of the answer that are worth passing on, such as `x-ratelimit-remaining-tokens`.
    pub headers: Vec<(String, String)>,
    /// The tokens that it took, where the provider tells.
    pub usage: Option<Usage>,
    /// Why it ended; `None` while it hasn't, or was cut off.
    pub reason: Option<FinishReason>,
    /// Calls of tools, as the same provider wants them back in the history.
    pub raw_tool_calls: Vec<Value>,
    /// Other fields of the message that the same provider wants back.
    pub message_fields: Map<String, Value>,
    /// The usage as a chunk of its own, in the provider's words.
    pub usage_chunk: Option<Map<String, Value>>,
}

impl std::fmt::Debug for ChunkStream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ChunkStream")
            .field("targets", &self.targets)
            .field("state", &self.state)
            .finish_non_exhaustive()
    }
}

impl ChunkStream {
    pub(super) fn new(
        targets: Vec<Target>,
        body: Map<String, Value>,
        is_streaming: bool,
        cancel: CancellationToken,
    ) -> Self {
        let attempts = targets
            .first()
            .map_or(0, |target| target.provider.options.limits.retries);
        Self {
            targets: targets.into(),
            body,
            is_streaming,
            cancel,
            attempts,
            answer: None,
            ready: VecDeque::new(),
            notices: Vec::new(),
            failed: None,
            state: AnswerState::Waiting,
            info: AnswerInfo::default(),
        }
    }

    /// What is known of the answer by now; complete once [`Self::next`] gave `None`.
    #[must_use]
    pub fn info(&self) -> &AnswerInfo {
        &self.info
    }

    /// What a person should be told, since the last time this was asked.
    pub fn take_notices(&mut self) -> Vec<String> {
        std::mem::take(&mut self.notices)
    }

    /// Waits until the answer begins: its first chunk with text or a call came, or its end. Errors of the request
    /// come out here; nothing is lost for [`Self::next`]. If the future is dropped, so is the request: the next
    /// call sends it anew.
    ///
    /// # Errors
    ///
    /// As [`Self::next`].
    pub async fn begin(&mut self) -> Result<(), ModelError> {
        while self.state == AnswerState::Waiting {
            self.advance().await;
        }
        match self.ready.is_empty() {
            true => self.failed.take().map_or(Ok(()), Err),
            false => Ok(()),
        }
    }

    /// The next chunk, `None` after the last. The last one has the reason of the end; usage is in [`Self::info`].
    ///
    /// # Errors
    ///
    /// Any [`ModelError`]; after one there is nothing more.
    pub async fn next(&mut self) -> Option<Result<Map<String, Value>, ModelError>> {
        loop {
            if self.state != AnswerState::Waiting
                && let Some(chunk) = self.ready.pop_front()
            {
                return Some(Ok(chunk));
            }
            match self.state {
                AnswerState::Over => return self.failed.take().map(Err),
                AnswerState::Ended => self.close().await,
                AnswerState::Waiting | AnswerState::Begun => self.advance().await,
            }
        }
    }

    /// Reads some more; starts again, or with another model, while nothing came.
    async fn advance(&mut self) {
        let result = match self.answer {
            None => self.open().await,
            Some(_) => self.read().await,
        };
        let Err(error) = result else { return };
        if let Err(error) = self.recover(error).await {
            self.keep_info();
            self.answer = None;
            self.failed = Some(error);
            self.state = AnswerState::Over;
        }
    }

    async fn open(&mut self) -> Result<(), ModelError> {
        let Some(target) = self.targets.front().cloned() else {
            return Err(ModelError::NoModel);
        };
        let order = ModelExchange {
            body: &self.body,
            is_streaming: self.is_streaming,
            cancel: &self.cancel,
        };
        let opened = open(&target, &order, &mut self.attempts, &mut self.notices).await?;
        let provider = &target.provider;
        self.info = AnswerInfo {
            provider: provider.name().to_owned(),
            model: target.model.clone(),
            sent: opened.sent.clone(),
            headers: opened.headers.clone(),
            ..AnswerInfo::default()
        };
        let now = i64::try_from(provider.now()).unwrap_or_default();
        let most = provider.options.limits.answer_bytes;
        self.answer = Some(AnswerUnderWay {
            opened,
            parser: BodyParser::default(),
            normal: ChunkNormalizer::new(provider.name(), &target.model, now, most),
            has_bytes: false,
        });
        Ok(())
    }

    /// Whether an error can be mended: by another attempt, or by another model. Only while nothing came.
    async fn recover(&mut self, error: ModelError) -> Result<(), ModelError> {
        if self.state != AnswerState::Waiting {
            return Err(error);
        }
        self.ready.clear();
        let is_from_stream = self.answer.take().is_some();
        let Some(target) = self.targets.front() else {
            return Err(error);
        };
        let error = match is_from_stream {
            // What failed before its answer began was tried again already.
            false => error,
            true => match wait_to_retry(&target.provider, error, &mut self.attempts, &self.cancel)
                .await
            {
                Ok(()) => return Ok(()),
                Err(error) => error,
            },
        };
        if !error.is_worth_another_model() || self.targets.len() < 2 {
            return Err(error);
        }
        self.targets.pop_front();
        if let Some(next) = self.targets.front() {
            let name = format!("{}/{}", next.provider.name(), next.model);
            self.notices
                .push(format!("{error}; `{name}` answers instead"));
            self.attempts = next.provider.options.limits.retries;
        }
        Ok(())
    }

    async fn read(&mut self) -> Result<(), ModelError> {
        let (Some(answer), Some(target)) = (&mut self.answer, self.targets.front()) else {
            return Ok(());
        };
        let timeouts = &target.provider.options.timeouts;
        let is_finished = answer.normal.is_finished();
        let (until, late) = match (answer.has_bytes, is_finished) {
            (false, _) => (
                answer.opened.first_byte_until,
                no_first_byte(&target.provider),
            ),
            (true, true) => (
                Instant::now() + LAST_WORD.min(timeouts.idle),
                ModelError::Cancelled,
            ),
            (true, false) => {
                let what = "the next piece of the answer";
                (
                    Instant::now() + timeouts.idle,
                    ModelError::TimedOut {
                        what,
                        after: timeouts.idle,
                    },
                )
            }
        };
        let chunk = tokio::select! {
            chunk = timeout_at(until, answer.opened.response.chunk()) => chunk,
            () = self.cancel.cancelled() => return Err(ModelError::Cancelled),
        };
        let mut pieces = Vec::new();
        let (is_end, parsed) = match chunk {
            Ok(Ok(Some(bytes))) => {
                answer.has_bytes = true;
                (false, answer.parser.push(&bytes, &mut pieces))
            }
            Ok(Ok(None)) => (true, answer.parser.finish(&mut pieces)),
            // All that matters came; the server just doesn't close.
            Ok(Err(_)) | Err(_) if is_finished => (true, Ok(())),
            Ok(Err(error)) => {
                let cause = target.provider.clean(&root_cause(&error));
                // What came of a last event counts.
                let parsed = answer.parser.finish(&mut pieces);
                (true, parsed.and(Err(ModelError::CutOff(cause))))
            }
            Err(_) => return Err(late),
        };
        // What came before an error counts.
        self.take(pieces)?;
        parsed?;
        let is_done = self
            .answer
            .as_ref()
            .is_some_and(|answer| answer.normal.is_done());
        if is_end || is_done {
            self.finish()
        } else {
            Ok(())
        }
    }

    fn take(&mut self, pieces: Vec<Payload>) -> Result<(), ModelError> {
        let (Some(answer), Some(target)) = (&mut self.answer, self.targets.front()) else {
            return Ok(());
        };
        let mut chunks = Vec::new();
        let mut result = Ok(());
        for piece in pieces {
            result = result.and_then(|()| answer.normal.take(piece, &mut chunks));
        }
        if answer.normal.has_begun() && self.state == AnswerState::Waiting {
            self.state = AnswerState::Begun;
        }
        self.ready.extend(chunks);
        result.map_err(|error| cleaned(error, target))
    }

    fn finish(&mut self) -> Result<(), ModelError> {
        let (Some(answer), Some(target)) = (&mut self.answer, self.targets.front()) else {
            return Ok(());
        };
        let mut chunks = Vec::new();
        let result = answer.normal.finish(&mut chunks);
        if answer.normal.has_begun() && self.state == AnswerState::Waiting {
            self.state = AnswerState::Begun;
        }
        self.ready.extend(chunks);
        result?;
        let reason = answer.normal.reason();
        let lost = answer.normal.unreadable();
        if lost > 0 {
            self.notices.push(format!(
                "{lost} pieces of the answer could not be read and are missing"
            ));
        }
        let provider = target.provider.clone();
        self.keep_info();
        self.info.reason = Some(reason);
        provider.spend(&self.info.usage.unwrap_or_default());
        self.state = AnswerState::Ended;
        Ok(())
    }

    /// Keeps what is known of the answer, also of half of one.
    fn keep_info(&mut self) {
        let (Some(answer), Some(target)) = (&self.answer, self.targets.front()) else {
            return;
        };
        let prices = target.provider.prices(&target.model);
        self.info.usage = answer.normal.usage().map(|usage| Usage {
            cost: prices.map(|prices| prices.cost(&usage)).or(usage.cost),
            ..usage
        });
        self.info.raw_tool_calls = answer.normal.raw_tool_calls();
        self.info.message_fields = answer.normal.message_fields();
        self.info.usage_chunk = answer.normal.usage_chunk();
    }

    /// Reads the end of the connection, so that the next request can have it.
    async fn close(&mut self) {
        self.state = AnswerState::Over;
        if let Some(mut answer) = self.answer.take() {
            let _ = timeout(DRAIN_TIME, answer.opened.response.chunk()).await;
        }
    }
}

/// An error of a stream without the key.
fn cleaned(error: ModelError, target: &Target) -> ModelError {
    let clean = |error: Box<UpstreamError>| Box::new(error.map(|text| target.provider.clean(text)));
    match error {
        ModelError::TooLong(error) => ModelError::TooLong(clean(error)),
        ModelError::Refused(error) => ModelError::Refused(clean(error)),
        ModelError::Failed(error) => ModelError::Failed(clean(error)),
        ModelError::RateLimited {
            provider,
            retry_after,
            error,
        } => ModelError::RateLimited {
            provider,
            retry_after,
            error: clean(error),
        },
        error => error,
    }
}
