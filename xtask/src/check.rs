//! Whether the program does what it promises on logs that nobody prepared for it.

mod transcripts;
mod said;
mod expected;
mod claude;
mod codex;
mod crash;
mod halves;
mod secrets;
mod calls;
mod settings;
mod turns;

use anyhow::bail;

use crate::args::ChoreArgs;

/// `cargo xtask check …`.
pub(crate) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    match args.word().as_deref() {
        Some("transcripts") => transcripts::run(args),
        Some("crash") => crash::run(args),
        Some("halves") => halves::run(args),
        Some("secrets") => secrets::run(args),
        Some("calls") => calls::run(args),
        Some("settings") => settings::run(args),
        Some("turns") => turns::run(args),
        _ => bail!("check what? transcripts, halves, crash, secrets, calls, settings or turns"),
    }
}
