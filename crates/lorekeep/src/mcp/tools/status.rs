//! How far the archive is, and whether all is well with it.

use serde_json::{Map, json};
use wire::when;

use super::{Effect, Tool};
use crate::clock;
use crate::mcp::call::{Answer, Call};
use crate::mcp::params::Args;
use crate::mcp::refusal::Refusal;
use crate::model;

/// Projects that are told of, the latest first.
const PROJECTS: usize = 20;

pub(super) const GET_STATUS: Tool = Tool {
    name: "get_status",
    aliases: &[],
    title: "State of the memory",
    about: "Use when results seem to lack something: how much is archived and indexed, per project.",
    params: &[],
    is_core: true,
    effect: Effect::Reads,
    run: get_status,
};

pub(super) const GET_HEALTH: Tool = Tool {
    name: "get_health",
    aliases: &[],
    title: "Health of the memory",
    about: "Use when searches fail or find nothing at all: whether the archive can be read, which \
            model there is, and the settings that decide ranking.",
    params: &[],
    is_core: false,
    effect: Effect::Reads,
    run: get_health,
};

/// The share of a whole, in percent with one decimal; all of nothing is all.
fn percentage(part: u64, whole: u64) -> f64 {
    if whole == 0 {
        return 100.0;
    }
    (part.min(whole) as f64 / whole as f64 * 1000.0).round() / 10.0
}

fn get_status(call: &Call, _: &Args) -> Result<Answer, Refusal> {
    let lag = call.catch_up();
    call.archive(|archive| {
        let status = archive.status()?;
        // A file that is behind may be one that the archive hasn't met yet.
        let total = status.files.max(lag.files);
        let indexed = total.saturating_sub(lag.files);
        let mut projects = Map::new();
        let (latest, count) = archive.project_sizes(PROJECTS)?;
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
        Ok(Answer::json(structured))
    })
}

fn get_health(call: &Call, _: &Args) -> Result<Answer, Refusal> {
    let settings = call.desk.app.settings();
    let began = clock::instant();
    let status = call.archive(|archive| Ok(archive.status()?));
    let query_ms = clock::took_ms(began);
    let (is_healthy, why) = match &status {
        Ok(_) => (true, None),
        Err(refusal) => (false, Some(refusal.text().to_owned())),
    };
    let indexed = status
        .as_ref()
        .map(|status| status.indexed)
        .unwrap_or_default();
    let store = model::store(&call.desk.app);
    let spec = store.spec();
    let structured = json!({
        "healthy": is_healthy,
        "problem": why,
        "timestamp": when::time(Some(clock::millis())),
        "version": env!("CARGO_PKG_VERSION"),
        "query_ms": query_ms,
        "embeddings": {
            "model_type": "local", "model_name": spec.model_id.as_str(),
            "dimension": spec.config.hidden,
            "state": format!("{:?}", store.status().state).to_lowercase(),
        },
        "configuration": {
            "memory_decay_enabled": settings.memory.decay_enabled.0,
            "decay_weight": settings.memory.decay_weight.get(),
            "decay_scale_days": settings.memory.decay_half_life_days.get(),
            // There are no others.
            "prefer_local_embeddings": true,
        },
        "indexing_status": {
            "indexed": indexed.embedded, "total": indexed.embeddable,
            "percentage": percentage(indexed.embedded, indexed.embeddable),
        },
    });
    Ok(Answer::json(structured))
}
