//! The command line of `migrate`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueHint};

use super::JsonArg;

/// `migrate`.
#[derive(Debug, Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub(crate) struct MigrateArgs {
    /// From what
    #[command(subcommand)]
    pub(crate) command: MigrateCommand,
}

/// From which program.
#[derive(Debug, Subcommand)]
pub(crate) enum MigrateCommand {
    /// Move over from Chattr: settings, servers of tools, prompts, sessions and memories
    Chattr(MigrateSourceArgs),
}

/// What is moved, and how.
#[derive(Debug, Args)]
pub(crate) struct MigrateSourceArgs {
    /// The directory that it ran in
    #[arg(value_name = "DIR", value_hint = ValueHint::DirPath)]
    pub(crate) dir: PathBuf,
    /// Only tell what would move
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Don't ask
    #[arg(long, short)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}
