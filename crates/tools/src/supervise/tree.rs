//! The processes below this one, as `/proc` tells them.

use std::collections::{HashMap, HashSet};
use std::path::Path;

use rustix::fd::BorrowedFd;
use rustix::io::FdFlags;
use rustix::process::{Pid, Signal, WaitStatus, kill_process};

/// How long the line about a process may be, in bytes.
const STAT_BYTES: u64 = 4 << 10;

/// Sends a signal to every process below this one, children before their children.
pub(super) fn signal_all(signal: Signal) {
    for pid in descendants() {
        if let Some(pid) = Pid::from_raw(pid) {
            let _ = kill_process(pid, signal);
        }
    }
}

fn descendants() -> Vec<i32> {
    let mut children: HashMap<i32, Vec<i32>> = HashMap::new();
    for (pid, parent) in processes() {
        children.entry(parent).or_default().push(pid);
    }
    let mut found = Vec::new();
    let mut seen = HashSet::new();
    let mut next = vec![rustix::process::getpid().as_raw_nonzero().get()];
    while let Some(pid) = next.pop() {
        for child in children.get(&pid).into_iter().flatten() {
            if seen.insert(*child) {
                found.push(*child);
                next.push(*child);
            }
        }
    }
    found
}

/// Every process with its parent.
fn processes() -> Vec<(i32, i32)> {
    let Ok(entries) = fs_err::read_dir("/proc") else {
        return Vec::new();
    };
    let pids = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    pids.filter_map(|pid| Some((pid, parent_of(pid)?)))
        .collect()
}

/// The parent stands behind the name, which stands in brackets and may hold any of them.
fn parent_of(pid: i32) -> Option<i32> {
    let path = format!("/proc/{pid}/stat");
    let stat = files::read_start(Path::new(&path), STAT_BYTES).ok()?;
    let end = stat.iter().rposition(|byte| *byte == b')')?;
    let rest = std::str::from_utf8(&stat[end + 1..]).ok()?;
    rest.split_ascii_whitespace().nth(1)?.parse().ok()
}

/// The exit code of a process as shells have it.
pub(super) fn exit_code(status: WaitStatus) -> u8 {
    let code = status
        .exit_status()
        .or_else(|| status.terminating_signal().map(|signal| 128 + signal));
    code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1)
}

/// Keeps descriptors from the server that this process was started with: standard streams aside, it gets none.
#[expect(
    unsafe_code,
    reason = "a descriptor of a number can only be borrowed unsafely"
)]
pub(super) fn close_on_exec() {
    let Ok(entries) = fs_err::read_dir("/proc/self/fd") else {
        return;
    };
    let numbers = entries
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse::<i32>().ok());
    for number in numbers.filter(|number| *number > 2).collect::<Vec<_>>() {
        // SAFETY: nothing else runs in this process yet that could close or open descriptors, and setting a flag of
        // one that is closed meanwhile (the directory's own) only fails.
        let descriptor = unsafe { BorrowedFd::borrow_raw(number) };
        let _ = rustix::io::fcntl_setfd(descriptor, FdFlags::CLOEXEC);
    }
}
