//! Logs grow, shrink, are replaced and vanish while the archive stays right.

use proptest::prelude::*;
use recall::{Progress, Stage, Stop};
use serde_json::json;

use crate::support::{
    FIXTURES, Sandbox, assert_sound, claude, counts, export, fixture, generic, import, lines,
    problems, texts,
};

const HALF: &str = "incomplete record at the end of the file; it is taken when the rest arrives";

#[test]
fn a_last_line_without_newline_counts_at_once() {
    let sandbox = Sandbox::new();
    let all = lines(&[generic("c", "1", "one"), generic("c", "2", "two")]);
    sandbox.write("a.jsonl", all.trim_ascii_end());
    assert_eq!(counts(&sandbox.import()), (2, 0));
    sandbox.append("a.jsonl", b"\n");
    sandbox.append("a.jsonl", &lines(&[generic("c", "3", "three")]));
    assert_eq!(counts(&sandbox.import()), (1, 0));
    assert_eq!(
        texts(&sandbox.archive()),
        ["c/1: one", "c/2: two", "c/3: three"]
    );
}

#[test]
fn half_a_line_waits_and_is_told_until_the_rest_arrives() {
    let sandbox = Sandbox::new();
    let all = lines(&[generic("c", "1", "one"), generic("c", "2", "two")]);
    let (start, rest) = all.split_at(all.len() - 9);
    sandbox.write("a.jsonl", start);
    let report = sandbox.import();
    assert_eq!(
        (counts(&report), problems(&report)),
        ((1, 0), vec![format!("2: {HALF}")])
    );
    assert_eq!(sandbox.archive().problems(10).unwrap().len(), 1);
    sandbox.append("a.jsonl", rest);
    let report = sandbox.import();
    assert_eq!((counts(&report), problems(&report).len()), ((1, 0), 0));
    assert_eq!(sandbox.archive().problems(10).unwrap(), []);
    assert_eq!(texts(&sandbox.archive()), ["c/1: one", "c/2: two"]);
}

#[test]
fn a_truncated_file_is_read_anew_and_nothing_is_removed() {
    let sandbox = Sandbox::new();
    let all = [
        generic("c", "1", "one"),
        generic("c", "2", "two"),
        generic("c", "3", "three"),
    ];
    sandbox.write("a.jsonl", &lines(&all));
    sandbox.import();
    sandbox.write("a.jsonl", &lines(&all[..1]));
    assert_eq!(counts(&sandbox.import()), (0, 1));
    sandbox.append("a.jsonl", &lines(&[generic("c", "4", "four")]));
    assert_eq!(counts(&sandbox.import()), (1, 0));
    assert_eq!(texts(&sandbox.archive()).len(), 4);
}

#[test]
fn a_replaced_file_is_read_from_its_start() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "a.jsonl",
        &lines(&[generic("c", "1", "one"), generic("c", "2", "two")]),
    );
    sandbox.import();
    // As long as the old one, and longer.
    sandbox.write(
        "a.jsonl",
        &lines(&[generic("d", "5", "one"), generic("d", "6", "two")]),
    );
    assert_eq!(counts(&sandbox.import()), (2, 0));
    let longer: Vec<_> = (0..9)
        .map(|n| generic("e", &format!("e{n}"), "again"))
        .collect();
    sandbox.write("a.jsonl", &lines(&longer));
    assert_eq!(counts(&sandbox.import()), (9, 0));
    let archive = sandbox.archive();
    assert_eq!(texts(&archive).len(), 13);
    assert_sound(&archive);
}

#[test]
fn vanished_files_remove_nothing() {
    let sandbox = Sandbox::with_fixtures();
    sandbox.import();
    let before = export(&sandbox.archive());
    fs_err::remove_dir_all(sandbox.logs()).unwrap();
    fs_err::create_dir_all(sandbox.logs()).unwrap();
    assert_eq!(counts(&sandbox.import()), (0, 0));
    assert_eq!(export(&sandbox.archive()), before);
}

#[test]
fn a_compressed_log_and_its_plain_twin_are_one() {
    let sandbox = Sandbox::new();
    let plain = fs_err::read(fixture(FIXTURES[2])).unwrap();
    let packed = zstd::encode_all(&plain[..], 3).unwrap();
    sandbox.write("rollout-1.jsonl.zst", &packed);
    assert_eq!(counts(&sandbox.import()), (5, 0));
    // Where both are there, only the plain one is read.
    sandbox.write("rollout-1.jsonl", &plain);
    assert_eq!(counts(&sandbox.import()), (0, 5));
    // Compressed after it was read, as Codex does with old sessions.
    fs_err::remove_file(sandbox.logs().join("rollout-1.jsonl")).unwrap();
    sandbox.write(
        "rollout-1.jsonl.zst",
        &zstd::encode_all(&plain[..], 9).unwrap(),
    );
    assert_eq!(counts(&sandbox.import()), (0, 5));
    assert_sound(&sandbox.archive());
}

/// Asks the import to end when it first tells how far it is.
struct StopEarly<'a>(&'a Stop);

impl Progress for StopEarly<'_> {
    fn at(&self, _: Stage, _: u64, _: u64) {
        self.0.set();
    }
}

/// Lines that take long in the file and little in the archive, so that several steps are needed.
fn long_lines(count: usize) -> Vec<u8> {
    let padding = "-".repeat(100_000);
    let line = |n: usize| {
        let mut line = generic(
            &format!("c{}", n / 50),
            &format!("m{n}"),
            &format!("number {n}"),
        );
        line["unknown"] = json!(padding);
        line
    };
    lines(&(0..count).map(line).collect::<Vec<_>>())
}

#[test]
fn a_stopped_import_goes_on_where_it_was() {
    let (stopped, undisturbed) = (Sandbox::new(), Sandbox::new());
    let log = long_lines(220);
    for sandbox in [&stopped, &undisturbed] {
        sandbox.write("a.jsonl", &log);
        sandbox.write("b.jsonl", &lines(&[generic("z", "z1", "last")]));
        sandbox.write("c.jsonl", &log[..log.len() / 3]);
    }
    undisturbed.import();
    let mut archive = stopped.archive();
    let stop = Stop::new();
    stop.set();
    let report = archive
        .import(&stopped.request(), &stop, &recall::NoProgress)
        .unwrap();
    assert!(report.stopped && counts(&report) == (0, 0));
    let mut stops = 0;
    loop {
        let stop = Stop::new();
        let report = archive
            .import(&stopped.request(), &stop, &StopEarly(&stop))
            .unwrap();
        assert_sound(&archive);
        if counts(&report) == (0, 0) {
            break;
        }
        stops += 1;
    }
    assert!(
        stops > 1,
        "the log is long enough to be stopped in its middle"
    );
    assert_eq!(export(&archive), export(&undisturbed.archive()));
    assert_eq!(archive.status().unwrap().indexed.messages, 221);
}

/// Records that depend on each other across the cuts.
fn entangled() -> Vec<u8> {
    let mut log = fs_err::read(fixture(FIXTURES[0])).unwrap();
    let again = claude(
        "b0a7-0001",
        "bu1",
        "user",
        "The same id, another question.",
        "/nowhere/x",
    );
    log.extend(lines(&[
        again.clone(),
        claude("b0a7-0001", "", "user", "No id.", "/nowhere/x"),
    ]));
    log.extend_from_slice(b"{\"type\":\"user\",\"broken\n");
    log.extend(lines(&[again]));
    log
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..Default::default() })]

    #[test]
    fn a_log_read_in_pieces_gives_the_same_archive(
        cuts in prop::collection::vec(0.0..1.0_f64, 1..6),
        which in 0..3_usize,
    ) {
        let (name, log) = match which {
            0 => ("p/b0a7-0001.jsonl", entangled()),
            1 => ("c/rollout-1.jsonl", fs_err::read(fixture(FIXTURES[2])).unwrap()),
            _ => ("g/letters.jsonl", fs_err::read(fixture(FIXTURES[3])).unwrap()),
        };
        let (pieces, whole) = (Sandbox::new(), Sandbox::new());
        whole.write(name, &log);
        whole.import();
        let mut ends: Vec<usize> = cuts.iter().map(|cut| (cut * log.len() as f64) as usize).collect();
        ends.sort_unstable();
        let mut archive = pieces.archive();
        for end in ends.into_iter().chain([log.len()]) {
            pieces.write(name, &log[..end]);
            import(&mut archive, &pieces.request());
        }
        prop_assert_eq!(export(&archive), export(&whole.archive()));
        let told = |archive: &recall::Archive| -> Vec<_> {
            let problems = archive.problems(9).unwrap();
            problems.into_iter().map(|problem| (problem.line, problem.what)).collect()
        };
        prop_assert_eq!(told(&archive), told(&whole.archive()));
        assert_sound(&archive);
    }
}
