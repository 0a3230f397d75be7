//! The server: who gets in, what is refused, and how it ends.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::Path;

use memory::Clock;
use serde_json::{Value, json};
use server::{Credentials, KeyScopes, NewKey};

use crate::mcp_http::{call, initialize};
use crate::serve_client::{HttpServer, new_key};
use crate::support::Home;

const ALL_SCOPES: [&str; 4] = ["chat", "memory", "gateway", "admin"];

/// Routes that ask nobody for a key, with why.
const PUBLIC_ROUTES: [(&str, &str, &str); 7] = [
    ("get", "/", "says what this is"),
    ("get", "/login", "the link is the credential"),
    ("get", "/health", "for container checks"),
    ("get", "/ready", "for container checks"),
    ("get", "/api/openapi.json", "is the same for everybody"),
    ("post", "/api/session", "the key is in the body"),
    ("get", "/metrics", "asks for a key itself"),
];

/// Every route of the document: method, path, and the operation.
fn routes(server: &HttpServer) -> Vec<(String, String, Value)> {
    let document = server.get("/api/openapi.json", None).expect(200).json();
    let paths = document["paths"].as_object().expect("paths").clone();
    let of_path = |(path, item): (String, Value)| {
        let methods = item.as_object().expect("a path").clone();
        methods
            .into_iter()
            .filter(|(method, _)| method != "parameters")
            .map(move |(method, operation)| (method, path.clone(), operation))
    };
    paths.into_iter().flat_map(of_path).collect()
}

#[test]
fn every_route_but_the_public_ones_asks_for_a_key() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let routes = routes(&server);
    assert!(routes.len() > 25, "{}", routes.len());
    for (method, path, operation) in &routes {
        let is_listed = |(public, at, _): &(&str, &str, &str)| public == method && at == path;
        let is_public = PUBLIC_ROUTES.iter().any(is_listed);
        if is_public && path != "/metrics" {
            assert_eq!(operation["security"], json!([{}]), "{method} {path}");
            continue;
        }
        let path = path.replace("{conversation}", "a").replace("{id}", "a");
        for key in [None, Some("lk_wrong"), Some("")] {
            let answer = server.request(&method.to_uppercase(), &path, key, Some(&json!({})));
            assert!(
                matches!(answer.status, 401 | 429),
                "{method} {path} {key:?}: {answer:?}"
            );
        }
    }
}

#[test]
fn every_route_is_in_the_document() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src");
    for file in all_files(&sources) {
        let text = fs_err::read_to_string(&file).expect("a source");
        for line in text.lines() {
            let is_hidden = [".route(", ".route_service(", ".nest_service("]
                .iter()
                .any(|call| line.contains(call));
            assert!(!is_hidden, "{}: {line}", file.display());
        }
    }
}

/// A key of somebody else who uses the same server.
fn key_of_another(home: &Home) -> String {
    let clock = Clock(std::time::SystemTime::now);
    let credentials = Credentials::open(&home.lorekeep().join("data"), clock);
    let credentials = credentials.expect("the server's database");
    let other = credentials.add_owner("other").expect("an owner");
    let new = NewKey {
        name: "theirs".into(),
        scopes: KeyScopes::ALL,
        expires: None,
    };
    credentials.create_key(&other.id, &new).expect("a key").1
}

#[test]
fn what_others_have_answers_as_what_does_not_exist() {
    let home = Home::with_conversations();
    let server = HttpServer::start(&home);
    let own = new_key(&home, &ALL_SCOPES);
    let other = key_of_another(&home);
    let kept = json!({"content": "deploys are frozen on fridays"});
    let kept = server
        .request("POST", "/api/reflections", Some(&own), Some(&kept))
        .expect(201);
    let reflection = kept.json()["reflection"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    let found = server
        .get("/api/search?q=fridays", Some(&own))
        .expect(200)
        .json();
    assert_eq!(found["hits"][0]["message_id"], reflection.as_str());
    let projects = server.get("/api/projects", Some(&own)).expect(200).json();
    let project = projects["projects"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|project| project["name"].as_str())
        .find(|name| *name != "unsorted")
        .expect("a project")
        .to_owned();
    let all = server.get("/api/keys", Some(&own)).expect(200).json();
    let key = all["keys"][0]["id"].as_str().expect("a key").to_owned();
    let recent = home.json(&["recent", "--project", "all", "--json"]);
    let conversation = recent["groups"][0]["conversations"][0]["id"]
        .as_str()
        .expect("an id");

    let made = json!({"title": "deploys plan"});
    let made = server
        .request("POST", "/api/conversations", Some(&own), Some(&made))
        .expect(201);
    let chat = made.json()["id"].as_str().expect("an id").to_owned();
    let bearer = format!("Bearer {own}");
    let pixel = b"GIF89a\x01\0\x01\0\x80\0\0\xff\xff\xff\0\0\0!\xf9\x04\x01\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02D\x01\0;";
    let headers = [
        ("Authorization", bearer.as_str()),
        ("Content-Type", "application/octet-stream"),
    ];
    let picture = server
        .send("POST", "/api/assets", &headers, pixel)
        .expect(201);
    let picture = picture.json()["id"].as_str().expect("an id").to_owned();
    let fact = json!({"memory": "deploys from the harbour office"});
    let fact = server
        .request("POST", "/api/facts", Some(&own), Some(&fact))
        .expect(201)
        .json();
    let fact = fact["memory_id"].as_str().expect("an id").to_owned();
    let document = server
        .send(
            "POST",
            "/api/knowledge?name=deploys.md",
            &headers,
            b"# Deploys\n\nFrozen on fridays.\n",
        )
        .expect(201)
        .json();
    let document = document["documents"][0]["document"]["id"]
        .as_str()
        .expect("an id")
        .to_owned();

    for (method, path, _) in routes(&server) {
        // It tells of nobody, listens for good, or ends what is one's own.
        let is_aside = [
            "/",
            "/login",
            "/health",
            "/ready",
            "/metrics",
            "/mcp",
            "/api/events",
            "/api/openapi.json",
        ]
        .contains(&path.as_str());
        if is_aside || path == "/api/session" {
            continue;
        }
        // The models are the server's, whoever uses it, and the gateway keeps nothing of anybody.
        let is_of_all = ["/api/providers", "/api/models", "/v1/"];
        if is_of_all.iter().any(|start| path.starts_with(start)) {
            continue;
        }
        let filled = path
            .replace("{conversation}", conversation)
            .replace("/api/keys/{id}", &format!("/api/keys/{key}"))
            .replace(
                "/api/conversations/{id}",
                &format!("/api/conversations/{chat}"),
            )
            .replace("/api/assets/{id}", &format!("/api/assets/{picture}"))
            .replace("/api/facts/{id}", &format!("/api/facts/{fact}"))
            .replace("/api/knowledge/{id}", &format!("/api/knowledge/{document}"))
            .replace("{number}", "0")
            .replace("{message}", "m")
            .replace("{token}", "t")
            .replace("{id}", &reflection);
        let filled = match path.as_str() {
            "/api/search" => format!("{filled}?q=fridays+retry+policy"),
            "/api/archive/{conversation}/find" => format!("{filled}?q=fridays"),
            _ => filled,
        };
        let body = match (method.as_str(), path.as_str()) {
            (_, "/api/forget") => Some(json!({"conversations": [conversation], "dry_run": false})),
            (_, "/api/guards/scan") => Some(json!({"text": "hello"})),
            (_, "/api/import") if method == "post" => Some(json!({})),
            (_, "/api/keys") if method == "post" => Some(json!({"name": "x"})),
            ("post", "/api/reflections") => Some(json!({"content": "x", "project": project})),
            ("patch", "/api/reflections/{id}") => Some(json!({"content": "x"})),
            ("patch", "/api/facts/{id}") => Some(json!({"memory": "x"})),
            ("post", "/api/facts") => Some(json!({"memory": "likes quinces"})),
            ("patch", "/api/conversations/{id}") => Some(json!({"title": "x"})),
            ("patch", "/api/characters/{id}") => Some(json!({"name": "x"})),
            ("put", "/api/characters/{id}/settings") => Some(json!({"recall": true})),
            ("patch", _) | ("post", "/api/conversations/{id}/turns") => Some(json!({"text": "x"})),
            ("post", "/api/conversations") => Some(json!({"from": chat})),
            ("post", "/api/mcp-servers/{server}/prompts/{name}") => Some(json!({})),
            ("post", "/api/mcp-servers/{server}/login") => Some(json!({
                "redirect_uri": format!("http://{}/api/mcp-servers/{{server}}/login/callback", server.address)
            })),
            ("post", "/api/turns/{id}/answer") => Some(json!({"question": "q"})),
            ("post", "/api/turns/{id}/approve") => Some(json!({"call": "c", "decision": "deny"})),
            ("post", "/api/assets" | "/api/characters" | "/api/knowledge") => continue,
            ("put", "/api/chat/projects/{name}") => Some(json!({"instructions": "x"})),
            _ => None,
        };
        let answer = server.request(&method.to_uppercase(), &filled, Some(&other), body.as_ref());
        // A project goes by its name, and each owner may have one of any name.
        let is_own = method == "put" && path == "/api/chat/projects/{name}";
        let is_of_another = (path.contains('{') && !is_own)
            || path == "/api/forget"
            || (method.as_str(), path.as_str()) == ("post", "/api/conversations");
        if is_of_another {
            assert_eq!(answer.status, 404, "{method} {filled}: {answer:?}");
        } else if (method.as_str(), path.as_str()) == ("post", "/api/reflections") {
            // A project that isn't theirs is none.
            assert_eq!(answer.status, 404, "{method} {filled}: {answer:?}");
        } else {
            assert!(
                (200..300).contains(&answer.status),
                "{method} {filled}: {answer:?}"
            );
        }
        let shown = answer.text();
        for secret in [
            conversation,
            "deploys",
            "frozen",
            &reflection,
            &key,
            &chat,
            &fact,
            &document,
        ] {
            let sent = body.as_ref().map(Value::to_string).unwrap_or_default();
            let is_sent = filled.contains(secret) || sent.contains(secret);
            assert!(
                is_sent || !shown.contains(secret),
                "{method} {filled}: {shown}"
            );
        }
    }
    // And nothing of it is gone.
    server
        .get(&format!("/api/reflections/{reflection}"), Some(&own))
        .expect(200);
    server
        .get(&format!("/api/archive/{conversation}"), Some(&own))
        .expect(200);
    server
        .get(&format!("/api/conversations/{chat}"), Some(&own))
        .expect(200);
    server
        .get(&format!("/api/assets/{picture}"), Some(&own))
        .expect(200);
    server
        .get(&format!("/api/facts/{fact}"), Some(&own))
        .expect(200);
    server
        .get(&format!("/api/knowledge/{document}"), Some(&own))
        .expect(200);
    server.get("/api/keys", Some(&own)).expect(200);
    let theirs = server
        .get("/api/search?q=x", Some(&other))
        .expect(200)
        .json();
    assert!(!theirs.to_string().contains("deploys"), "{theirs}");
}

#[test]
fn a_key_does_what_its_scopes_say_until_it_is_revoked() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let key = new_key(&home, &["memory"]);
    server.get("/api/search?q=x", Some(&key)).expect(200);
    let refused = server.get("/api/keys", Some(&key)).expect(403);
    assert_eq!(refused.error().0, "forbidden");
    let admin = new_key(&home, &["admin"]);
    server.get("/api/search?q=x", Some(&admin)).expect(403);
    let listed = home.json(&["key", "list", "--json"]);
    let keys = listed["keys"].as_array().expect("keys");
    assert_eq!(keys.len(), 2);
    assert!(!listed.to_string().contains(&key), "a token is listed");
    let id = keys
        .iter()
        .find(|one| key.starts_with(one["start"].as_str().expect("a start")));
    let id = id.expect("the key is listed")["id"]
        .as_str()
        .expect("an id")
        .to_owned();
    home.run(&["key", "revoke", &id]).expect(0);
    server.get("/api/search?q=x", Some(&key)).expect(401);
    home.run(&["key", "revoke", "nobody"]).expect(3);
    let made = json!({"name": "by the API", "scopes": ["memory"]});
    let refused = server
        .request("POST", "/api/keys", Some(&admin), Some(&made))
        .expect(403);
    assert_eq!(refused.error(), ("forbidden".into(), "scopes[0]".into()));
}

#[test]
fn a_link_begins_a_session_once() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let link = server.link.clone().expect("a link");
    // Looking at it doesn't use it up.
    server.send("HEAD", &link, &[], b"").expect(303);
    let begun = server.get(&link, None).expect(303);
    let cookie = begun.header("set-cookie").expect("a cookie");
    assert!(
        cookie.contains("httponly") && cookie.contains("samesite=lax"),
        "{cookie}"
    );
    assert_eq!(
        server.get(&link, None).expect(401).error().0,
        "unauthorized"
    );

    let again = home.run(&["key", "link"]).expect(0).stdout;
    let code = again
        .trim()
        .split("login?code=")
        .nth(1)
        .expect("a code")
        .to_owned();
    let raw = {
        let mut stream = server.connect();
        let request = format!(
            "GET /login?code={code} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n",
            server.address
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let lines = BufReader::new(stream).lines();
        let lines: Vec<String> = lines.map_while(Result::ok).collect();
        lines.join("\n")
    };
    let cookie = raw.split("set-cookie: ").nth(1).expect("a cookie");
    let cookie = cookie.split(';').next().expect("a value").to_owned();
    let with = |method: &str, path: &str, more: &[(&str, &str)], body: &[u8]| {
        let json = ("Content-Type", "application/json");
        let headers = [&[("Cookie", cookie.as_str()), json][..], more].concat();
        server.send(method, path, &headers, body)
    };
    let session = with("GET", "/api/session", &[], b"").expect(200).json();
    assert_eq!(session["scopes"], json!(ALL_SCOPES));
    let note = br#"{"content": "x"}"#;
    // Another site's page sends the cookie along, but can't send these headers.
    assert_eq!(
        with("POST", "/api/reflections", &[], note)
            .expect(403)
            .error()
            .0,
        "forbidden"
    );
    let cross = [("Sec-Fetch-Site", "same-site")];
    with("POST", "/api/reflections", &cross, note).expect(403);
    let own = [("Sec-Fetch-Site", "same-origin")];
    with("POST", "/api/reflections", &own, note).expect(201);
    let origin = format!("http://{}", server.address);
    with("POST", "/api/reflections", &[("Origin", &origin)], note).expect(201);
    with("DELETE", "/api/session", &[("X-Lorekeep", "1")], b"").expect(204);
    with("GET", "/api/session", &[], b"").expect(401);
}

#[test]
fn a_key_becomes_a_session_only_with_all_scopes() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let begin = |key: &str| {
        let body = json!({"key": key});
        server.request("POST", "/api/session", None, Some(&body))
    };
    begin("lk_wrong").expect(401);
    begin(&new_key(&home, &["memory"])).expect(403);
    let begun = begin(&new_key(&home, &ALL_SCOPES)).expect(204);
    assert!(begun.header("set-cookie").is_some());
}

#[test]
fn only_own_names_and_origins_are_served() {
    let home = Home::new();
    home.write(
        "lorekeep/config.toml",
        "[server]\ncors = [\"https://tools.example.org\"]\n",
    );
    let server = HttpServer::start(&home);
    let get = |headers: &[(&str, &str)]| server.send("GET", "/health", headers, b"");
    get(&[]).expect(200);
    get(&[("Host", "localhost:1")]).expect(200);
    assert_eq!(
        get(&[("Host", "evil.example")]).expect(421).error().0,
        "unknown_host"
    );
    let two = [("Host", "localhost"), ("Host", "evil.example")];
    get(&two).expect(400);
    get(&[("Origin", "https://evil.example")]).expect(403);
    get(&[("Origin", "null")]).expect(403);
    let allowed = get(&[("Origin", "https://tools.example.org")]).expect(200);
    let origin = allowed.header("access-control-allow-origin");
    assert_eq!(origin, Some("https://tools.example.org"));
    assert_eq!(allowed.header("access-control-allow-credentials"), None);
    let preflight = |origin: &str| {
        let headers = [
            ("Origin", origin),
            ("Access-Control-Request-Method", "POST"),
        ];
        server.send("OPTIONS", "/api/reflections", &headers, b"")
    };
    preflight("https://tools.example.org").expect(204);
    preflight("https://evil.example").expect(403);
}

#[test]
fn bad_requests_are_refused_with_their_place() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let key = new_key(&home, &ALL_SCOPES);
    let bearer = format!("Bearer {key}");
    let post = |kind: &str, body: &[u8]| {
        let headers = [("Authorization", bearer.as_str()), ("Content-Type", kind)];
        server.send("POST", "/api/reflections", &headers, body)
    };
    let json = "application/json";
    for (body, field) in [
        (&br#"{"content": 5}"#[..], "content"),
        (br#"{"content": null}"#, "content"),
        (br#"{"content": "x", "tags": ["a", 1]}"#, "tags[1]"),
        (br#"{"content": "x", "unknown": 1}"#, "unknown"),
        (br#"{}"#, ""),
        (br#"[]"#, ""),
        (br#"["x", []]"#, ""),
        (b"", ""),
        (b"{", ""),
        (b"{\"content\": \"\xff\"}", "content"),
        (br#"{"content": "\ud800"}"#, "content"),
    ] {
        let refused = post(json, body);
        let what = String::from_utf8_lossy(body).into_owned();
        assert_eq!(refused.status, 400, "{what}: {refused:?}");
        assert_eq!(refused.error(), ("invalid".into(), field.into()), "{what}");
    }
    assert_eq!(
        post(json, br#"{"content": " "}"#).expect(400).error().0,
        "invalid"
    );
    post("text/plain", br#"{"content": "x"}"#).expect(415);
    let long = format!("{{\"content\": \"{}\"}}", "x".repeat(3 << 20));
    assert_eq!(
        post(json, long.as_bytes()).expect(413).error().0,
        "too_large"
    );
    for (path, field) in [
        ("/api/search", "q"),
        ("/api/search?q=", "q"),
        ("/api/search?q=x&limit=0", "limit"),
        ("/api/search?q=x&limit=9999999999999999999999", "limit"),
        ("/api/search?q=x&mode=fast", "mode"),
        ("/api/search?q=x&since=someday", "since"),
        ("/api/search?q=x&limit=", "limit"),
        ("/api/search?q=x&nonsense=1", "nonsense"),
        ("/api/search?q=x&q=y", "q"),
        ("/api/search?q=%ff", "q"),
    ] {
        let refused = server.get(path, Some(&key));
        assert_eq!(refused.status, 400, "{path}: {refused:?}");
        assert_eq!(refused.error(), ("invalid".into(), field.into()), "{path}");
    }
    server.get("/api/archive/nobody", Some(&key)).expect(404);
    for path in ["/api/archive/%ff", "/api/conversations/%ff"] {
        assert_eq!(
            server.get(path, Some(&key)).expect(400).error().0,
            "invalid"
        );
    }
    assert_eq!(
        server.get("/api/nothing", Some(&key)).expect(404).error().0,
        "not_found"
    );
    let refused = server
        .request("PUT", "/api/search", Some(&key), None)
        .expect(405);
    assert_eq!(refused.header("allow"), Some("get,head"));
    assert_eq!(refused.error().0, "method_not_allowed");
}

#[test]
fn request_ids_come_back_if_they_are_plain() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let id = |sent: &str| {
        let answer = server.send("GET", "/health", &[("X-Request-Id", sent)], b"");
        answer.header("x-request-id").expect("an id").to_owned()
    };
    assert_eq!(id("trace-1.a_b"), "trace-1.a_b");
    let long = "x".repeat(65);
    for odd in ["a b", "a\"b", "<x>", &long] {
        assert_ne!(id(odd), odd);
    }
}

#[test]
fn the_first_page_says_what_this_is_without_any_model() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let head = server.send("HEAD", "/", &[], b"").expect(200);
    assert!(head.body.is_empty());
    let page = server.get("/", None).expect(200);
    assert!(page.text().contains("Lorekeep"));
    let policy = page.header("content-security-policy").expect("a policy");
    assert!(
        policy.contains("default-src 'none'") && !policy.contains("unsafe"),
        "{policy}"
    );
    assert_eq!(page.header("x-content-type-options"), Some("nosniff"));
    let ready = server.get("/ready", None).expect(200).json();
    assert_eq!(ready["parts"]["archive"], "ready");
    home.run(&["health"]).expect(0);
}

#[test]
fn a_base_path_is_served_whether_a_proxy_strips_it_or_not() {
    let home = Home::new();
    home.write("lorekeep/config.toml", "[server]\nbase_path = \"/chat/\"\n");
    let server = HttpServer::start(&home);
    server.get("/chat/ready", None).expect(200);
    server.get("/ready", None).expect(200);
    server.get("/chat/", None).expect(200);
    let moved = server.get("/chat", None).expect(308);
    assert_eq!(moved.header("location"), Some("/chat/"));
    server.get("/chatter/ready", None).expect(404);
    let link = server.link.clone().expect("a link");
    let begun = server.get(&format!("/chat{link}"), None).expect(303);
    assert!(
        begun
            .header("set-cookie")
            .expect("a cookie")
            .contains("path=/chat/")
    );
    home.run(&["health"]).expect(0);
}

#[test]
fn without_authentication_it_serves_this_machine_only() {
    let home = Home::new();
    let refused = home
        .run(&["serve", "--no-auth", "--addr", "0.0.0.0:0"])
        .expect(2);
    assert!(refused.stderr.contains("--no-auth"), "{refused:?}");
    let server = HttpServer::with(&home, &["--no-auth"]);
    server.get("/api/search?q=x", None).expect(200);
    server
        .send("GET", "/api/search?q=x", &[("Host", "evil.example")], b"")
        .expect(421);
    server
        .send(
            "GET",
            "/api/search?q=x",
            &[("Origin", "http://localhost:1")],
            b"",
        )
        .expect(403);
}

#[test]
fn a_second_server_and_a_taken_port_are_refused_with_words() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let refused = home.run(&["serve", "--addr", "127.0.0.1:0"]).expect(1);
    assert!(
        refused.stderr.contains("another server uses"),
        "{refused:?}"
    );
    assert!(refused.stderr.contains(&server.address), "{refused:?}");
    let other = Home::new();
    let refused = other.run(&["serve", "--addr", &server.address]).expect(1);
    assert!(
        refused.stderr.contains("is in use by another program"),
        "{refused:?}"
    );
    other.run(&["health"]).expect(1);
}

#[test]
fn logs_hold_no_text_and_no_key() {
    let home = Home::new();
    let mut server = HttpServer::start(&home);
    let key = new_key(&home, &ALL_SCOPES);
    let planted = "xyzzyplugh";
    server
        .get(&format!("/api/search?q={planted}"), Some(&key))
        .expect(200);
    server
        .get(&format!("/api/archive/{planted}"), Some(&key))
        .expect(404);
    server
        .get(&format!("/{planted}"), Some(planted))
        .expect(404);
    let note = json!({"content": planted});
    server
        .request("POST", "/api/reflections", Some(&key), Some(&note))
        .expect(201);
    let metrics = server.get("/metrics", Some(&key)).expect(200).text();
    assert!(
        metrics.contains("lorekeep_http_requests_total{route=\"/api/search\""),
        "{metrics}"
    );
    end(&mut server);
    let log = home.lorekeep().join("log");
    for file in ["access.log", "server.log"] {
        let text = fs_err::read_to_string(log.join(file)).expect("a log");
        assert!(
            !text.contains(planted) && !text.contains(&key),
            "{file}: {text}"
        );
    }
    let access = fs_err::read_to_string(log.join("access.log")).expect("a log");
    let lines: Vec<Value> = access
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"))
        .collect();
    assert!(
        lines
            .iter()
            .any(|line| line["route"] == "/api/archive/{conversation}")
    );
    assert!(!metrics.contains(planted) && !metrics.contains(&key));
}

/// Asks a server to end, and waits for it.
fn end(server: &mut HttpServer) {
    #[cfg(unix)]
    {
        let process = rustix::process::Pid::from_child(&server.child);
        rustix::process::kill_process(process, rustix::process::Signal::TERM).expect("a signal");
        let ended = server.child.wait().expect("it ends");
        assert!(ended.success(), "{ended:?}");
    }
    #[cfg(not(unix))]
    {
        server.child.kill().expect("it ends");
        server.child.wait().expect("it ends");
    }
}

#[cfg(unix)]
#[test]
fn streams_are_told_when_the_server_ends() {
    const STREAMS: usize = 60;
    let home = Home::new();
    let mut server = HttpServer::start(&home);
    let key = new_key(&home, &["memory"]);
    let open = |_| {
        let mut stream = server.connect();
        let request = format!(
            "GET /api/events HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {key}\r\nLast-Event-ID: 7\r\n\r\n",
            server.address
        );
        stream.write_all(request.as_bytes()).expect("it reads");
        let mut lines = BufReader::new(stream).lines().map_while(Result::ok);
        let has_begun = lines.by_ref().any(|line| line.contains("event: reset"));
        assert!(has_begun, "a client that comes back is told to load anew");
        lines
    };
    let streams: Vec<_> = (0..STREAMS).map(open).collect();
    let metrics = server.get("/metrics", Some(&key)).expect(200).text();
    assert!(
        metrics.contains(&format!("lorekeep_http_streams {STREAMS}\n")),
        "{metrics}"
    );
    end(&mut server);
    for lines in streams {
        let rest: Vec<String> = lines.collect();
        assert!(
            rest.iter().any(|line| line == "event: shutdown"),
            "{rest:?}"
        );
    }
}

#[test]
fn mcp_is_served_behind_a_key() {
    let home = Home::with_conversations();
    let server = HttpServer::start(&home);
    let key = new_key(&home, &["memory"]);
    let bearer = format!("Bearer {key}");
    let post = |session: Option<&str>, body: &Value| {
        let mut headers = vec![
            ("Authorization", bearer.as_str()),
            ("Content-Type", "application/json"),
            ("Accept", "application/json, text/event-stream"),
        ];
        headers.extend(session.map(|session| ("Mcp-Session-Id", session)));
        server.send("POST", "/mcp", &headers, body.to_string().as_bytes())
    };
    let begun = post(None, &initialize()).expect(200);
    let session = begun
        .header("mcp-session-id")
        .expect("a session")
        .to_owned();
    let initialized = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
    post(Some(&session), &initialized).expect(202);
    let search = call(
        2,
        "search",
        &json!({"query": "retry policy", "project": "all"}),
    );
    let found = post(Some(&session), &search).expect(200);
    assert!(found.text().contains("retry"), "{found:?}");
    server
        .request("POST", "/mcp", None, Some(&initialize()))
        .expect(401);
    let gateway = new_key(&home, &["gateway"]);
    server
        .request("POST", "/mcp", Some(&gateway), Some(&initialize()))
        .expect(403);
}

#[test]
fn a_conversation_is_known_without_its_texts() {
    let home = Home::with_conversations();
    let server = HttpServer::start(&home);
    let key = new_key(&home, &["memory"]);
    let get = |path: &str| server.get(path, Some(&key)).expect(200).json();
    let outline = get("/api/archive/retries/outline");
    assert_eq!(outline["roles"], "uau");
    assert_eq!(outline["times"].as_array().map(Vec::len), Some(3));
    assert!(!outline.to_string().contains("policy"), "{outline}");
    let found = get("/api/archive/retries/find?q=LETTER");
    assert_eq!(found, json!({"positions": [1], "has_more": false}));
    let found = get("/api/archive/retries/find?q=e&limit=1");
    assert_eq!(found, json!({"positions": [0], "has_more": true}));
    let around = get("/api/archive/retries?around=r3&context=1");
    assert_eq!(around["first"], 1);
    assert_eq!(around["messages"][0]["id"], "r2");
    let later = get("/api/archive/retries?from=2");
    assert_eq!(later["first"], 2);
    let missing = ["nobody/outline", "nobody/find?q=x", "retries?around=nobody"];
    for path in missing {
        let path = format!("/api/archive/{path}");
        server.get(&path, Some(&key)).expect(404);
    }
    server
        .get("/api/archive/retries/find", Some(&key))
        .expect(400);
    let recent = get("/api/recent?limit=1&by=day");
    assert_eq!(recent["groups"].as_array().map(Vec::len), Some(1));
    let sources = get("/api/sources");
    assert_eq!(sources["found"], json!([]));
    assert!(sources["sources"].is_array());
}

#[test]
fn an_import_tells_how_it_ended() {
    let home = Home::new();
    let server = HttpServer::start(&home);
    let key = new_key(&home, &["memory"]);
    let idle = server.get("/api/import", Some(&key)).expect(200).json();
    assert_eq!(idle["state"], "idle");
    let started = server.request(
        "POST",
        "/api/import",
        Some(&key),
        Some(&json!({"embed": false})),
    );
    started.expect(202);
    let report = (0..600).find_map(|_| {
        let state = server.get("/api/import", Some(&key)).expect(200).json();
        let is_running = state["state"] == "running";
        if is_running {
            std::thread::sleep(std::time::Duration::from_millis(50));
        }
        (!is_running).then_some(state)
    });
    assert_eq!(report.expect("it ends")["state"], "done");
}

#[test]
fn forgetting_is_tried_first_and_leaves_a_receipt() {
    let home = Home::with_conversations();
    let server = HttpServer::start(&home);
    let key = new_key(&home, &["memory"]);
    let recent = home.json(&["recent", "--project", "all", "--json"]);
    let conversation = recent["groups"][0]["conversations"][0]["id"].clone();
    let ask = |dry_run: Option<bool>| {
        let mut body = json!({"conversations": [conversation]});
        if let Some(dry_run) = dry_run {
            body["dry_run"] = json!(dry_run);
        }
        server.request("POST", "/api/forget", Some(&key), Some(&body))
    };
    let tried = ask(None).expect(200).json();
    assert_eq!(tried["dry_run"], true);
    let done = ask(Some(false)).expect(200).json();
    assert_eq!(done["messages"], tried["messages"]);
    assert_eq!(done["conversations"], json!([conversation]));
    ask(Some(false)).expect(404);
    // What names nothing means nothing.
    let nothing = json!({"dry_run": false, "conversations": []});
    let receipt = server.request("POST", "/api/forget", Some(&key), Some(&nothing));
    assert_eq!(receipt.expect(200).json()["messages"], 0);
}

/// A model server that lists its models to whoever has the key.
fn model_server(key: &'static str) -> String {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let address = listener.local_addr().expect("an address");
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
            let head: Vec<String> = lines.by_ref().take_while(|line| !line.is_empty()).collect();
            let bearer = format!("authorization: bearer {key}");
            let is_known = head.iter().any(|line| line.to_lowercase() == bearer);
            let (status, body) = match is_known {
                true => (
                    "200 OK",
                    r#"{"data": [{"id": "small", "context_length": 4096}]}"#,
                ),
                false => ("401 Unauthorized", r#"{"error": {"message": "no"}}"#),
            };
            let answer = format!(
                "HTTP/1.1 {status}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\
                 Connection: close\r\n\r\n{body}",
                body.len()
            );
            let _ = (&stream).write_all(answer.as_bytes());
        }
    });
    format!("http://{address}/v1")
}

#[test]
fn a_provider_is_tried_kept_sealed_and_removed() {
    const PLANTED: &str = "sk-planted-provider-key-7f3a9c";
    let home = Home::new();
    let mut server = HttpServer::start(&home);
    let key = new_key(&home, &ALL_SCOPES);
    let address = model_server(PLANTED);
    let add = |server: &HttpServer, provider_key: &str| {
        let body = json!({"provider": {"name": "own", "base_url": address}, "key": provider_key});
        server.request("POST", "/api/providers", Some(&key), Some(&body))
    };
    let refused = add(&server, "wrong").expect(409);
    assert_eq!(refused.error(), ("model_error".into(), "key".into()));
    let added = add(&server, PLANTED).expect(201);
    assert_eq!(added.json()["models"][0]["id"], "own/small");
    assert_eq!(added.json()["provider"]["has_key"], true);
    let chosen = json!({"model": "own/small"});
    server
        .request("PUT", "/api/models/default", Some(&key), Some(&chosen))
        .expect(204);
    let mut seen = added.text();
    end(&mut server);

    // Another process opens what this one sealed.
    let mut server = HttpServer::start(&home);
    let models = server.get("/api/models", Some(&key)).expect(200);
    assert_eq!(models.json()["models"][0]["id"], "own/small");
    assert_eq!(models.json()["models"][0]["context_length"], 4096);
    assert_eq!(models.json()["problems"], json!([]));
    let providers = server.get("/api/providers", Some(&key)).expect(200);
    assert_eq!(providers.json()["providers"][0]["origin"], "api");
    server
        .request(
            "POST",
            "/api/providers",
            Some(&new_key(&home, &["chat"])),
            None,
        )
        .expect(403);
    for body in [
        json!({"provider": {"name": "a b", "base_url": address}}),
        json!({"provider": {"name": "a", "base_url": "ftp://x"}}),
        json!({"provider": {"name": "a", "base_url": "http://u:p@x"}, "check": false}),
        json!({"provider": {"name": "a", "base_url": address, "profile": "nobody"}}),
        json!({"provider": {"name": "a", "base_url": address}, "key": "a\nb"}),
        json!({"provider": {"name": "a"}}),
    ] {
        server
            .request("POST", "/api/providers", Some(&key), Some(&body))
            .expect(400);
    }
    seen += &models.text();
    seen += &providers.text();
    seen += &server.get("/metrics", Some(&key)).expect(200).text();
    server
        .request("DELETE", "/api/providers/own", Some(&key), None)
        .expect(204);
    server
        .request("DELETE", "/api/providers/own", Some(&key), None)
        .expect(404);
    end(&mut server);
    assert!(!seen.contains(PLANTED), "{seen}");
    for file in all_files(&home.lorekeep()) {
        let bytes = fs_err::read(&file).expect("a file");
        let is_in = bytes
            .windows(PLANTED.len())
            .any(|at| at == PLANTED.as_bytes());
        assert!(!is_in, "{}", file.display());
    }
}

fn all_files(dir: &Path) -> Vec<std::path::PathBuf> {
    let mut files = Vec::new();
    for entry in fs_err::read_dir(dir).expect("a directory") {
        let path = entry.expect("an entry").path();
        match path.is_dir() {
            true => files.extend(all_files(&path)),
            false => files.push(path),
        }
    }
    files
}
