//! The command line of `forget`.

use clap::{ArgGroup, Args};

use super::{JsonArg, examples};

/// `forget`.
#[derive(Debug, Args)]
#[command(after_help = examples::FORGET_HELP)]
#[command(override_usage = "lorekeep forget [OPTIONS]")]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["conversation", "message", "project", "since", "until", "matching"]))]
pub(crate) struct ForgetArgs {
    /// The conversation of this id, or enough of its start; may be repeated
    #[arg(short, long, value_name = "ID")]
    pub(crate) conversation: Vec<String>,
    /// The message or reflection of this id; may be repeated
    #[arg(short, long, value_name = "ID")]
    pub(crate) message: Vec<String>,
    /// What belongs to this project, or `all` [default: all]
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Option<String>,
    /// What was said then or later: 2026-03-01, yesterday, 7d, "2 weeks ago"
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// What was said until then; a day counts whole
    #[arg(long, value_name = "TIME", visible_alias = "before")]
    pub(crate) until: Option<String>,
    /// Messages, titles, links and marks that hold this text
    #[arg(long, value_name = "TEXT")]
    pub(crate) matching: Option<String>,
    /// Only tell what would be forgotten
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Don't ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}
