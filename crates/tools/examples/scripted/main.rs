//! What tests of the crate run as processes: a scripted MCP server that can misbehave, over every transport, the
//! supervising process, and programs that use servers: one that can be killed, one that looks at any.

#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    clippy::unwrap_used,
    clippy::exit,
    clippy::zombie_processes,
    clippy::needless_pass_by_value,
    reason = "a program for tests"
)]

mod oauth;
mod parent;
mod probe;
mod script;
mod stdio;
mod web;

use std::ffi::OsString;
use std::process::ExitCode;

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().skip(1).collect();
    let mode = arguments.first().and_then(|mode| mode.to_str());
    let text = |at: usize| arguments.get(at).and_then(|text| text.to_str()).unwrap();
    match mode {
        Some("supervise") => return tools::supervise(&arguments[1..]),
        Some("server") => stdio::serve(&arguments[1..]),
        Some("web") => web::serve(text(1)),
        Some("parent") => parent::run(text(1)),
        Some("probe") => probe::run(
            &(1..arguments.len())
                .map(|at| text(at).to_owned())
                .collect::<Vec<_>>(),
        ),
        _ => panic!("which mode?"),
    }
    ExitCode::SUCCESS
}
