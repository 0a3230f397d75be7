//! Facts on the command line and over HTTP, and what a killed server leaves of those that it was drawing.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::serve_client::{HttpServer, new_key};
use crate::support::Home;

/// The text of each fact that `facts list` prints, the newest first.
fn listed(home: &Home, arguments: &[&str]) -> Vec<String> {
    let mut all = vec!["facts", "list", "--json"];
    all.extend(arguments);
    let document = home.json(&all);
    let facts = document["facts"].as_array().cloned().unwrap_or_default();
    facts
        .iter()
        .map(|fact| fact["memory"].as_str().unwrap_or_default().to_owned())
        .collect()
}

#[test]
fn facts_are_written_down_changed_moved_and_forgotten() {
    let home = Home::new();
    home.run(&["facts", "list"]).expect(3);
    let added = home.json(&[
        "facts", "add", "I", "live", "in", "Lisbon", "--topic", "home", "--json",
    ]);
    let lisbon = added["fact"]["memory_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    assert_eq!(added["fact"]["by"], "person");
    home.run(&[
        "facts",
        "add",
        "I live in Porto",
        "--replaces",
        &lisbon[..8],
    ])
    .expect(0);
    assert_eq!(listed(&home, &[]), ["I live in Porto"]);
    assert_eq!(
        listed(&home, &["--past"]),
        ["I live in Porto", "I live in Lisbon"]
    );
    assert_eq!(
        listed(&home, &["--past", "--topic", "HOME"]),
        ["I live in Lisbon"]
    );
    let page = home.json(&["facts", "list", "--past", "--limit", "1", "--json"]);
    let next = page["next"].as_str().expect("a next page");
    assert_eq!(
        listed(&home, &["--past", "--after", next]),
        ["I live in Lisbon"]
    );
    let found = home.json(&["facts", "search", "porto", "--json"]);
    let porto = found["facts"][0]["memory_id"]
        .as_str()
        .expect("an id")
        .to_owned();
    home.run(&["facts", "edit", &porto, "I live in Braga"])
        .expect(0);
    home.run(&["facts", "edit", &porto]).expect(2);
    home.run(&["facts", "edit", "nobody", "x"]).expect(3);

    // To another home, as it is.
    let lines = home.run(&["facts", "export"]).expect(0).stdout;
    let other = Home::new();
    let file = other.write("facts.jsonl", &lines);
    other
        .run(&["import", file.to_str().expect("a path")])
        .expect(0);
    assert_eq!(listed(&other, &["--past"]), listed(&home, &["--past"]));
    assert_eq!(other.run(&["facts", "export"]).expect(0).stdout, lines);

    home.run(&["facts", "forget", &porto]).expect(0);
    assert!(listed_or_none(&home).is_empty());
}

fn listed_or_none(home: &Home) -> String {
    home.run(&["facts", "list", "--past"]).expect(3).stdout
}

/// A model's server: yes to everything, and to requests for facts what a script says, or nothing as long as the
/// client waits.
struct FactModel {
    port: u16,
    asked: Receiver<()>,
    hangs: Arc<Mutex<bool>>,
}

impl FactModel {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let (sender, asked) = channel();
        let hangs = Arc::new(Mutex::new(true));
        let shared = Arc::clone(&hangs);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (sender, hangs) = (sender.clone(), Arc::clone(&shared));
                std::thread::spawn(move || answer(stream, &sender, &hangs));
            }
        });
        Self { port, asked, hangs }
    }

    fn serve(&self, home: &Home) -> HttpServer {
        let mut command = home.command();
        command
            .env("MODEL__URL", format!("http://127.0.0.1:{}/v1", self.port))
            .env("MODEL__NAME", "yes")
            .env("FACTS__EXTRACT", "true")
            .args(["serve", "--addr", "127.0.0.1:0"]);
        HttpServer::spawn(&mut command)
    }
}

fn answer(stream: TcpStream, asked: &Sender<()>, hangs: &Mutex<bool>) -> Option<()> {
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    let mut length = 0;
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        if line.trim().is_empty() {
            break;
        }
        if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
            length = value.trim().parse().ok()?;
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let is_for_facts = body.get("response_format").is_some();
    let mut out = stream;
    if is_for_facts {
        asked.send(()).ok()?;
        if *hangs.lock().ok()? {
            // Until the client is gone.
            let _ = reader.read(&mut [0]);
            return None;
        }
        let facts = json!({"facts": [
            {"fact": "keeps quokkas", "quote": "I keep quokkas", "kind": "pet", "topics": ["pets"]},
        ]});
        let whole = json!({
            "object": "chat.completion",
            "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": facts.to_string()}}],
        })
        .to_string();
        let head = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
            whole.len()
        );
        return out.write_all(format!("{head}{whole}").as_bytes()).ok();
    }
    let chunk =
        json!({"choices": [{"index": 0, "delta": {"content": "Yes."}, "finish_reason": "stop"}]});
    let text = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nConnection: close\r\n\r\ndata: {chunk}\n\ndata: [DONE]\n\n"
    );
    out.write_all(text.as_bytes()).ok()
}

#[test]
fn a_server_that_is_killed_while_it_draws_draws_it_after_the_next_start() {
    let (home, model) = (Home::new(), FactModel::start());
    let mut server = model.serve(&home);
    let key = new_key(&home, &["chat", "memory"]);
    let made = server
        .request("POST", "/api/conversations", Some(&key), Some(&json!({})))
        .expect(201)
        .json();
    let turns = format!(
        "/api/conversations/{}/turns",
        made["id"].as_str().expect("an id")
    );
    let text = json!({"text": "I keep quokkas."});
    server
        .request("POST", &turns, Some(&key), Some(&text))
        .expect(202);
    model.asked.recv().expect("it asks for facts");
    server.child.kill().expect("it is killed");
    server.child.wait().expect("it ends");
    home.run(&["verify"]).expect(0);
    assert!(listed_or_none(&home).is_empty());

    *model.hangs.lock().expect("no panic") = false;
    let server = model.serve(&home);
    model.asked.recv().expect("it asks again");
    let facts = loop {
        let facts = server.get("/api/facts", Some(&key)).expect(200).json()["facts"].clone();
        if facts.as_array().is_some_and(|all| !all.is_empty()) {
            break facts;
        }
        std::thread::yield_now();
    };
    assert_eq!(facts[0]["memory"], "keeps quokkas");
    let id = facts[0]["memory_id"].as_str().expect("an id");
    let path = format!("/api/facts/{id}");

    // Changed by one who knows what it is, and by one who doesn't.
    let bearer = format!("Bearer {key}");
    let version = format!("\"{}\"", facts[0]["version"]);
    let patch = |memory: &str| {
        let headers = [
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("If-Match", version.as_str()),
        ];
        let body = json!({"memory": memory}).to_string();
        server.send("PATCH", &path, &headers, body.as_bytes())
    };
    assert_eq!(patch("keeps 3 quokkas").expect(200).json()["by"], "person");
    patch("keeps none").expect(409);
    let found = server
        .get("/api/facts?q=quokkas", Some(&key))
        .expect(200)
        .json();
    assert_eq!(found["facts"][0]["memory"], "keeps 3 quokkas");
    let added = json!({"memory": "likes plums", "topics": ["food"]});
    server
        .request("POST", "/api/facts", Some(&key), Some(&added))
        .expect(201);
    server
        .request("DELETE", &path, Some(&key), None)
        .expect(200);
    server.get(&path, Some(&key)).expect(404);
    drop(server);
    assert_eq!(listed(&home, &[]), ["likes plums"]);
}
