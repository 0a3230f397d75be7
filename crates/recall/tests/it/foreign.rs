//! Reflections of Self-Reflect are taken over, each once, and its store stays as it is.

use std::path::{Path, PathBuf};

use jiff::tz::TimeZone;
use recall::{
    Archive, Error, ForeignReflection, ForeignReport, ReflectionFilter, Scope,
    self_reflect_database, self_reflect_point,
};
use serde_json::{Value, json};
use transcript::MarkStatus;

use crate::support::{NOW, Sandbox, assert_sound, generic, lines, search};

const UUID: &str = "6f1c2a34-0b5d-4e7f-8a90-1b2c3d4e5f60";

fn point(collection: &str, point: &Value) -> Option<ForeignReflection> {
    self_reflect_point(collection, point, &TimeZone::UTC)
}

fn import(archive: &mut Archive, all: &[ForeignReflection]) -> ForeignReport {
    archive
        .import_reflections(all, "claude-self-reflect", NOW)
        .unwrap()
}

/// A database as version 9 makes it.
fn database(directory: &Path) -> PathBuf {
    let path = directory.join("csr engine#9.db");
    let made = rusqlite::Connection::open(&path).unwrap();
    made.execute_batch(
        "CREATE TABLE reflections (id TEXT PRIMARY KEY, content TEXT NOT NULL,
           tags TEXT NOT NULL DEFAULT '[]', timestamp TEXT NOT NULL, created_at TEXT);
         CREATE TABLE reflection_embeddings (reflection_id TEXT PRIMARY KEY, embedding BLOB);
         CREATE TABLE resolution_ledger (id INTEGER PRIMARY KEY, chunk_id TEXT NOT NULL,
           status TEXT NOT NULL, evidence TEXT NOT NULL, claim TEXT, source TEXT DEFAULT 'agent',
           created_at TEXT);
         INSERT INTO reflections VALUES
           ('6f1c2a34-0b5d-4e7f-8a90-1b2c3d4e5f60', 'Pin the compiler before bisecting',
            '[\"build\", \"project_shop\", \"conv_talk\"]', '2026-01-05T10:00:00+00:00', ''),
           ('short', 'Glaze dries in a day', '[]', '2026-01-06T10:00:00Z', ''),
           ('mill', 'The mill grinds at night', '[\"project_mill\"]', 'soon', '2026-01-07 10:00:00'),
           ('void', '  ', '[]', '', '');
         INSERT INTO resolution_ledger (chunk_id, status, evidence, claim, created_at) VALUES
           ('short', 'still_open', 'wet on tuesday', NULL, '2026-01-08 10:00:00'),
           ('short', 'resolved', 'a fan', 'drying', '2026-01-08 10:00:00'),
           ('some-chunk', 'regressed', 'x', NULL, '2026-01-08 10:00:00');",
    )
    .unwrap();
    path
}

#[test]
fn a_database_of_version_9_is_read_and_left_alone() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "talk.jsonl",
        &lines(&[generic("talk", "t1", "Which compiler?")]),
    );
    let mut archive = sandbox.imported();
    let directory = sandbox.path().join("csr");
    fs_err::create_dir_all(&directory).unwrap();
    let path = database(&directory);
    let before = fs_err::read(&path).unwrap();
    let found = self_reflect_database(&path, &TimeZone::UTC).unwrap();
    assert_eq!(found.len(), 4);
    let report = import(&mut archive, &found);
    let expected = ForeignReport {
        added: 3,
        empty: 1,
        marks: 2,
        ..ForeignReport::default()
    };
    assert_eq!(report, expected);
    let again = ForeignReport {
        known: 3,
        empty: 1,
        ..ForeignReport::default()
    };
    assert_eq!(import(&mut archive, &found), again);
    assert_eq!(fs_err::read(&path).unwrap(), before);
    assert_eq!(fs_err::read_dir(&directory).unwrap().count(), 1);

    let kept = archive.reflection(UUID, &Scope::All).unwrap();
    assert_eq!(
        (kept.project.as_str(), kept.conversation.as_deref()),
        ("shop", Some("talk"))
    );
    assert_eq!(kept.tags, ["build", "project_shop", "conv_talk"]);
    assert_eq!(kept.created, 1_767_607_200_000);
    assert_eq!(kept.author.as_deref(), Some("claude-self-reflect"));
    let mill = ReflectionFilter::new(Scope::Project("mill".into()));
    assert_eq!(
        archive.reflections(&mill).unwrap()[0].created,
        1_767_780_000_000
    );
    let found = search(&mut archive, "glaze dries");
    let status = found.hits[0].status.as_ref().unwrap();
    assert_eq!(
        (status.status, status.claim.as_deref()),
        (MarkStatus::Resolved, Some("drying"))
    );
    assert_sound(&archive);
}

#[test]
fn what_somebody_just_wrote_to_it_is_read_too() {
    let sandbox = Sandbox::new();
    let path = database(&sandbox.path());
    let open = rusqlite::Connection::open(&path).unwrap();
    open.execute_batch(
        "PRAGMA journal_mode = WAL;
         INSERT INTO reflections VALUES ('new', 'Just now', '', '2026-02-01T00:00:00Z', '')",
    )
    .unwrap();
    let found = self_reflect_database(&path, &TimeZone::UTC).unwrap();
    assert!(
        found
            .iter()
            .any(|reflection| reflection.content == "Just now"),
        "{found:?}"
    );
}

#[test]
fn any_other_file_is_refused() {
    let sandbox = Sandbox::new();
    sandbox.archive();
    let text = sandbox.write(
        "notes.db",
        b"no database at all, but long enough to be looked at as one",
    );
    for path in [sandbox.home().database(), text] {
        let error = self_reflect_database(&path, &TimeZone::UTC).unwrap_err();
        assert!(matches!(error, Error::NotSelfReflect(_)), "{error}");
    }
    let missing = self_reflect_database(&sandbox.path().join("none.db"), &TimeZone::UTC);
    assert!(matches!(missing, Err(Error::Io(_))));
}

#[test]
fn points_of_every_version_are_read() {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.imported();
    let all = [
        // 2.x: the second is the id; the project has a path.
        json!({"id": 1_756_720_800, "payload": {"text": "Oars are of ash", "tags": ["boats"],
            "timestamp": "2025-09-01T10:00:00.000001", "type": "reflection",
            "role": "user_reflection", "project": "ines/boats", "project_path": "/nowhere/ines/boats"}}),
        // 3.x: `content`, no project.
        json!({"id": "0cc175b9-c0f1-b6a8-31c3-99e269772661", "payload": {"content": "Tar twice",
            "tags": ["boats", "project_-home-ines-projects-boats"],
            "timestamp": "2025-10-01T10:00:00.5+00:00", "type": "reflection"}}),
        json!({"id": 7, "payload": {"text": "", "content": "Caulk first", "tags": null, "timestamp": 1_756_720_800}}),
    ];
    let found: Vec<_> = all
        .iter()
        .filter_map(|at| point("reflections_local", at))
        .collect();
    assert_eq!(found.len(), 3);
    assert_eq!(import(&mut archive, &found).added, 3);
    // The same again, and under another id in another collection.
    let mut elsewhere = all[0].clone();
    elsewhere["id"] = 99.into();
    let repeated = point("reflections_voyage", &elsewhere).unwrap();
    let report = import(&mut archive, &[found[0].clone(), repeated]);
    assert_eq!((report.added, report.known), (0, 2));
    let told: Vec<_> = archive
        .reflections(&ReflectionFilter::new(Scope::All))
        .unwrap()
        .into_iter()
        .map(|reflection| (reflection.content, reflection.project, reflection.created))
        .collect();
    let told: Vec<_> = told
        .iter()
        .map(|(a, b, c)| (a.as_str(), b.as_str(), *c))
        .collect();
    assert_eq!(
        told,
        [
            ("Tar twice", "boats", 1_759_312_800_500),
            ("Caulk first", "unsorted", 1_756_720_800_000),
            ("Oars are of ash", "boats", 1_756_720_800_000),
        ]
    );
    for odd in [
        json!({}),
        json!({"id": 1, "payload": {"note": 1}}),
        json!({"payload": {"text": "x"}}),
    ] {
        assert!(point("reflections_local", &odd).is_none());
    }
    assert_sound(&archive);
}

/// A database of this schema, made below a directory.
fn made(directory: &Path, name: &str, schema: &str) -> PathBuf {
    let path = directory.join(name);
    let made = rusqlite::Connection::open(&path).unwrap();
    made.execute_batch(schema).unwrap();
    path
}

const TABLE: &str = "CREATE TABLE reflections (id TEXT PRIMARY KEY, content TEXT NOT NULL,
    tags TEXT NOT NULL DEFAULT '[]', timestamp TEXT NOT NULL, created_at TEXT);";

#[test]
fn a_view_that_never_ends_or_a_trigger_is_no_store() {
    let sandbox = Sandbox::new();
    let endless =
        "CREATE VIEW reflections AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
         SELECT i AS id, 'x' AS content, '' AS tags, '' AS timestamp, '' AS created_at FROM n;";
    let trigger =
        format!("{TABLE} CREATE TRIGGER t AFTER INSERT ON reflections BEGIN SELECT 1; END;");
    let generated = "CREATE TABLE reflections (id TEXT, content TEXT AS (hex(zeroblob(400000000))),
        tags TEXT, timestamp TEXT, created_at TEXT); INSERT INTO reflections VALUES (1, 2, 3, 4);";
    let moved =
        "CREATE VIRTUAL TABLE reflections USING fts5(id, content, tags, timestamp, created_at);";
    let all = [
        ("view", endless),
        ("trigger", &*trigger),
        ("generated", generated),
        ("virtual", moved),
    ];
    for (name, schema) in all {
        let path = made(&sandbox.path(), name, schema);
        let error = self_reflect_database(&path, &TimeZone::UTC).unwrap_err();
        assert!(matches!(error, Error::NotSelfReflect(_)), "{name}: {error}");
    }
}

#[test]
fn a_ledger_that_is_a_view_is_not_read() {
    let sandbox = Sandbox::new();
    let schema = format!(
        "{TABLE} INSERT INTO reflections VALUES ('a', 'kept', '[]', '', '');
         CREATE VIEW resolution_ledger AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n)
         SELECT i AS id, 'a' AS chunk_id, 'resolved' AS status, '' AS evidence, '' AS claim,
           '' AS source, '' AS created_at FROM n;"
    );
    let path = made(&sandbox.path(), "csr.db", &schema);
    let found = self_reflect_database(&path, &TimeZone::UTC).unwrap();
    assert_eq!(found.len(), 1);
    assert!(found[0].marks.is_empty());
}

#[test]
fn a_store_of_more_than_is_taken_is_refused() {
    let sandbox = Sandbox::new();
    let many = format!(
        "{TABLE} WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= 200000)
         INSERT INTO reflections SELECT i, i, 1, 1, 1 FROM n;"
    );
    let path = made(&sandbox.path(), "large.db", &many);
    let error = self_reflect_database(&path, &TimeZone::UTC).unwrap_err();
    assert!(matches!(error, Error::StoreTooLarge(_)), "{error}");
}

#[cfg(unix)]
#[test]
fn a_pipe_in_the_place_of_a_store_or_its_log_is_refused() {
    let sandbox = Sandbox::new();
    let pipe = |path: &Path| {
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).unwrap();
    };
    let fifo = sandbox.path().join("fifo.db");
    pipe(&fifo);
    assert!(matches!(
        self_reflect_database(&fifo, &TimeZone::UTC),
        Err(Error::Io(_))
    ));
    let path = database(&sandbox.path());
    pipe(&path.with_file_name("csr engine#9.db-wal"));
    assert!(matches!(
        self_reflect_database(&path, &TimeZone::UTC),
        Err(Error::Io(_))
    ));
}
