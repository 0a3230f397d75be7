//! Query + scope → ranked hits with reasons, or "nothing relevant".
//!
//! Two retrievers, by terms and by meaning, give each message a value in 0–1; the evidence for it is
//! their weighted sum. How much meaning weighs depends on how near the nearest message is, and on how well
//! terms match: a small model's high similarities are worth more than its middling ones. See docs/decisions/0003-ranking.md.

mod query;
mod scope;
mod lexical;
mod semantic;
mod typo;
mod nothing;
mod restating;
mod candidate;
mod weighing;
mod exact;
mod standing;
mod scoring;
mod excerpt;
mod hits;

use embed::Embedder;
use rusqlite::Connection;

use self::lexical::Lexicon;
use self::query::Query;
use self::scope::SearchFilter;
use self::semantic::Meaning;
use self::typo::TypoContext;
use self::weighing::Weighing;
use crate::guards::{Cleared, Gate};
use crate::index::vectors::{ArchiveState, VectorIndex};
use crate::store::{Counter, Reader, Spans};
use crate::text::Analyzer;
use crate::{Error, Indexed, Mode, Result, SearchNote, SearchRequest, SearchResponse, Verdict};

/// What a process keeps between searches.
pub(crate) struct SearchState {
    analyzer: Analyzer,
    reader: Reader,
    spans: Spans,
    /// What the spans were read at; see [`Self::refresh`].
    version: Option<(i64, i64)>,
}

impl SearchState {
    pub(crate) fn new() -> Result<Self> {
        Ok(Self {
            analyzer: Analyzer::new(),
            reader: Reader::new()?,
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

/// What a search looks into, and what its hits go out through.
#[derive(Clone, Copy)]
pub(crate) struct SearchContext<'a> {
    pub(crate) connection: &'a Connection,
    pub(crate) gate: Gate<'a>,
    pub(crate) vectors: &'a dyn VectorIndex,
}

/// Searches, and lets the hits out through the gate.
pub(crate) fn search(
    context: SearchContext<'_>,
    state: &mut SearchState,
    request: &SearchRequest,
    embedder: Option<&dyn Embedder>,
) -> Result<Cleared<SearchResponse>> {
    let response = run(context, state, request, embedder)?;
    Ok(context.gate.release(response))
}

/// Searches; the hits haven't been through the gate yet.
pub(crate) fn run(
    context: SearchContext<'_>,
    state: &mut SearchState,
    request: &SearchRequest,
    embedder: Option<&dyn Embedder>,
) -> Result<SearchResponse> {
    let SearchContext {
        connection, gate, ..
    } = context;
    // One look at the archive for the whole search: the same state throughout, and its locks are
    // taken once.
    let _snapshot = connection.unchecked_transaction()?;
    let mut query = Query::parse(&gate.guards().as_kept(&request.query), &mut state.analyzer);
    if query.terms.is_empty() {
        return Err(Error::Query("it has no words".into()));
    }
    state.refresh(connection)?;
    let SearchState {
        analyzer,
        reader,
        spans,
        ..
    } = state;
    let (mut filter, project) = SearchFilter::new(connection, spans, request)?;
    let mut notes = Vec::new();
    if query.is_cut {
        notes.push(SearchNote::OnlyFirstWords(query.terms.len()));
    }
    let lexicon = {
        let mut typos = TypoContext {
            connection,
            reader,
            analyzer,
            in_scope: &|message| filter.span(message).is_some(),
        };
        look_up(&mut typos, &mut query, request, &mut notes)?
    };
    let mut meaning = match embedder {
        Some(embedder) if request.mode != Mode::Lexical => {
            let text = query.text_without(&lexicon.speakers);
            let archive = ArchiveState::with_spans(connection, spans);
            Meaning::new(context.vectors, archive, embedder, &text)?
        }
        _ => None,
    };
    if request.mode == Mode::Semantic && meaning.is_none() {
        return Err(Error::NoModel);
    }
    let mut weighing = Weighing::new(&lexicon, meaning.as_mut(), &query, request);
    let mode = weighing.mode();
    let ids = weighing.gather(connection, &mut filter)?;
    let mut candidates = weighing.weigh(connection, &mut filter, &ids)?;
    // What exact matches add is in proportion to what evidence can be.
    let scale = weighing.scale();
    let wanted = request.limit.saturating_add(request.offset);
    exact::weigh(connection, reader, &query, scale, wanted, &mut candidates)?;
    restating::weigh(
        connection,
        (reader, analyzer),
        &query,
        wanted,
        &mut candidates,
    )?;
    standing::look_up(connection, &mut candidates)?;
    scoring::finish(&mut candidates, &lexicon, mode, request);
    let verdict = scoring::verdict(&candidates);
    let hits = hits::build(
        &mut hits::HitBuilder {
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
        nothing::explain(connection, &filter, request, &mut notes)?;
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
    context: &mut TypoContext<'_>,
    query: &mut Query,
    request: &SearchRequest,
    notes: &mut Vec<SearchNote>,
) -> Result<Lexicon> {
    let lexicon = Lexicon::look_up(context.connection, query)?;
    let is_searched = request.as_typed || request.mode == Mode::Semantic;
    if is_searched || lexicon.occurs(context.in_scope) {
        return Ok(lexicon);
    }
    let words = typo::correct(context, query)?;
    if words.is_empty() {
        return Ok(lexicon);
    }
    notes.push(SearchNote::Corrected(words));
    Lexicon::look_up(context.connection, query)
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
