//! Known items: somebody remembers a session and asks for it, in its own words or in others.
//!
//! The query file has JSON lines: `id`, `kind` (`keyword` or `paraphrase`), `text`, and `session`,
//! the id of the session that is meant, or a list of ids that are all right.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use anyhow::Context;
use serde_json::Value;

use super::run::{LabelledQuery, SearchManner, answer};
use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};
use crate::report::{FigureTable, Reach};

/// Messages looked at: a session that ranks fifth may stand behind many messages of the others.
const SEARCHED_MESSAGES: usize = 100;

struct KnownItem {
    query: LabelledQuery,
    kind: String,
    sessions: Vec<String>,
}

/// `cargo xtask eval known-item DIR --queries FILE [--mode M] [--bin PATH] [--home DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let verbose = args.flag("--verbose");
    let mode: Option<String> = args.option("--mode")?;
    let file: PathBuf = args
        .option("--queries")?
        .context("--queries FILE is missing")?;
    let home = ProgramHome::from_args(&mut args, "known-item")?;
    let program = Program::from_args(&mut args, &home)?;
    let dir = args.path("the directory of logs")?;
    args.finish()?;

    let items = read(&file)?;
    program.import(&dir, &[program.embedding()])?;
    let conversations = conversations(&program)?;
    let (queries, items): (Vec<LabelledQuery>, Vec<_>) = items
        .into_iter()
        .map(|item| (item.query, (item.kind, item.sessions)))
        .unzip();
    let manner = SearchManner {
        mode: mode.as_deref(),
        limit: SEARCHED_MESSAGES,
        everywhere: true,
    };
    let rankings = answer(&program, &home, &queries, &manner)?;

    let mut ranks: HashMap<String, Vec<Option<usize>>> = HashMap::new();
    for (query, (kind, sessions)) in queries.iter().zip(&items) {
        let found = rankings
            .get(&query.id)
            .map(Vec::as_slice)
            .unwrap_or_default();
        let rank = rank_of(sessions, found, &conversations);
        if verbose && rank != Some(0) {
            let place = rank.map_or("not found".to_owned(), |rank| format!("rank {}", rank + 1));
            println!("{} {kind} {place}: {}", query.id, query.text);
        }
        ranks.entry(kind.clone()).or_default().push(rank);
    }
    report(&ranks).print(as_json);
    Ok(())
}

fn report(ranks: &HashMap<String, Vec<Option<usize>>>) -> FigureTable {
    let mut report = FigureTable::new("known items over real sessions");
    let mut kinds: Vec<_> = ranks.iter().collect();
    kinds.sort();
    for (kind, ranks) in kinds {
        let within = |most: usize| {
            let good = ranks
                .iter()
                .filter(|rank| rank.is_some_and(|rank| rank < most))
                .count();
            good as f64 / ranks.len() as f64
        };
        let row = |place: &str| format!("{kind} ({}): right session {place}", ranks.len());
        match kind.as_str() {
            "keyword" => report.aim(row("first"), within(1), "", Reach::AtLeast(0.95)),
            _ => report.note(row("first"), within(1), ""),
        }
        match kind.as_str() {
            "paraphrase" => report.aim(row("within five"), within(5), "", Reach::AtLeast(0.60)),
            _ => report.note(row("within five"), within(5), ""),
        }
    }
    report
}

/// The rank of the first right session among the sessions found, from 0.
fn rank_of(
    right: &[String],
    found: &[String],
    conversations: &HashMap<String, String>,
) -> Option<usize> {
    let mut seen: Vec<&str> = Vec::new();
    for message in found {
        let Some(conversation) = conversations.get(message) else {
            continue;
        };
        if right
            .iter()
            .any(|session| conversation.contains(session.as_str()))
        {
            return Some(seen.len());
        }
        if !seen.contains(&conversation.as_str()) {
            seen.push(conversation);
        }
    }
    None
}

/// The conversation of each message.
fn conversations(program: &Program) -> anyhow::Result<HashMap<String, String>> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let messages = program.json_lines(&["export", "--format", "jsonl"])?;
    Ok(messages
        .iter()
        .map(|m| (text(&m["id"]), text(&m["conversation"])))
        .collect())
}

fn read(path: &Path) -> anyhow::Result<Vec<KnownItem>> {
    let mut items = Vec::new();
    for line in fs_err::read_to_string(path)?.lines() {
        let line: Value = serde_json::from_str(line)?;
        let text = |name: &str| {
            line[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("no `{name}`: {line}"))
        };
        let sessions = match &line["session"] {
            Value::Array(all) => all
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect(),
            _ => vec![text("session")?],
        };
        let query = LabelledQuery {
            id: text("id")?,
            text: text("text")?,
            project: None,
        };
        items.push(KnownItem {
            query,
            kind: text("kind")?,
            sessions,
        });
    }
    Ok(items)
}

#[cfg(test)]
mod tests {
    use super::rank_of;

    #[test]
    fn sessions_count_once_however_many_messages_they_show() {
        let conversations = [("1", "a"), ("2", "a"), ("3", "b")]
            .map(|(m, c)| (m.to_owned(), c.to_owned()))
            .into();
        let found = ["1", "2", "3"].map(str::to_owned);
        assert_eq!(rank_of(&["b".to_owned()], &found, &conversations), Some(1));
        assert_eq!(rank_of(&["c".to_owned()], &found, &conversations), None);
    }
}
