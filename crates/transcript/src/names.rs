//! Names that stand in record after record: of conversations, directories and models, and of record
//! types that a reader doesn't know.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::bounds;

/// The last name seen, so that a value that repeats on every record is allocated once.
#[derive(Debug, Default)]
pub(crate) struct SharedName(Option<Arc<str>>);

impl SharedName {
    pub(crate) fn share(&mut self, text: &str) -> Arc<str> {
        let name = bounds::name(text);
        match &self.0 {
            Some(last) if **last == *name => Arc::clone(last),
            _ => Arc::clone(self.0.insert(name.into())),
        }
    }

    /// Like [`Self::share`], with nothing for an absent or empty text.
    pub(crate) fn share_some(&mut self, text: Option<&str>) -> Option<Arc<str>> {
        text.filter(|text| !text.is_empty())
            .map(|text| self.share(text))
    }
}

/// Record types of a file that were reported as unknown.
#[derive(Debug, Default, serde::Serialize, serde::Deserialize)]
#[serde(transparent)]
pub(crate) struct UnknownTypes(BTreeSet<String>);

impl UnknownTypes {
    /// How many are remembered: a file that has more has been reported often enough.
    const MAX_TYPES: usize = 64;

    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether this type is still to be reported.
    pub(crate) fn is_news(&mut self, kind: &str) -> bool {
        self.0.len() < Self::MAX_TYPES && self.0.insert(bounds::name(kind).into_owned())
    }
}
