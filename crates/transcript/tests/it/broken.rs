//! What is broken costs itself only, and is located.

use transcript::{FileHint, Framing, ReadBatch, Registry};

use crate::support::{CLAUDE_CODE, all_shown, problems, read, reader, typed};

fn line(id: &str, text: &str) -> String {
    format!(r#"{{"type":"user","uuid":"{id}","sessionId":"s","message":{{"content":"{text}"}}}}"#)
}

fn check(bytes: &[u8], texts: &[&str], faults: &[&str]) {
    let batch = read(CLAUDE_CODE, "s.jsonl", bytes);
    assert_eq!(typed(&batch), texts);
    assert_eq!(problems(&batch), faults);
}

#[test]
fn blank_lines_are_nothing() {
    check(
        format!("\n\r\n  \n{}\r\n\n", line("a", "x")).as_bytes(),
        &["x"],
        &[],
    );
}

#[test]
fn a_broken_line_is_located_and_the_next_one_read() {
    let bytes = format!("{{\"type\":\n{}\nnot json\n[1]\n42\n", line("a", "x"));
    let batch = read(CLAUDE_CODE, "s.jsonl", bytes.as_bytes());
    assert_eq!(typed(&batch), ["x"]);
    let lines: Vec<u64> = batch.problems.iter().map(|problem| problem.line).collect();
    assert_eq!(lines, [1, 3, 4, 5]);
    assert_eq!(
        batch.problems[1].offset,
        bytes.find("not json").unwrap() as u64
    );
}

#[test]
fn glued_records_come_apart() {
    check(
        format!("{}{}\n", line("a", "x"), line("b", "y")).as_bytes(),
        &["x", "y"],
        &[],
    );
    let batch = read(
        CLAUDE_CODE,
        "s.jsonl",
        format!("{}{}\n", line("a", "x"), line("b", "y")).as_bytes(),
    );
    assert_eq!(batch.messages[1].offset, line("a", "x").len() as u64);
}

#[test]
fn a_record_after_half_a_record_is_found() {
    let half = &line("a", "lost")[..40];
    let fault = "1: not JSON: expected value at byte";
    let batch = read(
        CLAUDE_CODE,
        "s.jsonl",
        format!("{half}{}\n{}\n", line("b", "y"), line("c", "z")).as_bytes(),
    );
    assert_eq!(typed(&batch), ["y", "z"]);
    assert_eq!(batch.problems.len(), 1, "{fault}");
}

#[test]
fn bytes_that_are_no_text_are_replaced() {
    let mut bytes = line("a", "caf@ au lait").into_bytes();
    let at = bytes.iter().position(|byte| *byte == b'@').unwrap();
    bytes[at] = 0xe9;
    bytes.push(b'\n');
    check(
        &bytes,
        &["caf\u{fffd} au lait"],
        &["1: invalid UTF-8, replaced"],
    );
}

#[test]
fn zero_bytes_of_a_crash_are_skipped() {
    let bytes = format!("{}\n\0\0\0{}\n\0\0\0", line("a", "x"), line("b", "y"));
    check(bytes.as_bytes(), &["x", "y"], &[]);
}

#[test]
fn a_byte_order_mark_is_skipped() {
    check(
        format!("\u{feff}{}\n", line("a", "x")).as_bytes(),
        &["x"],
        &[],
    );
}

#[test]
fn the_last_line_counts_when_it_is_complete() {
    let whole = format!("{}\n{}", line("a", "x"), line("b", "y"));
    check(whole.as_bytes(), &["x", "y"], &[]);
    let half = &whole[..whole.len() - 5];
    let mut batch = ReadBatch::default();
    let mut reader = reader(CLAUDE_CODE, &FileHint::default(), "");
    let taken = reader.read(half.as_bytes(), 0, 1, true, &mut batch);
    assert_eq!(taken, line("a", "x").len() + 1);
    assert_eq!((typed(&batch), batch.problems.len()), (vec!["x"], 0));
    let rest = &whole.as_bytes()[taken..];
    assert_eq!(
        reader.read(rest, taken as u64, 2, false, &mut batch),
        0,
        "more may follow"
    );
    assert_eq!(
        reader.read(rest, taken as u64, 2, true, &mut batch),
        rest.len()
    );
    assert_eq!(typed(&batch), ["x", "y"]);
}

#[test]
fn long_lines_are_read() {
    let text = "word ".repeat(250_000);
    let batch = read(
        CLAUDE_CODE,
        "s.jsonl",
        format!("{}\n", line("a", &text)).as_bytes(),
    );
    assert_eq!(batch.messages[0].text.len(), text.trim().len());
}

#[test]
fn depth_is_no_danger() {
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let tool = format!(
        r#"{{"type":"assistant","uuid":"a","message":{{"content":[{{"type":"tool_use","name":"Deep","input":{deep}}}]}}}}"#
    );
    let log = format!("{deep}\n{{\"a\":{deep}}}\n{tool}\n");
    for source in Registry::shipped().all() {
        for files in source.files() {
            let path = format!("{}s{}", files.prefix, files.suffix);
            match files.framing {
                Framing::Lines(_) => {
                    read(*source, &path, log.as_bytes());
                }
                Framing::Document(read) => {
                    read(
                        &FileHint { path },
                        log.as_bytes(),
                        &mut ReadBatch::default(),
                    );
                }
                // Rows come from a database, whose own limits hold.
                Framing::Rows(..) => {}
            }
        }
    }
    let batch = read(CLAUDE_CODE, "s.jsonl", format!("{tool}\n").as_bytes());
    assert_eq!(all_shown(&batch).len(), 1);
}

#[test]
fn a_record_in_another_ones_text_is_no_record() {
    let inner = line("b", "y").replace('"', "\\\"");
    let half = format!(r#"{{"type":"user","uuid":"a","message":{{"content":"I wrote {inner}"#);
    let batch = read(CLAUDE_CODE, "s.jsonl", format!("{half}\n").as_bytes());
    assert_eq!((batch.messages.len(), batch.problems.len()), (0, 1));
}
