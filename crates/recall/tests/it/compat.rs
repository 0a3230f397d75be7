//! An archive that the program of an earlier state made, byte for byte, is taken on whole: what it
//! exported then is what it holds now. Unlike the archives of `schema`, which are cut down to stand
//! for a version, this one has never been touched by another program: masked values with the key
//! that they were masked by, findings, reflections, marks, and vectors of the real model.

use recall::{Archive, ArchiveOpener, Error, Guards, NoProgress, Rescan, Scope, Stop};
use serde_json::{Value, json};
use transcript::MarkStatus;

use crate::support::{
    Sandbox, assert_sound, claude, codex, counts, export, fixture, ids, import, in_project, lines,
    search,
};

/// The commit whose program made the fixtures; `tests/fixtures/README.md` tells how.
const MADE_BY: &str = "f42e832";

const SESSION: &str = "7d1f0c52-0000-4000-8000-00000000ce1a";
const ROLLOUT: &str = "01980000-0000-7000-8000-0000000ce11a";

/// A token and a password, put together here so that no scanner takes this file for a leak.
fn secrets() -> [String; 2] {
    [
        ["ghp", "_", "a8Fk2mQxZ9wLp4Vn", "7Bt3Yc6Rd1Hs5Jg0KuEi"].concat(),
        ["s3cr", "3tPw", "Qz"].concat(),
    ]
}

/// The logs that the archive was made from: a session of Claude Code in one project, one of Codex
/// in another, each with a secret.
fn logs() -> [(String, Vec<u8>); 2] {
    let [token, password] = secrets();
    let kiln = |id: &str, role: &str, text: &str| claude(SESSION, id, role, text, "/nowhere/kiln");
    let mut edit = kiln("k3", "assistant", "");
    edit["message"]["content"] = json!([
        {"type": "thinking", "thinking": "the schedule is a table", "signature": "x"},
        {"type": "tool_use", "id": "call-1", "name": "Edit", "input": {
            "file_path": "/nowhere/kiln/firing.toml", "old_string": "cone = 10", "new_string": "cone = 6"}},
    ]);
    let mut result = kiln("k4", "user", "");
    result["message"]["content"] = json!([
        {"type": "tool_result", "tool_use_id": "call-1", "content": format!("cone = 6\ntoken = \"{token}\"")},
    ]);
    let title = json!({"type": "summary", "summary": "Cone six for celadon", "leafUuid": "k5"});
    let session = [
        title,
        kiln("k1", "user", "Which cone does the celadon glaze need?"),
        kiln(
            "k2",
            "assistant",
            "Cone six, held for twenty minutes. I write it into the firing schedule.",
        ),
        edit,
        result,
        kiln(
            "k5",
            "user",
            &format!("The registry wants {token}, keep it out of the schedule"),
        ),
    ];
    let asked = format!("Why does postgres://cellar:{password}@db.internal:5432/wine refuse me?");
    let rollout = codex(
        ROLLOUT,
        "/nowhere/cellar",
        Some("https://git.example.org/ines/cellar.git"),
        &asked,
    );
    [
        ("claude-code/kiln.jsonl".to_owned(), lines(&session)),
        (
            format!("codex/rollout-2026-02-02T10-00-00-{ROLLOUT}.jsonl"),
            lines(&rollout),
        ),
    ]
}

/// A home whose archive and key are those of the fixtures.
fn opened() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.home().data()).unwrap();
    let packed = fs_err::read(fixture(&format!("archive-{MADE_BY}.db.zst"))).unwrap();
    fs_err::write(
        sandbox.home().database(),
        zstd::decode_all(packed.as_slice()).unwrap(),
    )
    .unwrap();
    fs_err::copy(
        fixture(&format!("archive-{MADE_BY}.key")),
        sandbox.home().guard_key(),
    )
    .unwrap();
    let archive = sandbox.archive();
    (sandbox, archive)
}

/// What the program exported that made the archive, in an order of its own.
fn exported_then() -> Vec<Value> {
    let text = fs_err::read_to_string(fixture(&format!("archive-{MADE_BY}.jsonl"))).unwrap();
    sorted(text.lines())
}

fn sorted<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<Value> {
    let mut all: Vec<Value> = lines
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    all.sort_by_key(|value| value["id"].to_string());
    all
}

fn exported(archive: &Archive) -> Vec<Value> {
    sorted(export(archive).iter().map(String::as_str))
}

#[test]
fn an_archive_of_f42e832_opens_migrates_and_verifies() {
    let (sandbox, archive) = opened();
    assert_sound(&archive);
    let then = exported_then();
    assert_eq!(exported(&archive), then);
    assert!(then.len() >= 7, "{then:?}");
    let told = serde_json::to_string(&then).unwrap();
    assert!(told.contains("[masked:"), "{told}");
    for secret in secrets() {
        assert!(!told.contains(&secret));
    }
    let status = archive.status().unwrap();
    assert_eq!(status.indexed.embedded, status.indexed.embeddable);
    assert!(status.indexed.embedded > 0);
    // Opened again it is the same, with nothing to migrate.
    drop(archive);
    let archive = sandbox.archive();
    assert_sound(&archive);
    assert_eq!(exported(&archive), then);
}

#[test]
fn an_archive_of_f42e832_that_a_newer_program_took_on_is_refused() {
    let (sandbox, archive) = opened();
    let known = archive.status().unwrap().schema;
    drop(archive);
    let database = sandbox.database();
    database
        .pragma_update(None, "user_version", known + 1)
        .unwrap();
    drop(database);
    let before = fs_err::read(sandbox.home().database()).unwrap();
    let error = ArchiveOpener::new(&sandbox.home(), &Guards::default())
        .open()
        .err()
        .expect("it is of a newer program");
    assert!(
        matches!(error, Error::Newer { found, known: newest, .. } if found == known + 1 && newest == known),
        "{error}"
    );
    assert!(fs_err::read(sandbox.home().database()).unwrap() == before);
}

#[test]
fn an_archive_of_f42e832_knows_its_logs_and_takes_new_ones() {
    let (sandbox, mut archive) = opened();
    let before = exported(&archive);
    for (name, bytes) in logs() {
        sandbox.write(&name, &bytes);
    }
    // The placeholders are the same too, since the key is.
    let report = import(&mut archive, &sandbox.request());
    assert_eq!(counts(&report).0, 0, "{report:?}");
    assert_eq!(exported(&archive), before);
    sandbox.append(
        "claude-code/kiln.jsonl",
        &lines(&[claude(
            SESSION,
            "k6",
            "user",
            "And the lighthouse plates?",
            "/nowhere/kiln",
        )]),
    );
    let report = import(&mut archive, &sandbox.request());
    assert_eq!(counts(&report).0, 1, "{report:?}");
    assert_eq!(ids(&search(&mut archive, "lighthouse")), ["k6"]);
    assert_sound(&archive);
}

#[test]
fn an_archive_of_f42e832_is_searched_within_its_projects() {
    let (_sandbox, mut archive) = opened();
    let kiln = archive
        .search(&in_project("celadon cone", "kiln"), None)
        .unwrap();
    assert!(ids(&kiln).contains(&"k1"), "{:?}", ids(&kiln));
    let cellar = archive
        .search(&in_project("celadon cone", "cellar"), None)
        .unwrap();
    assert!(cellar.hits.is_empty(), "{:?}", ids(&cellar));
    // A secret is found by its own value: it is masked with the key of then.
    let found = search(&mut archive, &secrets()[0]);
    assert!(ids(&found).contains(&"k5"), "{:?}", ids(&found));
    // The reflection and what became of a message.
    let found = search(&mut archive, "kiln shelf wash");
    let top = &found.hits[0];
    let kept = top.reflection.as_ref().unwrap();
    assert_eq!(kept.tags, ["glaze", "kiln"], "{top:?}");
    let found = search(&mut archive, "Which cone does the celadon glaze need?");
    let asked = found.hits.iter().find(|hit| hit.message_id == "k1");
    let status = asked.unwrap().status.as_ref().unwrap();
    assert_eq!(status.status, MarkStatus::Resolved);
    assert_eq!(status.evidence.as_deref(), Some("fired and measured"));
}

#[test]
fn an_archive_of_f42e832_is_judged_by_the_rules_of_today() {
    let (_sandbox, mut archive) = opened();
    let before = exported(&archive);
    let everything = Rescan {
        scope: Scope::All,
        dry_run: false,
    };
    archive
        .rescan(&everything, &Stop::new(), &NoProgress)
        .unwrap();
    assert_eq!(exported(&archive), before);
    assert_sound(&archive);
}
