//! What commands that read are narrowed by: a project and a time.

use std::path::PathBuf;

use recall::{Archive, Scope};
use transcript::Millis;
use wire::when::{self, End};

use crate::clock;
use crate::fault::Fault;

/// The project that was named, `all`, or that of the working directory.
pub(crate) fn scope(archive: &Archive, project: Option<&str>) -> recall::Result<Scope> {
    match (named(project), std::env::current_dir()) {
        (Some(scope), _) => Ok(scope),
        (None, Ok(directory)) => of_directory(archive, directory),
        // A working directory that was removed belongs to no project.
        (None, Err(_)) => Ok(Scope::All),
    }
}

/// What a name means that was given: one project, or `all`.
pub(crate) fn named(project: Option<&str>) -> Option<Scope> {
    project.map(|name| match name {
        "all" => Scope::All,
        name => Scope::Project(name.to_owned()),
    })
}

/// The project of a directory; everything where it belongs to none: whoever types a command outside of all
/// projects is asking about their own archive as a whole.
pub(crate) fn of_directory(archive: &Archive, directory: PathBuf) -> recall::Result<Scope> {
    Ok(match archive.project_of(&directory)? {
        Some(_) => Scope::Directory(directory),
        None => Scope::All,
    })
}

/// The time that an option names. The time zone is looked up only where one is: that takes longer
/// than all other settings.
pub(crate) fn time(option: &str, text: Option<&str>, end: End) -> Result<Option<Millis>, Fault> {
    let read = |text| {
        when::parse(text, end, &clock::now())
            .map_err(|why| Fault::usage(format!("`{option}` is `{text}`")).hint(why))
    };
    text.map(read).transpose()
}

/// Says that there is nothing, and where.
pub(crate) fn nothing(what: &str, project: Option<&str>) -> String {
    match project {
        Some(project) => format!("{what} in project `{project}`"),
        None => format!("{what} in any project"),
    }
}
