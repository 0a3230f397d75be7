//! The program that people read long output with, as git has it: what `PAGER` names, else `less`. It is
//! given what would go to standard output.

use std::io::{self, BufWriter};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use crate::settings::PagerChoice;

/// The pager where nothing names one, which most systems have.
const DEFAULT_PAGER: &str = "less";

/// What `less` does unless `LESS` says otherwise, as for git: end at once where all fits on the screen, show
/// colours, leave the text on the screen.
const LESS_OPTIONS: &str = "FRX";

/// Exit code of a shell that knows no such command.
const NO_SUCH_COMMAND: i32 = 127;

/// A pager at work.
pub(super) struct Pager {
    child: Child,
    /// Taken away when all was written.
    pub(super) input: Option<BufWriter<ChildStdin>>,
}

impl Pager {
    /// Starts it; `None` if none is wanted, or if it can't be started: the output goes to the terminal then.
    pub(super) fn start(choice: &PagerChoice) -> Option<Self> {
        let wanted = choice.command.as_deref().map(str::trim);
        if matches!(wanted, Some("" | "cat")) {
            return None;
        }
        let mut command = command(wanted.unwrap_or(DEFAULT_PAGER));
        if !choice.has_less_options {
            command.env("LESS", LESS_OPTIONS);
        }
        let mut child = command.stdin(Stdio::piped()).spawn().ok()?;
        let input = child.stdin.take()?;
        // Ctrl-C is for the pager, which stops a search of its own with it; this process waits for it.
        let ignored = Arc::new(AtomicBool::new(false));
        let _ = signal_hook::flag::register(signal_hook::consts::SIGINT, ignored);
        Some(Self {
            child,
            input: Some(BufWriter::new(input)),
        })
    }

    /// Waits until the person has read it all. Whether the shell knew the command.
    pub(super) fn wait(mut self) -> io::Result<bool> {
        drop(self.input.take());
        let status = self.child.wait()?;
        Ok(status.code() != Some(NO_SUCH_COMMAND))
    }
}

/// One word is a program; more is for the shell, as it would be anywhere else.
#[cfg(unix)]
fn command(pager: &str) -> Command {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    if pager.chars().all(is_word) {
        return Command::new(pager);
    }
    let mut shell = Command::new("/bin/sh");
    shell.arg("-c").arg(pager);
    shell
}

#[cfg(not(unix))]
fn command(pager: &str) -> Command {
    let mut words = pager.split_whitespace();
    let mut command = Command::new(words.next().unwrap_or(DEFAULT_PAGER));
    command.args(words);
    command
}
