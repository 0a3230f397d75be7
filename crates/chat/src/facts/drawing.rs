//! From what a person said to facts: what a model is asked, what of its answer counts, and how that goes with what
//! is known.

use guard::Engine;
use memory::{FactOrigin, FoundFact, NewFact, Role};
use serde_json::{Map, Value};
use wire::tokens;

use super::merge::{FactMerge, merge};
use super::own_text::OwnText;
use super::proposal::{self, ANSWER_TOKENS, FactAnswerForm, FactProposal};
use super::sieve::{FactRefusal, FactSieve, is_playing, may_state};
use crate::model::ModelError;

/// A message of a person from which facts are drawn.
#[derive(Clone, Debug)]
pub(crate) struct FactWork {
    own: OwnText,
    asked: Option<String>,
    is_playing: bool,
    /// Where they were said.
    pub(crate) origin: FactOrigin,
    /// When, in milliseconds since 1970.
    pub(crate) time: Option<i64>,
}

/// What becomes of a statement.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum DrawnFact {
    /// It is to be kept.
    Keep(Box<NewFact>),
    /// The fact of this id says it already.
    Known(String),
}

impl FactWork {
    /// The last of a person's messages in a conversation, the oldest first, with what they were asked before it.
    pub(crate) fn new(messages: &[&str], asked: Option<&str>, origin: FactOrigin) -> Self {
        let last = messages.last().copied().unwrap_or_default();
        let asked = asked
            .map(str::trim)
            .filter(|asked| asked.ends_with(['?', '？']));
        Self {
            own: OwnText::of(last),
            asked: asked.map(last_sentence).map(str::to_owned),
            is_playing: is_playing(messages.iter().copied()),
            origin,
            time: None,
        }
    }

    /// Whether it may say something that is worth a call.
    pub(crate) fn may_state(&self) -> bool {
        !self.is_playing && may_state(&self.own)
    }

    /// The request for a model. Only the person's own words are a source in it.
    pub(crate) fn request(&self, form: FactAnswerForm) -> Map<String, Value> {
        proposal::request(self.own.as_str(), self.asked.as_deref(), form)
    }

    /// What a model's answer proposes; `None` if it is no answer.
    pub(crate) fn read(answer: &str) -> Option<Vec<FactProposal>> {
        proposal::read(answer)
    }

    /// A statement in somebody's words, with the sentence of the person that is nearest to it as its quote.
    pub(crate) fn proposal(&self, text: &str, topics: &[String]) -> FactProposal {
        let terms = memory::fact_terms(text);
        let shared = |sentence: &&str| {
            let own = memory::fact_terms(sentence);
            own.iter().filter(|term| terms.contains(term)).count()
        };
        let nearest = self.own.sentences().into_iter().max_by_key(shared);
        FactProposal {
            text: text.to_owned(),
            quote: nearest.unwrap_or_default().to_owned(),
            kind: String::new(),
            topics: topics.to_vec(),
        }
    }

    /// What becomes of a proposal, beside the facts that are known, each with how near it is.
    ///
    /// # Errors
    /// Why it is no fact.
    pub(crate) fn judge(
        &self,
        engine: &Engine,
        proposal: &FactProposal,
        known: &dyn Fn(&str) -> memory::Result<Vec<FoundFact>>,
    ) -> memory::Result<Result<DrawnFact, FactRefusal>> {
        let sieve = FactSieve {
            engine,
            own: &self.own,
            is_playing: self.is_playing,
        };
        if let Err(refusal) = sieve.check(proposal) {
            return Ok(Err(refusal));
        }
        let text = proposal.text.trim().trim_end_matches('.');
        let range = self.own.find(&proposal.quote);
        let said = range.map_or("", |range| self.own.sentence(&range));
        let replaces = match merge(text, &proposal.kind, said, &known(text)?) {
            FactMerge::Known(id) => return Ok(Ok(DrawnFact::Known(id))),
            FactMerge::New => Vec::new(),
            FactMerge::Replaces(ids) => ids,
        };
        Ok(Ok(DrawnFact::Keep(Box::new(NewFact {
            text: text.to_owned(),
            origin: FactOrigin {
                topics: proposal.topics.clone(),
                kind: proposal.kind.clone(),
                ..self.origin.clone()
            },
            role: Role::Assistant,
            replaces,
            created: self.time,
        }))))
    }
}

fn last_sentence(text: &str) -> &str {
    let body = text.trim_end_matches(['?', '？']);
    let start = body
        .char_indices()
        .rfind(|(_, c)| matches!(c, '.' | '!' | '?' | '\n' | '。'))
        .map_or(0, |(at, c)| at + c.len_utf8());
    text[start..].trim()
}

/// Tokens that a request and its answer take at most, estimated.
pub(crate) fn tokens_of(body: &Map<String, Value>) -> usize {
    let messages = body.get("messages").map(Value::to_string);
    tokens::estimate(&messages.unwrap_or_default()) + ANSWER_TOKENS
}

/// Whether a refusal is about the form in which an answer is asked for.
pub(crate) fn form_of_refusal(error: &ModelError) -> bool {
    let Some(refused) = error.upstream() else {
        return false;
    };
    let message = refused.message.to_ascii_lowercase();
    let names = [
        "response_format",
        "json_schema",
        "json_object",
        "structured output",
        "json mode",
        "schema",
    ];
    matches!(refused.status, 400 | 404 | 415 | 422 | 501)
        && (refused.param.starts_with("response_format")
            || names.iter().any(|name| message.contains(name)))
}
