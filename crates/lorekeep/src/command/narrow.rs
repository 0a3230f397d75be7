//! What commands that read are narrowed by: a project and a time.

use recall::Scope;
use transcript::Millis;
use wire::when::{self, TimeBound};

use crate::clock;
use crate::fault::Fault;

/// The project that was named, `all`, or that of the working directory, and outside of all projects
/// everything.
pub(crate) fn scope(project: Option<&str>) -> Scope {
    named(project).unwrap_or_else(|| {
        // A working directory that was removed belongs to no project.
        std::env::current_dir().map_or(Scope::All, Scope::DirectoryOrAll)
    })
}

/// What a name means that was given: one project, or `all`.
pub(crate) fn named(project: Option<&str>) -> Option<Scope> {
    project.map(|name| match name {
        "all" => Scope::All,
        name => Scope::Project(name.to_owned()),
    })
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
