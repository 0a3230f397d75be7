//! What a tool is, and the parameters that several tools have.

use crate::call::{McpCall, ToolAnswer};
use crate::params::{ParamKind, ToolArguments, ToolParam, optional};
use crate::refusal::Refusal;

/// A tool.
pub(crate) struct McpTool {
    pub(crate) name: &'static str,
    /// Names that it has in Claude Self-Reflect from version 9 on.
    pub(crate) aliases: &'static [&'static str],
    pub(crate) title: &'static str,
    /// When to use it, first; then what it gives.
    pub(crate) about: &'static str,
    pub(crate) params: &'static [ToolParam],
    /// Whether it is listed where nothing else is set.
    pub(crate) is_core: bool,
    /// What it does to the archive.
    pub(crate) effect: ArchiveEffect,
    pub(crate) run: fn(&McpCall, &ToolArguments) -> Result<ToolAnswer, Refusal>,
}

impl McpTool {
    /// Answers a call; says how far the archive lags behind the logs, if it does.
    pub(crate) fn answer(
        &self,
        call: &McpCall,
        args: &ToolArguments,
    ) -> Result<ToolAnswer, Refusal> {
        let mut answer = (self.run)(call, args)?;
        if let Some(note) = call.lag.get().and_then(wire::lag_note) {
            answer.note(&note);
        }
        Ok(answer)
    }
}

/// What a tool does to the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArchiveEffect {
    Reads,
    Adds,
    Changes,
}

/// The parameter that most tools have.
pub(crate) const PROJECT_PARAM: ToolParam = optional(
    "project",
    ParamKind::Text(1024),
    "name, or \"all\"; default: this one",
);

/// How many results may be asked for.
pub(crate) const fn limit(default: i64) -> ParamKind {
    ParamKind::Whole {
        min: 1,
        max: 100,
        default,
    }
}

/// Bytes that a query may have.
pub(crate) const QUERY_KIND: ParamKind = ParamKind::Text(16 << 10);
