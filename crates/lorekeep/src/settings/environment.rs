//! The environment variables of this process: the only place that reads them.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};

/// What environment variables say, and which directory the person named for a `.env` file.
pub(crate) struct Environment {
    source: VariableSource,
    named_dir: Option<PathBuf>,
}

enum VariableSource {
    Process,
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tests pass their own variables")
    )]
    Fixed(BTreeMap<String, String>),
}

/// What the environment says about the terminal.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Terminal {
    /// `NO_COLOR` is set.
    pub(crate) no_color: bool,
    /// `CLICOLOR_FORCE` is set, other than to 0.
    pub(crate) force_color: bool,
    /// `TERM` is `dumb`.
    pub(crate) dumb: bool,
    /// `COLUMNS`, where it is a number.
    pub(crate) columns: Option<usize>,
}

/// What a person set in the environment for pagers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct PagerChoice {
    /// `PAGER`; an empty one or `cat` means none.
    pub(crate) command: Option<String>,
    /// Whether `LESS` is set.
    pub(crate) has_less_options: bool,
}

/// Whether a variable's text says something: an empty one, or `None` as the chat's users write it, doesn't.
pub(super) fn counts_as_set(text: &str) -> bool {
    !text.is_empty() && text != "None"
}

impl Environment {
    /// The variables of this process.
    pub(crate) const fn of_process() -> Self {
        Self {
            source: VariableSource::Process,
            named_dir: None,
        }
    }

    /// The same with the directory that `--dir` names.
    pub(crate) fn with_dir(self, named_dir: Option<PathBuf>) -> Self {
        Self { named_dir, ..self }
    }

    /// The directory that `--dir` names.
    pub(super) fn named_dir(&self) -> Option<&Path> {
        self.named_dir.as_deref()
    }

    /// These variables and no others.
    #[cfg(test)]
    pub(crate) fn of(variables: &[(&str, &str)]) -> Self {
        let owned = variables
            .iter()
            .map(|(name, value)| ((*name).into(), (*value).into()));
        Self {
            source: VariableSource::Fixed(owned.collect()),
            named_dir: None,
        }
    }

    fn raw(&self, name: &str) -> Option<OsString> {
        match &self.source {
            #[expect(
                clippy::disallowed_methods,
                reason = "the one place that reads variables"
            )]
            VariableSource::Process => std::env::var_os(name),
            VariableSource::Fixed(variables) => variables.get(name).map(OsString::from),
        }
    }

    /// A variable's text. One that is empty, or says `None` as the chat's users write it, counts
    /// as not set.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        self.exact(name).filter(|text| counts_as_set(text))
    }

    /// A variable's text, whatever it is.
    pub(super) fn exact(&self, name: &str) -> Option<String> {
        let text = self.raw(name)?;
        Some(text.to_string_lossy().into_owned())
    }

    /// All variables.
    pub(crate) fn all(&self) -> Vec<(String, String)> {
        let text = |text: OsString| text.to_string_lossy().into_owned();
        match &self.source {
            VariableSource::Process => {
                let all = std::env::vars_os();
                all.map(|(name, value)| (text(name), text(value))).collect()
            }
            VariableSource::Fixed(variables) => {
                let all = variables.iter();
                all.map(|(name, value)| (name.clone(), value.clone()))
                    .collect()
            }
        }
    }

    /// A variable's path, if it isn't empty.
    pub(crate) fn path(&self, name: &str) -> Option<PathBuf> {
        self.raw(name)
            .filter(|path| !path.is_empty())
            .map(PathBuf::from)
    }

    /// The variables that a client gives to the servers that it starts: those that MCP's own libraries
    /// pass on by default, those that say where settings and data are, language and time zone. None
    /// makes a program load code.
    pub(crate) fn for_servers(&self) -> Vec<(&'static str, OsString)> {
        const PASSED_ON: [&str; 27] = [
            "HOME",
            "LOGNAME",
            "PATH",
            "SHELL",
            "TERM",
            "USER",
            "APPDATA",
            "HOMEDRIVE",
            "HOMEPATH",
            "LOCALAPPDATA",
            "PROCESSOR_ARCHITECTURE",
            "SYSTEMDRIVE",
            "SYSTEMROOT",
            "TEMP",
            "TMP",
            "USERNAME",
            "USERPROFILE",
            "TMPDIR",
            "XDG_CONFIG_HOME",
            "XDG_DATA_HOME",
            "XDG_CACHE_HOME",
            "XDG_STATE_HOME",
            "XDG_RUNTIME_DIR",
            "LANG",
            "LC_ALL",
            "LC_CTYPE",
            "TZ",
        ];
        let set = PASSED_ON
            .into_iter()
            .map(|name| Some((name, self.raw(name)?)));
        set.flatten().collect()
    }

    /// The person's home directory.
    pub(crate) fn user_home(&self) -> Option<PathBuf> {
        match &self.source {
            VariableSource::Process => {
                std::env::home_dir().filter(|home| !home.as_os_str().is_empty())
            }
            VariableSource::Fixed(_) => self.path("HOME"),
        }
    }

    /// What it says about pagers. A terminal that can't move its cursor has none.
    pub(crate) fn pager(&self) -> PagerChoice {
        let named = self.raw("PAGER");
        let named = named.map(|named| named.to_string_lossy().into_owned());
        let command = match self.terminal().dumb {
            true => Some(String::new()),
            false => named,
        };
        PagerChoice {
            command,
            has_less_options: self.raw("LESS").is_some(),
        }
    }

    /// What it says about the terminal.
    pub(crate) fn terminal(&self) -> Terminal {
        Terminal {
            no_color: self.text("NO_COLOR").is_some(),
            force_color: self
                .text("CLICOLOR_FORCE")
                .is_some_and(|force| force != "0"),
            dumb: self.text("TERM").is_some_and(|term| term == "dumb"),
            columns: self
                .text("COLUMNS")
                .and_then(|columns| columns.parse().ok()),
        }
    }
}
