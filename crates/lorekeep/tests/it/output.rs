//! What reaches the terminal: nothing that a log says is an order to it, and a closed pipe is quiet.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use serde_json::json;

use crate::support::{Home, Run, conversations, lines, message, path};

const NASTY: &str =
    "lighthouse \u{1b}[2J\u{1b}]0;owned\u{7} \u{9b}31m \u{202e}evil\u{202c} nul\u{0} end";

fn nasty_home() -> Home {
    let home = Home::new();
    let mut nasty = message("nasty", "n1", "user", NASTY);
    nasty["title"] = json!("title \u{1b}[31m \u{202e}");
    let file = home.write("talk.jsonl", &lines(&[nasty]));
    home.run(&["import", path(&file)]).expect(0);
    home
}

fn assert_harmless(text: &str) {
    assert_eq!(guard::hidden_ranges(text).next(), None, "{text:?}");
}

#[test]
fn logs_do_not_talk_to_the_terminal() {
    let home = nasty_home();
    for arguments in [
        &["search", "lighthouse"][..],
        &["search", "lighthouse", "--json"],
        &["search", "lighthouse", "--context", "1"],
        &["show", "nasty"],
        &["show", "nasty", "--json"],
        &["export"],
        &["export", "--format", "markdown"],
    ] {
        let run = home.run(arguments).expect(0);
        assert!(run.stdout.contains("lighthouse"), "{arguments:?}: {run:?}");
        assert_harmless(&run.stdout);
        assert_harmless(&run.stderr);
    }
}

#[test]
fn what_no_reader_sees_is_in_an_export_alone() {
    let home = nasty_home();
    let json = home.json(&["show", "nasty", "--json"]);
    let seen = json["messages"][0]["text"].as_str().expect("a text");
    assert!(
        seen.starts_with("lighthouse") && seen.ends_with("end"),
        "{seen}"
    );
    assert_eq!(seen, guard::without_hidden(NASTY));
    let run = home.run(&["export"]).expect(0);
    let line: serde_json::Value = serde_json::from_str(run.stdout.trim()).expect("a JSON line");
    assert_eq!(line["text"], NASTY);
}

#[test]
fn what_a_person_types_does_not_talk_to_the_terminal_either() {
    let run = Home::with_conversations()
        .run(&["show", "\u{1b}[2J"])
        .expect(3);
    assert_harmless(&run.stderr);
}

#[test]
fn color_is_used_where_it_is_wanted() {
    let home = Home::with_conversations();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let all: Vec<&str> = ["search", "retry"]
            .iter()
            .chain(arguments)
            .copied()
            .collect();
        let run = Run::of(home.command().args(all).envs(variables.iter().copied()));
        run.expect(0).stdout.contains("\x1b[")
    };
    assert!(!run(&[], &[]), "a pipe has no colours");
    assert!(run(&["--color", "always"], &[]));
    assert!(run(&[], &[("CLICOLOR_FORCE", "1")]));
    assert!(!run(&[], &[("CLICOLOR_FORCE", "1"), ("NO_COLOR", "1")]));
    assert!(
        run(&["--color", "always"], &[("NO_COLOR", "1")]),
        "a flag counts more"
    );
    assert!(!run(&["--color", "never"], &[("CLICOLOR_FORCE", "1")]));
}

#[test]
fn narrow_terminals_get_narrow_lines() {
    let home = Home::new();
    let mut messages = conversations();
    messages.push(message(
        "wide",
        "w1",
        "user",
        "the policy: 日本語のテキストは空白なしで折り返される。👩‍👩‍👧👩‍👩‍👧",
    ));
    let file = home.write("talk.jsonl", &lines(&messages));
    home.run(&["import", path(&file)]).expect(0);
    for columns in ["40", "80"] {
        let limit: usize = columns.parse().expect("a number");
        let run = Run::of(
            home.command()
                .args(["search", "policy"])
                .env("COLUMNS", columns),
        );
        for line in run.expect(0).stdout.lines() {
            let width = unicode_width::UnicodeWidthStr::width(line);
            assert!(width <= limit, "{line:?} is {width} wide");
        }
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let home = Home::new();
    let text = "word ".repeat(200);
    let many: Vec<_> = (0..2_000)
        .map(|i| message("long", &format!("m{i}"), "user", &format!("{i} {text}")))
        .collect();
    let file = home.write("talk.jsonl", &lines(&many));
    home.run(&["import", path(&file)]).expect(0);
    for arguments in [
        &["export"][..],
        &["show", "long"],
        &["show", "long", "--json"],
    ] {
        let mut child = home
            .command()
            .args(arguments)
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the program runs");
        let mut stdout = BufReader::new(child.stdout.take().expect("a pipe"));
        let mut first = Vec::new();
        stdout.read_until(b'\n', &mut first).ok();
        drop(stdout);
        let output = child.wait_with_output().expect("the program ends");
        assert_eq!(String::from_utf8_lossy(&output.stderr), "", "{arguments:?}");
        assert_eq!(output.status.code(), Some(0), "{arguments:?}");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_behind_standard_output_is_a_failure() {
    let home = Home::with_conversations();
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .expect("a device");
    let output = home
        .command()
        .arg("export")
        .stdout(full)
        .stderr(Stdio::piped())
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(1));
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        stderr.starts_with("error: writing to standard output: "),
        "{stderr}"
    );
}
