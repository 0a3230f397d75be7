//! The search tool of our own: the best evidence for a query, in few bytes.

use std::fmt::Display;

use jiff::Zoned;
use memory::{Archive, Hit, Scope, SearchRequest, Verdict};
use serde_json::{Value, json};
use wire::markup::{Attributes, Markup};
use wire::{EvidenceDoc, short_id, tokens};

use super::find::{ScopedSearch, search};
use super::search::{decay, nothing, search_notes};
use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM, QUERY_KIND};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::cursor::CursorQuestion;
use crate::hits::window;
use crate::params::{ParamKind, ToolArguments, optional, required};
use crate::refusal::Refusal;
use crate::scope::CallScope;
use crate::span;

/// Bytes that an answer may take for each hit that was asked for, as text and as values each, all that stands
/// around the hits included.
const BYTES_PER_HIT: usize = 480;

/// Bytes of these that are kept back for what stands after the hits, and tokens of an answer.
const NOTES_BYTES: usize = 160;
const NOTES_TOKENS: usize = 60;

/// Characters of the longest excerpt, and by how many it is shortened until all hits fit.
const MAX_EXCERPT_CHARS: usize = 420;
const EXCERPT_STEP_CHARS: usize = 15;
const MIN_EXCERPT_CHARS: usize = 45;

/// Hits of one conversation: others may know better.
const HITS_PER_CONVERSATION: usize = 2;

/// The least score of a hit.
const MIN_SCORE: f64 = 0.3;

pub(super) const SEARCH: McpTool = McpTool {
    name: "search",
    aliases: &[],
    title: "Search past conversations",
    about: "Use when earlier work may matter: \"what did we decide\", \"have we seen this error\", \
            \"how did we do X\", or before solving what may have been solved. Finds by words and by \
            meaning; exact identifiers, paths and error codes as typed, \"phrases\" in quotes. Gives \
            the best evidence first; `cid` and `id` open it with get_full_conversation.",
    params: &[
        required("query", QUERY_KIND, "what to find, in plain words"),
        optional(
            "limit",
            ParamKind::Whole {
                min: 1,
                max: 20,
                default: 5,
            },
            "",
        ),
        PROJECT_PARAM,
        optional(
            "since",
            ParamKind::Text(100),
            "`2026-03-01`, `7d`, `last week`",
        ),
        optional("until", ParamKind::Text(100), ""),
        optional("cursor", ParamKind::Text(64), "of the answer to continue"),
    ],
    is_core: true,
    effect: ArchiveEffect::Reads,
    run,
};

fn run(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let mut request = SearchRequest::new(args.needed("query")?, Scope::Nothing, call.now());
    request.mode = call.options().search_mode;
    request.min_score = MIN_SCORE;
    request.decay = decay(call, None);
    request.per_conversation = Some(HITS_PER_CONVERSATION);
    let (since, until) = (args.text("since"), args.text("until"));
    let question = CursorQuestion::new((
        "search",
        &request.query,
        args.text("project").map(str::to_lowercase),
        (since, until),
    ));
    (request.since, request.until) = span::bounds(None, since, until, &call.local_time())?;
    if let Some(cursor) = args.text("cursor") {
        request.offset = question.place(cursor)?;
    }
    let (query, offset) = (request.query.clone(), request.offset);
    let asked = args.whole("limit");
    // One more tells whether there is more.
    request.limit = asked + 1;
    call.progress("searching");
    let found = search(call, args, request)?;
    let Some(searched) = &found.searched else {
        return Ok(nothing(call, &query, &found));
    };
    let hits = &searched.response.hits;
    if hits.is_empty() && offset == 0 {
        return Ok(nothing(call, &query, &found));
    }
    let page = EvidencePage {
        hits: &hits[..hits.len().min(asked)],
        found: &found,
        offset,
        now: &call.local_time(),
    };
    let most = (
        asked * BYTES_PER_HIT - NOTES_BYTES,
        call.budget().keep_back(NOTES_TOKENS).left(),
    );
    let mut written = call.archive(|archive| Ok(page.write(archive, most)))?;
    let mut values = json!({
        "note": QUOTED_NOTE,
        "verdict": searched.response.verdict.name(),
        "scope": found.place.name(),
        "hits": written.hits,
    });
    if written.hits.len() < hits.len() {
        let next = question.cursor(offset + written.hits.len());
        written.text.empty("more", &[("cursor", &next)]).fixed("\n");
        values["cursor"] = Value::from(next);
    }
    written.text.close("search").fixed("\n");
    let mut answer = ToolAnswer::new(written.text, values);
    search_notes(call, searched, &mut answer);
    Ok(answer)
}

/// Hits to be written.
struct EvidencePage<'a> {
    hits: &'a [Hit],
    found: &'a ScopedSearch,
    /// How many hits stand before these.
    offset: usize,
    now: &'a Zoned,
}

/// What fits.
#[derive(Default)]
struct WrittenPage {
    /// The head and the hits.
    text: Markup,
    /// The hits as values.
    hits: Vec<Value>,
}

impl EvidencePage<'_> {
    /// As many hits as fit into so many bytes and tokens, as text and as values, with excerpts as long as that
    /// allows.
    fn write(&self, archive: &Archive, most: (usize, usize)) -> WrittenPage {
        let cids: Vec<&str> = self.hits.iter().map(|hit| cid(archive, hit)).collect();
        let mut best = WrittenPage::default();
        let lengths = (MIN_EXCERPT_CHARS..=MAX_EXCERPT_CHARS).rev();
        for length in lengths.step_by(EXCERPT_STEP_CHARS) {
            let written = self.write_within(&cids, length, most);
            if best.text.as_str().is_empty() || written.hits.len() > best.hits.len() {
                best = written;
            }
            if best.hits.len() == self.hits.len() {
                break;
            }
        }
        best
    }

    fn write_within(
        &self,
        cids: &[&str],
        length: usize,
        (bytes, tokens): (usize, usize),
    ) -> WrittenPage {
        let fits = |text: &str| text.len() <= bytes && tokens::estimate(text) <= tokens;
        let mut page = WrittenPage {
            text: self.head(),
            hits: Vec::new(),
        };
        let mut values_text = page.text.as_str().to_owned();
        let mut shown: Vec<&str> = Vec::new();
        for (hit, cid) in self.hits.iter().zip(cids) {
            let rank = self.offset + page.hits.len() + 1;
            let all = self.found.place == CallScope::All;
            let excerpt = window(&hit.excerpt, &hit.matches, length);
            let mut doc = EvidenceDoc::new(hit, (rank, cid), excerpt, self.now);
            if all {
                doc.project = Some(&hit.project);
            }
            if shown.contains(cid) {
                doc.title = None;
            }
            let mut longer = page.text.clone();
            longer.append(&markup(&doc));
            let value = json!(doc);
            values_text.push_str(&value.to_string());
            if !fits(longer.as_str()) || !fits(&values_text) {
                break;
            }
            page.text = longer;
            page.hits.push(value);
            shown.push(cid);
        }
        page
    }

    fn head(&self) -> Markup {
        let mut head = Markup::new();
        let searched = self.found.searched.as_ref();
        let verdict = searched.map_or(Verdict::Nothing, |searched| searched.response.verdict);
        let attributes: Attributes<'_> = &[
            ("scope", &self.found.place.name()),
            ("verdict", &verdict.name()),
            ("note", &QUOTED_NOTE),
        ];
        head.open("search", attributes).fixed("\n");
        head
    }
}

/// A hit as an element.
fn markup(doc: &EvidenceDoc<'_>) -> Markup {
    let tags = doc.tags.join(", ");
    let mut attributes: Vec<(&'static str, &dyn Display)> = vec![
        ("rank", &doc.rank),
        ("score", &doc.score),
        ("role", &doc.role),
    ];
    let optional: [(&'static str, Option<&dyn Display>); 2] = [
        ("time", doc.time.as_ref().map(|time| time as &dyn Display)),
        (
            "project",
            doc.project.as_ref().map(|project| project as &dyn Display),
        ),
    ];
    attributes.extend(optional.into_iter().filter_map(given));
    attributes.extend([
        ("cid", &doc.conversation_id as &dyn Display),
        ("id", &doc.message_id),
    ]);
    let optional: [(&'static str, Option<&dyn Display>); 5] = [
        (
            "title",
            doc.title.as_ref().map(|title| title as &dyn Display),
        ),
        ("tags", (!tags.is_empty()).then_some(&tags as &dyn Display)),
        (
            "resolution",
            doc.resolution.as_ref().map(|found| found as &dyn Display),
        ),
        ("more", doc.more.as_ref().map(|more| more as &dyn Display)),
        (
            "guard",
            doc.guard.as_ref().map(|guard| guard as &dyn Display),
        ),
    ];
    attributes.extend(optional.into_iter().filter_map(given));
    let mut text = Markup::new();
    text.open("hit", &attributes)
        .cdata(&doc.excerpt)
        .close("hit")
        .fixed("\n");
    text
}

/// An attribute that has a value.
fn given<'a>(
    (name, value): (&'static str, Option<&'a dyn Display>),
) -> Option<(&'static str, &'a dyn Display)> {
    Some((name, value?))
}

/// The id of a hit's conversation: short, if that means only this one.
fn cid<'a>(archive: &Archive, hit: &'a Hit) -> &'a str {
    let id = hit.conversation_id.as_str();
    let short = short_id(id);
    let is_enough = archive
        .conversation(short)
        .is_ok_and(|found| found.id == id);
    if is_enough { short } else { id }
}
