//! A process, how it ended and what it took.

use std::process::{Child, Command};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use anyhow::Context;
#[cfg(unix)]
use anyhow::ensure;

/// What a process took.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cost {
    /// From start to end.
    pub(crate) wall: Duration,
    /// Processor time of the process, the kernel's part included.
    pub(crate) cpu: Duration,
    /// The most memory it had at a time, in bytes.
    pub(crate) peak: u64,
}

/// A process that was started.
pub(crate) struct RunningProcess {
    /// The process, for its pipes.
    pub(crate) child: Child,
    start: Instant,
    memory: MemoryUse,
}

impl RunningProcess {
    /// Starts a process.
    pub(crate) fn start(command: &mut Command) -> anyhow::Result<Self> {
        let start = Instant::now();
        let child = command
            .spawn()
            .context("the program could not be started")?;
        let memory = MemoryUse::watch(child.id());
        Ok(Self {
            child,
            start,
            memory,
        })
    }

    /// Ends it at once, as a power cut would.
    pub(crate) fn kill(mut self) -> anyhow::Result<()> {
        // It may have ended already, which is as good a moment as any.
        let _ = self.child.kill();
        self.finish().map(|_| ())
    }

    /// Waits for its end: the exit code, `None` if a signal ended it, and what it took.
    pub(crate) fn finish(mut self) -> anyhow::Result<(Option<i32>, Cost)> {
        let (code, cpu, peak) = wait(&mut self.child)?;
        let wall = self.start.elapsed();
        let peak = self.memory.most().unwrap_or(peak);
        Ok((code, Cost { wall, cpu, peak }))
    }
}

/// Looks again and again how much memory a process has had at most. The kernel's own count at its
/// end (`ru_maxrss`) won't do: it takes in what this process had when it started the other.
struct MemoryUse {
    done: Arc<AtomicBool>,
    most: Arc<AtomicU64>,
    thread: Option<JoinHandle<()>>,
}

const POLL_INTERVAL: Duration = Duration::from_millis(3);

impl MemoryUse {
    fn watch(pid: u32) -> Self {
        let (done, most) = (
            Arc::new(AtomicBool::new(false)),
            Arc::new(AtomicU64::new(0)),
        );
        let (ended, seen) = (Arc::clone(&done), Arc::clone(&most));
        let thread = std::thread::spawn(move || {
            let status = format!("/proc/{pid}/status");
            while !ended.load(Ordering::Relaxed) {
                let text = fs_err::read_to_string(&status).unwrap_or_default();
                seen.fetch_max(high_water(&text).unwrap_or(0), Ordering::Relaxed);
                std::thread::sleep(POLL_INTERVAL);
            }
        });
        Self {
            done,
            most,
            thread: Some(thread),
        }
    }

    /// The most that was seen; `None` where the system doesn't tell or the process was too quick.
    fn most(&mut self) -> Option<u64> {
        self.done.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
        Some(self.most.load(Ordering::Relaxed)).filter(|most| *most > 0)
    }
}

/// The highest resident size in a process's status, in bytes.
fn high_water(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kib: u64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kib * 1024)
}

/// Waits for a process: exit code, processor time, and the kernel's idea of its memory.
#[cfg(unix)]
fn wait(child: &mut Child) -> anyhow::Result<(Option<i32>, Duration, u64)> {
    let pid = libc::pid_t::try_from(child.id())?;
    let mut status = 0;
    let mut usage = std::mem::MaybeUninit::<libc::rusage>::zeroed();
    loop {
        #[expect(
            unsafe_code,
            reason = "the standard library doesn't tell what a process took"
        )]
        // SAFETY: both pointers are to live values of their types, and the child is ours to reap:
        // nobody else waits for it, and dropping a `Child` doesn't.
        let reaped = unsafe { libc::wait4(pid, &raw mut status, 0, usage.as_mut_ptr()) };
        if reaped == pid {
            break;
        }
        let error = std::io::Error::last_os_error();
        ensure!(
            error.kind() == std::io::ErrorKind::Interrupted,
            "waiting failed: {error}"
        );
    }
    #[expect(
        unsafe_code,
        reason = "the standard library doesn't tell what a process took"
    )]
    // SAFETY: all bytes zero is a valid `rusage`, which holds integers only; `wait4` filled it.
    let usage = unsafe { usage.assume_init() };
    let code = libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status));
    // Linux counts in units of 1,024 bytes, macOS in bytes.
    let unit = if cfg!(target_os = "macos") { 1 } else { 1024 };
    let peak = u64::try_from(usage.ru_maxrss)? * unit;
    Ok((
        code,
        duration(usage.ru_utime)? + duration(usage.ru_stime)?,
        peak,
    ))
}

#[cfg(unix)]
fn duration(time: libc::timeval) -> anyhow::Result<Duration> {
    Ok(Duration::from_secs(u64::try_from(time.tv_sec)?)
        + Duration::from_micros(u64::try_from(time.tv_usec)?))
}

/// Waits for a process; what it took is not known on this system.
#[cfg(not(unix))]
fn wait(child: &mut Child) -> anyhow::Result<(Option<i32>, Duration, u64)> {
    Ok((child.wait()?.code(), Duration::ZERO, 0))
}

#[cfg(test)]
mod tests {
    use super::high_water;

    #[test]
    fn memory_is_read_from_the_status() {
        assert_eq!(
            high_water("Name:\tx\nVmHWM:\t   2048 kB\nThreads: 1\n"),
            Some(2048 * 1024)
        );
    }
}
