//! What grows while the program runs: found by the next search, and read by a watcher.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::support::{Home, lines};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// A line of Claude Code.
fn said(id: &str, text: &str) -> Value {
    json!({
        "parentUuid": null, "isSidechain": false, "userType": "external", "cwd": "/nowhere/kiln",
        "sessionId": "s1", "version": "2.1.40", "type": "user", "uuid": id,
        "message": {"role": "user", "content": text}, "timestamp": "2026-02-01T10:00:00.000Z",
    })
}

/// Appends to a log, as an assistant does.
fn append(home: &Home, name: &str, message: &Value) {
    let path = home
        .path()
        .join(".claude/projects/-nowhere-kiln")
        .join(name);
    let old = fs_err::read_to_string(&path).unwrap_or_default();
    let name = format!(".claude/projects/-nowhere-kiln/{name}");
    home.write(&name, &(old + &lines(std::slice::from_ref(message))));
}

fn found(home: &Home, settings: &[(&str, &str)], query: &str) -> bool {
    let mut command = home.command();
    command.envs(settings.iter().copied());
    let run = command.args(["search", query, "--project", "all", "--mode", "lexical"]);
    run.output().expect("the program runs").status.code() == Some(0)
}

/// A watcher, its lines on standard output and on standard error.
struct Watcher {
    child: Child,
    printed: Receiver<String>,
    said: Receiver<String>,
}

impl Watcher {
    fn start(home: &Home, options: &[&str]) -> Self {
        let mut command = home.command();
        command.args(["import", "--watch"]).args(options);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().expect("the program runs");
        let printed = listen(child.stdout.take().expect("a pipe"));
        let said = listen(child.stderr.take().expect("a pipe"));
        Self {
            child,
            printed,
            said,
        }
    }

    /// Asks it to end and returns its exit code.
    fn end(mut self) -> Option<i32> {
        let pid = self.child.id().to_string();
        let killed = Command::new("kill").args(["-TERM", &pid]).status();
        assert!(killed.expect("kill runs").success());
        self.child.wait().expect("it ends").code()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
    }
}

fn listen(from: impl std::io::Read + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = channel();
    std::thread::spawn(move || {
        for line in BufReader::new(from).lines().map_while(Result::ok) {
            let _ = sender.send(line);
        }
    });
    receiver
}

/// The next line that holds `what`.
#[track_caller]
fn wait_for(lines: &Receiver<String>, what: &str) -> String {
    loop {
        let line = lines.recv_timeout(PATIENCE).expect("a line in time");
        if line.contains(what) {
            return line;
        }
    }
}

/// Settings that keep a search from reading what is new by itself.
const LEAVES_IT: [(&str, &str); 1] = [("IMPORT__ON_SEARCH", "false")];

fn grows_and_is_found(options: &[&str], within: Duration) {
    let home = Home::new();
    append(&home, "a.jsonl", &said("1", "the glaze is celadon"));
    let watcher = Watcher::start(&home, options);
    wait_for(&watcher.said, "watching");
    assert!(found(&home, &LEAVES_IT, "celadon"));
    append(&home, "a.jsonl", &said("2", "fire it at cone nine"));
    append(&home, "new/b.jsonl", &said("3", "the damper sticks"));
    let began = Instant::now();
    while !(found(&home, &LEAVES_IT, "cone") && found(&home, &LEAVES_IT, "damper")) {
        assert!(began.elapsed() < within, "not found in time");
    }
    wait_for(&watcher.printed, "message");
    assert_eq!(watcher.end(), Some(0));
    let lock = fs_err::File::open(home.lorekeep().join("data/import.lock")).expect("a lock");
    lock.file().try_lock().expect("nobody holds it");
}

#[test]
fn a_watcher_reads_what_is_written() {
    grows_and_is_found(&[], Duration::from_secs(2));
}

#[test]
fn a_watcher_that_polls_reads_what_is_written() {
    grows_and_is_found(&["--poll", "1"], Duration::from_secs(4));
}

#[test]
fn a_watcher_awaits_directories_and_prints_json() {
    let home = Home::new();
    let watcher = Watcher::start(&home, &["--json", "--no-embed"]);
    wait_for(&watcher.printed, "\"sources\":[]");
    append(&home, "a.jsonl", &said("1", "the glaze is celadon"));
    let line = wait_for(&watcher.printed, "\"changed\"");
    let line: Value = serde_json::from_str(&line).expect("a line of JSON");
    assert_eq!((&line["changed"], &line["added"]), (&json!(1), &json!(1)));
    assert_eq!(line["lag"]["files"], 0);
    // Another one does no harm, and the death of one leaves nothing locked.
    let mut other = Watcher::start(&home, &["--json", "--no-embed"]);
    wait_for(&other.printed, "\"sources\"");
    other.child.kill().expect("it is killed");
    append(&home, "a.jsonl", &said("2", "fire it at cone nine"));
    wait_for(&watcher.printed, "\"added\":1");
    assert_eq!(watcher.end(), Some(0));
}

#[test]
fn a_search_finds_what_was_just_written() {
    let home = Home::new();
    append(&home, "a.jsonl", &said("1", "the glaze is celadon"));
    assert!(!found(&home, &LEAVES_IT, "celadon"));
    assert!(found(&home, &[], "celadon"));
    append(&home, "a.jsonl", &said("2", "fire it at cone nine"));
    assert!(found(&home, &[], "cone"));
    append(&home, "new/b.jsonl", &said("3", "the damper sticks"));
    let answer = home.json(&["search", "damper", "--project", "all", "--json"]);
    assert_eq!(answer["hits"][0]["message_id"], "3");
    assert_eq!(answer["lag"]["files"], 0);
}

#[test]
fn a_search_says_that_the_index_lags() {
    let home = Home::with_conversations();
    append(&home, "a.jsonl", &said("1", "the glaze is celadon"));
    let lock = fs_err::File::create(home.lorekeep().join("data/import.lock")).expect("a lock");
    lock.file().lock().expect("a lock");
    let began = Instant::now();
    let run = home.run(&["search", "webhooks", "--project", "all"]);
    let run = run.expect(0);
    assert!(run.stderr.contains("the index lags: 1 file ("), "{run:?}");
    assert!(began.elapsed() < Duration::from_secs(2));
    let answer = home.json(&["search", "webhooks", "--project", "all", "--json"]);
    assert_eq!(answer["lag"]["files"], 1);
}
