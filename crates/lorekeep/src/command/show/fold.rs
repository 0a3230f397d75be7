//! Calls of tools and what they gave back, a line each: what was said between them is what people read.

use std::collections::BTreeMap;

use serde_json::Value;
use transcript::{Message, ToolCall, ToolResult};
use wire::counted;

use crate::output::look::Ink;
use crate::output::page::TextPage;
use crate::output::text;

/// Calls in a row that are shown one by one; of more, the first ones and how many others there were.
const MAX_CALLS: usize = 6;
/// Calls of a longer row that are shown.
const FIRST_CALLS: usize = 4;
/// Columns in front of a call.
const INDENT_COLUMNS: usize = 2;
/// Columns of what a call is about, where the stream has no width.
const MAX_GIST_COLUMNS: usize = 160;

/// Arguments that tell what a call is about, the most telling first.
const TELLING_ARGUMENTS: [&str; 12] = [
    "command",
    "cmd",
    "file_path",
    "notebook_path",
    "path",
    "pattern",
    "query",
    "url",
    "description",
    "subject",
    "skill",
    "prompt",
];

/// Calls in a row, with nothing said between them.
#[derive(Default)]
pub(super) struct ToolRun {
    calls: Vec<FoldedCall>,
}

/// A call, or something given back to a call that isn't shown.
#[derive(Default)]
struct FoldedCall {
    id: String,
    name: String,
    gist: String,
    outcome: Option<CallOutcome>,
}

/// What a call gave back.
struct CallOutcome {
    is_error: bool,
    what: String,
}

impl ToolRun {
    /// Adds what a message calls and gives back. `project` is the directory that paths are shortened by.
    pub(super) fn add(&mut self, message: &Message, project: Option<&str>) {
        for call in &message.tools {
            self.calls.push(FoldedCall {
                id: call.id.clone(),
                name: text::one_line(&call.name),
                gist: gist(call, project),
                outcome: None,
            });
        }
        for result in &message.results {
            let outcome = CallOutcome::of(result);
            let waiting = self.calls.iter_mut().rev();
            let mut waiting = waiting.filter(|call| !call.id.is_empty() && call.id == result.call);
            match waiting.next() {
                Some(call) => call.outcome = Some(outcome),
                None => self.calls.push(FoldedCall {
                    name: "output".to_owned(),
                    outcome: Some(outcome),
                    ..FoldedCall::default()
                }),
            }
        }
    }

    /// Puts the calls on a page and begins anew.
    pub(super) fn flush(&mut self, page: &mut TextPage) {
        let calls = std::mem::take(&mut self.calls);
        let shown = match calls.len() {
            ..=MAX_CALLS => calls.len(),
            _ => FIRST_CALLS,
        };
        for call in &calls[..shown] {
            call.print(page);
        }
        if shown < calls.len() {
            let rest = summary(&calls[shown..]);
            let columns = page.look().width.saturating_sub(INDENT_COLUMNS);
            page.push(&" ".repeat(INDENT_COLUMNS))
                .line(Ink::Dim, &text::clip(&rest, columns));
        }
    }
}

/// `… 12 more calls of tools: Bash 9, Read 3; --tools shows all`.
fn summary(calls: &[FoldedCall]) -> String {
    let mut names: BTreeMap<&str, u64> = BTreeMap::new();
    for call in calls {
        *names.entry(&call.name).or_default() += 1;
    }
    let mut names: Vec<(&str, u64)> = names.into_iter().collect();
    names.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let named: Vec<String> = names
        .iter()
        .map(|(name, count)| format!("{name} {count}"))
        .collect();
    format!(
        "… {}: {}",
        counted(calls.len() as u64, "more tool call"),
        named.join(", ")
    )
}

impl FoldedCall {
    fn print(&self, page: &mut TextPage) {
        let (ink, outcome) = match &self.outcome {
            Some(outcome) if outcome.is_error => (Ink::Bad, outcome.what.as_str()),
            Some(outcome) => (Ink::Dim, outcome.what.as_str()),
            None => (Ink::Dim, ""),
        };
        let look = page.look();
        let columns = if look.clip {
            look.width
        } else {
            MAX_GIST_COLUMNS
        };
        let left = columns.saturating_sub(INDENT_COLUMNS + text::width(&self.name));
        // What failed may say why in more words than fit beside what was called.
        let outcome = text::clip(outcome, left.saturating_sub(2).max(8)).into_owned();
        let gist_columns = left.saturating_sub(text::width(&outcome) + 4);
        let gist = text::clip(&self.gist, gist_columns);
        page.push(&" ".repeat(INDENT_COLUMNS))
            .paint(Ink::Name, &self.name);
        for (ink, piece) in [(Ink::Plain, &*gist), (ink, &*outcome)] {
            // A place too narrow for words has only the mark that something was cut.
            if !piece.is_empty() && piece != "…" {
                page.push("  ").paint(ink, piece);
            }
        }
        page.end();
    }
}

impl CallOutcome {
    fn of(result: &ToolResult) -> Self {
        let output = text::visible(result.output.trim());
        let lines = output.lines().count() as u64;
        let first = output.lines().find(|line| !line.trim().is_empty());
        let first = text::one_line(first.unwrap_or_default());
        let what = match (result.is_error, lines) {
            (true, _) => format!("failed: {}", text::clip(&first, 60)),
            (false, 0) => "no output".to_owned(),
            (false, 1) if text::width(&first) <= 32 => first,
            (false, lines) => counted(lines, "line"),
        };
        Self {
            is_error: result.is_error,
            what,
        }
    }
}

/// What a call is about: its most telling argument, else all of them.
fn gist(call: &ToolCall, project: Option<&str>) -> String {
    let arguments = serde_json::from_str::<Value>(&call.input).ok();
    let telling = arguments.as_ref().and_then(|arguments| {
        let values = TELLING_ARGUMENTS
            .iter()
            .filter_map(|name| arguments.get(name));
        values.filter_map(words).find(|words| !words.is_empty())
    });
    let gist = telling.unwrap_or_else(|| call.input.clone());
    text::one_line(&within(&gist, project))
}

/// A text, or the words of a command.
fn words(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Array(items) => {
            let words: Option<Vec<&str>> = items.iter().map(Value::as_str).collect();
            Some(words?.join(" "))
        }
        _ => None,
    }
}

/// The text with the paths of a project as they are called within it.
pub(super) fn within(text: &str, project: Option<&str>) -> String {
    let Some(project) = project.map(|project| project.trim_end_matches(['/', '\\'])) else {
        return text.to_owned();
    };
    if project.is_empty() {
        return text.to_owned();
    }
    let separator = if project.contains('\\') { '\\' } else { '/' };
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(project) {
        let after = &rest[at + project.len()..];
        let begins = !rest[..at].ends_with(|c: char| c.is_alphanumeric() || "/\\._-~".contains(c));
        out.push_str(&rest[..at]);
        match after.strip_prefix(separator) {
            Some(inner) if begins => rest = inner,
            _ => {
                out.push_str(project);
                rest = after;
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_of_the_project_lose_its_directory() {
        let check = |text, expected| assert_eq!(within(text, Some("/src/ferry")), expected);
        check("/src/ferry/a/b.rs", "a/b.rs");
        check("cat /src/ferry/a /src/ferry/b", "cat a b");
        check("cd /src/ferry && ls", "cd /src/ferry && ls");
        check("/src/ferryman/a", "/src/ferryman/a");
        check("/home/src/ferry/a", "/home/src/ferry/a");
    }
}
