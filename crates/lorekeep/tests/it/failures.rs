//! What a person meets when something is wrong: one clear error, a hint, and the right exit code.

use fs_err as fs;

use crate::support::{Home, conversations, lines, path};

#[test]
fn a_missing_path_is_an_error_and_the_others_are_imported() {
    let home = Home::new();
    let file = home.write("talk.jsonl", &lines(&conversations()));
    let missing = home.path().join("nowhere.jsonl");
    let run = home.run(&["import", path(&missing), path(&file)]).expect(1);
    assert!(
        run.stderr.contains("error: ") && run.stderr.contains("nowhere.jsonl"),
        "{run:?}"
    );
    assert!(run.stdout.contains("6 messages added"), "{run:?}");
}

#[test]
fn a_file_that_is_no_log_is_an_error_when_named() {
    let home = Home::new();
    let file = home.write("notes.txt", "just some notes\n");
    let run = home.run(&["import", path(&file)]).expect(1);
    assert!(
        run.stderr.contains("notes.txt`: not a conversation log"),
        "{run:?}"
    );
    home.write("dir/notes.txt", "just some notes\n");
    home.run(&["import", path(&home.path().join("dir"))])
        .expect(0);
}

#[test]
fn broken_records_are_problems_with_file_and_line() {
    let home = Home::new();
    let text = lines(&conversations()) + "{\"id\": \"x\", \n" + "[1, 2]\n";
    let file = home.write("talk.jsonl", &text);
    let run = home.run(&["import", path(&file)]).expect(0);
    assert!(run.stderr.contains("talk.jsonl:7: "), "{run:?}");
    let json = home.json(&["doctor", "--json"]);
    assert_eq!(json["problems"].as_array().map(Vec::len), Some(2), "{json}");
    assert_eq!(home.json(&["status", "--json"])["problems"], 2);
    home.run(&["verify"]).expect(0);
}

#[test]
fn a_foreign_database_is_left_alone() {
    let home = Home::new();
    let file = home.write(
        "lorekeep/data/lorekeep.db",
        "this is no database, but somebody's text",
    );
    let run = home.run(&["status"]).expect(1);
    assert!(run.stderr.starts_with("error: "), "{run:?}");
    assert!(run.stderr.contains("hint: "), "{run:?}");
    let text = fs::read_to_string(file).expect("it is still there");
    assert_eq!(text, "this is no database, but somebody's text");
}

#[test]
fn strange_queries_are_answered() {
    let home = Home::with_conversations();
    let long = "term ".repeat(10_000);
    for query in [
        "\"",
        "*",
        "AND OR NOT",
        "a:b NEAR(c",
        "(",
        "'; DROP TABLE x; --",
        "^",
        &long,
    ] {
        let run = home.run(&["search", "--", query]);
        assert!(matches!(run.code, Some(0 | 2 | 3)), "{query:.20}: {run:?}");
    }
    home.run(&["verify"]).expect(0);
}

#[test]
#[cfg(unix)]
fn a_home_that_cannot_be_written_is_a_clear_error() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let locked = home.lorekeep();
    fs::create_dir(&locked).expect("a directory");
    fs::set_permissions(&locked, std::fs::Permissions::from_mode(0o500)).expect("permissions");
    // The superuser may write everywhere: nothing to see then.
    if fs::write(locked.join("probe"), "").is_ok() {
        return;
    }
    let run = home.run(&["status"]).expect(1);
    assert!(
        run.stderr.starts_with("error: ") && !run.stderr.contains("panicked"),
        "{run:?}"
    );
}

#[test]
#[cfg(unix)]
fn what_is_kept_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::with_conversations();
    let data = home.lorekeep().join("data");
    let mode = |path: &std::path::Path| {
        fs::metadata(path)
            .expect("it is there")
            .permissions()
            .mode()
            & 0o777
    };
    assert_eq!(mode(&data), 0o700);
    let database = data.join("lorekeep.db");
    assert_eq!(mode(&database), 0o600);
    fs::set_permissions(&database, std::fs::Permissions::from_mode(0o644)).expect("permissions");
    let run = home.run(&["doctor"]).expect(1);
    assert!(run.stdout.contains("bad   permissions: others"), "{run:?}");
    home.run(&["doctor", "--repair"]).expect(0);
    assert_eq!(mode(&database), 0o600);
}

#[test]
#[cfg(unix)]
fn an_interrupt_ends_an_import_with_a_sound_archive() {
    let home = Home::new();
    let text = "word ".repeat(100);
    let many: Vec<_> = (0..10_000)
        .map(|i| crate::support::message("long", &format!("m{i}"), "user", &format!("{i} {text}")))
        .collect();
    let file = home.write("talk.jsonl", &lines(&many));
    let child = home
        .command()
        .args(["import", path(&file)])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the program runs");
    std::thread::sleep(std::time::Duration::from_millis(150));
    let pid = rustix::process::Pid::from_child(&child);
    rustix::process::kill_process(pid, rustix::process::Signal::INT).expect("it is told");
    let output = child.wait_with_output().expect("the program ends");
    // It may have been done already on a fast machine.
    assert!(matches!(output.status.code(), Some(0 | 130)), "{output:?}");
    home.run(&["verify"]).expect(0);
    home.run(&["import", path(&file)]).expect(0);
    assert_eq!(home.json(&["status", "--json"])["messages"], 10_000);
}

#[cfg(unix)]
#[test]
fn what_was_named_must_be_importable_though_its_path_holds_a_secret() {
    let home = Home::new();
    let secret = ["ghp_", &"c3j27xdcg2lM".repeat(3)].concat();
    let missing = format!("{secret}/none.jsonl");
    let run = home.run(&["import", &missing]).expect(1);
    assert!(
        run.stderr.contains("error: no file or directory"),
        "{run:?}"
    );
    let pipe = home.write(&format!("{secret}/pipe.jsonl"), "");
    fs_err::remove_file(&pipe).expect("no file");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).expect("a named pipe");
    let run = home.run(&["import".as_ref(), pipe.as_os_str()]).expect(1);
    assert!(run.stderr.contains("is a named pipe"), "{run:?}");
    assert!(
        run.stderr.contains("hint: logs are regular files"),
        "{run:?}"
    );
    assert!(!run.stderr.contains(&secret), "{run:?}");
}
