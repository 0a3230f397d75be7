//! What `--json` prints: the only place where answers get their keys, which `docs/json.md` promises.

pub(crate) mod blame;
mod message;
mod finding;
pub(crate) mod browse;
pub(crate) mod reflections;
pub(crate) mod upkeep;
pub(crate) mod setup;
pub(crate) mod scan;

use recall::{
    Caught, Hit, ImportReport, Indexed, ProblemAt, ProjectInfo, SearchResponse, Skipped,
    SourceInfo, SourceReport,
};
use serde::Serialize;
use transcript::Millis;

use crate::fresh::Lag;
use crate::when;
pub(crate) use finding::FindingDoc;
pub(crate) use message::{ConversationDoc, MessageDoc};
use reflections::{MarkDoc, ReflectedDoc};

/// `search --json`.
#[derive(Serialize)]
pub(crate) struct SearchDoc<'a> {
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

/// How far the archive is behind the logs.
#[derive(Serialize)]
pub(crate) struct LagDoc {
    files: u64,
    bytes: u64,
    unsure: bool,
    problem: Option<String>,
}

impl From<&Lag> for LagDoc {
    fn from(lag: &Lag) -> Self {
        Self {
            files: lag.files,
            bytes: lag.bytes,
            unsure: lag.unsure,
            problem: lag.problem.clone(),
        }
    }
}

#[derive(Serialize)]
struct ScopeDoc<'a> {
    project: Option<&'a str>,
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
    pub(crate) fn new(
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
pub(crate) struct RankedDoc<'a> {
    /// The id of the query, as it was given.
    pub(crate) id: &'a serde_json::value::RawValue,
    /// Ids of the messages found, best first.
    pub(crate) ranked: Vec<&'a str>,
    /// Their scores.
    pub(crate) scores: Vec<f64>,
    /// Why there is no answer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) error: Option<String>,
}

/// `import --json`.
#[derive(Serialize)]
pub(crate) struct ImportDoc<'a> {
    took_ms: u64,
    sources: Vec<SourceReportDoc<'a>>,
    skipped: Vec<ProblemDoc<'a>>,
    stopped: bool,
    embedding: EmbeddingDoc,
}

/// A line of `import --watch --json`.
#[derive(Serialize)]
pub(crate) struct CaughtDoc {
    time: Option<String>,
    changed: u64,
    added: u64,
    lag: LagDoc,
    took_ms: u64,
}

impl CaughtDoc {
    /// What catching up came to.
    pub(crate) fn new(caught: &Caught, time: Option<String>, took_ms: u64) -> Self {
        Self {
            time,
            changed: caught.changed,
            added: caught.added,
            lag: LagDoc {
                files: caught.waiting_files,
                bytes: caught.waiting_bytes,
                unsure: false,
                problem: None,
            },
            took_ms,
        }
    }
}

/// What an import did about embeddings.
#[derive(Clone, Copy, Debug, Default, Serialize)]
pub(crate) struct EmbeddingDoc {
    /// Whether there is a model; absent where that was not looked at.
    pub(crate) model: Option<bool>,
    /// Messages embedded.
    pub(crate) embedded: u64,
    /// Messages that are yet to be embedded.
    pub(crate) left: u64,
}

#[derive(Serialize)]
struct SourceReportDoc<'a> {
    source: &'a str,
    files: u64,
    changed: u64,
    bytes: u64,
    conversations: u64,
    messages: u64,
    added: u64,
    duplicates: u64,
    problem_count: u64,
    problems: Vec<ProblemDoc<'a>>,
}

/// Something that could not be read, and where.
#[derive(Serialize)]
pub(crate) struct ProblemDoc<'a> {
    path: &'a str,
    line: u64,
    what: &'a str,
}

impl<'a> ImportDoc<'a> {
    /// What an import did.
    pub(crate) fn new(report: &'a ImportReport, embedding: EmbeddingDoc, took_ms: u64) -> Self {
        Self {
            took_ms,
            sources: report.sources.iter().map(SourceReportDoc::new).collect(),
            skipped: report.skipped.iter().map(ProblemDoc::skipped).collect(),
            stopped: report.stopped,
            embedding,
        }
    }
}

impl<'a> SourceReportDoc<'a> {
    fn new(report: &'a SourceReport) -> Self {
        Self {
            source: &report.source,
            files: report.files,
            changed: report.changed,
            bytes: report.bytes,
            conversations: report.conversations,
            messages: report.messages,
            added: report.added,
            duplicates: report.duplicates,
            problem_count: report.problem_count,
            problems: report.problems.iter().map(ProblemDoc::new).collect(),
        }
    }
}

impl<'a> ProblemDoc<'a> {
    /// A file or directory that nothing was imported of.
    fn skipped(skipped: &'a Skipped) -> Self {
        Self {
            path: &skipped.path,
            line: 0,
            what: &skipped.what,
        }
    }

    /// A problem.
    pub(crate) fn new(problem: &'a ProblemAt) -> Self {
        Self {
            path: &problem.path,
            line: problem.line,
            what: &problem.what,
        }
    }
}

/// `projects --json`.
#[derive(Serialize)]
pub(crate) struct ProjectsDoc<'a> {
    projects: Vec<ProjectDoc<'a>>,
}

#[derive(Serialize)]
struct ProjectDoc<'a> {
    name: &'a str,
    key: &'a str,
    path: Option<&'a str>,
    conversations: u64,
    messages: u64,
    last: Option<String>,
}

impl<'a> ProjectsDoc<'a> {
    /// All projects.
    pub(crate) fn new(projects: &'a [ProjectInfo]) -> Self {
        let doc = |project: &'a ProjectInfo| ProjectDoc {
            name: &project.name,
            key: &project.key,
            path: project.path.as_deref(),
            conversations: project.conversations,
            messages: project.messages,
            last: time(project.last),
        };
        Self {
            projects: projects.iter().map(doc).collect(),
        }
    }
}

/// `sources --json`.
#[derive(Serialize)]
pub(crate) struct SourcesDoc<'a> {
    sources: Vec<SourceDoc<'a>>,
}

#[derive(Serialize)]
struct SourceDoc<'a> {
    source: &'a str,
    roots: &'a [String],
    files: u64,
    bytes: u64,
    conversations: u64,
    messages: u64,
    problems: u64,
}

impl<'a> SourcesDoc<'a> {
    /// All sources.
    pub(crate) fn new(sources: &'a [SourceInfo]) -> Self {
        let doc = |source: &'a SourceInfo| SourceDoc {
            source: &source.name,
            roots: &source.roots,
            files: source.files,
            bytes: source.bytes,
            conversations: source.conversations,
            messages: source.messages,
            problems: source.problems,
        };
        Self {
            sources: sources.iter().map(doc).collect(),
        }
    }
}

/// A time in answers: RFC 3339, UTC.
pub(crate) fn time(time: Option<Millis>) -> Option<String> {
    time.and_then(when::rfc3339)
}
