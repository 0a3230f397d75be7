//! Recall, reciprocal rank and discounted gain, with an answer either right or wrong.

use std::collections::{BTreeSet, HashMap};

use super::run::Rankings;

/// The right answers for each query.
pub(super) type Relevant = HashMap<String, BTreeSet<String>>;

/// Means over all queries; one without an answer counts zero.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Metrics {
    /// Share of the right answers within the first 1, 5 and 10.
    pub(super) recall: [f64; 3],
    /// One over the rank of the first right answer within ten.
    pub(super) mrr: f64,
    /// Gain of the first ten, discounted by the logarithm of the rank, of the best possible.
    pub(super) ndcg: f64,
}

/// Scores the rankings.
pub(super) fn score(relevant: &Relevant, rankings: &Rankings) -> Metrics {
    let mut sum = Metrics::default();
    for (query, right) in relevant {
        let ranked = rankings.get(query).map(Vec::as_slice).unwrap_or_default();
        let one = single(right, ranked);
        for (all, this) in sum.recall.iter_mut().zip(one.recall) {
            *all += this;
        }
        sum.mrr += one.mrr;
        sum.ndcg += one.ndcg;
    }
    let count = relevant.len().max(1) as f64;
    Metrics {
        recall: sum.recall.map(|all| all / count),
        mrr: sum.mrr / count,
        ndcg: sum.ndcg / count,
    }
}

fn single(right: &BTreeSet<String>, ranked: &[String]) -> Metrics {
    let hits: Vec<usize> = (0..ranked.len().min(10))
        .filter(|at| right.contains(&ranked[*at]))
        .collect();
    let within = |most: usize| hits.iter().filter(|at| **at < most).count() as f64;
    let gain = |at: &usize| 1.0 / (*at as f64 + 2.0).log2();
    let best: f64 = (0..right.len().min(10)).map(|at| gain(&at)).sum();
    let count = right.len().max(1) as f64;
    Metrics {
        recall: [1, 5, 10].map(|most| within(most) / count),
        mrr: hits.first().map_or(0.0, |at| 1.0 / (*at as f64 + 1.0)),
        ndcg: if best > 0.0 {
            hits.iter().map(gain).sum::<f64>() / best
        } else {
            0.0
        },
    }
}

#[cfg(test)]
mod tests {
    use super::{BTreeSet, single};

    #[test]
    fn ranks_count_from_the_top() {
        let right: BTreeSet<String> = ["b".to_owned(), "z".to_owned()].into();
        let ranked = ["a", "b", "c"].map(str::to_owned);
        let metrics = single(&right, &ranked);
        assert!((metrics.recall[0]).abs() < 1e-9);
        assert!((metrics.recall[1] - 0.5).abs() < 1e-9);
        assert!((metrics.mrr - 0.5).abs() < 1e-9);
        let best = 1.0 + 1.0 / 3_f64.log2();
        assert!((metrics.ndcg - (1.0 / 3_f64.log2()) / best).abs() < 1e-9);
    }
}
