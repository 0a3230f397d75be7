//! Many queries at once: written as a batch, answered by the program, read as rankings.

use std::collections::HashMap;

use serde_json::{Value, json};

use crate::program::{Program, ProgramHome};

/// A question.
pub(super) struct LabelledQuery {
    /// Names it in the answers.
    pub(super) id: String,
    /// What is asked.
    pub(super) text: String,
    /// Where to search, if not everywhere.
    pub(super) project: Option<String>,
}

/// Message ids for each query's id, the best first.
pub(super) type Rankings = HashMap<String, Vec<String>>;

/// How many hits are asked for, and in which mode; `None` is the program's default.
pub(super) struct SearchManner<'a> {
    /// `hybrid`, `lexical` or `semantic`.
    pub(super) mode: Option<&'a str>,
    /// Hits for each query.
    pub(super) limit: usize,
    /// Whether the queries' projects are left out, so that everything is searched.
    pub(super) everywhere: bool,
}

/// Has the program answer all queries.
pub(super) fn answer(
    program: &Program,
    home: &ProgramHome,
    queries: &[LabelledQuery],
    manner: &SearchManner<'_>,
) -> anyhow::Result<Rankings> {
    let mut batch = String::new();
    for query in queries {
        let mut line = json!({"id": query.id, "text": query.text});
        if let Some(project) = query.project.as_ref().filter(|_| !manner.everywhere) {
            line["project"] = json!(project);
        }
        batch.push_str(&format!("{line}\n"));
    }
    let file = home.path().join("batch.jsonl");
    fs_err::write(&file, batch)?;
    let (file, limit) = (
        file.to_string_lossy().into_owned(),
        manner.limit.to_string(),
    );
    let mut arguments = vec![
        "search",
        "--batch",
        &file,
        "--limit",
        &limit,
        "--project",
        "all",
    ];
    arguments.extend(manner.mode.iter().flat_map(|mode| ["--mode", mode]));
    let answers = program.json_lines(&arguments)?;
    Ok(answers.iter().map(ranking).collect())
}

fn ranking(answer: &Value) -> (String, Vec<String>) {
    let mut ranked: Vec<String> = Vec::new();
    for id in answer["ranked"].as_array().into_iter().flatten() {
        let id = id.as_str().map_or_else(|| id.to_string(), str::to_owned);
        if !ranked.contains(&id) {
            ranked.push(id);
        }
    }
    (answer["id"].as_str().unwrap_or_default().to_owned(), ranked)
}
