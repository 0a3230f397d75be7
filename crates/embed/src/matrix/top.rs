//! The best few of many.

use super::Hit;
use std::cmp::Ordering;
use std::collections::BinaryHeap;

/// Collects hits and keeps the best `count`. Hits come in the order of their rows.
pub(super) struct Top {
    count: usize,
    /// The worst on top.
    heap: BinaryHeap<Worst>,
    least: f32,
}

struct Worst(Hit);

impl Top {
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

    pub(super) fn push(&mut self, hit: Hit) {
        self.heap.push(Worst(hit));
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
    pub(super) fn into_hits(self) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self.heap.into_iter().map(|worst| worst.0).collect();
        sort(&mut hits);
        hits
    }
}

/// The best first, equal ones in the order of their rows.
pub(super) fn sort(hits: &mut [Hit]) {
    hits.sort_unstable_by(order);
}

fn order(a: &Hit, b: &Hit) -> Ordering {
    b.score.total_cmp(&a.score).then(a.row.cmp(&b.row))
}

impl Ord for Worst {
    fn cmp(&self, other: &Self) -> Ordering {
        order(&self.0, &other.0)
    }
}

impl PartialOrd for Worst {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Worst {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Worst {}
