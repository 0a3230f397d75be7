//! Speed of the exact scan, and what it misses.
//!
//! `cargo bench -p lorekeep-embed --bench matrix`

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
#![expect(
    clippy::unwrap_used,
    reason = "a benchmark may stop at the first error"
)]

use embed::Embedding;
use embed::matrix::{Kernel, Matrix, MatrixQuery, QuantizedVector};
use std::time::Instant;

const DIMENSIONS: usize = 384;

fn main() {
    let mut random = Random(1);
    for count in [1_000, 10_000, 100_000, 1_000_000] {
        let (high, low, scales) = rows(&mut random, count);
        let matrix = Matrix::new(DIMENSIONS, aligned(&high), &low, &scales).unwrap();
        let query = MatrixQuery::new(&random.embedding());
        for kernel in Kernel::available() {
            for threads in [1, 2] {
                let matrix = matrix.with_kernel(kernel);
                let mut times: Vec<f64> = (0..25)
                    .map(|_| {
                        let start = Instant::now();
                        let hits = matrix.nearest(&query, 10, 50, threads, &|_| true).unwrap();
                        assert_eq!(hits.len(), 10);
                        start.elapsed().as_secs_f64() * 1e3
                    })
                    .collect();
                times.sort_by(f64::total_cmp);
                println!(
                    "{count} rows, {threads} threads, {kernel:?}: {:.3} ms",
                    times[12]
                );
            }
        }
    }
}

/// Planes of random vectors; beyond the first 10,000 repeated, since making them takes longer than
/// what is measured.
fn rows(random: &mut Random, count: usize) -> (Vec<i8>, Vec<i8>, Vec<f32>) {
    let some: Vec<_> = (0..count.min(10_000))
        .map(|_| QuantizedVector::new(&random.embedding()))
        .collect();
    let all = || some.iter().cycle().take(count);
    (
        all()
            .flat_map(|row| row.high.iter().copied())
            .chain([0; 64])
            .collect(),
        all().flat_map(|row| row.low.iter().copied()).collect(),
        all().map(|row| row.scale).collect(),
    )
}

/// The plane without the 64 values too many, from the start of a cache line on, as in a mapped
/// file: what it holds doesn't matter here.
fn aligned(plane: &[i8]) -> &[i8] {
    &plane[plane.as_ptr().align_offset(64)..][..plane.len() - 64]
}

struct Random(u64);

impl Random {
    fn embedding(&mut self) -> Embedding {
        Embedding::from_values((0..DIMENSIONS).map(|_| self.normal()).collect())
    }

    /// The sum of four evenly distributed numbers is near enough to the normal distribution.
    fn normal(&mut self) -> f32 {
        (0..4).map(|_| self.even()).sum()
    }

    fn even(&mut self) -> f32 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        (self.0 >> 40) as f32 / (1 << 24) as f32 - 0.5
    }
}
