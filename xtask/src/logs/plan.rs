//! How many sessions of which size, in which projects, when.

use std::path::Path;

use super::claude;
use super::codex;
use super::place::SessionShape;
use super::project::Project;
use super::rng::Rng;
use super::words::WordTable;

/// What is to be written.
pub(super) struct LogPlan {
    /// Decides every detail.
    pub(super) seed: u64,
    /// Bytes of session files in all.
    pub(super) bytes: u64,
    /// Number of sessions, if it matters.
    pub(super) sessions: Option<usize>,
    /// Share of the bytes that Codex wrote.
    pub(super) codex_share: f64,
    /// Instead: this many files of 1 to 60 kB.
    pub(super) small_files: Option<usize>,
}

/// 2025-06-02, a Monday.
const FIRST_DAY_MS: i64 = 1_748_822_400_000;
/// Sessions begin on one of that many days.
const START_DAYS: usize = 270;
const MIN_SESSION_BYTES: f64 = 1_000.0;
const MAX_SESSION_BYTES: f64 = 20_000_000.0;

impl LogPlan {
    /// Writes `claude/projects/…` and `codex/sessions/…` below a directory.
    pub(super) fn write(&self, out: &Path) -> anyhow::Result<()> {
        let words = WordTable::new();
        let sizes = self.sizes();
        let total: f64 = sizes.iter().sum();
        #[expect(clippy::cast_possible_truncation, reason = "a small count")]
        #[expect(clippy::cast_sign_loss, reason = "a small count")]
        let count = ((total / 12e6) as usize).clamp(3, 60);
        let mut projects: Vec<Project> = (0..count)
            .map(|number| Project::new(&words, self.seed, number))
            .collect();
        let mut codex_owed = 0.0;
        for (number, size) in sizes.iter().enumerate() {
            let mut rng = Rng::new(self.seed, number as u64);
            let project = rng.below(count).min(rng.below(count));
            codex_owed += size * self.codex_share;
            #[expect(clippy::cast_possible_truncation, reason = "at most 20 MB")]
            #[expect(clippy::cast_sign_loss, reason = "sizes aren't negative")]
            let shape = SessionShape {
                bytes: *size as usize,
                start: start_of(&mut rng),
                small: self.small_files.is_some(),
            };
            if codex_owed >= *size {
                codex_owed -= size;
                codex::write(out, &words, &mut projects[project], &shape, &mut rng)?;
            } else {
                claude::write(out, &words, &mut projects[project], &shape, &mut rng)?;
            }
        }
        Ok(())
    }

    /// The size of each session.
    fn sizes(&self) -> Vec<f64> {
        let mut rng = Rng::new(self.seed, 0x517E);
        if let Some(files) = self.small_files {
            return (0..files)
                .map(|_| MIN_SESSION_BYTES * 60_f64.powf(rng.unit()))
                .collect();
        }
        let aim = self.bytes as f64;
        let mut sizes = Vec::new();
        let mut sum = 0.0;
        while self.sessions.map_or(sum < aim, |count| sizes.len() < count) {
            // Most sessions are small and most bytes are in few large ones.
            let size = MIN_SESSION_BYTES
                * (MAX_SESSION_BYTES / MIN_SESSION_BYTES).powf(rng.unit().powf(1.3));
            let size = if self.sessions.is_none() {
                size.min(aim - sum).max(MIN_SESSION_BYTES)
            } else {
                size
            };
            sum += size;
            sizes.push(size);
        }
        let scale = if self.sessions.is_some() {
            aim / sum
        } else {
            1.0
        };
        sizes
            .iter()
            .map(|size| (size * scale).clamp(MIN_SESSION_BYTES, MAX_SESSION_BYTES))
            .collect()
    }
}

/// A working hour on some day.
fn start_of(rng: &mut Rng) -> i64 {
    let hours = rng.below(START_DAYS) * 24 + rng.range(7, 22);
    FIRST_DAY_MS + i64::try_from(hours * 3_600_000 + rng.below(3_600_000)).unwrap_or_default()
}
