//! The sources that are shipped, a folder each, and the registry that lists them. All that the other
//! crates know of a source they ask the registry for.

pub mod claude_code;
pub mod codex;
pub mod jsonl;

use crate::Source;

/// The sources that are shipped, in the order in which a file's owner is looked for and the command
/// line lists them. To add a source, add its line.
const SHIPPED_SOURCES: &[Source] = &[claude_code::SOURCE, codex::SOURCE, jsonl::SOURCE];

/// A list of sources.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registry(&'static [Source]);

impl Default for Registry {
    fn default() -> Self {
        Self::shipped()
    }
}

impl Registry {
    /// The sources that are shipped.
    #[must_use]
    pub const fn shipped() -> Self {
        Self(SHIPPED_SOURCES)
    }

    /// Other sources, for tests of what is done with them.
    #[must_use]
    pub const fn of(sources: &'static [Source]) -> Self {
        Self(sources)
    }

    /// All sources, in the order in which a file's owner is looked for and the command line lists them.
    #[must_use]
    pub const fn all(self) -> &'static [Source] {
        self.0
    }

    /// The source of this name.
    #[must_use]
    pub fn find(self, name: &str) -> Option<Source> {
        let mut sources = self.0.iter().copied();
        sources.find(|source| source.name() == name)
    }

    /// Whose file it is, by its path (with `/`) and its first bytes: the first source that says so.
    #[must_use]
    pub fn recognise(self, path: &str, head: &[u8]) -> Option<Source> {
        let mut sources = self.0.iter().copied();
        sources.find(|source| source.recognises(path, head))
    }

    /// Whether a file of this name may be a log of any source.
    #[must_use]
    pub fn has_file_name(self, name: &str) -> bool {
        self.0.iter().any(|source| source.has_file_name(name))
    }

    /// Whether a file of this name may be a database that a source reads rows of.
    #[must_use]
    pub fn has_database_name(self, name: &str) -> bool {
        self.0.iter().any(|source| source.has_database_name(name))
    }
}
