//! What was said about a concept.

use memory::{ConceptHit, ConceptReport, ConceptRequest};
use serde_json::{Value, json};
use wire::markup::{Markup, cut, line};
use wire::when;

use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM, limit};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::list::{fit, joined};
use crate::params::{ParamKind, ToolArguments, optional, required};
use crate::refusal::Refusal;

/// Terms that are suggested where a concept isn't found.
const MAX_SUGGESTED_TERMS: usize = 12;

pub(super) const SEARCH_BY_CONCEPT: McpTool = McpTool {
    name: "search_by_concept",
    aliases: &["csr_search_by_concept"],
    title: "Conversations about a concept",
    about: "Use for broad topics (\"security\", \"testing\", \"docker\", \"database\") rather than \
            questions: conversations about it, with files and related concepts.",
    params: &[
        required("concept", ParamKind::Text(1024), ""),
        optional("include_files", ParamKind::Switch(true), ""),
        optional("limit", limit(10), ""),
        PROJECT_PARAM,
    ],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: search_by_concept,
};

fn search_by_concept(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let concept = args.needed("concept")?;
    call.catch_up();
    let place = call.archive(|archive| call.place(archive, args))?;
    let Some(scope) = place.scope() else {
        return Ok(nothing(concept, &place.name(), &[]));
    };
    let request = ConceptRequest {
        concept: concept.to_owned(),
        scope: scope.clone(),
        include_files: args.switch("include_files"),
        limit: args.whole("limit"),
        min_score: 0.2,
        now: call.now(),
    };
    let report = call
        .server
        .memory
        .concept(&request, call.options().search_mode)?;
    if report.hits.is_empty() {
        let terms =
            call.archive(|archive| Ok(archive.standing_out(&scope, MAX_SUGGESTED_TERMS)?))?;
        let terms: Vec<String> = terms.into_iter().map(|term| term.term).collect();
        return Ok(nothing(concept, &place.name(), &terms));
    }
    let files = args.switch("include_files");
    Ok(answer(call, &report, &place.name(), files))
}

fn nothing(concept: &str, place: &str, terms: &[String]) -> ToolAnswer {
    let concept = cut(&line(concept), 200);
    let mut text = Markup::of("<search_by_concept>\n");
    text.element("concept", &concept)
        .fixed("\n<message>No conversations found about this concept</message>\n")
        .short("stands_out_here", &terms.join(", "), 300)
        .close("search_by_concept");
    ToolAnswer::new(
        text,
        json!({"concept": concept, "scope": place, "count": 0, "results": [],
               "stands_out_here": terms}),
    )
}

fn answer(call: &McpCall, report: &ConceptReport, place: &str, files: bool) -> ToolAnswer {
    let fitted = fit(
        &report.hits,
        call.budget().keep_back(160),
        |index, found| write(index + 1, found, &report.concept, files),
    );
    let kind = if report.is_class {
        "metadata_based"
    } else {
        "fallback_semantic"
    };
    let health = if report.is_class {
        "with metadata"
    } else {
        "no metadata: searched as text"
    };
    let related: Vec<&str> = report.related.iter().map(|(name, _)| *name).collect();
    let mut text = Markup::new();
    text.open("search_by_concept", &[("note", &QUOTED_NOTE)])
        .fixed("\n")
        .element("concept", cut(&line(&report.concept), 200))
        .fixed("\n")
        .element("metadata_health", health)
        .fixed("\n")
        .element("search_type", kind)
        .fixed("\n")
        .element("count", report.hits.len())
        .fixed("\n")
        .short("related_concepts", &joined(related.iter().copied()), 200)
        .fixed("<results>\n")
        .append_all(&fitted.lines)
        .fixed("</results>\n")
        .close("search_by_concept");
    let top_files: Vec<&str> = report
        .files
        .iter()
        .map(|(path, _)| path.as_str())
        .take(5)
        .collect();
    ToolAnswer::new(
        text,
        json!({
            "note": QUOTED_NOTE, "concept": report.concept, "scope": place, "search_type": kind,
            "count": report.hits.len(), "related_concepts": related,
            "files": if files { top_files } else { Vec::new() }, "results": fitted.values,
        }),
    )
}

fn write(rank: usize, found: &ConceptHit, concept: &str, files: bool) -> (Markup, Value) {
    let hit = &found.hit;
    let preview = cut(&line(&hit.excerpt), 200);
    let related = found
        .concepts
        .iter()
        .copied()
        .filter(|name| *name != concept);
    let related = joined(related);
    let touched = joined(found.files.iter().map(String::as_str).filter(|_| files));
    let mut text = Markup::new();
    text.open("result", &[("rank", &rank)])
        .fixed("\n")
        .element("score", format_args!("{:.3}", hit.score))
        .fixed("\n");
    for (name, value) in [
        ("conversation_id", hit.conversation_id.as_str()),
        ("project", &hit.project),
        ("timestamp", &when::time(hit.time).unwrap_or_default()),
        ("concepts", &joined(found.concepts.iter().copied())),
        ("related_concepts", &related),
        ("files_analyzed", &touched),
        ("preview", &preview),
    ] {
        text.short(name, value, 300);
    }
    text.close("result").fixed("\n");
    let value = json!({
        "score": wire::round(hit.score), "conversation_id": hit.conversation_id,
        "message_id": hit.message_id, "project": hit.project, "date": when::time(hit.time),
        "concepts": found.concepts, "preview": preview,
    });
    (text, value)
}
