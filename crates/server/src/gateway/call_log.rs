//! What is noted of a call: what guards found in it and, if calls are recorded, what was said.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use chat::model::{AnswerInfo, ModelError};
use chat::{FoundHere, GuardRefusal, HeardText, RecordedAnswer, RecordedCall};
use serde_json::Value;

use crate::people::Person;
use crate::state::AppState;

/// What is noted of a call while it goes on.
pub(super) struct CallLog {
    began: Instant,
    /// Whether the call is kept as a conversation.
    pub(super) is_recorded: bool,
    /// The conversation as the model is sent it, without what was recalled; empty unless it is kept.
    pub(super) messages: Vec<Value>,
    /// What was found in messages, with their places among all.
    found: Vec<(usize, FoundHere)>,
    /// Where each of these was.
    places: Vec<&'static str>,
}

/// What was heard of one answer of a call.
#[derive(Clone, Default)]
pub(super) struct HeardAnswer {
    pub(super) index: u64,
    pub(super) content: Arc<Mutex<HeardText>>,
    pub(super) reasoning: Arc<Mutex<HeardText>>,
    pub(super) finish_reason: Option<String>,
}

/// How a call ended.
pub(super) enum CallEnd {
    /// The answer was sent whole.
    Whole,
    /// A guard stopped it.
    Refused(Box<GuardRefusal>),
    /// The model failed.
    Failed(ModelError),
    /// The program left.
    Left,
}

impl CallLog {
    pub(super) fn new(is_recorded: bool) -> Self {
        Self {
            began: Instant::now(),
            is_recorded,
            messages: Vec::new(),
            found: Vec::new(),
            places: Vec::new(),
        }
    }

    /// Notes what was found in a message.
    pub(super) fn found(
        &mut self,
        message: usize,
        place: &'static str,
        found: impl IntoIterator<Item = FoundHere>,
    ) {
        for found in found {
            self.found.push((message, found));
            self.places.push(place);
        }
    }

    /// Ends a call that was refused before a model saw it: nothing is kept but what was found.
    pub(super) fn refuse(self, state: &AppState, person: &Person) {
        self.note(state, person, &[]);
    }

    /// Ends a call. What is to be kept is written in the background.
    pub(super) fn end(
        mut self,
        (state, person): (&AppState, &Arc<Person>),
        (info, heard): (&AnswerInfo, Vec<HeardAnswer>),
        end: &CallEnd,
    ) {
        let is_begun = heard.iter().any(HeardAnswer::has_text) || !info.raw_tool_calls.is_empty();
        if !self.is_recorded || (!is_begun && !matches!(end, CallEnd::Whole)) {
            return self.note(state, person, &heard);
        }
        let call = RecordedCall {
            messages: std::mem::take(&mut self.messages),
            findings: std::mem::take(&mut self.found),
            answers: heard.iter().map(|one| one.recorded(info, end)).collect(),
            provider: info.provider.clone(),
            model: info.model.clone(),
            duration_ms: u64::try_from(self.began.elapsed().as_millis()).unwrap_or(u64::MAX),
            usage: info.usage,
        };
        let (state, person) = (state.clone(), Arc::clone(person));
        tokio::spawn(async move {
            let kept = match state.chat_of(&person).await {
                Ok(chat) => chat.record(call).await.map_err(|error| error.to_string()),
                Err(error) => Err(error.message().to_owned()),
            };
            if let Err(error) = kept {
                state.log_line(&format!("a call of a program can't be recorded: {error}"));
            }
        });
    }

    /// Notes what was found in a call that isn't kept.
    fn note(self, state: &AppState, person: &Person, heard: &[HeardAnswer]) {
        let now = state.options.clock.millis();
        for ((_, found), place) in self.found.into_iter().zip(self.places) {
            person.found.note(now, (place, None), [found]);
        }
        for text in heard.iter().flat_map(|one| [&one.reasoning, &one.content]) {
            let heard = text.lock().unwrap_or_else(PoisonError::into_inner);
            let found = heard.findings.iter().cloned();
            person.found.note(now, ("output", None), found);
        }
    }
}

impl HeardAnswer {
    pub(super) fn new(index: u64) -> Self {
        Self {
            index,
            ..Self::default()
        }
    }

    fn has_text(&self) -> bool {
        let is_empty = |text: &Arc<Mutex<HeardText>>| {
            let heard = text.lock().unwrap_or_else(PoisonError::into_inner);
            heard.text.is_empty()
        };
        !is_empty(&self.content) || !is_empty(&self.reasoning)
    }

    fn recorded(&self, info: &AnswerInfo, end: &CallEnd) -> RecordedAnswer {
        let take = |text: &Arc<Mutex<HeardText>>| {
            std::mem::take(&mut *text.lock().unwrap_or_else(PoisonError::into_inner))
        };
        let (content, reasoning) = (take(&self.content), take(&self.reasoning));
        RecordedAnswer {
            text: content.text,
            thinking: reasoning.text,
            // Those of further answers aren't told apart.
            tool_calls: match self.index {
                0 => info.raw_tool_calls.clone(),
                _ => Vec::new(),
            },
            findings: [reasoning.findings, content.findings].concat(),
            refusal: match end {
                CallEnd::Refused(refusal) => Some((**refusal).clone()),
                _ => None,
            },
            error: match end {
                CallEnd::Failed(error) => Some(error.to_string()),
                _ => None,
            },
            is_left: matches!(end, CallEnd::Left),
            finish_reason: self.finish_reason.clone(),
        }
    }
}
