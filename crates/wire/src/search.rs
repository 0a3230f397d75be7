//! The documents of searches: hits, each with its conversation, an excerpt and why it was found. Times are
//! RFC 3339 in UTC (`2026-03-01T09:30:00.000Z`), `null` where unknown.

use jiff::Zoned;
use recall::{Hit, Indexed, Lag, SearchResponse};
use serde::Serialize;

use crate::finding::{BriefFindingDoc, FindingDoc};
use crate::lag::LagDoc;
use crate::markup::{cut, line};
use crate::message::MessageDoc;
use crate::reflections::{MarkDoc, ReflectedDoc};
use crate::search_note::search_note;
use crate::when::{date, time};

/// The document that `search --json` prints: hits, best first, and whether they answer the query.
#[derive(Serialize)]
pub struct SearchDoc<'a> {
    /// The query as it was given.
    query: &'a str,
    /// `project`: name of the project that was searched, `null` for all.
    scope: ScopeDoc<'a>,
    /// How it was searched in fact: `hybrid` (by words and by meaning), `lexical` (by words) or `semantic`
    /// (by meaning). `lexical` too if `hybrid` was asked for and there is no model.
    mode: &'static str,
    /// Milliseconds that the command took, loading the model included.
    took_ms: u64,
    /// The numbers of `messages` that can be found by words, of `embeddable` ones that should be found by
    /// meaning, and of those that are `embedded`, so that they can be.
    indexed: IndexedDoc,
    /// The messages found, the best first: `rank` (from 1), `score` (0–1), ids, names, excerpt, what the
    /// guards found (`findings`, `guard`), and what words, meaning and age say for it (`why`).
    hits: Vec<HitDoc<'a>>,
    /// Whether the hits answer the query: `relevant`, `weak` (perhaps) or `nothing`.
    verdict: &'static str,
    /// Sentences for a person, such as which typo was corrected or why nothing was found. Times in them are
    /// local.
    notes: Vec<String>,
    /// What the logs have and the archive doesn't have yet; `null` if they weren't looked at, as with the
    /// setting `import.on_search` off.
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
    /// How many further messages of the conversation fit and were left out; 0 in all but its first hit.
    more: usize,
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
    /// The document of the response to `query`. `lag` is how far the archive was behind the logs, `None` if
    /// that was not looked at; `took_ms` is how many milliseconds the whole command took. Times in notes are in
    /// the time zone of `now`.
    pub fn new(
        query: &'a str,
        response: &'a SearchResponse,
        lag: Option<&Lag>,
        took_ms: u64,
        now: &Zoned,
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
            notes: response
                .notes
                .iter()
                .map(|note| search_note(note, now))
                .collect(),
            lag: lag.map(LagDoc::from),
        }
    }
}

/// A hit in the values of an MCP answer, for a model's context, where each token counts: fewer and shorter
/// values than a hit of [`SearchDoc`] has, under the same keys but for `date`, `status` and `evidence`.
#[derive(Serialize)]
pub struct BriefHitDoc<'a> {
    /// `rank` (from 1), `score` (0–1, three decimals), `message_id`, `conversation_id` and `project`.
    #[serde(flatten)]
    key: HitKey<'a>,
    /// Who speaks: `user`, `assistant`, `system` or `tool`.
    role: &'static str,
    /// The local day, such as `2026-03-01`; `null` if unknown.
    date: Option<String>,
    /// Title of the conversation, on one line and of at most 80 characters.
    title: String,
    /// The best passage of the message, cut by the caller.
    excerpt: &'a str,
    /// The strongest action of its findings (`flag`, `mask`, `quarantine` or `block`); left out without any.
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<&'static str>,
    /// What the guards found in excerpt and title: `field`, `kind`, `entity`, `rule` and `verdict`, each
    /// combination once.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<BriefFindingDoc<'a>>,
    /// `tags` and `author`, if the message is a reflection (a note that somebody stored).
    #[serde(skip_serializing_if = "Option::is_none")]
    reflection: Option<ReflectedDoc<'a>>,
    /// Two keys, if it was ever marked: `status`, its latest mark (`open`, `resolved` or `superseded`), and
    /// `evidence` for that, of at most 120 characters or `null`.
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
    /// The document of a hit: `rank` is its place among the hits, from 1, `excerpt` what the caller shows
    /// of the hit's own excerpt; days are those of the time zone of `now`.
    pub fn new(hit: &'a Hit, rank: usize, excerpt: &'a str, now: &Zoned) -> Self {
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
            date: hit.time.map(|time| date(time, now)),
            title: cut(&line(&hit.title), MAX_BRIEF_TITLE_CHARS),
            excerpt,
            guard: (!hit.findings.is_empty()).then(|| hit.guard().name()),
            findings: BriefFindingDoc::all(&hit.findings),
            reflection: hit.reflection.as_ref().map(ReflectedDoc::of_hit),
            status,
        }
    }
}

/// A score (0–1) rounded to three decimals, as answers for models have it.
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
            more: hit.more,
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

/// A line that `search --batch` prints for one query: the ids of the messages found, or why there is no
/// answer.
#[derive(Serialize)]
pub struct RankedDoc<'a> {
    /// The id of the query: any JSON value, as it was given.
    pub id: &'a serde_json::value::RawValue,
    /// Ids of the messages found, best first; empty if nothing was found or there is an error.
    pub ranked: Vec<&'a str>,
    /// Their scores, 0–1, in the same order.
    pub scores: Vec<f64>,
    /// Why the query can't be answered, such as an unknown project; left out if it was.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<String>,
}
