//! What is opened, what is refused, and who may read it.

use recall::{ArchiveOpener, Error, ErrorClass, Guards};

use crate::support::{Sandbox, assert_sound, generic, lines};

/// Opens an archive whose database holds `bytes`, which must stay as they are.
#[track_caller]
fn refused(bytes: &[u8]) -> Error {
    let sandbox = Sandbox::new();
    let home = sandbox.home();
    fs_err::create_dir_all(home.data()).unwrap();
    fs_err::write(home.database(), bytes).unwrap();
    let error = ArchiveOpener::new(&home, &Guards::default())
        .open()
        .err()
        .expect("it isn't an archive of ours");
    assert!(
        fs_err::read(home.database()).unwrap() == bytes,
        "it was written to"
    );
    let left: Vec<_> = fs_err::read_dir(home.data()).unwrap().collect();
    assert_eq!(left.len(), 1, "{left:?}");
    error
}

/// The bytes of a database made by `sql`.
fn database(sql: &str) -> Vec<u8> {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("made.db");
    let connection = rusqlite::Connection::open(&path).unwrap();
    connection.execute_batch(sql).unwrap();
    drop(connection);
    fs_err::read(path).unwrap()
}

#[test]
fn a_foreign_database_is_left_alone() {
    for sql in [
        "CREATE TABLE recipes (name);",
        "PRAGMA user_version = 1;",
        "PRAGMA application_id = 77; CREATE TABLE x (y);",
        "PRAGMA application_id = 77; PRAGMA user_version = 1;",
    ] {
        assert!(
            matches!(refused(&database(sql)), Error::Foreign(_)),
            "{sql}"
        );
    }
    assert!(matches!(
        refused(&b"Dear diary, ".repeat(200)),
        Error::Foreign(_)
    ));
    assert!(matches!(refused(b"short"), Error::Foreign(_)));
}

#[test]
fn a_newer_archive_is_left_alone() {
    let bytes = database(
        "PRAGMA application_id = 1280266821; PRAGMA user_version = 99; CREATE TABLE future (x);",
    );
    let error = refused(&bytes);
    assert!(
        matches!(
            error,
            Error::Newer {
                found: 99,
                known: 8,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(error.class(), ErrorClass::Unsupported);
}

#[test]
fn a_damaged_archive_is_an_error_and_no_panic() {
    let sandbox = Sandbox::with_fixtures();
    sandbox.import();
    let path = sandbox.home().database();
    let whole = fs_err::read(&path).unwrap();
    let mut damaged = whole.clone();
    // Every second page but the first.
    for page in damaged.chunks_mut(4096).skip(1).step_by(2) {
        page.fill(0xA5);
    }
    fs_err::write(&path, &damaged).unwrap();
    let archive = ArchiveOpener::new(&sandbox.home(), &Guards::default()).open();
    match archive {
        Err(error) => assert!(matches!(error, Error::Damaged(_)), "{error:?}"),
        Ok(archive) => assert!(!crate::support::damage(&archive).is_empty()),
    }
    fs_err::write(&path, &whole[..whole.len() / 2]).unwrap();
    match ArchiveOpener::new(&sandbox.home(), &Guards::default()).open() {
        Err(error) => assert!(matches!(error, Error::Damaged(_)), "{error:?}"),
        Ok(archive) => assert!(!crate::support::damage(&archive).is_empty()),
    }
}

#[test]
fn an_empty_file_becomes_an_archive() {
    let sandbox = Sandbox::new();
    fs_err::create_dir_all(sandbox.home().data()).unwrap();
    fs_err::write(sandbox.home().database(), b"").unwrap();
    assert_sound(&sandbox.archive());
}

#[test]
fn a_reader_is_not_kept_waiting_by_a_writer() {
    let sandbox = Sandbox::with_fixtures();
    sandbox.import();
    let writer = sandbox.database();
    writer
        .execute_batch("BEGIN IMMEDIATE; DELETE FROM problem;")
        .unwrap();
    let mut archive = sandbox.archive();
    assert!(
        !crate::support::search(&mut archive, "celadon")
            .hits
            .is_empty()
    );
    assert_sound(&archive);
}

#[cfg(unix)]
#[test]
fn what_is_kept_is_closed_to_others() {
    use std::os::unix::fs::PermissionsExt as _;
    let sandbox = Sandbox::new();
    let mode =
        |path: &std::path::Path| fs_err::metadata(path).unwrap().permissions().mode() & 0o777;
    // A directory that others may read is closed.
    fs_err::create_dir_all(sandbox.home().data()).unwrap();
    fs_err::set_permissions(
        sandbox.home().data(),
        std::fs::Permissions::from_mode(0o755),
    )
    .unwrap();
    sandbox.write("a.jsonl", &lines(&[generic("c", "1", "one")]));
    let archive = sandbox.imported();
    assert_eq!(mode(sandbox.home().data()), 0o700);
    for entry in fs_err::read_dir(sandbox.home().data()).unwrap() {
        let path = entry.unwrap().path();
        let expected = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode(&path), expected, "{path:?}");
    }
    drop(archive);
}
