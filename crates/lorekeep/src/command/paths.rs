//! Paths as people know them: below the directory of their project, else with `~` for the home directory.

use std::collections::HashMap;

use recall::Archive;

use super::app::App;

/// Shortens paths by the directories of the projects that they belong to.
pub(crate) struct ProjectPaths<'a> {
    app: &'a App,
    archive: &'a Archive,
    /// The directory of each project that was asked for, without a separator at its end.
    directories: HashMap<String, Option<String>>,
}

impl<'a> ProjectPaths<'a> {
    /// Looks directories up in this archive.
    pub(crate) fn new(app: &'a App, archive: &'a Archive) -> Self {
        Self {
            app,
            archive,
            directories: HashMap::new(),
        }
    }

    /// The path below the first of the projects that it lies in.
    pub(crate) fn short(&mut self, path: &str, projects: &[String]) -> String {
        for project in projects {
            let below = self.directory(project).and_then(|directory| {
                let below = path.strip_prefix(directory)?;
                below.strip_prefix(['/', '\\'])
            });
            if let Some(below) = below.filter(|below| !below.is_empty()) {
                return below.to_owned();
            }
        }
        self.app.loaded.shorten(path.as_ref())
    }

    /// The directory of a project, if one is recorded.
    pub(crate) fn directory(&mut self, project: &str) -> Option<&str> {
        if !self.directories.contains_key(project) {
            let found = self.archive.project_directory(project).ok().flatten();
            let found = found.map(|path| path.display().to_string());
            let found = found.map(|path| path.trim_end_matches(['/', '\\']).to_owned());
            let found = found.filter(|path| !path.is_empty());
            self.directories.insert(project.to_owned(), found);
        }
        self.directories.get(project)?.as_deref()
    }
}
