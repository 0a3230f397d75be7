//! A check finds planted damage, and a repair makes anew what can be made anew.

use embed::FixedEmbedder;
use recall::{Archive, ExportFilter, Mode, NoProgress, Scope, SearchRequest, Stop};

use crate::support::{NOW, Sandbox, assert_sound, damage, export, generic, lines};

const QUERIES: [&str; 8] = [
    "tide table",
    "celadon",
    "E0658",
    "retry policy",
    "\"tide table\"",
    "潮汐",
    "local_hour",
    "weather",
];

/// What a few searches find, in every mode.
fn found(archive: &mut Archive) -> Vec<String> {
    let embedder = FixedEmbedder::new(32);
    let mut found = Vec::new();
    for query in QUERIES {
        for mode in [Mode::Lexical, Mode::Hybrid, Mode::Semantic] {
            let request = SearchRequest {
                mode,
                ..SearchRequest::new(query, Scope::All, NOW)
            };
            let response = archive.search(&request, Some(&embedder)).unwrap();
            let hits = response
                .hits
                .iter()
                .map(|hit| format!("{} {:.6}", hit.message_id, hit.score));
            found.push(format!("{query} {mode:?}: {:?}", hits.collect::<Vec<_>>()));
        }
    }
    found
}

fn repair(archive: &mut Archive) -> Vec<String> {
    archive.repair(&Stop::new(), &NoProgress).unwrap()
}

#[test]
fn repair_rebuilds_the_indexes_as_they_were() {
    let sandbox = Sandbox::with_fixtures();
    let mut archive = sandbox.imported();
    let (before, status, all) = (
        found(&mut archive),
        archive.indexed().unwrap(),
        export(&archive),
    );
    repair(&mut archive);
    assert_eq!(found(&mut archive), before);
    assert_eq!(
        (archive.indexed().unwrap(), export(&archive)),
        (status, all)
    );
    assert_sound(&archive);
    // From nothing, too.
    let broken = sandbox.database();
    broken
        .execute_batch(
            "INSERT INTO prose (prose) VALUES ('delete-all');
             INSERT INTO payload (payload) VALUES ('delete-all');
             DELETE FROM meta WHERE key LIKE 'count.%';",
        )
        .unwrap();
    assert!(!damage(&archive).is_empty());
    repair(&mut archive);
    assert_eq!(found(&mut archive), before);
    assert_eq!(archive.indexed().unwrap(), status);
    assert_sound(&archive);
}

#[test]
fn a_stopped_repair_changes_nothing() {
    let sandbox = Sandbox::with_fixtures();
    let mut archive = sandbox.imported();
    let before = found(&mut archive);
    let stop = Stop::new();
    stop.set();
    archive.repair(&stop, &NoProgress).unwrap();
    assert_eq!(found(&mut archive), before);
    assert_sound(&archive);
}

#[test]
fn every_planted_damage_is_found() {
    for (sql, repairable) in [
        (
            "DELETE FROM prose WHERE rowid = (SELECT max(id) FROM prose_docsize)",
            true,
        ),
        (
            "DELETE FROM payload WHERE rowid = (SELECT min(id) FROM payload_docsize)",
            true,
        ),
        // One passage of many.
        (
            "DELETE FROM prose WHERE rowid = (SELECT id FROM prose_docsize
          WHERE (id >> 4) & 1023 = 3 LIMIT 1)",
            true,
        ),
        (
            "INSERT INTO prose (rowid, terms) VALUES ((1 << 14) + (900 << 4), 'stray')",
            true,
        ),
        (
            "UPDATE prose_data SET block = zeroblob(length(block)) WHERE id > 100",
            true,
        ),
        (
            "DELETE FROM title WHERE rowid = (SELECT min(id) FROM title_docsize)",
            true,
        ),
        ("DELETE FROM key WHERE message = 3", false),
        (
            "DELETE FROM span WHERE first = (SELECT max(first) FROM span)",
            false,
        ),
        ("DELETE FROM project", false),
        (
            "DELETE FROM block WHERE id = (SELECT max(id) FROM block)",
            false,
        ),
        (
            "UPDATE block SET data = zeroblob(length(data)) WHERE id = 1",
            false,
        ),
        ("DELETE FROM message WHERE id = 2", false),
    ] {
        let sandbox = Sandbox::with_fixtures();
        let long = "A long story about the tide, told once more. ".repeat(200);
        sandbox.write("long.jsonl", &lines(&[generic("c", "long", &long)]));
        let mut archive = sandbox.imported();
        assert_sound(&archive);
        assert!(sandbox.database().execute(sql, []).unwrap() > 0, "{sql}");
        assert!(!damage(&archive).is_empty(), "{sql}");
        if repairable {
            repair(&mut archive);
            assert_eq!(damage(&archive), [""; 0], "{sql}");
        }
    }
}

#[test]
fn a_flipped_bit_in_a_block_is_found_and_costs_only_what_it_hits() {
    let sandbox = Sandbox::with_fixtures();
    let archive = sandbox.imported();
    let database = sandbox.database();
    let read = "SELECT id, data FROM block ORDER BY id LIMIT 1";
    let (id, whole): (i64, Vec<u8>) = database
        .query_row(read, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    let write = |data: &[u8]| {
        let values = rusqlite::params![id, data];
        database
            .execute("UPDATE block SET data = ?2 WHERE id = ?1", values)
            .unwrap();
    };
    for at in (0..whole.len()).step_by(whole.len() / 16 + 1) {
        let mut flipped = whole.clone();
        flipped[at] ^= 0x10;
        write(&flipped);
        assert!(!damage(&archive).is_empty(), "byte {at}");
    }
    // All else can still be taken out and found.
    let mut exported = 0;
    let error = archive.export(&ExportFilter::new(Scope::All), &mut |_| {
        exported += 1;
        true
    });
    assert!(matches!(error, Err(recall::Error::Damaged(_))));
    assert!((1..26).contains(&exported), "{exported}");
    // A repair leaves the message alone, and what else there is can be searched.
    let mut archive = archive;
    let told = repair(&mut archive);
    assert!(
        told.iter().any(|line| line.contains("can't be read")),
        "{told:?}"
    );
    write(&whole);
    repair(&mut archive);
    assert_sound(&archive);
}

#[test]
fn the_state_is_counted() {
    let sandbox = Sandbox::with_fixtures();
    let archive = sandbox.imported();
    let status = archive.status().unwrap();
    let counted = (
        status.messages,
        status.conversations,
        status.projects,
        status.files,
    );
    assert_eq!(counted, (26, 5, 4, 4));
    assert_eq!(status.indexed.embedded, status.indexed.embeddable);
    assert_eq!(status.model.as_deref(), Some("fixed-32"));
    assert!(status.log_bytes > 5_000 && status.archive_bytes > 5_000);
}

#[test]
fn another_model_embeds_anew() {
    let sandbox = Sandbox::with_fixtures();
    let mut archive = sandbox.imported();
    let embedded = archive.indexed().unwrap().embedded;
    let other = FixedEmbedder::new(48);
    let semantic = SearchRequest {
        mode: Mode::Semantic,
        ..SearchRequest::new("celadon kiln", Scope::All, NOW)
    };
    assert!(archive.search(&semantic, Some(&other)).is_err());
    // Stopped right after the model was changed: nothing of it is embedded.
    let stop = Stop::new();
    stop.set();
    archive.embed_pending(&other, &stop, &NoProgress).unwrap();
    assert_eq!(archive.indexed().unwrap().embedded, 0);
    let again = archive
        .embed_pending(&other, &Stop::new(), &NoProgress)
        .unwrap();
    assert_eq!(again, embedded);
    assert!(
        !archive
            .search(&semantic, Some(&other))
            .unwrap()
            .hits
            .is_empty()
    );
    assert_sound(&archive);
}
