//! Connections: a bounded number for any number of threads.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use memory::{Error, Memory, MemoryOptions};

use crate::support::{Machine, reflect};

#[test]
fn a_memory_is_for_all_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Memory>();
}

#[test]
fn no_more_connections_are_open_than_allowed_and_everybody_gets_one() {
    let machine = Machine::new();
    let memory = Memory::new(machine.options());
    let (taken, most) = (AtomicUsize::new(0), AtomicUsize::new(0));
    std::thread::scope(|scope| {
        for thread in 0..12 {
            let (memory, taken, most) = (&memory, &taken, &most);
            scope.spawn(move || {
                for turn in 0..4 {
                    let archive = memory.archive().expect("a connection");
                    most.fetch_max(taken.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                    archive.indexed().expect("an answer");
                    taken.fetch_sub(1, Ordering::SeqCst);
                    drop(archive);
                    reflect(memory, &format!("insight {thread}.{turn}"));
                }
            });
        }
    });
    assert!(most.load(Ordering::SeqCst) <= 3);
    let messages = memory.archive().expect("a connection").indexed();
    assert_eq!(messages.expect("an answer").messages, 48);
}

#[test]
fn who_waits_too_long_is_told_how_many_there_are() {
    let machine = Machine::new();
    let memory = Memory::new(MemoryOptions {
        max_connections: 1,
        connection_timeout: Duration::from_millis(10),
        ..machine.options()
    });
    let first = memory.archive().expect("a connection");
    let refused = memory.archive().err().expect("a second is refused");
    assert!(matches!(refused, Error::Busy { connections: 1, .. }));
    drop(first);
    assert!(memory.archive().is_ok(), "what was given back is to be had");
}

#[test]
fn a_panic_costs_nobody_a_connection() {
    let machine = Machine::new();
    let memory = Memory::new(MemoryOptions {
        max_connections: 1,
        ..machine.options()
    });
    let panicked = std::thread::scope(|scope| {
        let holder = scope.spawn(|| {
            let _archive = memory.archive().expect("a connection");
            panic!("a bug");
        });
        holder.join().is_err()
    });
    assert!(panicked);
    reflect(&memory, "the next one works");
}

#[test]
fn an_archive_that_cannot_be_opened_takes_no_place() {
    let machine = Machine::new();
    let mut options = machine.options();
    options.max_connections = 1;
    options.connection_timeout = Duration::from_millis(10);
    options.opener.mode = memory::OpenMode::ReadOnly;
    let memory = Memory::new(options);
    for _ in 0..3 {
        // There is none yet, and reading alone makes none.
        assert!(matches!(memory.archive(), Err(Error::Archive(_))));
    }
}
