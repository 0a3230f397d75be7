//! `lorekeep reflect`: insights kept, listed, changed, deleted, marked and taken over.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::support::{Home, Run, path};

fn listed(home: &Home, more: &[&str]) -> Vec<String> {
    let arguments = [&["reflect", "list", "--json", "--project", "all"], more].concat();
    let doc = home.json(&arguments);
    let all = doc["reflections"].as_array().expect("a list");
    let content = |reflection: &Value| reflection["content"].as_str().unwrap_or("").to_owned();
    all.iter().map(content).collect()
}

#[test]
fn a_reflection_is_kept_found_changed_and_deleted() {
    let home = Home::with_conversations();
    let doc = home.json(&[
        "reflect",
        "Webhooks",
        "are",
        "never",
        "retried",
        "--tag",
        "retries",
        "-t",
        "api",
        "--project",
        "ferry",
        "--author",
        "Ines",
        "--json",
    ]);
    let kept = &doc["reflection"];
    let id = kept["id"].as_str().expect("an id").to_owned();
    assert_eq!(kept["content"], "Webhooks are never retried");
    assert_eq!(kept["tags"], json!(["retries", "api"]));
    assert_eq!(
        (&kept["project"], &kept["role"], &kept["author"]),
        (&json!("ferry"), &json!("user"), &json!("Ines"))
    );

    let found = home.json(&["search", "webhooks retried", "--project", "ferry", "--json"]);
    let hit = &found["hits"][0];
    assert_eq!(
        (&hit["message_id"], &hit["source"]),
        (&json!(id), &json!("reflection"))
    );
    assert_eq!(
        hit["reflection"],
        json!({"tags": ["retries", "api"], "author": "Ines"})
    );
    let page = home
        .run(&["search", "webhooks retried", "--project", "ferry"])
        .expect(0);
    assert!(
        page.stdout.contains("reflection  #retries  #api"),
        "{page:?}"
    );
    let shown = home.json(&["show", &id[..8], "--json"]);
    assert_eq!(
        shown["messages"][0]["reflection"]["tags"],
        json!(["retries", "api"])
    );

    let run = home.run(&[
        "reflect",
        "edit",
        &id[..8],
        "Webhooks are retried once",
        "--no-tags",
    ]);
    assert!(run.expect(0).stdout.starts_with("changed "));
    assert_eq!(listed(&home, &[]), ["Webhooks are retried once"]);
    assert_eq!(listed(&home, &["--tag", "api"]), [""; 0]);

    let run = home.run(&["reflect", "delete", &id, "nope"]).expect(3);
    assert!(run.stderr.contains("no reflection `nope`"), "{run:?}");
    assert_eq!(listed(&home, &[]).len(), 1);
    home.run(&["reflect", "delete", &id]).expect(0);
    home.run(&["reflect", "list"]).expect(3);
    home.run(&["verify"]).expect(0);
}

#[test]
fn a_reflection_comes_from_standard_input_and_belongs_to_the_directory() {
    let home = Home::new();
    let work = home.path().join("mill");
    fs_err::create_dir_all(&work).expect("a directory");
    let mut child = home
        .command()
        .args(["reflect", "-", "--json"])
        .current_dir(&work)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program runs");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin
        .write_all(b"  Two lines\nof insight\n")
        .expect("it listens");
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let doc: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(doc["reflection"]["content"], "Two lines\nof insight");
    assert_eq!(doc["reflection"]["project"], "mill");
    let list = |directory: &std::path::Path| {
        Run::of(
            home.command()
                .args(["reflect", "list"])
                .current_dir(directory),
        )
    };
    let here = list(&work).expect(0);
    assert!(here.stdout.contains("Two lines of insight"), "{here:?}");
    let other = home.path().join("kiln");
    fs_err::create_dir_all(&other).expect("a directory");
    Run::of(
        home.command()
            .args(["reflect", "Cone six"])
            .current_dir(&other),
    )
    .expect(0);
    let there = list(&other).expect(0);
    assert!(!there.stdout.contains("insight"), "{there:?}");
}

#[test]
fn what_cannot_be_kept_is_refused() {
    let home = Home::with_conversations();
    let refused = |arguments: &[&str]| home.run(arguments).expect(2).stderr;
    assert!(refused(&["reflect", "  "]).contains("the reflection is empty"));
    let error = refused(&["reflect", "x", "--project", "fery"]);
    assert!(
        error.contains("no project `fery`") && error.contains("`ferry`"),
        "{error}"
    );
    assert!(refused(&["reflect", "x", "--tag", &"t".repeat(65)]).contains("at most 64 characters"));
    assert!(refused(&["reflect", "edit", "x"]).contains("TEXT"));
    assert!(refused(&["reflect", "mark", "r1", "--status", "gone"]).contains("resolved"));
}

#[test]
fn messages_are_marked_and_the_mark_is_shown_and_exported() {
    let home = Home::with_conversations();
    let doc = home.json(&[
        "reflect",
        "mark",
        "r2",
        "--status",
        "superseded",
        "--evidence",
        "six attempts now",
        "--json",
    ]);
    let expected = json!([{
        "id": "r2", "project": "ferry", "reflection": false, "before": null, "status": "superseded",
    }]);
    assert_eq!(doc["marked"], expected);
    let run = home
        .run(&["reflect", "mark", "r2", "--status", "open"])
        .expect(0);
    assert_eq!(run.stdout, "marked r2 open, which was superseded\n");
    home.run(&[
        "reflect",
        "mark",
        "r2",
        "--status",
        "superseded",
        "--evidence",
        "seven",
    ])
    .expect(0);
    let page = home
        .run(&["search", "exponential backoff", "--project", "all"])
        .expect(0);
    assert!(page.stdout.contains(": seven"), "{page:?}");
    let export = home
        .run(&["export", "--conversation", "retries"])
        .expect(0)
        .stdout;
    let line: Value = serde_json::from_str(export.lines().nth(1).expect("a line")).expect("JSON");
    assert_eq!(line["marks"].as_array().map(Vec::len), Some(3));
    let again = Home::new();
    let file = again.write("export.jsonl", &export);
    again.run(&["import", path(&file)]).expect(0);
    let shown = again.json(&["show", "retries", "--json"]);
    let evidence = |marks: &Value| -> Vec<Value> {
        let marks = marks.as_array().expect("a list").iter();
        marks.map(|mark| mark["evidence"].clone()).collect()
    };
    let marks = &shown["messages"][1]["marks"];
    assert_eq!(evidence(marks), evidence(&line["marks"]));
    assert_eq!(marks[2]["status"], "superseded");
    let unknown = home
        .run(&["reflect", "mark", "r1", "r9", "--status", "resolved"])
        .expect(3);
    assert!(
        unknown.stderr.contains("`r9`") && !unknown.stderr.contains("`r1`"),
        "{unknown:?}"
    );
}

/// A server that answers as a Qdrant with these points, three a page, and remembers what it was asked.
struct Store {
    address: String,
    asked: Arc<Mutex<Vec<String>>>,
}

impl Store {
    fn serve(key: Option<&'static str>, collections: Vec<(&'static str, Vec<Value>)>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                answer(stream, key, &collections, &log);
            }
        });
        Self { address, asked }
    }
}

fn answer(
    stream: TcpStream,
    key: Option<&str>,
    collections: &[(&str, Vec<Value>)],
    log: &Mutex<Vec<String>>,
) {
    let mut reader = BufReader::new(stream);
    loop {
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                return;
            }
            if line == "\r\n" {
                break;
            }
            head.push(line.trim_end().to_owned());
        }
        let header = |name: &str| {
            let mut all = head.iter().filter_map(|line| line.split_once(": "));
            all.find(|(own, _)| own.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.to_owned())
        };
        let length = header("content-length")
            .and_then(|length| length.parse().ok())
            .unwrap_or(0);
        let mut body = vec![0; length];
        reader.read_exact(&mut body).expect("the body");
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        log.lock().expect("nobody panicked").push(head[0].clone());
        let (status, json) = match key {
            Some(key) if header("api-key").as_deref() != Some(key) => ("403 Forbidden", json!({})),
            _ => ("200 OK", respond(&head[0], &body, collections)),
        };
        let json = json.to_string();
        let length = json.len();
        let text = format!(
            "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{json}"
        );
        if reader.get_mut().write_all(text.as_bytes()).is_err() {
            return;
        }
    }
}

fn respond(request: &str, body: &Value, collections: &[(&str, Vec<Value>)]) -> Value {
    if request.starts_with("GET /collections ") {
        let names: Vec<Value> = collections
            .iter()
            .map(|(name, _)| json!({"name": name}))
            .collect();
        return json!({"result": {"collections": names}, "status": "ok"});
    }
    let asked =
        |name: &str| request.starts_with(&format!("POST /collections/{name}/points/scroll "));
    let Some((_, points)) = collections.iter().find(|(name, _)| asked(name)) else {
        return json!({"status": {"error": "no such collection"}});
    };
    let from = points
        .iter()
        .position(|point| point["id"] == body["offset"])
        .unwrap_or(0);
    let page: Vec<&Value> = points.iter().skip(from).take(3).collect();
    let next = points.get(from + 3).map(|point| &point["id"]);
    json!({"result": {"points": page, "next_page_offset": next}, "status": "ok"})
}

fn point(n: i64) -> Value {
    json!({"id": 1_756_720_800 + n, "payload": {
        "text": format!("Insight {n}"), "tags": ["old"], "timestamp": "2025-09-01T10:00:00",
        "type": "reflection", "role": "user_reflection", "project": "ferry",
    }})
}

#[test]
fn reflections_of_a_qdrant_are_imported_once() {
    let modern = json!({"id": "0cc175b9-c0f1-46a8-b1c3-99e269772661", "payload": {
        "content": "Insight of later", "tags": ["new"], "timestamp": "2025-10-01T10:00:00+00:00",
    }});
    let collections = vec![
        (
            "conv_0a1b2c3d_local",
            vec![json!({"id": 5, "payload": {"text": "No insight"}})],
        ),
        (
            "reflections_local",
            (0..7).map(point).chain([modern]).collect(),
        ),
        ("reflections_voyage", vec![point(0)]),
    ];
    let store = Store::serve(Some("sesame"), collections);
    let home = Home::with_conversations();
    let import = |more: &[&str]| {
        let mut command = home.command();
        command
            .env("QDRANT_API_KEY", "sesame")
            .env("QDRANT_URL", &store.address);
        Run::of(command.args(["reflect", "import"]).args(more))
    };
    let first: Value = serde_json::from_str(&import(&["--json"]).expect(0).stdout).expect("JSON");
    let expected = json!({"store": store.address, "added": 8, "known": 1, "empty": 0, "marks": 0});
    assert_eq!(first["stores"], json!([expected]));
    let again = import(&[]).expect(0);
    assert!(
        again
            .stdout
            .contains("0 reflections added, 9 known already"),
        "{again:?}"
    );
    assert_eq!(listed(&home, &["--tag", "old"]).len(), 7);
    assert_eq!(listed(&home, &["--tag", "new"]), ["Insight of later"]);
    let doc = home.json(&["reflect", "list", "--project", "ferry", "--json"]);
    assert_eq!(doc["reflections"].as_array().map(Vec::len), Some(7));
    assert_eq!(doc["reflections"][0]["created"], "2025-09-01T10:00:00.000Z");
    let asked = store.asked.lock().expect("nobody panicked").join("\n");
    assert!(!asked.contains("conv_0a1b2c3d_local"), "{asked}");

    let locked_out = home.run(&["reflect", "import", &store.address]).expect(1);
    assert!(
        locked_out.stderr.contains("set QDRANT_API_KEY"),
        "{locked_out:?}"
    );
    assert!(!locked_out.stderr.contains("sesame"));
}

#[test]
fn a_qdrant_whose_page_would_take_much_memory_is_not_read() {
    let home = Home::new();
    let tiny = json!({"id": 1, "payload": {"text": "x", "more": vec![0; 70_000]}});
    let store = Store::serve(None, vec![("reflections_local", vec![tiny])]);
    let run = home.run(&["reflect", "import", &store.address]).expect(1);
    assert!(
        run.stderr.contains("answered as Qdrant never does"),
        "{run:?}"
    );
}

#[test]
fn a_qdrant_that_is_not_there_or_none_fails_with_a_hint() {
    let home = Home::new();
    let nobody = TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = format!("http://{}", nobody.local_addr().expect("an address"));
    drop(nobody);
    let run = home.run(&["reflect", "import", &address]).expect(1);
    assert!(run.stderr.contains("hint: start Qdrant"), "{run:?}");
    let odd = Store::serve(None, vec![("reflections_local", vec![json!({"id": 1}); 9])]);
    let run = home.run(&["reflect", "import", &odd.address]).expect(1);
    assert!(
        run.stderr.contains("answered as Qdrant never does"),
        "{run:?}"
    );
    let file = home.write("notes.txt", "no database");
    let run = home.run(&["reflect", "import", path(&file)]).expect(2);
    assert!(
        run.stderr.contains("is not a database of Self-Reflect"),
        "{run:?}"
    );
}
