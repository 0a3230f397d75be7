//! `lorekeep completions`: the script that completes commands and options in a shell.

use clap::CommandFactory;
use clap_complete::Shell;

use crate::args::Cli;
use crate::exit::CommandOutcome;
use crate::output::Output;

/// Prints the completion script of a shell.
pub(crate) fn run(shell: Shell, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "lorekeep", &mut script);
    out.text(&String::from_utf8_lossy(&script))?;
    Ok(CommandOutcome::Done)
}
