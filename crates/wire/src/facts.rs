//! The documents of facts about the person whose archive it is. Times are RFC 3339 in UTC, `null` where there is
//! none.

use recall::{FactList, FoundFact, PersonFact};
use serde::Serialize;
use transcript::{MarkStatus, Role};

use crate::when::time;

/// A fact about the person, with the names that users of Chattr know.
#[derive(Clone, Debug, Serialize)]
pub struct FactDoc<'a> {
    /// Its id.
    memory_id: &'a str,
    /// The statement.
    memory: &'a str,
    /// What it is about.
    topics: &'a [String],
    /// Which kind of statement it is, such as `home`; empty if that isn't known.
    kind: &'a str,
    /// Who worded it: `person` or `model`.
    by: &'static str,
    /// When it was said.
    created_at: Option<String>,
    /// When it was last changed; `null` if never.
    updated_at: Option<String>,
    /// Where the person said it: `conversation`, `message`, `turn` and `character`; `null` if they wrote it down
    /// themselves.
    source: Option<FactSourceDoc<'a>>,
    /// Since when it doesn't hold any more; `null` if it does.
    ended_at: Option<String>,
    /// The id of the fact that took its place.
    superseded_by: Option<&'a str>,
    /// Rises with each of its changes; the `ETag` of the API.
    version: i64,
}

#[derive(Clone, Debug, Serialize)]
struct FactSourceDoc<'a> {
    conversation: Option<&'a str>,
    message: Option<&'a str>,
    turn: Option<&'a str>,
    character: Option<&'a str>,
}

/// The document that `facts add --json`, `edit --json` and `forget --json` print: the fact as it is, or was.
#[derive(Serialize)]
pub struct OneFactDoc<'a> {
    fact: FactDoc<'a>,
}

/// The document that `facts list --json` prints.
#[derive(Serialize)]
pub struct FactsDoc<'a> {
    /// The facts, the newest first.
    facts: Vec<FactDoc<'a>>,
    /// The id to ask for the next page with; `null` on the last page.
    next: Option<&'a str>,
    /// Rises with each change of any fact.
    version: i64,
}

/// The document that `facts search --json` prints.
#[derive(Serialize)]
pub struct FoundFactsDoc<'a> {
    /// The facts, the nearest first.
    facts: Vec<FoundFactDoc<'a>>,
}

#[derive(Serialize)]
struct FoundFactDoc<'a> {
    #[serde(flatten)]
    fact: FactDoc<'a>,
    /// Cosine of its meaning and the query's; `null` without a model.
    cosine: Option<f32>,
    /// How much of the words of the shorter one stands in the other, 0 to 1.
    words: f32,
}

impl<'a> FactDoc<'a> {
    /// The document of a fact.
    #[must_use]
    pub fn new(fact: &'a PersonFact) -> Self {
        let origin = &fact.origin;
        let ended = fact.ended.as_ref();
        Self {
            memory_id: &fact.id,
            memory: &fact.text,
            topics: &origin.topics,
            kind: &origin.kind,
            by: match fact.role {
                Role::User => "person",
                _ => "model",
            },
            created_at: time(Some(fact.created)),
            updated_at: time(origin.updated),
            source: origin.said.as_ref().map(|said| FactSourceDoc {
                conversation: origin.conversation.as_deref(),
                message: Some(said),
                turn: origin.turn.as_deref(),
                character: origin.character.as_deref(),
            }),
            ended_at: ended
                .filter(|mark| mark.status != MarkStatus::Open)
                .and_then(|mark| time(Some(mark.time))),
            superseded_by: origin.superseded_by.as_deref(),
            version: fact.version,
        }
    }
}

impl<'a> OneFactDoc<'a> {
    /// The document of a fact.
    #[must_use]
    pub fn new(fact: &'a PersonFact) -> Self {
        Self {
            fact: FactDoc::new(fact),
        }
    }
}

impl<'a> FactsDoc<'a> {
    /// The document of a page of facts.
    #[must_use]
    pub fn new(list: &'a FactList) -> Self {
        let last = list.facts.last().map(|fact| fact.id.as_str());
        Self {
            facts: list.facts.iter().map(FactDoc::new).collect(),
            next: last.filter(|_| list.has_more),
            version: list.version,
        }
    }
}

impl<'a> FoundFactsDoc<'a> {
    /// The document of what a search found.
    #[must_use]
    pub fn new(found: &'a [FoundFact]) -> Self {
        let facts = found.iter().map(|found| FoundFactDoc {
            fact: FactDoc::new(&found.fact),
            cosine: found.cosine,
            words: found.words,
        });
        Self {
            facts: facts.collect(),
        }
    }
}
