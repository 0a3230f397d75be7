//! Archives of every schema version that was released can be opened, checked, searched and added to.

use recall::{
    Archive, ChatChange, DocumentOrigin, DocumentScope, Mark, NewChat, NewChatMessage, NewDocument,
    NewFact, NewReflection, NewSection, ReflectionProject, Scope,
};
use transcript::{FactOrigin, MarkStatus, Role};

use crate::support::{
    FIXTURES, NOW, Sandbox, assert_sound, damage, embed as embed_all, export, fixture, generic,
    ids, lines, search, texts,
};

/// Set to write the fixture of the current version instead of reading it.
const WRITE: &str = "LOREKEEP_WRITE_ARCHIVE_FIXTURE";

/// The fixture of each version; see `tests/fixtures/README.md`.
/// The messages in it, and how many of them are embedded.
const ARCHIVES: [(&str, usize, u64); 8] = [
    ("archive-v1.db", 26, 17),
    ("archive-v2.db", 27, 18),
    ("archive-v3.db", 27, 18),
    ("archive-v4.db", 27, 18),
    ("archive-v5.db", 27, 18),
    ("archive-v6.db", 27, 18),
    ("archive-v7.db", 29, 20),
    ("archive-v8.db", 31, 22),
];

fn opened(name: &str) -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.home().data()).unwrap();
    fs_err::copy(fixture(name), sandbox.home().database()).unwrap();
    let archive = sandbox.archive();
    (sandbox, archive)
}

#[test]
fn archives_of_every_version_are_read() {
    write_if_asked();
    for (name, messages, embedded) in ARCHIVES {
        let (sandbox, mut archive) = opened(name);
        assert_sound(&archive);
        assert_eq!(texts(&archive).len(), messages, "{name}");
        for (query, first) in [
            ("tide table hour", "bu1"),
            ("Tomaten", "L1"),
            ("E0658", "ba5"),
        ] {
            let answer = search(&mut archive, query);
            let found = ids(&answer);
            assert!(
                found.iter().take(3).any(|id| *id == first),
                "{name}: {query}: {found:?}"
            );
        }
        assert_eq!(archive.status().unwrap().indexed.embedded, embedded);
        // What it was made from is known, and what is new gets in.
        let before = export(&archive);
        for log in FIXTURES {
            sandbox.write(log, &fs_err::read(fixture(log)).unwrap());
        }
        sandbox.import();
        assert_eq!(export(&archive), before, "{name}");
        sandbox.write(
            "new.jsonl",
            &lines(&[generic("c", "new", "a brand-new lighthouse")]),
        );
        sandbox.import();
        embed_all(&mut archive);
        assert_eq!(ids(&search(&mut archive, "lighthouse")), ["new"]);
        assert_sound(&archive);
    }
}

/// Writes the fixture of the current version. Paths of this machine don't get in, and small pages
/// keep it small.
fn write_if_asked() {
    #[expect(clippy::disallowed_methods, reason = "a test has no settings")]
    if std::env::var_os(WRITE).is_none() {
        return;
    }
    let sandbox = Sandbox::with_fixtures();
    let mut archive = sandbox.imported();
    let reflection = archive
        .reflect(&NewReflection {
            content: "Tomatoes want the south wall".into(),
            tags: vec!["garden".into(), "south wall".into()],
            place: ReflectionProject::Project("garden".into()),
            author: Some("Ines".into()),
            now: NOW,
            ..NewReflection::default()
        })
        .unwrap();
    let mark = Mark {
        ids: vec![reflection.id, "L1".into()],
        status: MarkStatus::Resolved,
        evidence: Some("they were moved there".into()),
        now: NOW,
        ..Mark::new(Scope::All)
    };
    archive.mark(&mark).unwrap();
    let chat = "c0000000-0000-4000-8000-000000000007".to_owned();
    let said = |id: &str, role, text: &str| ChatChange::Append {
        chat: chat.clone(),
        message: Box::new(NewChatMessage::said(id, role, NOW, text)),
    };
    archive
        .change_chats(
            NOW,
            &[
                ChatChange::Create(NewChat {
                    id: chat.clone(),
                    project: Some("garden".into()),
                    ..NewChat::default()
                }),
                said("ch1", Role::User, "Which wall is dry?"),
                said("ch2", Role::Assistant, "The east wall, under the eaves."),
            ],
        )
        .unwrap();
    archive
        .put_document(
            NOW,
            &NewDocument {
                scope: DocumentScope::Everywhere,
                name: "walls.md".into(),
                origin: DocumentOrigin::Upload,
                place: "walls.md".into(),
                format: "markdown".into(),
                hash: "0".repeat(64),
                bytes: 40,
                modified: None,
                pages: None,
                problems: Vec::new(),
                sections: vec![NewSection {
                    heading: "Walls".into(),
                    text: "The east wall is built of flint.".into(),
                    place: "{}".into(),
                }],
            },
        )
        .unwrap();
    let fact = NewFact {
        text: "grows quinces".into(),
        origin: FactOrigin::default(),
        role: Role::User,
        replaces: Vec::new(),
        created: Some(NOW),
    };
    archive.keep_facts(None, &[fact], None, NOW).unwrap();
    embed_all(&mut archive);
    let version = archive.status().unwrap().schema;
    assert_eq!(damage(&archive), [""; 0]);
    drop(archive);
    let target = fixture(&format!("archive-v{version}.db"));
    let _ = fs_err::remove_file(&target);
    let database = sandbox.database();
    let logs = sandbox.logs().to_string_lossy().into_owned();
    database
        .execute(
            "UPDATE file SET path = replace(path, ?1, '/nowhere/logs')",
            [logs],
        )
        .unwrap();
    database
        .execute_batch("PRAGMA journal_mode = DELETE; PRAGMA page_size = 1024; VACUUM")
        .unwrap();
    database
        .execute("VACUUM INTO ?1", [target.to_string_lossy()])
        .unwrap();
}
