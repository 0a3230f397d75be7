//! The exact scan: the same integers from every kernel, and nothing near is missed.

use crate::tiny::Random;
use embed::matrix::{Kernel, Matrix, MatrixQuery, QuantizedVector, RowHit, as_floats, as_signed};
use embed::{Embedding, Error};
use proptest::prelude::*;

/// Rows as they would be stored.
#[derive(Default)]
pub(crate) struct Planes {
    high: Vec<i8>,
    low: Vec<i8>,
    scales: Vec<f32>,
}

impl Planes {
    pub(crate) fn new<'a>(embeddings: impl IntoIterator<Item = &'a Embedding>) -> Self {
        let mut planes = Self::default();
        for row in embeddings.into_iter().map(QuantizedVector::new) {
            planes.high.extend(&row.high);
            planes.low.extend(&row.low);
            planes.scales.push(row.scale);
        }
        planes
    }

    pub(crate) fn matrix(&self, dimensions: usize) -> Matrix<'_> {
        Matrix::new(dimensions, &self.high, &self.low, &self.scales).unwrap()
    }
}

fn random(random: &mut Random, dimensions: usize) -> Embedding {
    Embedding::from_values((0..dimensions).map(|_| random.next()).collect())
}

/// The nearest by floats.
pub(crate) fn nearest(embeddings: &[Embedding], query: &Embedding, count: usize) -> Vec<usize> {
    let mut hits: Vec<(usize, f32)> = embeddings
        .iter()
        .map(|embedding| embedding.cosine(query))
        .enumerate()
        .collect();
    hits.sort_by(|a, b| b.1.total_cmp(&a.1));
    hits.iter().map(|hit| hit.0).take(count).collect()
}

pub(crate) fn recall(found: &[RowHit], expected: &[usize]) -> f64 {
    let hit = |row: &&usize| found.iter().any(|hit| hit.row == **row);
    expected.iter().filter(hit).count() as f64 / expected.len() as f64
}

proptest! {
    #[test]
    fn every_kernel_gives_the_sum_of_products(
        dimensions in 1_usize..200,
        rows in 0_usize..11,
        seed: u64,
        extremes: bool,
    ) {
        let mut random = Random(seed);
        let mut value = || match random.below(if extremes { 3 } else { 256 }) {
            0 => i8::MIN,
            1 => i8::MAX,
            other => other as u8 as i8,
        };
        let query: Vec<i8> = (0..dimensions).map(|_| value()).collect();
        let rows: Vec<i8> = (0..dimensions * rows).map(|_| value()).collect();
        let expected: Vec<i32> = rows
            .chunks(dimensions)
            .map(|row| row.iter().zip(&query).map(|(a, b)| i32::from(*a) * i32::from(*b)).sum())
            .collect();
        for kernel in Kernel::available() {
            let mut products = vec![0; expected.len()];
            kernel.products(&rows, &query, &mut products);
            prop_assert_eq!(&products, &expected, "{:?}", kernel);
        }
    }

    #[test]
    fn two_planes_keep_the_direction(values in prop::collection::vec(-1.0_f32..1.0, 1..400)) {
        let embedding = Embedding::from_values(values);
        let back = QuantizedVector::new(&embedding).to_embedding();
        for (was, is) in embedding.as_slice().iter().zip(back.as_slice()) {
            prop_assert!((was - is).abs() < 1e-4, "{} {}", was, is);
        }
    }
}

#[test]
fn random_vectors_are_found_as_with_floats() {
    let mut source = Random(3);
    let embeddings: Vec<Embedding> = (0..5_000).map(|_| random(&mut source, 384)).collect();
    let planes = Planes::new(&embeddings);
    let queries: Vec<Embedding> = (0..20).map(|_| random(&mut source, 384)).collect();
    let mut sum = 0.0;
    for query in &queries {
        let expected = nearest(&embeddings, query, 10);
        for threads in [1, 2] {
            let found =
                planes
                    .matrix(384)
                    .nearest(&MatrixQuery::new(query), 10, 50, threads, &|_| true);
            let found = found.unwrap();
            sum += recall(&found, &expected) / 2.0;
            for hit in found {
                assert!((hit.score - embeddings[hit.row].cosine(query)).abs() < 1e-4);
            }
        }
    }
    let recall = sum / queries.len() as f64;
    assert!(recall >= 0.995, "{recall}");
}

#[test]
fn hits_are_the_same_with_every_kernel_and_number_of_threads() {
    let mut source = Random(5);
    // Enough for three threads; integers, since so many floats take their time.
    let rows = 33_000;
    let mut plane = || -> Vec<i8> { (0..rows * 384).map(|_| source.byte()).collect() };
    let planes = Planes {
        high: plane(),
        low: plane(),
        scales: vec![0.001; rows],
    };
    let query = MatrixQuery::new(&random(&mut source, 384));
    let keep = |row: usize| !row.is_multiple_of(3);
    let expected = planes
        .matrix(384)
        .nearest(&query, 20, 50, 1, &keep)
        .unwrap();
    assert_eq!(expected.len(), 20);
    assert!(expected.iter().all(|hit| keep(hit.row)));
    assert!(expected.is_sorted_by(|a, b| a.score >= b.score));
    for kernel in Kernel::available() {
        for threads in 0..4 {
            let matrix = planes.matrix(384).with_kernel(kernel);
            assert_eq!(
                matrix.nearest(&query, 20, 50, threads, &keep).unwrap(),
                expected
            );
        }
    }
}

#[test]
fn equal_rows_come_in_their_order_and_empty_ones_never() {
    let some = Embedding::from_values(vec![1.0, 2.0, 3.0]);
    let embeddings = [
        &Embedding::empty(3),
        &some,
        &some,
        &Embedding::empty(3),
        &some,
    ];
    let planes = Planes::new(embeddings);
    let rows = |count: usize| -> Vec<usize> {
        let hits = planes
            .matrix(3)
            .nearest(&MatrixQuery::new(&some), count, count, 2, &|_| true);
        hits.unwrap().iter().map(|hit| hit.row).collect()
    };
    assert_eq!(rows(0), [0; 0]);
    assert_eq!(rows(2), [1, 2]);
    assert_eq!(rows(9), [1, 2, 4]);
    let nothing = Planes::default();
    assert_eq!(
        nothing
            .matrix(3)
            .scan(&MatrixQuery::new(&some), 5, 1, &|_| true)
            .unwrap(),
        []
    );
    let to_nothing = MatrixQuery::new(&Embedding::empty(3));
    let hits = planes
        .matrix(3)
        .nearest(&to_nothing, 1, 1, 1, &|_| true)
        .unwrap();
    assert!(hits.iter().all(|hit| hit.score == 0.0));
}

#[test]
fn shapes_that_do_not_fit_are_errors() {
    let planes = Planes::new(&[Embedding::from_values(vec![1.0, 2.0])]);
    assert!(matches!(
        Matrix::new(3, &planes.high, &planes.low, &planes.scales),
        Err(Error::Shape(_))
    ));
    assert!(matches!(
        Matrix::new(2, &planes.high, &[], &planes.scales),
        Err(Error::Shape(_))
    ));
    assert!(matches!(
        Matrix::new(0, &[], &[], &[]),
        Err(Error::Shape(_))
    ));
    let query = MatrixQuery::new(&Embedding::from_values(vec![1.0; 3]));
    assert!(matches!(
        planes.matrix(2).scan(&query, 1, 1, &|_| true),
        Err(Error::Shape(_))
    ));
}

#[test]
fn stored_bytes_are_read_in_place() {
    assert_eq!(as_signed(&[0, 1, 127, 128, 255]), [0, 1, 127, -128, -1]);
    let floats = [1.5_f32, -0.25];
    let bytes: Vec<u8> = floats.iter().flat_map(|v| v.to_le_bytes()).collect();
    // A vector of bytes may start anywhere: find the first aligned place.
    let mut room = vec![0; bytes.len() + 4];
    let start = (0..4)
        .find(|start| as_floats(&room[*start..*start + 4]).is_some())
        .unwrap();
    room[start..start + 8].copy_from_slice(&bytes);
    assert_eq!(as_floats(&room[start..start + 8]), Some(floats.as_slice()));
    assert_eq!(as_floats(&room[start..start + 7]), None);
}
