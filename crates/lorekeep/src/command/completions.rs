//! `lorekeep completions`: the script by which a shell completes commands, options, projects and ids.

use clap::ValueEnum as _;
use clap_complete::Shell;

use crate::completion;
use crate::exit::CommandOutcome;
use crate::output::Output;

/// Prints the completion script of a shell.
pub(crate) fn run(shell: Shell, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let name = shell.to_possible_value();
    let name = name.as_ref().map_or("", |value| value.get_name());
    let script = completion::script(name)?;
    out.text(&script.unwrap_or_default())?;
    Ok(CommandOutcome::Done)
}
