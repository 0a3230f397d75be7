//! What becomes of findings that overlap.

use std::cmp::Reverse;
use std::ops::Range;

use crate::finding::{Finding, Kind};
use crate::judgement::Judged;

/// Whether findings of a kind are spans that are masked, whose union is one value. Those of models say
/// different things of one place.
fn joins(kind: Kind) -> bool {
    matches!(kind, Kind::Secret | Kind::Pii)
}

/// Leaves out findings that only say again what a surer one of their kind says of as much or more of
/// the text; of equally sure ones the first stays. What a finding covers beyond all surer ones stays
/// found. Of models' findings only those of the same entity are repetitions.
pub(crate) fn without_covered(findings: &mut Vec<Finding>) {
    findings.sort_by_key(|finding| (finding.start, Reverse(finding.end)));
    let mut kept: Vec<Finding> = Vec::with_capacity(findings.len());
    // Those kept that may cover more: for each kind the surer of two ends before the other, so that
    // there are no more of them than scores.
    let mut open: Vec<usize> = Vec::new();
    for finding in findings.drain(..) {
        let is_alike = |old: &Finding| {
            old.kind == finding.kind && (joins(old.kind) || old.entity == finding.entity)
        };
        let covers =
            |one: &Finding, other: &Finding| one.end >= other.end && one.score >= other.score;
        open.retain(|at| kept[*at].end > finding.start);
        let mut said = open.iter().map(|at| &kept[*at]);
        if said.any(|old| is_alike(old) && covers(old, &finding)) {
            continue;
        }
        open.retain(|at| !(is_alike(&kept[*at]) && covers(&finding, &kept[*at])));
        open.push(kept.len());
        kept.push(finding);
    }
    *findings = kept;
}

/// Joins findings of a kind that overlap and have the same action: the whole is named after the
/// surest of them. They are in the order of the text.
pub(crate) fn joined(findings: Vec<Judged>) -> Vec<Judged> {
    let mut out: Vec<Joined> = Vec::with_capacity(findings.len());
    // The last of each kind and action: only that can overlap what follows.
    let mut last: Vec<usize> = Vec::new();
    for judged in findings {
        let is_alike =
            |old: &Judged| (old.finding.kind, old.action) == (judged.finding.kind, judged.action);
        let place = last.iter().position(|at| is_alike(&out[*at].judged));
        if let Some(place) = place
            && joins(judged.finding.kind)
            && judged.finding.start < out[last[place]].end
        {
            out[last[place]].take(judged);
            continue;
        }
        match place {
            Some(place) => last[place] = out.len(),
            None => last.push(out.len()),
        }
        out.push(Joined::new(judged));
    }
    out.into_iter().map(Joined::finish).collect()
}

/// The surest of some findings, and the place of all of them.
struct Joined {
    judged: Judged,
    start: usize,
    end: usize,
}

impl Joined {
    fn new(judged: Judged) -> Self {
        Self {
            start: judged.finding.start,
            end: judged.finding.end,
            judged,
        }
    }

    fn take(&mut self, other: Judged) {
        self.end = self.end.max(other.finding.end);
        if other.finding.score > self.judged.finding.score {
            self.judged = other;
        }
    }

    fn finish(mut self) -> Judged {
        (self.judged.finding.start, self.judged.finding.end) = (self.start, self.end);
        self.judged
    }
}

/// Ranges that overlap as one each, in order; they come ordered by their start.
pub(crate) fn unions(
    ranges: impl IntoIterator<Item = Range<usize>>,
) -> impl Iterator<Item = Range<usize>> {
    let mut rest = ranges.into_iter().peekable();
    std::iter::from_fn(move || {
        let first = rest.next()?;
        let mut end = first.end;
        while let Some(next) = rest.next_if(|next| next.start < end) {
            end = end.max(next.end);
        }
        Some(first.start..end)
    })
}
