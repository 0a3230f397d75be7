//! Where the assistants on this machine keep their own settings, as far as the environment says.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use super::environment::Environment;
use crate::fault::Fault;

/// The directories that assistants look for their settings in.
#[derive(Clone, Debug)]
pub(crate) struct ClientDirectories {
    /// The person's home directory.
    pub(crate) home: PathBuf,
    /// `CLAUDE_CONFIG_DIR`, if it is set.
    pub(crate) claude: Option<PathBuf>,
    /// `CODEX_HOME`, if it is set.
    pub(crate) codex: Option<PathBuf>,
    /// `GEMINI_CLI_HOME`, if it is set: what stands for the home directory there.
    pub(crate) gemini: Option<PathBuf>,
    /// Where desktop programs keep their settings.
    pub(crate) desktop: PathBuf,
    /// Where programs of command lines keep theirs.
    pub(crate) config: PathBuf,
    /// `LOREKEEP_HOME`, if it is set.
    pub(crate) lorekeep: Option<PathBuf>,
    /// `PATH`.
    pub(crate) path: Option<OsString>,
}

impl ClientDirectories {
    /// From the environment; nothing is looked up on disk.
    pub(crate) fn find(environment: &Environment) -> Result<Self, Fault> {
        let home = environment.user_home().ok_or_else(|| {
            Fault::usage("there is no home directory").hint("set HOME to a directory of yours")
        })?;
        let named = |name| environment.path(name).and_then(|path| absolute(&path));
        // Lorekeep's own import takes several directories here, separated by commas.
        let claude = environment.text("CLAUDE_CONFIG_DIR").and_then(|dirs| {
            let first = dirs.split(',').map(str::trim).find(|dir| !dir.is_empty())?;
            absolute(&tilde(&home, first))
        });
        let config = named("XDG_CONFIG_HOME").unwrap_or_else(|| home.join(".config"));
        Ok(Self {
            claude,
            codex: named("CODEX_HOME"),
            gemini: named("GEMINI_CLI_HOME"),
            desktop: desktop(environment, &home, &config),
            config,
            lorekeep: named("LOREKEEP_HOME"),
            path: environment.path("PATH").map(PathBuf::into_os_string),
            home,
        })
    }
}

#[cfg(target_os = "macos")]
fn desktop(_: &Environment, home: &Path, _: &Path) -> PathBuf {
    home.join("Library/Application Support")
}

#[cfg(windows)]
fn desktop(environment: &Environment, home: &Path, _: &Path) -> PathBuf {
    let roaming = environment.path("APPDATA");
    roaming.unwrap_or_else(|| home.join("AppData/Roaming"))
}

#[cfg(not(any(target_os = "macos", windows)))]
fn desktop(_: &Environment, _: &Path, config: &Path) -> PathBuf {
    config.to_path_buf()
}

fn absolute(path: &Path) -> Option<PathBuf> {
    std::path::absolute(path).ok()
}

fn tilde(home: &Path, dir: &str) -> PathBuf {
    match dir.strip_prefix("~/") {
        Some(rest) => home.join(rest),
        None => PathBuf::from(dir),
    }
}
