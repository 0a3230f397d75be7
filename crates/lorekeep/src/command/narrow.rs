//! What commands that read are narrowed by: a project and a time.

use recall::Scope;
use transcript::Millis;
use wire::when::{self, End};

use crate::clock;
use crate::fault::Fault;

/// The project that was named, `all`, or that of the working directory.
pub(crate) fn scope(project: Option<&str>) -> Scope {
    match project {
        Some("all") => Scope::All,
        Some(name) => Scope::Project(name.to_owned()),
        // A working directory that was removed belongs to no project.
        None => std::env::current_dir().map_or(Scope::All, Scope::Directory),
    }
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
