//! What can be typed of `file`.

use clap::{Args, ValueEnum};
use transcript::FileAction;

use super::common::{Json, Narrow};
use super::examples;

/// `file`.
#[derive(Debug, Args)]
#[command(after_help = examples::FILE_HELP)]
pub(crate) struct File {
    /// The file, or the end of its path; `*`, `?` and `**` stand for names
    pub(crate) path: String,
    /// Only conversations that did this to it
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<Action>,
    /// How many conversations to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) narrow: Narrow,
    #[command(flatten)]
    pub(crate) json: Json,
}

/// What was done to a file.
// No doc comments on the variants: they would make the parser print a long help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Action {
    Read,
    Edited,
}

impl From<Action> for FileAction {
    fn from(action: Action) -> Self {
        match action {
            Action::Read => Self::Read,
            Action::Edited => Self::Edited,
        }
    }
}
