//! Where Lorekeep keeps its things: below `LOREKEEP_HOME`, else in the directories that the system
//! has for settings, data and cache.

use std::path::{Path, PathBuf};

use super::environment::Environment;
use crate::fault::Fault;

/// The name of a file with variables.
const DOTENV_NAME: &str = ".env";

/// The files and directories of this person's Lorekeep.
#[derive(Clone, Debug)]
pub(crate) struct Locations {
    /// The settings file, which may not exist.
    pub(crate) config_file: PathBuf,
    /// The `.env` file, which may not exist: beside the settings file, or in the directory that the person named.
    /// Never in the working directory unasked: a cloned repository must not bring settings.
    pub(crate) dotenv_file: PathBuf,
    /// The archive and the model.
    pub(crate) home: recall::Home,
    /// The directory of files that can be made anew at any time.
    pub(crate) cache: PathBuf,
    /// The directory of logs, for what goes wrong in hooks, which nobody watches.
    pub(crate) log: PathBuf,
}

impl Locations {
    /// From the environment; nothing is created.
    pub(super) fn find(environment: &Environment) -> Result<Self, Fault> {
        let mut locations = match environment.path("LOREKEEP_HOME") {
            Some(home) => Self::below(&home)?,
            None => Self::of_system(environment)?,
        };
        if let Some(dir) = environment.named_dir() {
            let absolute = std::path::absolute(dir);
            let absolute = absolute.ok().filter(|dir| dir.is_dir());
            let dir = absolute.ok_or_else(|| {
                Fault::usage(format!("`--dir {}` is no directory", dir.display()))
            })?;
            locations.dotenv_file = dir.join(DOTENV_NAME);
        }
        Ok(locations)
    }

    fn below(home: &Path) -> Result<Self, Fault> {
        let home = std::path::absolute(home).map_err(|error| {
            Fault::usage(format!("LOREKEEP_HOME `{}`: {error}", home.display()))
        })?;
        Ok(Self::new(
            home.join("config.toml"),
            &home.join("data"),
            home.join("cache"),
            home.join("log"),
        ))
    }

    fn new(config_file: PathBuf, data: &Path, cache: PathBuf, log: PathBuf) -> Self {
        Self {
            dotenv_file: config_file.with_file_name(DOTENV_NAME),
            config_file,
            home: recall::Home::new(data, &cache),
            cache,
            log,
        }
    }

    #[cfg(not(windows))]
    fn of_system(environment: &Environment) -> Result<Self, Fault> {
        let config = xdg(environment, "XDG_CONFIG_HOME", ".config")?;
        let data = xdg(environment, "XDG_DATA_HOME", ".local/share")?;
        let cache = xdg(environment, "XDG_CACHE_HOME", ".cache")?;
        let log = xdg(environment, "XDG_STATE_HOME", ".local/state")?;
        Ok(Self::new(config.join("config.toml"), &data, cache, log))
    }

    #[cfg(windows)]
    fn of_system(environment: &Environment) -> Result<Self, Fault> {
        let base = |name| {
            environment
                .path(name)
                .map(|dir| dir.join("Lorekeep"))
                .ok_or_else(no_home)
        };
        let (roaming, local) = (base("APPDATA")?, base("LOCALAPPDATA")?);
        Ok(Self::new(
            roaming.join("config.toml"),
            &local.join("data"),
            local.join("cache"),
            local.join("log"),
        ))
    }
}

/// A directory of the XDG base directory specification, which says to ignore relative ones. macOS
/// has directories of its own, but people of command lines look here.
#[cfg(not(windows))]
fn xdg(environment: &Environment, name: &str, fallback: &str) -> Result<PathBuf, Fault> {
    let named = environment.path(name).filter(|dir| dir.is_absolute());
    let base = match named {
        Some(dir) => dir,
        None => environment.user_home().ok_or_else(no_home)?.join(fallback),
    };
    Ok(base.join("lorekeep"))
}

fn no_home() -> Fault {
    Fault::usage("there is no home directory").hint("set LOREKEEP_HOME to a directory of yours")
}
