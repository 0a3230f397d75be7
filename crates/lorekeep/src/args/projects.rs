//! The command line of `projects`.

use clap::{Args, Subcommand};

use super::{JsonArg, examples};

/// `projects`.
#[derive(Debug, Args)]
#[command(after_help = examples::PROJECTS_HELP)]
#[command(args_conflicts_with_subcommands = true)]
pub(crate) struct ProjectsArgs {
    #[command(subcommand)]
    pub(crate) command: Option<ProjectsCommand>,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}

/// What is done to projects.
#[derive(Debug, Subcommand)]
pub(crate) enum ProjectsCommand {
    /// List projects
    List(JsonArg),
    /// Make a project part of another; without names, list those that may be one
    Merge(MergeArgs),
    /// Give a project another name
    Rename(RenameArgs),
    /// Take back the last merge or rename
    Undo(UndoArgs),
}

/// `projects merge`.
#[derive(Debug, Args)]
#[command(after_help = examples::PROJECTS_MERGE_HELP)]
pub(crate) struct MergeArgs {
    /// The project that becomes part of the other: name, key or path
    #[arg(requires = "into")]
    pub(crate) from: Option<String>,
    /// The other project; `.` means that of this directory
    pub(crate) into: Option<String>,
    #[command(flatten)]
    pub(crate) how: ChangeArgs,
}

/// `projects rename`.
#[derive(Debug, Args)]
#[command(after_help = examples::PROJECTS_RENAME_HELP)]
pub(crate) struct RenameArgs {
    /// The project: name, key or path; `.` means that of this directory
    pub(crate) project: String,
    /// Its new name
    pub(crate) name: String,
    #[command(flatten)]
    pub(crate) how: ChangeArgs,
}

/// `projects undo`.
#[derive(Debug, Args)]
#[command(after_help = examples::PROJECTS_UNDO_HELP)]
pub(crate) struct UndoArgs {
    /// What was last done to this project [default: to any]
    pub(crate) project: Option<String>,
    #[command(flatten)]
    pub(crate) how: ChangeArgs,
}

/// How projects are changed.
#[derive(Clone, Copy, Debug, Args)]
pub(crate) struct ChangeArgs {
    /// Only tell what would be done
    #[arg(long, conflicts_with = "yes")]
    pub(crate) dry_run: bool,
    /// Don't ask
    #[arg(short, long)]
    pub(crate) yes: bool,
    #[command(flatten)]
    pub(crate) json: JsonArg,
}
