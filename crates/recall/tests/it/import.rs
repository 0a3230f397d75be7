//! Logs of every format get in whole, and once.

use recall::{ImportRequest, NoProgress, Roots, Stop};
use serde_json::json;
use transcript::Role;

use crate::support::{
    NOW, Sandbox, assert_sound, claude, codex, counts, generic, import, lines, of, texts, views,
};

#[test]
fn every_format_is_kept_whole() {
    let sandbox = Sandbox::with_fixtures();
    let report = sandbox.import();
    let read = |source| of(&report, source).map(|of| (of.files, of.messages, of.added));
    assert_eq!(read("claude-code"), Some((2, 14, 14)));
    assert_eq!(read("codex"), Some((1, 5, 5)));
    assert_eq!(read("jsonl"), Some((1, 7, 7)));
    let archive = sandbox.archive();
    let all = views(&archive);
    let by_id = |id: &str| all.iter().find(|view| view.message.id == id).unwrap();

    let edit = by_id("ba4");
    assert_eq!(edit.message.tools[0].name, "Edit");
    assert_eq!(
        edit.message.files[0].path,
        "/nowhere/ines/boats/src/table.rs"
    );
    assert_eq!(edit.message.parent.as_deref(), Some("br1"));
    assert_eq!(
        (edit.title.as_str(), edit.title_rank),
        ("Tide table off by one", Some(3))
    );
    assert!(by_id("br2").message.results[0].is_error);
    assert_eq!(by_id("br3").message.attachments[0].bytes, 6);
    assert_eq!(by_id("ba1").message.thinking, "Perhaps daylight saving.");
    // A worktree that an assistant made belongs to its repository.
    assert_eq!(
        (by_id("ba5").project.as_str(), by_id("bu1").project.as_str()),
        ("boats", "boats")
    );
    // One link may be the start of another.
    let pulls = [
        "https://example.invalid/boats/pull/1",
        "https://example.invalid/boats/pull/12",
    ];
    assert_eq!(edit.links, pulls);
    let letter = by_id("L2");
    assert_eq!(letter.message.speaker.as_deref(), Some("Jo"));
    assert_eq!(letter.message.usage.map(|usage| usage.cache_read), Some(4));
    let kiln = all
        .iter()
        .find(|view| view.message.text.starts_with("About 1275"))
        .unwrap();
    assert_eq!(
        (kiln.project.as_str(), kiln.message.role),
        ("kiln", Role::Assistant)
    );
    assert_eq!(kiln.message.model.as_deref(), Some("gpt-5.6"));
    assert_sound(&archive);
}

#[test]
fn importing_again_adds_nothing_and_reads_nothing() {
    let sandbox = Sandbox::with_fixtures();
    sandbox.import();
    let report = sandbox.import();
    assert_eq!(counts(&report), (0, 0));
    assert!(
        report
            .sources
            .iter()
            .all(|source| source.changed == 0 && source.bytes == 0)
    );
}

#[test]
fn a_fork_is_kept_once() {
    let sandbox = Sandbox::new();
    let own = [
        claude(
            "first",
            "u1",
            "user",
            "Where are the oars?",
            "/nowhere/boats",
        ),
        claude(
            "first",
            "a1",
            "assistant",
            "Under the bench.",
            "/nowhere/boats",
        ),
    ];
    let mut copy = own.clone().to_vec();
    copy.iter_mut()
        .for_each(|record| record["sessionId"] = "second".into());
    copy.push(claude(
        "second",
        "u2",
        "user",
        "And the sail?",
        "/nowhere/boats",
    ));
    sandbox.write("p/second.jsonl", &lines(&copy));
    sandbox.write("p/first.jsonl", &lines(&own));
    assert_eq!(counts(&sandbox.import()), (3, 2));
    let kept = texts(&sandbox.archive());
    assert_eq!(
        kept,
        [
            "first/u1: Where are the oars?",
            "first/a1: Under the bench.",
            "second/u2: And the sail?"
        ]
    );
}

#[test]
fn a_moved_and_a_resumed_session_are_kept_once() {
    let sandbox = Sandbox::new();
    let asked = claude("s", "u1", "user", "Is it low tide?", "/nowhere/boats");
    let path = sandbox.write("p/s.jsonl", &lines(std::slice::from_ref(&asked)));
    let thread = codex(
        "019c0000-0000-7000-8000-000000000001",
        "/nowhere/kiln",
        None,
        "How hot?",
    );
    sandbox.write("c/rollout-1.jsonl", &lines(&thread));
    sandbox.import();
    fs_err::remove_file(path).unwrap();
    let answered = claude("s", "a1", "assistant", "Half past four.", "/nowhere/boats");
    sandbox.write("q/s.jsonl", &lines(&[asked, answered]));
    sandbox.write("c/archived/rollout-1.jsonl", &lines(&thread));
    assert_eq!(counts(&sandbox.import()), (1, 3));
    assert_eq!(texts(&sandbox.archive()).len(), 4);
}

/// What was said, in an order that doesn't depend on when it was imported.
fn sorted(archive: &recall::Archive) -> Vec<String> {
    let mut texts = texts(archive);
    texts.sort();
    texts
}

#[test]
fn another_message_under_a_used_id_is_kept_too() {
    let sandbox = Sandbox::new();
    let all = [
        generic("c", "x", "one"),
        generic("c", "x", "two"),
        generic("c", "x", "one"),
        generic("c", "x", "three"),
    ];
    sandbox.write("a.jsonl", &lines(&all));
    assert_eq!(counts(&sandbox.import()), (3, 1));
    let kept = [
        "c/x: three",
        "c/x~98a5bcd0b8de1af8: two",
        "c/x~ab9f2c7dfcaef5e3: one",
    ];
    assert_eq!(sorted(&sandbox.archive()), kept);
    // A copy elsewhere is read from its start and adds nothing.
    sandbox.write("b.jsonl", &lines(&all));
    assert_eq!(counts(&sandbox.import()), (0, 4));
}

#[test]
fn another_message_under_a_used_id_is_kept_when_it_is_appended_later() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.jsonl",
        &lines(&[generic("c", "x", "one"), generic("c", "y", "other")]),
    );
    sandbox.import();
    for (text, expected) in [
        ("two", (1, 0)),
        ("one", (0, 1)),
        ("two", (0, 1)),
        ("three", (1, 0)),
    ] {
        sandbox.append("a.jsonl", &lines(&[generic("c", "x", text)]));
        assert_eq!(counts(&sandbox.import()), expected, "{text}");
    }
    let repeated = [
        generic("c", "x", "four"),
        generic("c", "x", "five"),
        generic("c", "x", "four"),
    ];
    sandbox.append("a.jsonl", &lines(&repeated));
    assert_eq!(counts(&sandbox.import()), (2, 1));
    let archive = sandbox.archive();
    let kept = [
        "c/x~ab9f2c7dfcaef5e3: one",
        "c/y: other",
        "c/x~98a5bcd0b8de1af8: two",
        "c/x~2bdb89cd0db9e6e2: three",
        "c/x: four",
        "c/x~91d68fbe33b340a1: five",
    ];
    assert_eq!(texts(&archive), kept);
    assert_sound(&archive);
}

#[test]
fn messages_without_ids_are_told_apart_by_place_and_text() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.jsonl",
        &lines(&[generic("c", "", "thanks"), generic("c", "", "thanks")]),
    );
    // Another file may have another message at the same place.
    sandbox.write("b.jsonl", &lines(&[generic("c", "", "you're welcome")]));
    assert_eq!(counts(&sandbox.import()), (3, 0));
    let copy = fs_err::read(sandbox.logs().join("a.jsonl")).unwrap();
    sandbox.write("copy.jsonl", &copy);
    assert_eq!(counts(&sandbox.import()), (0, 2));
    // Each has an id to be cited by.
    let archive = sandbox.archive();
    let id = views(&archive)[0].message.id.clone();
    let mut found = Vec::new();
    archive
        .messages("c", Some((&id, 0)), false, &mut |view| {
            found.push(view.message.text);
            true
        })
        .unwrap();
    assert_eq!(found.len(), 1);
}

#[test]
fn only_what_is_wanted_is_imported() {
    let sandbox = Sandbox::with_fixtures();
    let mut archive = sandbox.archive();
    let request = ImportRequest {
        source: Some(transcript::codex::SOURCE),
        ..sandbox.request()
    };
    let report = import(&mut archive, &request);
    assert_eq!(of(&report, "codex").map(|of| of.added), Some(5));
    let request = ImportRequest {
        paths: vec![sandbox.logs().join("jsonl")],
        ..sandbox.request()
    };
    let report = import(&mut archive, &request);
    assert_eq!(of(&report, "jsonl").map(|of| of.added), Some(7));
}

#[test]
fn the_directories_of_assistants_are_looked_through() {
    let sandbox = Sandbox::new();
    let asked = claude("s", "u1", "user", "Is it low tide?", "/nowhere/boats");
    sandbox.write("claude/projects/p/s.jsonl", &lines(&[asked]));
    let thread = codex(
        "019c0000-0000-7000-8000-000000000001",
        "/nowhere/kiln",
        None,
        "How hot?",
    );
    sandbox.write("codex/sessions/2026/02/02/rollout-1.jsonl", &lines(&thread));
    sandbox.write("codex/elsewhere.jsonl", &lines(&thread));
    let mut request = ImportRequest {
        now: NOW,
        ..ImportRequest::default()
    };
    let claude_code = ["claude", "none"].map(|directory| sandbox.logs().join(directory));
    request.roots = Roots::default()
        .with(transcript::claude_code::SOURCE, claude_code)
        .with(transcript::codex::SOURCE, [sandbox.logs().join("codex")]);
    let mut archive = sandbox.archive();
    assert_eq!(counts(&import(&mut archive, &request)), (3, 0));
    assert_eq!(archive.status().unwrap().last_import, Some(NOW));
    let sources = archive.sources(&request.roots).unwrap();
    let codex = sources
        .iter()
        .find(|source| source.name == "codex")
        .unwrap();
    assert_eq!(
        (codex.files, codex.conversations, codex.messages),
        (1, 1, 2)
    );
}

#[test]
fn an_import_whose_write_fails_ends_and_goes_on_later() {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    let trigger = "CREATE TRIGGER full BEFORE INSERT ON message
         BEGIN SELECT RAISE(ABORT, 'no room left'); END";
    sandbox.database().execute_batch(trigger).unwrap();
    // More than the threads may have between them, so that the reading one waits for the other.
    let padded = |n: usize| {
        let mut line = generic("c", &n.to_string(), &format!("number {n}"));
        line["results"] = json!([{"call": "t", "output": "-".repeat(200 << 10)}]);
        line
    };
    // The first line tells what the file is, and is short.
    let mut all = vec![generic("c", "first", "hello")];
    all.extend((0..48).map(padded));
    sandbox.write("a.jsonl", &lines(&all));
    let request = sandbox.request();
    let failed = archive.import(&request, &Stop::new(), &NoProgress);
    assert!(failed.is_err(), "{failed:?}");
    assert_eq!(texts(&archive), [""; 0]);
    sandbox
        .database()
        .execute_batch("DROP TRIGGER full")
        .unwrap();
    assert_eq!(counts(&import(&mut archive, &request)), (49, 0));
    assert_sound(&archive);
}

#[test]
fn another_message_under_an_id_of_another_file_is_kept_too() {
    let sandbox = Sandbox::new();
    let (one, two) = ([generic("c", "x", "one")], [generic("c", "x", "two")]);
    sandbox.write("a.jsonl", &lines(&one));
    // One that came with an earlier import, and one that comes with the same.
    sandbox.import();
    sandbox.write("b.jsonl", &lines(&[generic("c", "x", "three")]));
    sandbox.write("c.jsonl", &lines(&two));
    assert_eq!(counts(&sandbox.import()), (2, 0));
    let kept = [
        "c/x: three",
        "c/x~98a5bcd0b8de1af8: two",
        "c/x~ab9f2c7dfcaef5e3: one",
    ];
    assert_eq!(sorted(&sandbox.archive()), kept);
    sandbox.write("copies/a.jsonl", &lines(&one));
    sandbox.write("copies/c.jsonl", &lines(&two));
    assert_eq!(counts(&sandbox.import()), (0, 2));
    let archive = sandbox.archive();
    assert_eq!(sorted(&archive), kept);
    assert_sound(&archive);
}

#[test]
fn a_log_that_begins_with_a_long_record_is_known() {
    let sandbox = Sandbox::new();
    let long = "How deep is it? ".repeat(20 << 10);
    let asked = claude("s", "u1", "user", &long, "/nowhere/boats");
    sandbox.write("p/s.jsonl", &lines(&[asked]));
    sandbox.write("a.jsonl", &lines(&[generic("c", "1", &long)]));
    let mut thread = codex("t", "/nowhere/kiln", None, "How hot?");
    thread[0]["payload"]["base_instructions"] = long.into();
    sandbox.write("rollout-1.jsonl", &lines(&thread));
    assert_eq!(counts(&sandbox.import()), (4, 0));
}
