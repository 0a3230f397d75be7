//! The `git` program, asked about a repository.
//!
//! A repository is not to be trusted: no hook, pager or fetch is run, no lock is taken, and each call ends in
//! time and within a number of bytes. Programs that its attributes choose (filters, text conversions,
//! external diffs) are kept out by the arguments of each call; see [`command`].

use std::ffi::{OsStr, OsString};
use std::io::{ErrorKind, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// A call of git whose output is read, with its limits.
pub(crate) struct Ask<'a> {
    /// The directory that git runs in.
    pub(crate) directory: &'a Path,
    /// The subcommand with its arguments; paths in it are meant as they are.
    pub(crate) arguments: &'a [&'a str],
    /// What git reads from its standard input.
    pub(crate) input: &'a [u8],
    /// How long git may take before it is killed.
    pub(crate) time: Duration,
    /// The largest number of bytes that git may print; more counts as a failure.
    pub(crate) bytes: u64,
    /// Whether what git prints counts even if it exits with an error.
    pub(crate) is_lenient: bool,
}

/// What git prints; `None` if there is no git, or if it fails, takes too long or prints too much.
pub(crate) fn ask(asked: &Ask<'_>) -> Option<Vec<u8>> {
    // What a clone holds that looks like a repository isn't one that anybody asked about.
    let strictly = ["-c", "safe.bareRepository=explicit"];
    let arguments: Vec<&str> = strictly.iter().chain(asked.arguments).copied().collect();
    answer(command(asked.directory, &arguments).spawn().ok()?, asked)
}

/// Runs git in a directory, as [`command`] does, and returns what it prints to standard output, whether it
/// succeeds or not. For a repository that a person named. Git is killed after 8 seconds, since a file of
/// the repository may be a named pipe.
///
/// # Errors
/// If git can't be started; as [`ErrorKind::TimedOut`] if it takes longer than that or prints more than 64
/// KiB.
pub fn output(directory: &Path, arguments: &[&str]) -> std::io::Result<Vec<u8>> {
    let asked = Ask {
        directory,
        arguments,
        input: &[],
        time: Duration::from_secs(8),
        bytes: 64 << 10,
        is_lenient: true,
    };
    let child = command(directory, arguments).spawn()?;
    answer(child, &asked).ok_or_else(|| ErrorKind::TimedOut.into())
}

fn answer(mut child: Child, asked: &Ask<'_>) -> Option<Vec<u8>> {
    let mut stdin = child.stdin.take()?;
    let stdout = child.stdout.take()?;
    bound_memory(&child);
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
        let is_in_time = wait.recv_timeout(asked.time).is_ok();
        if !is_in_time {
            let _ = child.kill();
        }
        reading.join().ok().flatten().filter(|_| is_in_time)
    });
    let printed = printed.filter(|printed| printed.len() as u64 <= asked.bytes);
    let is_well = ended(&mut child, ends);
    printed.filter(|_| is_well || asked.is_lenient)
}

/// Bounds the memory of a git: a file of the repository may lead to a device without end, of which it
/// reads all that it can.
#[cfg(target_os = "linux")]
fn bound_memory(child: &Child) {
    use rustix::process::{Pid, Resource, Rlimit, prlimit};
    const MAX_BYTES: u64 = 2 << 30;
    let limit = Rlimit {
        current: Some(MAX_BYTES),
        maximum: Some(MAX_BYTES),
    };
    // Where it can't be bounded its time still is.
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    let _ = pid.map(|pid| prlimit(Some(pid), Resource::Data, limit));
}

#[cfg(not(target_os = "linux"))]
fn bound_memory(_: &Child) {}

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

/// A call of git in `directory` with a subcommand and its arguments, not started yet, that is safe in a
/// repository which isn't trusted, if the caller keeps to what the next paragraph asks: it runs no program
/// that the repository's settings name, reaches no other machine and takes no lock. Paths among the arguments are taken literally. Standard input and output are
/// pipes, errors are dropped. The caller must limit its time.
///
/// Programs that attributes choose aren't overruled here: where git makes diffs, the caller passes
/// `--no-textconv` and `--no-ext-diff`, and it uses no subcommand that reads files of the working tree through
/// filters (`status`, `diff` or `blame` without a commit).
///
/// The repository's own settings count for git, so each other that could start a program or a transfer is
/// overruled, and no transport is allowed at all. Of the environment git gets only what it needs to be
/// found and to find the person's settings: a variable such as `GIT_DIR` or `GIT_CONFIG_COUNT` would
/// count for more than what is said here.
#[must_use]
pub fn command(directory: &Path, arguments: &[&str]) -> Command {
    const SAFE_SETTINGS: [&str; 10] = [
        "core.attributesFile=/dev/null",
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.quotePath=false",
        "blame.ignoreRevsFile=",
        "diff.external=",
        // Or a file of the working tree is read that may be anything.
        "log.mailmap=false",
        "log.showSignature=false",
        "protocol.allow=never",
        "core.pager=cat",
    ];
    let mut command = Command::new("git");
    command.arg("-C").arg(directory);
    command.args(["--no-pager", "--no-optional-locks", "--literal-pathspecs"]);
    for setting in SAFE_SETTINGS {
        command.args(["-c", setting]);
    }
    command.args(arguments);
    command.env_clear().envs(inherited());
    command
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        // No name of a protocol: a repository may allow itself one by one (`protocol.ext.allow`).
        .env("GIT_ALLOW_PROTOCOL", "none")
        .env("GIT_NO_LAZY_FETCH", "1")
        .env("GIT_OPTIONAL_LOCKS", "0")
        .env("GIT_ATTR_NOSYSTEM", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// What git is handed of the environment, uninterpreted but for one thing: a program is looked for in
/// absolute directories only, never where the repository lies.
fn inherited() -> impl Iterator<Item = (OsString, OsString)> {
    const INHERITED_VARIABLES: [&str; 19] = [
        "PATH",
        "HOME",
        "XDG_CONFIG_HOME",
        "GIT_CONFIG_GLOBAL",
        "GIT_CONFIG_SYSTEM",
        "GIT_CONFIG_NOSYSTEM",
        "SUDO_UID",
        "TMPDIR",
        "USERPROFILE",
        "HOMEDRIVE",
        "HOMEPATH",
        "APPDATA",
        "LOCALAPPDATA",
        "PROGRAMDATA",
        "PROGRAMFILES",
        "SYSTEMROOT",
        "SYSTEMDRIVE",
        "TEMP",
        "TMP",
    ];
    let is_needed = |name: &OsString| {
        INHERITED_VARIABLES
            .iter()
            .any(|needed| name == needed || cfg!(windows) && name.eq_ignore_ascii_case(needed))
    };
    std::env::vars_os()
        .filter(move |(name, _)| is_needed(name))
        .filter_map(|(name, value)| match name.eq_ignore_ascii_case("PATH") {
            true => Some((name, absolute_directories(&value)?)),
            false => Some((name, value)),
        })
}

/// `None` where there are none: an empty list would mean the working directory.
fn absolute_directories(path: &OsStr) -> Option<OsString> {
    let directories = std::env::split_paths(path).filter(|directory| directory.is_absolute());
    // Joining what was split can't fail.
    let joined = std::env::join_paths(directories).ok()?;
    (!joined.is_empty()).then_some(joined)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn git_is_not_looked_for_where_the_repository_lies() {
        let of = |path: &str| absolute_directories(OsStr::new(path));
        assert_eq!(of(".:/usr/bin::bin"), Some("/usr/bin".into()));
        assert_eq!(of(""), None);
        assert_eq!(of(".:bin"), None);
    }
}
