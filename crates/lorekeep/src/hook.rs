//! `lorekeep hook EVENT`: what an assistant runs at certain moments.
//!
//! Whatever goes wrong, the assistant must not notice: nothing is printed but what is meant for its
//! context, the exit code is 0, and it ends in time. What went wrong stands in a log.

mod event;
mod failure;
mod log;
mod deadline;
mod archive;
mod quote;
mod recap;
mod evidence;
mod capture;

use std::io::{IsTerminal as _, Read as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use crate::args;
use crate::settings::{Environment, LoadedSettings};
use deadline::Deadline;
use event::{HookClient, HookEvent, Moment};
use failure::HookFailure;
use log::HookLog;

/// Bytes of an event that are read: more is no event, or a prompt that nothing is to be said about.
const MAX_INPUT_BYTES: u64 = 1 << 20;

/// Whether this process was started as a hook by an assistant, asked before anything else is done: it
/// must say nothing then, whatever goes wrong. A person at a terminal must hear what is wrong with the
/// arguments.
pub(crate) fn must_keep_quiet() -> bool {
    let is_hook = std::env::args_os()
        .nth(1)
        .is_some_and(|word| word == "hook");
    is_hook && !std::io::stdin().is_terminal()
}

/// Makes the process one that ends in time and keeps quiet.
pub(crate) fn keep_quiet() {
    // The message of a panic may hold what it was about.
    std::panic::set_hook(Box::new(|_| {}));
}

/// Does what is to be done at a moment.
pub(crate) fn run(args: &args::HookArgs, environment: &Environment) -> ExitCode {
    let deadline = Deadline::start();
    let loaded = LoadedSettings::read(environment).ok();
    let log = HookLog::new(loaded.as_ref().map(|loaded| loaded.locations.log.as_path()));
    if let Some(loaded) = &loaded {
        for fault in &loaded.faults {
            log.note(&args.event, &format!("{}; the default is used", fault.what));
        }
        let limit = loaded.settings.hooks.deadline_ms.get();
        deadline.set(Duration::from_millis(limit as u64), &log, &args.event);
        if let Err(failure) = act(args, loaded, &deadline) {
            log.note(&args.event, &failure.to_string());
        }
    }
    deadline.end()
}

/// Reads the event and answers it.
fn act(
    args: &args::HookArgs,
    loaded: &LoadedSettings,
    deadline: &Deadline,
) -> Result<(), HookFailure> {
    let input = input()?;
    let event = HookEvent::read(&args.event, args.client.as_deref(), &input);
    let context = match event.moment {
        Some(Moment::Start) => recap::recap(&event, loaded)?,
        Some(Moment::Prompt) => evidence::evidence(&event, loaded)?,
        Some(Moment::End) => {
            capture::capture(&event, loaded, deadline)?;
            None
        }
        None => None,
    };
    let context = context.map(|text| with_fault(text, &event, loaded));
    if let Some(answer) = context.and_then(|text| answer(&event, &text)) {
        // In one piece, so that the deadline can't cut it.
        let mut stdout = std::io::stdout().lock();
        stdout.write_all(answer.as_bytes())?;
        stdout.flush()?;
    }
    Ok(())
}

/// The context for a new session, with what is wrong in the settings: nobody reads the log of hooks.
fn with_fault(text: String, event: &HookEvent, loaded: &LoadedSettings) -> String {
    match loaded.faults.first() {
        Some(fault) if event.moment == Some(Moment::Start) => format!(
            "{text}\n(Lorekeep's settings have a mistake, in place of which the default is used: {})",
            crate::output::text::one_line(&fault.what)
        ),
        _ => text,
    }
}

/// What stands on standard input, up to a limit; the rest is read all the same, since who writes it
/// may take a closed pipe for a failure.
fn input() -> std::io::Result<Vec<u8>> {
    let mut stdin = std::io::stdin().lock();
    let mut input = Vec::new();
    (&mut stdin).take(MAX_INPUT_BYTES).read_to_end(&mut input)?;
    std::io::copy(&mut stdin, &mut std::io::sink())?;
    Ok(input)
}

/// The form in which a client takes context; `None` where it takes none at that moment.
fn answer(event: &HookEvent, text: &str) -> Option<String> {
    let mut answer = match event.client {
        HookClient::ClaudeCode | HookClient::Codex | HookClient::GeminiCli => serde_json::json!({
            "hookSpecificOutput": {"hookEventName": event.name, "additionalContext": text},
        }),
        // Cursor takes context when a session starts; a prompt can only be let through or not.
        HookClient::Cursor if event.moment == Some(Moment::Start) => {
            serde_json::json!({"additional_context": text})
        }
        HookClient::Cursor => return None,
    };
    wire::without_hidden(&mut answer);
    Some(format!("{answer}\n"))
}
