//! Arguments of a chore: words and `--name value` pairs in any order.

use std::path::PathBuf;
use std::str::FromStr;

use anyhow::{Context, bail};

/// What is left of the command line.
pub(crate) struct ChoreArgs {
    rest: Vec<String>,
}

impl ChoreArgs {
    /// The arguments of this process.
    pub(crate) fn from_process() -> Self {
        Self {
            rest: std::env::args().skip(1).collect(),
        }
    }

    /// Takes the first word, if there is one.
    pub(crate) fn word(&mut self) -> Option<String> {
        (!self.rest.is_empty()).then(|| self.rest.remove(0))
    }

    /// Takes the first word as a path; `what` names it in the error.
    pub(crate) fn path(&mut self, what: &str) -> anyhow::Result<PathBuf> {
        match self.rest.iter().position(|word| !word.starts_with("--")) {
            // A word behind an option may be that option's value: take options first.
            Some(at) => Ok(PathBuf::from(self.rest.remove(at))),
            None => bail!("{what} is missing"),
        }
    }

    /// Takes `--name`, if it is there.
    pub(crate) fn flag(&mut self, name: &str) -> bool {
        let at = self.rest.iter().position(|word| word == name);
        at.map(|at| self.rest.remove(at)).is_some()
    }

    /// Takes `--name value`, if it is there.
    pub(crate) fn option<T>(&mut self, name: &str) -> anyhow::Result<Option<T>>
    where
        T: FromStr,
        T::Err: std::error::Error + Send + Sync + 'static,
    {
        let Some(at) = self.rest.iter().position(|word| word == name) else {
            return Ok(None);
        };
        if at + 1 == self.rest.len() {
            bail!("{name} needs a value");
        }
        let value = self.rest.remove(at + 1);
        self.rest.remove(at);
        let parsed = value
            .parse()
            .with_context(|| format!("{name} can't be `{value}`"))?;
        Ok(Some(parsed))
    }

    /// Fails if anything is left.
    pub(crate) fn finish(self) -> anyhow::Result<()> {
        match self.rest.first() {
            Some(word) => bail!("`{word}` is not understood here"),
            None => Ok(()),
        }
    }
}
