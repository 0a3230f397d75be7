//! How far the archive is, and whether all is well with it.

use std::time::Instant;

use serde_json::{Map, json};
use wire::when;

use super::tool::{ArchiveEffect, McpTool};
use crate::call::{McpCall, ToolAnswer};
use crate::params::ToolArguments;
use crate::refusal::Refusal;

/// Projects that are told of, the latest first.
const MAX_PROJECTS: usize = 20;

pub(super) const GET_STATUS: McpTool = McpTool {
    name: "get_status",
    aliases: &[],
    title: "State of the memory",
    about: "Use when results seem to lack something: how much is archived and indexed, per project.",
    params: &[],
    is_core: true,
    effect: ArchiveEffect::Reads,
    run: get_status,
};

pub(super) const GET_HEALTH: McpTool = McpTool {
    name: "get_health",
    aliases: &[],
    title: "Health of the memory",
    about: "Use when searches fail or find nothing at all: whether the archive can be read, which \
            model there is, and the settings that decide ranking.",
    params: &[],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: get_health,
};

/// The share of a whole, in percent with one decimal; all of nothing is all.
fn percentage(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 100.0;
    }
    (part.min(whole) as f64 / whole as f64 * 1000.0).round() / 10.0
}

fn get_status(call: &McpCall, _: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let lag = call.catch_up();
    call.archive(|archive| {
        let status = archive.status()?;
        // A file that is behind may be one that the archive hasn't met yet.
        let total = status.files.max(lag.files);
        let indexed = total.saturating_sub(lag.files);
        let mut projects = Map::new();
        let (latest, count) = archive.project_sizes(MAX_PROJECTS)?;
        for project in latest {
            // What is archived can be found: what waits in logs belongs to no project yet.
            projects.insert(
                project.name,
                json!({
                    "percentage": 100.0, "indexed": project.conversations,
                    "total": project.conversations, "messages": project.messages,
                }),
            );
        }
        let structured = json!({
            "overall": {
                "percentage": percentage(indexed, total), "indexed": indexed, "total": total,
                "backlog": total.saturating_sub(indexed),
            },
            "projects": projects,
            "project_count": count,
            "conversations": status.conversations,
            "messages": status.messages,
            "embedding": {
                "percentage": percentage(status.indexed.embedded, status.indexed.embeddable),
                "embedded": status.indexed.embedded, "total": status.indexed.embeddable,
                "model": status.model,
            },
            "problems": status.problems,
            "last_import": when::time(status.last_import),
        });
        Ok(ToolAnswer::json(structured))
    })
}

fn get_health(call: &McpCall, _: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let began = Instant::now();
    let status = call.archive(|archive| Ok(archive.status()?));
    let query_ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    let (is_healthy, why) = match &status {
        Ok(_) => (true, None),
        Err(refusal) => (false, Some(refusal.text().to_owned())),
    };
    let indexed = status
        .as_ref()
        .map(|status| status.indexed)
        .unwrap_or_default();
    let options = call.options();
    let model = call.server.memory.model().describe();
    let structured = json!({
        "healthy": is_healthy,
        "problem": why,
        "timestamp": when::time(Some(call.now())),
        "version": env!("CARGO_PKG_VERSION"),
        "query_ms": query_ms,
        "embeddings": {
            "model_type": "local", "model_name": model.id.as_str(),
            "dimension": model.dimensions,
            "state": format!("{:?}", model.state).to_lowercase(),
        },
        "configuration": {
            "memory_decay_enabled": options.is_decay_on,
            "decay_weight": options.decay.weight,
            "decay_scale_days": options.decay.half_life_days,
            // There are no others.
            "prefer_local_embeddings": true,
        },
        "indexing_status": {
            "indexed": indexed.embedded, "total": indexed.embeddable,
            "percentage": percentage(indexed.embedded, indexed.embeddable),
        },
    });
    Ok(ToolAnswer::json(structured))
}
