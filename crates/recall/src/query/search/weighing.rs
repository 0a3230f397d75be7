//! The retrievers of one search put messages forward, and each message is weighed.

use rusqlite::Connection;
use rustc_hash::FxHashSet;

use super::candidate::{Candidate, Holding, sort};
use super::lexical::{self, LexicalScore, Lexicon};
use super::query::Query;
use super::scope::SearchFilter;
use super::semantic::{Meaning, SemanticScore};
use crate::store::{MessageId, Row, Span};
use crate::{Mode, Result, SearchRequest};

/// Hits that one search can give.
pub(super) const MAX_HITS: usize = 10_000;
/// Messages that each retriever puts forward, unless more hits are asked for.
const MIN_CANDIDATES: usize = 300;
/// How many times as many vectors are asked for where a filter asks what an index of vectors can't tell.
const STRICT_FILTER_FACTOR: usize = 8;
/// Of those with terms, the best whose surroundings are looked at too.
const MAX_SURROUNDED: usize = 80;
/// Messages that are weighed to the end, and beside these the ones with the best terms, whatever the
/// model makes of them: a hash or an error line means nothing to it.
const MIN_FINALISTS: usize = 200;
const MAX_FINALISTS_BY_TERMS: usize = 60;
/// Messages looked at where a phrase must occur.
const MAX_WITH_PHRASE: usize = 2_000;

/// Weight of meaning where nothing is near, what is added where something is, and where between.
const MEANING_BASE: f32 = 0.5;
const MEANING_GAIN: f32 = 4.5;
const MEANING_MIDDLE: f32 = 0.34;
const MEANING_WIDTH: f32 = 0.04;
/// How much nearer meaning must be for each step that terms match better.
const MEANING_AGAINST_TERMS: f32 = 0.6;
/// What is left of it for a query in a script that the model can't read.
const UNREADABLE_FACTOR: f32 = 0.1;

/// How much a summary counts against the words that it sums up.
const SUMMARY_FACTOR: f32 = 0.93;

/// A message that was put forward, before its row is read.
struct Proposal<'a> {
    id: MessageId,
    span: &'a Span,
    lexical: LexicalScore,
    holding: Holding,
    evidence: f32,
}

/// The retrievers of one search.
pub(super) struct Weighing<'a, 'm> {
    lexicon: &'a Lexicon,
    meaning: Option<&'a mut Meaning<'m>>,
    mode: Mode,
    /// How much meaning weighs.
    weight: f32,
    /// Hits asked for.
    wanted: usize,
    /// Whether a phrase must occur: then only messages with all of its terms are put forward.
    has_phrase: bool,
    /// Whether the model can read the query at all.
    is_readable: bool,
    /// Whether messages that hold all that was typed come first.
    ranks_by_holding: bool,
}

impl<'a, 'm> Weighing<'a, 'm> {
    /// The retrievers that look for a query, by terms and by meaning if there is one.
    pub(super) fn new(
        lexicon: &'a Lexicon,
        meaning: Option<&'a mut Meaning<'m>>,
        query: &Query,
        request: &SearchRequest,
    ) -> Self {
        Self {
            lexicon,
            mode: match meaning {
                Some(_) => request.mode,
                None => Mode::Lexical,
            },
            meaning,
            weight: 0.0,
            wanted: request.limit.saturating_add(request.offset).min(MAX_HITS),
            has_phrase: !query.phrases.is_empty(),
            is_readable: query.is_latin(),
            ranks_by_holding: query.ranks_by_holding(),
        }
    }

    /// Which retrievers are used.
    pub(super) fn mode(&self) -> Mode {
        self.mode
    }

    /// The most evidence that there can be.
    pub(super) fn scale(&self) -> f32 {
        match self.mode {
            Mode::Hybrid => 1.0 + self.weight,
            Mode::Lexical | Mode::Semantic => 1.0,
        }
    }

    /// The messages that the retrievers put forward.
    pub(super) fn gather(
        &mut self,
        connection: &Connection,
        filter: &mut SearchFilter<'_>,
    ) -> Result<Vec<MessageId>> {
        let mut ids = FxHashSet::default();
        let nearest = self.gather_by_meaning(filter, &mut ids)?;
        let best = self.gather_by_terms(connection, filter, &mut ids)?;
        // A logistic curve: docs/decisions/0003-ranking.md has its derivation.
        let lead = nearest - MEANING_MIDDLE - MEANING_AGAINST_TERMS * best;
        self.weight = MEANING_BASE + MEANING_GAIN / (1.0 + (-lead / MEANING_WIDTH).exp());
        if !self.is_readable {
            self.weight *= UNREADABLE_FACTOR;
        }
        Ok(ids.into_iter().collect())
    }

    /// Adds the nearest messages; returns the cosine of the nearest.
    fn gather_by_meaning(
        &self,
        filter: &SearchFilter<'_>,
        ids: &mut FxHashSet<MessageId>,
    ) -> Result<f32> {
        let mut nearest = 0.0_f32;
        let Some(meaning) = &self.meaning else {
            return Ok(nearest);
        };
        if self.has_phrase && self.mode != Mode::Semantic {
            return Ok(nearest);
        }
        // What else a strict filter asks isn't asked of every vector, but of more candidates.
        let mut count = self.wanted.max(MIN_CANDIDATES);
        if filter.is_strict() {
            count *= STRICT_FILTER_FACTOR;
        }
        for (message, cosine) in meaning.candidates(filter, count)? {
            if let Some(span) = filter.span(message) {
                let factor = self.lexicon.speaker_factor(message, span);
                nearest = nearest.max(if factor > 0.5 {
                    cosine
                } else {
                    cosine * factor
                });
            }
            ids.insert(message);
        }
        Ok(nearest)
    }

    /// Adds the messages with the best terms, and those around them; returns the best score.
    fn gather_by_terms(
        &self,
        connection: &Connection,
        filter: &mut SearchFilter<'_>,
        ids: &mut FxHashSet<MessageId>,
    ) -> Result<f32> {
        let mut best = 0.0_f32;
        if self.mode == Mode::Semantic {
            return Ok(best);
        }
        let is_strict = filter.is_strict();
        let mut keep = |message| {
            let in_scope = filter.span(message).is_some();
            Ok(in_scope && (!is_strict || filter.admit(connection, message)?.is_some()))
        };
        let own = if self.has_phrase {
            self.lexicon.with_phrase(MAX_WITH_PHRASE, &mut keep)?
        } else {
            let count = self.wanted.max(MIN_CANDIDATES);
            self.lexicon.candidates(count, &mut keep)?
        };
        for message in own.iter().take(MAX_SURROUNDED) {
            if let Some(span) = filter.span(*message) {
                best = best.max(self.lexicon.score(*message, span).score);
            }
            // What stands beside a match may be the answer to it.
            if !self.has_phrase {
                let around =
                    message.0 - lexical::NEIGHBOUR_REACH..=message.0 + lexical::NEIGHBOUR_REACH;
                let near = around.map(MessageId);
                ids.extend(near.filter(|id| filter.span(*id).is_some()));
            }
        }
        ids.extend(own);
        Ok(best)
    }

    /// The best of the messages that the filter admits, with their evidence, best first.
    pub(super) fn weigh(
        &mut self,
        connection: &Connection,
        filter: &mut SearchFilter<'_>,
        ids: &[MessageId],
    ) -> Result<Vec<Candidate>> {
        let wanted = if self.has_phrase {
            MAX_WITH_PHRASE
        } else {
            self.wanted.max(MIN_FINALISTS)
        };
        let mut proposals = self.propose(filter, ids)?;
        proposals.sort_unstable_by(|a, b| {
            let by_holding = b.holding.cmp(&a.holding);
            let by_evidence = b.evidence.total_cmp(&a.evidence);
            by_holding.then(by_evidence).then(a.id.cmp(&b.id))
        });
        if self.mode == Mode::Hybrid && proposals.len() > wanted {
            let mut rest = proposals.split_off(wanted);
            rest.sort_unstable_by(|a, b| {
                let by_terms = b.lexical.own.total_cmp(&a.lexical.own);
                by_terms.then(a.id.cmp(&b.id))
            });
            proposals.extend(rest.into_iter().take(MAX_FINALISTS_BY_TERMS));
        }
        let mut finalists = Vec::new();
        for proposal in proposals {
            if finalists.len() == wanted + MAX_FINALISTS_BY_TERMS {
                break;
            }
            if let Some(row) = filter.admit(connection, proposal.id)? {
                finalists.push((proposal, row));
            }
        }
        if let Some(meaning) = &mut self.meaning {
            let messages = finalists.iter().map(|(found, _)| (found.id, found.span));
            meaning.look_around(messages)?;
        }
        let finalists = finalists.into_iter();
        let mut candidates: Vec<Candidate> = finalists
            .map(|(proposal, row)| self.candidate(&proposal, row))
            .collect();
        sort(&mut candidates);
        Ok(candidates)
    }

    /// What terms and meaning say of each message alone.
    fn propose<'s>(
        &mut self,
        filter: &SearchFilter<'s>,
        ids: &[MessageId],
    ) -> Result<Vec<Proposal<'s>>> {
        if let Some(meaning) = &mut self.meaning {
            meaning.look_up(ids.iter().copied())?;
        }
        let mut proposals = Vec::with_capacity(ids.len());
        for id in ids {
            let Some(span) = filter.span(*id) else {
                continue;
            };
            let lexical = match self.mode {
                Mode::Semantic => LexicalScore::default(),
                Mode::Hybrid | Mode::Lexical => self.lexicon.score(*id, span),
            };
            let semantic = self.meaning.as_ref().map(|meaning| meaning.alone(*id));
            let evidence = self.evidence(*id, span, lexical, semantic);
            if evidence > 0.0 {
                proposals.push(Proposal {
                    id: *id,
                    span,
                    lexical,
                    holding: self.holding(lexical),
                    evidence,
                });
            }
        }
        Ok(proposals)
    }

    /// What a message holds by its terms alone; its text isn't read yet.
    fn holding(&self, lexical: LexicalScore) -> Holding {
        match self.ranks_by_holding && self.lexicon.is_covered(lexical.mask) {
            true => Holding::Words,
            false => Holding::Part,
        }
    }

    /// A message with what those around it add to its evidence.
    fn candidate(&self, proposal: &Proposal<'_>, row: Row) -> Candidate {
        let Proposal {
            id, span, lexical, ..
        } = *proposal;
        let meaning = self.meaning.as_ref();
        let semantic = meaning.map(|meaning| meaning.score(id, span));
        let mut evidence = self.evidence(id, span, lexical, semantic);
        if row.flags.kind() == transcript::MessageKind::Summary {
            evidence *= SUMMARY_FACTOR;
        }
        Candidate {
            row,
            span: *span,
            lexical,
            semantic,
            holding: proposal.holding,
            evidence,
            bonus: 0.0,
            is_exact: false,
            recency: None,
            mark: None,
            text: None,
            restates: false,
            is_reflection: false,
            score: 0.0,
        }
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
