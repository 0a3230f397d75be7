//! What a search found, and why.

use guard::Action;
use transcript::{Marking, Millis, Role};

use super::message::MessageView;
use super::state::Indexed;
use crate::Mode;
use crate::guards::{FieldFinding, Gate, Outbound, strongest};

/// The answer to a search: ranked hits, and whether they answer the query at all.
#[derive(Clone, Debug)]
pub struct SearchResponse {
    /// Name of the project that was searched; `None` for all.
    pub project: Option<String>,
    /// The retrievers that were used: lexical if hybrid was asked for while there is no model.
    pub mode: Mode,
    /// How much of the archive the indexes cover.
    pub indexed: Indexed,
    /// The hits, the best first.
    pub hits: Vec<Hit>,
    /// Whether the hits answer the query.
    pub verdict: Verdict,
    /// Sentences for the person: which typos were corrected, that a model is missing or a limit was reached.
    pub notes: Vec<String>,
}

impl Outbound for SearchResponse {
    fn pass(&mut self, gate: Gate<'_>) {
        self.hits.iter_mut().for_each(|hit| hit.pass(gate));
    }
}

/// A message that a search found, with an excerpt and the reasons for its rank.
#[derive(Clone, Debug)]
pub struct Hit {
    /// How well the message answers the query, 0–1; comparable between modes and queries.
    pub score: f64,
    /// The source's id of the message.
    pub message_id: String,
    /// The source's id of the conversation.
    pub conversation_id: String,
    /// Short name of the project.
    pub project: String,
    /// Name of the source.
    pub source: String,
    /// The role of the speaker: a person, an assistant, the system or a tool.
    pub role: Role,
    /// The speaker's name, if the source names speakers.
    pub speaker: Option<String>,
    /// When the message was said, in milliseconds since 1970, if that is known.
    pub time: Option<Millis>,
    /// Title of the conversation.
    pub title: String,
    /// The passage of the message that matches best, cut around the match. Guards have judged it.
    pub excerpt: String,
    /// Byte ranges of matched terms in `excerpt`.
    pub matches: Vec<(usize, usize)>,
    /// Path of the log file that it was imported from, which may be gone; secrets in it are masked.
    pub path: String,
    /// What each retriever says for it.
    pub why: Why,
    /// Ids of further messages that say nearly the same and are left out of the hits because of this one.
    pub folded: Vec<String>,
    /// Id, tags and author, if the message is a reflection.
    pub reflection: Option<ReflectionHit>,
    /// The latest mark of the message (open, resolved, superseded), if it was ever marked.
    pub status: Option<Marking>,
    /// The messages right before it in its conversation, as many as the request asked for, in order.
    pub before: Vec<MessageView>,
    /// The messages right after it, as many as the request asked for, in order.
    pub after: Vec<MessageView>,
    /// What the guards found in `excerpt` and `title`. A note or a placeholder may stand there in its place.
    pub findings: Vec<FieldFinding>,
}

impl Hit {
    /// The strictest action that the guards took on any text of the hit.
    #[must_use]
    pub fn guard(&self) -> Action {
        strongest(&self.findings)
    }
}

impl Outbound for Hit {
    /// The title and the excerpt went through the gate when they were cut.
    fn pass(&mut self, gate: Gate<'_>) {
        let gate = gate.of_project(&self.project);
        if let Some(reflection) = &mut self.reflection {
            gate.texts(reflection.tags.iter_mut().chain(&mut reflection.author));
        }
        if let Some(status) = &mut self.status {
            status.pass(gate);
        }
        for view in self.before.iter_mut().chain(&mut self.after) {
            view.pass(gate);
        }
    }
}

/// What a hit says of a reflection, if the message found is one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReflectionHit {
    /// The reflection's id.
    pub id: String,
    /// The tags that it is filed under.
    pub tags: Vec<String>,
    /// The name of whoever stored it, if it was given.
    pub author: Option<String>,
}

/// Why a message was found; each leg 0–1, absent where it did not take part.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// Share of the query's weight that its terms matched.
    pub lexical: Option<f64>,
    /// Cosine of the best passage.
    pub semantic: Option<f64>,
    /// Factor by which age lowered the score.
    pub recency: Option<f64>,
    /// The query's terms that matched, as typed.
    pub terms: Vec<String>,
}

/// Whether a search's hits answer its query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The best hit answers the query.
    Relevant,
    /// The hits share something with the query, but may not answer it.
    Weak,
    /// Nothing relevant was said in the scope.
    Nothing,
}

impl Verdict {
    /// The name used in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relevant => "relevant",
            Self::Weak => "weak",
            Self::Nothing => "nothing",
        }
    }
}
