//! What a scan came to: counted while it goes on, said at its end.

use std::collections::BTreeMap;
use std::time::Duration;

use guard::Action;
use wire::{ScanProblemDoc, ScannedDoc, counted};

use crate::scan::ScanEvent;

/// What a scan came to.
#[derive(Debug, Default)]
pub(super) struct ScanSummary {
    /// The strongest action.
    pub(super) action: Action,
    /// Path and what happened.
    pub(super) problems: Vec<(String, String)>,
    /// How long it took.
    pub(super) took: Duration,
    counts: BTreeMap<&'static str, u64>,
    files: u64,
    binary: u64,
    allowed: u64,
    bytes: u64,
}

impl ScanSummary {
    /// Counts what is told.
    pub(super) fn count(&mut self, told: &ScanEvent) {
        match told {
            ScanEvent::Found(all) => {
                for found in all {
                    self.action = self.action.max(found.action);
                    *self.counts.entry(found.finding.kind.name()).or_default() += 1;
                }
            }
            ScanEvent::Problem { .. } | ScanEvent::Skipped { .. } => {}
            ScanEvent::Binary => self.binary += 1,
            ScanEvent::Done {
                files,
                bytes,
                allowed,
            } => {
                self.files += files;
                self.bytes += bytes;
                self.allowed += allowed;
            }
        }
    }

    fn mb_per_s(&self) -> f64 {
        #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
        let bytes = self.bytes as f64;
        (bytes / 1e6 / self.took.as_secs_f64().max(1e-6) * 10.0).round() / 10.0
    }

    fn took_ms(&self) -> u64 {
        u64::try_from(self.took.as_millis()).unwrap_or(u64::MAX)
    }

    /// In words, on one line.
    pub(super) fn say(&self) -> String {
        let counts: Vec<String> = self
            .counts
            .iter()
            .map(|(kind, count)| format!("{count} {kind}"))
            .collect();
        let found = if counts.is_empty() {
            "nothing found".to_owned()
        } else {
            counts.join(", ")
        };
        let files = counted(self.files, "file");
        #[expect(clippy::cast_precision_loss, reason = "a figure to read")]
        let megabytes = self.bytes as f64 / 1e6;
        let mut text = format!(
            "{found} in {files}, {megabytes:.1} MB at {:.1} MB/s",
            self.mb_per_s()
        );
        if self.binary > 0 {
            text.push_str(&format!("; {} not text", self.binary));
        }
        if self.allowed > 0 {
            text.push_str(&format!("; {} allowed", self.allowed));
        }
        if !self.problems.is_empty() {
            text.push_str(&format!(
                "; {}",
                counted(self.problems.len() as u64, "problem")
            ));
        }
        text
    }

    /// As JSON has it.
    pub(super) fn document(&self) -> ScannedDoc<'_> {
        ScannedDoc {
            verdict: self.action.name(),
            counts: self.counts.clone(),
            files: self.files,
            binary: self.binary,
            allowed: self.allowed,
            bytes: self.bytes,
            took_ms: self.took_ms(),
            mb_per_s: self.mb_per_s(),
            problems: self
                .problems
                .iter()
                .map(|(path, what)| ScanProblemDoc { path, what })
                .collect(),
        }
    }
}
