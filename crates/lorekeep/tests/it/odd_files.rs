//! What is no file, standard input under its other name, and signals.

use std::process::Stdio;

use crate::support::{Home, conversations, lines, path, piped};

#[cfg(unix)]
#[test]
fn what_is_no_file_is_skipped_with_a_word() {
    let home = Home::new();
    home.write("logs/talk.jsonl", &lines(&conversations()));
    let pipe = home.path().join("logs/pipe.jsonl");
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, &pipe, mode).expect("a named pipe");
    let socket = home.path().join("logs/socket.jsonl");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).expect("a socket");
    let run = home.run(&["import", "logs"]).expect(0);
    assert!(run.stdout.contains("6 messages added"), "{run:?}");
    for what in ["pipe.jsonl` is a named pipe", "socket.jsonl` is a socket"] {
        assert!(run.stderr.contains(what), "{run:?}");
    }
    let run = home
        .run(&["import", "/dev/zero", "logs/talk.jsonl"])
        .expect(1);
    assert!(run.stderr.contains("is a device"), "{run:?}");
    let run = home.run(&["scan", "logs"]).expect(0);
    for what in [
        "pipe.jsonl, which is a named pipe",
        "socket.jsonl, which is a socket",
    ] {
        assert!(run.stderr.contains(what), "{run:?}");
    }
}

#[cfg(unix)]
#[test]
fn standard_input_works_under_its_name_of_the_system() {
    let home = Home::with_conversations();
    let queries = "{\"id\": 1, \"text\": \"tide tables\"}\n";
    let run = piped(
        &home,
        &["search", "--batch", "/dev/stdin"],
        queries.as_bytes(),
    )
    .expect(0);
    assert!(run.stdout.contains("\"t1\""), "{run:?}");
    let secret = ["ghp_", &"c3j27xdcg2lM".repeat(3)].concat();
    piped(&home, &["scan", "/dev/stdin"], secret.as_bytes()).expect(4);
    piped(
        &home,
        &["reflect", "/dev/stdin"],
        "Anchors are kept aft".as_bytes(),
    )
    .expect(0);
    let found = home.json(&["search", "anchors aft", "-p", "all", "--json"]);
    assert!(
        found.to_string().contains("Anchors are kept aft"),
        "{found}"
    );
    let other = Home::new();
    let talk = lines(&conversations());
    let run = piped(&other, &["import", "/dev/stdin"], talk.as_bytes()).expect(0);
    assert!(run.stdout.contains("6 messages added"), "{run:?}");
    let run = piped(&other, &["import", "-"], talk.as_bytes()).expect(0);
    assert!(run.stdout.contains("0 messages added"), "{run:?}");
}

#[test]
fn a_mistyped_subcommand_is_no_reflection() {
    let home = Home::with_conversations();
    for words in [&["lst"][..], &["delte", "3f2a9c1d"], &["List"], &["imprt"]] {
        let arguments: Vec<&str> = ["reflect"].iter().chain(words).copied().collect();
        let run = home.run(&arguments).expect(2);
        assert!(
            run.stderr.contains("did you mean `lorekeep reflect "),
            "{run:?}"
        );
    }
    home.run(&["reflect", "list", "-p", "all"]).expect(3);
    for text in [
        &["done"][..],
        &["make", "tests", "faster"],
        &["lists are fine"],
    ] {
        let arguments: Vec<&str> = ["reflect"].iter().chain(text).copied().collect();
        home.run(&arguments).expect(0);
    }
}

#[cfg(unix)]
#[test]
fn being_asked_to_end_is_like_an_interrupt() {
    let home = Home::new();
    let file = home.write("talk.jsonl", &lines(&conversations()));
    home.run(&["import", path(&file)]).expect(0);
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let mut child = home
            .command()
            .args(["import", "--watch", "--no-embed", "--json"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program starts");
        // Its first line comes when it watches.
        let mut line = String::new();
        let stdout = child.stdout.as_mut().expect("a pipe");
        std::io::BufRead::read_line(&mut std::io::BufReader::new(stdout), &mut line)
            .expect("a line");
        let pid = rustix::process::Pid::from_child(&child);
        rustix::process::kill_process(pid, signal).expect("it is told");
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!(output.status.code(), Some(0), "{signal:?}: {output:?}");
    }
}
