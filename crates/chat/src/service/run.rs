//! How a turn goes on: the model is asked, what it says is judged on its way, told to whoever listens, and
//! kept.

use std::sync::{Arc, PoisonError};

use memory::{ChatChange, ChatMessageState, NewChatMessage, Role, TurnEnd, TurnState};
use serde_json::{Value, json};

use super::active::ActiveTurn;
use super::active::TurnRequest;
use super::begin::PreparedTurn;
use super::core::{ChatEvent, ChatInner};
use super::hearing::{Answer, AnswerEnd};
use super::told::error_data;
use crate::detail::Detail;
use crate::event::EventName;
use crate::model::ModelHandle;
use crate::steps;
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
        self.draw_facts(turn, &prepared);
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
        if !prepared.recalled.is_empty() || !prepared.facts.is_empty() {
            turn.log.tell(
                EventName::MemoryRecalled,
                json!({"messages": prepared.recalled, "facts": prepared.facts}),
            );
        }
        prepared.knowledge.tell(&turn.log);
        if let Some(message) = &prepared.goes_on {
            let text = self.vault(&turn.conversation);
            turn.log.content(&text.reveal(&message.message.text));
        }
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
        changes.extend(self.facts_due(turn, &prepared.settings));
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
            steps: prepared.all_steps(&answer.steps),
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
        let (tools, results) = steps::logged(&answer.steps);
        let message = NewChatMessage {
            tools,
            results,
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
