//! The pages among themselves: every path and link leads somewhere, and every page under `docs/`
//! can be reached from an index.

use std::collections::BTreeSet;
use std::path::Path;

use super::markdown::{code_spans, links};
use crate::repo;

/// Where readers start.
const INDEX_PAGES: &[&str] = &["README.md", "docs/decisions/README.md"];

/// What leads nowhere, and what nothing leads to.
pub(super) fn check(files: &[String]) -> anyhow::Result<Vec<String>> {
    let tops: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.split_once('/'))
        .map(|(top, _)| top)
        .collect();
    let mut wrong = Vec::new();
    let mut reached = BTreeSet::new();
    for page in files
        .iter()
        .filter(|file| Path::new(file).extension().is_some_and(|e| e == "md"))
    {
        let text = fs_err::read_to_string(repo::root().join(page))?;
        wrong.extend(dead_paths(page, &text, &tops));
        for link in links(&text) {
            let target = beside(page, link);
            if !repo::root().join(&target).exists() {
                wrong.push(format!("{page}: the link to `{link}` leads nowhere"));
            }
            if INDEX_PAGES.contains(&page.as_str()) {
                reached.insert(target);
            }
        }
    }
    let is_page = |file: &&String| file.starts_with("docs/") && file.ends_with(".md");
    for page in files.iter().filter(is_page) {
        if !INDEX_PAGES.contains(&page.as_str()) && !reached.contains(page) {
            wrong.push(format!(
                "{page}: not linked from {}",
                INDEX_PAGES.join(" or ")
            ));
        }
    }
    Ok(wrong)
}

/// What a build makes, which isn't there before.
const BUILT_PATHS: [&str; 1] = ["web/dist"];

/// Paths in code spans that begin like one of ours and don't exist.
fn dead_paths(page: &str, text: &str, tops: &BTreeSet<&str>) -> Vec<String> {
    let mut wrong = Vec::new();
    for span in code_spans(text) {
        let is_ours = span
            .split_once('/')
            .is_some_and(|(top, _)| tops.contains(top));
        let is_pattern = span.contains(['*', '<', '{', ' ', '…']);
        let is_built = BUILT_PATHS.iter().any(|built| span.starts_with(built));
        if is_ours && !is_pattern && !is_built && !repo::root().join(span).exists() {
            wrong.push(format!("{page}: the path `{span}` doesn't exist"));
        }
    }
    wrong
}

/// A link of a page as a path from the root.
fn beside(page: &str, link: &str) -> String {
    let mut parts: Vec<&str> = page.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::beside;

    #[test]
    fn links_are_relative_to_their_page() {
        assert_eq!(beside("docs/a/b.md", "../c.md"), "docs/c.md");
        assert_eq!(beside("README.md", "docs/c.md"), "docs/c.md");
    }
}
