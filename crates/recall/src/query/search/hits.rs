//! Makes hits of candidates: with an excerpt and all that a reader needs, and one for messages that say the
//! same.

use std::borrow::Cow;
use std::hash::BuildHasher as _;

use rusqlite::Connection;
use rustc_hash::{FxBuildHasher, FxHashMap, FxHashSet};
use transcript::{REFLECTION, Role};

use super::candidate::Candidate;
use super::exact::{payload_of, text_of};
use super::excerpt::{Cut, cut, places};
use super::lexical::Lexicon;
use super::query::Query;
use crate::guards::{Gate, Voice};
use crate::projects::Names;
use crate::query::conversation::Conversation;
use crate::query::read;
use crate::store::{
    ConversationId, MessageId, ProjectFilter, Reader, ReflectionRow, Row, shown_id,
};
use crate::text::{Analyzer, chunks, passages};
use crate::{Hit, MessageView, ReflectionHit, Result, SearchRequest, Why};

/// Candidates that are looked at to fill a page with different ones, and with different conversations.
const CANDIDATES_PER_HIT: usize = 4;
const CANDIDATES_PER_CONVERSATION: usize = 16;

/// Short texts repeat by nature; longer ones that are the same are the same.
const MIN_FOLDED_BYTES: usize = 24;

/// The percentage of two texts' words that both have, from which they say nearly the same.
const SAME_PERCENT: usize = 85;

/// Passages that are compared for an excerpt.
const MAX_COMPARED_PASSAGES: usize = 64;

/// What building hits needs.
pub(super) struct HitBuilder<'a> {
    pub(super) connection: &'a Connection,
    pub(super) gate: Gate<'a>,
    pub(super) reader: &'a mut Reader,
    pub(super) analyzer: &'a mut Analyzer,
    pub(super) query: &'a Query,
    pub(super) lexicon: &'a Lexicon,
}

/// The hits of a request's page.
pub(super) fn build(
    context: &mut HitBuilder<'_>,
    candidates: &[Candidate],
    request: &SearchRequest,
) -> Result<Vec<Hit>> {
    let names = Names::load(context.connection)?;
    let mut hits: Vec<Hit> = Vec::new();
    let mut seen: Vec<(TextPrint, usize)> = Vec::new();
    let mut shown: FxHashMap<ConversationId, Vec<usize>> = FxHashMap::default();
    // Of those that are left out no text is read.
    let per_hit = match request.per_conversation {
        Some(_) => CANDIDATES_PER_CONVERSATION,
        None => CANDIDATES_PER_HIT,
    };
    let wanted = request.offset.saturating_add(request.limit);
    for candidate in candidates.iter().take(wanted.saturating_mul(per_hit)) {
        if let (Some(most), Some(of_conversation)) = (
            request.per_conversation,
            shown.get(&candidate.span.conversation),
        ) && of_conversation.len() >= most.max(1)
        {
            hits[of_conversation[0]].more += 1;
            continue;
        }
        let text = match &candidate.text {
            Some(text) => Cow::Borrowed(text.as_str()),
            None => Cow::Owned(text_of(context.connection, context.reader, &candidate.row)?),
        };
        let print = TextPrint::of(&text, candidate.row.flags.role());
        let same = print.as_ref().and_then(|print| {
            let mut seen = seen.iter();
            seen.find(|(other, _)| print.says_the_same(other))
        });
        if let Some((_, at)) = same {
            let id = context.id(&candidate.row)?;
            hits[*at].folded.push(id);
            continue;
        }
        if hits.len() == wanted {
            break;
        }
        shown
            .entry(candidate.span.conversation)
            .or_default()
            .push(hits.len());
        if let Some(print) = print {
            seen.push((print, hits.len()));
        }
        let hit = context.hit(candidate, &text, &names, request)?;
        hits.push(hit);
    }
    hits.drain(..request.offset.min(hits.len()));
    Ok(hits)
}

impl HitBuilder<'_> {
    /// The source's id of a message.
    fn id(&mut self, row: &Row) -> Result<String> {
        let id = match row.text {
            Some(_) => self.reader.text(self.connection, row)?.0,
            None => self.reader.message(self.connection, row)?.id,
        };
        Ok(shown_id(row.id, id))
    }

    fn hit(
        &mut self,
        candidate: &Candidate,
        text: &str,
        names: &Names,
        request: &SearchRequest,
    ) -> Result<Hit> {
        let conversation = Conversation::within(
            self.connection,
            self.gate,
            candidate.span.conversation,
            ProjectFilter::One(candidate.span.project),
        )?;
        let project = names.get(candidate.span.project);
        let gate = self.gate.of_project(project);
        let mut excerpt = self.excerpt(candidate, text, candidate.row.text.is_some());
        let mut excerpt_of = text;
        let mut is_beside = candidate.row.text.is_none();
        let payload;
        // A match beside what was said: in a tool call, its output or a thought.
        if excerpt.matches.is_empty() && candidate.lexical.mask != 0 && candidate.row.text.is_some()
        {
            payload = payload_of(self.connection, self.reader, &candidate.row)?;
            let beside = self.excerpt(candidate, &payload, false);
            if !beside.matches.is_empty() {
                (excerpt, excerpt_of, is_beside) = (beside, &payload, true);
            }
        }
        let gate = gate.for_words_of(self.voice(candidate, &conversation, is_beside)?);
        let mut findings = conversation.findings.clone();
        let excerpt = excerpt.show(gate, excerpt_of, &mut findings);
        let (before, after) = self.around(candidate, &conversation, request.context, names)?;
        Ok(Hit {
            score: candidate.score,
            message_id: self.id(&candidate.row)?,
            conversation_id: conversation.key.clone(),
            project: project.to_owned(),
            source: conversation.source.clone(),
            role: candidate.row.flags.role(),
            speaker: None,
            time: candidate.row.time,
            title: conversation.title.clone(),
            excerpt: excerpt.text,
            matches: excerpt.matches,
            path: conversation.path.clone(),
            why: Why {
                lexical: (candidate.lexical.coverage > 0.0)
                    .then_some(f64::from(candidate.lexical.coverage)),
                semantic: candidate
                    .semantic
                    .map(|semantic| f64::from(semantic.cosine)),
                recency: candidate.recency,
                terms: self.lexicon.typed(candidate.lexical.mask),
            },
            folded: Vec::new(),
            more: 0,
            reflection: self.reflection(candidate, &conversation)?,
            status: candidate.mark.clone(),
            before,
            after,
            findings,
        })
    }

    /// Whose words the text is that an excerpt is cut from; `is_beside` if that is what stands beside what
    /// was said.
    fn voice(
        &mut self,
        candidate: &Candidate,
        conversation: &Conversation,
        is_beside: bool,
    ) -> Result<Voice> {
        let voice = conversation.voice(&candidate.row);
        if !is_beside || voice == Voice::Elsewhere {
            return Ok(voice);
        }
        // Some sources log what tools gave back in the assistant's own message.
        let message = self.reader.message(self.connection, &candidate.row)?;
        Ok(match message.results.is_empty() {
            true => Voice::Assistant,
            false => Voice::Elsewhere,
        })
    }

    /// What a hit has as a reflection, if it is one.
    fn reflection(
        &self,
        candidate: &Candidate,
        conversation: &Conversation,
    ) -> Result<Option<ReflectionHit>> {
        if conversation.source != REFLECTION {
            return Ok(None);
        }
        let found = ReflectionRow::of_message(self.connection, candidate.row.id)?;
        Ok(found.map(|found| ReflectionHit {
            id: found.id,
            tags: found.tags,
            author: found.author,
        }))
    }

    /// The passage that matches best, cut around the match.
    fn excerpt(&mut self, candidate: &Candidate, text: &str, is_prose: bool) -> Cut {
        let whole = |terms: &Query| -> FxHashSet<String> {
            terms
                .terms
                .iter()
                .filter(|t| !t.is_prefix)
                .map(|t| t.text.clone())
                .collect()
        };
        let terms = whole(self.query);
        let terms: FxHashSet<&str> = terms.iter().map(String::as_str).collect();
        let prefixes: Vec<&str> = self
            .query
            .terms
            .iter()
            .filter(|t| t.is_prefix)
            .map(|t| t.text.as_str())
            .collect();
        let ranges = if is_prose {
            passages(text)
        } else {
            chunks(text)
        };
        let meant = candidate
            .semantic
            .filter(|s| s.cosine > 0.0 && is_prose)
            .map(|s| s.position);
        let mut best = (f32::MIN, 0..text.len(), Vec::new());
        for (place, range) in ranges.into_iter().enumerate() {
            // Long output: a good place is enough, the best one isn't worth the wait.
            if place >= MAX_COMPARED_PASSAGES && !best.2.is_empty() {
                break;
            }
            let found = places(&text[range.clone()], &terms, &prefixes, self.analyzer);
            let mut distinct: Vec<String> = found
                .iter()
                .map(|f| text[range.start + f.start..range.start + f.end].to_lowercase())
                .collect();
            distinct.sort_unstable();
            distinct.dedup();
            let bonus = if meant == Some(place) { 1.5 } else { 0.0 };
            let score = distinct.len() as f32 + bonus;
            if score > best.0 {
                best = (score, range, found);
            }
        }
        let start = best.1.start;
        cut(&text[best.1], &best.2).within(start)
    }

    /// The messages right before and after a hit.
    fn around(
        &mut self,
        candidate: &Candidate,
        conversation: &Conversation,
        count: usize,
        names: &Names,
    ) -> Result<(Vec<MessageView>, Vec<MessageView>)> {
        let mut views = (Vec::new(), Vec::new());
        let id = candidate.row.id.0;
        let reach = i64::try_from(count).unwrap_or(i64::MAX).min(50);
        for near in
            (id - reach).max(candidate.span.first.0)..=(id + reach).min(candidate.span.last.0)
        {
            if near == id {
                continue;
            }
            let Some(row) = Row::get(self.connection, MessageId(near))? else {
                continue;
            };
            let project = names.get(candidate.span.project);
            let view = read::view(self.connection, self.reader, &row, conversation, project)?;
            if near < id {
                views.0.push(view);
            } else {
                views.1.push(view);
            }
        }
        Ok(views)
    }
}

/// The words of a text, whatever their case, signs and spacing, to tell texts that say nearly the same.
struct TextPrint {
    /// Hashes of the distinct words, in ascending order.
    words: Vec<u64>,
    /// A hash of the words with digits in them, in their order.
    numbers: u64,
    role: Role,
}

impl TextPrint {
    /// `None` for texts that are too short: they repeat by nature.
    fn of(text: &str, role: Role) -> Option<Self> {
        let (mut words, mut numbers, mut length) = (Vec::new(), Vec::new(), 0);
        let runs = text.split(|c: char| !c.is_alphanumeric());
        for word in runs.filter(|word| !word.is_empty()) {
            let hash = FxBuildHasher.hash_one(word.to_lowercase());
            length += word.len();
            words.push(hash);
            if word.contains(|c: char| c.is_numeric()) {
                numbers.push(hash);
            }
        }
        words.sort_unstable();
        words.dedup();
        let numbers = FxBuildHasher.hash_one(numbers);
        (length >= MIN_FOLDED_BYTES).then_some(Self {
            words,
            numbers,
            role,
        })
    }

    /// Whether another text has nearly the same words, and the same numbers: a decision that was changed
    /// differs in one.
    fn says_the_same(&self, other: &Self) -> bool {
        if self.numbers != other.numbers {
            return false;
        }
        // An answer that repeats the question says a little more.
        if self.role != other.role {
            return self.words == other.words;
        }
        let (few, many) = match self.words.len() < other.words.len() {
            true => (&self.words, &other.words),
            false => (&other.words, &self.words),
        };
        // At most as many can be shared as the shorter one has.
        if few.len() * 100 < SAME_PERCENT * many.len() {
            return false;
        }
        let shared = few
            .iter()
            .filter(|word| many.binary_search(word).is_ok())
            .count();
        let all = few.len() + many.len() - shared;
        shared * 100 >= SAME_PERCENT * all
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_differ_in_a_number_say_something_else() {
        let print = |text: &str| TextPrint::of(text, Role::User).expect("it is long");
        let long = "the gateway listens on port 8080 and forwards what it gets to the mill behind the weir, \
                    where the miller reads it in the evening before the lamps go out along the canal";
        let same = |other: &str| print(long).says_the_same(&print(other));
        assert!(same(&long.to_uppercase()));
        assert!(same(
            &long
                .replace("evening", "morning")
                .replace("along", "beside")
                .replace("lamps", "lamps,")
        ));
        assert!(!same(&long.replace("8080", "9090")));
        assert!(!same("the gateway listens on port 8080"));
    }
}
