//! A thread that keeps up, through what its owner calls.

#![allow(
    clippy::disallowed_methods,
    reason = "tests make and read files of every kind"
)]

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use embed::FixedEmbedder;
use recall::{ArchiveOpener, Guards, Home, Lag, Roots};

use super::{CatchUpTicket, FollowerEnd, LogFollower, LogFollowerOptions};
use crate::clock::Clock;
use crate::model::SharedModel;
use crate::options::FollowOptions;

/// Longer than anything here takes.
const TEST_TIMEOUT: Duration = Duration::from_secs(20);

struct Machine(tempfile::TempDir);

impl Machine {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    fn opener(&self) -> ArchiveOpener {
        let home = Home::new(self.0.path().join("data"), self.0.path().join("cache"));
        ArchiveOpener::new(&home, &Guards::default())
    }

    fn start(&self) -> LogFollower {
        let root = self.0.path().join("claude");
        let roots = Roots::default().with(transcript::claude_code::SOURCE, [root]);
        LogFollower::start(LogFollowerOptions {
            opener: self.opener(),
            follow: FollowOptions::for_server(roots),
            import_timeout: Duration::from_millis(100),
            model: Arc::new(SharedModel::given(Arc::new(FixedEmbedder::new(32)))),
            clock: Clock(SystemTime::now),
            lower_priority: || {},
        })
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
        let archive = self.opener().open().expect("an archive");
        let indexed = archive.indexed().expect("a state");
        (indexed.messages, indexed.embedded)
    }
}

#[test]
fn each_question_brings_what_was_said_before_it() {
    let machine = Machine::new();
    let follower = machine.start();
    for number in 1..=5 {
        machine.say(&number.to_string());
        assert_eq!(follower.catch_up(TEST_TIMEOUT), Lag::default());
        assert_eq!(machine.count().0, number);
    }
}

#[test]
fn who_does_not_wait_is_told_that_it_is_not_sure() {
    let machine = Machine::new();
    let follower = machine.start();
    assert!(follower.catch_up(Duration::ZERO).unsure);
}

#[test]
fn an_archive_that_cannot_be_opened_is_told() {
    let machine = Machine::new();
    fs_err::write(machine.0.path().join("data"), "").expect("a file in the way");
    let lag = machine.start().catch_up(TEST_TIMEOUT);
    assert!(lag.problem.is_some());
}

#[test]
fn what_was_said_is_embedded_soon_after() {
    let machine = Machine::new();
    let follower = machine.start();
    machine.say("1");
    follower.catch_up(TEST_TIMEOUT);
    let began = Instant::now();
    while machine.count() != (1, 1) {
        assert!(began.elapsed() < TEST_TIMEOUT, "not embedded in time");
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn it_ends_at_once_when_it_has_nothing_to_do() {
    let machine = Machine::new();
    let follower = machine.start();
    follower.catch_up(TEST_TIMEOUT);
    let began = Instant::now();
    drop(follower);
    assert!(began.elapsed() < Duration::from_millis(100));
}

#[test]
fn the_end_of_the_thread_by_a_bug_is_told() {
    let machine = Machine::new();
    let follower = machine.start();
    let shared = Arc::clone(&follower.shared);
    let ended = std::thread::spawn(move || {
        let _end = FollowerEnd(&shared);
        panic!("a bug");
    });
    assert!(ended.join().is_err());
    let ticket = CatchUpTicket {
        number: 1,
        asked: Instant::now(),
    };
    let lag = follower.wait(ticket, TEST_TIMEOUT);
    assert!(
        lag.problem
            .is_some_and(|problem| problem.contains("has failed"))
    );
}
