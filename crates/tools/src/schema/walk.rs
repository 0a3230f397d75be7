//! A walk through a schema: how much of it there may be, and where something can't be said.

use std::fmt;

/// How many parts a schema may have once everything it refers to stands in its place.
const MAX_PARTS: usize = 4_000;

/// How deep a schema may be.
const MAX_DEPTH: usize = 40;

/// Why a schema can't be put into a dialect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Inexpressible {
    /// Where, as a path of names; empty for the top.
    pub place: String,
    /// Why.
    pub why: String,
}

impl fmt::Display for Inexpressible {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.place.is_empty() {
            true => f.write_str(&self.why),
            false => write!(f, "`{}`: {}", self.place, self.why),
        }
    }
}

impl std::error::Error for Inexpressible {}

/// What may still be done, and where.
pub(super) struct Walk {
    parts: usize,
    pub(super) path: Vec<String>,
}

impl Walk {
    pub(super) fn new() -> Self {
        Self {
            parts: 0,
            path: Vec::new(),
        }
    }

    pub(super) fn refuse(&self, why: impl Into<String>) -> Inexpressible {
        Inexpressible {
            place: self.path.join("."),
            why: why.into(),
        }
    }

    /// One more part, at the end of the path.
    pub(super) fn enter(&mut self) -> Result<(), Inexpressible> {
        self.parts += 1;
        if self.parts > MAX_PARTS {
            return Err(self.refuse("the schema has too many parts"));
        }
        if self.path.len() > MAX_DEPTH {
            return Err(self.refuse("the schema is too deep"));
        }
        Ok(())
    }

    pub(super) fn within<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Self) -> Result<T, Inexpressible>,
    ) -> Result<T, Inexpressible> {
        self.path.push(name.to_owned());
        let done = work(self);
        // The place of an error is where it happened.
        self.path.pop();
        done
    }
}
