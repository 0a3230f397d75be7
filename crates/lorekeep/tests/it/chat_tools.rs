//! Servers of tools behind the chat, as processes: this program's own MCP server is one.

use std::time::Duration;

use serde_json::{Value, json};

use crate::scripted::{Answer, ScriptedServer, end, text};
use crate::serve_client::{HttpServer, new_key};
use crate::support::{Home, path};

/// A chunk with a whole call.
fn call(id: &str, name: &str, arguments: &Value) -> Value {
    let mut chunk = text("");
    chunk["choices"][0]["delta"] = json!({"tool_calls": [{
        "index": 0, "id": id, "type": "function",
        "function": {"name": name, "arguments": arguments.to_string()},
    }]});
    chunk
}

/// A model that stores an insight the first time that it is asked for something, and then says that it has.
fn storing() -> ScriptedServer {
    ScriptedServer::start(|request, _| {
        let sent = request.json();
        if request.method != "POST" {
            return Answer::json(404, &json!({"error": {"message": "no such route"}}));
        }
        let last = sent["messages"]
            .as_array()
            .and_then(|all| all.last().cloned());
        let is_result = last.is_some_and(|last| last["role"] == "tool");
        match is_result {
            true => Answer::stream(&[text("It is kept."), end("stop")]),
            false => {
                let insight = json!({"content": "Quinces are pruned in March.", "tags": ["garden"], "project": "garden"});
                Answer::stream(&[
                    call("call-1", "notes__store_reflection", &insight),
                    end("tool_calls"),
                ])
            }
        }
    })
}

/// A chat whose tools are the memory of another home.
struct Tooled {
    /// Its directories, which go with it.
    _home: Home,
    other: Home,
    server: HttpServer,
    key: String,
}

impl Tooled {
    fn start(model: &ScriptedServer, approval: &str) -> Self {
        let (home, other) = (Home::new(), Home::new());
        let servers = json!({"mcp_servers": [
            {
                "type": "command", "name": "notes", "transport": "stdio", "approval": approval,
                "command": env!("CARGO_BIN_EXE_lorekeep"), "args": ["mcp"],
                "env": {"LOREKEEP_HOME": path(&other.lorekeep()), "HOME": path(other.path())},
            },
            {"type": "command", "name": "dead", "transport": "stdio", "command": "no-such-program-here"},
            {
                "type": "url", "name": "gone", "transport": "streamable-http",
                "url": "http://127.0.0.1:9/mcp/",
            },
        ]});
        let file = home.write("tools/mcp.json", &servers.to_string());
        let key = new_key(&home, &["memory", "chat", "admin"]);
        let mut command = home.command();
        command
            .args(["serve", "--addr", "127.0.0.1:0"])
            .env("MCP__PATH", path(&file))
            .env("MODEL__URL", model.url())
            .env("MODEL__NAME", "m")
            .env("MODEL__API_KEY", "sk-planted-0123456789abcdef");
        let server = HttpServer::spawn(&mut command);
        let tooled = Self {
            _home: home,
            other,
            server,
            key,
        };
        tooled.wait("the tools are listed", || {
            let servers = tooled.servers();
            servers
                .iter()
                .any(|server| server["name"] == "notes" && server["state"] == "ready")
        });
        tooled
    }

    fn wait(&self, what: &str, is_so: impl Fn() -> bool) {
        for _ in 0..600 {
            if is_so() {
                return;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("never: {what}: {:#?}", self.servers());
    }

    fn servers(&self) -> Vec<Value> {
        let answer = self
            .server
            .get("/api/mcp-servers", Some(&self.key))
            .expect(200)
            .json();
        answer["servers"].as_array().expect("a list").clone()
    }

    fn post(&self, path: &str, body: &Value, status: u16) -> Value {
        let answer = self
            .server
            .request("POST", path, Some(&self.key), Some(body));
        let answer = answer.expect(status);
        match answer.body.is_empty() {
            true => Value::Null,
            false => answer.json(),
        }
    }

    fn conversation(&self) -> String {
        let made = self.post("/api/conversations", &json!({}), 201);
        made["id"].as_str().expect("an id").to_owned()
    }

    fn say(&self, conversation: &str, said: &str) -> String {
        let path = format!("/api/conversations/{conversation}/turns");
        let started = self.post(&path, &json!({"text": said}), 202);
        started["turn"].as_str().expect("an id").to_owned()
    }

    /// The last message of a conversation, once there are so many.
    fn answer(&self, conversation: &str, messages: usize) -> Value {
        let path = format!("/api/conversations/{conversation}");
        let read = || self.server.get(&path, Some(&self.key)).expect(200).json()["thread"].clone();
        self.wait("the answer is kept", || {
            read()
                .as_array()
                .is_some_and(|thread| thread.len() >= messages)
        });
        read()[messages - 1].clone()
    }

    fn kept(&self) -> String {
        self.other.run(&["reflect", "list", "--json"]).stdout
    }
}

#[test]
fn a_tool_is_called_once_the_person_allows_it_and_then_without_asking() {
    let model = storing();
    let tooled = Tooled::start(&model, "once");
    let chat = tooled.conversation();
    let turn = tooled.say(&chat, "Keep that quinces are pruned in March");
    let approve = format!("/api/turns/{turn}/approve");
    tooled.wait("it is asked for", || {
        let body = json!({"call": "call-1", "decision": "allow_always"});
        let answer = tooled
            .server
            .request("POST", &approve, Some(&tooled.key), Some(&body));
        answer.status == 204
    });
    let answer = tooled.answer(&chat, 2);
    assert_eq!(answer["text"], "It is kept.", "{answer:#}");
    let made = &answer["calls"][0];
    assert_eq!(
        (made["server"].as_str(), made["tool"].as_str()),
        (Some("notes"), Some("store_reflection"))
    );
    assert_eq!(made["state"], "done", "{made:#}");
    assert!(
        tooled.kept().contains("Quinces are pruned"),
        "{}",
        tooled.kept()
    );
    // A server that is dead costs a card, and no turn.
    let states: Vec<(String, String)> = tooled
        .servers()
        .iter()
        .map(|server| {
            let text = |name: &str| server[name].as_str().unwrap_or_default().to_owned();
            (text("name"), text("state"))
        })
        .collect();
    let failed: Vec<&str> = states
        .iter()
        .filter(|(_, state)| state == "failed")
        .map(|(name, _)| name.as_str())
        .collect();
    assert_eq!(failed, ["dead", "gone"]);
    // It is remembered, in other conversations too, until that is taken back.
    let next = tooled.conversation();
    tooled.say(&next, "And once more");
    assert_eq!(tooled.answer(&next, 2)["calls"][0]["state"], "done");
    let approval = "/api/mcp-servers/notes/tools/store_reflection/approval";
    tooled
        .server
        .request("DELETE", approval, Some(&tooled.key), None)
        .expect(204);
    tooled
        .server
        .request("DELETE", approval, Some(&tooled.key), None)
        .expect(404);
}

#[test]
fn a_call_that_is_denied_is_not_made_and_the_turn_goes_on() {
    let model = storing();
    let tooled = Tooled::start(&model, "always");
    let chat = tooled.conversation();
    let turn = tooled.say(&chat, "Keep something");
    let approve = format!("/api/turns/{turn}/approve");
    tooled.wait("it is asked for", || {
        let body = json!({"call": "call-1", "decision": "deny"});
        let answer = tooled
            .server
            .request("POST", &approve, Some(&tooled.key), Some(&body));
        answer.status == 204
    });
    let answer = tooled.answer(&chat, 2);
    assert_eq!(
        (
            answer["text"].as_str(),
            answer["calls"][0]["state"].as_str()
        ),
        (Some("It is kept."), Some("refused"))
    );
    assert!(!tooled.kept().contains("Quinces"));
}

#[test]
fn what_a_server_offers_to_people_is_listed_and_read() {
    let model = storing();
    let tooled = Tooled::start(&model, "never");
    let get = |path: &str, status: u16| {
        tooled
            .server
            .get(path, Some(&tooled.key))
            .expect(status)
            .json()
    };
    let prompts = get("/api/mcp-servers/notes/prompts", 200);
    let prompt = &prompts["prompts"][0];
    let name = prompt["name"].as_str().expect("a prompt");
    let arguments: serde_json::Map<String, Value> = prompt["arguments"]
        .as_array()
        .expect("arguments")
        .iter()
        .map(|argument| {
            (
                argument["name"].as_str().unwrap_or_default().to_owned(),
                json!("quinces"),
            )
        })
        .collect();
    let path = format!("/api/mcp-servers/notes/prompts/{name}");
    let filled = tooled.post(&path, &json!({"arguments": arguments}), 200);
    assert!(
        !filled["text"].as_str().unwrap_or_default().is_empty(),
        "{filled}"
    );
    tooled.post("/api/mcp-servers/notes/prompts/none", &json!({}), 409);
    let resources = get("/api/mcp-servers/notes/resources", 200);
    assert!(resources["resources"].is_array(), "{resources}");
    get("/api/mcp-servers/nobody/resources", 404);
}

/// Whoever can send requests must not be able to have this machine run something.
#[test]
fn no_route_takes_a_command() {
    let model = storing();
    let tooled = Tooled::start(&model, "never");
    let document = tooled
        .server
        .get("/api/openapi.json", Some(&tooled.key))
        .expect(200)
        .json();
    let mut names = Vec::new();
    let mut open = vec![&document];
    while let Some(value) = open.pop() {
        match value {
            Value::Object(fields) => {
                if let Some(Value::Object(properties)) = fields.get("properties") {
                    names.extend(properties.keys().cloned());
                }
                open.extend(fields.values());
            }
            Value::Array(values) => open.extend(values),
            _ => {}
        }
    }
    assert!(names.len() > 50, "{names:?}");
    for name in names {
        let is_command = [
            "command",
            "args",
            "argv",
            "executable",
            "shell",
            "mcp_servers",
            "mcpServers",
        ]
        .contains(&name.as_str());
        assert!(!is_command, "{name}");
    }
    let routes = document["paths"].as_object().expect("paths");
    for (path, methods) in routes {
        if path.starts_with("/api/mcp-servers") {
            let changing = methods.get("put").or(methods.get("patch"));
            assert!(
                changing.is_none()
                    && (path.contains("/prompts/")
                        || path.ends_with("/login")
                        || methods.get("post").is_none()),
                "{path}"
            );
        }
    }
    // Nor does a character or a conversation that is taken in bring one.
    let card = json!({"spec": "chara_card_v2", "spec_version": "2.0", "data": {
        "name": "Eve", "extensions": {"mcp_servers": [{"type": "command", "name": "evil", "command": "touch"}]},
    }});
    let bearer = format!("Bearer {}", tooled.key);
    let headers = [
        ("Authorization", &*bearer),
        ("Content-Type", "application/octet-stream"),
    ];
    tooled.server.send(
        "POST",
        "/api/characters?name=eve.json",
        &headers,
        card.to_string().as_bytes(),
    );
    let servers = tooled.servers();
    assert!(
        servers.iter().all(|server| server["name"] != "evil"),
        "{servers:?}"
    );
}

/// The processes below a home: those whose environment names it.
#[cfg(target_os = "linux")]
fn processes_of(home: &Home) -> Vec<String> {
    let needle = format!("LOREKEEP_HOME={}", path(&home.lorekeep()));
    let mut found = Vec::new();
    for entry in fs_err::read_dir("/proc").expect("/proc").flatten() {
        let environment = fs_err::read(entry.path().join("environ")).unwrap_or_default();
        let has_it = environment
            .split(|byte| *byte == 0)
            .any(|one| one == needle.as_bytes());
        if has_it {
            found.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    found
}

#[cfg(target_os = "linux")]
#[test]
fn no_server_outlives_a_chat_that_is_killed() {
    let model = storing();
    let tooled = Tooled::start(&model, "never");
    let chat = tooled.conversation();
    tooled.say(&chat, "Keep something");
    tooled.answer(&chat, 2);
    let Tooled { other, server, .. } = tooled;
    assert!(!processes_of(&other).is_empty());
    // It is killed, and has no time for anything.
    drop(server);
    for _ in 0..400 {
        if processes_of(&other).is_empty() {
            return;
        }
        std::thread::sleep(Duration::from_millis(25));
    }
    panic!("left: {:?}", processes_of(&other));
}
