//! The best few of many.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// A row that a search found, and how alike it is to the query.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct RowHit {
    /// The row's number in the matrix, from 0.
    pub row: usize,
    /// The cosine of the row and the query, within ±1 up to rounding; more is more alike.
    pub score: f32,
}

/// Collects hits and keeps the best `count`. Hits come in the order of their rows.
pub(super) struct BestRows {
    count: usize,
    /// The worst on top.
    heap: BinaryHeap<WorstFirst>,
    least: f32,
}

struct WorstFirst(RowHit);

impl BestRows {
    pub(super) fn new(count: usize) -> Self {
        let least = if count == 0 {
            f32::INFINITY
        } else {
            f32::NEG_INFINITY
        };
        Self {
            count,
            heap: BinaryHeap::new(),
            least,
        }
    }

    /// What a score must exceed to be kept. One that equals it loses: its row comes later.
    pub(super) fn least(&self) -> f32 {
        self.least
    }

    pub(super) fn push(&mut self, hit: RowHit) {
        self.heap.push(WorstFirst(hit));
        if self.heap.len() > self.count {
            self.heap.pop();
        }
        if self.heap.len() == self.count {
            self.least = self
                .heap
                .peek()
                .map_or(f32::INFINITY, |worst| worst.0.score);
        }
    }

    /// The best first.
    pub(super) fn into_hits(self) -> Vec<RowHit> {
        let mut hits: Vec<RowHit> = self.heap.into_iter().map(|worst| worst.0).collect();
        sort(&mut hits);
        hits
    }
}

/// The best first, equal ones in the order of their rows.
pub(super) fn sort(hits: &mut [RowHit]) {
    hits.sort_unstable_by(order);
}

fn order(a: &RowHit, b: &RowHit) -> Ordering {
    b.score.total_cmp(&a.score).then(a.row.cmp(&b.row))
}

impl Ord for WorstFirst {
    fn cmp(&self, other: &Self) -> Ordering {
        order(&self.0, &other.0)
    }
}

impl PartialOrd for WorstFirst {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for WorstFirst {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for WorstFirst {}
