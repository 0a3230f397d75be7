//! Embeddings, and the embedder for other crates' tests.

use embed::{Embedder, Embedding, FixedEmbedder, ModelId};

#[test]
fn an_embedding_has_length_one() {
    let embedding = Embedding::from_values(vec![3.0, 0.0, -4.0]);
    assert_eq!(embedding.as_slice(), [0.6, 0.0, -0.8]);
    assert!((embedding.cosine(&embedding) - 1.0).abs() < 1e-6);
}

#[test]
fn what_has_no_direction_is_empty() {
    for values in [
        vec![0.0; 4],
        vec![f32::NAN; 4],
        vec![f32::INFINITY, 0.0, 0.0, 0.0],
    ] {
        let embedding = Embedding::from_values(values);
        assert_eq!(embedding, Embedding::empty(4));
        assert!(embedding.is_empty());
        assert_eq!(embedding.cosine(&embedding), 0.0);
    }
}

#[test]
fn values_near_the_ends_of_their_range_keep_their_direction() {
    for size in [1e-30, 1e30] {
        let embedding = Embedding::from_values(vec![3.0 * size, 4.0 * size]);
        assert!(
            (embedding.as_slice()[0] - 0.6).abs() < 1e-6,
            "{embedding:?}"
        );
    }
}

#[test]
fn the_fixed_embedder_likes_shared_words() {
    let embedder = FixedEmbedder::default();
    let texts = [
        "We back up the archive",
        "the ARCHIVE, backed up",
        "rust compiler error",
        "… ",
    ];
    let vectors = embedder.embed(&texts).unwrap();
    assert!(vectors[0].cosine(&vectors[1]) > 0.4);
    assert!(vectors[0].cosine(&vectors[2]).abs() < 0.2);
    assert!(vectors[3].is_empty());
    assert!(
        vectors
            .iter()
            .all(|vector| vector.dimensions() == embedder.dimensions())
    );
    assert_eq!(embedder.model_id(), &ModelId::new("fixed-384"));
}

/// Other crates' fixtures hold such vectors.
#[test]
fn the_fixed_embedder_never_changes() {
    let vector = &FixedEmbedder::new(8).embed(&["keep this"]).unwrap()[0];
    let rounded: Vec<i32> = vector
        .as_slice()
        .iter()
        .map(|v| (v * 100.0).round() as i32)
        .collect();
    assert_eq!(rounded, [0, 0, 0, -80, 0, 0, -53, -27]);
}
