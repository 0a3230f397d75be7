//! The network against the same one in plain Rust, and how texts become rows of tokens.

use crate::tiny::{MAX_TOKENS, Tiny};
use embed::{Embedder, Embedding, MiniLm, MiniLmOptions, Precision};

const TEXTS: [&str; 6] = [
    "backups of the archive.",
    "the archive",
    "a",
    "unbelievable café 漢 ?",
    "the the the the the the the archive of a backup . . . . . . .",
    "nothing known",
];

fn load(tiny: &Tiny, precision: Precision, options: MiniLmOptions) -> (tempfile::TempDir, MiniLm) {
    let root = tempfile::tempdir().unwrap();
    let store = tiny.fetched(root.path(), precision);
    let model = MiniLm::load(&store, &options).unwrap();
    (root, model)
}

fn cosine_to_reference(tiny: &Tiny, tokens: &[u32], embedding: &Embedding) -> f64 {
    let reference = tiny.reference(tokens);
    embedding
        .as_slice()
        .iter()
        .zip(reference)
        .map(|(a, b)| f64::from(*a) * b)
        .sum()
}

/// Whether sums of products of 8-bit weights can overflow on this CPU; see
/// docs/decisions/0001-embedding-model.md. In a model as small as this one a single overflow shows.
fn can_overflow() -> bool {
    #[cfg(target_arch = "x86_64")]
    return !is_x86_feature_detected!("avx512vnni");
    #[cfg(not(target_arch = "x86_64"))]
    false
}

#[test]
fn the_graph_calculates_what_the_architecture_says() {
    let tiny = Tiny::new();
    let least_of_8_bits = if can_overflow() { 0.98 } else { 0.999 };
    for (precision, least) in [
        (Precision::Float, 0.999_999),
        (Precision::Int8 { levels: 127 }, least_of_8_bits),
        (Precision::Int8 { levels: 63 }, 0.995),
    ] {
        for options in [MiniLmOptions::one_query(), MiniLmOptions::many_texts(2)] {
            let (_root, model) = load(&tiny, precision, options);
            for (text, embedding) in TEXTS.iter().zip(model.embed(&TEXTS).unwrap()) {
                let cosine = cosine_to_reference(&tiny, &model.tokens(text), &embedding);
                assert!(
                    cosine > least,
                    "{precision:?} {options:?} `{text}`: {cosine}"
                );
            }
        }
    }
}

#[test]
fn company_in_a_batch_changes_nothing() {
    let tiny = Tiny::new();
    let (_root, model) = load(&tiny, Precision::Float, MiniLmOptions::many_texts(1));
    // More than one batch, in a mixed order.
    let texts: Vec<&str> = TEXTS.iter().cycle().take(300).copied().collect();
    let together = model.embed(&texts).unwrap();
    for (text, embedding) in texts.iter().zip(&together).take(12) {
        let alone = &model.embed(&[text]).unwrap()[0];
        assert!(alone.cosine(embedding) > 0.999_999, "`{text}`");
    }
}

#[test]
fn several_threads_embed_at_once_with_one_loaded_model() {
    let (_root, model) = load(&Tiny::new(), Precision::Float, MiniLmOptions::many_texts(2));
    let model: &dyn Embedder = &model;
    let alone = model.embed(&TEXTS).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                for _ in 0..8 {
                    assert_eq!(model.embed(&TEXTS).unwrap(), alone);
                }
            });
        }
    });
}

#[test]
fn a_text_without_words_has_the_empty_embedding() {
    let (_root, model) = load(
        &Tiny::new(),
        Precision::Int8 { levels: 127 },
        MiniLmOptions::one_query(),
    );
    let embeddings = model
        .embed(&["", " \n\t", "\u{200b}\0", "the archive"])
        .unwrap();
    assert!(embeddings[..3].iter().all(Embedding::is_empty));
    assert!(!embeddings[3].is_empty());
    assert!(model.embed(&[]).unwrap().is_empty());
}

#[test]
fn texts_become_tokens() {
    let (_root, model) = load(&Tiny::new(), Precision::Float, MiniLmOptions::one_query());
    let check = |text: &str, expected: &[u32]| {
        let tokens = model.tokens(text);
        assert_eq!(
            &tokens[1..tokens.len() - 1],
            expected,
            "`{}`",
            text.escape_debug()
        );
        assert_eq!((tokens[0], tokens[tokens.len() - 1]), (2, 3));
    };
    check("Backups of the ARCHIVE.", &[5, 6, 7, 10, 8, 9, 14]);
    check("unbelievable?", &[18, 19, 20, 15]);
    // Longest piece first, with no second try: "a", "##rch", "##ive" would fit "archive" too.
    check("archive archiveb", &[9, 9, 17]);
    check("arch", &[11, 12]);
    // Accents and case go, whether or not they are composed.
    check("CAFÉ cafe\u{301}", &[21, 22, 21, 22]);
    check("the漢the", &[8, 23, 8]);
    check("a\u{200d}\u{feff}\0rch", &[11, 12]);
    // A word is unknown as a whole.
    check("backupz the", &[1, 8]);
    check(&format!("{} a", "b".repeat(101)), &[1, 11]);
    // Special tokens stand for themselves, in capitals and whole.
    check("a[SEP]a [sep]", &[11, 3, 11, 1, 1, 1]);
    check("[[MASK]", &[1, 4]);
    check("##b", &[16, 16, 1]);
}

#[test]
fn long_texts_are_cut_at_the_models_limit() {
    let tiny = Tiny::new();
    let (_root, model) = load(&tiny, Precision::Float, MiniLmOptions::one_query());
    let long = "the archive ".repeat(200_000);
    let tokens = model.tokens(&long);
    assert_eq!(tokens.len(), MAX_TOKENS);
    assert_eq!((tokens[0], tokens[MAX_TOKENS - 1]), (2, 3));
    let cut = "the archive ".repeat((MAX_TOKENS - 2) / 2);
    assert_eq!(
        model.embed(&[&long]).unwrap(),
        model.embed(&[&cut]).unwrap()
    );
    // Pieces of one word, too.
    assert_eq!(
        model.tokens(&format!("back{}", "up".repeat(40))).len(),
        MAX_TOKENS
    );
}
