//! Searching: the tools that give hits with excerpts.

use memory::{Decay, SearchRequest, Searched, Verdict};
use serde_json::{Value, json};
use wire::markup::{Markup, cut, line};

use super::find::{MIN_SCORE, ScopedSearch, request, search};
use super::look;
use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM, QUERY_KIND, limit};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::cursor::CursorQuestion;
use crate::hits::{HitForm, HitPage, SearchTiming};
use crate::params::{ParamKind, ToolArguments, optional, required};
use crate::refusal::Refusal;
use crate::scope::CallScope;
use crate::span;

/// What tokens of an answer are kept back for its head.
const HEAD_TOKENS: usize = 260;

pub(super) const REFLECT_ON_PAST: McpTool = McpTool {
    name: "reflect_on_past",
    aliases: &["csr_reflect_on_past"],
    title: "Search past conversations",
    about: "Use like `search`, in the form and with the parameters that Claude Self-Reflect's tool of \
            this name has: whole messages, Markdown, newer first.",
    params: &[
        required("query", QUERY_KIND, "what to find, in plain words"),
        optional("limit", limit(5), ""),
        MIN_SCORE,
        optional(
            "use_decay",
            ParamKind::Decay,
            "1: newer counts more, 0: not",
        ),
        PROJECT_PARAM,
        optional("mode", ParamKind::Choice(&["full", "quick", "summary"]), ""),
        optional("brief", ParamKind::Switch(false), ""),
        optional("include_raw", ParamKind::Switch(false), "whole messages"),
        optional(
            "response_format",
            ParamKind::Choice(&["xml", "markdown"]),
            "",
        ),
        optional("cursor", ParamKind::Text(64), "of the answer to continue"),
    ],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: reflect_on_past,
};

pub(super) const SEARCH_BY_RECENCY: McpTool = McpTool {
    name: "search_by_recency",
    aliases: &[],
    title: "Search within a span of time",
    about: "Use when the question names a time: \"what did we do about X last week\". Like \
            reflect_on_past, within `time_range` (\"yesterday\", \"last week\", \"past 3 days\") or \
            `since` and `until`.",
    params: &[
        required("query", QUERY_KIND, "what to find"),
        optional("time_range", ParamKind::Text(100), ""),
        optional("since", ParamKind::Text(100), "a date or time"),
        optional("until", ParamKind::Text(100), "a date or time"),
        optional("limit", limit(10), ""),
        MIN_SCORE,
        PROJECT_PARAM,
    ],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: search_by_recency,
};

/// Age lowers scores where the call or, if it doesn't say, the settings want it.
pub(super) fn decay(call: &McpCall, asked: Option<bool>) -> Option<Decay> {
    let options = call.options();
    asked
        .unwrap_or(options.is_decay_on)
        .then_some(options.decay)
}

/// What is said where nothing is relevant.
pub(super) fn nothing(call: &McpCall, query: &str, found: &ScopedSearch) -> ToolAnswer {
    let place = &found.place;
    let where_ = match place {
        CallScope::All => "any project".to_owned(),
        CallScope::Project(name) => format!("project `{name}`"),
        CallScope::Unknown(_) => format!("`{}`, of which nothing is archived yet", place.name()),
    };
    let mut text = Markup::of("Nothing relevant found for '");
    text.text(line(&cut(query, 200)))
        .fixed("' in ")
        .text(line(&where_))
        .fixed(".");
    if *place != CallScope::All {
        text.fixed(" `project: \"all\"` searches every project.");
    }
    let mut answer = ToolAnswer::new(
        text,
        json!({"verdict": "nothing", "scope": place.name(), "count": 0, "hits": []}),
    );
    if let Some(searched) = &found.searched {
        explain(call, searched, &mut answer);
    }
    answer
}

/// Says what the hits don't tell.
pub(super) fn search_notes(call: &McpCall, searched: &Searched, answer: &mut ToolAnswer) {
    if searched.response.verdict == Verdict::Nothing {
        answer.note("nothing relevant was said; these are only the nearest");
    }
    explain(call, searched, answer);
}

/// Says why there are no hits, or only such.
fn explain(call: &McpCall, searched: &Searched, answer: &mut ToolAnswer) {
    for note in &searched.response.notes {
        answer.note(&wire::search_note(note, &call.local_time()));
    }
    if let Some(note) = searched.model.fallback_note() {
        answer.note(&note);
    }
}

fn reflect_on_past(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    match args.choice("mode") {
        "quick" => return look::quick(call, args),
        "summary" => return look::summary(call, args),
        _ => {}
    }
    let query = args.needed("query")?;
    let mut request = request(call, args, query);
    request.decay = decay(call, args.decay("use_decay"));
    request.limit = args.whole("limit");
    hits(call, args, request, SearchExtras::of(args))
}

fn search_by_recency(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let mut request = request(call, args, args.needed("query")?);
    let (since, until) = span::bounds(
        args.text("time_range"),
        args.text("since"),
        args.text("until"),
        &call.local_time(),
    )?;
    (request.since, request.until) = (since, until);
    request.limit = args.whole("limit");
    hits(call, args, request, SearchExtras::default())
}

/// What only `reflect_on_past` can be asked for.
#[derive(Clone, Copy, Default)]
pub(super) struct SearchExtras<'a> {
    brief: bool,
    raw: bool,
    markdown: bool,
    cursor: Option<&'a str>,
}

impl<'a> SearchExtras<'a> {
    fn of(args: &'a ToolArguments) -> Self {
        Self {
            brief: args.switch("brief"),
            raw: args.switch("include_raw"),
            markdown: args.choice("response_format") == "markdown",
            cursor: args.text("cursor"),
        }
    }

    fn form(self) -> HitForm {
        if self.markdown {
            HitForm::Markdown
        } else {
            HitForm::Xml { brief: self.brief }
        }
    }
}

/// Searches and writes the hits.
pub(super) fn hits(
    call: &McpCall,
    args: &ToolArguments,
    mut request: SearchRequest,
    extra: SearchExtras<'_>,
) -> Result<ToolAnswer, Refusal> {
    let question = question(&request, args);
    if let Some(cursor) = extra.cursor {
        request.offset = question.place(cursor)?;
    }
    let (query, offset) = (request.query.clone(), request.offset);
    let asked = request.limit;
    // One more tells whether there is more.
    request.limit += 1;
    call.progress("searching");
    let found = search(call, args, request)?;
    let Some(searched) = &found.searched else {
        return Ok(nothing(call, &query, &found));
    };
    let hits = &searched.response.hits;
    if hits.is_empty() && offset == 0 {
        return Ok(nothing(call, &query, &found));
    }
    let (place, now) = (found.place.name(), call.local_time());
    let mut page = HitPage {
        query: &query,
        place: &place,
        hits: &hits[..hits.len().min(asked)],
        verdict: searched.response.verdict,
        offset,
        form: extra.form(),
        now: &now,
        raw: Vec::new(),
    };
    if extra.raw {
        page.raw = raw(call, &page)?;
    }
    let projects = match found.place {
        CallScope::All => call.archive(|archive| Ok(archive.project_count()?))?,
        CallScope::Project(_) | CallScope::Unknown(_) => 1,
    };
    Ok(write(call, &page, searched, projects, &question))
}

/// What decides which hits there are.
fn question(request: &SearchRequest, args: &ToolArguments) -> CursorQuestion {
    CursorQuestion::new((
        &request.query,
        args.text("project").map(str::to_lowercase),
        request.min_score.to_bits(),
        request.decay.is_some(),
        (request.since, request.until),
    ))
}

/// The texts of the messages that were hit.
fn raw(call: &McpCall, page: &HitPage<'_>) -> Result<Vec<String>, Refusal> {
    const MAX_RAW_CHARS: usize = 1200;
    call.archive(|archive| {
        let mut texts = Vec::new();
        for hit in page.hits {
            let mut text = String::new();
            archive.messages(
                &hit.conversation_id,
                Some((&hit.message_id, 0)),
                false,
                &mut |view| {
                    text = cut(&view.message.text, MAX_RAW_CHARS);
                    false
                },
            )?;
            texts.push(text);
        }
        Ok(texts)
    })
}

fn write(
    call: &McpCall,
    page: &HitPage<'_>,
    searched: &Searched,
    projects: u64,
    question: &CursorQuestion,
) -> ToolAnswer {
    let mut budget = call.budget().keep_back(HEAD_TOKENS);
    let written = page.write(&mut budget);
    let shown = written.values.len();
    let is_more = shown < page.hits.len() || searched.response.hits.len() > page.hits.len();
    let next = is_more.then(|| question.cursor(page.offset + shown));
    let shown_page = page.first(shown);
    let total = millis(searched.took);
    let embedding = searched.embedding.map_or(0, millis);
    let timing = SearchTiming {
        embed: if searched.embedding.is_some() {
            "local"
        } else {
            "none"
        },
        total,
        embedding,
        searching: total.saturating_sub(embedding),
    };
    let text = match page.form {
        HitForm::Xml { .. } => {
            let mut text = Markup::new();
            text.text(format_args!(
                "RESULTS: {shown} matches ({} relevance, top score: {:.3})\n\
                 PERFORMANCE: {total}ms ({projects} collections searched)\n\n",
                page.relevance(),
                page.top()
            ));
            text.append(&shown_page.head(&timing, call.indexing(&searched.response.indexed)))
                .fixed("  <results>\n")
                .append(&written.text)
                .fixed("  </results>\n");
            if let Some(next) = &next {
                text.fixed("  ")
                    .empty("more", &[("cursor", next)])
                    .fixed("\n");
            }
            text.fixed("</search>\n");
            text
        }
        HitForm::Markdown => {
            let mut text = Markup::of("Found ");
            text.text(shown)
                .fixed(" relevant conversation(s) for '")
                .text(line(&cut(page.query, 200)))
                .fixed("' (")
                .fixed(QUOTED_NOTE)
                .fixed("):\n\n")
                .append(&written.text);
            text
        }
    };
    let mut answer = ToolAnswer::new(
        text,
        json!({
            "note": QUOTED_NOTE,
            "verdict": page.verdict.name(),
            "scope": page.place,
            "count": shown,
            "relevance": page.relevance(),
            "hits": written.values,
        }),
    );
    if let Some(next) = next {
        answer
            .structured
            .insert("cursor".to_owned(), Value::from(next));
    }
    search_notes(call, searched, &mut answer);
    answer
}

fn millis(duration: std::time::Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}
