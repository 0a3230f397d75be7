//! What can be typed behind `blame`.

use std::path::PathBuf;

use clap::Args;

use super::common::JsonArg;
use super::examples;

/// `blame`.
#[derive(Debug, Args)]
#[command(after_help = examples::BLAME_HELP)]
pub(crate) struct BlameArgs {
    /// A file, `FILE:LINE` or `FILE:FIRST-LAST`
    #[arg(value_name = "FILE[:LINE[-LINE]]")]
    pub(crate) file: PathBuf,
    /// The file as of this commit, instead of the file on disk
    #[arg(long, value_name = "REVISION")]
    pub(crate) commit: Option<String>,
    /// Only conversations of this project, or `all` [default: that of the file]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}
