//! The documents of searches: hits with where they stand and why they were found.

use recall::{Hit, Indexed, Lag, SearchResponse};
use serde::Serialize;

use crate::finding::{BriefFindingDoc, FindingDoc};
use crate::lag::LagDoc;
use crate::markup::{cut, line};
use crate::message::MessageDoc;
use crate::reflections::{MarkDoc, ReflectedDoc};
use crate::when::{time, utc_date};

/// The document that `search --json` prints: hits, best first, and whether they answer the query.
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

/// What every document of a hit begins with, however long it is.
#[derive(Serialize)]
struct HitKey<'a> {
    rank: usize,
    score: f64,
    message_id: &'a str,
    conversation_id: &'a str,
    project: &'a str,
}

/// A hit with everything that is known of it.
#[derive(Serialize)]
struct HitDoc<'a> {
    #[serde(flatten)]
    key: HitKey<'a>,
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
    /// The document of a response to `query` that took so many milliseconds, with how far the archive was
    /// behind the logs where these were looked at.
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

/// A hit as a model is given it, with the keys of the full document and less in them, since each word of
/// an answer costs: a score of three decimals, a day instead of a time, a short title and excerpt.
#[derive(Serialize)]
pub struct BriefHitDoc<'a> {
    #[serde(flatten)]
    key: HitKey<'a>,
    role: &'static str,
    date: Option<String>,
    title: String,
    excerpt: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<BriefFindingDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reflection: Option<ReflectedDoc<'a>>,
    #[serde(flatten)]
    status: Option<BriefStatusDoc>,
}

/// What became of what a hit says.
#[derive(Serialize)]
struct BriefStatusDoc {
    status: &'static str,
    evidence: Option<String>,
}

/// Characters of a title and of evidence in a brief document; three dots follow what was cut.
const MAX_BRIEF_TITLE_CHARS: usize = 80;
const MAX_BRIEF_EVIDENCE_CHARS: usize = 120;

impl<'a> HitKey<'a> {
    fn new(hit: &'a Hit, rank: usize, score: f64) -> Self {
        Self {
            rank,
            score,
            message_id: &hit.message_id,
            conversation_id: &hit.conversation_id,
            project: &hit.project,
        }
    }
}

impl<'a> BriefHitDoc<'a> {
    /// The document of the hit of this rank, counted from 1, with an excerpt that was cut from it.
    pub fn new(hit: &'a Hit, rank: usize, excerpt: &'a str) -> Self {
        let status = hit.status.as_ref().map(|mark| BriefStatusDoc {
            status: mark.status.name(),
            evidence: mark
                .evidence
                .as_deref()
                .map(|evidence| cut(&line(evidence), MAX_BRIEF_EVIDENCE_CHARS)),
        });
        Self {
            key: HitKey::new(hit, rank, round(hit.score)),
            role: hit.role.name(),
            date: hit.time.map(utc_date),
            title: cut(&line(&hit.title), MAX_BRIEF_TITLE_CHARS),
            excerpt,
            guard: (!hit.findings.is_empty()).then(|| hit.guard().name()),
            findings: BriefFindingDoc::all(&hit.findings),
            reflection: hit.reflection.as_ref().map(ReflectedDoc::of_hit),
            status,
        }
    }
}

/// A score rounded to three decimals, as answers for models have it.
pub fn round(score: f64) -> f64 {
    (score * 1000.0).round() / 1000.0
}

impl<'a> HitDoc<'a> {
    fn new(hit: &'a Hit, rank: usize) -> Self {
        let context = || ContextDoc {
            before: hit.before.iter().map(MessageDoc::new).collect(),
            after: hit.after.iter().map(MessageDoc::new).collect(),
        };
        Self {
            key: HitKey::new(hit, rank, hit.score),
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
            reflection: hit.reflection.as_ref().map(ReflectedDoc::of_hit),
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

/// A line that `search --batch` prints: the ids of what one query of the batch found, or why there are none.
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
