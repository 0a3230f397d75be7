//! Catching up with logs that grow: what changed is found, whatever its age, by one process at a
//! time and without an error where another is at work.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use recall::{Archive, CatchUp, Caught, ImportRequest, Look, NoProgress, Roots, Stop, Sweeper};

use crate::support::{Sandbox, assert_sound, claude, ids, lines, search, texts};

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A home with Claude Code's directory, and the times of its files under control.
struct Machine(Sandbox, i64);

impl Machine {
    /// Its clock is ahead, so that directories made now have been at rest for a while.
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let made = fs_err::metadata(sandbox.path()).unwrap().modified();
        let made = made.unwrap().duration_since(SystemTime::UNIX_EPOCH);
        let now = made.unwrap().as_millis() as i64 + MINUTE;
        Self(sandbox, now)
    }

    fn roots(&self) -> Roots {
        Roots::default()
            .with(transcript::claude_code::SOURCE, [self.0.logs()])
            .with(transcript::codex::SOURCE, [self.0.path().join("codex")])
    }

    fn place(&self, name: &str) -> PathBuf {
        self.0.logs().join("projects").join(name)
    }

    /// Adds a message to a log, which then changed that long ago.
    fn say(&self, name: &str, id: &str, age: i64) {
        let path = self.place(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        let mut all = fs_err::read(&path).unwrap_or_default();
        let text = format!("word{id}");
        all.extend(lines(&[claude(name, id, "user", &text, "/nowhere/kiln")]));
        fs_err::write(&path, all).unwrap();
        self.set_age(&path, age);
    }

    fn set_age(&self, path: &Path, age: i64) {
        let time = SystemTime::UNIX_EPOCH + Duration::from_millis((self.1 - age) as u64);
        let file = fs_err::OpenOptions::new().write(true).open(path).unwrap();
        file.file().set_modified(time).unwrap();
    }

    fn import(&self) {
        let request = ImportRequest {
            roots: self.roots(),
            now: self.1,
            ..ImportRequest::default()
        };
        let mut archive = self.0.archive();
        archive.import(&request, &Stop::new(), &NoProgress).unwrap();
    }

    fn request(&self, look: Look) -> CatchUp {
        CatchUp {
            roots: self.roots(),
            look,
            wait: Duration::ZERO,
            now: self.1,
        }
    }

    fn catch_up(&self, archive: &mut Archive, sweeper: &mut Sweeper) -> Caught {
        let request = self.request(Look::Within(Duration::from_secs(10)));
        catch_up(archive, sweeper, &request, &Stop::new())
    }
}

fn catch_up(
    archive: &mut Archive,
    sweeper: &mut Sweeper,
    request: &CatchUp,
    stop: &Stop,
) -> Caught {
    let mut told = None;
    let caught = archive
        .catch_up(sweeper, request, stop, &mut |caught| told = Some(caught))
        .unwrap();
    assert_eq!(told.is_some(), caught.changed > 0);
    caught
}

/// Whether a message is found by a word that only it has.
fn found(archive: &mut Archive, id: &str) -> bool {
    ids(&search(archive, &format!("word{id}"))).contains(&id)
}

#[test]
fn an_appended_message_is_found() {
    let machine = Machine::new();
    machine.say("p/a.jsonl", "a1", MINUTE);
    machine.import();
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).added, 0);
    machine.say("p/a.jsonl", "a2", 0);
    let caught = machine.catch_up(&mut archive, &mut sweeper);
    assert_eq!(
        (caught.changed, caught.added, caught.waiting_files),
        (1, 1, 0)
    );
    assert!(found(&mut archive, "a2"));
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).changed, 0);
    // By a process that has just started, too.
    machine.say("p/a.jsonl", "a3", 0);
    let request = machine.request(Look::Hot);
    let caught = catch_up(&mut archive, &mut Sweeper::new(), &request, &Stop::new());
    assert_eq!(caught.added, 1);
    assert_sound(&archive);
}

#[test]
fn nothing_need_have_been_imported_before() {
    let machine = Machine::new();
    machine.say("p/a.jsonl", "a1", 40 * DAY);
    machine.say("q/deep/b.jsonl", "b1", HOUR);
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).added, 2);
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).changed, 0);
    // Nor by another process.
    let caught = machine.catch_up(&mut machine.0.archive(), &mut Sweeper::new());
    assert_eq!((caught.changed, caught.waiting_files), (0, 0));
}

#[test]
fn new_files_and_directories_are_noticed() {
    let machine = Machine::new();
    machine.say("p/a.jsonl", "a1", DAY * 9);
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    machine.catch_up(&mut archive, &mut sweeper);
    machine.say("p/b.jsonl", "b1", 0);
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).added, 1);
    machine.say("q/session/subagents/c.jsonl", "c1", 0);
    // Even with the smallest look, by a process that knows the directories from the archive.
    let request = machine.request(Look::Hot);
    let mut other = machine.0.archive();
    let caught = catch_up(&mut other, &mut Sweeper::new(), &request, &Stop::new());
    assert_eq!(caught.added, 1);
    assert!(found(&mut archive, "c1"));
    // The other one sees that it was read.
    let caught = machine.catch_up(&mut archive, &mut sweeper);
    assert_eq!((caught.changed, caught.added), (0, 0));
}

#[test]
fn roots_that_are_not_there_yet_are_awaited() {
    let machine = Machine::new();
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).looked_at, 0);
    machine.say("p/a.jsonl", "a1", 0);
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).added, 1);
    fs_err::remove_dir_all(machine.0.logs()).unwrap();
    machine.catch_up(&mut archive, &mut sweeper);
    machine.say("p/b.jsonl", "b1", 0);
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).added, 1);
}

#[test]
fn a_file_that_is_rewritten_or_shrinks_is_read_anew() {
    let machine = Machine::new();
    for id in ["a1", "a2", "a3"] {
        machine.say("p/a.jsonl", id, HOUR);
    }
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    machine.catch_up(&mut archive, &mut sweeper);
    fs_err::remove_file(machine.place("p/a.jsonl")).unwrap();
    machine.say("p/a.jsonl", "a4", 0);
    let caught = machine.catch_up(&mut archive, &mut sweeper);
    assert_eq!((caught.added, caught.waiting_files), (1, 0));
    assert_eq!(texts(&archive).len(), 4);
}

#[test]
fn a_cold_file_that_grows_is_found_within_a_known_number_of_looks() {
    let machine = Machine::new();
    for n in 0..40 {
        machine.say(&format!("p/{n}.jsonl"), &format!("n{n}"), 30 * DAY);
    }
    machine.import();
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    machine.catch_up(&mut archive, &mut sweeper);
    machine.say("p/7.jsonl", "late", 29 * DAY);
    let request = machine.request(Look::Hot);
    let mut looks = 0;
    while !found(&mut archive, "late") {
        looks += 1;
        assert!(
            looks <= 40 / 5 + 1,
            "five cold files are looked at each time"
        );
        catch_up(&mut archive, &mut sweeper, &request, &Stop::new());
    }
}

#[test]
fn what_was_touched_is_looked_at_alone() {
    let machine = Machine::new();
    machine.say("p/a.jsonl", "a1", 30 * DAY);
    machine.say("p/b.jsonl", "b1", 30 * DAY);
    machine.import();
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    machine.catch_up(&mut archive, &mut sweeper);
    machine.say("p/a.jsonl", "a2", 0);
    machine.say("p/b.jsonl", "b2", 0);
    sweeper.touch(machine.place("p/b.jsonl"));
    sweeper.touch(machine.place("p/notes.txt"));
    sweeper.touch("/nowhere/else.jsonl");
    let request = machine.request(Look::Touched);
    let caught = catch_up(&mut archive, &mut sweeper, &request, &Stop::new());
    assert_eq!(caught.added, 1);
    assert!(found(&mut archive, "b2") && !found(&mut archive, "a2"));
}

#[test]
fn two_processes_read_a_change_once() {
    let machine = Machine::new();
    let (mut first, mut one) = (machine.0.archive(), Sweeper::new());
    let (mut second, mut other) = (machine.0.archive(), Sweeper::new());
    machine.catch_up(&mut first, &mut one);
    machine.catch_up(&mut second, &mut other);
    for n in 0..20 {
        machine.say(&format!("p/{n}.jsonl"), &format!("n{n}"), 0);
    }
    let request = CatchUp {
        wait: Duration::from_secs(30),
        ..machine.request(Look::Within(Duration::from_secs(10)))
    };
    let (stop, request) = (&Stop::new(), &request);
    let caught = std::thread::scope(|scope| {
        let a = scope.spawn(move || catch_up(&mut first, &mut one, request, stop));
        let b = scope.spawn(move || catch_up(&mut second, &mut other, request, stop));
        [a.join().unwrap(), b.join().unwrap()]
    });
    assert_eq!(caught.map(|caught| caught.waiting_files), [0, 0]);
    assert_eq!(caught.iter().map(|caught| caught.added).sum::<u64>(), 20);
    assert_sound(&machine.0.archive());
}

#[test]
fn while_another_imports_the_lag_is_told() {
    let machine = Machine::new();
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    machine.catch_up(&mut archive, &mut sweeper);
    machine.say("p/a.jsonl", "a1", 0);
    let lock = fs_err::File::create(machine.0.home().data().join("import.lock")).unwrap();
    lock.file().lock().unwrap();
    let caught = machine.catch_up(&mut archive, &mut sweeper);
    let size = fs_err::metadata(machine.place("p/a.jsonl")).unwrap().len();
    assert_eq!(
        (caught.added, caught.waiting_files, caught.waiting_bytes),
        (0, 1, size)
    );
    assert!(caught.elsewhere);
    drop(lock);
    let caught = machine.catch_up(&mut archive, &mut sweeper);
    assert_eq!((caught.added, caught.elsewhere), (1, false));
}

#[test]
fn an_archive_that_is_locked_is_no_error() {
    let machine = Machine::new();
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    machine.say("p/a.jsonl", "a1", 0);
    let other = machine.0.database();
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let caught = machine.catch_up(&mut archive, &mut sweeper);
    assert!(caught.elsewhere && caught.waiting_files == 1);
    other.execute_batch("ROLLBACK").unwrap();
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).added, 1);
}

#[test]
fn a_stopped_one_goes_on_the_next_time() {
    let machine = Machine::new();
    machine.say("p/a.jsonl", "a1", 0);
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    let stop = Stop::new();
    stop.set();
    let request = machine.request(Look::Within(Duration::from_secs(10)));
    let caught = catch_up(&mut archive, &mut sweeper, &request, &stop);
    assert!(caught.stopped && caught.added == 0 && caught.waiting_files == 1);
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).added, 1);
}

#[test]
fn what_is_no_log_or_empty_is_tried_once_until_it_changes() {
    let machine = Machine::new();
    for (name, text) in [
        ("no.jsonl", "{\"what\": 1}\n"),
        ("blank.jsonl", " \n"),
        ("e.jsonl", ""),
    ] {
        let path = machine.place("p").join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, text).unwrap();
        machine.set_age(&path, 3 * DAY);
    }
    let (mut archive, mut sweeper) = (machine.0.archive(), Sweeper::new());
    let caught = machine.catch_up(&mut archive, &mut sweeper);
    assert_eq!((caught.changed, caught.waiting_files), (2, 0));
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).changed, 0);
    machine.say("p/e.jsonl", "e1", 2 * DAY);
    machine.say("p/blank.jsonl", "b1", 2 * DAY);
    assert_eq!(machine.catch_up(&mut archive, &mut sweeper).added, 2);
}

#[test]
fn an_empty_file_that_another_process_saw_is_found_when_it_grows() {
    let machine = Machine::new();
    let path = machine.place("p/a.jsonl");
    fs_err::create_dir_all(path.parent().unwrap()).unwrap();
    fs_err::write(&path, "").unwrap();
    for n in 0..40 {
        machine.say(&format!("q{n}/{n}.jsonl"), &format!("n{n}"), 3 * DAY);
    }
    for _ in 0..2 {
        machine.catch_up(&mut machine.0.archive(), &mut Sweeper::new());
    }
    let directory = fs_err::metadata(machine.place("p")).unwrap().modified();
    machine.say("p/a.jsonl", "a1", 0);
    let file = fs_err::File::open(machine.place("p")).unwrap();
    file.file().set_modified(directory.unwrap()).unwrap();
    let caught = machine.catch_up(&mut machine.0.archive(), &mut Sweeper::new());
    assert_eq!(caught.added, 1);
}

#[test]
fn logs_that_will_be_deleted_are_told() {
    let machine = Machine::new();
    machine.say("p/kept.jsonl", "k1", 25 * DAY);
    machine.import();
    machine.say("p/kept.jsonl", "k2", 22 * DAY);
    machine.say("p/old.jsonl", "o1", 28 * DAY);
    machine.say("p/new.jsonl", "n1", DAY);
    let archive = machine.0.archive();
    let logs = archive.unimported(&machine.roots(), machine.1, 20).unwrap();
    let told: Vec<_> = logs
        .iter()
        .map(|log| (log.path.clone(), (machine.1 - log.changed) / DAY))
        .collect();
    assert_eq!(
        told,
        [
            (machine.place("p/old.jsonl"), 28),
            (machine.place("p/kept.jsonl"), 22)
        ]
    );
    let line = fs_err::metadata(&logs[0].path).unwrap().len();
    assert_eq!(logs[0].bytes, line);
    assert!(logs[1].bytes < line + 9);
}
