//! The command line of `exclude`.

use clap::{ArgGroup, Args, Subcommand};
use transcript::Source;

use super::common::{JsonArg, sources};
use super::examples;

/// `exclude`.
#[derive(Debug, Subcommand)]
pub(crate) enum ExcludeCommand {
    /// Never import these from now on
    Add(AddArgs),
    /// List what is excluded
    List(JsonArg),
    /// Import these again
    Remove(RemoveArgs),
}

/// What is meant.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("what").required(true).multiple(true)
    .args(["paths", "project", "source"]))]
pub(crate) struct ExcludedArgs {
    /// Paths, in which `*`, `?` and `**` stand for names
    #[arg(value_name = "PATH")]
    pub(crate) paths: Vec<String>,
    /// A project by name or key; may be repeated
    #[arg(short, long, value_name = "NAME")]
    pub(crate) project: Vec<String>,
    /// A source; may be repeated
    #[arg(long, value_name = "SOURCE", value_parser = sources())]
    pub(crate) source: Vec<Source>,
}

/// `exclude add`.
#[derive(Debug, Args)]
#[command(after_help = examples::EXCLUDE_ADD_HELP)]
#[command(override_usage = "lorekeep exclude add [OPTIONS] [PATH]...")]
pub(crate) struct AddArgs {
    #[command(flatten)]
    pub(crate) what: ExcludedArgs,
    /// Forget what is in the archive already, without asking
    #[arg(long, conflicts_with = "keep")]
    pub(crate) forget: bool,
    /// Keep what is in the archive already, without asking
    #[arg(long)]
    pub(crate) keep: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// `exclude remove`.
#[derive(Debug, Args)]
#[command(after_help = examples::EXCLUDE_REMOVE_HELP)]
#[command(override_usage = "lorekeep exclude remove [OPTIONS] [PATH]...")]
pub(crate) struct RemoveArgs {
    #[command(flatten)]
    pub(crate) what: ExcludedArgs,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}
