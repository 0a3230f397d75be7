//! Events of a turn, with the names that users of Chattr know.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

/// An event of a turn, as a page reads it.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its number in its turn, from 1; a snapshot has that of the last event that it holds.
    pub id: u64,
    /// Its name, such as `RunContent`.
    pub name: &'static str,
    /// What it says, as JSON.
    pub data: Arc<str>,
}

impl Event {
    /// An event whose data is a value.
    pub(crate) fn new(id: u64, name: EventName, data: &impl Serialize) -> Self {
        let data = serde_json::to_string(data).unwrap_or_else(|_| "{}".to_owned());
        Self {
            id,
            name: name.name(),
            data: data.into(),
        }
    }
}

/// The names of events.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventName {
    /// All that a turn has said so far: whoever comes later begins with it.
    RunSnapshot,
    RunStarted,
    RunContent,
    RunCompleted,
    RunError,
    RunCancelled,
    ReasoningStep,
    GuardFinding,
    MemoryRecalled,
    ToolCallStarted,
    ToolCallProgress,
    ToolCallCompleted,
    ToolCallError,
    /// A call waits for the person to allow it.
    ApprovalRequested,
    /// A tool's server asks the person for something.
    InputRequested,
    KnowledgeRecalled,
    /// Something that a person should know, such as a parameter that the model refused.
    RunNotice,
}

impl EventName {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RunSnapshot => "RunSnapshot",
            Self::RunStarted => "RunStarted",
            Self::RunContent => "RunContent",
            Self::RunCompleted => "RunCompleted",
            Self::RunError => "RunError",
            Self::RunCancelled => "RunCancelled",
            Self::ReasoningStep => "ReasoningStep",
            Self::GuardFinding => "GuardFinding",
            Self::MemoryRecalled => "MemoryRecalled",
            Self::ToolCallStarted => "ToolCallStarted",
            Self::ToolCallProgress => "ToolCallProgress",
            Self::ToolCallCompleted => "ToolCallCompleted",
            Self::ToolCallError => "ToolCallError",
            Self::ApprovalRequested => "ApprovalRequested",
            Self::InputRequested => "InputRequested",
            Self::KnowledgeRecalled => "KnowledgeRecalled",
            Self::RunNotice => "RunNotice",
        }
    }

    /// Whether nothing comes after it.
    pub(crate) fn is_end(self) -> bool {
        matches!(
            self,
            Self::RunCompleted | Self::RunError | Self::RunCancelled
        )
    }
}

/// A piece of text.
#[derive(Serialize)]
pub(crate) struct Piece<'a> {
    pub(crate) text: &'a str,
}

/// An event that was told and is kept for those who come later.
#[derive(Clone, Debug)]
pub(crate) struct Told {
    pub(crate) name: EventName,
    pub(crate) data: Value,
}
