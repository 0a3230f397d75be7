//! A damaged archive: what can be read is saved into a new one, the old one is kept, and logs bring back the
//! rest.

use std::collections::BTreeSet;

use proptest::prelude::*;
use recall::{Archive, ArchiveOpener, Error, Guards, NoProgress, Stop};
use serde_json::Value;

use crate::support::{Sandbox, assert_sound, generic, lines, search, texts};

/// Bytes of a page of the database.
const PAGE_BYTES: usize = 4096;

/// Conversations in the logs, and messages of each.
const CONVERSATIONS: usize = 30;
const MESSAGES: usize = 12;

/// Logs of some hundred pages, imported and embedded.
fn archived() -> Sandbox {
    let sandbox = Sandbox::new();
    for conversation in 0..CONVERSATIONS {
        let message = |n: usize| -> Value {
            let rest: Vec<String> = (0..60)
                .map(|k| {
                    format!(
                        "w{:x}",
                        (conversation * 7919 + n * 104_729 + k * 31) % 65_521
                    )
                })
                .collect();
            let text = format!("harbour {conversation} lock {n}: {}", rest.join(" "));
            generic(
                &format!("c{conversation}"),
                &format!("m{conversation}-{n}"),
                &text,
            )
        };
        let messages: Vec<Value> = (0..MESSAGES).map(message).collect();
        sandbox.write(&format!("{conversation}.jsonl"), &lines(&messages));
    }
    drop(sandbox.imported());
    // All in one file.
    let database = sandbox.database();
    database
        .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |_| Ok(()))
        .unwrap();
    sandbox
}

fn salvage(sandbox: &Sandbox) -> (Archive, Vec<String>) {
    let opener = ArchiveOpener::new(&sandbox.home(), &Guards::default());
    let told = opener.salvage("1", &Stop::new(), &NoProgress).unwrap().told;
    (opener.open().unwrap(), told)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn what_is_left_is_saved_and_the_logs_bring_back_the_rest(
        pages in prop::collection::vec((2_usize..4000, any::<u8>()), 1..6),
    ) {
        let sandbox = archived();
        let whole: BTreeSet<String> = texts(&sandbox.archive()).into_iter().collect();
        let path = sandbox.home().database();
        let mut bytes = std::fs::read(&path).unwrap();
        let all = bytes.len() / PAGE_BYTES;
        for (page, fill) in pages {
            let at = (1 + page % (all - 1)) * PAGE_BYTES;
            bytes[at..at + PAGE_BYTES].fill(fill);
        }
        std::fs::write(&path, &bytes).unwrap();
        let opener = ArchiveOpener::new(&sandbox.home(), &Guards::default());
        match opener.salvage("1", &Stop::new(), &NoProgress) {
            Ok(_) => {}
            // Where not one message can be read, nothing is changed.
            Err(Error::Damaged(_)) => {
                prop_assert!(std::fs::read(&path).unwrap() == bytes);
                return Ok(());
            }
            Err(error) => panic!("{error}"),
        }
        let archive = opener.open().unwrap();
        assert_sound(&archive);
        let saved = texts(&archive);
        prop_assert_eq!(saved.iter().collect::<BTreeSet<_>>().len(), saved.len());
        prop_assert!(saved.iter().all(|text| whole.contains(text)));
        drop(archive);
        // The damaged one is there as it was.
        let kept = sandbox.home().data().join("lorekeep.db.damaged-1");
        prop_assert!(std::fs::read(kept).unwrap() == bytes);
        sandbox.import();
        let archive = sandbox.archive();
        let again = texts(&archive);
        prop_assert_eq!(again.len(), whole.len());
        prop_assert_eq!(again.into_iter().collect::<BTreeSet<_>>(), whole);
        assert_sound(&archive);
    }
}

#[test]
fn a_damaged_page_of_texts_costs_only_what_stands_on_it() {
    let sandbox = archived();
    let database = sandbox.database();
    let sql = "SELECT text, count(*) FROM message GROUP BY text ORDER BY 2 LIMIT 1";
    let (block, held): (i64, u32) = database
        .query_row(sql, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let damaged = database.execute(
        "UPDATE block SET data = zeroblob(length(data)) WHERE id = ?1",
        [block],
    );
    assert_eq!(damaged.unwrap(), 1);
    drop(database);
    let (mut archive, told) = salvage(&sandbox);
    assert_sound(&archive);
    assert_eq!(
        texts(&archive).len(),
        CONVERSATIONS * MESSAGES - held as usize
    );
    assert!(
        told.iter().any(|line| line.contains("incomplete")),
        "{told:?}"
    );
    assert!(!search(&mut archive, "harbour").hits.is_empty());
}

#[test]
fn what_only_the_archive_has_is_saved_even_if_its_logs_are_gone() {
    let sandbox = archived();
    let whole = texts(&sandbox.archive());
    std::fs::remove_dir_all(sandbox.logs()).unwrap();
    // An index of words is derived, and large: damage there loses nothing.
    let database = sandbox.database();
    database
        .execute_batch("UPDATE prose_data SET block = zeroblob(length(block)) WHERE id > 10")
        .unwrap();
    drop(database);
    let (mut archive, _) = salvage(&sandbox);
    assert_eq!(texts(&archive), whole);
    assert_sound(&archive);
    assert_eq!(
        search(&mut archive, "\"harbour 7 lock 3\"").hits[0].message_id,
        "m7-3"
    );
}

#[test]
fn a_stopped_salvage_changes_nothing() {
    let sandbox = archived();
    let before = std::fs::read(sandbox.home().database()).unwrap();
    let stop = Stop::new();
    stop.set();
    let opener = ArchiveOpener::new(&sandbox.home(), &Guards::default());
    opener.salvage("1", &stop, &NoProgress).unwrap();
    assert!(std::fs::read(sandbox.home().database()).unwrap() == before);
    let names = std::fs::read_dir(sandbox.home().data()).unwrap();
    let names: Vec<String> = names
        .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
        .collect();
    assert!(
        !names
            .iter()
            .any(|name| name.contains("salvage") || name.contains("damaged")),
        "{names:?}"
    );
}
