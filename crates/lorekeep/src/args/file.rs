//! What can be typed of `file`.

use clap::{Args, ValueEnum};
use transcript::FileAction;

use super::common::{JsonArg, NarrowArgs};
use super::examples;

/// `file`.
#[derive(Debug, Args)]
#[command(after_help = examples::FILE_HELP)]
pub(crate) struct FileArgs {
    /// The file, or the end of its path; `*`, `?` and `**` stand for names
    pub(crate) path: String,
    /// Only conversations that read, or that edited it
    #[arg(long, value_name = "ACTION")]
    pub(crate) action: Option<FileActionArg>,
    /// How many conversations to show
    #[arg(short = 'n', long, value_name = "N", default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..=1000))]
    pub(crate) limit: u32,
    #[command(flatten)]
    pub(crate) narrow: NarrowArgs,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// What was done to a file.
// No doc comments on the variants: they would make the parser print a long help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum FileActionArg {
    Read,
    Edited,
}

impl From<FileActionArg> for FileAction {
    fn from(action: FileActionArg) -> Self {
        match action {
            FileActionArg::Read => Self::Read,
            FileActionArg::Edited => Self::Edited,
        }
    }
}
