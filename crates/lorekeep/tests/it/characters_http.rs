//! Characters over HTTP: changed in their own formats, set, saved and deleted; and what the program tells of itself.

use serde_json::{Value, json};

use crate::serve_client::{HttpAnswer, HttpServer};
use crate::support::Home;

const CARD: &str = r#"{"spec":"chara_card_v2","name":"Sera","x_outer":1.50,"data":{"name":"Sera","zeta":{"b":1.0,"a":[1e2]},
 "first_mes":"Hello.","character_book":{"own":12345678901234567890123,"entries":[
 {"keys":["glade"],"content":"@@depth 3\nIt is green.","probability":0.50,"enabled":true},{"keys":["owl"],"content":"It sees."}]}}}"#;

fn opened(home: &Home) -> HttpServer {
    HttpServer::with(home, &["--no-auth"])
}

fn patch(server: &HttpServer, path: &str, version: &str, body: &Value) -> HttpAnswer {
    let version = format!("\"{version}\"");
    let headers = [("Content-Type", "application/json"), ("If-Match", &version)];
    server.send("PATCH", path, &headers, body.to_string().as_bytes())
}

#[test]
fn a_change_of_a_card_leaves_unknown_fields_byte_for_byte() {
    let home = Home::new();
    let server = opened(&home);
    let made = server.send("POST", "/api/characters", &[], CARD.as_bytes());
    let made = made.expect(201).json();
    assert_eq!(made["is_editable"], true);
    assert_eq!(made["lore_entries"][0]["text"], "@@depth 3\nIt is green.");
    let version = made["file_version"].as_str().expect("a version");
    let change = json!({
        "name": "Sera the Wise", "greetings": ["Hi.", "  ", "Ho."],
        "lore": [{"index": 1}, {"index": 0, "keys": ["glade", "wood"]}, {"keys": ["new"], "text": "New."}],
    });
    let path = "/api/characters/sera";
    let changed = patch(&server, path, version, &change).expect(200).json();
    assert_eq!(changed["name"], "Sera the Wise");
    assert_eq!(changed["lore"], 3);
    let file = server.get("/api/characters/sera/file", None).expect(200);
    let text = String::from_utf8(file.body.clone()).expect("text");
    for kept in [
        r#""x_outer":1.50"#,
        r#""zeta":{"b":1.0,"a":[1e2]}"#,
        r#""own":12345678901234567890123"#,
        r#"{"keys":["owl"],"content":"It sees."},{"keys":["glade","wood"],"content":"@@depth 3\nIt is green.","probability":0.50"#,
        r#""name":"Sera the Wise","x_outer""#,
        r#""alternate_greetings":["Ho."]"#,
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    assert!(file.head.contains("attachment"), "{}", file.head);
    // Somebody else was faster.
    patch(&server, path, version, &json!({"name": "X"})).expect(409);
    server
        .request("PATCH", path, None, Some(&json!({"name": " "})))
        .expect(400);
    let unknown = json!({"lore": [{"index": 9}]});
    server
        .request("PATCH", path, None, Some(&unknown))
        .expect(400);
    server
        .request("PATCH", path, None, Some(&json!({"title": "X"})))
        .expect(400);
    // Bytes that are no text would come back as others: such a file stays as it is.
    let file = home.lorekeep().join("data/characters/odd.toml");
    fs_err::create_dir_all(file.parent().expect("a directory")).expect("a directory");
    let odd = b"name = \"Odd\" # \xff\n";
    fs_err::write(&file, odd).expect("a file");
    let run = server.request(
        "PATCH",
        "/api/characters/odd",
        None,
        Some(&json!({"name": "X"})),
    );
    assert!(run.status >= 400, "{run:?}");
    assert_eq!(fs_err::read(&file).expect("it is there"), odd);
    server.send("DELETE", path, &[], b"").expect(204);
    server.get(path, None).expect(404);
}

#[test]
fn sheets_keep_their_comments_and_markdown_its_text() {
    let home = Home::new();
    let server = opened(&home);
    let sheet = "# mine\nname = \"Ann\" # her name\ngreeting = \"Hi\"\n\n[[lore]]\nkeys = [\"pear\"] # fruit\ntext = \"Sweet.\"\n";
    let post = |name: &str, text: &str| {
        let path = format!("/api/characters?name={name}");
        server
            .send("POST", &path, &[], text.as_bytes())
            .expect(201)
            .json()
    };
    post("ann.toml", sheet);
    let change =
        json!({"name": "Ann", "description": "Two\nlines", "lore": [{"index": 0, "always": true}]});
    let changed = server.request("PATCH", "/api/characters/ann", None, Some(&change));
    assert_eq!(changed.expect(200).json()["description"], "Two\nlines");
    let file = server
        .get("/api/characters/ann/file", None)
        .expect(200)
        .body;
    let text = String::from_utf8(file).expect("text");
    for kept in [
        "# mine",
        "# her name",
        "# fruit",
        "always = true",
        "description",
    ] {
        assert!(text.contains(kept), "{kept} in {text}");
    }
    post("bob.md", "+++\nname = \"Bob\" # him\n+++\nBob *fishes*.\n");
    let change = json!({"description": "Bob rows.", "greetings": ["Ahoy"]});
    server
        .request("PATCH", "/api/characters/bob", None, Some(&change))
        .expect(200);
    let file = server
        .get("/api/characters/bob/file", None)
        .expect(200)
        .body;
    let text = String::from_utf8(file).expect("text");
    assert!(
        text.contains("# him") && text.ends_with("+++\n\nBob rows.\n"),
        "{text}"
    );
    let yaml = post("eve.md", "---\nname: Eve\n---\nEve.\n");
    assert_eq!(yaml["is_editable"], false);
    let change = json!({"description": "Eve rows."});
    server
        .request("PATCH", "/api/characters/eve", None, Some(&change))
        .expect(400);
}

#[test]
fn what_a_person_sets_wins_and_works_for_those_that_come_with_the_program() {
    let home = Home::new();
    let server = opened(&home);
    let path = "/api/characters/napoleon/settings";
    let set = json!({"model": "local/small", "tools": [], "recall": true});
    let character = server
        .request("PUT", path, None, Some(&set))
        .expect(200)
        .json();
    assert_eq!(character["model"], "local/small");
    assert_eq!(character["tools"], json!([]));
    assert_eq!(character["settings"]["recall"], true);
    let made = json!({"character": "napoleon"});
    server
        .request("POST", "/api/conversations", None, Some(&made))
        .expect(201);
    let reset = server
        .request("PUT", path, None, Some(&json!({})))
        .expect(200)
        .json();
    assert_eq!(reset["settings"]["model"], Value::Null);
    let rename = json!({"name": "Bonaparte"});
    server
        .request("PATCH", "/api/characters/napoleon", None, Some(&rename))
        .expect(409);
    server
        .send("DELETE", "/api/characters/napoleon", &[], b"")
        .expect(409);
    server
        .request("PUT", "/api/characters/..%2fx/settings", None, Some(&set))
        .expect(404);
}

#[test]
fn settings_tell_where_they_come_from_and_no_secret() {
    let home = Home::new();
    let mut command = home.command();
    command
        .env("MODEL__URL", "http://127.0.0.1:9/v1")
        .env("MODEL__NAME", "m");
    command.env("MODEL__API_KEY", "sk-very-secret-value");
    command.args(["serve", "--addr", "127.0.0.1:0", "--no-auth"]);
    let server = HttpServer::spawn(&mut command);
    let answer = server.get("/api/settings", None).expect(200);
    let text = String::from_utf8(answer.body.clone()).expect("text");
    assert!(!text.contains("very-secret"), "{text}");
    let settings = answer.json();
    let settings = settings["settings"].as_array().expect("a list").clone();
    let of = |key: &str| {
        settings
            .iter()
            .find(|one| one["key"] == key)
            .cloned()
            .unwrap_or_default()
    };
    assert_eq!(of("model.api_key")["is_secret"], true);
    assert_eq!(of("model.url")["origin"], "environment");
    assert_eq!(of("model.url")["place"], "MODEL__URL");
    assert_eq!(of("search.limit")["origin"], "default");
    let checks = server.get("/api/doctor", None).expect(200).json();
    assert!(
        checks["checks"]
            .as_array()
            .is_some_and(|checks| checks.len() >= 5),
        "{checks}"
    );
    let policies = server.get("/api/guards/policies", None).expect(200).json();
    assert_eq!(policies["policies"][0]["place"], "store");
    assert_eq!(policies["policies"][0]["secret"], "mask");
}
