//! What a turn asks the person while it is under way: whether a call may be made, and what a tool wants to know.

use std::sync::Arc;

use serde_json::{Value, json};
use tokio::time::Instant;
use tools::{BoxedFuture, Question};

use super::active::ActiveTurn;
use super::core::{Chat, ChatInner};
use crate::event::EventName;
use crate::steps::StepCall;
use crate::toolbox::{ApprovalAnswer, ApprovalDecision, AskedTool, AskingTurn};
use crate::{Error, Result};

impl Chat {
    /// Answers what a turn asks: whether a call may be made (its id is the call's), or a tool's question.
    ///
    /// # Errors
    /// If there is no such turn under way, or it doesn't wait for this.
    pub fn answer(&self, turn: &str, question: &str, answer: ApprovalAnswer) -> Result<()> {
        let active = self.inner.turns.get(turn);
        let active = active.ok_or_else(|| Error::not_found("turn under way", turn))?;
        match active.answers.answer(question, answer) {
            true => Ok(()),
            false => Err(Error::not_found("question of this turn", question)),
        }
    }
}

/// A turn that a server's question comes to.
struct AskedTurn {
    chat: Arc<ChatInner>,
    turn: Arc<ActiveTurn>,
}

impl AskingTurn for AskedTurn {
    fn ask(&self, question: Question) -> BoxedFuture<'static, Option<Value>> {
        let (chat, turn) = (Arc::clone(&self.chat), Arc::clone(&self.turn));
        Box::pin(async move { chat.form(&turn, question).await })
    }
}

impl ChatInner {
    /// What brings questions of servers to a turn.
    pub(super) fn asking(self: &Arc<Self>, turn: &Arc<ActiveTurn>) -> Arc<dyn AskingTurn> {
        Arc::new(AskedTurn {
            chat: Arc::clone(self),
            turn: Arc::clone(turn),
        })
    }

    /// Shows a server's question and waits for what the person fills in.
    async fn form(self: &Arc<Self>, turn: &Arc<ActiveTurn>, question: Question) -> Option<Value> {
        let text = question.message.clone();
        let judged = self.read(move |inner| {
            let guards = &inner.options.guards;
            Ok(guards.engine.judge(&text, guards.foreign_in(None)).action)
        });
        // What gives orders isn't shown.
        if judged.await.ok()? >= guard::Action::Quarantine {
            return None;
        }
        let id = crate::id::new_id();
        let wait = self.options.tools.limits.approval_wait;
        let answered = turn.answers.ask(&id);
        turn.log.tell(
            EventName::InputRequested,
            json!({
                "id": id, "server": question.server, "message": question.message,
                "schema": question.schema, "wait_s": wait.as_secs(),
            }),
        );
        match tokio::time::timeout(wait, answered).await {
            Ok(Ok(ApprovalAnswer::Form(values))) => values,
            _ => None,
        }
    }

    /// Whether a call may be made; why not, if it may not. Waits for the person where they have to be asked.
    pub(super) async fn allows(
        self: &Arc<Self>,
        turn: &ActiveTurn,
        call: &StepCall,
        tool: &AskedTool,
    ) -> Result<(), String> {
        if !tool.asks_always && self.is_approved(turn, tool).await {
            return Ok(());
        }
        let wait = self.options.tools.limits.approval_wait;
        let until = Instant::now() + wait;
        // The answer to one call of a tool may be that to others that wait.
        let mut asked = None;
        if !tool.asks_always {
            let others = turn.answers.turn_of(tool);
            asked = tokio::time::timeout_at(until, others.lock_owned())
                .await
                .ok();
            if asked.is_some() && self.is_approved(turn, tool).await {
                return Ok(());
            }
        }
        let answered = turn.answers.ask(call.id());
        let mut data = call.view(&self.vault(&turn.conversation));
        data["description"] = tool.description.as_str().into();
        data["may_allow_always"] = (!tool.asks_always).into();
        data["wait_s"] = wait.as_secs().into();
        turn.log.tell(EventName::ApprovalRequested, data);
        let answer = tokio::time::timeout_at(until, answered).await;
        let (said, allowed) = match answer {
            Ok(Ok(ApprovalAnswer::Decision(ApprovalDecision::Deny))) => (
                "denied",
                Err("the person doesn't allow this call".to_owned()),
            ),
            Ok(Ok(ApprovalAnswer::Decision(decision))) => {
                let for_good = decision == ApprovalDecision::AllowAlways;
                if !tool.asks_always {
                    self.approve(turn, tool, for_good).await;
                }
                ("allowed", Ok(()))
            }
            Ok(Ok(ApprovalAnswer::Form(_)) | Err(_)) => {
                ("denied", Err("the call wasn't allowed".to_owned()))
            }
            Err(_) => (
                "unanswered",
                Err(format!(
                    "nobody allowed this call within {} s",
                    wait.as_secs()
                )),
            ),
        };
        turn.log.tell(
            EventName::ToolCallProgress,
            json!({"id": call.id(), "approval": said}),
        );
        drop(asked);
        allowed
    }

    async fn is_approved(self: &Arc<Self>, turn: &ActiveTurn, tool: &AskedTool) -> bool {
        let (chat, tool) = (turn.conversation.clone(), tool.clone());
        let known = self.read(move |inner| Ok(inner.approvals.has(&chat, tool.named())));
        known.await.unwrap_or(false)
    }

    /// Remembers that a tool may be called. That it can't be is told: then it is asked for again.
    async fn approve(self: &Arc<Self>, turn: &ActiveTurn, tool: &AskedTool, for_good: bool) {
        let (chat, tool) = (turn.conversation.clone(), tool.clone());
        let kept = self.read(move |inner| Ok(inner.approvals.add(&chat, tool.named(), for_good)));
        if let Ok(Err(error)) = kept.await {
            let notice: Value =
                format!("that this tool is allowed couldn't be kept: {error}").into();
            turn.log
                .tell(EventName::RunNotice, json!({"notice": notice}));
        }
    }
}
