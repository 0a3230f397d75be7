//! `lorekeep supervise-tool -- COMMAND ARGUMENTS`, which isn't for people: the program as the process that stands
//! between itself and a server of tools, so that the server ends when the program does.

use std::ffi::OsString;

/// The first arguments of the program that make it a supervising process; the command follows.
pub(crate) const SUPERVISE: [&str; 2] = ["supervise-tool", "--"];

/// The command that this process is to supervise, if that is what it was started for.
pub(crate) fn command() -> Option<Vec<OsString>> {
    let mut arguments = std::env::args_os().skip(1);
    let is_asked = SUPERVISE.iter().all(|expected| {
        let argument = arguments.next();
        argument.is_some_and(|argument| argument == *expected)
    });
    is_asked.then(|| arguments.collect())
}
