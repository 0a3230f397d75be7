//! Habits of single files: what Rust files open with, how long they are, and what no file of the
//! repository says.

use std::path::Path;

use crate::repo;

/// Lines of a file that aren't tests.
const MAX_PRODUCTION_LINES: usize = 500;

/// The only place that packages come from, by its name in lock files.
const PACKAGE_SOURCE: &str = "source = \"registry+https://github.com/rust-lang/crates.io-index\"";

/// Hosts that packages are downloaded from. Which of them a machine uses is its own business.
/// In two parts, since this file is checked too.
const PACKAGE_HOSTS: &[(&str, &str)] = &[
    ("index.crates", ".io"),
    ("static.crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("registry.npmjs", ".org"),
    ("deb.debian", ".org"),
];

/// Habits that aren't kept.
pub(super) fn check(files: &[String]) -> anyhow::Result<Vec<String>> {
    let unwanted = unwanted_words();
    let mut wrong = Vec::new();
    for file in files {
        let bytes = fs_err::read(repo::root().join(file))?;
        // What isn't text (fixtures of broken or compressed files) has no habits.
        let Ok(text) = String::from_utf8(bytes) else {
            continue;
        };
        if Path::new(file)
            .extension()
            .is_some_and(|extension| extension == "rs")
        {
            wrong.extend(rust_habits(file, &text));
        }
        if file.ends_with("Cargo.lock") {
            wrong.extend(foreign_sources(file, &text));
        }
        wrong.extend(mentions(file, &text, &unwanted));
    }
    Ok(wrong)
}

fn rust_habits(file: &str, text: &str) -> Vec<String> {
    let mut wrong = Vec::new();
    if !text.starts_with("//!") {
        wrong.push(format!("{file}:1: opens without `//!`: what is it for?"));
    }
    let lines = production_lines(file, text);
    if lines > MAX_PRODUCTION_LINES {
        wrong.push(format!(
            "{file}: {lines} lines besides tests, {MAX_PRODUCTION_LINES} are the limit"
        ));
    }
    wrong
}

/// Lines before the tests, which stand at the end of a file or in files of their own.
fn production_lines(file: &str, text: &str) -> usize {
    if file.ends_with("tests.rs") || file.split('/').any(|part| part == "tests") {
        return 0;
    }
    let lines: Vec<&str> = text.lines().collect();
    let is_test_module = |pair: &[&str]| {
        pair[0] == "#[cfg(test)]" && pair[1].starts_with("mod ") && pair[1].ends_with('{')
    };
    lines
        .windows(2)
        .position(is_test_module)
        .unwrap_or(lines.len())
}

fn foreign_sources(file: &str, text: &str) -> Vec<String> {
    text.lines()
        .zip(1..)
        .filter(|(line, _)| line.starts_with("source = ") && *line != PACKAGE_SOURCE)
        .map(|(line, number)| format!("{file}:{number}: packages come from elsewhere: {line}"))
        .collect()
}

/// Hosts, and directories that exist on the machine of whoever runs this and nowhere else.
fn unwanted_words() -> Vec<String> {
    let mut words: Vec<String> = PACKAGE_HOSTS
        .iter()
        .map(|(name, domain)| format!("{name}{domain}"))
        .collect();
    let root = repo::root();
    let places = [
        Some(root.as_path()),
        root.parent(),
        Some(&repo::target_dir()),
    ];
    for place in places.into_iter().flatten() {
        // The parent of a checkout may be as short as `/src`: only whole components count.
        if place.components().count() > 1 {
            words.push(format!("{}/", place.display()));
        }
    }
    words.sort();
    words.dedup();
    words
}

fn mentions(file: &str, text: &str, unwanted: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for (line, number) in text.lines().zip(1..) {
        for word in unwanted.iter().filter(|word| names_place(line, word)) {
            wrong.push(format!(
                "{file}:{number}: `{word}` is a place of one machine or registry"
            ));
        }
    }
    wrong
}

/// Whether the word stands in the line by itself and not as the tail of a longer path.
fn names_place(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = line[..at].chars().next_back();
        !before.is_some_and(|c| c.is_alphanumeric() || "-_~.".contains(c)) || !word.starts_with('/')
    })
}

#[cfg(test)]
mod tests {
    use super::{foreign_sources, names_place, production_lines, rust_habits};

    #[test]
    fn tests_do_not_count_as_production() {
        let text = "//! a\nfn b() {}\n\n#[cfg(test)]\nmod tests {\n}\n";
        assert_eq!(production_lines("crates/a/src/b.rs", text), 3);
        assert_eq!(production_lines("crates/a/tests/it/main.rs", text), 0);
    }

    #[test]
    fn a_file_without_purpose_is_named() {
        assert_eq!(rust_habits("a.rs", "fn b() {}\n").len(), 1);
    }

    #[test]
    fn other_registries_are_named_with_their_line() {
        let lock = "name = \"a\"\nsource = \"registry+https://mirror.example/index\"\n";
        assert!(foreign_sources("Cargo.lock", lock)[0].starts_with("Cargo.lock:2:"));
    }

    #[test]
    fn a_place_is_told_from_the_tail_of_a_path() {
        assert!(names_place("see /srv/checkout/README", "/srv/"));
        assert!(!names_place("see home/srv/checkout", "/srv/"));
    }
}
