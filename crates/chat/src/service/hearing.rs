//! Listening to a model: what it says is judged on its way, told to whoever listens, and written as it comes.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use guard::{Action, Judged};
use memory::{ChatMessageState, TokenUsage, TurnState};
use serde_json::{Map, Value, json};

use super::active::ActiveTurn;
use super::begin::PreparedTurn;
use super::core::ChatInner;
use super::told::{error_data, refusal_data};
use crate::Error;
use crate::detail::RunFigures;
use crate::event::EventName;
use crate::guards::{FoundHere, GuardRefusal, Side, refusal};
use crate::model::{
    AnswerInfo, ChatRequest, FinishReason, ModelError, ModelEvent, ModelHandle, Usage,
};
use crate::steps::AnswerStep;
use crate::vault::Revealer;
use crate::writer::AnswerDraft;

/// How often what has come is handed to the writer.
const DRAFT_INTERVAL: Duration = Duration::from_millis(200);

/// What stands between what a model says before and after calls of tools.
const STEP_GAP: &str = "\n\n";

/// What came of asking the model.
pub(super) struct Answer {
    /// As it is kept: with placeholders.
    pub(super) text: String,
    pub(super) thinking: String,
    pub(super) figures: RunFigures,
    pub(super) usage: Option<TokenUsage>,
    /// What all of its requests took.
    pub(super) spent: Usage,
    pub(super) findings: Vec<FoundHere>,
    /// The rounds of calls so far.
    pub(super) steps: Vec<AnswerStep>,
    pub(super) end: AnswerEnd,
}

/// What a model wants called before it goes on.
pub(super) struct WantedCalls {
    pub(super) provider: String,
    pub(super) raw_calls: Vec<Value>,
    pub(super) message_fields: Map<String, Value>,
}

/// How an answer ended.
pub(super) enum AnswerEnd {
    Whole,
    /// It was cut: for want of tokens, of a connection, or since it was too long.
    Cut(String),
    Stopped,
    Interrupted,
    Refused(GuardRefusal),
    Failed(Error),
}

impl Answer {
    pub(super) fn new() -> Self {
        Self {
            text: String::new(),
            thinking: String::new(),
            figures: RunFigures::default(),
            usage: None,
            spent: Usage::default(),
            findings: Vec::new(),
            steps: Vec::new(),
            end: AnswerEnd::Whole,
        }
    }

    pub(super) fn failed(error: Error) -> Self {
        Self {
            end: AnswerEnd::Failed(error),
            ..Self::new()
        }
    }
}

impl AnswerEnd {
    pub(super) fn stopped(turn: &ActiveTurn) -> Self {
        match turn.stopped_by_end() {
            true => Self::Interrupted,
            false => Self::Stopped,
        }
    }

    /// The state of the message, that of the turn, and what is told of it.
    pub(super) fn states(&self) -> (ChatMessageState, TurnState, Option<Value>) {
        match self {
            Self::Whole => (ChatMessageState::Whole, TurnState::Completed, None),
            Self::Cut(why) => (
                ChatMessageState::Cut,
                TurnState::Completed,
                Some(json!({"code": "cut_off", "message": why})),
            ),
            Self::Stopped => (ChatMessageState::Stopped, TurnState::Cancelled, None),
            Self::Interrupted => (
                ChatMessageState::Interrupted,
                TurnState::Interrupted,
                Some(json!({
                    "code": "interrupted", "message": "the program ended while this answer came",
                })),
            ),
            Self::Refused(refusal) => (
                ChatMessageState::Hidden,
                TurnState::Failed,
                Some(refusal_data(refusal)),
            ),
            Self::Failed(error) => {
                let data = error_data(error)["error"].take();
                (ChatMessageState::Failed, TurnState::Failed, Some(data))
            }
        }
    }
}

/// Listening to the model.
pub(super) struct Hearing<'a> {
    inner: &'a Arc<ChatInner>,
    turn: &'a ActiveTurn,
    project: Option<String>,
    /// The text of the answer that goes on.
    before: String,
    pub(super) answer: Answer,
    /// What the model wants called, when it ended so.
    pub(super) wanted: Option<WantedCalls>,
    pub(super) prompt_tokens: usize,
    /// Whether what comes next stands apart from what was said before calls.
    needs_gap: bool,
    /// When the model was asked first.
    pub(super) began: Instant,
    drafted: Instant,
    is_draft_due: bool,
}

impl<'a> Hearing<'a> {
    pub(super) fn new(
        inner: &'a Arc<ChatInner>,
        turn: &'a ActiveTurn,
        prepared: &PreparedTurn,
    ) -> Self {
        let before = prepared.goes_on.as_ref();
        Self {
            inner,
            turn,
            project: prepared.project.clone(),
            before: before
                .map(|message| message.message.text.clone())
                .unwrap_or_default(),
            answer: Answer::new(),
            wanted: None,
            prompt_tokens: 0,
            needs_gap: false,
            began: Instant::now(),
            drafted: Instant::now(),
            is_draft_due: false,
        }
    }

    /// Listens to one request's answer, which goes on with what came before.
    pub(super) async fn listen(
        &mut self,
        model: &ModelHandle,
        body: Map<String, Value>,
    ) -> AnswerEnd {
        let guards = &self.inner.options.guards;
        let policy = guards.output_in(self.project.as_deref());
        let masker = &self.inner.masker;
        let vault = self.inner.vault(&self.turn.conversation);
        let mut said = guard::Stream::new(&guards.engine, policy, masker);
        let mut thought = guard::Stream::new(&guards.engine, policy, masker);
        let (mut said_reveals, mut thought_reveals) =
            (Revealer::new(vault.clone()), Revealer::new(vault));
        let mut has_thought = false;
        self.needs_gap = !self.answer.text.is_empty();
        let cancel = self.turn.cancel.clone();
        let mut stream = model.stream(ChatRequest { body }, cancel.clone());
        let mut end = loop {
            let event = tokio::select! {
                biased;
                () = cancel.cancelled() => break self.stopped(),
                event = stream.next() => event,
                // What came is written also if nothing more comes for a while.
                () = tokio::time::sleep(DRAFT_INTERVAL), if self.is_draft_due => {
                    self.draft();
                    continue;
                }
            };
            let heard = match event {
                None => {
                    break AnswerEnd::Cut("the model's server ended without saying so".to_owned());
                }
                Some(Err(_)) if cancel.is_cancelled() => break self.stopped(),
                Some(Err(error)) if self.is_cut(&error) => break AnswerEnd::Cut(error.to_string()),
                Some(Err(error)) => break AnswerEnd::Failed(error.into()),
                Some(Ok(heard)) => heard,
            };
            match heard {
                ModelEvent::Content(piece) => {
                    self.note_first();
                    // Nothing of the reasoning that came before is held back any more.
                    if has_thought {
                        has_thought = false;
                        let next = guard::Stream::new(&guards.engine, policy, masker);
                        let released = std::mem::replace(&mut thought, next).finish();
                        if let Some(refused) = self.reasoning(&released, &mut thought_reveals) {
                            break refused;
                        }
                        self.turn.log.reason(&thought_reveals.finish());
                    }
                    let released = said.push(&piece);
                    if let Some(refused) = self.content(&released, &mut said_reveals) {
                        break refused;
                    }
                    if self.answer.text.len() > self.inner.options.limits.answer_bytes {
                        break AnswerEnd::Cut("the answer is longer than is taken".to_owned());
                    }
                }
                ModelEvent::Reasoning(piece) => {
                    self.note_first();
                    has_thought = true;
                    let released = thought.push(&piece);
                    if let Some(refused) = self.reasoning(&released, &mut thought_reveals) {
                        break refused;
                    }
                }
                ModelEvent::ToolCall(_) => {}
                ModelEvent::Usage(usage) => self.usage(&usage),
                ModelEvent::Notice(notice) => {
                    self.turn
                        .log
                        .tell(EventName::RunNotice, json!({"notice": notice}));
                }
                ModelEvent::Finish { reason, info } => {
                    self.answer.figures.finish_reason = Some(reason.name().to_owned());
                    break match reason {
                        FinishReason::Length => {
                            AnswerEnd::Cut("the answer reached its limit of tokens".to_owned())
                        }
                        _ => {
                            self.want(*info);
                            AnswerEnd::Whole
                        }
                    };
                }
            }
        };
        self.note_sent(stream.info());
        // The connection is closed at once, and not when all is written.
        drop(stream);
        if !matches!(end, AnswerEnd::Refused(_)) {
            let released = thought.finish();
            let refused = self.reasoning(&released, &mut thought_reveals);
            let released = said.finish();
            let refused = self.content(&released, &mut said_reveals).or(refused);
            end = refused.unwrap_or(end);
        }
        self.turn.log.reason(&thought_reveals.finish());
        self.turn.log.content(&said_reveals.finish());
        end
    }

    fn want(&mut self, info: AnswerInfo) {
        if !info.raw_tool_calls.is_empty() {
            self.wanted = Some(WantedCalls {
                provider: info.provider,
                raw_calls: info.raw_tool_calls,
                message_fields: info.message_fields,
            });
        }
    }

    fn stopped(&self) -> AnswerEnd {
        AnswerEnd::stopped(self.turn)
    }

    fn note_first(&mut self) {
        let began = self.began;
        let first = &mut self.answer.figures.first_token_ms;
        first.get_or_insert_with(|| millis(began.elapsed()));
    }

    /// Whether an error ends an answer of which something came, so that it can go on.
    fn is_cut(&self, error: &ModelError) -> bool {
        matches!(error, ModelError::CutOff(_) | ModelError::Runaway(_))
            || (matches!(error, ModelError::TimedOut { .. }) && !self.answer.text.is_empty())
    }

    /// Notes who answered, and what it was sent.
    fn note_sent(&mut self, info: &AnswerInfo) {
        let figures = &mut self.answer.figures;
        if !info.provider.is_empty() {
            figures.provider.clone_from(&info.provider);
            figures.model.clone_from(&info.model);
        }
        if info.sent.is_empty() {
            return;
        }
        let sent = serde_json::to_vec(&info.sent).unwrap_or_default();
        let request = self.turn.request.lock();
        *request.unwrap_or_else(PoisonError::into_inner) = Some(sent);
    }

    /// Counts what one request took; a turn with calls of tools has several.
    fn usage(&mut self, usage: &Usage) {
        self.answer.spent.add(usage);
        let spent = self.answer.spent;
        self.answer.figures.usage = Some(json!({
            "prompt_tokens": spent.prompt_tokens,
            "cached_tokens": spent.cached_tokens,
            "completion_tokens": spent.completion_tokens,
            "reasoning_tokens": spent.reasoning_tokens,
        }));
        self.answer.figures.cost = spent.cost;
        self.answer.usage = Some(TokenUsage {
            input: spent.prompt_tokens.saturating_sub(spent.cached_tokens),
            output: spent.completion_tokens,
            cache_creation: 0,
            cache_read: spent.cached_tokens,
        });
        self.tell_if_cut(usage.prompt_tokens);
    }

    /// Tells the person if the model's server read far less than it was sent: some cut prompts without a
    /// word.
    fn tell_if_cut(&self, read: u64) {
        // What is counted here is counted high: a third of it is less than any tokenizer makes of it.
        let sent = self.prompt_tokens as u64;
        if read == 0 || sent < 2_000 || read.saturating_mul(3) >= sent {
            return;
        }
        let notice = format!(
            "the model's server read {read} tokens of about {sent} that it was sent: its context is shorter \
             than it says; set a longer one there (for Ollama `OLLAMA_CONTEXT_LENGTH`), or the model's \
             `context_length` here"
        );
        self.turn
            .log
            .tell(EventName::RunNotice, json!({"notice": notice}));
    }

    /// Tells what of the answer may be shown by now.
    fn content(
        &mut self,
        released: &guard::ReleasedText,
        reveals: &mut Revealer,
    ) -> Option<AnswerEnd> {
        if self.needs_gap && !released.text.trim().is_empty() {
            self.needs_gap = false;
            self.answer.text.push_str(STEP_GAP);
            self.turn.log.content(STEP_GAP);
        }
        self.answer.text.push_str(&released.text);
        let shown = reveals.push(&released.text);
        self.turn.log.content(&shown);
        self.note_draft();
        self.heed(released)
    }

    fn reasoning(
        &mut self,
        released: &guard::ReleasedText,
        reveals: &mut Revealer,
    ) -> Option<AnswerEnd> {
        self.answer.thinking.push_str(&released.text);
        let shown = reveals.push(&released.text);
        self.turn.log.reason(&shown);
        self.note_draft();
        self.heed(released)
    }

    /// Tells what was found, at once by rules or late by models; an answer that may not go on ends.
    fn heed(&mut self, released: &guard::ReleasedText) -> Option<AnswerEnd> {
        let late = released.verdicts.iter();
        let findings: Vec<Judged> = released
            .findings
            .iter()
            .chain(late.clone().flat_map(|verdict| &verdict.findings))
            .cloned()
            .collect();
        for judged in &findings {
            self.found(judged);
        }
        (released.action >= Action::Quarantine).then(|| {
            let failures: Vec<_> = released
                .failures
                .iter()
                .chain(late.flat_map(|verdict| &verdict.failures))
                .cloned()
                .collect();
            AnswerEnd::Refused(refusal(Side::Output, &findings, &failures))
        })
    }

    fn found(&mut self, judged: &Judged) {
        let found = FoundHere::new(judged);
        self.turn.log.tell(
            EventName::GuardFinding,
            json!({"side": "output", "finding": found}),
        );
        self.answer.findings.push(found);
    }

    /// Something came: it is handed to the writer now and then.
    fn note_draft(&mut self) {
        self.is_draft_due = true;
        if self.drafted.elapsed() >= DRAFT_INTERVAL {
            self.draft();
        }
    }

    fn draft(&mut self) {
        self.is_draft_due = false;
        self.drafted = Instant::now();
        if self.inner.off_record.has(&self.turn.conversation) {
            return;
        }
        let draft = AnswerDraft {
            text: format!("{}{}", self.before, self.answer.text),
            thinking: self.answer.thinking.clone(),
        };
        self.inner.writer.draft(&self.turn.id, draft);
    }
}

/// A span in milliseconds.
pub(super) fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
