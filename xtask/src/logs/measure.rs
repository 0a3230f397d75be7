//! What a directory of logs is made of, to compare generated logs with real ones.

use std::collections::{BTreeMap, HashSet};
use std::path::Path;

use serde_json::Value;

use crate::program::walk;
use crate::report::FigureTable;

#[derive(Default)]
struct Measure {
    bytes: f64,
    records: f64,
    files: f64,
    packed: f64,
    terms: usize,
    different: HashSet<String>,
    /// Different terms at each million of terms.
    growth: Vec<usize>,
    shares: BTreeMap<String, f64>,
}

/// `cargo xtask logs --measure DIR`.
pub(super) fn run(dir: &Path) -> anyhow::Result<()> {
    let mut measure = Measure::default();
    for file in walk(dir)?
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e == "jsonl"))
    {
        let bytes = fs_err::read(file)?;
        measure.files += 1.0;
        measure.bytes += bytes.len() as f64;
        measure.packed += zstd::bulk::compress(&bytes, 3)?.len() as f64;
        for line in bytes
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
        {
            measure.record(line);
        }
    }
    measure.report(&dir.display().to_string()).print(false);
    Ok(())
}

impl Measure {
    fn record(&mut self, line: &[u8]) {
        self.records += 1.0;
        let text = String::from_utf8_lossy(line);
        for term in text.split(|c: char| !c.is_alphanumeric() && c != '_') {
            if !term.is_empty() {
                self.terms += 1;
                if !self.different.contains(term) {
                    self.different.insert(term.to_owned());
                }
                if self.terms.is_multiple_of(1_000_000) {
                    self.growth.push(self.different.len());
                }
            }
        }
        match serde_json::from_slice(line) {
            Ok(record) => self.share(&record, line.len()),
            Err(_) => self.add("not JSON", line.len()),
        }
    }

    fn add(&mut self, what: &str, bytes: usize) {
        *self.shares.entry(what.to_owned()).or_default() += bytes as f64;
    }

    fn share(&mut self, record: &Value, whole: usize) {
        let kind = record["type"].as_str().unwrap_or("no type").to_owned();
        let mut left = whole;
        let mut part = |measure: &mut Self, what: &str, value: &Value| {
            let bytes = value.to_string().len();
            left = left.saturating_sub(bytes);
            measure.add(what, bytes);
        };
        if let Some(detail) = record.get("toolUseResult") {
            part(self, "toolUseResult", detail);
        }
        match &record["message"]["content"] {
            text @ Value::String(_) => part(self, &format!("{kind} text"), text),
            Value::Array(blocks) => {
                for block in blocks {
                    let name = block["type"].as_str().unwrap_or("block");
                    let name = if name == "text" {
                        format!("{kind} text")
                    } else {
                        name.to_owned()
                    };
                    part(self, &name, block);
                }
            }
            _ => {}
        }
        self.add(&format!("{kind} record itself"), left);
    }

    fn report(&self, title: &str) -> FigureTable {
        let mut report = FigureTable::new(title);
        report.note("files", self.files, "");
        report.note("bytes", self.bytes / 1e6, "MB");
        report.note("bytes a record", self.bytes / self.records.max(1.0), "");
        report.note(
            "compressed by file (zstd 3)",
            self.packed / self.bytes,
            "of the bytes",
        );
        report.note("terms a MB", self.terms as f64 / self.bytes * 1e6, "");
        for (millions, different) in self.growth.iter().enumerate() {
            let worth_a_row = (millions + 1).is_power_of_two();
            if worth_a_row {
                let what = format!("different terms in {} million", millions + 1);
                report.note(what, *different as f64, "");
            }
        }
        let mut shares: Vec<_> = self.shares.iter().collect();
        shares.sort_by(|a, b| b.1.total_cmp(a.1));
        for (what, bytes) in shares.into_iter().take(16) {
            report.note(what.clone(), bytes / self.bytes, "of the bytes");
        }
        report
    }
}
