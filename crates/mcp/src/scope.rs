//! In which directory a client works, and thereby which project a call means that names none.

use std::borrow::Cow;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use memory::{Archive, Scope};
use percent_encoding::percent_decode_str;

use super::refusal::Refusal;
use crate::lock::lock;

/// What may be found by a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CallScope {
    /// Everything.
    All,
    /// One project, by the name that the archive has for it.
    Project(String),
    /// The client stands in a directory of which the archive has nothing. Searching everything
    /// instead would bring up another project's text.
    Unknown(PathBuf),
}

impl CallScope {
    /// The scope of a request; nothing where nothing can be found.
    pub(crate) fn scope(&self) -> Option<Scope> {
        match self {
            Self::All => Some(Scope::All),
            Self::Project(name) => Some(Scope::Project(name.clone())),
            Self::Unknown(_) => None,
        }
    }

    /// Its name in answers.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::All => "all".to_owned(),
            Self::Project(name) => name.clone(),
            Self::Unknown(path) => path.file_name().map_or_else(
                || path.to_string_lossy().into_owned(),
                |name| name.to_string_lossy().into_owned(),
            ),
        }
    }
}

/// In which directory a client works, as far as that is known: the directory that it passed at the start,
/// else its roots (directories that MCP clients may tell of), else the one in which this process was started.
/// A call that names no project is about the project of that directory. It finds nothing if the archive
/// knows no project there, and is about all projects if no directory is known. Each session has one value.
#[derive(Debug, Default)]
pub struct Whereabouts {
    /// The directory that the client passed when it started this process.
    told: Option<PathBuf>,
    /// The client's roots, once it told them; at most 16.
    roots: Mutex<Vec<PathBuf>>,
    /// The directory in which this process was started; `None` in a server of many clients.
    started: Option<PathBuf>,
    /// The person's home directory, which counts as no project.
    user_home: Option<PathBuf>,
}

impl Whereabouts {
    /// For a client that started this process itself, over standard input and output. `told` is the directory
    /// that it passed (such as `CLAUDE_PROJECT_DIR`) and counts first; `started` is the process's working
    /// directory; `user_home` is the person's home directory, which counts as no project.
    pub fn of_process(
        told: Option<PathBuf>,
        started: Option<PathBuf>,
        user_home: Option<PathBuf>,
    ) -> Self {
        Self {
            told,
            roots: Mutex::default(),
            started,
            user_home,
        }
    }

    /// For a client that didn't start this process, such as each client over HTTP. Only its roots tell of a
    /// project, and they give it no access to files.
    pub fn elsewhere(user_home: Option<PathBuf>) -> Self {
        Self {
            user_home,
            ..Self::default()
        }
    }

    /// Whether roots would tell anything.
    pub(crate) fn wants_roots(&self) -> bool {
        self.told.is_none()
    }

    /// The directory that the client stands in, as far as that is known: what its paths are relative
    /// to. That it says so gives it no right to what is there.
    pub(crate) fn directory(&self) -> Option<PathBuf> {
        self.directories().into_iter().next()
    }

    /// The directory that this process was started for, unless that is no place to work in. Whoever
    /// started it chose it; a client's roots don't count.
    pub(crate) fn own_directory(&self) -> Option<PathBuf> {
        let own = self.told.as_ref().or(self.started.as_ref())?;
        (self.is_local() && !self.is_nowhere(own)).then(|| own.clone())
    }

    /// The directory that the client stands in, if it belongs to a project and this process may look
    /// there for it.
    pub(crate) fn directory_in(
        &self,
        archive: &Archive,
        project: &str,
    ) -> Result<Option<PathBuf>, Refusal> {
        let Some(directory) = self.directory().filter(|_| self.is_local()) else {
            return Ok(None);
        };
        let is_of_project = archive.project_worked_in(&directory)?.as_deref() == Some(project);
        Ok(is_of_project.then_some(directory))
    }

    /// Whether the client runs on this machine for the person whose files these are: it started this
    /// process.
    pub(crate) fn is_local(&self) -> bool {
        self.started.is_some()
    }

    /// The person's home directory.
    pub(crate) fn user_home(&self) -> Option<PathBuf> {
        self.user_home.clone()
    }

    /// Notes the client's roots.
    pub(crate) fn set_roots<'a>(&self, uris: impl Iterator<Item = &'a str>) {
        *lock(&self.roots) = uris.filter_map(path_of_uri).take(MAX_ROOTS).collect();
    }

    /// What a call may find: `asked` is the project that it names, if it names one.
    pub(crate) fn resolve(
        &self,
        archive: &Archive,
        asked: Option<&str>,
    ) -> Result<CallScope, Refusal> {
        match asked {
            Some(name) if name.trim().eq_ignore_ascii_case("all") => Ok(CallScope::All),
            Some(name) if self.is_local() => {
                let name = name.trim();
                let found = match self.directory() {
                    Some(here) => archive.project_named_from(name, &here)?,
                    None => archive.project_named(name)?,
                };
                Ok(CallScope::Project(found))
            }
            Some(name) => Ok(CallScope::Project(
                archive.project_recorded_as(name.trim())?,
            )),
            None => self.current(archive),
        }
    }

    fn current(&self, archive: &Archive) -> Result<CallScope, Refusal> {
        let mut unknown = None;
        for directory in self.directories() {
            if self.is_nowhere(&directory) {
                continue;
            }
            // What a client elsewhere names is no more than a name.
            let found = match self.is_local() {
                true => archive.project_of(&directory)?,
                false => archive.project_recorded_at(&directory)?,
            };
            if let Some(name) = found {
                return Ok(CallScope::Project(name));
            }
            unknown.get_or_insert(directory);
        }
        Ok(unknown.map_or(CallScope::All, CallScope::Unknown))
    }

    /// The first that the client said counts; of its roots, any may.
    fn directories(&self) -> Vec<PathBuf> {
        if let Some(told) = &self.told {
            return vec![told.clone()];
        }
        let roots = lock(&self.roots).clone();
        if roots.is_empty() {
            return self.started.iter().cloned().collect();
        }
        roots
    }

    /// Whether a directory is where desktop programs start what they start, and no project.
    pub(crate) fn is_nowhere(&self, directory: &Path) -> bool {
        directory.parent().is_none() || self.user_home.as_deref() == Some(directory)
    }
}

/// Roots of a client that are kept, and bytes of each.
const MAX_ROOTS: usize = 16;
const MAX_ROOT_BYTES: usize = 4096;

/// The path of a `file:` URI, or of a plain path, which some clients send; `None` for what is no
/// absolute path of this machine in its one form.
fn path_of_uri(uri: &str) -> Option<PathBuf> {
    if uri.len() > MAX_ROOT_BYTES {
        return None;
    }
    let path = match uri.get(..7) {
        Some(scheme) if scheme.eq_ignore_ascii_case("file://") => {
            let (host, _) = uri[7..].split_once('/')?;
            let path = &uri[7 + host.len()..];
            let is_here = host.is_empty() || host.eq_ignore_ascii_case("localhost");
            percent_decode_str(path)
                .decode_utf8()
                .ok()
                .filter(|_| is_here)?
        }
        _ => Cow::Borrowed(uri),
    };
    // file:///C:/x
    let is_drive = |path: &str| matches!(path.as_bytes(), [b'/', letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    let path = if is_drive(&path) { &path[1..] } else { &*path };
    let has_drive =
        matches!(path.as_bytes(), [letter, b':', b'/' | b'\\', ..] if letter.is_ascii_alphabetic());
    let is_absolute = path.starts_with('/') && !path.starts_with("//") || has_drive;
    let is_plain =
        !path.contains(char::is_control) && !path.split(['/', '\\']).any(|part| part == "..");
    (is_absolute && is_plain && !files::is_network_path(path)).then(|| PathBuf::from(path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn roots_are_paths() {
        let check = |uri, path: &str| assert_eq!(path_of_uri(uri), Some(path.into()), "{uri}");
        check("file:///home/ada/a%20b", "/home/ada/a b");
        check("file://localhost/srv/x", "/srv/x");
        check("file:///C:/work", "C:/work");
        check("/plain/path", "/plain/path");
        check("FILE:///srv/x", "/srv/x");
        for uri in [
            "https://example.org/x",
            "relative/path",
            "file://host/share",
            "file://host.example/C:/x",
            "file:////host/share",
            "file:///%2fhost/share",
            "file:///srv/../etc",
            "file:///srv/%2e%2e/etc",
            "file:///srv/%2E%2E%2Fetc",
            "file:///srv/x%00y",
            "file:///srv/%ff",
            "file://localhost.evil/srv",
            "file://",
            "\\\\host\\share",
            "//host/share",
            "file:///C:/x/..\\y",
            "",
        ] {
            assert_eq!(path_of_uri(uri), None, "{uri}");
        }
        assert_eq!(path_of_uri(&"/x".repeat(3000)), None);
    }
}
