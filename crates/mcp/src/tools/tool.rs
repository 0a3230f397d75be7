//! What a tool is, and the parameters that several tools have.

use crate::call::{Answer, Call};
use crate::params::{Args, Kind, Param, optional};
use crate::refusal::Refusal;

/// A tool.
pub(crate) struct Tool {
    pub(crate) name: &'static str,
    /// Names that it has in Claude Self-Reflect from version 9 on.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) title: &'static str,
    /// When to use it, first; then what it gives.
    pub(crate) about: &'static str,
    pub(crate) params: &'static [Param],
    /// Whether it is listed where nothing else is set.
    pub(crate) is_core: bool,
    /// What it does to the archive.
    pub(crate) effect: Effect,
    pub(crate) run: fn(&Call, &Args) -> Result<Answer, Refusal>,
}

impl Tool {
    /// Answers a call; says how far the archive lags behind the logs, if it does.
    pub(crate) fn answer(&self, call: &Call, args: &Args) -> Result<Answer, Refusal> {
        let mut answer = (self.run)(call, args)?;
        if let Some(note) = call.lag.get().and_then(wire::lag_note) {
            answer.note(&note);
        }
        Ok(answer)
    }
}

/// What a tool does to the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Reads,
    Adds,
    Changes,
}

/// The parameter that most tools have.
pub(crate) const PROJECT: Param = optional(
    "project",
    Kind::Text(1024),
    "name, or \"all\"; default: this one",
);

/// How many results may be asked for.
pub(crate) const fn limit(default: i64) -> Kind {
    Kind::Whole {
        min: 1,
        max: 100,
        default,
    }
}

/// Bytes that a query may have.
pub(crate) const QUERY: Kind = Kind::Text(16 << 10);
