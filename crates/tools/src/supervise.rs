//! The process between us and a server: it ends the server and all that the server started, however we end.
//!
//! Its standard input is the pipe that we write messages to, which it hands on. When that pipe ends, because we closed
//! it or because we are gone, so does everything below: first by asking, then by force. It reads no settings, and
//! inherits the environment that the server is to have.

#[cfg(target_os = "linux")]
mod tree;

use std::ffi::OsString;
use std::io::{Read, Write as _};
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::time::Duration;

/// How long a server may take to end by itself once its input ended.
const CLOSING_TIMEOUT: Duration = Duration::from_millis(700);

/// How long a server may take to read what is left for it when our input has ended.
const READING_TIMEOUT: Duration = Duration::from_secs(1);

/// How long processes may take to end once they were asked to.
const ASKING_TIMEOUT: Duration = Duration::from_secs(2);

/// Between two looks for processes that are still there.
const KILLING_INTERVAL: Duration = Duration::from_millis(20);

/// How often processes are looked for, before they are given up; only a machine that is stuck gets there.
const KILLING_ROUNDS: u32 = 500;

/// The exit code if the command can't be started, as shells have it.
const NOT_STARTED: u8 = 127;

/// What happens meanwhile.
#[derive(Debug)]
enum Happening {
    /// Our input ended, or a signal asked us to end.
    Closed,
    /// The server itself ended, with a code.
    Ended(u8),
    /// No process is left below us.
    AllGone,
}

/// Runs a command until it ends or the standard input does, and ends all that it started.
///
/// `arguments` are the command and its arguments. Returns the exit code of the command.
#[must_use]
pub fn supervise(arguments: &[OsString]) -> ExitCode {
    let Some((program, arguments)) = arguments.split_first() else {
        complain("no command to supervise");
        return ExitCode::from(2);
    };
    isolate();
    let mut command = Command::new(program);
    command.args(arguments).stdin(Stdio::piped());
    #[cfg(unix)]
    {
        use std::os::unix::process::CommandExt as _;
        command.process_group(0);
    }
    let child = match command.spawn() {
        Ok(child) => child,
        Err(error) => {
            complain(&format!("can't start `{}`: {error}", program.display()));
            return ExitCode::from(NOT_STARTED);
        }
    };
    ExitCode::from(watch(child))
}

/// The supervisor's own words go where the server's complaints go, and so onto the card that tells why it failed.
fn complain(what: &str) {
    let _ = writeln!(std::io::stderr(), "{what}");
}

/// Makes orphans below us our own children, and keeps descriptors that we were left with to ourselves.
fn isolate() {
    #[cfg(target_os = "linux")]
    {
        let _ = rustix::process::set_child_subreaper(Some(rustix::process::getpid()));
        tree::close_on_exec();
    }
}

fn watch(mut child: Child) -> u8 {
    let (happened, happenings) = channel();
    if let Some(input) = child.stdin.take() {
        let happened = happened.clone();
        std::thread::spawn(move || {
            relay(std::io::stdin().lock(), input);
            let _ = happened.send(Happening::Closed);
        });
    }
    #[cfg(unix)]
    {
        listen_to_signals(happened.clone());
        watch_input(happened.clone());
    }
    let group = child.id();
    #[cfg(target_os = "linux")]
    reap(&child, happened);
    #[cfg(not(target_os = "linux"))]
    reap(child, happened);
    let code = match happenings.recv() {
        Ok(Happening::Ended(code)) => code,
        Ok(Happening::AllGone) => return 0,
        Ok(Happening::Closed) | Err(_) => closing(&happenings),
    };
    end_all(group, &happenings);
    code
}

/// Hands bytes on until there are none or nobody takes them.
fn relay(mut from: impl Read, mut to: impl std::io::Write) {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return,
            Ok(read) => {
                let written = to.write_all(&buffer[..read]).and_then(|()| to.flush());
                if written.is_err() {
                    // The server closed its input; ours still tells when we have to end.
                    let _ = std::io::copy(&mut from, &mut std::io::sink());
                    return;
                }
            }
            Err(error) if error.kind() == std::io::ErrorKind::Interrupted => {}
            Err(_) => return,
        }
    }
}

/// Tells that our input ended even while a server reads nothing, and handing on waits for it for ever.
#[cfg(unix)]
fn watch_input(happened: Sender<Happening>) {
    use rustix::event::{PollFd, PollFlags, poll};
    std::thread::spawn(move || {
        let input = std::io::stdin();
        loop {
            let mut polled = [PollFd::new(&input, PollFlags::empty())];
            match poll(&mut polled, None) {
                Ok(_) if !polled[0].revents().is_empty() => break,
                Ok(_) | Err(rustix::io::Errno::INTR) => {}
                Err(_) => return,
            }
        }
        std::thread::sleep(READING_TIMEOUT);
        let _ = happened.send(Happening::Closed);
    });
}

/// Waits a little for the server to end by itself.
fn closing(happenings: &Receiver<Happening>) -> u8 {
    match happenings.recv_timeout(CLOSING_TIMEOUT) {
        Ok(Happening::Ended(code)) => code,
        _ => 0,
    }
}

/// Whether everything is gone within a time.
fn is_all_gone(happenings: &Receiver<Happening>, within: Duration) -> bool {
    loop {
        match happenings.recv_timeout(within) {
            Ok(Happening::AllGone) | Err(RecvTimeoutError::Disconnected) => return true,
            Ok(Happening::Closed | Happening::Ended(_)) => {}
            Err(RecvTimeoutError::Timeout) => return false,
        }
    }
}

#[cfg(unix)]
fn listen_to_signals(happened: Sender<Happening>) {
    use signal_hook::consts::{SIGHUP, SIGINT, SIGTERM};
    let Ok((mut told, tells)) = std::os::unix::net::UnixStream::pair() else {
        return;
    };
    for signal in [SIGTERM, SIGINT, SIGHUP] {
        if let Ok(tells) = tells.try_clone() {
            let _ = signal_hook::low_level::pipe::register(signal, tells);
        }
    }
    std::thread::spawn(move || {
        let mut byte = [0];
        while told.read_exact(&mut byte).is_ok() {
            let _ = happened.send(Happening::Closed);
        }
    });
}

/// Collects every process below us that ends, in a thread of its own.
#[cfg(target_os = "linux")]
fn reap(child: &Child, happened: Sender<Happening>) {
    use rustix::process::{WaitOptions, wait};
    let server = i32::try_from(child.id()).ok();
    std::thread::spawn(move || {
        loop {
            match wait(WaitOptions::empty()) {
                Ok(Some((pid, status))) => {
                    if Some(pid.as_raw_nonzero().get()) == server {
                        let _ = happened.send(Happening::Ended(tree::exit_code(status)));
                    }
                }
                Err(rustix::io::Errno::INTR) => {}
                Ok(None) | Err(_) => {
                    let _ = happened.send(Happening::AllGone);
                    return;
                }
            }
        }
    });
}

/// Elsewhere orphans go to the system, and only the server itself can be waited for.
#[cfg(not(target_os = "linux"))]
fn reap(mut child: Child, happened: Sender<Happening>) {
    std::thread::spawn(move || {
        let code = child.wait().ok().and_then(|status| status.code());
        let code = code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1);
        let _ = happened.send(Happening::Ended(code));
        let _ = happened.send(Happening::AllGone);
    });
}

#[cfg(target_os = "linux")]
fn end_all(_: u32, happenings: &Receiver<Happening>) {
    use rustix::process::Signal;
    tree::signal_all(Signal::TERM);
    if is_all_gone(happenings, ASKING_TIMEOUT) {
        return;
    }
    // A process that is killed may have started another one meanwhile, which is then a child of ours.
    for _ in 0..KILLING_ROUNDS {
        tree::signal_all(Signal::KILL);
        if is_all_gone(happenings, KILLING_INTERVAL) {
            return;
        }
    }
}

#[cfg(all(unix, not(target_os = "linux")))]
fn end_all(group: u32, happenings: &Receiver<Happening>) {
    use rustix::process::{Pid, Signal, kill_process_group};
    let group = i32::try_from(group).ok().and_then(Pid::from_raw);
    let signal = |signal| group.map(|group| kill_process_group(group, signal));
    signal(Signal::TERM);
    if !is_all_gone(happenings, ASKING_TIMEOUT) {
        signal(Signal::KILL);
        let _ = is_all_gone(happenings, KILLING_INTERVAL * KILLING_ROUNDS);
    }
    signal(Signal::KILL);
}

#[cfg(not(unix))]
fn end_all(_: u32, happenings: &Receiver<Happening>) {
    // The end of its input is all that is asked of a server here.
    let _ = is_all_gone(
        happenings,
        ASKING_TIMEOUT + KILLING_INTERVAL * KILLING_ROUNDS,
    );
}
