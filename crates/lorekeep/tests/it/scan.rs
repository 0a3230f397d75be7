//! `lorekeep scan` as a process: what it finds, says and ends with.

use std::io::{Read as _, Write as _};
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::support::{Home, path, piped};

const CONFIG: &str = "[guard]\npatterns = ['secret TOKEN = \\btok_[a-z0-9]{6,40}\\b', \
                      'pii STAFF = \\bEMP-[0-9]{6}\\b']\n";

/// A home whose settings have patterns of their own, so that no test depends on built-in rules.
fn home() -> Home {
    let home = Home::new();
    home.write("lorekeep/config.toml", CONFIG);
    home
}

/// A made-up token, put together here so that no scanner takes this file for one that holds it.
fn token(rest: &str) -> String {
    ["tok", "_", rest].concat()
}

fn staff() -> String {
    ["EMP", "-", "123456"].concat()
}

#[test]
fn a_finding_has_its_place_and_never_its_value() {
    let home = home();
    let token = token("abcdef1234567890");
    home.write("tree/a.txt", &format!("one\nxé {token}\n"));
    let run = home.run(&["scan", "tree"]).expect(4);
    assert_eq!(
        run.stdout,
        "tree/a.txt:2:4: secret TOKEN ****7890\n    custom/TOKEN: matches a pattern of the \
         settings\n    if it is harmless: `/a.txt custom/TOKEN` in .lorekeep-allow\n"
    );
    assert!(run.stderr.contains("1 secret in 1 file"), "{run:?}");
    let json = home.json(&["scan", "tree", "--json"]);
    assert_eq!(json["verdict"], "mask");
    assert_eq!(json["files"], 1);
    let finding = &json["findings"][0];
    let places = ["line", "column", "start", "end"].map(|key| finding[key].as_u64());
    assert_eq!(places, [Some(2), Some(4), Some(8), Some(28)]);
    for format in ["--json", "--sarif", "--color=always"] {
        let run = home.run(&["scan", "tree", format]).expect(4);
        assert!(!run.stdout.contains(&token), "{format}: {run:?}");
    }
}

#[test]
fn directories_are_looked_through_for_secrets_and_named_files_for_all() {
    let home = home();
    let file = home.write("tree/a.txt", &format!("{} {}\n", token("abcdef"), staff()));
    let kinds = |arguments: &[&str]| -> Vec<String> {
        let all = [&["scan", "--json"], arguments].concat();
        let json = home.json(&all);
        let findings = json["findings"].as_array().expect("a list");
        let kind = |finding: &Value| finding["kind"].as_str().map(str::to_owned);
        findings.iter().filter_map(kind).collect()
    };
    assert_eq!(kinds(&["tree"]), ["secret"]);
    assert_eq!(kinds(&["tree", "--kind", "all"]), ["secret", "pii"]);
    assert_eq!(kinds(&["tree", "--kind", "pii"]), ["pii"]);
    assert_eq!(kinds(&[path(&file)]), ["secret", "pii"]);
}

#[test]
fn clean_input_ends_with_0_and_empty_input_too() {
    let home = home();
    home.write("tree/empty.txt", "");
    home.write("tree/clean.txt", "nothing to see\n");
    let run = home.run(&["scan", "tree"]).expect(0);
    assert_eq!(run.stdout, "");
    assert!(run.stderr.contains("nothing found in 2 files"), "{run:?}");
    piped(&home, &["scan", "-"], b"").expect(0);
    let json: Value = serde_json::from_str(&piped(&home, &["scan", "-", "--json"], b"").stdout)
        .expect("a document");
    assert_eq!(json["findings"], json!([]));
}

#[test]
fn what_cannot_be_read_is_told_and_the_rest_is_looked_through() {
    let home = home();
    let file = home.write("a.txt", "clean\n");
    let run = home.run(&["scan", "nowhere.txt", path(&file)]).expect(1);
    assert!(
        run.stderr.contains("error: nowhere.txt: No such file"),
        "{run:?}"
    );
    assert!(run.stderr.contains("nothing found in 1 file"), "{run:?}");
    let found = home.write("b.txt", &token("abcdef"));
    home.run(&["scan", "nowhere.txt", path(&found)]).expect(4);
    home.run(&["scan", "--kind", "pie"]).expect(2);
    home.run(&["scan", "--exclude", "a[", "."]).expect(2);
    home.run(&["scan", "--json", "--sarif"]).expect(2);
    home.run(&["scan", "--batch", "x", "y"]).expect(2);
}

#[test]
fn links_binary_files_and_what_git_ignores_are_left_out() {
    let home = home();
    let token = token("abcdef");
    home.write("tree/.git/config", &token);
    home.write("tree/.gitignore", "out/\n");
    home.write("tree/out/built.txt", &token);
    home.write("tree/blob.bin", &format!("\0{token}"));
    home.write("tree/.env", &format!("A={token}\n"));
    home.write("tree/skipped/x.txt", &token);
    #[cfg(unix)]
    {
        use std::os::unix::fs::symlink;
        let tree = home.path().join("tree");
        symlink("nowhere", tree.join("broken")).expect("a link");
        symlink("..", tree.join("loop")).expect("a link");
        symlink(home.path().join("tree/.env"), tree.join("again")).expect("a link");
    }
    let run = home
        .run(&["scan", "tree", "--exclude", "skipped/"])
        .expect(4);
    assert!(
        run.stdout.starts_with("tree/.env:1:3: secret TOKEN"),
        "{run:?}"
    );
    assert_eq!(run.stdout.lines().count(), 3, "{run:?}");
    assert!(run.stderr.contains("1 not text"), "{run:?}");
    let run = home.run(&["scan", "tree", "--no-ignore"]).expect(4);
    assert!(run.stdout.contains("tree/out/built.txt:1:1:"), "{run:?}");
    assert!(!run.stdout.contains(".git/"), "{run:?}");
}

#[test]
fn what_is_meant_to_be_there_can_stay() {
    let home = home();
    let token = token("abcdef");
    home.write("tree/a.txt", &format!("{token} # lorekeep:allow\n"));
    home.write("tree/docs/b.txt", &token);
    home.write("tree/.lorekeep-allow", "# examples\ndocs/ TOKEN\n");
    let run = home.run(&["scan", "tree"]).expect(0);
    assert!(run.stderr.contains("2 allowed"), "{run:?}");
    // Input that may come from anywhere can't allow itself.
    piped(
        &home,
        &["scan", "-"],
        format!("{token} lorekeep:allow").as_bytes(),
    )
    .expect(4);
    home.write("tree/.lorekeep-allow", "docs/\na b c\n");
    let run = home.run(&["scan", "tree"]).expect(2);
    assert!(
        run.stderr
            .contains(".lorekeep-allow, line 2: expected a path"),
        "{run:?}"
    );
}

#[test]
fn invalid_utf_8_keeps_its_bytes() {
    let home = home();
    let mut bytes = b"\xff\xfe\xc3 ".to_vec();
    bytes.extend_from_slice(token("abcdef").as_bytes());
    let file = home.path().join("bad.txt");
    fs_err::write(&file, &bytes).expect("a file");
    let json = home.json(&["scan", path(&file), "--json"]);
    assert_eq!(json["findings"][0]["start"], 4);
    assert_eq!(json["findings"][0]["end"], bytes.len());
}

#[test]
fn the_line_that_a_finding_proposes_allows_it() {
    let home = home();
    home.write("tree/a b.txt", &token("abcdef"));
    let run = home.run(&["scan", "tree"]).expect(4);
    let line = run.stdout.split('`').nth(1).expect("a line to add");
    home.write("tree/.lorekeep-allow", line);
    home.run(&["scan", "tree"]).expect(0);
    let run = piped(&home, &["scan", "-"], token("abcdef").as_bytes()).expect(4);
    let setting = "guard.rules = [\"scan custom/TOKEN=allow\"]";
    assert!(run.stdout.contains(setting), "{run:?}");
    home.write("tree/.lorekeep-allow", "a.txt github-pta\n");
    let run = home.run(&["scan", "tree"]).expect(2);
    assert!(run.stderr.contains("did you mean `github-pat`?"), "{run:?}");
}

#[test]
fn utf_16_is_looked_through() {
    let home = home();
    let text = format!("é one\nand {} more\n", token("abcdef"));
    let little = text.encode_utf16().flat_map(u16::to_le_bytes);
    let big = text.encode_utf16().flat_map(u16::to_be_bytes);
    let marked = [0xff, 0xfe].into_iter().chain(little.clone());
    let all: [Vec<u8>; 3] = [little.collect(), big.collect(), marked.collect()];
    for bytes in all {
        let file = home.path().join("tree").join("wide.txt");
        home.write("tree/wide.txt", "");
        fs_err::write(&file, &bytes).expect("a file");
        let json = home.json(&["scan", "tree", "--json"]);
        let found = &json["findings"][0];
        assert_eq!(
            (&found["line"], &found["column"]),
            (&2.into(), &5.into()),
            "{json}"
        );
        assert_eq!(found["start"], Value::Null);
    }
}

#[test]
fn long_files_and_long_lines_are_found_through_with_right_places() {
    let home = home();
    let token = token("abcdef");
    // Longer than what is looked through at once, so that findings lie at seams.
    let filler = "word and word ".repeat(3000);
    let mut text = String::new();
    let mut places = Vec::new();
    for number in 0..60 {
        let separator = if number % 7 == 0 { "\n" } else { " " };
        text.push_str(&filler[..filler.len() - number * 13 - 1]);
        text.push_str(separator);
        places.push(text.len());
        text.push_str(&token);
        text.push(' ');
    }
    let file = home.write("long.txt", &text);
    let check = |text: &str, findings: &Value| {
        let findings = findings.as_array().expect("a list");
        assert_eq!(findings.len(), places.len());
        for (finding, place) in findings.iter().zip(&places) {
            let before = &text[..*place];
            let line = 1 + before.matches('\n').count();
            let column = 1 + before.rsplit('\n').next().map_or(0, str::len);
            assert_eq!(finding["start"], *place);
            assert_eq!([&finding["line"], &finding["column"]], [line, column]);
        }
    };
    check(
        &text,
        &home.json(&["scan", path(&file), "--json"])["findings"],
    );
    let run = piped(&home, &["scan", "-", "--json"], text.as_bytes()).expect(4);
    let json: Value = serde_json::from_str(&run.stdout).expect("a document");
    check(&text, &json["findings"]);
    let endless = home.write("endless.txt", &"x9".repeat(3_000_000));
    home.run(&["scan", path(&endless)]).expect(0);
}

#[test]
fn a_file_name_cannot_talk_to_the_terminal() {
    let home = home();
    let name = "tree/\u{1b}[2Jx\ny:1:1: fake.txt";
    home.write(name, &token("abcdef"));
    let run = home.run(&["scan", "tree"]).expect(4);
    assert!(!run.stdout.contains('\u{1b}'), "{run:?}");
    assert_eq!(run.stdout.lines().count(), 3, "{run:?}");
}

#[test]
fn a_batch_is_answered_line_by_line() {
    let home = home();
    let mut child = home
        .command()
        .args(["scan", "--batch", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdin = child.stdin.take().expect("an input");
    let mut stdout = std::io::BufReader::new(child.stdout.take().expect("an output"));
    let mut ask = |line: &str| -> Value {
        writeln!(stdin, "{line}").expect("it listens");
        let mut answer = String::new();
        std::io::BufRead::read_line(&mut stdout, &mut answer).expect("it answers at once");
        serde_json::from_str(&answer).expect("JSON")
    };
    let text = format!("é {} lorekeep:allow", token("abcdef"));
    let answer = ask(&json!({"id": 7, "text": text}).to_string());
    assert_eq!(answer["id"], 7);
    assert_eq!(answer["verdict"], "mask");
    assert_eq!(answer["findings"][0]["start"], 3);
    assert_eq!(ask("{\"id\": 8}")["line"], 2);
    assert_eq!(ask("no JSON")["line"], 3);
    let answer = ask("{\"id\": {\"a\": 1}, \"text\": \"clean\"}");
    assert_eq!(
        answer,
        json!({"id": {"a": 1}, "verdict": "allow", "findings": []})
    );
    drop(stdin);
    assert_eq!(child.wait().expect("it ends").code(), Some(1));
    let line = json!({"id": 1, "text": token("abcdef")}).to_string();
    piped(&home, &["scan", "--batch", "-"], line.as_bytes()).expect(0);
    let fail = ["scan", "--batch", "-", "--fail-on", "mask"];
    piped(&home, &fail, line.as_bytes()).expect(4);
    let fail = ["scan", "--batch", "-", "--fail-on", "block"];
    piped(&home, &fail, line.as_bytes()).expect(0);
}

#[test]
fn sarif_has_what_its_schema_asks_for() {
    let home = home();
    let token = token("abcdef");
    home.write("tree/a b.txt", &format!("{token}\n{token}\n"));
    let sarif = home.json(&["scan", "tree", "nowhere", "--sarif"]);
    assert_eq!(sarif["version"], "2.1.0");
    let run = &sarif["runs"][0];
    let driver = &run["tool"]["driver"];
    assert_eq!(driver["name"], "lorekeep");
    assert_eq!(run["invocations"][0]["executionSuccessful"], false);
    let rule = &driver["rules"][0];
    for text in ["shortDescription", "fullDescription", "help"] {
        assert!(
            rule[text]["text"]
                .as_str()
                .is_some_and(|text| !text.is_empty()),
            "{text}"
        );
    }
    let results = run["results"].as_array().expect("a list");
    assert_eq!(results.len(), 2);
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index"));
        let rule = &driver["rules"][index.expect("a small number")];
        assert_eq!(result["ruleId"], rule["id"]);
        assert!(result["message"]["text"].is_string());
        assert!(["error", "warning"].contains(&result["level"].as_str().expect("a level")));
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "tree/a%20b.txt");
        assert_eq!(place["region"]["startColumn"], 1);
    }
    let prints: Vec<_> = results.iter().map(|r| &r["partialFingerprints"]).collect();
    assert_ne!(prints[0], prints[1]);
}

#[cfg(unix)]
#[test]
fn a_full_device_is_a_failure_and_a_closed_pipe_none() {
    let home = home();
    let file = home.write("many.txt", &format!("{}\n", token("abcdef")).repeat(20_000));
    if Path::new("/dev/full").exists() {
        let full = fs_err::File::create("/dev/full").expect("the device");
        let mut command = home.command();
        let run = command
            .args(["scan", path(&file)])
            .stdout(Stdio::from(full.into_file()));
        let output = run.output().expect("the program runs");
        assert_eq!(output.status.code(), Some(1));
    }
    let mut child = home
        .command()
        .args(["scan", path(&file)])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut start = [0; 10];
    let mut stdout = child.stdout.take().expect("an output");
    stdout.read_exact(&mut start).expect("a start");
    drop(stdout);
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
}

#[cfg(unix)]
#[test]
fn ctrl_c_ends_it_at_once() {
    use std::os::unix::process::ExitStatusExt as _;
    let home = home();
    let mut child = home
        .command()
        .args(["scan", "-"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program starts");
    std::thread::sleep(std::time::Duration::from_millis(200));
    let id = i32::try_from(child.id()).expect("an id");
    let process = rustix::process::Pid::from_raw(id).expect("a process");
    rustix::process::kill_process(process, rustix::process::Signal::INT).expect("a signal");
    assert_eq!(child.wait().expect("it ends").signal(), Some(2));
}

fn git(directory: &Path, arguments: &[&str]) {
    let status = Command::new("git")
        .arg("-C")
        .arg(directory)
        .args(["-c", "user.name=Ann", "-c", "user.email=ann@example.org"])
        .args(arguments)
        .env("GIT_CONFIG_GLOBAL", "/dev/null")
        .env("GIT_CONFIG_SYSTEM", "/dev/null")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    assert!(status.expect("git runs").success(), "{arguments:?}");
}

#[test]
fn a_history_is_looked_through_with_commit_and_line() {
    let home = home();
    let tree = home.path().join("tree");
    let (first, merged) = (token("first1"), token("merge2"));
    home.write("tree/a b.txt", &format!("one\ntwo\n{first}\n"));
    home.write("tree/.gitattributes", "a*.txt binary\n");
    git(&tree, &["init", "--initial-branch=main", "."]);
    git(&tree, &["add", "."]);
    git(&tree, &["commit", "-m", "first"]);
    home.write("tree/a b.txt", "one\ntwo\nthree\n");
    git(&tree, &["commit", "-am", "away with it"]);
    git(&tree, &["checkout", "-b", "side", "HEAD~1"]);
    home.write("tree/c.txt", "side\n");
    git(&tree, &["add", "."]);
    git(&tree, &["commit", "-m", "side"]);
    git(&tree, &["checkout", "main"]);
    git(&tree, &["merge", "--no-commit", "side"]);
    home.write("tree/c.txt", &format!("side\n+++ b/not/a/path\n{merged}\n"));
    git(&tree, &["add", "."]);
    git(&tree, &["commit", "-m", "merge"]);
    home.run(&["scan", "tree"]).expect(4);
    let json = home.json(&["scan", "tree", "--history", "--json"]);
    let findings = json["findings"].as_array().expect("a list");
    let place = |finding: &Value| {
        assert_eq!(finding["commit"].as_str().map(str::len), Some(40));
        assert!(finding.get("start").is_none());
        format!(
            "{}:{}:{}",
            finding["path"], finding["line"], finding["column"]
        )
    };
    let places: Vec<String> = findings.iter().map(place).collect();
    assert_eq!(places, ["\"c.txt\":3:1", "\"a b.txt\":3:1"]);
    home.run(&["scan", "tree", "--history=HEAD~1..HEAD~1"])
        .expect(0);
    home.run(&["scan", "tree", "--history", "--exclude", "*.txt"])
        .expect(0);
    let run = home
        .run(&["scan", "tree", "--history=--output=x"])
        .expect(1);
    assert!(
        !tree.join("x").exists() && run.stderr.contains("git: "),
        "{run:?}"
    );
    let run = home.run(&["scan", "--history"]).expect(1);
    assert!(run.stderr.contains("not a git repository"), "{run:?}");
    home.run(&["scan", "nowhere", "--history"]).expect(2);
}

#[cfg(unix)]
#[test]
fn a_history_that_never_answers_is_given_up() {
    for name in ["config", "info/attributes"] {
        let home = home();
        let tree = home.path().join("tree");
        home.write("tree/a.txt", "one\n");
        git(&tree, &["init", "--initial-branch=main", "."]);
        git(&tree, &["add", "."]);
        git(&tree, &["commit", "-m", "first"]);
        let file = tree.join(".git").join(name);
        let _ = fs_err::remove_file(&file);
        let mode = rustix::fs::Mode::from_raw_mode(0o600);
        rustix::fs::mkfifoat(rustix::fs::CWD, &file, mode).expect("a named pipe");
        let run = home.run(&["scan", "tree", "--history"]).expect(1);
        assert!(run.stderr.contains("named pipe"), "{run:?}");
    }
}

#[test]
fn a_bad_pattern_ends_it_with_its_place() {
    let home = Home::new();
    home.write(
        "lorekeep/config.toml",
        "[guard]\npatterns = [\n  'pii STAFF = EMP-[0-9',\n]\n",
    );
    let run = home.run(&["scan", "."]).expect(2);
    assert!(
        run.stderr.contains(
            "config.toml, line 3: `guard.patterns`: bad pattern `EMP-[0-9` at character 5"
        ),
        "{run:?}"
    );
    assert_eq!(home.run(&["config", "check"]).expect(2).stderr, run.stderr);
}

/// A line of another shape was quoted in the answer, by the JSON parser, before anybody had judged it.
#[test]
fn a_bad_line_of_a_batch_is_not_quoted() {
    let home = Home::new();
    let value = format!("{}_{}", "ghp", "a1B2".repeat(9));
    let lines = format!("\"{value}\"\n{{\"text\":[\"{value}\"]}}\n{{\"text\": {value}}}\n");
    fs_err::write(home.path().join("batch.jsonl"), lines).expect("a file");
    let run = home.run(&["scan", "--batch", "batch.jsonl"]);
    assert_eq!(run.code, Some(1), "{run:?}");
    assert_eq!(run.stdout.matches("\"error\"").count(), 3, "{run:?}");
    assert!(
        !run.stdout.contains(&value) && !run.stderr.contains(&value),
        "{run:?}"
    );
}
