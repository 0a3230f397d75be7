//! `lorekeep man`: the manual, one page for each command.

use std::path::Path;

use clap::CommandFactory;
use clap_mangen::Man;
use files::{Access, Draft};

use crate::args::Cli;
use crate::exit::CommandOutcome;
use crate::output::Output;

/// Writes the pages into a directory.
pub(crate) fn run(dir: &Path, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    files::create_dir(dir)?;
    let mut command = Cli::command().disable_help_subcommand(true);
    command.build();
    write(command, dir)?;
    out.note(&format!("wrote the pages to `{}`", dir.display()));
    Ok(CommandOutcome::Done)
}

/// Writes the pages of a command and of those below it. The library's own function would write
/// through links that are in the directory.
fn write(command: clap::Command, dir: &Path) -> std::io::Result<()> {
    for below in command
        .get_subcommands()
        .filter(|below| !below.is_hide_set())
    {
        write(below.clone(), dir)?;
    }
    let page = Man::new(command);
    let mut draft = Draft::new(&dir.join(page.get_filename()), Access::Ordinary)?;
    page.render(&mut draft)?;
    draft.replace()
}
