//! The documents of searches: hits with where they stand and why they were found.

use recall::{Hit, Indexed, Lag, SearchResponse};
use serde::Serialize;

use crate::finding::FindingDoc;
use crate::lag::LagDoc;
use crate::message::MessageDoc;
use crate::reflections::{MarkDoc, ReflectedDoc};
use crate::when::time;

/// `search --json`.
#[derive(Serialize)]
pub struct SearchDoc<'a> {
    query: &'a str,
    scope: ScopeDoc<'a>,
    mode: &'static str,
    took_ms: u64,
    indexed: IndexedDoc,
    hits: Vec<HitDoc<'a>>,
    verdict: &'static str,
    notes: &'a [String],
    lag: Option<LagDoc>,
}

/// What was looked through: one project by its name, or all.
#[derive(Serialize)]
pub(crate) struct ScopeDoc<'a> {
    pub(crate) project: Option<&'a str>,
}

/// How far the indexes are.
#[derive(Serialize)]
pub(crate) struct IndexedDoc {
    messages: u64,
    embeddable: u64,
    embedded: u64,
}

#[derive(Serialize)]
struct HitDoc<'a> {
    rank: usize,
    score: f64,
    message_id: &'a str,
    conversation_id: &'a str,
    project: &'a str,
    source: &'a str,
    role: &'static str,
    speaker: Option<&'a str>,
    time: Option<String>,
    title: &'a str,
    excerpt: &'a str,
    path: &'a str,
    findings: Vec<FindingDoc<'a>>,
    guard: &'static str,
    why: WhyDoc,
    terms: &'a [String],
    folded: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    reflection: Option<ReflectedDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    status: Option<MarkDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<ContextDoc<'a>>,
}

#[derive(Serialize)]
struct WhyDoc {
    lexical: Option<f64>,
    semantic: Option<f64>,
    recency: Option<f64>,
}

#[derive(Serialize)]
struct ContextDoc<'a> {
    before: Vec<MessageDoc<'a>>,
    after: Vec<MessageDoc<'a>>,
}

impl<'a> SearchDoc<'a> {
    /// The answer to `query`.
    pub fn new(
        query: &'a str,
        response: &'a SearchResponse,
        lag: Option<&Lag>,
        took_ms: u64,
    ) -> Self {
        let hits = response
            .hits
            .iter()
            .zip(1..)
            .map(|(hit, rank)| HitDoc::new(hit, rank));
        Self {
            query,
            scope: ScopeDoc {
                project: response.project.as_deref(),
            },
            mode: response.mode.name(),
            took_ms,
            indexed: response.indexed.into(),
            hits: hits.collect(),
            verdict: response.verdict.name(),
            notes: &response.notes,
            lag: lag.map(LagDoc::from),
        }
    }
}

impl<'a> HitDoc<'a> {
    fn new(hit: &'a Hit, rank: usize) -> Self {
        let context = || ContextDoc {
            before: hit.before.iter().map(MessageDoc::new).collect(),
            after: hit.after.iter().map(MessageDoc::new).collect(),
        };
        Self {
            rank,
            score: hit.score,
            message_id: &hit.message_id,
            conversation_id: &hit.conversation_id,
            project: &hit.project,
            source: &hit.source,
            role: hit.role.name(),
            speaker: hit.speaker.as_deref(),
            time: time(hit.time),
            title: &hit.title,
            excerpt: &hit.excerpt,
            path: &hit.path,
            findings: hit.findings.iter().map(FindingDoc::new).collect(),
            guard: hit.guard().name(),
            why: WhyDoc {
                lexical: hit.why.lexical,
                semantic: hit.why.semantic,
                recency: hit.why.recency,
            },
            terms: &hit.why.terms,
            folded: &hit.folded,
            reflection: hit.reflection.as_ref().map(|reflection| ReflectedDoc {
                tags: &reflection.tags,
                author: reflection.author.as_deref(),
            }),
            status: hit.status.as_ref().map(MarkDoc::new),
            context: (!hit.before.is_empty() || !hit.after.is_empty()).then(context),
        }
    }
}

impl From<Indexed> for IndexedDoc {
    fn from(indexed: Indexed) -> Self {
        let Indexed {
            messages,
            embeddable,
            embedded,
        } = indexed;
        Self {
            messages,
            embeddable,
            embedded,
        }
    }
}

/// One line of `search --batch`.
#[derive(Serialize)]
pub struct RankedDoc<'a> {
    /// The id of the query, as it was given.
    pub id: &'a serde_json::value::RawValue,
    /// Ids of the messages found, best first.
    pub ranked: Vec<&'a str>,
    /// Their scores.
    pub scores: Vec<f64>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
