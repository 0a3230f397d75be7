//! What a scan prints: for people, as JSON or as SARIF. Findings are printed as they come, so that
//! their number doesn't matter.

use std::collections::HashSet;

use wire::{FoundAt, FoundDoc};

use super::sarif::Sarif;
use super::summary::ScanSummary;
use crate::args;
use crate::output::Output;
use crate::output::look::Ink;
use crate::output::text::visible;
use crate::scan::{ScanFinding, allow_setting};

/// Files and rules of which it is remembered that they were told how to allow; later ones aren't told.
const MAX_TOLD: usize = 10_000;

/// How a scan is printed.
pub(super) enum ScanReport {
    /// For people; of which files and rules it was told how to allow them.
    Text(HashSet<(String, String)>),
    /// One JSON document; whether a finding was printed.
    Json(bool),
    /// One SARIF document.
    Sarif(Sarif),
}

impl ScanReport {
    /// As the arguments ask for it.
    pub(super) fn new(args: &args::ScanArgs) -> Self {
        if args.sarif {
            Self::Sarif(Sarif::default())
        } else if args.json.json {
            Self::Json(false)
        } else {
            Self::Text(HashSet::new())
        }
    }

    /// Prints what comes before findings.
    pub(super) fn start(&self, out: &mut Output) -> anyhow::Result<()> {
        match self {
            Self::Text(_) => Ok(()),
            Self::Json(_) => out.json_part("{\"findings\":["),
            Self::Sarif(sarif) => sarif.start(out),
        }
    }

    /// Prints findings.
    pub(super) fn found(&mut self, all: &[ScanFinding], out: &mut Output) -> anyhow::Result<()> {
        for found in all {
            match self {
                Self::Text(told) => text(found, told, out)?,
                Self::Json(has_some) => {
                    let separator = if *has_some { ",\n" } else { "\n" };
                    *has_some = true;
                    let json = serde_json::to_string(&finding(found))?;
                    out.json_part(&format!("{separator}{json}"))?;
                }
                Self::Sarif(sarif) => sarif.found(found, out)?,
            }
        }
        Ok(())
    }

    /// Prints what comes after findings, and what it came to.
    pub(super) fn end(&self, summary: &ScanSummary, out: &mut Output) -> anyhow::Result<()> {
        match self {
            Self::Text(_) => {}
            Self::Json(_) => {
                let json = serde_json::to_string(&summary.document())?;
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

fn finding(found: &ScanFinding) -> FoundDoc<'_> {
    let at = FoundAt {
        path: &found.path,
        commit: found.commit.as_deref(),
        from: found.from,
        to: found.to,
        bytes: found.bytes,
    };
    FoundDoc::new(at, &found.finding, found.action)
}

/// Lines for a finding: where and what, why, and the first time how to allow it.
fn text(
    found: &ScanFinding,
    told: &mut HashSet<(String, String)>,
    out: &mut Output,
) -> anyhow::Result<()> {
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
    if told.len() < MAX_TOLD && told.insert((path.clone(), finding.rule.to_string())) {
        let how = match &found.allow_line {
            Some(line) => format!("`{}` in .lorekeep-allow", visible(line)),
            None => format!("`{}` in the settings", allow_setting(&finding.rule)),
        };
        page.push("    ")
            .line(Ink::Dim, &format!("if it is harmless: {how}"));
    }
    out.print(page)
}
