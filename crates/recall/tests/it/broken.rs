//! Broken logs cost what is broken in them, and tell where.

use recall::ImportRequest;
use serde_json::json;

use crate::support::{
    Sandbox, assert_sound, claude, counts, generic, ids, import, lines, of, problems, search,
    texts, views,
};

#[test]
fn broken_records_are_told_and_the_others_kept() {
    let sandbox = Sandbox::new();
    let mut log = lines(&[generic("c", "1", "one")]);
    log.extend_from_slice(b"not json at all\n{\"id\": \"2\", \"conversation\":\n\n[1, 2]\n");
    log.extend(lines(&[
        json!({"conversation": "c", "role": "wizard", "text": "who?"}),
        json!({"conversation": 7, "role": ["user"], "text": {"a": 1}}),
        generic("c", "3", "three"),
    ]));
    sandbox.write("a.jsonl", &log);
    let report = sandbox.import();
    assert_eq!(texts(&sandbox.archive()), ["c/1: one", "c/3: three"]);
    let told = problems(&report);
    let at: Vec<&str> = told
        .iter()
        .filter_map(|told| told.split(':').next())
        .collect();
    assert_eq!(at, ["2", "3", "5", "6", "7"], "{told:?}");
    let kept = sandbox.archive().problems(100).unwrap();
    assert!(kept.len() == 5 && kept.iter().all(|at| at.path.ends_with("a.jsonl")));
    // They are neither told nor counted twice.
    assert_eq!(problems(&sandbox.import()), [""; 0]);
    sandbox.append("a.jsonl", &lines(&[generic("c", "4", "four")]));
    assert_eq!(problems(&sandbox.import()), [""; 0]);
    assert_eq!(sandbox.archive().status().unwrap().problems, 5);
}

#[test]
fn unknown_kinds_of_records_are_told_once() {
    let sandbox = Sandbox::new();
    let strange = json!({"type": "never-heard-of", "sessionId": "s", "uuid": "x"});
    let asked = claude("s", "u", "user", "Is it low tide?", "/nowhere/boats");
    sandbox.write("s.jsonl", &lines(&[asked, strange.clone(), strange]));
    let told = problems(&sandbox.import());
    assert!(told.len() == 1 && told[0].starts_with("2:") && told[0].contains("never-heard-of"));
}

#[test]
fn glued_records_are_taken_apart() {
    let sandbox = Sandbox::new();
    let glued = format!("{}{}\n", generic("c", "1", "one"), generic("c", "2", "two"));
    sandbox.write("a.jsonl", glued.as_bytes());
    // A crash left half a record, and the next one was written behind it.
    let half = &generic("c", "0", "lost").to_string()[..30];
    sandbox.append(
        "a.jsonl",
        format!("{half}{}\n", generic("c", "3", "three")).as_bytes(),
    );
    let report = sandbox.import();
    assert_eq!(
        texts(&sandbox.archive()),
        ["c/1: one", "c/2: two", "c/3: three"]
    );
    assert_eq!(problems(&report).len(), 1);
}

#[test]
fn bytes_that_are_no_text_are_kept_as_well_as_can_be() {
    let sandbox = Sandbox::new();
    let mut log = b"\0\0\0\0\n".to_vec();
    log.extend(lines(&[generic(
        "c",
        "1",
        "nul\u{0}byte \u{1b}[31mred\u{1b}]0;title\u{7} end",
    )]));
    log.extend_from_slice(
        b"{\"id\":\"2\",\"conversation\":\"c\",\"role\":\"user\",\"text\":\"caf\xe9 latte\"}\n",
    );
    log.extend_from_slice(
        br#"{"id":"3","conversation":"c","role":"user","text":"half \ud83d a pair"}"#,
    );
    sandbox.write("a.jsonl", &log);
    let report = sandbox.import();
    assert_eq!(problems(&report), ["3: invalid UTF-8, replaced"]);
    let mut archive = sandbox.archive();
    let kept: Vec<String> = views(&archive)
        .into_iter()
        .map(|view| view.message.text)
        .collect();
    let expected = [
        "nul\u{0}byte \u{1b}[31mred\u{1b}]0;title\u{7} end",
        "caf\u{fffd} latte",
        "half \u{fffd} a pair",
    ];
    assert_eq!(kept, expected);
    for (query, id) in [("red", "1"), ("latte", "2"), ("pair", "3")] {
        assert_eq!(ids(&search(&mut archive, query))[0], id, "{query}");
    }
    assert_sound(&archive);
}

#[test]
fn a_record_over_the_limit_is_left_out() {
    let sandbox = Sandbox::new();
    let huge = generic("c", "2", &"x".repeat(65 << 20));
    sandbox.write(
        "a.jsonl",
        &lines(&[generic("c", "1", "one"), huge, generic("c", "3", "three")]),
    );
    let told = "2: record of more than 64 MiB skipped";
    assert_eq!(problems(&sandbox.import()), [told]);
    sandbox.append("a.jsonl", b"broken\n");
    let report = sandbox.import();
    assert!(
        problems(&report)[0].starts_with("4:"),
        "{:?}",
        problems(&report)
    );
    assert_eq!(texts(&sandbox.archive()), ["c/1: one", "c/3: three"]);
}

#[test]
fn deep_nesting_is_a_problem_of_its_record() {
    let sandbox = Sandbox::new();
    let deep = format!(
        "{{\"conversation\":\"c\",\"tools\":{}{}}}\n",
        "[".repeat(9999),
        "]".repeat(9999)
    );
    sandbox.write("a.jsonl", &lines(&[generic("c", "1", "one")]));
    sandbox.append("a.jsonl", deep.as_bytes());
    sandbox.append("a.jsonl", &lines(&[generic("c", "2", "two")]));
    assert_eq!(problems(&sandbox.import()).len(), 1);
    assert_eq!(texts(&sandbox.archive()), ["c/1: one", "c/2: two"]);
}

#[test]
fn a_damaged_compressed_log_is_told() {
    let sandbox = Sandbox::new();
    let log = lines(
        &(0..999)
            .map(|n| generic("c", &format!("m{n}"), "word"))
            .collect::<Vec<_>>(),
    );
    let packed = zstd::encode_all(&log[..], 3).unwrap();
    sandbox.write("a.jsonl.zst", &packed[..packed.len() / 2]);
    sandbox.write("b.jsonl.zst", b"no zstd at all");
    sandbox.write("c.jsonl", &lines(&[generic("d", "1", "one")]));
    let report = sandbox.import();
    assert!(
        report
            .skipped
            .iter()
            .any(|at| at.path.ends_with("b.jsonl.zst"))
    );
    assert!(
        report
            .skipped
            .iter()
            .any(|at| at.path.ends_with("a.jsonl.zst"))
    );
    assert!(texts(&sandbox.archive()).contains(&"d/1: one".to_owned()));
    sandbox.write("a.jsonl.zst", &packed);
    sandbox.import();
    assert_eq!(texts(&sandbox.archive()).len(), 1000);
}

#[test]
fn what_is_named_and_no_log_is_told() {
    let sandbox = Sandbox::new();
    let named = [
        sandbox.write("picture.png", b"\x89PNG"),
        sandbox.write("other.jsonl", b"{\"a\": 1}\n"),
        sandbox.logs().join("missing.jsonl"),
    ];
    sandbox.write("log.jsonl", &lines(&[generic("c", "1", "one")]));
    let mut archive = sandbox.archive();
    let request = ImportRequest {
        paths: named.to_vec(),
        ..sandbox.request()
    };
    for _ in 0..2 {
        let report = import(&mut archive, &request);
        let told: Vec<bool> = named
            .iter()
            .map(|path| report.skipped.iter().any(|at| path.ends_with(&at.path)))
            .collect();
        assert_eq!(told, [true, true, true], "{:?}", report.skipped);
    }
    // In a directory they are none of our business.
    let report = sandbox.import();
    assert_eq!((report.skipped.len(), counts(&report)), (0, (1, 0)));
}

#[test]
fn an_empty_file_may_become_a_log() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", b"");
    assert_eq!(counts(&sandbox.import()), (0, 0));
    sandbox.write("a.jsonl", b"\n{\"conversation\"");
    sandbox.import();
    sandbox.write("a.jsonl", &lines(&[generic("c", "1", "one")]));
    assert_eq!(counts(&sandbox.import()), (1, 0));
}

#[cfg(unix)]
#[test]
fn links_are_followed_without_going_round() {
    use std::os::unix::fs::symlink;
    let sandbox = Sandbox::new();
    let log = sandbox.write("p/a.jsonl", &lines(&[generic("c", "1", "one")]));
    symlink(sandbox.logs().join("p"), sandbox.logs().join("p/round")).unwrap();
    symlink(&log, sandbox.logs().join("p/twice.jsonl")).unwrap();
    symlink(
        sandbox.logs().join("gone"),
        sandbox.logs().join("p/dangling.jsonl"),
    )
    .unwrap();
    let report = sandbox.import();
    assert_eq!(
        of(&report, "jsonl").map(|of| (of.files, of.added, of.duplicates)),
        Some((1, 1, 0))
    );
    assert!(
        report.skipped.iter().any(|at| at.path.ends_with("round")),
        "{:?}",
        report.skipped
    );
}

#[cfg(unix)]
#[test]
fn what_may_not_be_read_is_told_and_the_rest_imported() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let closed = sandbox.write("closed.jsonl", &lines(&[generic("c", "1", "one")]));
    sandbox.write("dir/a.jsonl", &lines(&[generic("c", "2", "two")]));
    sandbox.write("open.jsonl", &lines(&[generic("c", "3", "three")]));
    let mode = |path: &std::path::Path, mode| {
        fs_err::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    };
    mode(&closed, 0o000);
    mode(&sandbox.logs().join("dir"), 0o000);
    // To the administrator nothing is closed.
    let is_root = fs_err::read(&closed).is_ok();
    let report = sandbox.import();
    mode(&sandbox.logs().join("dir"), 0o700);
    if !is_root {
        assert_eq!((counts(&report), report.skipped.len()), ((1, 0), 2));
        mode(&closed, 0o600);
        assert_eq!(counts(&sandbox.import()), (2, 0));
    }
    assert_eq!(texts(&sandbox.archive()).len(), 3);
}
