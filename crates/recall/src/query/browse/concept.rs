//! What was said about a concept: one of the classes, or any words.

use embed::Embedder;
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{Millis, Role};

use super::classes::{self, CONCEPTS, ClassId, ConceptTally};
use super::labels::{self, Counted};
use super::scene::Scene;
use crate::guards::{Cleared, Gate, Outbound};
use crate::index::Label;
use crate::query::conversation::Conversation;
use crate::query::read;
use crate::query::search::{self, SearchContext, SearchState};
use crate::store::{MessageId, Row};
use crate::text::Analyzer;
use crate::{Hit, Result, Scope, SearchRequest, Verdict};

/// Files that are told of a hit and of all hits, and related concepts.
const MAX_HIT_FILES: usize = 5;
const MAX_FILES: usize = 10;
const MAX_RELATED: usize = 5;
/// Messages on either side of a hit whose files go with it.
const NEARBY_MESSAGES: i64 = 8;
/// Hits that are looked at for each one wanted, since several may be of one conversation.
const HITS_PER_WANTED: usize = 6;

/// A request for what was said about a concept.
#[derive(Clone, Debug)]
pub struct ConceptRequest {
    /// One of [`CONCEPTS`] or another name of it, such as `optimization` for `performance` (in upper or
    /// lower case, with spaces, `_` or `/` for `-`); or any words, which are then searched for.
    pub concept: String,
    /// Which projects are looked at.
    pub scope: Scope,
    /// Whether to return the files that were touched near the hits.
    pub include_files: bool,
    /// The largest number of conversations to return.
    pub limit: usize,
    /// Only hits of at least this score, 0–1; see [`Hit::score`].
    pub min_score: f64,
    /// The time now, in milliseconds since 1970.
    pub now: Millis,
}

impl ConceptRequest {
    /// A request about a scope, without files. [`Self::concept`] is empty, [`Self::limit`] and
    /// [`Self::now`] are 0, and all three must be set.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            concept: String::new(),
            scope,
            include_files: false,
            limit: 0,
            min_score: 0.0,
            now: 0,
        }
    }
}

/// The conversations that speak of a concept, with files and concepts that go with it.
#[derive(Clone, Debug)]
pub struct ConceptReport {
    /// Short name of the project that was searched; `None` if all projects were, or none.
    pub project: Option<String>,
    /// The name of the concept in [`CONCEPTS`], or the words that were searched for.
    pub concept: String,
    /// Whether it is one of [`CONCEPTS`]. Then every hit has a word that stands for the concept; otherwise
    /// the words were searched for as in any search.
    pub is_class: bool,
    /// The best message of each conversation, those with the highest scores first.
    pub hits: Vec<ConceptHit>,
    /// Paths of files that were read or edited within 8 messages of the hits, with how often, the most
    /// frequent first; at most 10. Empty without [`ConceptRequest::include_files`].
    pub files: Vec<(String, u64)>,
    /// Other concepts (of [`CONCEPTS`]) that the hits speak of, with the number of words that stand for
    /// them, the most frequent first; at most 5.
    pub related: Vec<(&'static str, u64)>,
    /// Whether the hits are about it. For one of [`CONCEPTS`] it is relevant if there are hits, else
    /// nothing.
    pub verdict: Verdict,
}

impl Outbound for ConceptReport {
    fn pass(&mut self, gate: Gate<'_>) {
        gate.texts(self.files.iter_mut().map(|(path, _)| path));
        for found in &mut self.hits {
            found.hit.pass(gate);
            gate.texts(&mut found.files);
        }
    }
}

/// The best message of a conversation about a concept.
#[derive(Clone, Debug)]
pub struct ConceptHit {
    /// The message, its score and an excerpt. For one of [`CONCEPTS`], the score is at least 0.5, and
    /// higher the more of its words occur.
    pub hit: Hit,
    /// The number of messages of its conversation that the search found, this one included.
    pub found: u64,
    /// The concepts (of [`CONCEPTS`]) that the message speaks of, the most frequent first; at most 5.
    pub concepts: Vec<&'static str>,
    /// Paths of files that were edited or read within 8 messages of it, the most frequent first; at most 5.
    /// Empty without [`ConceptRequest::include_files`].
    pub files: Vec<String>,
}

/// What was said about a concept.
pub(crate) fn concept(
    context: SearchContext<'_>,
    state: &mut SearchState,
    request: &ConceptRequest,
    embedder: Option<&dyn Embedder>,
) -> Result<Cleared<ConceptReport>> {
    let class = classes::find(&request.concept);
    let query = class.map_or_else(|| request.concept.clone(), classes::query);
    let search = SearchRequest {
        limit: request.limit.saturating_mul(HITS_PER_WANTED),
        as_typed: class.is_some(),
        ..SearchRequest::new(query, request.scope.clone(), request.now)
    };
    let response = search::run(context, state, &search, embedder)?;
    let mut scene = Scene::new(context.connection, context.gate, &request.scope)?;
    let mut analyzer = Analyzer::new();
    let mut hits: Vec<ConceptHit> = Vec::new();
    let mut known: FxHashMap<String, usize> = FxHashMap::default();
    let mut all = (
        ConceptTally::new(),
        Counted::default(),
        FxHashSet::default(),
    );
    for mut hit in response.hits {
        let Some(row) = row_of(&scene, &hit)? else {
            continue;
        };
        let mut tally = ConceptTally::new();
        let text = scene
            .text(&row)?
            .map_or_else(|| hit.excerpt.clone(), |(_, text)| text);
        tally.add(&text, &mut analyzer);
        if let Some(class) = class {
            let Some(score) = class_score(class, &text, &mut analyzer, hit.score) else {
                continue;
            };
            hit.score = score;
        }
        if hit.score < request.min_score {
            continue;
        }
        if let Some(at) = known.get(&hit.conversation_id) {
            hits[*at].found += 1;
            continue;
        }
        if hits.len() == request.limit {
            continue;
        }
        known.insert(hit.conversation_id.clone(), hits.len());
        let files = if request.include_files {
            files_near(&scene, &row, &mut all.1, &mut all.2)?
        } else {
            Vec::new()
        };
        all.0.add(&text, &mut analyzer);
        let concepts = tally.most(1, 5).into_iter().map(|(name, _)| name).collect();
        hits.push(ConceptHit {
            hit,
            found: 1,
            concepts,
            files,
        });
    }
    hits.sort_by(|a, b| b.hit.score.total_cmp(&a.hit.score));
    let verdict = match class {
        _ if hits.is_empty() => Verdict::Nothing,
        Some(_) => Verdict::Relevant,
        None => response.verdict,
    };
    let own = class.map(|class| CONCEPTS[class]);
    let mut related = all.0.most(1, MAX_RELATED + 1);
    related.retain(|(name, _)| Some(*name) != own);
    related.truncate(MAX_RELATED);
    Ok(context.gate.release(ConceptReport {
        project: response.project,
        concept: own.map_or_else(|| request.concept.trim().to_owned(), str::to_owned),
        is_class: class.is_some(),
        files: all.1.most(&scene, MAX_FILES)?,
        hits,
        related,
        verdict,
    }))
}

/// The row of a message that was found.
fn row_of(scene: &Scene<'_>, hit: &Hit) -> Result<Option<Row>> {
    let conversation = Conversation::find(scene.connection, scene.gate, &hit.conversation_id)?;
    let Ok(id) = read::find_message(scene.connection, &conversation, &hit.message_id) else {
        return Ok(None);
    };
    let row = Row::get(scene.connection, id)?;
    Ok(row.filter(|row| row.flags.role() != Role::Tool && scene.spans.find(id).is_some()))
}

/// How sure it is that a text is about a concept: by how many of its words are there. `None` where
/// none is.
fn class_score(class: ClassId, text: &str, analyzer: &mut Analyzer, score: f64) -> Option<f64> {
    let mut tally = ConceptTally::new();
    tally.add(text, analyzer);
    match tally.of(class) {
        0 => None,
        1 => Some(score.max(0.5)),
        2 => Some(score.max(0.65)),
        3 => Some(score.max(0.8)),
        _ => Some(score.max(0.9)),
    }
}

/// Files that were touched near a message; those of all messages are counted in `all`, each touch
/// once.
fn files_near(
    scene: &Scene<'_>,
    row: &Row,
    all: &mut Counted,
    seen: &mut FxHashSet<(i64, i64)>,
) -> Result<Vec<String>> {
    let Some(span) = scene.spans.find(MessageId(row.id.0)) else {
        return Ok(Vec::new());
    };
    let first = span.first.0.max(row.id.0 - NEARBY_MESSAGES);
    let last = span.last.0.min(row.id.0 + NEARBY_MESSAGES);
    let mut own = Counted::default();
    for kind in [Label::Edited, Label::Read] {
        labels::between(scene, kind, first, last, &mut |label, message| {
            own.add(label, message);
            if seen.insert((label, message)) {
                all.add(label, message);
            }
        })?;
    }
    let mut names: Vec<String> = Vec::new();
    for (name, _) in own.most(scene, MAX_HIT_FILES * 2)? {
        if names.len() < MAX_HIT_FILES && !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}
