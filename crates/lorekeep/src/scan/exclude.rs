//! Paths that a person leaves out of a scan.

use std::path::Path;

use ignore::overrides::{Override, OverrideBuilder};

use crate::fault::Fault;

/// Paths that are left out.
#[derive(Clone, Debug)]
pub(crate) struct Exclude(Override);

impl Exclude {
    /// What matches one of these, written as in `.gitignore`.
    pub(crate) fn new(globs: &[String]) -> Result<Self, Fault> {
        let mut builder = OverrideBuilder::new("");
        for glob in globs {
            let added = builder.add(&format!("!{glob}"));
            added.map_err(|error| Fault::usage(format!("`--exclude`: {error}")))?;
        }
        let built = builder.build();
        built
            .map(Self)
            .map_err(|error| Fault::usage(format!("`--exclude`: {error}")))
    }

    /// Whether a path is left out.
    pub(super) fn leaves_out(&self, path: &Path, is_dir: bool) -> bool {
        self.0.matched(path, is_dir).is_ignore()
    }
}
