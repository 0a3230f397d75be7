//! What a model can do about an error, or what it can tell the person to do: a model can pass other
//! arguments and call other tools, and runs no commands of this program.

use memory::ArchiveError;

/// The remedy for an error, where there is one.
pub(crate) fn of(error: &memory::Error) -> Option<String> {
    match error {
        memory::Error::Archive(error) => of_archive(error),
        memory::Error::Busy { .. } => Some("try again when other calls are done".to_owned()),
        _ => None,
    }
}

fn of_archive(error: &ArchiveError) -> Option<String> {
    use ArchiveError as Error;
    let hint = match error {
        Error::NoProject { near, .. } if !near.is_empty() => {
            return Some(format!("did you mean {}?", listed(near)));
        }
        Error::AmbiguousProject { candidates, .. } | Error::AmbiguousMessage { candidates, .. } => {
            return Some(format!("say which: {}", listed(candidates)));
        }
        Error::AmbiguousConversation { candidates, .. }
        | Error::AmbiguousReflection { candidates, .. }
        | Error::AmbiguousFact { candidates, .. } => {
            return Some(format!("pass more of it: {}", listed(candidates)));
        }
        Error::TooLong { limit, unit, .. } => {
            return Some(format!("at most {limit} {unit} are taken"));
        }
        Error::NoProject { .. } => "pass \"all\" to search every project, or leave `project` out",
        Error::NoConversation(_)
        | Error::NoMessage(_)
        | Error::NoMessages(_)
        | Error::NoReflection(_) => "pass an id that a search gave",
        Error::Empty(_) => "say something in it",
        Error::NoFile(_) => "for a file that is gone or was renamed, pass `commit`",
        Error::NoCommit(_) => "`git log` lists those of the file's repository",
        Error::NotCommitted(_) => "give the name that the file had in it",
        Error::Locked => "another program is writing to it; try again",
        Error::Full => "tell the person to free some disk space; nothing that was kept is lost",
        Error::Damaged(_) => "tell the person to run `lorekeep doctor`",
        Error::Newer { .. } => "tell the person to update Lorekeep and to restart this server",
        Error::Foreign(_) | Error::Older { .. } => "tell the person to run `lorekeep status`",
        Error::NoModel => "pass another `mode`: searches by words work without it",
        _ => return None,
    };
    Some(hint.to_owned())
}

/// Names in backticks, with commas between.
fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
