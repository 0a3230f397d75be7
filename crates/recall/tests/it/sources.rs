//! Sources that stand in this test only: adding one touches nothing else, however its files are read,
//! and one with a bug costs the import nothing but its own records.

use recall::{Archive, CatchUp, ImportRequest, Look, Roots, Stop, Sweeper};
use serde_json::{Value, json};
use transcript::{
    Cell, FileHint, Framing, LogFiles, LogReader, LogRoots, Message, Problem, ReadBatch, Registry,
    Role, RowQuery, RowReader, Source, SourceFormat, claude_code, jsonl,
};

use crate::support::{NOW, Sandbox, claude, counts, generic, import, lines, of, problems, views};

const DIARY: Source = Source::new(&Diary);
const LEDGER: Source = Source::new(&Ledger);
const CRANK: Source = Source::new(&Crank);

static SOURCES: [Source; 5] = [CRANK, claude_code::SOURCE, DIARY, LEDGER, jsonl::SOURCE];

fn registry() -> Registry {
    Registry::of(&SOURCES)
}

fn said(conversation: &str, id: String, text: &str) -> Message {
    Message {
        id,
        conversation: conversation.into(),
        role: Role::User,
        text: text.to_owned(),
        project: Some("sandbox".into()),
        ..Message::default()
    }
}

/// A source of whole documents: `{"book": NAME, "days": [TEXT, …]}`.
struct Diary;

impl SourceFormat for Diary {
    fn name(&self) -> &'static str {
        "diary"
    }

    fn title(&self) -> &'static str {
        "Diary"
    }

    fn files(&self) -> &'static [LogFiles] {
        const FILES: &[LogFiles] = &[LogFiles {
            prefix: "diary-",
            suffix: ".json",
            framing: Framing::Document(read_diary),
        }];
        FILES
    }

    fn recognises(&self, _path: &str, head: &[u8]) -> bool {
        head.starts_with(br#"{"book""#)
    }

    fn roots(&self) -> Option<&'static LogRoots> {
        const ROOTS: LogRoots = LogRoots {
            about: "Directories of diaries.",
            defaults: &["~/.diary"],
            variables: &[],
            directories: &["days"],
        };
        Some(&ROOTS)
    }
}

fn read_diary(_: &FileHint, document: &[u8], batch: &mut ReadBatch) {
    let Ok(diary) = serde_json::from_slice::<Value>(document) else {
        batch.problems.push(Problem {
            offset: 0,
            line: 1,
            what: "not JSON".to_owned(),
        });
        return;
    };
    let name = diary["book"].as_str().unwrap_or_default();
    for (nth, day) in diary["days"].as_array().into_iter().flatten().enumerate() {
        let text = day.as_str().unwrap_or_default();
        assert_ne!(text, "burn", "a diary of this test has a bug");
        let id = format!("{name}/{nth}");
        batch.messages.push(said(name, id, text));
    }
}

/// A source of rows: a table of sheets, and one of entries that name their sheet.
struct Ledger;

impl SourceFormat for Ledger {
    fn name(&self) -> &'static str {
        "ledger"
    }

    fn title(&self) -> &'static str {
        "Ledger"
    }

    fn files(&self) -> &'static [LogFiles] {
        const FILES: &[LogFiles] = &[LogFiles {
            prefix: "",
            suffix: ".ledger",
            framing: Framing::Rows(
                &[
                    RowQuery {
                        sql: "SELECT id, name FROM sheet",
                    },
                    RowQuery {
                        sql: "SELECT rowid, sheet, text FROM entry WHERE rowid > ?1 ORDER BY rowid",
                    },
                ],
                |_, state| Box::new(LedgerReader::new(state)),
            ),
        }];
        FILES
    }

    fn recognises(&self, path: &str, head: &[u8]) -> bool {
        path.ends_with(".ledger") && head.starts_with(b"SQLite format 3\0")
    }
}

struct LedgerReader {
    last: i64,
    sheets: Vec<(i64, String)>,
}

impl LedgerReader {
    fn new(state: &str) -> Self {
        Self {
            last: state.parse().unwrap_or_default(),
            sheets: Vec::new(),
        }
    }
}

impl RowReader for LedgerReader {
    fn mark(&self, _query: usize) -> i64 {
        self.last
    }

    fn row(
        &mut self,
        query: usize,
        cells: &[Cell<'_>],
        batch: &mut ReadBatch,
    ) -> Result<(), String> {
        match (query, cells) {
            (0, [Cell::Integer(id), Cell::Text(name)]) => {
                self.sheets.push((*id, (*name).to_owned()));
                Ok(())
            }
            (1, [Cell::Integer(id), Cell::Integer(sheet), Cell::Text(text)]) => {
                assert_ne!(*text, "burn", "a ledger of this test has a bug");
                let sheet = self.sheets.iter().find(|(known, _)| known == sheet);
                let (_, name) = sheet.ok_or("an entry of no sheet")?;
                batch
                    .messages
                    .push(said(name, format!("{name}/{id}"), text));
                self.last = *id;
                Ok(())
            }
            _ => Err("a row of another shape".to_owned()),
        }
    }

    fn end(&mut self, _batch: &mut ReadBatch) {}

    fn state(&self) -> String {
        self.last.to_string()
    }
}

/// A source of lines that fails at some of them, at some files, and at telling whose some are.
struct Crank;

impl SourceFormat for Crank {
    fn name(&self) -> &'static str {
        "crank"
    }

    fn title(&self) -> &'static str {
        "Crank"
    }

    fn files(&self) -> &'static [LogFiles] {
        const FILES: &[LogFiles] = &[LogFiles {
            prefix: "",
            suffix: ".crank",
            framing: Framing::Lines(|file, _| {
                assert!(!file.path.ends_with("stuck.crank"), "it can't be opened");
                Box::new(CrankReader)
            }),
        }];
        FILES
    }

    fn recognises(&self, path: &str, _head: &[u8]) -> bool {
        assert!(!path.contains("riddle"), "it can't be told whose it is");
        path.ends_with(".crank")
    }
}

struct CrankReader;

impl LogReader for CrankReader {
    fn read(
        &mut self,
        bytes: &[u8],
        offset: u64,
        _line: u64,
        at_end: bool,
        batch: &mut ReadBatch,
    ) -> usize {
        let mut taken = 0;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            if !line.ends_with(b"\n") && !at_end {
                break;
            }
            let text = String::from_utf8_lossy(line).trim().to_owned();
            assert_ne!(text, "burn", "it can't be read");
            let id = format!("crank-{}", offset + taken as u64);
            let message = (!text.is_empty()).then(|| said("cranks", id, &text));
            batch.messages.extend(message);
            taken += line.len();
        }
        taken
    }

    fn state(&self) -> String {
        String::new()
    }
}

/// The texts of all messages, in order.
fn words(archive: &Archive) -> Vec<String> {
    let views = views(archive).into_iter();
    views.map(|view| view.message.text).collect()
}

fn request(sandbox: &Sandbox) -> ImportRequest {
    ImportRequest {
        roots: Roots::new(registry()),
        ..sandbox.request()
    }
}

#[test]
fn a_source_of_documents_is_read_whole_and_again_when_one_changes() {
    let sandbox = Sandbox::new();
    let diary = |days: &[&str]| json!({"book": "tides", "days": days}).to_string();
    sandbox.write("diary-1.json", diary(&["ebb", "flood"]).as_bytes());
    sandbox.write("notes.json", b"{\"not\": \"a diary\"}");
    let mut archive = sandbox.archive();
    let report = import(&mut archive, &request(&sandbox));
    assert_eq!(
        of(&report, "diary").map(|of| (of.files, of.added)),
        Some((1, 2))
    );
    assert_eq!(counts(&import(&mut archive, &request(&sandbox))), (0, 0));
    sandbox.write("diary-1.json", diary(&["ebb", "flood", "neap"]).as_bytes());
    assert_eq!(counts(&import(&mut archive, &request(&sandbox))), (1, 2));
    assert_eq!(words(&archive), ["ebb", "flood", "neap"]);
    assert!(views(&archive).iter().all(|view| view.source == "diary"));
    let sources = archive.sources(&Roots::new(registry())).unwrap();
    let names: Vec<&str> = sources.iter().map(|source| source.name.as_str()).collect();
    assert_eq!(names, ["crank", "claude-code", "diary", "ledger", "jsonl"]);
}

#[test]
fn documents_below_the_roots_of_a_source_are_followed() {
    let sandbox = Sandbox::new();
    let diary = |days: &[&str]| json!({"book": "tides", "days": days}).to_string();
    sandbox.write("days/2026/diary-1.json", diary(&["ebb"]).as_bytes());
    sandbox.write("elsewhere/diary-2.json", diary(&["never"]).as_bytes());
    let roots = Roots::new(registry()).with(DIARY, [sandbox.logs()]);
    let mut archive = sandbox.archive();
    let mut sweeper = Sweeper::new();
    let mut catch_up = || {
        let request = CatchUp {
            roots: roots.clone(),
            look: Look::Within(std::time::Duration::from_secs(60)),
            wait: std::time::Duration::ZERO,
            now: NOW,
        };
        let caught = archive.catch_up(&mut sweeper, &request, &Stop::new(), &mut |_| {});
        caught.unwrap().added
    };
    assert_eq!(catch_up(), 1);
    sandbox.write(
        "days/2026/diary-1.json",
        diary(&["ebb", "flood"]).as_bytes(),
    );
    assert_eq!(catch_up(), 1);
}

#[test]
fn a_source_of_rows_goes_on_after_those_that_it_has_read() {
    let sandbox = Sandbox::new();
    let path = sandbox.write("books.ledger", b"");
    fs_err::remove_file(&path).unwrap();
    let book = rusqlite::Connection::open(&path).unwrap();
    book.execute_batch(
        "PRAGMA journal_mode = WAL;
         CREATE TABLE sheet (id INTEGER PRIMARY KEY, name TEXT);
         CREATE TABLE entry (sheet INTEGER, text TEXT);
         INSERT INTO sheet VALUES (1, 'harbour');
         INSERT INTO entry VALUES (1, 'three boats'), (2, 'nowhere'), (1, 'burn'), (1, 'a buoy');",
    )
    .unwrap();
    let mut archive = sandbox.archive();
    let report = import(&mut archive, &request(&sandbox));
    let ledger = of(&report, "ledger").unwrap();
    assert_eq!((ledger.files, ledger.added), (1, 2));
    assert_eq!(
        problems(&report),
        [
            "3: an entry of no sheet",
            "4: the reader of `ledger` failed, which is a bug in it; the row was left out",
        ]
    );
    assert_eq!(words(&archive), ["three boats", "a buoy"]);
    assert_eq!(counts(&import(&mut archive, &request(&sandbox))), (0, 0));
    // What is written stands in the log beside the database, which counts as a part of it.
    book.execute("INSERT INTO entry VALUES (1, 'a crate')", [])
        .unwrap();
    assert_eq!(counts(&import(&mut archive, &request(&sandbox))), (1, 0));
}

#[test]
fn a_database_that_is_none_is_a_problem() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "books.ledger",
        b"SQLite format 3\0 and then nothing of the kind",
    );
    let mut archive = sandbox.archive();
    let report = import(&mut archive, &request(&sandbox));
    let problems = problems(&report);
    assert!(
        problems
            .iter()
            .all(|problem| problem.contains("the database can't be")),
        "{problems:?}"
    );
    assert!(!problems.is_empty());
}

#[test]
fn a_source_that_panics_loses_its_own_records_alone() {
    let sandbox = Sandbox::new();
    sandbox.write("a.crank", b"one\ntwo\nburn\nfour\nburn");
    sandbox.write("stuck.crank", b"never read\n");
    sandbox.write("riddle.jsonl", b"{\"whose\": \"nobody's\"}\n");
    let diary = json!({"book": "tides", "days": ["ebb", "burn"]});
    sandbox.write("diary-1.json", diary.to_string().as_bytes());
    let asked = claude("s", "u1", "user", "Is it low tide?", "/nowhere/boats");
    sandbox.write("s.jsonl", &lines(&[asked]));
    sandbox.write(
        "letters.jsonl",
        &lines(&[generic("letters", "l1", "Dear all")]),
    );
    let mut archive = sandbox.archive();
    let report = import(&mut archive, &request(&sandbox));
    let added = |source| of(&report, source).map(|of| of.added);
    assert_eq!(added("claude-code"), Some(1));
    assert_eq!(added("jsonl"), Some(1));
    assert_eq!(added("crank"), Some(3));
    assert_eq!(added("diary"), Some(0));
    let mut told = problems(&report);
    told.sort();
    let failed = |source: &str| format!("the reader of `{source}` failed, which is a bug in it");
    assert_eq!(
        told,
        [
            format!("1: {}; the document was left out", failed("diary")),
            format!("3: {}; the record was left out", failed("crank")),
            format!("5: {}; the record was left out", failed("crank")),
        ]
    );
    let mut skipped: Vec<_> = report.skipped.iter().map(|one| one.what.as_str()).collect();
    skipped.sort_unstable();
    assert_eq!(skipped, [failed("crank"), failed("crank")]);
    // What grows behind the bug is read, and nothing is read twice.
    sandbox.append("a.crank", b"\nsix\n");
    assert_eq!(counts(&import(&mut archive, &request(&sandbox))).1, 0);
    assert!(words(&archive).contains(&"six".to_owned()));
}
