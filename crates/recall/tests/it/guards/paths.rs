//! A secret in a path of a log is in no file and in no answer, and the log is known all the same.

use std::time::Duration;

use recall::{Archive, CatchUp, ImportRequest, Look, Roots, Stop, Sweeper};
use serde_json::Value;

use super::planted::assert_nowhere;
use super::{guards, open, secret};
use crate::support::{NOW, Sandbox, claude, conversations, counts, import, lines, problems};

fn said(n: usize) -> Value {
    let cwd = format!("/home/ines/{}/boats", secret());
    claude("s", &format!("u{n}"), "user", &format!("message {n}"), &cwd)
}

/// What an archive says of paths.
fn told(archive: &Archive) -> String {
    let root = format!("/home/{}", secret()).into();
    let roots = Roots::default().with(transcript::claude_code::SOURCE, [root]);
    format!(
        "{:?} {:?} {:?} {:?} {:?}",
        archive.sources(&roots).unwrap(),
        archive.projects().unwrap(),
        conversations(archive),
        archive.problems(100).unwrap(),
        archive.status().unwrap(),
    )
}

#[track_caller]
fn check(sandbox: &Sandbox, archive: &Archive) {
    let told = told(archive);
    assert!(!told.contains(&secret()), "{told}");
    assert_nowhere(sandbox, &secret());
}

#[test]
fn a_secret_in_the_path_of_a_log_is_masked() {
    let sandbox = Sandbox::new();
    let name = format!("key {}/{}.jsonl", secret(), secret());
    let broken = b"{\"type\":\n";
    sandbox.write(&name, &[&lines(&[said(1)])[..], broken].concat());
    sandbox.write(&format!("{}/other.jsonl", secret()), b"nothing of ours\n");
    let mut archive = open(&sandbox, &guards());
    let missing = sandbox.logs().join(format!("{}.jsonl", secret()));
    let request = ImportRequest {
        paths: vec![sandbox.logs(), missing],
        ..sandbox.request()
    };
    let report = import(&mut archive, &request);
    assert_eq!((counts(&report), problems(&report).len()), ((1, 0), 1));
    assert_eq!(report.skipped.len(), 2);
    assert!(!format!("{report:?}").contains(&secret()), "{report:?}");
    check(&sandbox, &archive);

    // It is known, and goes on where it was.
    assert_eq!(counts(&import(&mut archive, &sandbox.request())), (0, 0));
    sandbox.append(&name, &lines(&[said(2)]));
    assert_eq!(counts(&import(&mut archive, &sandbox.request())), (1, 0));
    check(&sandbox, &archive);
    drop(archive);
    assert_nowhere(&sandbox, &secret());
}

#[test]
fn an_archive_of_an_older_version_loses_the_secrets_in_its_paths() {
    let sandbox = Sandbox::new();
    let name = format!("{}/s.jsonl", secret());
    let path = sandbox.write(&name, &lines(&[said(1)]));
    drop(open(&sandbox, &guards()));
    import(&mut open(&sandbox, &guards()), &sandbox.request());
    let database = sandbox.database();
    let path = path.to_string_lossy();
    let directories = format!("{{\"trees\":[],\"directories\":[[\"{path}\",1]]}}");
    for sql in [
        "UPDATE file SET path = ?1 WHERE ?2 = ?2",
        "INSERT OR REPLACE INTO meta (key, value) SELECT 'directories', ?2 WHERE ?1 = ?1",
        "DELETE FROM meta WHERE key = 'guard.paths' AND ?1 = ?1 AND ?2 = ?2",
    ] {
        database
            .execute(sql, [&*path, directories.as_str()])
            .unwrap();
    }
    drop(database);
    let mut archive = open(&sandbox, &guards());
    check(&sandbox, &archive);
    assert_eq!(counts(&import(&mut archive, &sandbox.request())), (0, 0));
    sandbox.append(&name, &lines(&[said(2)]));
    assert_eq!(counts(&import(&mut archive, &sandbox.request())), (1, 0));
}

#[test]
fn a_log_in_a_directory_with_a_secret_is_watched() {
    let sandbox = Sandbox::new();
    let tree = format!("claude/projects/{}", secret());
    sandbox.write(&format!("{tree}/s.jsonl"), &lines(&[said(1)]));
    let root = sandbox.logs().join("claude");
    let roots = Roots::default().with(transcript::claude_code::SOURCE, [root]);
    let request = CatchUp {
        roots,
        look: Look::Within(Duration::from_secs(9)),
        wait: Duration::ZERO,
        now: NOW,
    };
    let mut archive = open(&sandbox, &guards());
    let mut sweeper = Sweeper::new();
    let mut catch_up = |sweeper: &mut Sweeper| {
        let caught = archive.catch_up(sweeper, &request, &Stop::new(), &mut |_| {});
        caught.unwrap().added
    };
    assert_eq!(catch_up(&mut sweeper), 1);
    assert_eq!(catch_up(&mut sweeper), 0);
    sandbox.append(&format!("{tree}/s.jsonl"), &lines(&[said(2)]));
    assert_eq!(catch_up(&mut sweeper), 1);
    sandbox.append(&format!("{tree}/s.jsonl"), &lines(&[said(3)]));
    assert_eq!(catch_up(&mut Sweeper::new()), 1);
    assert_nowhere(&sandbox, &secret());
}
