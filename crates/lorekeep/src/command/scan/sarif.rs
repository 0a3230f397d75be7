//! SARIF 2.1.0, as code hosts and editors read it: results as they come, and the rules that gave
//! them at the end, where the order of a JSON object lets them be.

use std::collections::HashMap;

use guard::{Action, Kind};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::summary::ScanSummary;
use crate::output::Output;
use crate::scan::ScanFinding;

const SCHEMA_URL: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// What stays as it is in the path of a URI.
const IN_PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// A SARIF document in the making.
#[derive(Default)]
pub(super) struct Sarif {
    rules: Vec<Value>,
    known: HashMap<String, usize>,
    has_some: bool,
}

impl Sarif {
    pub(super) fn start(&self, out: &mut Output) -> anyhow::Result<()> {
        out.json_part(&format!(
            "{{\"$schema\":\"{SCHEMA_URL}\",\"version\":\"2.1.0\",\"runs\":[{{\
             \"columnKind\":\"unicodeCodePoints\",\"results\":["
        ))
    }

    pub(super) fn found(&mut self, found: &ScanFinding, out: &mut Output) -> anyhow::Result<()> {
        let separator = if self.has_some { ",\n" } else { "\n" };
        self.has_some = true;
        let result = self.result(found);
        out.json_part(&format!("{separator}{result}"))
    }

    pub(super) fn end(&self, summary: &ScanSummary, out: &mut Output) -> anyhow::Result<()> {
        let problem = |(path, what): &(String, String)| json!({"level": "error", "message": {"text": format!("{path}: {what}")}});
        let tool = json!({"driver": {
            "name": "lorekeep",
            "version": env!("CARGO_PKG_VERSION"),
            "informationUri": env!("CARGO_PKG_REPOSITORY"),
            "rules": self.rules,
        }});
        let invocation = json!({
            "executionSuccessful": summary.problems.is_empty(),
            "toolExecutionNotifications":
                summary.problems.iter().map(problem).collect::<Vec<_>>(),
        });
        out.json_line(&format!(
            "\n],\"tool\":{tool},\"invocations\":[{invocation}]}}]}}"
        ))
    }

    fn result(&mut self, found: &ScanFinding) -> Value {
        let finding = &found.finding;
        let uri = utf8_percent_encode(&found.path, IN_PATH).to_string();
        let mut region = json!({
            "startLine": found.from.0,
            "startColumn": found.from.1,
            "endLine": found.to.0,
            "endColumn": found.to.1,
        });
        if let Some((start, end)) = found.bytes {
            region["byteOffset"] = json!(start);
            region["byteLength"] = json!(end - start);
        }
        let what = format!("{}: {}", finding.entity, finding.why);
        let mut result = json!({
            "ruleId": finding.rule,
            "ruleIndex": self.rule(found),
            "level": level(found),
            "message": {"text": what},
            "locations": [{"physicalLocation": {
                "artifactLocation": {"uri": uri},
                "region": region,
            }}],
            "partialFingerprints": {"lorekeepFinding/v1": found.fingerprint},
            "properties": {
                "kind": finding.kind.name(),
                "entity": finding.entity,
                "score": finding.score,
                "verdict": found.action.name(),
            },
        });
        if let Some(commit) = &found.commit {
            result["properties"]["commit"] = json!(&**commit);
        }
        result
    }

    /// Where the finding's rule stands in the list of rules.
    fn rule(&mut self, found: &ScanFinding) -> usize {
        let finding = &found.finding;
        if let Some(index) = self.known.get(&*finding.rule) {
            return *index;
        }
        let index = self.rules.len();
        self.known.insert(finding.rule.to_string(), index);
        self.rules.push(json!({
            "id": finding.rule,
            "shortDescription": {"text": format!("{} ({})", finding.entity, finding.kind.name())},
            "fullDescription": {"text": finding.why},
            "help": {"text": help(finding.kind)},
            "defaultConfiguration": {"level": level(found)},
            "properties": {"tags": ["security", finding.kind.name()]},
        }));
        index
    }
}

fn level(found: &ScanFinding) -> &'static str {
    match (found.finding.kind, found.action) {
        (_, Action::Allow | Action::Flag) | (Kind::Pii, _) => "warning",
        _ => "error",
    }
}

/// What to do about a finding.
fn help(kind: Kind) -> &'static str {
    match kind {
        Kind::Secret => {
            "Revoke it where it was issued, since it is in the history too, and keep its \
             successor out of the repository. If it is none, say `lorekeep:allow` on its line or \
             name it in .lorekeep-allow."
        }
        Kind::Pii => "Take the data out, or put made-up data in its place.",
        Kind::Injection => {
            "Look at the text before a model does: it contains instructions aimed at assistants."
        }
        Kind::Content => "Look at the text and decide whether it should be there.",
    }
}
