//! Settings that are files or directories, with `~` for the person's home directory.

use std::path::{Path, PathBuf};

use super::raw::{Invalid, Raw, SettingValue, expected, quote};

/// Directories; `~` stands for the person's home directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dirs(Vec<String>);

impl Dirs {
    /// These directories.
    pub(crate) fn of(dirs: &[&str]) -> Self {
        Self(dirs.iter().map(|&dir| dir.to_owned()).collect())
    }

    /// The directories, with `~` resolved where there is a home directory.
    pub(crate) fn paths(&self, home: Option<&Path>) -> Vec<PathBuf> {
        self.0.iter().map(|dir| expand(dir, home)).collect()
    }
}

impl SettingValue for Dirs {
    fn kind() -> String {
        "a list of directories".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let dirs: Vec<String> = match raw {
            Raw::Text(text) => text.split(',').map(|dir| dir.trim().to_owned()).collect(),
            Raw::List(dirs) => dirs.clone(),
            _ => return Err(expected::<Self>()),
        };
        let dirs: Vec<String> = dirs.into_iter().filter(|dir| !dir.is_empty()).collect();
        if dirs.iter().any(|dir| dir.contains('\0')) {
            return Err(expected::<Self>());
        }
        Ok(Self(dirs))
    }

    fn show(&self) -> String {
        let quoted: Vec<String> = self.0.iter().map(|dir| quote(dir)).collect();
        format!("[{}]", quoted.join(", "))
    }
}

/// A file, or none; `~` stands for the person's home directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OneFile(Option<String>);

impl OneFile {
    /// This file.
    pub(crate) fn of(file: &str) -> Self {
        Self(Some(file.to_owned()))
    }

    /// No file.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The setting with `~` resolved, for code that doesn't know the person's home directory.
    pub(crate) fn resolved(&self, home: Option<&Path>) -> Self {
        let path = self.path(home);
        Self(path.map(|path| path.to_string_lossy().into_owned()))
    }

    /// The file, with `~` resolved where there is a home directory.
    pub(crate) fn path(&self, home: Option<&Path>) -> Option<PathBuf> {
        Some(expand(self.0.as_deref()?, home))
    }
}

impl SettingValue for OneFile {
    fn kind() -> String {
        "the path of a file".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) if !text.contains('\0') => {
                Ok(Self((!text.is_empty()).then(|| text.clone())))
            }
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        quote(self.0.as_deref().unwrap_or_default())
    }
}

/// A directory, or none; `~` stands for the person's home directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OneDir(OneFile);

impl OneDir {
    /// No directory.
    pub(crate) const fn none() -> Self {
        Self(OneFile::none())
    }

    /// The directory, with `~` resolved where there is a home directory.
    pub(crate) fn path(&self, home: Option<&Path>) -> Option<PathBuf> {
        self.0.path(home)
    }
}

impl SettingValue for OneDir {
    fn kind() -> String {
        "the path of a directory".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let path = OneFile::parse(raw).map_err(|_| expected::<Self>())?;
        Ok(Self(path))
    }

    fn show(&self) -> String {
        self.0.show()
    }
}

/// A file whose name ends in `.json`, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServersFile(OneFile);

impl ServersFile {
    /// No file.
    pub(crate) const fn none() -> Self {
        Self(OneFile::none())
    }

    /// The file, with `~` resolved where there is a home directory.
    pub(crate) fn path(&self, home: Option<&Path>) -> Option<PathBuf> {
        self.0.path(home)
    }
}

impl SettingValue for ServersFile {
    fn kind() -> String {
        "the path of a file whose name ends in `.json`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let file = OneFile::parse(raw).map_err(|_| expected::<Self>())?;
        let is_json = |path: &PathBuf| {
            path.extension()
                .is_some_and(|end| end.eq_ignore_ascii_case("json"))
        };
        match file.path(None).is_none_or(|path| is_json(&path)) {
            true => Ok(Self(file)),
            false => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        self.0.show()
    }
}

pub(crate) fn expand(dir: &str, home: Option<&Path>) -> PathBuf {
    match (dir.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_path_buf(),
        (Some(rest), Some(home)) if rest.starts_with(['/', '\\']) => home.join(&rest[1..]),
        _ => PathBuf::from(dir),
    }
}
