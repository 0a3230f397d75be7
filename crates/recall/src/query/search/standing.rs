//! Lowers the scores of messages whose latest mark says that they are resolved or superseded.

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

/// Looks up what candidates were marked as last.
pub(super) fn look_up(connection: &Connection, candidates: &mut [Candidate]) -> Result<()> {
    let sql = "SELECT EXISTS (SELECT 1 FROM mark)";
    let are_any: bool = connection
        .prepare_cached(sql)?
        .query_row([], |row| row.get(0))?;
    if are_any {
        for candidate in candidates {
            candidate.mark = newest_mark(connection, candidate.row.id)?;
        }
    }
    Ok(())
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
