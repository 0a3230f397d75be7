//! Several imports of the same logs at once give the archive that one gives.

use std::process::{Child, Command, Stdio};

use embed::FixedEmbedder;
use recall::{
    Archive, ArchiveOpener, Guards, Home, ImportRequest, NoProgress, OpenMode, Scope,
    SearchRequest, Stop, VectorStorage,
};

use crate::support::{
    NOW, Sandbox, assert_sound, codex, counts, embed, export, generic, import, lines,
};

/// Names the directory in which a process started by these tests imports.
const DIRECTORY: &str = "LOREKEEP_TEST_IMPORT";

fn many_logs(sandbox: &Sandbox) {
    for file in 0..12 {
        let message = |n: usize| {
            let id = format!("{file}-{}", n % 40);
            generic(&format!("c{file}"), &id, &format!("words of {n} in {file}"))
        };
        let all: Vec<_> = (0..60).map(message).collect();
        sandbox.write(&format!("{file}.jsonl"), &lines(&all));
        let thread = codex(&format!("t{file}"), "/nowhere/kiln", None, "How hot?");
        sandbox.write(&format!("rollout-{file}.jsonl"), &lines(&thread));
    }
}

/// What is in an archive, in an order that doesn't depend on who came first.
fn content(archive: &Archive) -> Vec<String> {
    let mut all = export(archive);
    all.sort_unstable();
    all
}

fn alone() -> Vec<String> {
    let sandbox = Sandbox::new();
    many_logs(&sandbox);
    sandbox.import();
    content(&sandbox.archive())
}

#[test]
fn two_threads_import_at_once() {
    let sandbox = Sandbox::new();
    many_logs(&sandbox);
    let mut archives = [sandbox.archive(), sandbox.archive(), sandbox.archive()];
    let request = sandbox.request();
    let added: u64 = std::thread::scope(|scope| {
        let imports: Vec<_> = archives
            .iter_mut()
            .map(|archive| scope.spawn(|| counts(&import(archive, &request)).0))
            .collect();
        imports
            .into_iter()
            .map(|import| import.join().unwrap())
            .sum()
    });
    let archive = sandbox.archive();
    let expected = alone();
    assert_eq!(
        (content(&archive), added),
        (expected.clone(), expected.len() as u64)
    );
    assert_sound(&archive);
}

#[test]
fn many_make_one_archive_at_once() {
    let sandbox = Sandbox::new();
    let home = sandbox.home();
    let opened: Vec<_> = std::thread::scope(|scope| {
        let threads =
            [(); 8].map(|()| scope.spawn(|| ArchiveOpener::new(&home, &Guards::default()).open()));
        threads.map(|thread| thread.join().unwrap()).into()
    });
    for archive in opened {
        assert_sound(&archive.unwrap());
    }
}

#[test]
fn ten_processes_make_one_archive_at_once() {
    let sandbox = Sandbox::new();
    many_logs(&sandbox);
    for mut import in [(); 10].map(|()| start_import(&sandbox)) {
        assert!(import.wait().unwrap().success());
    }
    let archive = sandbox.archive();
    assert_eq!(content(&archive), alone());
    let indexed = archive.indexed().unwrap();
    assert_eq!(indexed.embedded, indexed.embeddable);
    assert_sound(&archive);
}

#[test]
fn processes_import_at_once_and_one_is_killed() {
    let sandbox = Sandbox::new();
    many_logs(&sandbox);
    let mut imports = [(); 3].map(|()| start_import(&sandbox));
    imports[0].kill().unwrap();
    imports[0].wait().unwrap();
    assert!(imports[1].wait().unwrap().success());
    assert!(imports[2].wait().unwrap().success());
    let archive = sandbox.archive();
    assert_eq!(content(&archive), alone());
    assert_sound(&archive);
}

#[test]
fn archives_of_one_process_keep_what_another_process_sees() {
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", &lines(&[generic("c", "1", "one")]));
    let mut first = sandbox.archive();
    let second = sandbox.archive();
    assert!(start_import(&sandbox).wait().unwrap().success());
    let log = sandbox.home().database().with_extension("db-wal");
    assert!(
        log.exists(),
        "the last to close it takes it away, and that wasn't the last"
    );
    sandbox.append("a.jsonl", &lines(&[generic("c", "2", "two")]));
    import(&mut first, &sandbox.request());
    sandbox.append("a.jsonl", &lines(&[generic("c", "3", "three")]));
    assert!(start_import(&sandbox).wait().unwrap().success());
    assert_eq!(export(&second).len(), 3);
    drop((first, second));
    let archive = sandbox.archive();
    assert_eq!(export(&archive).len(), 3);
    assert_sound(&archive);
}

/// Starts a process that imports the logs of a sandbox.
fn start_import(sandbox: &Sandbox) -> Child {
    Command::new(std::env::current_exe().unwrap())
        .args([
            "--exact",
            "together::in_a_process_of_its_own",
            "--nocapture",
        ])
        .env(DIRECTORY, sandbox.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap()
}

/// Does nothing unless another test starts it.
#[test]
fn in_a_process_of_its_own() {
    #[expect(
        clippy::disallowed_methods,
        reason = "how one test process tells another"
    )]
    let Some(directory) = std::env::var_os(DIRECTORY) else {
        return;
    };
    let directory = std::path::PathBuf::from(directory);
    let home = Home::new(directory.join("data"), directory.join("cache"));
    let opener = ArchiveOpener::new(&home, &Guards::default());
    let mut archive = opener.open().unwrap();
    let request = ImportRequest {
        paths: vec![directory.join("logs")],
        ..Default::default()
    };
    archive.import(&request, &Stop::new(), &NoProgress).unwrap();
    // The others may be at anything meanwhile: a reader finds what this one imported, however it opens.
    embed(&mut archive);
    for vectors in [VectorStorage::Files, VectorStorage::Memory] {
        let mut reader = ArchiveOpener {
            mode: OpenMode::ReadOnly,
            vectors,
            ..opener.clone()
        }
        .open()
        .unwrap();
        let request = SearchRequest::new("words", Scope::All, NOW);
        let found = reader.search(&request, Some(&FixedEmbedder::new(32)));
        assert!(found.unwrap().indexed.messages > 0);
    }
}
