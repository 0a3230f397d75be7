//! The options of an MCP server: settings come as values, never from a file or the environment.

use std::path::PathBuf;

use jiff::Zoned;
use memory::{Decay, Mode};

/// The options of an [`McpServer`](crate::McpServer).
#[derive(Clone, Debug)]
pub struct McpOptions {
    /// Which tools are listed to clients. A tool that isn't listed can be called all the same.
    pub tools: ToolSet,
    /// How many tokens an answer may take in a model's context, as [`wire::tokens::estimate`] counts them.
    /// It holds for its text and for its structured values, each alone. The setting allows 500 to 20,000.
    pub max_answer_tokens: usize,
    /// Whether searches go by words, by meaning or by both.
    pub search_mode: Mode,
    /// How much age takes from a hit's score, in searches in which age counts.
    pub decay: Decay,
    /// Whether age counts in a search if its call doesn't say.
    pub is_decay_on: bool,
    /// Directories whose files the tool `blame` may read for clients over HTTP; relative ones are ignored. If
    /// empty, it reads none. Over standard input and output this has no effect.
    pub http_readable: Vec<PathBuf>,
    /// The person's home directory: for clients over HTTP it is never taken for a project's directory, and
    /// `~` in the path that `search_by_file` takes stands for it. Over standard input and output the home
    /// directory in [`Whereabouts`](crate::Whereabouts) counts.
    pub user_home: Option<PathBuf>,
    /// A sentence for clients about what is wrong in the settings, which they may tell the person; `None` if
    /// nothing is.
    pub settings_note: Option<String>,
    /// A function that returns the present time in the person's time zone, by which words such as `yesterday`
    /// and calendar days are understood.
    pub local_time: fn() -> Zoned,
}

/// Which tools are listed to clients. Those that aren't listed can be called all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ToolSet {
    /// The seven that are needed daily, so that the list takes few tokens of a model's context.
    Compact,
    /// All of them.
    All,
    /// All of them, and those that Claude Self-Reflect (an earlier program) calls `csr_…` by that name too.
    SelfReflect,
}

impl ToolSet {
    /// Every set, the setting's default first.
    pub const ALL: [Self; 3] = [Self::Compact, Self::All, Self::SelfReflect];

    /// The name in settings and arguments: `compact`, `all` or `self-reflect`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::All => "all",
            Self::SelfReflect => "self-reflect",
        }
    }

    /// The set whose [`Self::name`] is exactly this; `None` for any other text, also in upper case.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.name() == name)
    }
}
