//! An answer as events, for a turn.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use super::choice::FinishReason;
use super::error::ModelError;
use super::stream::{AnswerInfo, ChunkStream};
use super::usage::Usage;

/// A part of a call of a tool.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CallDelta {
    /// Which call: 0, 1, … without gaps, in the order of their beginning.
    pub index: usize,
    /// The id, with the first part of the call only.
    pub id: Option<String>,
    /// The tool's name, with the first part of the call only.
    pub name: Option<String>,
    /// The next part of the arguments, which are JSON once all are there.
    pub arguments: String,
}

/// What happens in an answer.
#[derive(Clone, Debug, PartialEq)]
pub enum ModelEvent {
    /// More of the answer itself.
    Content(String),
    /// More of the reasoning before it.
    Reasoning(String),
    /// More of a call of a tool.
    ToolCall(CallDelta),
    /// The tokens that it took, before the end.
    Usage(Usage),
    /// Something that a person should be told.
    Notice(String),
    /// The end; the last event.
    Finish {
        /// Why it ended.
        reason: FinishReason,
        /// What is known of the answer.
        info: Box<AnswerInfo>,
    },
}

/// The events of one answer. Dropping it, or cancelling its token, closes the connection at once.
#[derive(Debug)]
pub struct ModelStream {
    chunks: ChunkStream,
    ready: VecDeque<ModelEvent>,
    failed: Option<ModelError>,
    is_over: bool,
}

impl ModelStream {
    pub(super) fn new(chunks: ChunkStream) -> Self {
        Self {
            chunks,
            ready: VecDeque::new(),
            failed: None,
            is_over: false,
        }
    }

    /// What is known of the answer by now, also after an error.
    #[must_use]
    pub fn info(&self) -> &AnswerInfo {
        self.chunks.info()
    }

    /// The next event, `None` after [`ModelEvent::Finish`] or an error.
    ///
    /// # Errors
    ///
    /// Any [`ModelError`]. What came before it was told; [`Self::info`] has the rest.
    pub async fn next(&mut self) -> Option<Result<ModelEvent, ModelError>> {
        loop {
            if let Some(event) = self.ready.pop_front() {
                return Some(Ok(event));
            }
            if self.is_over {
                return self.failed.take().map(Err);
            }
            let chunk = self.chunks.next().await;
            self.ready.extend(
                self.chunks
                    .take_notices()
                    .into_iter()
                    .map(ModelEvent::Notice),
            );
            match chunk {
                Some(Ok(chunk)) => read_events(chunk, &mut self.ready),
                Some(Err(error)) => {
                    self.is_over = true;
                    self.failed = Some(error);
                }
                None => {
                    self.is_over = true;
                    let info = self.chunks.info().clone();
                    self.ready.extend(info.usage.map(ModelEvent::Usage));
                    let reason = info.reason.unwrap_or(FinishReason::Stop);
                    self.ready.push_back(ModelEvent::Finish {
                        reason,
                        info: Box::new(info),
                    });
                }
            }
        }
    }
}

/// The events in a chunk's first answer.
fn read_events(mut chunk: Map<String, Value>, events: &mut VecDeque<ModelEvent>) {
    let Some(Value::Array(choices)) = chunk.get_mut("choices") else {
        return;
    };
    let first = choices.iter_mut().filter_map(Value::as_object_mut);
    let delta = first.filter(|choice| choice.get("index").and_then(Value::as_u64) == Some(0));
    for delta in delta.filter_map(|choice| choice.get_mut("delta")?.as_object_mut()) {
        let mut text = |key: &str| match delta.remove(key) {
            Some(Value::String(text)) if !text.is_empty() => Some(text),
            _ => None,
        };
        events.extend(text("reasoning_content").map(ModelEvent::Reasoning));
        events.extend(text("content").map(ModelEvent::Content));
        events.extend(text("refusal").map(ModelEvent::Content));
        let calls = match delta.remove("tool_calls") {
            Some(Value::Array(calls)) => calls,
            _ => Vec::new(),
        };
        for call in calls {
            let text = |value: &Value| value.as_str().map(str::to_owned);
            events.push_back(ModelEvent::ToolCall(CallDelta {
                index: call["index"]
                    .as_u64()
                    .and_then(|index| usize::try_from(index).ok())
                    .unwrap_or(0),
                id: text(&call["id"]),
                name: text(&call["function"]["name"]),
                arguments: text(&call["function"]["arguments"]).unwrap_or_default(),
            }));
        }
    }
}
