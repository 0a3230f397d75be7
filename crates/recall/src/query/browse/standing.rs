//! Terms that stand out in a project against the rest of the archive.

use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use rustc_hash::{FxHashMap, FxHashSet};
use transcript::Role;

use super::glimpse::is_said;
use super::scene::Scene;
use crate::guards::{Cleared, Gate, Unquoted};
use crate::index::TermRow;
use crate::store::{Counter, Row};
use crate::text::{Analyzer, is_stop_word};
use crate::{Result, Scope};

/// The latest texts of people that are read for their terms.
const MAX_TEXTS: usize = 300;
/// Characters of one text that are read: what is pasted after them says little of the project.
const MAX_TEXT_CHARS: usize = 600;
/// Terms whose frequency is looked up, and rows looked at for one.
const MAX_TERMS: usize = 120;
const MAX_TERM_ROWS: i64 = 3_000;
/// How long this may take; what was weighed by then is told.
const TIME_LIMIT: Duration = Duration::from_millis(60);

/// A word that people use in a project more than elsewhere; see
/// [`Archive::standing_out`](crate::Archive::standing_out).
#[derive(Clone, Debug, PartialEq)]
pub struct StandingTerm {
    /// The word, in lower case, in the form in which it is written most.
    pub term: String,
    /// The number of conversations, among those that were looked at, in which people use it; at least 2.
    pub conversations: u64,
    /// The natural logarithm of a ratio, more than 0: the share of the project's messages that have the
    /// word, divided by the share of all other messages that have it. If the whole archive was looked at,
    /// of 1 divided by the share of messages that have it. An estimate for words that are very common.
    pub weight: f64,
}

impl Unquoted for StandingTerm {}

/// What people wrote with a term.
#[derive(Default)]
struct TermUse {
    written: FxHashMap<String, u32>,
    conversations: FxHashSet<i64>,
}

/// The terms that stand out, the most telling first; at most `limit`.
pub(crate) fn standing_out(
    connection: &Connection,
    gate: Gate<'_>,
    scope: &Scope,
    limit: usize,
) -> Result<Cleared<Vec<StandingTerm>>> {
    let start = Instant::now();
    let mut scene = Scene::new(connection, gate, scope)?;
    let mut used: Vec<(String, TermUse)> = uses(&mut scene)?
        .into_iter()
        .filter(|(_, of)| of.conversations.len() > 1)
        .collect();
    used.sort_by(|a, b| {
        let count = |of: &TermUse| of.conversations.len();
        count(&b.1).cmp(&count(&a.1)).then(a.0.cmp(&b.0))
    });
    let all = Counter::Searchable.get(connection)?.max(1) as f64;
    let own = (scene.spans.len() as f64).min(all);
    let rest = all - own;
    let mut found = Vec::new();
    for (term, of) in used.into_iter().take(MAX_TERMS) {
        if start.elapsed() > TIME_LIMIT {
            break;
        }
        let (inside, outside) = frequency(&scene, &term)?;
        let here = (inside + 0.5) / (own + 1.0);
        let weight = if rest < 1.0 {
            (1.0 / here).ln()
        } else {
            (here / ((outside + 0.5) / (rest + 1.0))).ln()
        };
        let conversations = of.conversations.len() as u64;
        let by_use = of
            .written
            .into_iter()
            .max_by(|a, b| a.1.cmp(&b.1).then(b.0.cmp(&a.0)));
        let Some((written, _)) = by_use.filter(|_| weight > 0.0) else {
            continue;
        };
        found.push(StandingTerm {
            term: written,
            conversations,
            weight,
        });
    }
    let value = |of: &StandingTerm| of.weight * (1.0 + of.conversations as f64).ln();
    found.sort_by(|a, b| value(b).total_cmp(&value(a)).then(a.term.cmp(&b.term)));
    found.truncate(limit);
    Ok(gate.release(found))
}

/// What people wrote lately, by term.
fn uses(scene: &mut Scene<'_>) -> Result<FxHashMap<String, TermUse>> {
    let (mut analyzer, mut uses) = (Analyzer::new(), FxHashMap::<String, TermUse>::default());
    let mut left = MAX_TEXTS;
    for (_, span) in scene.latest_spans()? {
        let mut rows = scene.rows(&span)?;
        rows.retain(|row: &Row| is_said(row, Role::User));
        rows.reverse();
        for row in rows.iter().take(left) {
            left -= 1;
            let Some((_, text)) = scene.text(row)? else {
                continue;
            };
            let end = text
                .char_indices()
                .nth(MAX_TEXT_CHARS)
                .map_or(text.len(), |(at, _)| at);
            let text = &text[..end];
            analyzer.terms(text, &mut |term| {
                let tells = !term.part
                    && term.text.len() > 2
                    && !is_stop_word(term.text)
                    && !term.text.bytes().all(|byte| byte.is_ascii_digit());
                if tells {
                    let of = uses.entry(term.text.to_owned()).or_default();
                    of.conversations.insert(span.conversation.0);
                    *of.written
                        .entry(text[term.start..term.end].to_lowercase())
                        .or_default() += 1;
                }
            });
        }
        if left == 0 {
            break;
        }
    }
    Ok(uses)
}

/// In how many messages of the scope, and of all others, a term occurs; an estimate where it is
/// common.
fn frequency(scene: &Scene<'_>, term: &str) -> Result<(f64, f64)> {
    let sql = "SELECT doc FROM prose_terms WHERE term = ?1 LIMIT ?2";
    let mut statement = scene.connection.prepare_cached(sql)?;
    let mut rows = statement.query(params![term, MAX_TERM_ROWS])?;
    let (mut last, mut inside, mut outside) = (None, 0.0, 0.0);
    while let Some(row) = rows.next()? {
        let message = TermRow(row.get(0)?).passage().message();
        if last == Some(message) {
            continue;
        }
        last = Some(message);
        match scene.spans.find(message) {
            Some(_) => inside += 1.0,
            None => outside += 1.0,
        }
    }
    Ok((inside, outside))
}
