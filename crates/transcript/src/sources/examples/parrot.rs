//! Parrot: one JSON document a session, rewritten after each turn. An example of [`Framing::Document`].

use serde::Deserialize;

use crate::json::{JsonArray, JsonObject, JsonText, describe};
use crate::time::millis;
use crate::{
    FileHint, Framing, LogFiles, LogRoots, Message, Problem, ReadBatch, Role, RootVariable, Source,
    SourceFormat,
};

/// Parrot's sessions.
pub const SOURCE: Source = Source::new(&Parrot);

/// See [`SOURCE`].
struct Parrot;

/// Which files it writes, and how each kind is read.
const LOG_FILES: &[LogFiles] = &[LogFiles {
    prefix: "session-",
    suffix: ".json",
    framing: Framing::Document(read),
}];

/// Where they lie: at any depth below `chats` in `~/.parrot`, or in the directory that `PARROT_HOME` names.
const LOG_ROOTS: LogRoots = LogRoots {
    about: "Directories of Parrot, each with a `chats` directory in it.",
    defaults: &["~/.parrot"],
    variables: &[RootVariable {
        name: "PARROT_HOME",
        below: "",
    }],
    directories: &["chats"],
};

impl SourceFormat for Parrot {
    fn name(&self) -> &'static str {
        "parrot"
    }

    fn title(&self) -> &'static str {
        "Parrot"
    }

    fn files(&self) -> &'static [LogFiles] {
        LOG_FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        path.ends_with(".json") && head.starts_with(br#"{"parrotSession":"#)
    }

    fn roots(&self) -> Option<&'static LogRoots> {
        Some(&LOG_ROOTS)
    }
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
struct ParrotSession<'a> {
    parrot_session: JsonText<'a>,
    cwd: JsonText<'a>,
    turns: JsonArray<JsonObject<ParrotTurn<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ParrotTurn<'a> {
    id: JsonText<'a>,
    by: JsonText<'a>,
    at: JsonText<'a>,
    text: JsonText<'a>,
}

fn read(_: &FileHint, document: &[u8], batch: &mut ReadBatch) {
    let session = match serde_json::from_slice::<ParrotSession<'_>>(document) {
        Ok(session) => session,
        Err(error) => {
            let what = format!("not a session: {}", describe(&error));
            batch.tell(Problem {
                offset: 0,
                line: 1,
                what,
            });
            return;
        }
    };
    for turn in session.turns.0.iter().filter_map(|turn| turn.0.as_ref()) {
        batch.records += 1;
        batch.messages.push(Message {
            id: turn.id.as_str().to_owned(),
            conversation: session.parrot_session.as_str().into(),
            role: if turn.by.as_str() == "me" {
                Role::User
            } else {
                Role::Assistant
            },
            time: millis(turn.at.as_str()),
            text: turn.text.as_str().to_owned(),
            cwd: session.cwd.get().map(Into::into),
            ..Message::default()
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_whole(document: &str) -> ReadBatch {
        let Some(Framing::Document(read)) = SOURCE.framing("/chats/session-1.json") else {
            panic!("sessions are documents");
        };
        let mut batch = ReadBatch::default();
        read(&FileHint::default(), document.as_bytes(), &mut batch);
        batch
    }

    #[test]
    fn turns_are_messages() {
        let batch = read_whole(
            r#"{"parrotSession":"p1","cwd":"/w","turns":[{"id":"1","by":"me","text":"ahoy"},7]}"#,
        );
        assert_eq!(batch.messages.len(), 1);
        let said = &batch.messages[0];
        assert_eq!(
            (said.id.as_str(), said.role, said.text.as_str()),
            ("1", Role::User, "ahoy")
        );
        assert_eq!(
            (&*said.conversation, said.cwd.as_deref()),
            ("p1", Some("/w"))
        );
    }

    #[test]
    fn what_is_no_session_is_told() {
        let batch = read_whole("{\"parrotSession\":");
        assert!(
            batch.problems[0].what.starts_with("not a session"),
            "{:?}",
            batch.problems
        );
    }
}
