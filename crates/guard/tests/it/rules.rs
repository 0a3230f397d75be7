//! `RULES_VERSION` is a hash of the rules: of the literals of the guards' source, of the weights and
//! word lists, and of what they find in the labelled texts.

mod literals;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use guard::{Engine, Finding, Kinds, RULES_VERSION};
use sha2::{Digest as _, Sha256};

use crate::planted;

/// Files of `src` that say nothing of what is found: the version itself, what becomes of findings,
/// how a text is cut that comes in pieces, patterns of a person's own, and examples.
const NO_RULES: &[&str] = &[
    "lib.rs",
    "custom.rs",
    "policy.rs",
    "stream.rs",
    "stream_scanner.rs",
    "examples.rs",
];

/// What the trained models and the word lists are kept in.
const DATA_FILES: &[&str] = &[
    "src/content/words.txt",
    "weights/content.bin",
    "weights/injection.bin",
    "weights/task.bin",
    "weights/words.bin",
];

#[test]
fn the_rules_version_is_the_hash_of_the_rules() {
    let mut hash = Sha256::new();
    for literal in source_literals() {
        hash.update(literal.as_bytes());
        hash.update([0]);
    }
    for name in DATA_FILES {
        hash.update(fs_err::read(directory().join(name)).expect("a file of data"));
    }
    hash.update(findings().as_bytes());
    let hash = hash.finalize();
    let version = u32::from_be_bytes([hash[0], hash[1], hash[2], hash[3]]);
    assert_eq!(
        RULES_VERSION, version,
        "the rules or weights have changed, so that archives should be checked again: \
         let `RULES_VERSION` in `crates/guard/src/lib.rs` be {version:#010x}",
    );
}

/// Every literal of the source, sorted, so that neither names nor the order of files matter.
fn source_literals() -> Vec<String> {
    let mut literals = Vec::new();
    for path in files_below(&directory().join("src"), "rs") {
        let name = path.file_name().and_then(|name| name.to_str());
        if name.is_some_and(|name| !NO_RULES.contains(&name)) {
            let source = fs_err::read_to_string(&path).expect("a source file");
            literals.append(&mut literals::of(&source));
        }
    }
    literals.sort_unstable();
    literals
}

/// What every guard finds in the labelled texts, the examples of secrets and those of personal data, a
/// line each. Scores stay out: their last digit may differ between machines.
fn findings() -> String {
    let engine = Engine::default();
    let mut lines = String::new();
    for text in texts() {
        for finding in engine.find(&text, Kinds::ALL) {
            let Finding {
                kind,
                entity,
                rule,
                start,
                end,
                ..
            } = finding;
            let _ = writeln!(lines, "{} {entity} {rule} {start} {end}", kind.name());
        }
        lines.push('\n');
    }
    lines
}

fn texts() -> Vec<String> {
    let mut texts: Vec<String> = planted::all().map(str::to_owned).collect();
    for path in files_below(&directory().join("sets"), "jsonl") {
        let set = fs_err::read_to_string(&path).expect("a labelled set");
        for line in set.lines() {
            let row: serde_json::Value = serde_json::from_str(line).expect("a row");
            texts.push(row["text"].as_str().expect("a text").to_owned());
        }
    }
    texts
}

fn directory() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// The files of a kind below a directory, in the order of their paths.
fn files_below(directory: &Path, extension: &str) -> Vec<PathBuf> {
    let mut paths = Vec::new();
    for entry in fs_err::read_dir(directory).expect("a directory") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            paths.append(&mut files_below(&path, extension));
        } else if path.extension().is_some_and(|own| own == extension) {
            paths.push(path);
        }
    }
    paths.sort();
    paths
}
