//! A secret in every field of a log, and in whatever is stored on purpose, is in no file afterwards.

use std::path::Path;

use recall::{
    Archive, ForeignReflection, Mark, NewReflection, ReflectionChange, ReflectionFilter,
    ReflectionProject, Scope,
};
use serde_json::{Value, json};
use transcript::{MarkStatus, Marking};

use super::{guards, open, secret};
use crate::support::{
    FIXTURES, NOW, Sandbox, assert_sound, embed, export, fixture, import, lines, search,
};

/// Keys whose values say how a record is to be read.
const STRUCTURE: [&str; 6] = ["type", "role", "timestamp", "time", "subtype", "action"];

/// Puts the secret into every string of a record, also into those that are ids.
fn plant(value: &mut Value, key: &str) {
    match value {
        Value::String(text) if !STRUCTURE.contains(&key) => {
            // Arguments are JSON within a string.
            if let Ok(mut inner @ Value::Object(_)) = serde_json::from_str(text) {
                plant(&mut inner, "");
                *text = inner.to_string();
            } else if key.ends_with("id") || key.ends_with("Id") {
                *text = format!("{text}.{}", secret());
            } else {
                *text = format!("{text}\n\"{}\"", secret());
            }
        }
        Value::Array(items) => items.iter_mut().for_each(|item| plant(item, key)),
        Value::Object(fields) => {
            for (key, value) in fields.iter_mut() {
                plant(value, key);
            }
        }
        _ => {}
    }
}

/// Every byte of every file below a directory.
pub(crate) fn bytes_below(directory: &Path) -> Vec<(String, Vec<u8>)> {
    let mut all = Vec::new();
    for entry in fs_err::read_dir(directory).unwrap() {
        let entry = entry.unwrap();
        if entry.path().is_dir() {
            all.extend(bytes_below(&entry.path()));
        } else {
            let path = entry.path().to_string_lossy().into_owned();
            all.push((path, fs_err::read(entry.path()).unwrap()));
        }
    }
    all
}

/// That a text is in no file of a home: as it is, in lower case, and as one of the terms that the
/// index would have made of it.
#[track_caller]
pub(crate) fn assert_nowhere(sandbox: &Sandbox, text: &str) {
    let tail = text.rsplit('-').next().unwrap();
    for (path, bytes) in bytes_below(sandbox.home().data()) {
        for form in [text, tail, &text.to_lowercase(), &tail.to_lowercase()] {
            let found = bytes
                .windows(form.len())
                .any(|window| window == form.as_bytes());
            assert!(!found, "`{form}` is in {path}");
        }
    }
}

fn planted() -> Sandbox {
    let sandbox = Sandbox::new();
    for name in FIXTURES {
        let text = fs_err::read_to_string(fixture(name)).unwrap();
        let mut out = String::new();
        for line in text.lines() {
            match serde_json::from_str::<Value>(line) {
                Ok(mut value) => {
                    plant(&mut value, "");
                    out.push_str(&format!("{value}\n"));
                }
                Err(_) => out.push_str(&format!("{line}\n")),
            }
        }
        // A line that can't be read is quoted in what is told of it.
        out.push_str(&format!("{{\"type\":\"user\",\"text\":{}\n", secret()));
        out.push_str(&format!("{{\"role\":\"{}\",\"text\":\"x\"}}\n", secret()));
        sandbox.write(name, out.as_bytes());
        if name.contains("b0a7-0001") {
            let fork = out.replace("b0a7-0001", "f0a7-0001");
            sandbox.write("claude-code/f0a7-0001.jsonl", fork.as_bytes());
        }
    }
    let every = json!({
        "id": secret(), "conversation": secret(), "role": "user", "text": secret(),
        "thinking": secret(), "speaker": secret(), "cwd": format!("/home/{}", secret()),
        "branch": secret(), "remote": format!("https://u:{}@example.org/a/b.git", secret()),
        "model": secret(), "agent": secret(), "title": secret(), "parent": secret(),
        "links": [secret()], "project": secret(), "source": secret(), "turn": secret(),
        "tools": [{"id": secret(), "name": secret(), "input": {"a": secret(), secret(): "b\n"}}],
        "results": [{"call": secret(), "output": secret(), "detail": {"x": secret()}}],
        "files": {"read": [secret()], "edited": [secret()]},
        "attachments": [{"media_type": secret(), "bytes": 3}],
        "reflection": {"tags": [secret()], "author": secret(), "conversation": secret()},
        "marks": [{"status": "open", "evidence": secret(), "claim": secret(), "who": secret(),
                   "time": "2026-02-01T10:00:00Z"}],
    });
    sandbox.write("every.jsonl", &lines(&[every]));
    sandbox
}

fn store_on_purpose(archive: &mut Archive) {
    let new = NewReflection {
        content: format!("the gate opens with {}", secret()),
        tags: vec![secret()],
        place: ReflectionProject::Directory(format!("/home/{}", secret()).into()),
        author: Some(secret()),
        conversation: Some(secret()),
        now: NOW,
        ..NewReflection::default()
    };
    let kept = archive.reflect(&new).unwrap();
    let change = ReflectionChange {
        content: Some(format!("the gate opened with {} once", secret())),
        tags: Some(vec![format!("old {}", secret())]),
        now: NOW + 1,
    };
    archive
        .edit_reflection(&kept.id, &Scope::All, &change)
        .unwrap();
    archive
        .mark(&Mark {
            ids: vec![kept.id],
            scope: Scope::All,
            status: MarkStatus::Resolved,
            evidence: Some(secret()),
            claim: Some(secret()),
            who: Some(secret()),
            now: NOW + 2,
        })
        .unwrap();
    let foreign = ForeignReflection {
        key: format!("store/{}", secret()),
        content: format!("foreign {}", secret()),
        tags: vec![secret()],
        created: Some(NOW),
        directory: Some(format!("/srv/{}", secret())),
        project: Some(secret()),
        conversation: Some(secret()),
        marks: vec![Marking {
            evidence: Some(secret()),
            ..Marking::default()
        }],
    };
    archive
        .import_reflections(&[foreign], &secret(), NOW)
        .unwrap();
}

#[test]
fn a_secret_planted_everywhere_is_in_no_file() {
    let sandbox = planted();
    let mut archive = open(&sandbox, &guards());
    let report = import(&mut archive, &sandbox.request());
    assert!(report.sources.len() >= 3, "{report:?}");
    let told = format!("{:?}", report.sources);
    assert!(!told.contains(&secret()), "{told}");
    embed(&mut archive);
    store_on_purpose(&mut archive);
    embed(&mut archive);
    let found = search(&mut archive, &format!("gate {}", secret()));
    assert!(!found.hits.is_empty());
    assert!(!format!("{:?}", found.hits).contains(&secret()));
    let listed = archive
        .reflections(&ReflectionFilter::new(Scope::All))
        .unwrap();
    assert!(!listed.is_empty() && !format!("{listed:?}").contains(&secret()));
    let exported = export(&archive).concat();
    assert!(!exported.contains(&secret()) && exported.contains("[masked:API_KEY:"));
    assert_sound(&archive);
    assert_nowhere(&sandbox, &secret());
    drop(archive);
    assert_nowhere(&sandbox, &secret());
}

#[test]
fn tool_inputs_stay_json() {
    let sandbox = planted();
    let mut archive = open(&sandbox, &guards());
    import(&mut archive, &sandbox.request());
    let mut seen = 0;
    for view in crate::support::views(&archive) {
        for call in view
            .message
            .tools
            .iter()
            .filter(|call| !call.input.is_empty())
        {
            let value: Result<Value, _> = serde_json::from_str(&call.input);
            assert!(value.is_ok(), "{} {}", call.name, call.input);
            seen += usize::from(call.input.contains("[masked:"));
        }
    }
    assert!(seen > 2, "{seen} inputs were masked");
}

/// Every column that holds text, so that a new one is thought of here: all that is written to them is
/// planted above.
#[test]
fn every_column_with_text_is_known() {
    let sandbox = Sandbox::new();
    drop(open(&sandbox, &guards()));
    let database = sandbox.database();
    let sql = "SELECT t.name || '.' || c.name FROM sqlite_schema AS t, pragma_table_info(t.name) AS c
         WHERE t.type = 'table' AND t.sql NOT LIKE 'CREATE VIRTUAL%' AND c.type IN ('TEXT', '', 'BLOB')
           AND t.name NOT LIKE 'prose%' AND t.name NOT LIKE 'payload%' AND t.name NOT LIKE 'title%'
           AND t.name NOT LIKE 'sqlite_%'
         ORDER BY 1";
    let mut statement = database.prepare(sql).unwrap();
    let rows = statement
        .query_map([], |row| row.get::<_, String>(0))
        .unwrap();
    let columns: Vec<String> = rows.map(Result::unwrap).collect();
    assert_eq!(
        columns,
        [
            "block.data",
            "chat.project",
            "chat.settings",
            "chat.tags",
            "chat_message.detail",
            // Ids that the program makes.
            "chat_message.turn",
            "chat_project.instructions",
            "chat_project.name",
            "conversation.key",
            "conversation.links",
            "conversation.parent",
            "conversation.source",
            "conversation.title",
            // Where and how what a fork repeats was said there.
            "copy.place",
            "directory.found",
            "directory.path",
            "directory.place",
            "document.detail",
            "document.format",
            // A hash of its bytes.
            "document.hash",
            "document.origin",
            "document.owner",
            "document.place",
            "document_section.detail",
            "fact.character",
            // Ids that the program makes.
            "fact.conversation",
            "fact.id",
            "fact.kind",
            "fact.said",
            "fact.superseded_by",
            "fact.topics",
            "fact.turn",
            "file.path",
            "file.source",
            "file.state",
            "label.value",
            "mark.claim",
            "mark.evidence",
            "mark.who",
            // Counts, times and names of models.
            "meta.key",
            "meta.value",
            "problem.what",
            "project.key",
            "project.path",
            "project.root_commit",
            "project_word.kind",
            "project_word.project",
            "project_word.value",
            "reflection.author",
            "reflection.conversation",
            "reflection.id",
            "reflection.tags",
            // What a chat's turn says and sends; ids that the program makes.
            "turn.answer",
            "turn.detail",
            "turn.id",
            "turn.model",
            "turn.process",
            "turn.request",
            "turn.text",
            "turn.thinking",
            "vectors.data",
            "vectors.model",
        ]
    );
}
