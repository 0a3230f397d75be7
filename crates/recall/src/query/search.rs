//! Query + scope → ranked hits with reasons, or "nothing relevant".
//!
//! Two legs, terms and meaning, give each message a value in 0–1; the evidence for it is their
//! weighted sum. How much meaning weighs depends on how near the nearest message is, and on how well
//! terms match: a small model's high similarities are worth more than its middling ones. See docs/decisions/0003-ranking.md.

mod query;
mod scope;
mod lexical;
mod semantic;
mod exact;
mod standing;
mod excerpt;
mod hits;
mod typo;

use embed::Embedder;
use rusqlite::Connection;
use rustc_hash::FxHashSet;
use transcript::Marking;

use self::lexical::{LexicalScore, Lexicon};
use self::query::Query;
use self::scope::Filter;
use self::semantic::{Meaning, SemanticScore};
use crate::guards::Gate;
use crate::index::vectors::Vectors;
use crate::store::{Counter, MessageId, Reader, Row, Span, Spans};
use crate::text::Analyzer;
use crate::{Error, Home, Indexed, Mode, Result, SearchRequest, SearchResponse, Verdict};

/// Messages that each leg puts forward.
const CANDIDATES: usize = 300;
/// Of those with terms, the best whose surroundings are looked at too.
const LOOKED_AROUND: usize = 80;
/// Messages that are weighed to the end, and of these the ones with the best terms, whatever the
/// model makes of them: a hash or an error line means nothing to it.
const FINALISTS: usize = 200;
const BY_TERMS: usize = 60;
/// Hits that one search can give.
const MOST_HITS: usize = 10_000;
/// Messages looked at where a phrase must occur.
const WITH_PHRASE: usize = 2_000;

/// Weight of meaning where nothing is near, what is added where something is, and where between.
const MEANING_BASE: f32 = 0.5;
const MEANING_GAIN: f32 = 4.5;
const MEANING_MIDDLE: f32 = 0.34;
const MEANING_WIDTH: f32 = 0.04;
/// How much nearer meaning must be for each step that terms match better.
const MEANING_AGAINST_TERMS: f32 = 0.6;
/// What is left of it for a query in a script that the model can't read.
const UNREADABLE: f32 = 0.1;

/// How much a summary counts against the words that it sums up.
const SUMMARY: f32 = 0.93;

/// What a process keeps between searches.
pub(crate) struct SearchState {
    analyzer: Analyzer,
    reader: Reader,
    vectors: Vectors,
    spans: Spans,
    /// What the spans were read at; see [`Self::refresh`].
    version: Option<(i64, i64)>,
}

impl SearchState {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            analyzer: Analyzer::new(),
            reader: Reader::new()?,
            vectors: Vectors::default(),
            spans: Spans::default(),
            version: None,
        })
    }

    /// Reads the spans again if the archive changed: by another connection, or by this one.
    fn refresh(&mut self, connection: &Connection) -> Result<()> {
        let by_others = connection.pragma_query_value(None, "data_version", |row| row.get(0))?;
        let by_us = i64::try_from(connection.total_changes()).unwrap_or(i64::MAX);
        if self.version != Some((by_others, by_us)) {
            self.spans = Spans::all(connection)?;
            self.reader.clear();
            self.version = Some((by_others, by_us));
        }
        Ok(())
    }
}

/// A message under consideration.
#[derive(Clone, Debug)]
struct Candidate {
    row: Row,
    span: Span,
    lexical: LexicalScore,
    semantic: Option<SemanticScore>,
    /// What the legs and the exact matches say together.
    evidence: f32,
    /// Of that, what exact matches add.
    bonus: f32,
    /// Whether everything that was typed in signs or quotes stands there so.
    is_exact: bool,
    /// Factor by which age lowers the score.
    recency: Option<f64>,
    /// What became of it, if it was marked.
    mark: Option<Marking>,
    score: f64,
}

/// Searches.
pub(crate) fn run(
    connection: &Connection,
    gate: Gate<'_>,
    home: &Home,
    state: &mut SearchState,
    request: &SearchRequest,
    embedder: Option<&dyn Embedder>,
) -> Result<SearchResponse> {
    // One look at the archive for the whole search: the same state throughout, and its locks are
    // taken once.
    let _snapshot = connection.unchecked_transaction()?;
    let mut query = Query::parse(&gate.keeper().as_kept(&request.query), &mut state.analyzer);
    if query.terms.is_empty() {
        return Err(Error::Query("it has no words".into()));
    }
    state.refresh(connection)?;
    let SearchState {
        analyzer,
        reader,
        vectors,
        spans,
        ..
    } = state;
    let (mut filter, project) = Filter::new(connection, spans, request)?;
    let mut notes = Vec::new();
    if query.is_cut {
        notes.push(format!(
            "only {} of the query's words were looked for",
            query.terms.len()
        ));
    }
    let lexicon = look_up(connection, &mut query, &filter, request, &mut notes)?;
    let mut meaning = match embedder {
        Some(embedder) if request.mode != Mode::Lexical => {
            let text = query.text_without(&lexicon.speakers);
            Meaning::new(connection, home, vectors, spans, embedder, &text)?
        }
        _ => None,
    };
    if request.mode == Mode::Semantic && meaning.is_none() {
        return Err(Error::NoModel);
    }
    let mode = if meaning.is_some() {
        request.mode
    } else {
        Mode::Lexical
    };
    let mut weighing = Weighing {
        lexicon: &lexicon,
        meaning: meaning.as_mut(),
        mode,
        weight: 0.0,
        wanted: request.limit.saturating_add(request.offset).min(MOST_HITS),
        has_phrase: !query.phrases.is_empty(),
        is_readable: query.is_latin(),
    };
    let ids = weighing.gather(connection, &mut filter)?;
    let mut candidates = weighing.weigh(connection, &mut filter, &ids)?;
    // In proportion to what evidence can be.
    let scale = if mode == Mode::Hybrid {
        1.0 + weighing.weight
    } else {
        1.0
    };
    exact::weigh(connection, reader, &query, scale, &mut candidates)?;
    standing::look_up(connection, &mut candidates)?;
    finish(&mut candidates, &lexicon, mode, request);
    let verdict = verdict(&candidates);
    let hits = hits::build(
        &mut hits::Context {
            connection,
            gate,
            reader,
            analyzer,
            query: &query,
            lexicon: &lexicon,
        },
        &candidates,
        request,
    )?;
    let verdict = if hits.is_empty() {
        Verdict::Nothing
    } else {
        verdict
    };
    Ok(SearchResponse {
        project,
        mode,
        indexed: indexed(connection)?,
        hits,
        verdict,
        notes,
    })
}

/// Looks terms up, and where none of them occurs, the nearest that do. What is only outside the
/// scope isn't told.
fn look_up(
    connection: &Connection,
    query: &mut Query,
    filter: &Filter<'_>,
    request: &SearchRequest,
    notes: &mut Vec<String>,
) -> Result<Lexicon> {
    let lexicon = Lexicon::look_up(connection, query)?;
    let in_scope = |message| filter.span(message).is_some();
    if request.as_typed || request.mode == Mode::Semantic || lexicon.occurs(&in_scope) {
        return Ok(lexicon);
    }
    let words = typo::correct(connection, query, &in_scope)?;
    if words.is_empty() {
        return Ok(lexicon);
    }
    notes.push(format!(
        "nothing contains what was typed; searched for {}",
        words.join(", ")
    ));
    Lexicon::look_up(connection, query)
}

/// Evidence, message, span, and what the terms say.
type Weighed<'a> = (f32, MessageId, &'a Span, LexicalScore);

/// The legs of one search.
struct Weighing<'a, 'v> {
    lexicon: &'a Lexicon,
    meaning: Option<&'a mut Meaning<'v>>,
    mode: Mode,
    /// How much meaning weighs.
    weight: f32,
    /// Hits asked for.
    wanted: usize,
    /// Whether a phrase must occur: then only messages with all of its terms are put forward.
    has_phrase: bool,
    /// Whether the model can read the query at all.
    is_readable: bool,
}

impl Weighing<'_, '_> {
    /// The messages that the legs put forward.
    fn gather(
        &mut self,
        connection: &Connection,
        filter: &mut Filter<'_>,
    ) -> Result<Vec<MessageId>> {
        let is_strict = filter.is_strict();
        let count = self.wanted.max(CANDIDATES);
        let mut ids = FxHashSet::default();
        let mut top = 0.0_f32;
        if let Some(meaning) = &mut self.meaning
            && (!self.has_phrase || self.mode == Mode::Semantic)
        {
            // What else a strict filter asks isn't asked of every vector, but of more candidates.
            let count = if is_strict { count * 8 } else { count };
            for (message, cosine) in meaning.candidates(connection, filter, count)? {
                if let Some(span) = filter.span(message) {
                    let factor = self.lexicon.speaker_factor(message, span);
                    top = top.max(if factor > 0.5 {
                        cosine
                    } else {
                        cosine * factor
                    });
                }
                ids.insert(message);
            }
        }
        let mut best = 0.0_f32;
        if self.mode != Mode::Semantic {
            let mut keep = |message| {
                let in_scope = filter.span(message).is_some();
                Ok(in_scope && (!is_strict || filter.admit(connection, message)?.is_some()))
            };
            let own = if self.has_phrase {
                self.lexicon.with_phrase(WITH_PHRASE, &mut keep)?
            } else {
                self.lexicon.candidates(count, &mut keep)?
            };
            for message in own.iter().take(LOOKED_AROUND) {
                if let Some(span) = filter.span(*message) {
                    best = best.max(self.lexicon.score(*message, span).score);
                }
                // What stands beside a match may be the answer to it.
                if !self.has_phrase {
                    let around = message.0 - lexical::REACH..=message.0 + lexical::REACH;
                    let near = around.map(MessageId);
                    ids.extend(near.filter(|id| filter.span(*id).is_some()));
                }
            }
            ids.extend(own);
        }
        let lead = top - MEANING_MIDDLE - MEANING_AGAINST_TERMS * best;
        self.weight = MEANING_BASE + MEANING_GAIN / (1.0 + (-lead / MEANING_WIDTH).exp());
        if !self.is_readable {
            self.weight *= UNREADABLE;
        }
        Ok(ids.into_iter().collect())
    }

    /// The best of the messages that the filter admits, with their evidence, best first.
    fn weigh(
        &mut self,
        connection: &Connection,
        filter: &mut Filter<'_>,
        ids: &[MessageId],
    ) -> Result<Vec<Candidate>> {
        let mut found = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(span) = filter.span(*id) else {
                continue;
            };
            let lexical = match self.mode {
                Mode::Semantic => LexicalScore::default(),
                _ => self.lexicon.score(*id, span),
            };
            let semantic = match &mut self.meaning {
                Some(meaning) => Some(meaning.alone(*id, span)?),
                None => None,
            };
            let evidence = self.evidence(*id, span, lexical, semantic);
            if evidence > 0.0 {
                found.push((evidence, *id, span, lexical));
            }
        }
        let by_evidence =
            |a: &Weighed<'_>, b: &Weighed<'_>| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1));
        found.sort_unstable_by(by_evidence);
        let wanted = if self.has_phrase {
            WITH_PHRASE
        } else {
            self.wanted.max(FINALISTS)
        };
        if self.mode == Mode::Hybrid && found.len() > wanted {
            let mut rest = found.split_off(wanted);
            rest.sort_unstable_by(|a, b| b.3.own.total_cmp(&a.3.own).then(a.1.cmp(&b.1)));
            found.extend(rest.into_iter().take(BY_TERMS));
        }
        let mut finalists = Vec::new();
        for (_, id, span, lexical) in found {
            if finalists.len() == wanted + BY_TERMS {
                break;
            }
            let Some(row) = filter.admit(connection, id)? else {
                continue;
            };
            let semantic = match &mut self.meaning {
                Some(meaning) => Some(meaning.score(id, span)?),
                None => None,
            };
            let evidence = self.evidence(id, span, lexical, semantic);
            let is_summary = row.flags.kind() == transcript::MessageKind::Summary;
            let evidence = if is_summary {
                evidence * SUMMARY
            } else {
                evidence
            };
            finalists.push(Candidate {
                row,
                span: *span,
                lexical,
                semantic,
                evidence,
                bonus: 0.0,
                is_exact: false,
                recency: None,
                mark: None,
                score: 0.0,
            });
        }
        sort(&mut finalists);
        Ok(finalists)
    }

    fn evidence(
        &self,
        id: MessageId,
        span: &Span,
        lexical: LexicalScore,
        semantic: Option<SemanticScore>,
    ) -> f32 {
        let meant = semantic.map_or(0.0, |semantic| {
            semantic.score * self.lexicon.speaker_factor(id, span)
        });
        match self.mode {
            Mode::Lexical => lexical.score,
            Mode::Semantic => meant,
            Mode::Hybrid => lexical.score + self.weight * meant,
        }
    }
}

fn sort(candidates: &mut [Candidate]) {
    candidates.sort_by(|a, b| {
        b.evidence
            .total_cmp(&a.evidence)
            .then(b.lexical.own.total_cmp(&a.lexical.own))
            .then(b.row.time.cmp(&a.row.time))
            .then(a.row.id.cmp(&b.row.id))
    });
}

/// Evidence → scores, weighed by what became of it, and by age if asked for; best first.
fn finish(candidates: &mut Vec<Candidate>, lexicon: &Lexicon, mode: Mode, request: &SearchRequest) {
    for candidate in candidates.iter_mut() {
        candidate.score = score(candidate, lexicon, mode);
    }
    // A message never scores less than one that ranks below it.
    let mut least = 0.0_f64;
    for candidate in candidates.iter_mut().rev() {
        least = least.max(candidate.score);
        candidate.score = least;
    }
    standing::weigh(candidates);
    if let Some(decay) = request.decay {
        for candidate in candidates.iter_mut() {
            let Some(time) = candidate.row.time else {
                continue;
            };
            let days = (request.now - time).max(0) as f64 / 86_400_000.0;
            let aged = (-days / decay.half_life_days).exp2();
            let factor = (1.0 - decay.weight) + decay.weight * aged;
            candidate.recency = Some(factor);
            candidate.score *= factor;
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
    standing::demote(candidates);
    candidates.retain(|candidate| candidate.score >= request.min_score);
}

/// How sure it is that such evidence comes from where the query is answered and not from elsewhere:
/// a logistic model of labelled queries, asked of what answers them and of something else. So a
/// score means the same in every mode. See docs/decisions/0003-ranking.md.
fn score(candidate: &Candidate, lexicon: &Lexicon, mode: Mode) -> f64 {
    let lexical = f64::from((candidate.lexical.coverage + candidate.bonus).min(1.0));
    let semantic = candidate
        .semantic
        .map_or(0.0, |semantic| f64::from(semantic.cosine));
    let logit = match mode {
        Mode::Lexical => 8.8 * lexical - 4.9,
        Mode::Semantic => 16.2 * semantic - 7.3,
        Mode::Hybrid => 4.8 * lexical + 13.0 * semantic - 7.8,
    };
    let score = 1.0 / (1.0 + (-logit).exp());
    if mode == Mode::Semantic {
        return score;
    }
    if !lexicon.says_something() {
        return score.min(WEAK);
    }
    // Who types few words and finds them all has found what was asked for; who typed something as it
    // stands there, all the more.
    let found = lexicon.is_covered(candidate.lexical.mask) || candidate.is_exact;
    let least =
        RELEVANT + 0.4 * f64::from(candidate.lexical.own) + 0.4 * f64::from(candidate.bonus);
    if found {
        score.max(least.min(0.99))
    } else {
        score
    }
}

/// Scores from which hits answer a query, and from which they may.
const RELEVANT: f64 = 0.5;
const WEAK: f64 = 0.2;

fn verdict(candidates: &[Candidate]) -> Verdict {
    // What was found is an answer, whatever became of it since.
    let scores = candidates.iter().map(|c| c.score / standing::factor(c));
    match scores.fold(0.0, f64::max) {
        score if score >= RELEVANT => Verdict::Relevant,
        score if score >= WEAK => Verdict::Weak,
        _ => Verdict::Nothing,
    }
}

/// How far the indexes are.
pub(crate) fn indexed(connection: &Connection) -> Result<Indexed> {
    let embeddable = Counter::Embeddable.get(connection)?;
    Ok(Indexed {
        messages: Counter::Searchable.get(connection)?,
        embeddable,
        embedded: Counter::Embedded.get(connection)?.min(embeddable),
    })
}
