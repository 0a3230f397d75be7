//! What commands that read are narrowed by: a project and a time.

use recall::{Archive, Scope};
use transcript::Millis;
use wire::when::{self, TimeBound};

use crate::clock;
use crate::fault::Fault;
use crate::output::Output;

/// The project that was named, `all`, or that of the working directory, and outside of all projects
/// everything.
pub(crate) fn scope(project: Option<&str>) -> Scope {
    named(project).unwrap_or_else(|| {
        // A working directory that was removed belongs to no project.
        std::env::current_dir().map_or(Scope::All, Scope::DirectoryOrAll)
    })
}

/// What a name means that was given: one project, or `all`. A name of the project of the working directory
/// means that one, whatever else goes by it.
pub(crate) fn named(project: Option<&str>) -> Option<Scope> {
    project.map(|name| match (name, std::env::current_dir()) {
        ("all", _) => Scope::All,
        (name, Ok(here)) if is_of_here(name) => {
            let path = here.join(name);
            let path = fs_err::canonicalize(&path).unwrap_or(path);
            Scope::Project(path.to_string_lossy().into_owned())
        }
        (name, Ok(here)) => Scope::ProjectFrom(name.to_owned(), here),
        (name, Err(_)) => Scope::Project(name.to_owned()),
    })
}

/// Whether a project is named by a path from the working directory.
pub(crate) fn is_of_here(name: &str) -> bool {
    matches!(name, "." | "..")
        || ["./", "../"].iter().any(|start| name.starts_with(start))
        || cfg!(windows) && [".\\", "..\\"].iter().any(|start| name.starts_with(start))
}

/// Tells of conversations that may have been had in the repository of the working directory before it was
/// moved here: they belong to another project until the person says otherwise.
pub(crate) fn tell_of_moved(archive: &Archive, scope: &Scope, out: &mut Output) {
    let (Scope::Directory(here) | Scope::DirectoryOrAll(here)) = scope else {
        return;
    };
    // Without an answer nothing is told.
    for name in archive.projects_moved_to(here).unwrap_or_default() {
        out.note(&format!(
            "this repository may be the one of project `{name}`, whose directory is gone"
        ));
        out.hint(&format!(
            "`lorekeep projects merge {} .` brings its conversations along",
            quoted(&name)
        ));
    }
}

/// A name as a shell takes it.
fn quoted(name: &str) -> String {
    let is_plain = |c: char| c.is_alphanumeric() || "-_./+@:".contains(c);
    match name.chars().all(is_plain) {
        true => name.to_owned(),
        false => format!("'{}'", name.replace('\'', "'\\''")),
    }
}

/// The time that an option names. The time zone is looked up only where one is: that takes longer
/// than all other settings.
pub(crate) fn time(
    option: &str,
    text: Option<&str>,
    end: TimeBound,
) -> Result<Option<Millis>, Fault> {
    let read = |text| {
        when::parse(text, end, &clock::now()).map_err(|why| {
            Fault::usage(format!("{option}: can't read `{text}` as a time")).hint(why)
        })
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
