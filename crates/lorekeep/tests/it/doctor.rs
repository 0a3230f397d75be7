//! `doctor` and the registrations of assistants: it starts what `setup` registered, and nothing else
//! that somebody may have put in its place.

use std::path::{Path, PathBuf};

use fs_err as fs;
use serde_json::{Value, json};

use crate::support::{Home, Run};

/// A server that answers with two tools, or does what else a file beside it says.
#[cfg(unix)]
const SERVER: &str = r#"#!/bin/sh
env > "$0.env"
pwd > "$0.pwd"
how=$(cat "$0.how")
case "$how" in
ends) echo "no such thing" >&2; exit 1 ;;
talks) echo "Hello, I am a server" ;;
stays) exec sleep 60 ;;
esac
while read -r line; do
  case "$line" in
  *'"initialize"'*) printf '{"jsonrpc":"2.0","method":"x"}\n{"jsonrpc":"2.0","id":1,"result":{"serverInfo":{"name":"%s"}}}\n' "$LOREKEEP_HOME" ;;
  *'"tools/list"'*) echo '{"jsonrpc":"2.0","id":2,"result":{"tools":[{},{}]}}' ;;
  esac
done
[ "$how" = hangs ] && exec sleep 60
"#;

impl Home {
    /// What `doctor` says of a client: state, finding and hint.
    fn doctor(&self, client: &str) -> (String, String, String) {
        let mut command = self.command();
        command
            .env("PATH", "/usr/bin:/bin")
            .env("LD_BIND_NOW", "1")
            .env("PROJECT_SECRET", "1");
        let run = Run::of(command.args(["doctor", "--json"]));
        let value: Value = serde_json::from_str(&run.stdout).expect("JSON");
        let mut checks = value["checks"].as_array().expect("checks").iter();
        let check = checks.find(|check| check["name"] == client).expect(client);
        let text = |key: &str| check[key].as_str().unwrap_or_default().to_owned();
        (text("state"), text("what"), text("hint"))
    }

    /// Sets a client up by another name of the program, which is returned.
    #[cfg(unix)]
    fn set_up_by_link(&self, client: &str) -> PathBuf {
        let link = self.path().join("bin/lorekeep");
        fs::create_dir_all(link.parent().expect("a directory")).expect("a directory");
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lorekeep"), &link).expect("a link");
        let mut command = std::process::Command::new(&link);
        command
            .env_clear()
            .env("HOME", self.path())
            .env("LOREKEEP_HOME", self.lorekeep())
            .current_dir(self.path());
        Run::of(command.args(["setup", client, "--yes"])).expect(0);
        link
    }
}

#[cfg(unix)]
#[test]
fn doctor_starts_what_setup_registered() {
    use std::os::unix::fs::PermissionsExt;
    let home = Home::new();
    let program = home.set_up_by_link("cursor");
    fs::remove_file(&program).expect("it was there");
    fs::write(&program, SERVER).expect("a program");
    fs::set_permissions(&program, std::fs::Permissions::from_mode(0o755)).expect("a mode");
    let check = |how: &str| {
        home.write("bin/lorekeep.how", how);
        home.doctor("cursor")
    };
    let (state, what, _) = check("");
    assert_eq!(state, "good", "{what}");
    assert!(what.ends_with("with 2 tools"), "{what}");
    let variables = home.read("bin/lorekeep.env");
    assert!(variables.contains("LOREKEEP_HOME="), "{variables}");
    for absent in ["LD_BIND_NOW", "PROJECT_SECRET"] {
        assert!(!variables.contains(absent), "{variables}");
    }
    let directory = PathBuf::from(home.read("bin/lorekeep.pwd").trim());
    assert_eq!(
        directory.canonicalize().ok(),
        home.path().canonicalize().ok()
    );
    for (how, expected) in [
        ("ends", "it ends without an answer; it says: no such thing"),
        ("talks", "it prints what is no message: Hello"),
        ("stays", "no answer within 5 seconds"),
        ("hangs", "it goes on running"),
    ] {
        let (state, what, hint) = check(how);
        assert_eq!(state, "bad", "{what}");
        assert!(what.contains(expected), "{what}");
        assert!(hint.contains("lorekeep setup cursor"), "{hint}");
    }
    fs::remove_file(&program).expect("it was there");
    let (state, what, _) = check("");
    assert_eq!(state, "bad");
    assert!(what.contains("is no program"), "{what}");
    home.write(".cursor/mcp.json", "{}");
    let (state, what, hint) = home.doctor("cursor");
    assert_eq!(
        (state.as_str(), hint.as_str()),
        ("note", "`lorekeep setup cursor` does it"),
        "{what}"
    );
}

/// Every way to make a client start something else by its entry, as a change of what `setup` wrote.
/// `file` is made if it is started.
fn changes(file: &Path) -> Vec<(&'static str, Value)> {
    let shell = format!("touch '{}'; exec cat", file.display());
    vec![
        ("command", json!({"command": "sh", "args": ["-c", shell]})),
        (
            "form",
            json!({"command": ["sh", "-c", shell], "args": null}),
        ),
        (
            "arguments",
            json!({"args": ["mcp", "--http", "127.0.0.1:0"]}),
        ),
        (
            "variable",
            json!({"env": {"LD_PRELOAD": "/nowhere/x.so", "TOKEN": "s3cret-value"}}),
        ),
        (
            "home",
            json!({"env": {"LOREKEEP_HOME": file.with_extension("home")}}),
        ),
        ("directory", json!({"cwd": "/tmp"})),
        (
            "file of variables",
            json!({"envFile": "${workspaceFolder}/.env"}),
        ),
        ("shell", json!({"shell": true})),
        (
            "kind",
            json!({"type": "http", "url": "http://127.0.0.1:1/"}),
        ),
    ]
}

#[test]
fn doctor_does_not_start_a_changed_registration() {
    let home = Home::new();
    let project = home.path().join("clone");
    fs::create_dir_all(&project).expect("a directory");
    let in_project = |arguments: &[&str]| {
        let mut command = home.command();
        Run::of(command.args(arguments).current_dir(&project))
    };
    in_project(&["setup", "claude-code", "--scope", "project", "--yes"]).expect(0);
    home.setup(&["cursor", "--yes"]).expect(0);
    let made = home.path().join("made");
    for (client, file, hint) in [
        (
            "claude-code",
            "clone/.mcp.json",
            "lorekeep setup claude-code --scope project` in ",
        ),
        (
            "cursor",
            ".cursor/mcp.json",
            "lorekeep setup cursor` registers it anew",
        ),
    ] {
        let original = home.read(file);
        for (name, change) in changes(&made) {
            let mut value: Value = serde_json::from_str(&original).expect("JSON");
            let server = value["mcpServers"]["lorekeep"]
                .as_object_mut()
                .expect("an object");
            server.extend(change.as_object().expect("an object").clone());
            home.write(file, &value.to_string());
            let (state, what, said) = home.doctor(client);
            assert_eq!(state, "bad", "{name}: {what}");
            assert!(what.contains("it was not started"), "{name}: {what}");
            assert!(!what.contains("s3cret"), "{name}: {what}");
            assert!(said.contains(hint), "{name}: {said}");
            assert!(!made.exists(), "{name}");
            assert!(!made.with_extension("home").exists(), "{name}");
        }
        home.write(file, &original);
        let (state, what, _) = home.doctor(client);
        assert_eq!(state, "good", "{what}");
    }
}

#[test]
fn doctor_starts_nothing_that_setup_did_not_register_and_setup_takes_it_on() {
    let home = Home::new();
    let made = home.path().join("made");
    let shell = format!("touch '{}'", made.display());
    let token = ["tok", "_", "abcdef1234567890"].concat();
    home.write(
        "lorekeep/config.toml",
        "[guard]\npatterns = ['secret TOKEN = \\btok_[a-z0-9]{6,40}\\b']\n",
    );
    let evil = json!({"mcpServers": {"lorekeep": {
        "command": "sh", "args": ["-c", shell, "\u{1b}[2J\u{202e}x", token],
    }}});
    home.write(".cursor/mcp.json", &evil.to_string());
    let (state, what, hint) = home.doctor("cursor");
    assert_eq!(state, "note", "{what}");
    assert!(
        what.contains("was not registered by `lorekeep setup`"),
        "{what}"
    );
    assert!(!what.contains(&token) && what.contains("sh -c"), "{what}");
    assert!(!what.contains(['\u{1b}', '\u{202e}']), "{what}");
    assert_eq!(hint, "`lorekeep setup cursor` registers it anew");
    let run = home.run(&["doctor"]);
    assert!(!run.stdout.contains(['\u{1b}', '\u{202e}']), "{run:?}");
    assert!(!made.exists());
    // What is just as setup would write it isn't started either, until setup was asked.
    home.setup(&["cursor", "--yes"]).expect(0);
    let ours = home.read(".cursor/mcp.json");
    fs::remove_dir_all(home.lorekeep().join("data")).expect("what is recorded");
    assert_eq!(home.doctor("cursor").0, "note");
    let run = home.setup(&["cursor", "--yes"]).expect(0);
    assert!(run.stdout.contains("nothing has changed"), "{run:?}");
    assert_eq!(home.read(".cursor/mcp.json"), ours);
    let (state, what, _) = home.doctor("cursor");
    assert_eq!(state, "good", "{what}");
    home.setup(&["--remove", "--yes"]).expect(0);
    assert_eq!(home.read(".cursor/mcp.json"), ours, "it was there before");
}

#[test]
fn the_server_that_is_registered_answers() {
    let home = Home::new();
    home.setup(&[
        "claude-code",
        "opencode",
        "vscode",
        "codex",
        "--yes",
        "--no-hooks",
    ])
    .expect(0);
    let value = home.json(&["doctor", "--json"]);
    for client in ["claude-code", "opencode", "vscode", "codex"] {
        let mut checks = value["checks"].as_array().expect("checks").iter();
        let check = checks.find(|check| check["name"] == client).expect(client);
        assert_eq!(check["state"], "good", "{check}");
    }
}

#[test]
fn a_mistake_in_the_list_of_servers_is_one_of_the_settings() {
    let home = Home::new();
    let file = home.lorekeep().join("mcp.json");
    fs::create_dir_all(home.lorekeep()).expect("a directory");
    fs::write(&file, "{\"mcpServers\": {\"a\": {\"command\": 7}}}").expect("a file");
    let (state, what, _) = home.doctor("settings");
    assert_eq!(state, "bad");
    assert!(what.contains("mcp.json:1"), "{what}");
}
