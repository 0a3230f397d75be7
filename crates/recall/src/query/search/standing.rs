//! What people made of messages since: lowers the scores of those whose latest mark says that they are
//! resolved or superseded, and puts reflections first where they fit.

use rusqlite::Connection;
use transcript::MarkStatus;

use super::candidate::Candidate;
use crate::Result;
use crate::store::newest_mark;

/// The factor for a candidate's score by its latest mark. Something resolved was true and may be what is
/// looked for, so it only gives way to what fits about as well. Something superseded misleads a reader who
/// takes it for valid, so its factor is lower. An open mark makes a message no better an answer than no
/// mark.
pub(super) fn factor(candidate: &Candidate) -> f64 {
    match candidate.mark.as_ref().map(|mark| mark.status) {
        None | Some(MarkStatus::Open) => 1.0,
        Some(MarkStatus::Resolved) => 0.85,
        Some(MarkStatus::Superseded) => 0.6,
    }
}

/// Looks up what candidates were marked as last, and which are reflections.
pub(super) fn look_up(connection: &Connection, candidates: &mut [Candidate]) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM mark)";
    let are_any: bool = connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?;
    if are_any {
        for candidate in &mut *candidates {
            candidate.mark = newest_mark(connection, candidate.row.id)?;
        }
    }
    let sql = "SELECT EXISTS (SELECT 1 FROM reflection)";
    if connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?
    {
        let sql = "SELECT EXISTS (SELECT 1 FROM reflection WHERE message = ?1)";
        let mut is_reflection = connection.prepare_cached(sql)?;
        for candidate in candidates {
            let id = candidate.row.id.0;
            candidate.is_reflection = is_reflection.query_row([id], |row| row.get(0))?;
        }
    }
    Ok(())
}

/// Puts reflections with a score of `least` or more before other messages that hold as much of what was
/// typed, unless they were marked as done with: they were kept on purpose. Candidates are in order.
pub(super) fn promote(candidates: &mut [Candidate], least: f64) {
    let is_done = |candidate: &Candidate| factor(candidate) < 1.0;
    for group in candidates.chunk_by_mut(|one, other| one.holding == other.holding) {
        let best = group.first().map_or(0.0, |candidate| candidate.score);
        let comes_first = |candidate: &Candidate| {
            candidate.is_reflection && candidate.score >= least && !is_done(candidate)
        };
        group.sort_by_key(|candidate| !comes_first(candidate));
        for candidate in group
            .iter_mut()
            .take_while(|candidate| comes_first(candidate))
        {
            candidate.score = candidate.score.max(best);
        }
    }
}

/// Weighs marks in, and puts candidates in order again.
pub(super) fn weigh(candidates: &mut [Candidate]) {
    if candidates.iter().any(|candidate| candidate.mark.is_some()) {
        for candidate in candidates.iter_mut() {
            candidate.score *= factor(candidate);
        }
        candidates.sort_by(|a, b| b.score.total_cmp(&a.score));
    }
}

/// Keeps what is superseded from standing first where something else fits: has a score of `least` or
/// more.
pub(super) fn demote(candidates: &mut [Candidate], least: f64) {
    let is_superseded = |candidate: &Candidate| {
        let mark = candidate.mark.as_ref();
        mark.is_some_and(|mark| mark.status == MarkStatus::Superseded)
    };
    let Some(at) = candidates.iter().position(|other| !is_superseded(other)) else {
        return;
    };
    let best = candidates[at].score;
    if best < least {
        return;
    }
    candidates[..=at].rotate_right(1);
    for candidate in &mut candidates[1..=at] {
        candidate.score = candidate.score.min(best);
    }
}
