//! What a scan prints: for people, as JSON or as SARIF. Findings are printed as they come, so that
//! their number doesn't matter.

use std::collections::BTreeMap;
use std::time::Duration;

use guard::Action;

use super::sarif::Sarif;
use crate::args;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::text::visible;
use crate::scan::{Found, Told};
use crate::wire::scan::{FoundDoc, ProblemDoc, ScannedDoc};

/// What a scan came to.
#[derive(Debug, Default)]
pub(super) struct Summary {
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

impl Summary {
    /// Counts what is told.
    pub(super) fn count(&mut self, told: &Told) {
        match told {
            Told::Found(all) => {
                for found in all {
                    self.action = self.action.max(found.action);
                    *self.counts.entry(found.finding.kind.name()).or_default() += 1;
                }
            }
            Told::Problem { .. } => {}
            Told::Binary => self.binary += 1,
            Told::Done {
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
    fn say(&self) -> String {
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
        let files = match self.files {
            1 => "1 file".to_owned(),
            files => format!("{files} files"),
        };
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
            text.push_str(&format!("; {} problems", self.problems.len()));
        }
        text
    }
}

/// How a scan is printed.
pub(super) enum Report {
    /// For people.
    Text,
    /// One JSON document; whether a finding was printed.
    Json(bool),
    /// One SARIF document.
    Sarif(Sarif),
}

impl Report {
    /// As the arguments ask for it.
    pub(super) fn new(args: &args::Scan) -> Self {
        if args.sarif {
            Self::Sarif(Sarif::default())
        } else if args.json.json {
            Self::Json(false)
        } else {
            Self::Text
        }
    }

    /// Prints what comes before findings.
    pub(super) fn start(&self, out: &mut Output) -> anyhow::Result<()> {
        match self {
            Self::Text => Ok(()),
            Self::Json(_) => out.json_part("{\"findings\":["),
            Self::Sarif(sarif) => sarif.start(out),
        }
    }

    /// Prints findings.
    pub(super) fn found(&mut self, all: &[Found], out: &mut Output) -> anyhow::Result<()> {
        for found in all {
            match self {
                Self::Text => text(found, out)?,
                Self::Json(has_some) => {
                    let separator = if *has_some { ",\n" } else { "\n" };
                    *has_some = true;
                    let json = serde_json::to_string(&FoundDoc::new(found))?;
                    out.json_part(&format!("{separator}{json}"))?;
                }
                Self::Sarif(sarif) => sarif.found(found, out)?,
            }
        }
        Ok(())
    }

    /// Prints what comes after findings, and what it came to.
    pub(super) fn end(&self, summary: &Summary, out: &mut Output) -> anyhow::Result<()> {
        match self {
            Self::Text => {}
            Self::Json(_) => {
                let json = serde_json::to_string(&document(summary))?;
                // The rest of the object that the findings are in.
                out.json_part("\n],")?;
                out.json_line(json.strip_prefix('{').unwrap_or(&json))?;
            }
            Self::Sarif(sarif) => sarif.end(summary, out)?,
        }
        out.flush()?;
        out.note(&summary.say());
        Ok(())
    }
}

fn document(summary: &Summary) -> ScannedDoc<'_> {
    ScannedDoc {
        verdict: summary.action.name(),
        counts: summary.counts.clone(),
        files: summary.files,
        binary: summary.binary,
        allowed: summary.allowed,
        bytes: summary.bytes,
        took_ms: summary.took_ms(),
        mb_per_s: summary.mb_per_s(),
        problems: summary
            .problems
            .iter()
            .map(|(path, what)| ProblemDoc { path, what })
            .collect(),
    }
}

/// Two lines for a finding: where and what, and why.
fn text(found: &Found, out: &mut Output) -> anyhow::Result<()> {
    let mut page = out.page();
    let (line, column) = found.from;
    // A name may hold line breaks, which would look like a finding of their own.
    let path = visible(&found.path).replace('\n', "␊").replace('\t', "␉");
    if let Some(commit) = &found.commit {
        page.paint(Ink::Dim, &commit[..commit.len().min(12)])
            .push(":");
    }
    page.paint(Ink::Title, &path)
        .push(&format!(":{line}:{column}: "));
    let finding = &found.finding;
    page.paint(Ink::Warn, finding.kind.name())
        .push(&format!(" {}", finding.entity));
    if let Some(shown) = &found.shown {
        page.push(" ").paint(Ink::Match, shown);
    }
    page.end();
    page.push("    ")
        .line(Ink::Dim, &format!("{}: {}", finding.rule, finding.why));
    out.print(page)
}
