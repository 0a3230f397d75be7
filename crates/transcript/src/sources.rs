//! The sources that are shipped (assistants and export formats whose logs can be read), a folder each, and
//! the registry that lists them. All that the other crates know of a source they ask the registry for.

pub mod claude_code;
pub mod codex;
pub mod chatgpt;
pub mod open_webui;
pub mod librechat;
pub mod sillytavern;
pub mod jsonl;
#[cfg(test)]
#[expect(unreachable_pub, reason = "as in sources that are shipped")]
mod examples;

use crate::Source;

/// The sources that are shipped, in the order in which a file's owner is looked for and the command
/// line lists them. To add a source, add its line.
const SHIPPED_SOURCES: &[Source] = &[
    claude_code::SOURCE,
    codex::SOURCE,
    chatgpt::SOURCE,
    open_webui::SOURCE,
    librechat::SOURCE,
    sillytavern::SOURCE,
    jsonl::SOURCE,
];

/// A list of sources, and the questions that are put to all of them: whose a file is, what a call of a
/// tool did to files. The default is [`Registry::shipped`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Registry(&'static [Source]);

impl Default for Registry {
    fn default() -> Self {
        Self::shipped()
    }
}

impl Registry {
    /// The sources that are shipped, in the order of [`Registry::all`].
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

    /// The source whose [`SourceFormat::name`](crate::SourceFormat::name) this is; `None` for any other
    /// word; case counts.
    #[must_use]
    pub fn find(self, name: &str) -> Option<Source> {
        let mut sources = self.0.iter().copied();
        sources.find(|source| source.name() == name)
    }

    /// The source that a file is of, by its path (with `/`) and its first bytes after decompression: the
    /// first in the list that [recognises](crate::SourceFormat::recognises) it; `None` if none does.
    #[must_use]
    pub fn recognise(self, path: &str, head: &[u8]) -> Option<Source> {
        let mut sources = self.0.iter().copied();
        sources.find(|source| source.recognises(path, head))
    }

    /// Whether a file of this name (without directories) may be a log of any source; see
    /// [`Source::has_file_name`].
    #[must_use]
    pub fn has_file_name(self, name: &str) -> bool {
        self.0.iter().any(|source| source.has_file_name(name))
    }

    /// Whether a file of this name may be a database that a source reads rows of; see
    /// [`Source::has_database_name`].
    #[must_use]
    pub fn has_database_name(self, name: &str) -> bool {
        self.0.iter().any(|source| source.has_database_name(name))
    }
}
