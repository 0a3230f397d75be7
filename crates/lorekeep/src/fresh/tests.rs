//! A thread that keeps up, through what its owner calls.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use embed::FixedEmbedder;
use recall::{Archive, Guards, Home, Lag, Roots};

use super::{Ended, Freshener, Ticket};

/// Longer than anything here takes.
const PATIENCE: Duration = Duration::from_secs(20);

struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn home(&self) -> Home {
        Home::new(self.0.path().join("data"), self.0.path().join("cache"))
    }

    fn start(&self) -> Freshener {
        let root = self.0.path().join("claude");
        let roots = Roots::default().with(transcript::claude_code::SOURCE, [root]);
        Freshener::start(&self.home(), Guards::default(), roots)
    }

    fn say(&self, id: &str) {
        let log = self.0.path().join("claude/projects/p/a.jsonl");
        fs_err::create_dir_all(log.parent().unwrap_or(Path::new("/"))).expect("a directory");
        let line = serde_json::json!({
            "parentUuid": null, "isSidechain": false, "type": "user", "cwd": "/nowhere/kiln",
            "sessionId": "s1", "uuid": id, "timestamp": "2026-02-01T10:00:00.000Z",
            "message": {"role": "user", "content": format!("the glaze of pot {id}")},
        });
        let old = fs_err::read_to_string(&log).unwrap_or_default();
        fs_err::write(&log, format!("{old}{line}\n")).expect("a log");
    }

    fn count(&self) -> (u64, u64) {
        let archive = Archive::open(&self.home(), &Guards::default()).expect("an archive");
        let indexed = archive.indexed().expect("a state");
        (indexed.messages, indexed.embedded)
    }
}

#[test]
fn each_question_brings_what_was_said_before_it() {
    let machine = Machine::new();
    let fresh = machine.start();
    for number in 1..=5 {
        machine.say(&number.to_string());
        assert_eq!(fresh.catch_up(PATIENCE), Lag::default());
        assert_eq!(machine.count().0, number);
    }
}

#[test]
fn who_does_not_wait_is_told_that_it_is_not_sure() {
    let machine = Machine::new();
    let fresh = machine.start();
    assert!(fresh.catch_up(Duration::ZERO).unsure);
}

#[test]
fn an_archive_that_cannot_be_opened_is_told() {
    let machine = Machine::new();
    fs_err::write(machine.0.path().join("data"), "").expect("a file in the way");
    let lag = machine.start().catch_up(PATIENCE);
    assert!(lag.problem.is_some() && wire::lag_note(&lag).is_some());
}

#[test]
fn what_was_said_is_embedded_soon_after() {
    let machine = Machine::new();
    let fresh = machine.start();
    let model = Mutex::new(FixedEmbedder::new(32));
    fresh.embed_when_idle(Arc::new(move |use_it| {
        use_it(&*model.lock().expect("a model"));
        true
    }));
    machine.say("1");
    fresh.catch_up(PATIENCE);
    let began = Instant::now();
    while machine.count() != (1, 1) {
        assert!(began.elapsed() < PATIENCE, "not embedded in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn it_ends_at_once_when_it_has_nothing_to_do() {
    let machine = Machine::new();
    let fresh = machine.start();
    fresh.catch_up(PATIENCE);
    let began = Instant::now();
    drop(fresh);
    assert!(began.elapsed() < Duration::from_millis(100));
}

#[test]
fn the_end_of_the_thread_by_a_bug_is_told() {
    let machine = Machine::new();
    let fresh = machine.start();
    let shared = Arc::clone(&fresh.shared);
    let ended = std::thread::spawn(move || {
        let _ended = Ended(&shared);
        panic!("a bug");
    });
    assert!(ended.join().is_err());
    let ticket = Ticket {
        number: 1,
        asked: Instant::now(),
    };
    let lag = fresh.wait(ticket, PATIENCE);
    assert!(wire::lag_note(&lag).is_some_and(|note| note.contains("has failed")));
}
