//! How much tools have done in a turn, and whether they may do more.

use std::collections::HashMap;
use std::time::Instant;

use serde_json::{Map, Value};

use super::begin::PreparedTurn;
use super::hearing::Answer;
use crate::detail::Detail;
use crate::steps::{AnswerStep, CallState, StepCall};
use crate::toolbox::{CallLimits, ToolOffer, ToolOutcome};

/// What has happened in a turn with tools.
pub(super) struct Rounds {
    pub(super) offer: ToolOffer,
    limits: CallLimits,
    began: Instant,
    made: usize,
    /// How often which call was made.
    repeats: HashMap<(String, String), usize>,
    /// Why nothing is called any more.
    over: Option<&'static str>,
}

impl Rounds {
    pub(super) fn new(offer: ToolOffer, limits: CallLimits) -> Self {
        Self {
            offer,
            limits,
            began: Instant::now(),
            made: 0,
            repeats: HashMap::new(),
            over: None,
        }
    }

    /// Whether the model was told with its last request that nothing is called any more.
    pub(super) fn has_said_over(&self) -> bool {
        self.over.is_some()
    }

    /// What a request says of tools.
    pub(super) fn add_to(&self, body: &mut Map<String, Value>) {
        if self.offer.is_empty() {
            return;
        }
        body.insert("tools".to_owned(), self.offer.as_json().into());
        if self.over.is_some() {
            body.insert("tool_choice".to_owned(), "none".into());
        }
    }

    /// Why a call isn't made; `None` if it is.
    pub(super) fn refusal(&mut self, call: &StepCall) -> Option<String> {
        if let Some(why) = self.over {
            return Some(format!("not made: {why}; answer with what you know"));
        }
        if self.made >= self.limits.calls {
            self.over = Some("this turn has made all the calls that it may");
            return self.refusal(call);
        }
        let key = (call.wire_name().to_owned(), call.arguments().to_owned());
        let repeats = self.repeats.entry(key).or_default();
        *repeats += 1;
        if *repeats > self.limits.repeated_calls {
            return Some(format!(
                "not made: the same call was made {} times in this turn; its result won't be another one",
                self.limits.repeated_calls
            ));
        }
        self.made += 1;
        None
    }

    /// Finds tools for which there was no room.
    pub(super) fn look_for(&mut self, call: &StepCall) -> ToolOutcome {
        let arguments: Value = serde_json::from_str(call.arguments()).unwrap_or_default();
        let words = arguments["query"].as_str().unwrap_or_default();
        ToolOutcome {
            state: CallState::Done,
            told: self.offer.look_for(words),
            ..ToolOutcome::default()
        }
    }

    /// Notes what the turn took so far.
    pub(super) fn note(&mut self, answer: &Answer) {
        let spent = answer.spent.prompt_tokens + answer.spent.completion_tokens;
        if self.began.elapsed() > self.limits.turn_time {
            self.over = Some("this turn has taken as long as it may");
        } else if spent > self.limits.turn_tokens {
            self.over = Some("this turn has taken as many tokens as it may");
        } else if self.made >= self.limits.calls {
            self.over = Some("this turn has made all the calls that it may");
        }
    }
}

impl PreparedTurn {
    /// The rounds of an answer, with those that it had before it goes on.
    pub(super) fn all_steps(&self, new: &[AnswerStep]) -> Vec<AnswerStep> {
        let Some(before) = &self.goes_on else {
            return new.to_vec();
        };
        let mut all = Detail::parse(&before.detail).steps;
        all.extend(new.iter().cloned().map(|mut step| {
            step.at += before.message.text.len();
            step
        }));
        all
    }
}
