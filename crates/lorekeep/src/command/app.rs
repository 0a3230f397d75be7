//! What most commands start from: valid settings, and the archive when they ask for it.

use std::sync::OnceLock;

use memory::{ArchiveOpener, Memory, PooledArchive};

use crate::opening;
use crate::output::Output;
use crate::settings::{Environment, LoadedSettings, Settings};

/// What most commands need: valid settings, and the archive when they ask for it.
pub(crate) struct App {
    /// The settings and where they came from.
    pub(crate) loaded: LoadedSettings,
    memory: OnceLock<Memory>,
}

impl App {
    /// Reads the settings; any mistake in them ends the command, since what it would do then isn't
    /// what the person meant.
    pub(crate) fn new(environment: &Environment) -> anyhow::Result<Self> {
        let mut loaded = LoadedSettings::read(environment)?;
        if loaded.faults.is_empty() {
            return Ok(Self::of(loaded));
        }
        let more = loaded.faults.len() - 1;
        let mut fault = loaded.faults.swap_remove(0);
        if more > 0 {
            fault.what = format!(
                "{} (and {more} more, see `lorekeep config check`)",
                fault.what
            );
        }
        Err(fault.into())
    }

    /// As [`Self::new`], for what must not fail because of a mistake in the settings: an assistant would be
    /// without its memory. The default stands in for what is wrong, and that is said.
    pub(crate) fn despite_faults(
        environment: &Environment,
        out: &mut Output,
    ) -> anyhow::Result<Self> {
        let loaded = LoadedSettings::read(environment)?;
        for fault in &loaded.faults {
            out.warning(&fault.what);
            if let Some(hint) = &fault.hint {
                out.hint(hint);
            }
        }
        if !loaded.faults.is_empty() {
            out.note(
                "the default is used for what is wrong in the settings, and nothing new is imported until they \
                 are right",
            );
        }
        Ok(Self::of(loaded))
    }

    /// An app of settings that were looked at already.
    pub(crate) fn of(loaded: LoadedSettings) -> Self {
        Self {
            loaded,
            memory: OnceLock::new(),
        }
    }

    /// The settings.
    pub(crate) fn settings(&self) -> &Settings {
        &self.loaded.settings
    }

    /// Where archive and model are.
    pub(crate) fn home(&self) -> &recall::Home {
        &self.loaded.locations.home
    }

    /// What opens the archive, for whoever has to know why it can't be opened.
    pub(crate) fn opener(&self) -> ArchiveOpener {
        opening::opener(&self.loaded)
    }

    /// The memory of a command that answers once.
    pub(crate) fn memory(&self) -> &Memory {
        let new = || Memory::new(opening::for_one_answer(&self.loaded));
        self.memory.get_or_init(new)
    }

    /// The archive, opened.
    pub(crate) fn archive(&self) -> anyhow::Result<PooledArchive<'_>> {
        Ok(self.memory().archive()?)
    }
}
