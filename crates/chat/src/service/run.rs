//! How a turn goes on: the model is asked, what it says is judged on its way, told to whoever listens, and
//! kept.

use std::sync::{Arc, PoisonError};
use std::time::{Duration, Instant};

use memory::{ChatChange, ChatMessage, ChatMessageState, NewChatMessage, Role, TurnEnd, TurnState};
use serde_json::{Map, Value, json};

use super::active::ActiveTurn;
use super::active::TurnRequest;
use super::begin::PreparedTurn;
use super::core::{ChatEvent, ChatInner};
use super::hearing::{Answer, AnswerEnd, Hearing};
use super::told::error_data;
use crate::detail::Detail;
use crate::event::EventName;
use crate::model::{ContextLength, ContextOrigin, ModelHandle};
use crate::prompt::{Prompt, PromptParts, TooLong};
use crate::{Error, Result};

impl ChatInner {
    /// Runs a turn to its end, whatever that is.
    pub(super) async fn run(
        self: Arc<Self>,
        turn: Arc<ActiveTurn>,
        request: TurnRequest,
        gate: Arc<tokio::sync::Mutex<()>>,
    ) {
        let place = tokio::select! {
            biased;
            place = gate.lock() => Some(place),
            () = turn.cancel.cancelled() => None,
        };
        self.tell(ChatEvent::TurnStarted {
            turn: turn.id.clone(),
            conversation: turn.conversation.clone(),
        });
        match place {
            // Nothing was said yet.
            None => turn.log.tell(EventName::RunCancelled, json!({})),
            Some(_) => {
                if let Err(error) = self.run_in_turn(&turn, request).await {
                    self.note_refusal(&turn, &error);
                    turn.log.tell(EventName::RunError, error_data(&error));
                }
            }
        }
        drop(place);
        self.turns.ended(&turn);
        self.tell(ChatEvent::TurnEnded {
            turn: turn.id.clone(),
            conversation: turn.conversation.clone(),
        });
    }

    /// Remembers what guards found in a message that was refused: nothing else is kept of it.
    fn note_refusal(&self, turn: &ActiveTurn, error: &Error) {
        if let Error::Refused(refusal) = error
            && !self.off_record.has(&turn.conversation)
        {
            let place = ("input", Some(turn.conversation.as_str()));
            self.refused
                .note(self.now(), place, refusal.findings.clone());
        }
    }

    /// Errors are those before anything was kept.
    async fn run_in_turn(
        self: &Arc<Self>,
        turn: &Arc<ActiveTurn>,
        request: TurnRequest,
    ) -> Result<()> {
        let asked = Arc::clone(turn);
        let mut prepared = self
            .read(move |inner| inner.prepare(&asked, &request))
            .await?;
        let model = self
            .options
            .models
            .resolve(prepared.settings.model.as_deref().unwrap_or_default());
        let model_name = model.as_ref().ok().map(ModelHandle::id);
        let mut changes = std::mem::take(&mut prepared.changes);
        changes.push(ChatChange::Begin {
            chat: turn.conversation.clone(),
            turn: turn.id.clone(),
            question: prepared.question.clone(),
            answer: turn.answer.clone(),
            model: model_name.clone(),
            process: self.alive.name.clone(),
        });
        self.change(&turn.conversation, changes).await?;
        self.tell_beginning(turn, &prepared, model_name.as_deref());
        let answer = match model {
            Ok(model) => self.ask(turn, &mut prepared, &model).await,
            Err(error) => Answer::failed(error.into()),
        };
        self.keep(turn, &prepared, answer).await;
        Ok(())
    }

    fn tell_beginning(&self, turn: &ActiveTurn, prepared: &PreparedTurn, model: Option<&str>) {
        turn.log.tell(
            EventName::RunStarted,
            json!({
                "turn": turn.id, "conversation": turn.conversation, "question": prepared.question,
                "answer": turn.answer, "model": model,
            }),
        );
        for found in &prepared.findings {
            turn.log.tell(
                EventName::GuardFinding,
                json!({"side": "input", "finding": found}),
            );
        }
        if !prepared.recalled.is_empty() {
            turn.log.tell(
                EventName::MemoryRecalled,
                json!({"messages": prepared.recalled}),
            );
        }
        if let Some(message) = &prepared.goes_on {
            let text = self.vault(&turn.conversation);
            turn.log.content(&text.reveal(&message.message.text));
        }
    }

    /// Asks the model, and tells what it says.
    async fn ask(
        self: &Arc<Self>,
        turn: &Arc<ActiveTurn>,
        prepared: &mut PreparedTurn,
        model: &ModelHandle,
    ) -> Answer {
        let began = Instant::now();
        let body = match self.body(turn, prepared, model).await {
            Ok(body) => body,
            Err(_) if turn.cancel.is_cancelled() => return Answer::stopped(turn),
            Err(error) => return Answer::failed(error),
        };
        let (body, prompt_tokens) = body;
        let mut hearing = Hearing::new(self, turn, prepared);
        hearing.prompt_tokens = prompt_tokens;
        hearing.answer.figures.provider = model.provider().to_owned();
        hearing.answer.figures.model = model.model().to_owned();
        let end = hearing.listen(model, body, began).await;
        let mut answer = hearing.answer;
        answer.figures.duration_ms = millis(began.elapsed());
        answer.end = end;
        answer
    }

    /// The request's body, and the tokens that its messages take, estimated.
    async fn body(
        self: &Arc<Self>,
        turn: &Arc<ActiveTurn>,
        prepared: &mut PreparedTurn,
        model: &ModelHandle,
    ) -> Result<(Map<String, Value>, usize)> {
        let length = tokio::select! {
            length = model.context_length() => length,
            () = turn.cancel.cancelled() => return Err(Error::Conflict("stopped".to_owned())),
        };
        let for_answer = prepared
            .settings
            .parameters
            .get("max_tokens")
            .or_else(|| prepared.settings.parameters.get("max_completion_tokens"))
            .and_then(Value::as_u64)
            .and_then(|tokens| usize::try_from(tokens).ok())
            .unwrap_or(self.options.limits.answer_tokens);
        let context = length.tokens as usize;
        let room = context.saturating_sub(for_answer.min(context / 2));
        let too_long = |TooLong { tokens }| {
            Error::invalid(
                "text",
                format!(
                    "takes about {tokens} tokens with its instructions, and the model has room for {room} \
                     ({context} in all, {}); shorten it, or choose a model with a longer context",
                    origin(&length)
                ),
            )
        };
        let mut prompt = self.prompt(prepared, room).map_err(too_long)?;
        if prompt.window_start != prepared.settings.window_start {
            let asked = (model, &prompt, room);
            self.move_window(turn, prepared, asked).await?;
            prompt = self.prompt(prepared, room).map_err(too_long)?;
        }
        let mut body = Map::new();
        body.insert("messages".to_owned(), prompt.messages.into());
        body.extend(prepared.settings.parameters.clone());
        Ok((body, prompt.tokens))
    }

    fn prompt(&self, prepared: &PreparedTurn, room: usize) -> Result<Prompt, TooLong> {
        let path: Vec<&ChatMessage> = prepared.path.iter().collect();
        let own = prepared.settings.system.as_deref();
        let character = prepared.character.as_ref();
        let default = character.map_or(&self.options.system, |character| &character.system);
        let own = own.unwrap_or(default);
        let system = [own, &prepared.instructions].map(str::trim_end);
        let system: Vec<&str> = system.into_iter().filter(|text| !text.is_empty()).collect();
        PromptParts {
            system: &system.join("\n\n"),
            character,
            path: &path,
            window_start: prepared.settings.window_start.as_deref(),
            room,
            picture: &|id, media_type| self.picture(id, media_type),
        }
        .build()
    }

    /// Keeps an answer, and tells how the turn ended.
    async fn keep(&self, turn: &ActiveTurn, prepared: &PreparedTurn, answer: Answer) {
        self.writer.forget_draft(&turn.id);
        let (state, turn_state, error) = answer.end.states();
        let figures = json!(answer.figures);
        let mut end_detail = json!({"run": figures});
        if let Some(error) = &error {
            end_detail["error"] = error.clone();
        }
        let mut changes = self.answer_changes(turn, prepared, &answer, (state, error.clone()));
        if let Some(body) = turn
            .request
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
        {
            let turn = turn.id.clone();
            changes.push(ChatChange::Request { turn, body });
        }
        changes.push(ChatChange::End {
            turn: turn.id.clone(),
            end: TurnEnd {
                state: turn_state,
                model: Some(answer.figures.model.clone()).filter(|model| !model.is_empty()),
                detail: end_detail.to_string(),
            },
        });
        let kept = self.change(&turn.conversation, changes).await;
        let mut data = json!({
            "turn": turn.id, "answer": turn.answer, "state": state.name(), "run": figures,
        });
        let name = match (kept, error) {
            (Err(error), _) => {
                data["error"] = json!({
                    "code": error.code(),
                    "message": format!("the answer couldn't be kept: {error}"),
                });
                EventName::RunError
            }
            (Ok(()), Some(error))
                if turn_state == TurnState::Failed || turn_state == TurnState::Interrupted =>
            {
                data["error"] = error;
                EventName::RunError
            }
            (Ok(()), _) if turn_state == TurnState::Cancelled => EventName::RunCancelled,
            (Ok(()), _) => EventName::RunCompleted,
        };
        turn.log.tell(name, data);
    }

    /// What is changed in the conversation by an answer. One that nothing came of is kept too: that a turn
    /// failed is seen afterwards.
    fn answer_changes(
        &self,
        turn: &ActiveTurn,
        prepared: &PreparedTurn,
        answer: &Answer,
        (state, error): (ChatMessageState, Option<Value>),
    ) -> Vec<ChatChange> {
        let refusal = match &answer.end {
            AnswerEnd::Refused(refusal) => Some(json!(refusal)),
            _ => None,
        };
        let detail = Detail {
            findings: answer.findings.iter().map(|found| json!(found)).collect(),
            error: error.filter(|_| refusal.is_none()),
            refusal,
            run: Some(answer.figures.clone()),
            ..Detail::default()
        };
        let chat = turn.conversation.clone();
        if let Some(before) = &prepared.goes_on {
            return vec![ChatChange::Rewrite {
                chat,
                message: turn.answer.clone(),
                text: format!("{}{}", before.message.text, answer.text),
                state,
                detail: Some(detail.to_json()),
            }];
        }
        let message = NewChatMessage {
            parent: prepared.question.clone(),
            turn: Some(turn.id.clone()),
            thinking: answer.thinking.clone(),
            model: Some(answer.figures.model.clone()).filter(|model| !model.is_empty()),
            usage: answer.usage,
            state,
            detail: detail.to_json(),
            ..NewChatMessage::said(&turn.answer, Role::Assistant, self.now(), &answer.text)
        };
        vec![ChatChange::Append {
            chat,
            message: Box::new(message),
        }]
    }
}

/// Who says how long a context is, in words.
fn origin(length: &ContextLength) -> String {
    match &length.origin {
        ContextOrigin::Setting => "as set".to_owned(),
        ContextOrigin::Discovered(place) => format!("as its server says in `{place}`"),
        ContextOrigin::Assumed => "a guess, since its server doesn't say; it can be set".to_owned(),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
