//! How long the calls go on, and what a server may take.

use std::time::{Duration, Instant};

use anyhow::bail;

/// How long an answer may take; only a hang takes so long.
pub(super) const ANSWER_TIMEOUT: Duration = Duration::from_secs(60);

/// Memory that a server may take, in bytes.
const MAX_MEMORY_BYTES: u64 = 512 << 20;

/// What a run is to do.
pub(super) struct CallPlan {
    pub(super) seed: u64,
    pub(super) ends: Instant,
    pub(super) rounds: u64,
}

impl CallPlan {
    /// Whether another round is to come.
    pub(super) fn goes_on(&self, round: u64) -> bool {
        round < self.rounds && Instant::now() < self.ends
    }
}

/// Fails where a server takes too much memory.
pub(super) fn memory_is_bounded(process: u32) -> anyhow::Result<()> {
    // Elsewhere there is no such file, and nothing is measured.
    let Ok(status) = fs_err::read_to_string(format!("/proc/{process}/status")) else {
        return Ok(());
    };
    let line = status.lines().find(|line| line.starts_with("VmRSS"));
    let kilobytes = line.and_then(|line| line.split_whitespace().nth(1)?.parse::<u64>().ok());
    match kilobytes.unwrap_or(0) << 10 {
        bytes if bytes > MAX_MEMORY_BYTES => bail!("the server takes {bytes} bytes"),
        _ => Ok(()),
    }
}
