//! Concepts: 17 subjects of software work, such as `testing` or `database`, each with the words that tell
//! that a text is about it.

use std::sync::OnceLock;

use rustc_hash::FxHashMap;

use crate::text::Analyzer;

/// A concept: its name, other names for it, and words that stand for it.
struct ConceptClass {
    name: &'static str,
    also: &'static [&'static str],
    words: &'static [&'static str],
}

const fn class(
    name: &'static str,
    also: &'static [&'static str],
    words: &'static [&'static str],
) -> ConceptClass {
    ConceptClass { name, also, words }
}

/// The names of the concepts that a text is recognised to be about by its words, such as `security` and
/// `testing`; all in lower case. They are the topics of timelines and recent work, and what
/// [`ConceptRequest::concept`](super::ConceptRequest::concept) may name besides free words.
pub const CONCEPTS: [&str; CONCEPT_CLASSES.len()] = {
    let mut names = [""; CONCEPT_CLASSES.len()];
    let mut at = 0;
    while at < names.len() {
        names[at] = CONCEPT_CLASSES[at].name;
        at += 1;
    }
    names
};

/// Whole words only: as parts of words, `log`, `tool` and `test` are everywhere.
const CONCEPT_CLASSES: [ConceptClass; 17] = [
    class(
        "security",
        &[],
        &[
            "security",
            "vulnerability",
            "cve",
            "injection",
            "sanitize",
            "xss",
            "csrf",
            "exploit",
            "encryption",
        ],
    ),
    class(
        "performance",
        &["optimization"],
        &[
            "performance",
            "optimization",
            "optimize",
            "latency",
            "benchmark",
            "throughput",
            "profiler",
            "bottleneck",
        ],
    ),
    class(
        "testing",
        &["tests"],
        &[
            "testing",
            "pytest",
            "unittest",
            "coverage",
            "fixture",
            "mock",
            "regression",
        ],
    ),
    class(
        "docker",
        &["containerization", "containers"],
        &[
            "docker",
            "container",
            "compose",
            "kubernetes",
            "dockerfile",
            "podman",
            "helm",
        ],
    ),
    class(
        "api",
        &["api-development", "apis"],
        &[
            "api", "graphql", "endpoint", "webhook", "restful", "openapi", "grpc",
        ],
    ),
    class(
        "database",
        &["databases", "db"],
        &[
            "database",
            "sql",
            "schema",
            "migration",
            "postgres",
            "postgresql",
            "mysql",
            "sqlite",
        ],
    ),
    class(
        "authentication",
        &["auth"],
        &[
            "authentication",
            "login",
            "jwt",
            "oauth",
            "password",
            "sso",
            "auth",
            "authorization",
        ],
    ),
    class(
        "debugging",
        &["debug"],
        &[
            "debug",
            "error",
            "exception",
            "traceback",
            "stacktrace",
            "backtrace",
            "crash",
        ],
    ),
    class(
        "refactoring",
        &["refactor"],
        &[
            "refactor",
            "cleanup",
            "restructure",
            "simplify",
            "deduplicate",
        ],
    ),
    class(
        "deployment",
        &["deploy", "ci-cd"],
        &[
            "deploy",
            "deployment",
            "release",
            "rollout",
            "rollback",
            "pipeline",
        ],
    ),
    class(
        "git",
        &[],
        &[
            "git", "commit", "branch", "merge", "rebase", "github", "gitlab",
        ],
    ),
    class(
        "architecture",
        &["design"],
        &[
            "architecture",
            "design",
            "pattern",
            "module",
            "decoupling",
            "layering",
        ],
    ),
    class("mcp", &[], &["mcp", "tool", "agent", "subagent"]),
    class(
        "embeddings",
        &["embedding"],
        &["embedding", "vector", "semantic", "fastembed", "cosine"],
    ),
    class(
        "search",
        &[],
        &["search", "query", "filter", "relevance", "ranking", "bm25"],
    ),
    class(
        "async-programming",
        &["async"],
        &[
            "async",
            "await",
            "asyncio",
            "tokio",
            "coroutine",
            "concurrency",
        ],
    ),
    class(
        "frontend-framework",
        &["frontend"],
        &[
            "frontend", "react", "vue", "svelte", "angular", "jsx", "css",
        ],
    ),
];

/// Place of a concept among [`CONCEPTS`].
pub(super) type ClassId = usize;

/// The concept that goes by a name.
pub(super) fn find(name: &str) -> Option<ClassId> {
    let wanted = name.trim().to_lowercase().replace([' ', '_', '/'], "-");
    CONCEPT_CLASSES
        .iter()
        .position(|class| class.name == wanted || class.also.contains(&wanted.as_str()))
}

/// What to search for a concept with.
pub(super) fn query(class: ClassId) -> String {
    CONCEPT_CLASSES[class].words.join(" ")
}

/// Terms → the concept that they stand for.
fn terms() -> &'static FxHashMap<String, ClassId> {
    static CLASS_TERMS: OnceLock<FxHashMap<String, ClassId>> = OnceLock::new();
    CLASS_TERMS.get_or_init(|| {
        let mut analyzer = Analyzer::new();
        let mut terms = FxHashMap::default();
        for (id, class) in CONCEPT_CLASSES.iter().enumerate() {
            for word in class.words {
                analyzer.terms(word, &mut |term| {
                    terms.entry(term.text.to_owned()).or_insert(id);
                });
            }
        }
        terms
    })
}

/// How often each concept is meant in some texts.
#[derive(Clone, Debug)]
pub(super) struct ConceptTally([u64; CONCEPT_CLASSES.len()]);

impl ConceptTally {
    pub(super) fn new() -> Self {
        Self([0; CONCEPT_CLASSES.len()])
    }

    /// Counts the words of a text that stand for concepts.
    pub(super) fn add(&mut self, text: &str, analyzer: &mut Analyzer) {
        let terms = terms();
        analyzer.terms(text, &mut |term| {
            if !term.part
                && let Some(class) = terms.get(term.text)
            {
                self.0[*class] += 1;
            }
        });
    }

    /// How often a concept is meant.
    pub(super) fn of(&self, class: ClassId) -> u64 {
        self.0[class]
    }

    /// The concepts meant at least so often, the most frequent first.
    pub(super) fn most(&self, least: u64, limit: usize) -> Vec<(&'static str, u64)> {
        let all = CONCEPTS.into_iter().zip(self.0);
        let mut found: Vec<(&str, u64)> = all.filter(|(_, count)| *count >= least).collect();
        found.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        found.truncate(limit);
        found
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn concepts_go_by_old_and_new_names() {
        let name = |text: &str| find(text).map(|class| CONCEPTS[class]);
        assert_eq!(name("Docker"), Some("docker"));
        assert_eq!(name("containerization"), Some("docker"));
        assert_eq!(name("API development"), Some("api"));
        assert_eq!(name("tides"), None);
    }

    #[test]
    fn whole_words_count_and_parts_do_not() {
        let mut tally = ConceptTally::new();
        let mut analyzer = Analyzer::new();
        tally.add(
            "The login fails: JWT expired, logins retried",
            &mut analyzer,
        );
        tally.add("catalogue toolbox contest login_page", &mut analyzer);
        assert_eq!(tally.most(1, 9), [("authentication", 3)]);
    }

    #[test]
    fn no_word_stands_for_two_concepts() {
        let count: usize = CONCEPT_CLASSES.iter().map(|class| class.words.len()).sum();
        // Words with the same stem (`optimize`, `optimization`) are one term.
        assert!(terms().len() + 4 > count, "{} of {count}", terms().len());
    }
}
