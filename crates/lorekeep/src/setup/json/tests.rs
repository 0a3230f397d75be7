//! Adding and removing in every layout, and over made-up documents.

use proptest::prelude::*;

use super::*;

fn edits() -> Vec<FileEdit> {
    let hook = |event| {
        let command = Node::text(format!("lorekeep hook {event}"));
        let hook = Node::table([
            ("type", Node::text("command")),
            ("command", command),
            ("timeout", Node::Number(5)),
        ]);
        Node::table([("hooks", Node::List(vec![hook]))])
    };
    let server = Node::table([
        ("command", Node::text("/bin/lorekeep")),
        ("args", Node::texts(["mcp"])),
    ]);
    vec![
        FileEdit::set(&["mcpServers", "lorekeep"], server),
        FileEdit::need(&["version"], Node::Number(1)),
        FileEdit::element(&["hooks", "Stop"], hook("stop")),
        FileEdit::element(&["hooks", "SessionEnd"], hook("session-end")),
    ]
}

#[track_caller]
fn add(text: &str) -> (String, Vec<Undo>) {
    apply(text, &edits()).unwrap_or_else(|fault| panic!("{fault}: {text}"))
}

#[track_caller]
fn round(text: &str) -> String {
    let (new, undos) = add(text);
    for edit in edits() {
        let there = get(&new, edit.path()).expect("it is valid");
        let there = there.expect("it is there");
        match edit {
            FileEdit::Set { keep: true, .. } => {}
            FileEdit::Set { node, .. } => assert_eq!(there, node.value(), "{new}"),
            FileEdit::Element { node, .. } => {
                let list = there.as_array().expect("a list");
                assert!(list.contains(&node.value()), "{new}");
            }
        }
    }
    assert_eq!(add(&new), (new.clone(), Vec::new()));
    let (old, left) = revert(&new, &undos).expect("it can be removed");
    assert_eq!((old.as_str(), left), (text, Vec::new()), "{new}");
    new
}

#[test]
fn what_is_added_looks_like_its_surroundings() {
    let text = "{\n\t\"a\": 1, // one\n\t\"hooks\": {\n\t\t\"Stop\": []\n\t}\n}\n";
    assert_eq!(
        round(text),
        "{\n\t\"a\": 1, // one\n\t\"hooks\": {\n\t\t\"Stop\": [\n\t\t\t{\n\t\t\t\t\"hooks\": [\n\
         \t\t\t\t\t{\n\t\t\t\t\t\t\"type\": \"command\",\n\t\t\t\t\t\t\"command\": \"lorekeep hook stop\",\n\
         \t\t\t\t\t\t\"timeout\": 5\n\t\t\t\t\t}\n\t\t\t\t]\n\t\t\t}\n\t\t],\n\t\t\"SessionEnd\": [\n\
         \t\t\t{\n\t\t\t\t\"hooks\": [\n\t\t\t\t\t{\n\t\t\t\t\t\t\"type\": \"command\",\n\
         \t\t\t\t\t\t\"command\": \"lorekeep hook session-end\",\n\t\t\t\t\t\t\"timeout\": 5\n\
         \t\t\t\t\t}\n\t\t\t\t]\n\t\t\t}\n\t\t]\n\t},\n\t\"mcpServers\": {\n\t\t\"lorekeep\": {\n\
         \t\t\t\"command\": \"/bin/lorekeep\",\n\t\t\t\"args\": [\n\t\t\t\t\"mcp\"\n\t\t\t]\n\t\t}\n\t},\n\
         \t\"version\": 1\n}\n"
    );
    assert!(round("{\"a\":1}").starts_with("{\"a\":1,\"mcpServers\":{\"lorekeep\":{\"command\":"));
    assert!(round("{\"a\": 1}\n").starts_with("{\"a\": 1, \"mcpServers\": {\"lorekeep\": {"));
}

#[test]
fn every_layout_comes_back_byte_for_byte() {
    let crlf = "{\r\n    \"a\": [1, 2],\r\n    \"mcpServers\": {}\r\n}";
    assert!(!round(crlf).replace("\r\n", "").contains('\n'));
    for text in [
        "",
        " \n\n",
        "{}",
        "{ }",
        "{\n}\n",
        "\u{feff}{\"a\": 1}",
        "\u{feff}",
        "// head\n{\n  // nothing yet\n}\n// foot\n",
        "{ /* nothing */ }",
        "{\n  \"a\": 1, // one\n  \"b\": 2, // two\n  // three\n}",
        "{\n  \"a\": 1 // , one\n  /* , */\n}\n",
        "{ \"a\": 1, // x\n}",
        "{ \"a\": 1 // x\n}",
        "{\"hooks\": {\"Stop\": [], \"SessionEnd\": [ {\"hooks\": []} ]}}",
        "{\n\"hooks\": {\"Stop\": [\n],\n\"SessionEnd\":\n[ /* a, */ ] },\n\"version\": null}",
        "{\n  \"mcpServers\": {\"x\": 1}, \"mcpServers\": {\"lorekeep\": \"mine\", \"y\": 2}\n}",
        "{\n      \"hooks\": {\n \"Stop\": [\n   {\"hooks\": []},\n  ],\n },\n}\n\n\n",
    ] {
        round(text);
    }
}

#[test]
fn what_others_changed_stays() {
    let (new, undos) = add("{\n  \"a\": 1\n}\n");
    let later = new
        .replace("\"timeout\": 5", "\"timeout\": 60")
        .replace("\"version\": 1", "\"version\": 1,\n  \"later\": true")
        .replace("\"args\"", "\"env\": {\"X\": \"y\"},\n      \"args\"")
        .replace("\"mcpServers\": {", "\"mcpServers\": {\n    \"other\": {},");
    let (old, left) = revert(&later, &undos).expect("it can be removed");
    assert_eq!(
        old,
        "{\n  \"a\": 1,\n  \"mcpServers\": {\n    \"other\": {}\n  },\n  \"later\": true\n}\n"
    );
    assert_eq!(left, Vec::<String>::new());
}

#[test]
fn a_hook_that_somebody_grouped_with_theirs_is_taken_out_alone() {
    let (new, undos) = add("{}");
    let later = new.replacen(
        "\"hooks\": [\n",
        "\"hooks\": [\n          {\"command\": \"x\"},\n",
        1,
    );
    let (old, _) = revert(&later, &undos).expect("it can be removed");
    let value: Value = serde_json::from_str(&old).expect("it is valid");
    let expected = serde_json::json!({"hooks": {"Stop": [{"hooks": [{"command": "x"}]}]}});
    assert_eq!(value, expected);
}

#[test]
fn a_registration_that_is_no_longer_ours_is_left() {
    let (new, undos) = add("{\"mcpServers\":{\"lorekeep\":{\"command\":\"old\"}}}");
    let (old, left) = revert(&new, &undos).expect("it can be removed");
    assert_eq!(old, "{\"mcpServers\":{\"lorekeep\":{\"command\":\"old\"}}}");
    assert_eq!(left, Vec::<String>::new());
    let theirs = new.replace("/bin/lorekeep", "/bin/else");
    let (old, left) = revert(&theirs, &undos).expect("it is left");
    assert_eq!(left, ["mcpServers.lorekeep"]);
    assert!(old.contains("/bin/else"), "{old}");
}

#[test]
fn a_mistake_is_told_with_its_place() {
    for (text, what) in [
        (
            "{\n  \"a\": 1\n  \"b\": 2\n}",
            "line 2, column 9: no valid JSON: expected comma",
        ),
        ("[]", "line 1, column 1: expected an object"),
        ("// nothing", "line 1, column 11: expected an object"),
        (
            "{\"mcpServers\": null}",
            "line 1, column 16: `mcpServers` is not an object",
        ),
        (
            "{\"hooks\": {\"Stop\": {}}}",
            "line 1, column 20: `hooks.Stop` is not a list",
        ),
        (
            "{'a': 1}",
            "line 1, column 2: no valid JSON: single-quoted strings are not allowed",
        ),
    ] {
        let fault = apply(text, &edits()).expect_err(text);
        assert!(fault.what.starts_with(what), "{fault}");
    }
}

fn json() -> impl Strategy<Value = Value> {
    let key = || prop_oneof!["[a-c]", "mcpServers|hooks|Stop|SessionEnd|lorekeep|other"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        "\\PC{0,6}".prop_map(Value::from),
    ];
    let any = leaf.prop_recursive(3, 24, 4, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4).prop_map(|all| all.into_iter().collect()),
        ]
    });
    let servers = prop::collection::vec((key(), any.clone()), 0..3);
    let stop = prop::collection::vec(any.clone(), 0..3);
    let root = prop::collection::vec(("[a-e]", any), 0..5);
    (prop::option::of(servers), prop::option::of(stop), root).prop_map(|(servers, stop, root)| {
        let mut all: serde_json::Map<String, Value> = root.into_iter().collect();
        if let Some(servers) = servers {
            all.insert("mcpServers".into(), servers.into_iter().collect());
        }
        if let Some(stop) = stop {
            all.insert("hooks".into(), serde_json::json!({ "Stop": stop }));
        }
        Value::Object(all)
    })
}

/// What stands between two tokens, chosen by the next of some random numbers.
struct Gaps {
    numbers: Vec<u8>,
    at: usize,
    commas: bool,
}

impl Gaps {
    fn next(&mut self) -> &'static str {
        const ALL: [&str; 12] = [
            "",
            "",
            "",
            " ",
            " ",
            "\n",
            "\n  ",
            "\r\n\t",
            "  \n\n    ",
            "/* , \" { */",
            "// ],\n  ",
            " /* x */ // }\n",
        ];
        self.at += 1;
        ALL[usize::from(self.numbers[self.at % self.numbers.len()]) % ALL.len()]
    }

    fn write(&mut self, value: &Value, out: &mut String) {
        match value {
            Value::Array(items) => {
                out.push('[');
                for (index, item) in items.iter().enumerate() {
                    self.between(index, out);
                    self.write(item, out);
                }
                self.end(items.len(), ']', out);
            }
            Value::Object(entries) => {
                out.push('{');
                for (index, (key, item)) in entries.iter().enumerate() {
                    self.between(index, out);
                    out.push_str(&Value::from(key.as_str()).to_string());
                    out.push_str(self.next());
                    out.push(':');
                    out.push_str(self.next());
                    self.write(item, out);
                }
                self.end(entries.len(), '}', out);
            }
            other => out.push_str(&other.to_string()),
        }
    }

    fn between(&mut self, index: usize, out: &mut String) {
        if index > 0 {
            out.push_str(self.next());
            out.push(',');
        }
        out.push_str(self.next());
    }

    fn end(&mut self, length: usize, bracket: char, out: &mut String) {
        out.push_str(self.next());
        if length > 0 && self.commas && self.next().is_empty() {
            out.push(',');
            out.push_str(self.next());
        }
        out.push(bracket);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn adding_and_removing_is_nothing_and_adding_changes_nothing_else(
        value in json(),
        numbers in prop::collection::vec(any::<u8>(), 1..40),
        commas in any::<bool>(),
    ) {
        let mut text = String::new();
        let mut gaps = Gaps { numbers, at: 0, commas };
        text.push_str(gaps.next());
        gaps.write(&value, &mut text);
        text.push_str(gaps.next());
        let new = round(&text);
        let root = get_all(&new);
        let mut expected = value;
        for edit in edits() {
            merge(&mut expected, &edit);
        }
        prop_assert_eq!(root, expected);
    }
}

fn get_all(text: &str) -> Value {
    let root = tree::parse(split(text).1).expect("it is valid");
    tree::value(&jsonc_parser::ast::Value::Object(root))
}

fn merge(root: &mut Value, edit: &FileEdit) {
    let (key, parents) = edit.path().split_last().expect("a path");
    let mut at = root;
    for parent in parents {
        let object = at.as_object_mut().expect("an object");
        at = object
            .entry(parent.as_str())
            .or_insert_with(|| Value::Object(serde_json::Map::new()));
    }
    let object = at.as_object_mut().expect("an object");
    match edit {
        FileEdit::Set {
            keep: true, node, ..
        } => {
            object.entry(key.as_str()).or_insert_with(|| node.value());
        }
        FileEdit::Set { node, .. } => {
            object.insert(key.clone(), node.value());
        }
        FileEdit::Element { node, .. } => {
            let list = object
                .entry(key.as_str())
                .or_insert_with(|| Value::Array(Vec::new()));
            list.as_array_mut().expect("a list").push(node.value());
        }
    }
}
