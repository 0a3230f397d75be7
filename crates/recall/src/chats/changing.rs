//! A list of changes under way.

use transcript::Millis;

use crate::guards::Cleaner;
use crate::index::TermBuilder;
use crate::index::vectors::VectorIndex;
use crate::ingest::write::Step;
use crate::project::Resolver;
use crate::store::tag_lines;

/// Changes under way.
pub(super) struct Changing<'a> {
    pub(super) step: Step<'a>,
    pub(super) cleaner: Cleaner<'a>,
    pub(super) terms: TermBuilder,
    pub(super) resolver: Resolver,
    pub(super) vectors: &'a dyn VectorIndex,
    pub(super) now: Millis,
    /// Whether texts were removed, of which nothing may stay in files.
    pub(super) has_removed: bool,
}

impl Changing<'_> {
    pub(super) fn tags(&mut self, tags: &[String]) -> String {
        let mut tags = tags.to_vec();
        tags.iter_mut().for_each(|tag| self.cleaner.text(tag));
        tag_lines(&tags)
    }

    pub(super) fn masked_if_any(&mut self, text: Option<&str>) -> Option<String> {
        let mut text = text?.to_owned();
        self.cleaner.text(&mut text);
        Some(text)
    }

    /// A JSON object as it may be kept.
    pub(super) fn json(&mut self, text: &str) -> String {
        if text.is_empty() {
            return "{}".to_owned();
        }
        let mut text = text.to_owned();
        self.cleaner.json(&mut text);
        text
    }
}
