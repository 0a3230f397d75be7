//! The name that a person probably meant.

/// Similarity (Jaro–Winkler, 0 to 1) that a name must exceed to be suggested.
const MIN_SIMILARITY: f64 = 0.8;

/// The known name most like `name`; `None` where none is alike enough to be what was meant.
pub(super) fn nearest(
    name: &str,
    known: impl Iterator<Item = &'static str>,
) -> Option<&'static str> {
    most_alike(name, known)
}

/// As [`nearest`], of names that are made as they are needed.
pub(super) fn nearest_owned(name: &str, known: impl Iterator<Item = String>) -> Option<String> {
    most_alike(name, known)
}

fn most_alike<S: AsRef<str>>(name: &str, known: impl Iterator<Item = S>) -> Option<S> {
    known
        .map(|known| (strsim::jaro_winkler(name, known.as_ref()), known))
        .filter(|(likeness, _)| *likeness > MIN_SIMILARITY)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known)
}
