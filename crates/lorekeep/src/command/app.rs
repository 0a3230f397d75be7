//! What most commands start from: valid settings, and the archive when they ask for it.

use recall::Archive;

use crate::guards;
use crate::settings::{Environment, LoadedSettings, Settings};

/// What most commands need: valid settings, and the archive when they ask for it.
pub(crate) struct App {
    /// The settings and where they came from.
    pub(crate) loaded: LoadedSettings,
}

impl App {
    /// Reads the settings; any mistake in them ends the command, since what it would do then isn't
    /// what the person meant.
    pub(crate) fn new(environment: &Environment) -> anyhow::Result<Self> {
        let mut loaded = LoadedSettings::read(environment)?;
        if loaded.faults.is_empty() {
            return Ok(Self { loaded });
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

    /// The settings.
    pub(crate) fn settings(&self) -> &Settings {
        &self.loaded.settings
    }

    /// Where archive and model are.
    pub(crate) fn home(&self) -> &recall::Home {
        &self.loaded.locations.home
    }

    /// What the archive is guarded with.
    pub(crate) fn guards(&self) -> recall::Guards {
        guards::of_archive(self.settings())
    }

    /// The archive, opened.
    pub(crate) fn archive(&self) -> anyhow::Result<Archive> {
        Ok(Archive::open(self.home(), &self.guards())?)
    }
}
