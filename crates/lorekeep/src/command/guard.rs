//! `lorekeep guard`: what the guards are worth, in figures.

use crate::args;
use crate::exit::Outcome;
use crate::output::Output;
use crate::settings::Environment;

/// Measures the guards.
pub(crate) fn run(
    _environment: &Environment,
    command: args::Guard,
    _out: &mut Output,
) -> anyhow::Result<Outcome> {
    let args::Guard::Eval(_args) = command;
    Ok(Outcome::Done)
}
