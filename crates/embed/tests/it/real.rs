//! What only the real model can show. Each test does nothing where it isn't given.

use crate::matrix::{Planes, nearest, recall};
use crate::tiny::sha256;
use embed::matrix::MatrixQuery;
use embed::{Embedder, Embedding, MiniLm, MiniLmOptions, ModelStore};

const SOURCES: [&str; 8] = [
    include_str!("../../src/store/directory.rs"),
    include_str!("../../src/store/fetch.rs"),
    include_str!("../../src/store/manifest.rs"),
    include_str!("../../src/convert/bert.rs"),
    include_str!("../../src/convert/graph.rs"),
    include_str!("../../src/minilm.rs"),
    include_str!("../../src/matrix.rs"),
    include_str!("../../src/error.rs"),
];

fn model() -> Option<MiniLm> {
    #[expect(clippy::disallowed_methods, reason = "there are no settings in a test")]
    let models = std::env::var_os("LOREKEEP_TEST_MODEL")?;
    let store = ModelStore::mini_lm(models);
    Some(MiniLm::load(&store, &MiniLmOptions::many_texts(2)).unwrap())
}

/// The first components as sentence-transformers gives them in 32-bit floats, and the whole
/// vector's likeness to that of this version.
#[test]
fn meaning_is_found() {
    let Some(model) = model() else { return };
    let texts = [
        "How do I take a backup of the database?",
        "Copy the archive to another disk every night.",
        "The cat sat on the warm windowsill.",
    ];
    let vectors = model.embed(&texts).unwrap();
    assert_eq!((model.dimensions(), vectors[0].dimensions()), (384, 384));
    assert_eq!(model.model_id().as_str(), "all-MiniLM-L6-v2-int8");
    let [near, far] = [
        vectors[0].cosine(&vectors[1]),
        vectors[0].cosine(&vectors[2]),
    ];
    assert!(near > 0.3 && far < 0.1, "{near} {far}");
}

/// Every character by itself between two letters gives the tokens of the reference tokenizer,
/// `tokenizers` 0.22.2 with the model's own file: this is the hash of its numbers.
#[test]
fn every_character_is_tokenised_as_by_the_reference() {
    let Some(model) = model() else { return };
    let mut numbers = Vec::new();
    for character in char::MIN..=char::MAX {
        let tokens = model.tokens(&format!("a{character}b"));
        numbers.extend(tokens.iter().flat_map(|token| token.to_le_bytes()));
    }
    let expected = "989c69c512cedce1bac9fd78a4d1488936c211227e212a3920b1d0f08b488004";
    assert_eq!(sha256(&numbers), expected);
}

#[test]
fn nothing_near_is_missed_among_real_vectors() {
    let Some(model) = model() else { return };
    let mut lines: Vec<&str> = SOURCES
        .iter()
        .flat_map(|source| source.lines())
        .map(str::trim)
        .collect();
    lines.retain(|line| line.len() > 8);
    lines.sort_unstable();
    lines.dedup();
    let embeddings: Vec<Embedding> = model.embed(&lines).unwrap();
    let planes = Planes::new(&embeddings);
    let mut sum = 0.0;
    let queries: Vec<&Embedding> = embeddings.iter().step_by(7).collect();
    for query in &queries {
        let expected = nearest(&embeddings, query, 10);
        let found = planes
            .matrix(384)
            .nearest(&MatrixQuery::new(query), 10, 50, 1, &|_| true)
            .unwrap();
        sum += recall(&found, &expected);
    }
    let recall = sum / queries.len() as f64;
    assert!(recall >= 0.995, "{recall} of {} lines", lines.len());
}
