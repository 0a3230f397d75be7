//! `lorekeep man`: the manual, one page for each command.

use std::path::Path;

use clap::CommandFactory;

use crate::args::Cli;
use crate::exit::Outcome;
use crate::output::Output;

/// Writes the pages into a directory.
pub(crate) fn run(dir: &Path, out: &mut Output) -> anyhow::Result<Outcome> {
    fs_err::create_dir_all(dir)?;
    clap_mangen::generate_to(Cli::command().disable_help_subcommand(true), dir)?;
    out.note(&format!("wrote the pages to `{}`", dir.display()));
    Ok(Outcome::Done)
}
