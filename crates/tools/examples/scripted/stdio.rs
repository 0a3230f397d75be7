//! The scripted server over standard input and output, as raw as a program can be that isn't written with a library.

use std::ffi::OsString;
use std::io::Write as _;
use std::process::Command;
use std::time::Duration;

use serde_json::{Value, json};

use crate::script::{Reply, answer};

pub(crate) fn serve(flags: &[OsString]) {
    let has = |flag: &str| flags.iter().any(|given| given == flag);
    if has("silent") {
        loop {
            std::thread::sleep(Duration::from_secs(60));
        }
    }
    if has("greeting") {
        println!("Welcome to the scripted server!\n\n{{not json}}");
    }
    if has("complains") {
        for n in 0..100 {
            eprintln!(
                "\u{1b}[31mcomplaint {n}\u{1b}[0m {}",
                std::env::var("SCRIPTED_SECRET").unwrap_or_default()
            );
        }
        std::process::exit(3);
    }
    if has("stubborn") {
        // Neither the end of its input nor being asked ends it.
        Command::new("sh")
            .args(["-c", "trap '' TERM HUP; sleep 100000 & wait; sleep 100000"])
            .spawn()
            .unwrap();
    }
    let mut session = Session::default();
    for line in std::io::stdin().lines() {
        let Ok(message) = serde_json::from_str::<Value>(&line.unwrap()) else {
            continue;
        };
        session.take(&message);
    }
    if has("stubborn") {
        loop {
            std::thread::sleep(Duration::from_secs(60));
        }
    }
}

#[derive(Default)]
struct Session {
    calls: u64,
    has_changed: bool,
    /// The call that waits for an answer of the client.
    asked: Option<Value>,
    cancelled: Vec<Value>,
}

fn say(message: &Value) {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{message}").unwrap();
    out.flush().unwrap();
}

fn result(id: &Value, result: Value) {
    say(&json!({"jsonrpc": "2.0", "id": id, "result": result}));
}

fn text(id: &Value, text: &str) {
    result(id, json!({"content": [{"type": "text", "text": text}]}));
}

impl Session {
    fn take(&mut self, message: &Value) {
        let id = &message["id"];
        let Some(method) = message["method"].as_str() else {
            // The answer to a question of ours.
            if let Some(asked) = self.asked.take() {
                let said = if message["error"].is_null() {
                    &message["result"]
                } else {
                    &message["error"]
                };
                text(&asked, &said.to_string());
            }
            return;
        };
        if method == "notifications/cancelled" {
            self.cancelled.push(message["params"]["requestId"].clone());
        }
        if id.is_null() {
            return;
        }
        if method == "tools/call" {
            self.calls += 1;
        }
        match answer(method, &message["params"], self.calls, self.has_changed) {
            Reply::Result(value) => result(id, value),
            Reply::Error(code, text) => {
                say(&json!({"jsonrpc": "2.0", "id": id, "error": {"code": code, "message": text}}));
            }
            Reply::Act(act, arguments) => self.act(act, id, message, &arguments),
        }
    }

    fn act(&mut self, act: &str, id: &Value, message: &Value, arguments: &Value) {
        match act {
            "wedge" => std::thread::sleep(Duration::from_secs(100_000)),
            "die" => std::process::exit(7),
            "complain" => {
                eprintln!("out of cheese");
                std::process::exit(9);
            }
            "flood" => {
                let mut out = std::io::stdout().lock();
                let block = vec![b'x'; 1 << 20];
                let _ = write!(
                    out,
                    "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"content\":[{{\"type\":\"text\",\"text\":\""
                );
                for _ in 0..arguments["megabytes"].as_u64().unwrap() {
                    if out.write_all(&block).is_err() {
                        return;
                    }
                }
                let _ = writeln!(out, "\"}}]}}}}");
            }
            "flood_lines" => {
                for n in 0..20_000 {
                    println!(
                        "{{\"jsonrpc\":\"2.0\",\"method\":\"notifications/message\",\"params\":{{\"level\":\"info\",\"data\":{n}}}}}"
                    );
                }
                text(id, "done");
            }
            "many_values" => {
                let values = "[],".repeat(2_000_000);
                say_raw(&format!(
                    "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"result\":{{\"content\":[{values}[]]}}}}"
                ));
            }
            "wrong_id" => result(&json!(123_456), json!({"content": []})),
            "change" => {
                self.has_changed = true;
                say(&json!({"jsonrpc": "2.0", "method": "notifications/tools/list_changed"}));
                text(id, "changed");
            }
            "children" => {
                let script = "sleep 100000 & setsid sleep 100000 & (setsid sh -c 'sleep 100000 & sleep 100000' &) ; echo started >&2; wait";
                Command::new("sh").args(["-c", script]).spawn().unwrap();
                text(id, "started");
            }
            "progress" => {
                let token = &message["params"]["_meta"]["progressToken"];
                for n in 1..=arguments["steps"].as_u64().unwrap() {
                    say(
                        &json!({"jsonrpc": "2.0", "method": "notifications/progress", "params": {"progressToken": token, "progress": n, "total": 3, "message": "working"}}),
                    );
                    std::thread::sleep(Duration::from_millis(
                        arguments["pause_ms"].as_u64().unwrap_or(0),
                    ));
                }
                text(id, "done");
            }
            "ask" => {
                self.asked = Some(id.clone());
                say(
                    &json!({"jsonrpc": "2.0", "id": "q1", "method": "elicitation/create", "params": {"message": "How many?", "requestedSchema": {"type": "object", "properties": {"n": {"type": "integer"}}, "required": ["n"]}}}),
                );
            }
            "sample" => {
                self.asked = Some(id.clone());
                say(
                    &json!({"jsonrpc": "2.0", "id": "q2", "method": "sampling/createMessage", "params": {"messages": [{"role": "user", "content": {"type": "text", "text": "hi"}}], "maxTokens": 5}}),
                );
            }
            "roots" => {
                self.asked = Some(id.clone());
                say(&json!({"jsonrpc": "2.0", "id": "q3", "method": "roots/list"}));
            }
            // Says which calls were cancelled.
            "late" => text(id, &json!(self.cancelled).to_string()),
            _ => {}
        }
    }
}

fn say_raw(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
}
