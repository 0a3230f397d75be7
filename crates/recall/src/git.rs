//! The `git` program, asked about a repository.
//!
//! A repository is not to be trusted: no hook, filter, pager, external diff or fetch is run, no lock
//! is taken, and each call ends in time and within a number of bytes.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A question to git.
pub(crate) struct Ask<'a> {
    /// Where it is asked.
    pub(crate) directory: &'a Path,
    /// The subcommand with its arguments; paths in it are meant as they are.
    pub(crate) arguments: &'a [&'a str],
    /// What stands on its standard input.
    pub(crate) input: &'a [u8],
    /// How long it may take.
    pub(crate) time: Duration,
    /// What it may print, in bytes.
    pub(crate) bytes: u64,
    /// Whether what it prints counts even if it fails.
    pub(crate) is_lenient: bool,
}

/// What git prints; `None` if there is no git, or if it fails, takes too long or prints too much.
pub(crate) fn ask(asked: &Ask<'_>) -> Option<Vec<u8>> {
    let mut child = command(asked.directory, asked.arguments).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let stdout = child.stdout.take()?;
    let ends = Instant::now() + asked.time;
    let printed = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A git that doesn't read on has its reasons, and says so by its exit code.
            let _ = stdin.write_all(asked.input);
        });
        let (done, wait) = std::sync::mpsc::channel();
        let reading = scope.spawn(move || {
            let mut printed = Vec::new();
            let read = stdout.take(asked.bytes + 1).read_to_end(&mut printed);
            let _ = done.send(());
            read.ok().map(|_| printed)
        });
        if wait.recv_timeout(asked.time).is_err() {
            let _ = child.kill();
        }
        reading.join().ok().flatten()
    });
    let printed = printed.filter(|printed| printed.len() as u64 <= asked.bytes);
    let is_well = ended(&mut child, ends);
    printed.filter(|_| is_well || asked.is_lenient)
}

/// Waits for the end, and brings it about where it doesn't come.
fn ended(child: &mut Child, ends: Instant) -> bool {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < ends => std::thread::sleep(Duration::from_millis(1)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

/// A call of git that runs nothing of what the repository says and takes no lock; nothing is read
/// from it and nothing written to it yet, and its time isn't limited.
#[must_use]
pub fn command(directory: &Path, arguments: &[&str]) -> Command {
    const ALWAYS: [&str; 8] = [
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.quotePath=false",
        "blame.ignoreRevsFile=",
        "diff.external=",
        "log.showSignature=false",
        "protocol.allow=never",
        "core.pager=cat",
    ];
    let mut command = Command::new("git");
    command.arg("-C").arg(directory);
    command.args(["--no-pager", "--no-optional-locks", "--literal-pathspecs"]);
    for setting in ALWAYS {
        command.args(["-c", setting]);
    }
    command.args(arguments);
    for inherited in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE",
        "GIT_EXTERNAL_DIFF",
        "GIT_CEILING_DIRECTORIES",
        "GIT_TRACE",
        "GIT_CONFIG_PARAMETERS",
    ] {
        command.env_remove(inherited);
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}
