//! Turns that are under way, or ended a moment ago.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use crate::options::ChatLimits;
use crate::toolbox::PendingAnswers;
use crate::turn::TurnLog;
use crate::{Error, Result};

/// What a person asks of a turn.
#[derive(Clone, Debug, Default)]
pub struct TurnRequest {
    /// What is to be done.
    pub ask: TurnAsk,
    /// The model that answers this turn; `None` for the conversation's.
    pub model: Option<String>,
    /// Parameters of the model's API for this turn, over those of the conversation.
    pub parameters: Map<String, Value>,
    /// Whether memory is searched; `None` for what the conversation says.
    pub recall: Option<bool>,
}

/// What a turn does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TurnAsk {
    /// A person says something.
    Say {
        /// The id that the message gets, a UUID that the caller chose: if it is sent again, nothing is said
        /// twice. `None` for one that is made up.
        id: Option<String>,
        /// What they say.
        text: String,
        /// Ids of pictures that go with it.
        attachments: Vec<String>,
        /// The message that it follows: `None` for the end of the branch that is shown, `Some(None)` for the
        /// very start.
        parent: Option<Option<String>>,
    },
    /// An answer is given anew, beside the one that is there.
    Regenerate {
        /// The answer, or the person's message whose answer is wanted.
        message: String,
    },
    /// An answer that was cut goes on.
    Continue {
        /// The answer.
        message: String,
    },
}

impl Default for TurnAsk {
    fn default() -> Self {
        Self::Say {
            id: None,
            text: String::new(),
            attachments: Vec::new(),
            parent: None,
        }
    }
}

/// Why a turn is stopped.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum StopReason {
    /// The person wants it.
    Person,
    /// The program ends.
    Ending,
}

/// A turn under way, or one that ended a moment ago.
#[derive(Debug)]
pub(super) struct ActiveTurn {
    pub(super) id: String,
    pub(super) conversation: String,
    /// The id that the answer has or gets.
    pub(super) answer: String,
    /// The id of the message that is said, where one is.
    pub(super) question: Option<String>,
    pub(super) log: Arc<TurnLog>,
    pub(super) cancel: CancellationToken,
    pub(super) stop_reason: OnceLock<StopReason>,
    /// What was sent to the model.
    pub(super) request: Mutex<Option<Vec<u8>>>,
    /// What waits for the person.
    pub(super) answers: PendingAnswers,
}

impl ActiveTurn {
    /// Stops it; the first reason counts.
    pub(super) fn stop(&self, reason: StopReason) {
        let _ = self.stop_reason.set(reason);
        self.cancel.cancel();
    }

    pub(super) fn stopped_by_end(&self) -> bool {
        self.stop_reason.get() == Some(&StopReason::Ending)
    }
}

/// What came of taking in a turn.
pub(super) enum Admission {
    /// It is taken in, and waits for this before it begins: one turn at a time in each conversation.
    New(Arc<tokio::sync::Mutex<()>>),
    /// This one says the same message.
    Known(Arc<ActiveTurn>),
}

/// The turns of one person that this process knows of.
pub(super) struct ActiveTurns {
    limits: ChatLimits,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    turns: HashMap<String, Arc<ActiveTurn>>,
    /// When those that ended did so.
    ended: VecDeque<(Instant, String)>,
    /// One turn at a time in each conversation; the number of those that are under way or wait.
    queues: HashMap<String, (Arc<tokio::sync::Mutex<()>>, usize)>,
}

impl ActiveTurns {
    pub(super) fn new(limits: ChatLimits) -> Self {
        Self {
            limits,
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes in a new turn, unless another one says the same message.
    pub(super) fn add(&self, turn: Arc<ActiveTurn>) -> Result<Admission> {
        let mut state = self.state();
        if let Some(known) = turn
            .question
            .as_deref()
            .and_then(|id| state.of_question(&turn.conversation, id))
        {
            return Ok(Admission::Known(known));
        }
        state.prune(self.limits.ended_turn);
        let under_way = state.turns.len() - state.ended.len();
        if under_way >= self.limits.turns {
            return Err(Error::Busy {
                what: format!("{under_way} turns are under way"),
                retry_after: Duration::from_secs(5),
            });
        }
        let queue = state.queues.entry(turn.conversation.clone()).or_default();
        if queue.1 > self.limits.queue {
            return Err(Error::Busy {
                what: format!("{} messages wait in this conversation", queue.1 - 1),
                retry_after: Duration::from_secs(5),
            });
        }
        queue.1 += 1;
        let gate = Arc::clone(&queue.0);
        state.turns.insert(turn.id.clone(), turn);
        Ok(Admission::New(gate))
    }

    /// Notes that a turn ended.
    pub(super) fn ended(&self, turn: &ActiveTurn) {
        let mut state = self.state();
        state.ended.push_back((Instant::now(), turn.id.clone()));
        if let Some(queue) = state.queues.get_mut(&turn.conversation) {
            queue.1 -= 1;
            if queue.1 == 0 {
                state.queues.remove(&turn.conversation);
            }
        }
    }

    /// The turn of this id, if it is known here.
    pub(super) fn get(&self, id: &str) -> Option<Arc<ActiveTurn>> {
        self.state().turns.get(id).cloned()
    }

    /// The turn in which a message of this id is said.
    pub(super) fn of_question(&self, conversation: &str, id: &str) -> Option<Arc<ActiveTurn>> {
        self.state().of_question(conversation, id)
    }

    /// The turns of a conversation that are under way, or wait.
    pub(super) fn running(&self, conversation: &str) -> Vec<Arc<ActiveTurn>> {
        let state = self.state();
        let turns = state.turns.values();
        turns
            .filter(|turn| turn.conversation == conversation && !turn.log.is_ended())
            .cloned()
            .collect()
    }

    /// Forgets what turns of a conversation said.
    pub(super) fn forget(&self, conversation: &str) {
        let mut state = self.state();
        state
            .turns
            .retain(|_, turn| turn.conversation != conversation || !turn.log.is_ended());
        let State { turns, ended, .. } = &mut *state;
        ended.retain(|(_, id)| turns.contains_key(id));
    }

    /// Stops all of them, since the program ends.
    pub(super) fn interrupt_all(&self) {
        for turn in self.state().turns.values() {
            turn.stop(StopReason::Ending);
        }
    }
}

impl State {
    fn of_question(&self, conversation: &str, id: &str) -> Option<Arc<ActiveTurn>> {
        let mut turns = self.turns.values();
        let is_it = |turn: &&Arc<ActiveTurn>| {
            turn.conversation == conversation && turn.question.as_deref() == Some(id)
        };
        turns.find(is_it).cloned()
    }

    fn prune(&mut self, after: Duration) {
        while let Some((when, _)) = self.ended.front()
            && when.elapsed() > after
            && let Some((_, id)) = self.ended.pop_front()
        {
            self.turns.remove(&id);
        }
    }
}
