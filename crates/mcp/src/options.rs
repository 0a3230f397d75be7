//! What a server is set up with: settings come as values, never from a file or the environment.

use std::path::PathBuf;

use jiff::Zoned;
use memory::{Decay, Mode};

/// What a server is set up with.
#[derive(Clone, Debug)]
pub struct McpOptions {
    /// Which tools clients are told of. What isn't listed can be called all the same.
    pub tools: ToolSet,
    /// How many tokens an answer may take in a model's context.
    pub max_answer_tokens: usize,
    /// Whether searches go by words, by meaning or by both.
    pub search_mode: Mode,
    /// How much age takes from a score, where age counts.
    pub decay: Decay,
    /// Whether age counts where a call doesn't say.
    pub is_decay_on: bool,
    /// Directories whose files `blame` may read for clients over HTTP; relative ones are left out.
    pub http_readable: Vec<PathBuf>,
    /// The person's home directory, which is no project.
    pub user_home: Option<PathBuf>,
    /// The time now where the person is.
    pub local_time: fn() -> Zoned,
}

/// Which tools clients are told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ToolSet {
    /// The few that are needed daily.
    Compact,
    /// All of them.
    All,
    /// All of them, under Claude Self-Reflect's later names too.
    SelfReflect,
}

impl ToolSet {
    /// Every set, the default first.
    pub const ALL: [Self; 3] = [Self::Compact, Self::All, Self::SelfReflect];

    /// The name in settings and arguments.
    pub fn name(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::All => "all",
            Self::SelfReflect => "self-reflect",
        }
    }

    /// The set of a name; `None` for a name that no set has.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.name() == name)
    }
}
