//! Searches whose answers are short: whether there is anything, what it is about, and what comes
//! after the first hits.

use jiff::Zoned;
use memory::{Hit, Scope, SearchRequest};
use serde_json::{Value, json};
use wire::markup::{Markup, cut, line};
use wire::when;

use super::find::{MIN_SCORE, ScopedSearch, request, search};
use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM, QUERY_KIND, limit};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::hits::age;
use crate::params::{ParamKind, ToolArguments, optional, required};
use crate::refusal::Refusal;

/// Characters of a preview.
const MAX_PREVIEW_CHARS: usize = 200;

/// Hits that are counted.
const MAX_COUNTED_HITS: usize = 100;

pub(super) const QUICK_SEARCH: McpTool = McpTool {
    name: "quick_search",
    aliases: &["csr_quick_check"],
    title: "Check whether something was discussed",
    about: "Use to check whether a topic was ever discussed, before a full search: gives how many \
            messages fit and the best one.",
    params: &[
        required("query", QUERY_KIND, "what to look for"),
        MIN_SCORE,
        PROJECT_PARAM,
    ],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: quick,
};

pub(super) const SEARCH_SUMMARY: McpTool = McpTool {
    name: "search_summary",
    aliases: &["csr_search_insights"],
    title: "Sum up what was said about something",
    about: "Use for an overview rather than single results: how much was said about a topic, when, \
            in which conversations, and which words go with it.",
    params: &[
        required("query", QUERY_KIND, "the topic"),
        PROJECT_PARAM,
        optional("limit", limit(10), ""),
    ],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: summary,
};

pub(super) const GET_MORE_RESULTS: McpTool = McpTool {
    name: "get_more_results",
    aliases: &["csr_get_more"],
    title: "More results of a search",
    about: "Use after reflect_on_past when its results don't answer the question: the next ones of \
            the same query, from `offset` on.",
    params: MORE_PARAMS,
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: more,
};

pub(super) const GET_NEXT_RESULTS: McpTool = McpTool {
    name: "get_next_results",
    aliases: &[],
    title: "Next results of a search",
    about: "Use like get_more_results, of which it is another name.",
    params: MORE_PARAMS,
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: more,
};

const MORE_PARAMS: &[crate::params::ToolParam] = &[
    required("query", QUERY_KIND, "the same as before"),
    optional(
        "offset",
        ParamKind::Whole {
            min: 0,
            max: 9_900,
            default: 3,
        },
        "results to leave out",
    ),
    optional("limit", limit(3), ""),
    MIN_SCORE,
    PROJECT_PARAM,
];

/// Whether something was said, and the best of it.
pub(super) fn quick(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let mut request = request(call, args, args.needed("query")?);
    request.limit = MAX_COUNTED_HITS;
    let found = search(call, args, request)?;
    let (place, hits) = taken(&found);
    let Some(best) = hits.first() else {
        return Ok(ToolAnswer::new(
            Markup::of(
                "<quick_search><count>0</count><message>No matches found</message></quick_search>",
            ),
            json!({"count": 0, "scope": place, "top_result": null}),
        ));
    };
    let collections = projects(hits);
    let preview = cut(&line(&best.excerpt), MAX_PREVIEW_CHARS);
    let time = when::time(best.time).unwrap_or_default();
    let mut text = Markup::of("<quick_search>\n");
    text.element("count", hits.len())
        .fixed("\n")
        .element("collections_with_matches", collections)
        .fixed("\n<top_result>\n")
        .element("score", format_args!("{:.3}", best.score))
        .fixed("\n")
        .element("timestamp", time)
        .fixed("\n")
        .open("preview", &[("note", &QUOTED_NOTE)])
        .text(&preview)
        .close("preview")
        .fixed("\n")
        .element("conversation_id", &best.conversation_id)
        .fixed("\n</top_result>\n</quick_search>");
    let mut answer = ToolAnswer::new(
        text,
        json!({
            "note": QUOTED_NOTE,
            "count": hits.len(),
            "scope": place,
            "top_result": {
                "score": wire::round(best.score),
                "date": best.time.map(|time| when::date(time, &call.local_time())),
                "conversation_id": best.conversation_id,
                "message_id": best.message_id,
                "preview": preview,
            },
        }),
    );
    if hits.len() == MAX_COUNTED_HITS {
        answer.note("there may be more matches: only the best hundred are counted");
    }
    Ok(answer)
}

/// What was said about something, as a whole.
pub(super) fn summary(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let query = args.needed("query")?;
    let mut request = SearchRequest::new(query, Scope::Nothing, call.now());
    request.mode = call.options().search_mode;
    request.min_score = 0.3;
    request.limit = MAX_COUNTED_HITS;
    let found = search(call, args, request)?;
    let (place, hits) = taken(&found);
    if hits.is_empty() {
        return Ok(ToolAnswer::new(
            Markup::of("<search_summary><message>No matches found</message></search_summary>"),
            json!({"total_matches": 0, "scope": place}),
        ));
    }
    let best = &hits[..hits.len().min(10)];
    let average = best.iter().map(|hit| hit.score).sum::<f64>() / best.len() as f64;
    let collections = projects(hits);
    let (first, last) = reach(hits, &call.local_time());
    let conversations = conversations(hits, 5);
    let mut text = Markup::of("<search_summary>\n");
    text.element("query", cut(&line(query), 200))
        .fixed("\n")
        .element("total_matches", hits.len())
        .fixed("\n")
        .element("average_score", format_args!("{average:.3}"))
        .fixed("\n")
        .element("collections_matched", collections)
        .fixed("\n")
        .element("first", &first)
        .fixed("\n")
        .element("last", &last)
        .fixed("\n")
        .open("conversations", &[("note", &QUOTED_NOTE)])
        .fixed("\n");
    for (id, title, count) in &conversations {
        text.open("conversation", &[("id", id), ("matches", count)])
            .text(title)
            .fixed("</conversation>\n");
    }
    let count = hits.len();
    text.fixed("</conversations>\n")
        .element(
            "insight",
            format_args!(
                "Found {count} matches across {collections} collections with average relevance of \
                 {average:.3}"
            ),
        )
        .fixed("\n</search_summary>");
    let listed: Vec<Value> = conversations
        .iter()
        .map(|(id, title, count)| json!({"conversation_id": id, "title": title, "matches": count}))
        .collect();
    Ok(ToolAnswer::new(
        text,
        json!({
            "note": QUOTED_NOTE, "total_matches": hits.len(), "scope": place,
            "average_score": wire::round(average), "first": first, "last": last,
            "conversations": listed,
        }),
    ))
}

fn more(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let query = args.needed("query")?;
    let offset = args.whole("offset");
    let mut request = request(call, args, query);
    request.limit = MAX_COUNTED_HITS.max(offset + args.whole("limit"));
    let found = search(call, args, request)?;
    let (place, hits) = taken(&found);
    let total = hits.len();
    let rest = hits.get(offset..).unwrap_or_default();
    if rest.is_empty() {
        let what = if total == 0 {
            "No more results found".to_owned()
        } else {
            format!("No results at offset {offset}: there are {total}")
        };
        let mut text = Markup::of("<more_results>");
        text.element("message", what).close("more_results");
        return Ok(ToolAnswer::new(
            text,
            json!({"total_available": total, "scope": place, "hits": []}),
        ));
    }
    let mut budget = call.budget().keep_back(100);
    let now = call.local_time();
    let (mut lines, mut values) = (Vec::new(), Vec::new());
    for (index, hit) in rest.iter().take(args.whole("limit")).enumerate() {
        let (text, value) = result(hit, offset + index, &now);
        if !budget.take_both(&text, &value) {
            break;
        }
        lines.push(text);
        values.push(value);
    }
    let mut text = Markup::new();
    text.open("more_results", &[("note", &QUOTED_NOTE)])
        .fixed("\n")
        .element("query", cut(&line(query), 200))
        .fixed("\n")
        .element("offset", offset)
        .fixed("\n")
        .element("limit", args.whole("limit"))
        .fixed("\n")
        .element("total_available", total)
        .fixed("\n")
        .element("results_returned", lines.len())
        .fixed("\n")
        .append_all(&lines)
        .close("more_results");
    Ok(ToolAnswer::new(
        text,
        json!({"note": QUOTED_NOTE, "total_available": total, "scope": place, "hits": values}),
    ))
}

fn result(hit: &Hit, index: usize, now: &Zoned) -> (Markup, Value) {
    let preview = cut(&line(&hit.excerpt), MAX_PREVIEW_CHARS);
    let mut text = Markup::new();
    text.open("result", &[("index", &index)])
        .fixed("\n")
        .element("score", format_args!("{:.3}", hit.score))
        .fixed("\n")
        .element("timestamp", when::time(hit.time).unwrap_or_default())
        .fixed("\n")
        .element("project", &hit.project)
        .fixed("\n")
        .element("role", hit.role.name())
        .fixed("\n")
        .element("preview", &preview)
        .fixed("\n")
        .element("conversation_id", &hit.conversation_id)
        .fixed("\n</result>\n");
    let value = json!({
        "index": index, "score": wire::round(hit.score), "date": hit.time.map(|time| when::date(time, now)),
        "age": hit.time.map(|time| age(time, now)), "project": hit.project,
        "role": hit.role.name(), "conversation_id": hit.conversation_id,
        "message_id": hit.message_id, "preview": preview,
    });
    (text, value)
}

/// What was searched, and the hits.
fn taken(found: &ScopedSearch) -> (String, &[Hit]) {
    let hits = found
        .searched
        .as_ref()
        .map_or(&[][..], |searched| &searched.response.hits);
    (found.place.name(), hits)
}

fn projects(hits: &[Hit]) -> usize {
    let mut names: Vec<&str> = hits.iter().map(|hit| hit.project.as_str()).collect();
    names.sort_unstable();
    names.dedup();
    names.len()
}

/// First and last day of what was found.
fn reach(hits: &[Hit], now: &Zoned) -> (String, String) {
    let times = hits.iter().filter_map(|hit| hit.time);
    let shown = |time: Option<i64>| time.map(|time| when::date(time, now)).unwrap_or_default();
    (shown(times.clone().min()), shown(times.max()))
}

/// The conversations with most hits: id, title, how many.
fn conversations(hits: &[Hit], most: usize) -> Vec<(&str, String, usize)> {
    let mut found: Vec<(&str, String, usize)> = Vec::new();
    for hit in hits {
        match found.iter_mut().find(|(id, ..)| *id == hit.conversation_id) {
            Some((_, _, count)) => *count += 1,
            None => found.push((&hit.conversation_id, cut(&line(&hit.title), 80), 1)),
        }
    }
    // Of equal counts the better hit comes first, as the sort keeps their order.
    found.sort_by_key(|(_, _, count)| std::cmp::Reverse(*count));
    found.truncate(most);
    found
}
