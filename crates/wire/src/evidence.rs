//! A hit in the answer of the MCP tool `search`: the least that an assistant needs to judge it and to open it.

use guard::Action;
use jiff::Zoned;
use recall::Hit;
use serde::Serialize;

use crate::markup::{cut, line};
use crate::search::round;
use crate::when;

/// Characters of a title and of what a mark says; three dots follow what was cut.
const MAX_TITLE_CHARS: usize = 60;
const MAX_EVIDENCE_CHARS: usize = 80;

/// A hit of the MCP tool `search`. What isn't there is left out.
#[derive(Serialize)]
pub struct EvidenceDoc<'a> {
    /// Its place among the hits, from 1.
    pub rank: usize,
    /// How likely it answers the query, 0–1, three decimals.
    pub score: f64,
    /// Who speaks: `user`, `assistant`, `system`, `tool`, or `reflection` for a note stored on purpose.
    pub role: &'static str,
    /// When it was said, to the minute and in local time, such as `2026-03-01T09:30+01:00`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub time: Option<String>,
    /// The project, where all were searched; `None` until a caller sets it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<&'a str>,
    /// The conversation's id, or a start of it that only this one has.
    pub conversation_id: &'a str,
    /// The message's id.
    pub message_id: &'a str,
    /// Title of the conversation, on one line and of at most 60 characters; callers leave it out of further
    /// hits of one conversation.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The tags of a reflection.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tags: Vec<&'a str>,
    /// The latest mark, if it was ever marked, with the evidence for it: `superseded: by the new proxy`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub resolution: Option<String>,
    /// How many further messages of this conversation fit and are left out; only with its first hit.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub more: Option<usize>,
    /// The strongest action of the guards on what stands here, from `quarantine` on.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub guard: Option<&'static str>,
    /// The part of the message that fits best, cut by the caller.
    pub excerpt: String,
}

impl<'a> EvidenceDoc<'a> {
    /// The document of a hit, with its rank, the id by which its conversation is shown, and what the caller
    /// shows of its excerpt. Times are in the time zone of `now`.
    pub fn new(
        hit: &'a Hit,
        (rank, conversation_id): (usize, &'a str),
        excerpt: String,
        now: &Zoned,
    ) -> Self {
        let reflection = hit.reflection.as_ref();
        let tags = reflection.map_or(&[][..], |reflection| &reflection.tags);
        let resolution = hit.status.as_ref().map(|mark| match &mark.evidence {
            Some(evidence) => {
                let evidence = cut(&line(evidence), MAX_EVIDENCE_CHARS);
                format!("{}: {evidence}", mark.status.name())
            }
            None => mark.status.name().to_owned(),
        });
        Self {
            rank,
            score: round(hit.score),
            role: reflection.map_or(hit.role.name(), |_| "reflection"),
            time: hit
                .time
                .and_then(|time| when::minute_with_offset(time, now)),
            project: None,
            conversation_id,
            message_id: &hit.message_id,
            title: Some(cut(&line(&hit.title), MAX_TITLE_CHARS)),
            tags: tags.iter().map(String::as_str).collect(),
            resolution,
            more: (hit.more > 0).then_some(hit.more),
            guard: (hit.guard() >= Action::Quarantine).then(|| hit.guard().name()),
            excerpt,
        }
    }
}
