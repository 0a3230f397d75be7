//! Which files `blame` reads for whom: a client's roots choose a project and give no access.

use std::io::{BufRead as _, BufReader, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use crate::client::Client;
use crate::mcp_http::{Server, call, message};
use crate::support::{Home, path};

/// A home with an archived project, a file in it, and files that nobody may have.
struct Files {
    home: Home,
    project: PathBuf,
    private: PathBuf,
}

const OURS: &str = "The harbour opens at six.";
const SECRET: &str = "marzipan";

impl Files {
    fn new() -> Self {
        let home = Home::new();
        let project = home.path().join("src/ferry");
        let private = home.path().join("private");
        home.write("src/ferry/src/times.txt", &format!("{OURS}\n"));
        home.write("private/key.txt", &format!("{SECRET}\n"));
        let files = Self {
            home,
            project,
            private,
        };
        files.log();
        files.home.run(&["import"]).expect(0);
        files
    }

    fn log(&self) {
        let record = json!({
            "type": "assistant", "uuid": "f-1", "sessionId": "f", "cwd": self.project,
            "timestamp": "2026-02-03T10:00:00.000Z", "version": "2.1.0",
            "message": {"role": "assistant", "content": [{
                "type": "tool_use", "id": "t-1", "name": "Write",
                "input": {"file_path": self.project.join("src/times.txt"), "content": OURS},
            }]},
        });
        self.home
            .write(".claude/projects/ferry/f.jsonl", &format!("{record}\n"));
    }

    /// A server over HTTP that may read for blame what lies in these directories.
    fn server(&self, allowed: &[&Path]) -> Server {
        let mut command = self.home.command();
        let allowed: Vec<&str> = allowed.iter().map(|directory| path(directory)).collect();
        command.env("MCP__HTTP_BLAME", allowed.join(","));
        Server::spawn(&mut command, &self.home)
    }
}

/// Begins a session whose client says that it stands in a root.
fn session_in(server: &Server, root: &str) -> String {
    let mut hello = crate::mcp_http::initialize();
    hello["params"]["capabilities"] = json!({"roots": {"listChanged": true}});
    let response = server.authorized(&[], &hello);
    let session = response
        .head
        .lines()
        .find_map(|line| line.strip_prefix("mcp-session-id: "))
        .expect("a session")
        .to_owned();
    let headers = [("Mcp-Session-Id", session.as_str())];
    let mut stream = TcpStream::connect(&server.address).expect("a connection");
    let get = format!(
        "GET /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nAccept: text/event-stream\r\n\
         Mcp-Session-Id: {session}\r\n\r\n",
        server.address, server.token
    );
    stream.write_all(get.as_bytes()).expect("the server reads");
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    assert_eq!(server.authorized(&headers, &initialized).status, 202);
    let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
    let asked = lines.find_map(|line| {
        let asked: Value = serde_json::from_str(line.strip_prefix("data: ")?).ok()?;
        (asked["method"] == "roots/list").then_some(asked)
    });
    let id = asked.expect("it asks for roots")["id"].clone();
    let answer = json!({"jsonrpc": "2.0", "id": id, "result": {"roots": [{"uri": root}]}});
    assert_eq!(server.authorized(&headers, &answer).status, 202);
    session
}

fn blamed(server: &Server, session: &str, arguments: &Value) -> Value {
    let headers = [("Mcp-Session-Id", session)];
    message(&server.authorized(&headers, &call(9, "blame", arguments)))
}

fn root(directory: &Path) -> String {
    format!("file://{}", path(directory))
}

#[test]
fn over_http_nothing_is_read_unless_the_settings_allow_it() {
    let files = Files::new();
    let server = files.server(&[]);
    let session = session_in(&server, &root(&files.project));
    for arguments in [
        json!({"file_path": "src/times.txt"}),
        json!({"file_path": "src/times.txt", "project": "all"}),
        json!({"file_path": "src/times.txt", "commit": "HEAD"}),
    ] {
        let answer = blamed(&server, &session, &arguments);
        let why = answer["error"]["message"].as_str().expect("a reason");
        assert!(why.contains("`mcp.http_blame`"), "{why}");
        assert!(!answer.to_string().contains("six"), "{answer}");
    }
}

#[test]
fn over_http_a_git_that_leads_to_another_repository_gives_no_access() {
    let files = Files::new();
    // What git knows of the file would come from there.
    files.home.write("src/ferry/part/key.txt", "x\n");
    files
        .home
        .write("src/ferry/part/.git", "gitdir: ../../../private/.git\n");
    let server = files.server(&[&files.project]);
    let session = session_in(&server, &root(&files.project));
    let asked = json!({"file_path": "part/key.txt", "commit": "HEAD"});
    let answer = blamed(&server, &session, &asked);
    let why = answer["error"]["message"].as_str().expect("a reason");
    assert!(why.contains("outside of the project"), "{answer}");
}

#[cfg(unix)]
#[test]
fn over_http_a_hard_link_gives_no_access() {
    let files = Files::new();
    let linked = files.project.join("src/linked.txt");
    fs_err::hard_link(files.private.join("key.txt"), &linked).expect("a link");
    let server = files.server(&[&files.project]);
    let session = session_in(&server, &root(&files.project));
    let answer = blamed(&server, &session, &json!({"file_path": "src/linked.txt"}));
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    assert!(!answer.to_string().contains(SECRET), "{answer}");
    let own = json!({"file_path": "src/times.txt"});
    let answer = blamed(&server, &session, &own);
    assert!(answer["result"].is_object(), "{answer}");
}

#[test]
fn over_http_roots_give_no_access() {
    let files = Files::new();
    // What is allowed but belongs to no archived project isn't had either.
    let server = files.server(&[&files.project, &files.private]);
    let session = session_in(&server, &root(&files.private));
    for arguments in [
        json!({"file_path": "key.txt"}),
        json!({"file_path": "key.txt", "project": "all"}),
        json!({"file_path": "key.txt", "project": "ferry"}),
        json!({"file_path": "../private/key.txt", "project": "ferry"}),
        json!({"file_path": "../src/ferry/../../private/key.txt", "project": "all"}),
        json!({"file_path": "/etc/hostname", "project": "all"}),
        json!({"file_path": "/proc/self/environ", "project": "all"}),
    ] {
        let answer = blamed(&server, &session, &arguments);
        assert_eq!(answer["error"]["code"], -32602, "{arguments}: {answer}");
        assert!(!answer.to_string().contains(SECRET), "{answer}");
    }
    // A file of an archived project that is allowed.
    let own = json!({"file_path": files.project.join("src/times.txt"), "project": "ferry"});
    let answer = blamed(&server, &session, &own);
    let lines = &answer["result"]["structuredContent"]["lines"];
    assert_eq!(lines[0]["message_id"], "f-1", "{answer}");
    // Without roots a path is taken from the project's directory.
    let session = server.session();
    let headers = [("Mcp-Session-Id", session.as_str())];
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    server.authorized(&headers, &initialized);
    let own = json!({"file_path": "src/times.txt", "project": "ferry"});
    let answer = blamed(&server, &session, &own);
    assert_eq!(
        answer["result"]["structuredContent"]["lines"][0]["message_id"], "f-1",
        "{answer}"
    );
}

#[test]
#[cfg(unix)]
fn links_pipes_and_devices_in_an_allowed_directory_lead_nowhere() {
    let files = Files::new();
    let link = |to: &Path, name: &str| {
        std::os::unix::fs::symlink(to, files.project.join(name)).expect("a link");
    };
    link(&files.private.join("key.txt"), "file-link");
    link(&files.private, "directory-link");
    link(Path::new("/dev/zero"), "device-link");
    link(&files.private.join("none"), "dangling-link");
    let pipe = files.project.join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo").success());
    let long = files.home.write("src/ferry/long.txt", "");
    let long = std::fs::OpenOptions::new()
        .write(true)
        .open(long)
        .expect("a file");
    long.set_len(64 << 20).expect("a length");
    let server = files.server(&[&files.project]);
    let session = session_in(&server, &root(&files.project));
    let mut client = Client::spawn(files.home.command().arg("mcp").current_dir(&files.project));
    client.initialize("2025-06-18", &json!({}));
    for name in [
        "file-link",
        "directory-link/key.txt",
        "device-link",
        "dangling-link",
        "pipe",
        "long.txt",
        "src",
        "src/..",
        ".",
    ] {
        let arguments = json!({"file_path": name, "project": "all"});
        let answer = blamed(&server, &session, &arguments);
        assert_eq!(answer["error"]["code"], -32602, "{name}: {answer}");
        assert!(!answer.to_string().contains(SECRET), "{answer}");
        let (code, why) = client.call("blame", arguments).error();
        assert_eq!(code, -32602, "{name}: {why}");
        assert!(!why.contains(SECRET), "{why}");
    }
    let own = json!({"file_path": "src/times.txt"});
    let answer = blamed(&server, &session, &own);
    assert_eq!(
        answer["result"]["structuredContent"]["lines"][0]["message_id"], "f-1",
        "{answer}"
    );
}

#[test]
fn a_client_that_started_the_server_gets_no_access_by_its_roots() {
    let files = Files::new();
    let mut client = Client::spawn(files.home.command().arg("mcp"));
    client.initialize("2025-06-18", &json!({"roots": {}}));
    let asked = client.receive();
    assert_eq!(asked["method"], "roots/list", "{asked}");
    let roots = json!({"roots": [{"uri": root(&files.private)}]});
    client.line(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": roots}).to_string());
    // A reflection that is stored there makes no archived project of it.
    let insight = json!({"content": "The harbour is closed."});
    client.call("store_reflection", insight).text();
    for arguments in [
        json!({"file_path": "key.txt"}),
        json!({"file_path": "key.txt", "project": "all"}),
        json!({"file_path": "/etc/hostname", "project": "all"}),
    ] {
        let (code, why) = client.call("blame", arguments.clone()).error();
        assert_eq!(code, -32602, "{arguments}: {why}");
        assert!(!why.contains(SECRET), "{why}");
    }
    // Files of archived projects can be had.
    let own = json!({"file_path": files.project.join("src/times.txt"), "project": "all"});
    let lines = client.call("blame", own).values()["lines"].clone();
    assert_eq!(lines[0]["message_id"], "f-1", "{lines}");
}

#[test]
fn relative_directories_in_the_setting_are_refused_at_start() {
    let home = Home::new();
    let mut command = home.command();
    command
        .args(["mcp", "--http", "127.0.0.1:0"])
        .env("MCP__HTTP_BLAME", "src/ferry");
    let run = crate::support::Run::of(&mut command).expect(2);
    assert!(run.stderr.contains("isn't absolute"), "{run:?}");
}

#[test]
fn over_http_paths_are_names_of_what_is_archived() {
    let files = Files::new();
    // What lies there would tell that it belongs to the project.
    let planted = files.home.path().join("planted");
    let git = |arguments: &[&str]| {
        let mut command = std::process::Command::new("git");
        command.arg("-C").arg(&planted).args(arguments);
        assert!(command.status().expect("git").success());
    };
    fs_err::create_dir_all(planted.join("src")).expect("a directory");
    git(&["init", "--quiet"]);
    let server = files.server(&[]);
    let session = session_in(&server, &root(&planted.join("src")));
    let headers = [("Mcp-Session-Id", session.as_str())];
    let search = |project: Option<&Path>| {
        let arguments = json!({"query": "harbour", "project": project});
        message(&server.authorized(&headers, &call(5, "reflect_on_past", &arguments)))
    };
    let found = search(None);
    assert_eq!(
        found["result"]["structuredContent"]["verdict"], "nothing",
        "{found}"
    );
    let found = search(Some(&files.project.join("src")));
    assert_eq!(
        found["result"]["structuredContent"]["scope"], "ferry",
        "{found}"
    );
    let found = search(Some(&planted));
    assert_eq!(found["error"]["code"], -32602, "{found}");
    // A reflection makes no project of a directory that a client names.
    let insight = json!({"content": "The harbour is closed."});
    let stored = message(&server.authorized(&headers, &call(6, "store_reflection", &insight)));
    assert!(stored["result"].is_object(), "{stored}");
    let projects = files.home.json(&["projects", "--json"]).to_string();
    assert!(!projects.contains("planted"), "{projects}");
}
