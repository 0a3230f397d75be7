//! Questions that servers of tools ask a person in the middle of a call: they come to the turn that made the call.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde_json::{Map, Value};
use tools::{BoxedFuture, Elicitor, FormAnswer, Question};

/// A turn that can show a question and wait for the person's answer.
pub(crate) trait AskingTurn: Send + Sync {
    fn ask(&self, question: Question) -> BoxedFuture<'static, Option<Value>>;
}

/// A turn, and the number of its call.
type NumberedTurn = (u64, Arc<dyn AskingTurn>);

/// Brings questions of servers to the turns that call them.
#[derive(Default)]
pub struct TurnQuestions {
    /// The turns that call a server, by its name, the newest last.
    calling: Mutex<HashMap<String, Vec<NumberedTurn>>>,
    next: std::sync::atomic::AtomicU64,
}

impl std::fmt::Debug for TurnQuestions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TurnQuestions").finish_non_exhaustive()
    }
}

/// While it lives, questions of a server come to its turn.
pub(crate) struct CallingTurn {
    questions: Arc<TurnQuestions>,
    server: String,
    number: u64,
}

impl TurnQuestions {
    /// Has questions of a server come to a turn until what is returned is dropped.
    pub(crate) fn come_to(
        self: &Arc<Self>,
        server: &str,
        turn: Arc<dyn AskingTurn>,
    ) -> CallingTurn {
        let number = self.next.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let mut calling = self.calling.lock().unwrap_or_else(PoisonError::into_inner);
        let turns = calling.entry(server.to_owned()).or_default();
        turns.push((number, turn));
        CallingTurn {
            questions: Arc::clone(self),
            server: server.to_owned(),
            number,
        }
    }

    fn turn_of(&self, server: &str) -> Option<Arc<dyn AskingTurn>> {
        let calling = self.calling.lock().unwrap_or_else(PoisonError::into_inner);
        // The protocol doesn't say which call a question is about: with two at a time nobody is asked what
        // may be meant for another.
        match calling.get(server)?.as_slice() {
            [(_, turn)] => Some(Arc::clone(turn)),
            _ => None,
        }
    }
}

impl Drop for CallingTurn {
    fn drop(&mut self) {
        let mut calling = self
            .questions
            .calling
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if let Some(turns) = calling.get_mut(&self.server) {
            turns.retain(|(number, _)| *number != self.number);
            if turns.is_empty() {
                calling.remove(&self.server);
            }
        }
    }
}

impl Elicitor for TurnQuestions {
    fn ask(&self, question: Question) -> BoxedFuture<'_, FormAnswer> {
        let turn = self.turn_of(&question.server);
        Box::pin(async move {
            let Some(turn) = turn else {
                return FormAnswer::Declined;
            };
            match turn.ask(question).await {
                Some(Value::Object(values)) => FormAnswer::Answered(values),
                Some(Value::Null) => FormAnswer::Answered(Map::new()),
                _ => FormAnswer::Declined,
            }
        })
    }
}
