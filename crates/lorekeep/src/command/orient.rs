//! `lorekeep` alone: where the person stands and what to do next.

use embed::ModelState;
use wire::counted;

use super::app::App;
use crate::exit::CommandOutcome;
use crate::opening;
use crate::output::Output;
use crate::output::look::Ink;

/// Looks, and changes nothing: an archive that isn't there yet is not made.
pub(crate) fn run(app: &App, out: &mut Output) -> anyhow::Result<CommandOutcome> {
    let mut page = out.page();
    page.paint(Ink::Title, "Lorekeep")
        .push(" keeps what you and your AI assistants say to each ");
    page.push("other,\nand finds it again.\n\n");
    let next: &[(&str, &str)] = if app.home().database().exists() {
        let status = app.archive()?.status()?;
        page.push(&format!(
            "{} of {} archived.\n\n",
            counted(status.messages, "message"),
            counted(status.conversations, "conversation")
        ));
        next_steps(
            status.messages == 0,
            opening::model_store(&app.loaded).status().state == ModelState::Missing,
        )
    } else {
        page.push("Nothing is archived yet.\n\n");
        next_steps(true, false)
    };
    for (command, what) in next {
        page.push("  ")
            .paint(Ink::Name, &format!("{command:<36}"))
            .push(what)
            .end();
    }
    page.end()
        .push("`lorekeep help` lists all commands, with examples.\n");
    out.print(page)?;
    Ok(CommandOutcome::Done)
}

fn next_steps(is_empty: bool, lacks_model: bool) -> &'static [(&'static str, &'static str)] {
    if is_empty {
        &[(
            "lorekeep import",
            "import what assistants left on this machine",
        )]
    } else if lacks_model {
        &[
            (
                "lorekeep search connection refused",
                "search this directory's project",
            ),
            (
                "lorekeep model fetch",
                "find by meaning too, not by words alone",
            ),
        ]
    } else {
        &[
            (
                "lorekeep search connection refused",
                "search this directory's project",
            ),
            ("lorekeep import", "import what was said since"),
        ]
    }
}
