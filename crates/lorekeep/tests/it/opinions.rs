//! Second opinions as a process: what they find, and what happens when they can't be had.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Home, Run, path};

/// Nothing that a guard of this machine finds anything in.
const TEXT: &str = "The tide tables come from the harbour office.\n";

/// A moderation endpoint that answers everything alike, and what it was asked.
struct Endpoint {
    address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

/// A request: its first line and headers, and its body.
struct Asked {
    head: Vec<String>,
    body: Value,
}

impl Asked {
    fn header(&self, name: &str) -> Option<&str> {
        let mut all = self.head.iter().filter_map(|line| line.split_once(": "));
        let found = all.find(|(own, _)| own.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }
}

impl Endpoint {
    fn serve(status: &'static str, answer: &Value) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}/v1", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        let answer = answer.to_string();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                converse(stream, status, &answer, &log);
            }
        });
        Self { address, asked }
    }

    /// One that takes every text for harassment.
    fn that_flags() -> Self {
        let categories = json!({"harassment": true, "violence": false});
        let scores = json!({"harassment": 0.75, "violence": 0.01});
        let result = json!({"flagged": true, "categories": categories, "category_scores": scores});
        Self::serve("200 OK", &json!({"results": [result]}))
    }

    fn times_asked(&self) -> usize {
        self.asked.lock().expect("nobody panicked").len()
    }

    /// A run of the program that asks this endpoint.
    fn run(&self, home: &Home, arguments: &[&str], more: &[(&str, &str)]) -> Run {
        let mut command = home.command();
        command.env("GUARD__MODERATION_URL", &self.address);
        Run::of(command.args(arguments).envs(more.iter().copied()))
    }
}

fn converse(stream: TcpStream, status: &str, answer: &str, log: &Mutex<Vec<Asked>>) {
    let mut reader = BufReader::new(stream);
    while let Some(asked) = request(&mut reader) {
        log.lock().expect("nobody panicked").push(asked);
        let length = answer.len();
        let text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{answer}"
        );
        if reader.get_mut().write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn request(reader: &mut BufReader<TcpStream>) -> Option<Asked> {
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).unwrap_or(0) == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push(line.trim_end().to_owned());
    }
    let mut asked = Asked {
        head,
        body: Value::Null,
    };
    let length = asked.header("content-length");
    let mut body = vec![0; length.and_then(|length| length.parse().ok()).unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    asked.body = serde_json::from_slice(&body).unwrap_or_default();
    Some(asked)
}

/// A file of one line for `scan --batch`.
fn batch(home: &Home) -> String {
    let file = home.write(
        "batch.jsonl",
        &format!("{}\n", json!({"id": 7, "text": TEXT})),
    );
    path(&file).to_owned()
}

#[test]
fn a_classifier_that_is_not_there_is_told_and_blocks() {
    let home = Home::new();
    let file = home.write("a.txt", TEXT);
    let nowhere = home.path().join("nowhere");
    let run = |arguments: &[&str], more: &[(&str, &str)]| {
        let mut command = home.command();
        command.env("GUARD__CLASSIFIER", &nowhere);
        Run::of(command.args(arguments).envs(more.iter().copied()))
    };
    let scanned = run(&["scan", path(&file)], &[]).expect(1);
    let told = "the guard `classifier` failed: ";
    assert!(scanned.stderr.contains(told), "{scanned:?}");
    assert!(scanned.stderr.contains("nowhere"), "{scanned:?}");

    let batch = ["scan", "--batch", &batch(&home)];
    let judged = answer(&run(&batch, &[]).expect(0));
    assert_eq!(
        (&judged["id"], &judged["verdict"], &judged["findings"]),
        (&json!(7), &json!("block"), &json!([]))
    );
    assert_eq!(judged["failures"][0]["guard"], "classifier");
    let strict = [&batch[..], &["--fail-on", "block"]].concat();
    run(&strict, &[]).expect(4);

    // What becomes of it then is for the person to say.
    let judged = answer(&run(&batch, &[("GUARD__ON_FAILURE", "flag")]).expect(0));
    assert_eq!(judged["verdict"], "flag");

    // Whoever doesn't ask for it doesn't miss it.
    run(
        &["scan", path(&file)],
        &[("GUARD__SECOND_OPINION", "recall")],
    )
    .expect(0);
}

/// The one answer of a batch.
fn answer(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap_or_else(|error| panic!("{error}: {run:?}"))
}

#[test]
fn what_the_endpoint_flags_is_a_finding() {
    let home = Home::new();
    let endpoint = Endpoint::that_flags();
    let batch = ["scan", "--batch", &batch(&home)];
    let judged = answer(&endpoint.run(&home, &batch, &[]).expect(0));
    assert_eq!(judged["verdict"], "flag");
    let findings = judged["findings"].as_array().expect("a list");
    assert_eq!(findings.len(), 1, "{judged}");
    let finding = &findings[0];
    assert_eq!(
        ["kind", "entity", "rule"].map(|key| finding[key].as_str()),
        [
            Some("content"),
            Some("harassment"),
            Some("moderation-endpoint")
        ]
    );
    assert_eq!(finding["score"], 0.75);
    assert_eq!(
        (&finding["start"], &finding["end"]),
        (&json!(0), &json!(TEXT.len()))
    );

    let asked = endpoint.asked.lock().expect("nobody panicked");
    assert!(
        asked[0].head[0].starts_with("POST /v1/moderations "),
        "{:?}",
        asked[0].head
    );
    assert_eq!(asked[0].body["input"], TEXT);
    assert_eq!(asked[0].header("authorization"), None, "there is no key");
}

#[test]
fn a_file_is_judged_by_the_endpoint_too() {
    let home = Home::new();
    let endpoint = Endpoint::that_flags();
    let file = home.write("a.txt", TEXT);
    let run = endpoint.run(&home, &["scan", path(&file)], &[]).expect(4);
    assert!(run.stdout.contains("content harassment"), "{run:?}");
    assert!(run.stdout.contains("moderation-endpoint"), "{run:?}");

    // A search for secrets needs no opinion on content, so no text leaves the machine.
    let before = endpoint.times_asked();
    let secrets = ["scan", "--kind", "secret", path(&file)];
    endpoint.run(&home, &secrets, &[]).expect(0);
    assert_eq!(endpoint.times_asked(), before);
}

#[test]
fn an_endpoint_that_fails_is_told_and_blocks() {
    let home = Home::new();
    let file = home.write("a.txt", TEXT);
    let batch = batch(&home);
    for (status, answered, told) in [
        ("500 Internal Server Error", json!({}), "answered with 500"),
        ("302 Found", json!({}), "answered with 302"),
        (
            "401 Unauthorized",
            json!({}),
            "refuses `guard.moderation_key`",
        ),
        ("200 OK", json!({"results": []}), "as OpenAI's never does"),
    ] {
        let endpoint = Endpoint::serve(status, &answered);
        let run = endpoint.run(&home, &["scan", path(&file)], &[]).expect(1);
        let failed = "the guard `moderation-endpoint` failed: ";
        assert!(
            run.stderr.contains(failed) && run.stderr.contains(told),
            "{run:?}"
        );
        let run = endpoint.run(&home, &["scan", "--batch", &batch], &[]);
        let judged = answer(&run.expect(0));
        assert_eq!(judged["verdict"], "block", "{judged}");
        let what = judged["failures"][0]["what"].as_str().unwrap_or_default();
        assert!(what.contains(told), "{judged}");
    }
}

#[test]
fn the_key_is_sent_as_a_bearer_token_and_never_printed() {
    let home = Home::new();
    let key = ["open", "-", "sesame", "-", "4711"].concat();
    let more = [("GUARD__MODERATION_KEY", key.as_str())];
    let file = home.write("a.txt", TEXT);
    let file = path(&file);
    let batch = batch(&home);
    for endpoint in [
        Endpoint::that_flags(),
        Endpoint::serve("500 Internal Server Error", &json!({})),
        Endpoint::serve("401 Unauthorized", &json!({})),
    ] {
        for arguments in [
            &["scan", file][..],
            &["scan", "--json", file],
            &["scan", "--sarif", file],
            &["scan", "--batch", &batch],
            &["config"],
            &["doctor"],
        ] {
            let run = endpoint.run(&home, arguments, &more);
            assert!(!run.stdout.contains(&key), "{arguments:?}");
            assert!(!run.stderr.contains(&key), "{arguments:?}");
        }
        let asked = endpoint.asked.lock().expect("nobody panicked");
        let bearer = format!("Bearer {key}");
        assert!(asked.len() >= 4, "each scan asks");
        for one in asked.iter() {
            assert_eq!(one.header("authorization"), Some(bearer.as_str()));
        }
    }
    assert_eq!(
        files_with(home.path(), &key),
        [""; 0],
        "it is written nowhere"
    );
}

/// The files below a directory that hold a text.
fn files_with(directory: &Path, text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs_err::read_dir(directory).expect("a directory").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(files_with(&path, text));
        } else {
            let bytes = fs_err::read(&path).unwrap_or_default();
            if bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
            {
                found.push(path.display().to_string());
            }
        }
    }
    found
}
