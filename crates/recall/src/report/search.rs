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
    /// Short name of the project that was searched; `None` if all projects were, or none.
    pub project: Option<String>,
    /// The mode that was used: [`Mode::Lexical`] if hybrid was asked for and there is no model or nothing
    /// embedded, otherwise the one that was asked for.
    pub mode: Mode,
    /// How many messages of the whole archive can be found by words, and how many by meaning.
    pub indexed: Indexed,
    /// The hits, the best first.
    pub hits: Vec<Hit>,
    /// Whether the hits answer the query.
    pub verdict: Verdict,
    /// What the hits don't tell about the search, such as why there are none.
    pub notes: Vec<SearchNote>,
}

/// Something about a search that its hits don't tell. Texts in it are as they were typed or archived: a
/// surface escapes them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SearchNote {
    /// The query was long: only its first words, this many, were looked for.
    OnlyFirstWords(usize),
    /// No message in the scope holds what was typed, so the nearest words that occur were looked for: each
    /// as it was typed, and what was taken for it.
    Corrected(Vec<(String, String)>),
    /// No message in the scope is about a file whose path ends so.
    NoFile(String),
    /// No message in the scope calls the tool of this name.
    NoTool(String),
    /// Nothing at all was said in the scope in the time that was asked for.
    NothingInTime {
        /// The time of the latest message in the scope, if any has a time.
        latest: Option<Millis>,
    },
    /// There are messages that fit, but they were said outside of the time that was asked for.
    OutsideTime {
        /// The time of the latest of those that were looked at.
        latest: Millis,
    },
    /// There are messages that fit, but only of other roles than the one that was asked for.
    OtherRoles(Role),
    /// There are messages that fit, but only of other sources than the one of this name.
    OtherSources(String),
}

impl Outbound for SearchResponse {
    fn pass(&mut self, gate: Gate<'_>) {
        self.hits.iter_mut().for_each(|hit| hit.pass(gate));
    }
}

/// A message that a search found, with an excerpt and the reasons for its rank.
#[derive(Clone, Debug)]
pub struct Hit {
    /// How likely it is that the message answers the query, 0–1; comparable between modes and queries. From
    /// 0.5 on it is taken for an answer. Marks (resolved, superseded) and [`Decay`](crate::Decay) lower it.
    pub score: f64,
    /// The id of the message: the source's own, or `#` and a number where the source gave none.
    pub message_id: String,
    /// The conversation's id, as its source has it.
    pub conversation_id: String,
    /// Short name of the project that it was said in.
    pub project: String,
    /// Name of its source, such as `claude-code`.
    pub source: String,
    /// The role of the speaker: a person, an assistant, the system or a tool.
    pub role: Role,
    /// The speaker's name; always `None` for now. [`MessageView::message`] has it.
    pub speaker: Option<String>,
    /// When the message was said, in milliseconds since 1970, if that is known.
    pub time: Option<Millis>,
    /// Title of the conversation; if the source gave none, the first words that a person said in it.
    pub title: String,
    /// The passage of the message that matches best, cut around the match, as the guards let it be shown.
    pub excerpt: String,
    /// Where matched words stand in `excerpt`: first byte, and the byte after the last.
    pub matches: Vec<(usize, usize)>,
    /// Path of the log file that it was imported from, which may be gone; secrets in it are masked. Empty
    /// if there is none.
    pub path: String,
    /// What the words and the meaning of the query contributed to its rank.
    pub why: Why,
    /// Ids of further messages that say nearly the same and are left out of the hits because of this one.
    pub folded: Vec<String>,
    /// The number of further messages of this conversation that fit and are left out of the hits, because
    /// only so many of a conversation were asked for; 0 in all but its first hit.
    pub more: usize,
    /// Id, tags and author, if the message is a reflection (a note stored on purpose).
    pub reflection: Option<ReflectionHit>,
    /// The latest mark of the message (open, resolved, superseded), if it was ever marked.
    pub status: Option<Marking>,
    /// The messages right before it in its conversation, in order: up to
    /// [`SearchRequest::context`](crate::SearchRequest::context).
    pub before: Vec<MessageView>,
    /// The messages right after it in its conversation, in order: up to
    /// [`SearchRequest::context`](crate::SearchRequest::context).
    pub after: Vec<MessageView>,
    /// What the guards found in `excerpt` and `title`, where a note or a placeholder may stand for it.
    pub findings: Vec<FieldFinding>,
}

impl Hit {
    /// The strictest action that the guards took on the excerpt or the title; [`Action::Allow`] if they
    /// found nothing.
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

/// What a hit adds if its message is a reflection: a note that a person or an assistant stored on purpose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReflectionHit {
    /// The reflection's id.
    pub id: String,
    /// The tags that it is filed under.
    pub tags: Vec<String>,
    /// The name of whoever stored it, if it was given.
    pub author: Option<String>,
}

/// Why a message was found: what words, meaning and age contributed. For explanation only; the score is a
/// statistical model's estimate from the first two, multiplied by the third, and not their sum.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Why {
    /// How much of the query's words occur in the message or, for less, in those around it: a share, 0–1,
    /// in which rare words weigh more. `None` if none occurs or the search went by meaning alone.
    pub lexical: Option<f64>,
    /// The cosine between the query's vector and the nearest one of the message's passages, 0–1; 0 if it
    /// has no vector or none with a cosine above 0. `None` if the search went by words alone.
    pub semantic: Option<f64>,
    /// The factor, 0–1, by which [`Decay`](crate::Decay) lowered the score for the message's age. `None` if
    /// age didn't count or the message has no time.
    pub recency: Option<f64>,
    /// The words of the query that occur in the message itself, as typed.
    pub terms: Vec<String>,
}

/// Whether a search's hits answer its query.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The best hit has a score of 0.5 or more (before marks lower it): it answers the query.
    Relevant,
    /// The best hit has a score of 0.2 or more: it shares something with the query, but may not answer it.
    Weak,
    /// There are no hits, or only worse ones: nothing relevant was said in the scope.
    Nothing,
}

impl Verdict {
    /// The verdict's name in answers: `relevant`, `weak` or `nothing`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Relevant => "relevant",
            Self::Weak => "weak",
            Self::Nothing => "nothing",
        }
    }
}
