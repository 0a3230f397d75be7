//! Tools that a model may call in a turn: which are offered, whether the person allows a call, and what the model
//! is told of a result.
//!
//! Descriptions and results are text of others: both are judged, and what they say is quoted, never obeyed. No
//! command can be named from here: which servers there are is said by whoever runs the program.

mod approval;
mod questions;
mod built_in;
mod offer;
mod outcome;
mod result;
mod hls;
mod media;
mod described;

pub use approval::{ApprovalAnswer, ApprovalDecision};
pub(crate) use approval::{Approvals, AskedTool, PendingAnswers};
pub use built_in::BuiltInTool;
pub(crate) use described::{DescribedTools, each_text};
pub(crate) use hls::{Playlist, StreamSegments, is_playlist, parse as parse_playlist};
pub(crate) use media::{NamedPlace, named as named_media};
pub(crate) use offer::{OfferedKind, OfferedTool, ToolOffer};
pub(crate) use outcome::{OutcomeText, ToolOutcome};
pub(crate) use questions::AskingTurn;
pub use questions::TurnQuestions;
pub(crate) use result::ResultParts;

use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

use fetch::{FetchOptions, Fetcher};
use tools::ToolServers;

/// Which tools a chat has, and how much they may do.
#[derive(Clone)]
pub struct ToolOptions {
    /// The built-in tools that are offered where neither a conversation nor its character says otherwise.
    pub built_in: BTreeSet<BuiltInTool>,
    /// Servers of tools; `None` for none.
    pub servers: Option<ToolServers>,
    /// What brings the questions of these servers to the turns that call them; it answers for them
    /// ([`tools::Elicitor`]).
    pub questions: Arc<TurnQuestions>,
    /// What fetches files that results name, and pages: public addresses, and those of the server that named them.
    pub fetcher: Fetcher,
    /// The address of a SearXNG that searches the web; `None` for none.
    pub search_url: Option<String>,
    /// Limits.
    pub limits: CallLimits,
}

impl Default for ToolOptions {
    fn default() -> Self {
        Self {
            built_in: BTreeSet::new(),
            servers: None,
            questions: Arc::default(),
            fetcher: Fetcher::new(FetchOptions::default()),
            search_url: None,
            limits: CallLimits::default(),
        }
    }
}

/// How much tools may do in one turn.
#[derive(Clone, Copy, Debug)]
pub struct CallLimits {
    /// Calls in one turn. A model that wants more has to answer with what it knows then.
    pub calls: usize,
    /// The same call with the same arguments in one turn, before it is an error.
    pub repeated_calls: usize,
    /// Tokens of one result that the model is told. All of it is kept.
    pub result_tokens: usize,
    /// Tokens that the requests and answers of one turn may take together before no tool is called any more.
    pub turn_tokens: u64,
    /// How long the calls of one turn may take together.
    pub turn_time: Duration,
    /// How long the person is waited for, to allow a call or to answer a tool's question.
    pub approval_wait: Duration,
}

impl Default for CallLimits {
    fn default() -> Self {
        Self {
            calls: 25,
            repeated_calls: 3,
            result_tokens: 6_000,
            turn_tokens: 400_000,
            turn_time: Duration::from_secs(3_600),
            approval_wait: Duration::from_secs(300),
        }
    }
}
