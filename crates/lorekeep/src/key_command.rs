//! Keys that a program tells: whatever keeps them, such as a keyring, a password manager or a vault.

use std::io::Read as _;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc;
use std::time::Duration;

use crate::fault::Fault;

/// How long the program may take: it may ask the person to unlock something.
const COMMAND_TIMEOUT: Duration = Duration::from_secs(60);

/// Bytes of its output that are read.
const MAX_OUTPUT_BYTES: u64 = 64 << 10;

/// The first line that a setting's command prints, run by the system's shell. What it says on standard error goes to
/// the person.
///
/// # Errors
/// If it can't be started, fails, prints nothing or takes too long; never with anything of what it printed.
pub(crate) fn first_line(setting: &str, command: &str) -> Result<String, Fault> {
    let failed = |what: &str| {
        Fault::failure(format!("the command in `{setting}` {what}"))
            .hint("run it in a shell: its first line of output must be the key")
    };
    let mut child = shell(command)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|error| failed(&format!("can't be started: {error}")))?;
    let Some(output) = output_of(&mut child) else {
        let _ = child.kill();
        let _ = child.wait();
        return Err(failed("took more than 60 seconds"));
    };
    let status = child
        .wait()
        .map_err(|error| failed(&format!("can't be waited for: {error}")))?;
    if !status.success() {
        return Err(failed(&match status.code() {
            Some(code) => format!("failed with exit code {code}"),
            None => "was ended by a signal".to_owned(),
        }));
    }
    let line = output.lines().next().unwrap_or_default().trim();
    match line.is_empty() {
        true => Err(failed("printed no key")),
        false => Ok(line.to_owned()),
    }
}

/// All that a program prints; `None` if that takes too long.
fn output_of(child: &mut Child) -> Option<String> {
    let stdout = child.stdout.take()?;
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || {
        let mut bytes = Vec::new();
        // What can't be read is an empty key, which is told.
        let _ = stdout.take(MAX_OUTPUT_BYTES).read_to_end(&mut bytes);
        let _ = sender.send(String::from_utf8_lossy(&bytes).into_owned());
    });
    receiver.recv_timeout(COMMAND_TIMEOUT).ok()
}

#[cfg(not(windows))]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("sh");
    shell.args(["-c", command]);
    shell
}

#[cfg(windows)]
fn shell(command: &str) -> Command {
    let mut shell = Command::new("cmd");
    shell.args(["/C", command]);
    shell
}
