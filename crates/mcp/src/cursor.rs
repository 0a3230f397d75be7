//! Cursors: where an answer goes on, valid for the question that gave them and no other.

use std::hash::{DefaultHasher, Hash, Hasher};

use super::refusal::Refusal;

/// What a cursor belongs to: the tool, its question and its scope.
pub(crate) struct CursorQuestion(u64);

impl CursorQuestion {
    /// A question by all that decides its answer.
    pub(crate) fn new(parts: impl Hash) -> Self {
        // Not seeded, so that a cursor outlives the process that gave it.
        let mut hasher = DefaultHasher::new();
        parts.hash(&mut hasher);
        Self(hasher.finish())
    }

    /// The cursor of a place in the answer.
    pub(crate) fn cursor(&self, at: usize) -> String {
        format!("{at}-{:08x}", self.0 >> 32)
    }

    /// The place that a cursor means.
    pub(crate) fn place(&self, cursor: &str) -> Result<usize, Refusal> {
        let wrong = |what: &str| Refusal::Params(format!("`cursor` {what}"));
        let at = cursor
            .split_once('-')
            .and_then(|(at, _)| at.parse().ok())
            .ok_or_else(|| wrong("is none that this server gave; leave it out to begin anew"))?;
        if self.cursor(at) == cursor {
            Ok(at)
        } else {
            Err(wrong(
                "belongs to another question; it needs the same arguments as the call that gave it",
            ))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cursor_belongs_to_its_question() {
        let question = CursorQuestion::new(("search", "retry", "website"));
        assert_eq!(question.place(&question.cursor(7)).ok(), Some(7));
        let other = CursorQuestion::new(("search", "retry", "shop"));
        assert!(other.place(&question.cursor(7)).is_err());
        assert!(question.place("7").is_err() && question.place("").is_err());
    }
}
