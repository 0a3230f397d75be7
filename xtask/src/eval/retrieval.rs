//! Labelled retrieval: `messages.jsonl` is imported, `queries.jsonl` asked, `qrels.tsv` judges.

use std::path::Path;

use anyhow::Context;
use serde_json::{Value, json};

use super::metrics::{Metrics, Relevant, score};
use super::run::{LabelledQuery, SearchManner, answer};
use crate::args::ChoreArgs;
use crate::program::{Program, ProgramHome};

/// `cargo xtask eval retrieval DIR [--mode M] [--bin PATH] [--home DIR] [--json]`.
pub(super) fn run(mut args: ChoreArgs) -> anyhow::Result<()> {
    let as_json = args.flag("--json");
    let only: Option<String> = args.option("--mode")?;
    let home = ProgramHome::from_args(&mut args, "retrieval")?;
    let program = Program::from_args(&mut args, &home)?;
    let dir = args.path("the directory of messages.jsonl, queries.jsonl and qrels.tsv")?;
    args.finish()?;

    let queries = read_queries(&dir.join("queries.jsonl"))?;
    let relevant = read_relevant(&dir.join("qrels.tsv"))?;
    program.import(
        &dir.join("messages.jsonl"),
        &["--source", "jsonl", program.embedding()],
    )?;
    let modes = match &only {
        Some(mode) => vec![mode.as_str()],
        None => vec!["hybrid", "lexical", "semantic"],
    };
    let mut rows = Vec::new();
    for everywhere in [false, true] {
        for mode in &modes {
            let manner = SearchManner {
                mode: Some(*mode),
                limit: 10,
                everywhere,
            };
            let rankings = answer(&program, &home, &queries, &manner)?;
            rows.push(QueryScore {
                everywhere,
                mode,
                metrics: score(&relevant, &rankings),
            });
        }
    }
    if as_json {
        println!(
            "{}",
            json!({"n": relevant.len(), "rows": rows.iter().map(QueryScore::json).collect::<Vec<_>>()})
        );
    } else {
        print!("{}", markdown(&dir, relevant.len(), &rows));
    }
    Ok(())
}

struct QueryScore<'a> {
    everywhere: bool,
    mode: &'a str,
    metrics: Metrics,
}

impl QueryScore<'_> {
    fn scope(&self) -> &'static str {
        if self.everywhere {
            "all projects"
        } else {
            "project"
        }
    }

    fn figures(&self) -> [f64; 5] {
        let [one, five, ten] = self.metrics.recall;
        [one, five, ten, self.metrics.mrr, self.metrics.ndcg]
    }

    fn json(&self) -> Value {
        let [r1, r5, r10, mrr, ndcg] = self.figures();
        json!({"scope": self.scope(), "mode": self.mode,
            "R@1": r1, "R@5": r5, "R@10": r10, "MRR@10": mrr, "nDCG@10": ndcg})
    }
}

fn markdown(dir: &Path, count: usize, rows: &[QueryScore<'_>]) -> String {
    let name = dir.file_name().unwrap_or_default().to_string_lossy();
    let mut text = format!(
        "### {name}, {count} queries\n\n| scope | mode | R@1 | R@5 | R@10 | MRR@10 | nDCG@10 |\n\
         |---|---|---|---|---|---|---|\n"
    );
    for row in rows {
        let figures = row
            .figures()
            .map(|figure| format!("{figure:.4}"))
            .join(" | ");
        text.push_str(&format!("| {} | {} | {figures} |\n", row.scope(), row.mode));
    }
    for everywhere in [false, true] {
        let five = |mode: &str| {
            let row = rows
                .iter()
                .find(|row| row.everywhere == everywhere && row.mode == mode);
            row.map(|row| row.metrics.recall[1] * 100.0)
        };
        if let (Some(hybrid), Some(lexical), Some(semantic)) =
            (five("hybrid"), five("lexical"), five("semantic"))
        {
            let scope = if everywhere {
                "all projects"
            } else {
                "project"
            };
            let gain = hybrid - lexical.max(semantic);
            text.push_str(&format!(
                "\nhybrid against its better leg, {scope}: {gain:+.1} points of R@5 (at least -1.0)\n"
            ));
        }
    }
    text.push('\n');
    text
}

fn read_queries(path: &Path) -> anyhow::Result<Vec<LabelledQuery>> {
    let text = |value: &Value| value.as_str().map(str::to_owned);
    fs_err::read_to_string(path)?
        .lines()
        .map(|line| {
            let query: Value = serde_json::from_str(line)?;
            Ok(LabelledQuery {
                id: text(&query["id"]).context("a query has no id")?,
                text: text(&query["text"]).context("a query has no text")?,
                project: text(&query["project"]),
            })
        })
        .collect()
}

fn read_relevant(path: &Path) -> anyhow::Result<Relevant> {
    let mut relevant = Relevant::new();
    for line in fs_err::read_to_string(path)?.lines() {
        let mut columns = line.split('\t');
        let (Some(query), Some(message)) = (columns.next(), columns.next()) else {
            continue;
        };
        relevant
            .entry(query.to_owned())
            .or_default()
            .insert(message.to_owned());
    }
    Ok(relevant)
}
