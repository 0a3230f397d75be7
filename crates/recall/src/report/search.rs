//! What a search found, and why.

use guard::Action;
use transcript::{Marking, Millis, Role};

use super::message::MessageView;
use super::state::Indexed;
use crate::Mode;
use crate::guards::{FieldFinding, Gate, Outbound, strongest};

/// The answer to a search.
#[derive(Clone, Debug)]
pub struct SearchResponse {
    /// Name of the project that was searched; `None` for all.
    pub project: Option<String>,
    /// The mode that was walked, which is lexical when hybrid was asked for without a model.
    pub mode: Mode,
    /// How far the indexes are.
    pub indexed: Indexed,
    /// Best first.
    pub hits: Vec<Hit>,
    /// Whether the hits answer the query.
    pub verdict: Verdict,
    /// Words for the person: corrected typos, a missing model, a limit reached.
    pub notes: Vec<String>,
}

impl Outbound for SearchResponse {
    fn pass(&mut self, gate: Gate<'_>) {
        self.hits.iter_mut().for_each(|hit| hit.pass(gate));
    }
}

/// One message that was found.
#[derive(Clone, Debug)]
pub struct Hit {
    /// 0–1; means the same in every mode.
    pub score: f64,
    /// The source's id of the message.
    pub message_id: String,
    /// The source's id of the conversation.
    pub conversation_id: String,
    /// Short name of the project.
    pub project: String,
    /// Name of the source.
    pub source: String,
    /// Who spoke.
    pub role: Role,
    /// Who exactly, where the source names speakers.
    pub speaker: Option<String>,
    /// When.
    pub time: Option<Millis>,
    /// Title of the conversation.
    pub title: String,
    /// The best passage, cut around the match, as it may be shown.
    pub excerpt: String,
    /// Byte ranges of matched terms in `excerpt`.
    pub matches: Vec<(usize, usize)>,
    /// The log file it came from, which may be gone.
    pub path: String,
    /// Why it was found.
    pub why: Why,
    /// Further messages that say nearly the same, folded into this hit.
    pub folded: Vec<String>,
    /// What it has as a reflection, if it is one.
    pub reflection: Option<ReflectionHit>,
    /// What became of it, if it was marked.
    pub status: Option<Marking>,
    /// Messages right before and after, as asked for; the hit itself is left out.
    pub before: Vec<MessageView>,
    /// See [`Self::before`].
    pub after: Vec<MessageView>,
    /// What was found in `excerpt` and `title`; a note or a placeholder may stand for it there.
    pub findings: Vec<FieldFinding>,
}

impl Hit {
    /// The strongest action of its findings.
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

/// What a hit tells of the reflection that it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReflectionHit {
    /// Its id.
    pub id: String,
    /// What it is filed under.
    pub tags: Vec<String>,
    /// Who stored it, by name.
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

/// Whether hits answer a query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They do.
    Relevant,
    /// They may.
    Weak,
    /// Nothing relevant was said.
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
