//! `setup` on homes as people have them: what it changes, that it can all be taken back byte for
//! byte, and what it leaves alone.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fs_err as fs;
use serde_json::{Value, json};

use crate::support::{Home, Run};

/// `~/.claude.json`: many keys of its own, indentation that no formatter makes, no line end at the
/// end.
const CLAUDE: &str = "{\n  \"numStartups\": 214,\n   \"tipsHistory\": {\"shift-enter\": 3,\"memory\":9},\n  \
    \"projects\": {\n    \"/home/me/ferry\": {\n      \"allowedTools\": [],\n      \"mcpServers\": {},\n      \
    \"lastCost\": 0.12345678901234567890, \"history\": [ { \"display\": \"caf\\u00e9 \u{1f980}\" } ]\n    }\n  },\n  \
    \"mcpServers\": {\n    \"other\": { \"command\": \"npx\", \"args\": [\"-y\", \"x\"], \"env\": { \"TOKEN\": \"s3cret\" } }\n  },\n  \
    \"oauthAccount\": null, \"big\": 12345678901234567890123\n}";

/// `settings.json`: comments and hooks of the person's own, tabs.
const SETTINGS: &str = "// my settings\n{\n\t\"model\": \"opus\", // the good one\n\t\"hooks\": {\n\t\t\"Stop\": [\n\
    \t\t\t{ \"hooks\": [ { \"type\": \"command\", \"command\": \"say done\" } ] }, // loud\n\t\t],\n\t},\n\
    \t/* more, later */\n}\n\n";

const CODEX: &str = "# mine\nmodel = \"gpt-5\" # why not\nnotify = [\n  \"say\", # loud\n]\n\n\
    [mcp_servers.other]\ncommand = \"npx\"\nenv = { \"A B\" = 'c' }\n\n[projects.\"/home/me/ferry\"]\n\
    trust_level = \"trusted\"\n# the end";

impl Home {
    pub(crate) fn setup(&self, arguments: &[&str]) -> Run {
        self.run(&[&["setup"], arguments].concat())
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path().join(name)).expect(name)
    }

    pub(crate) fn value(&self, name: &str) -> Value {
        serde_json::from_str(&self.read(name)).expect(name)
    }

    /// Everything in the home but what is Lorekeep's own: bytes, link targets and permissions.
    fn state(&self) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
        let mut state = BTreeMap::new();
        let mut left = vec![self.path().to_path_buf()];
        while let Some(path) = left.pop() {
            if path == self.lorekeep() {
                continue;
            }
            let metadata = fs::symlink_metadata(&path).expect("it is there");
            let bytes = if metadata.is_symlink() {
                let target = fs::read_link(&path).expect("a link");
                target.into_os_string().into_encoded_bytes()
            } else if metadata.is_dir() {
                let entries = fs::read_dir(&path).expect("a directory");
                left.extend(entries.map(|entry| entry.expect("an entry").path()));
                Vec::new()
            } else {
                fs::read(&path).expect("a file")
            };
            state.insert(path, (mode(&metadata), bytes));
        }
        state
    }
}

#[cfg(unix)]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&metadata.permissions())
}

#[cfg(not(unix))]
fn mode(metadata: &std::fs::Metadata) -> u32 {
    u32::from(metadata.permissions().readonly())
}

/// A home with four clients and settings in many shapes.
fn lived_in() -> Home {
    let home = Home::new();
    home.write(".claude.json", CLAUDE);
    home.write(".claude/settings.json", SETTINGS);
    home.write(".codex/config.toml", CODEX);
    home.write(
        ".cursor/mcp.json",
        "\u{feff}{\r\n    \"mcpServers\": {\r\n    }\r\n}\r\n",
    );
    home.write(".cursor/hooks.json", "");
    home.write(
        ".gemini/settings.json",
        "{\"theme\":\"dark\",\"mcpServers\":{}}",
    );
    home
}

#[test]
fn a_home_comes_back_byte_for_byte() {
    let home = lived_in();
    let before = home.state();
    let run = home.setup(&["--yes", "--hooks", "--commands"]).expect(0);
    assert!(run.stdout.contains("+ mcpServers.lorekeep: "), "{run:?}");
    let with = home.state();
    assert_ne!(before, with);
    for (file, key) in [
        (".claude.json", "mcpServers"),
        (".gemini/settings.json", "mcpServers"),
    ] {
        assert_eq!(home.value(file)[key]["lorekeep"]["args"], json!(["mcp"]));
    }
    assert!(
        home.read(".claude.json")
            .starts_with(&CLAUDE[..CLAUDE.find("s3cret").expect("it")])
    );
    assert!(home.read(".codex/config.toml").starts_with(CODEX));
    assert!(
        home.read(".claude/commands/recall.md")
            .contains("mcp__lorekeep__search")
    );
    let again = home.setup(&["--yes"]).expect(0);
    assert!(again.stdout.contains("nothing has changed"), "{again:?}");
    assert_eq!(with, home.state());
    home.setup(&["--remove", "--yes"]).expect(0);
    assert_eq!(before, home.state());
    assert!(!home.lorekeep().join("data/backup").exists());
}

#[test]
fn an_empty_home_comes_back_empty() {
    let home = Home::new();
    for dir in [
        ".claude",
        ".codex",
        ".cursor",
        ".gemini",
        ".codeium/windsurf",
    ] {
        fs::create_dir_all(home.path().join(dir)).expect("a directory");
    }
    let before = home.state();
    home.setup(&["--yes", "--hooks", "--commands", "--prompt-evidence"])
        .expect(0);
    let hooks = &home.value(".claude/settings.json")["hooks"];
    for event in [
        "SessionStart",
        "UserPromptSubmit",
        "Stop",
        "SessionEnd",
        "PreCompact",
    ] {
        let command = hooks[event][0]["hooks"][0]["command"].as_str();
        let evidence =
            command.is_some_and(|command| command.contains("HOOKS__PROMPT_EVIDENCE=true "));
        assert_eq!(
            evidence,
            cfg!(unix) && event == "UserPromptSubmit",
            "{hooks}"
        );
        assert!(
            command.is_some_and(|command| command.contains("lorekeep hook ")),
            "{hooks}"
        );
    }
    assert_eq!(home.value(".cursor/hooks.json")["version"], 1);
    home.setup(&["--remove", "--yes"]).expect(0);
    assert_eq!(before, home.state());
}

#[test]
fn only_ours_goes_when_a_client_has_written_since() {
    let home = lived_in();
    home.setup(&["--yes"]).expect(0);
    // As Claude Code does: read, change, write everything anew.
    let mut value = home.value(".claude.json");
    value["numStartups"] = json!(215);
    value["mcpServers"]["later"] = json!({"command": "later"});
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    home.write(".claude.json", &text);
    let again = home.setup(&["--yes"]).expect(0);
    assert!(again.stdout.contains("nothing has changed"), "{again:?}");
    assert_eq!(home.read(".claude.json"), text);
    let toml = format!("{}\n[tui]\nsound = true\n", home.read(".codex/config.toml"));
    home.write(".codex/config.toml", &toml);
    home.setup(&["--remove", "--yes"]).expect(0);
    let servers = value["mcpServers"].as_object_mut().expect("an object");
    servers.remove("lorekeep");
    let text = serde_json::to_string_pretty(&value).expect("JSON");
    assert_eq!(home.read(".claude.json"), text);
    assert_eq!(
        home.read(".codex/config.toml"),
        format!("{CODEX}\n[tui]\nsound = true\n")
    );
}

#[test]
fn what_changed_between_two_runs_is_part_of_what_comes_back() {
    let home = lived_in();
    home.setup(&["--yes"]).expect(0);
    let later = home.read(".claude.json").replace("214", "215");
    home.write(".claude.json", &later);
    home.setup(&["--yes", "--name", "memory"]).expect(0);
    assert!(home.value(".claude.json")["mcpServers"]["lorekeep"].is_null());
    home.setup(&["--remove", "--yes"]).expect(0);
    assert_eq!(home.read(".claude.json"), CLAUDE.replace("214", "215"));
}

#[test]
fn nothing_changes_without_a_yes() {
    let home = lived_in();
    let before = home.state();
    let run = home.setup(&[]).expect(2);
    assert!(
        run.stderr
            .contains("error: not a terminal: nothing was changed (use --yes)"),
        "{run:?}"
    );
    let run = home.setup(&["--dry-run"]).expect(0);
    assert!(run.stdout.contains(".codex/config.toml"), "{run:?}");
    assert!(!run.stdout.contains("s3cret"), "{run:?}");
    assert_eq!(before, home.state());
    assert!(!home.lorekeep().exists());
    home.setup(&["--remove"]).expect(0);
    home.setup(&["--yes", "--name", "a b"]).expect(2);
    home.setup(&["emacs"]).expect(2);
    assert_eq!(before, home.state());
}

#[test]
fn without_an_assistant_there_is_nothing_to_do() {
    let home = Home::new();
    let run = home.setup(&["--yes"]).expect(3);
    assert!(run.stderr.contains("claude-code, codex"), "{run:?}");
    home.setup(&["cursor", "--yes"]).expect(0);
    assert!(home.value(".cursor/mcp.json")["mcpServers"]["lorekeep"].is_object());
    home.setup(&["--remove", "--yes"]).expect(0);
    assert!(!home.path().join(".cursor").exists());
}

#[test]
fn a_broken_file_is_left_alone_and_the_others_go_on() {
    for (file, text, place) in [
        (
            ".claude.json",
            "{\n  \"a\": 1,\n  oops\n}\n",
            "line 3, column 3: ",
        ),
        (
            ".claude.json",
            "[1]",
            "line 1, column 1: expected an object",
        ),
        (
            ".claude.json",
            "{\"mcpServers\": []}",
            "`mcpServers` is not an object",
        ),
        (".codex/config.toml", "a = 1\na = 2\n", "line 2, column 1: "),
    ] {
        let home = lived_in();
        home.write(file, text);
        let run = home.setup(&["--yes"]).expect(1);
        assert!(run.stderr.contains(place), "{run:?}");
        assert!(
            run.stderr.contains(&format!("{file}` was left alone")),
            "{run:?}"
        );
        assert_eq!(home.read(file), text);
        assert!(home.value(".gemini/settings.json")["mcpServers"]["lorekeep"].is_object());
        home.setup(&["--remove", "--yes"]).expect(0);
        assert_eq!(home.read(file), text);
        assert_eq!(home.read(".claude/settings.json"), SETTINGS);
    }
    let home = Home::new();
    fs::write(home.write(".claude.json", ""), b"{\"a\": \"\xff\"}").expect("a file");
    let run = home.setup(&["claude-code", "--yes"]).expect(1);
    assert!(run.stderr.contains("byte 7 is no UTF-8"), "{run:?}");
}

#[cfg(unix)]
#[test]
fn links_and_permissions_stay_and_read_only_files_are_left_alone() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let set = |path: &Path, mode| {
        let mode = std::fs::Permissions::from_mode(mode);
        fs::set_permissions(path, mode).expect("a mode");
    };
    let home = lived_in();
    let kept = home.write("dotfiles/claude/settings.json", SETTINGS);
    let link = home.path().join(".claude/settings.json");
    fs::remove_file(&link).expect("it was there");
    symlink("../dotfiles/claude/settings.json", &link).expect("a link");
    symlink(
        "../dotfiles/new.json",
        home.path().join(".codex/hooks.json"),
    )
    .expect("a link");
    set(&kept, 0o640);
    set(&home.path().join(".claude.json"), 0o600);
    set(&home.path().join(".cursor/mcp.json"), 0o444);
    let before = home.state();
    let run = home.setup(&["--yes", "--hooks"]).expect(1);
    assert!(
        run.stderr
            .contains(".cursor/mcp.json` was left alone: it is read-only"),
        "{run:?}"
    );
    let with = home.state();
    assert_eq!(before[&link], with[&link], "the link is one still");
    assert_eq!(with[&kept].0 & 0o777, 0o640);
    assert_ne!(before[&kept], with[&kept]);
    assert!(home.path().join("dotfiles/new.json").exists());
    assert_eq!(with[&home.path().join(".claude.json")].0 & 0o777, 0o600);
    let copies = home.lorekeep().join("data/backup/setup");
    for entry in fs::read_dir(&copies).expect("copies") {
        let metadata = entry.and_then(|entry| entry.metadata()).expect("a copy");
        assert_eq!(mode(&metadata) & 0o777, 0o600);
    }
    assert_eq!(mode(&fs::metadata(&copies).expect("copies")) & 0o777, 0o700);
    home.setup(&["--remove", "--yes"]).expect(0);
    assert_eq!(before, home.state());
}

#[cfg(unix)]
#[test]
fn a_program_that_moved_is_brought_up_to_date() {
    let home = lived_in();
    let before = home.state();
    home.setup(&["--yes", "--hooks"]).expect(0);
    let moved = home.path().join("lorekeep/bin");
    fs::create_dir_all(&moved).expect("a directory");
    let moved = moved.join("lorekeep");
    std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_lorekeep"), &moved).expect("a link");
    let mut command = std::process::Command::new(&moved);
    command
        .env_clear()
        .env("HOME", home.path())
        .env("LOREKEEP_HOME", home.lorekeep())
        .current_dir(home.path());
    Run::of(command.args(["setup", "--yes"])).expect(0);
    let server = &home.value(".claude.json")["mcpServers"]["lorekeep"];
    assert_eq!(server["command"], json!(moved));
    let settings = home.read(".claude/settings.json");
    assert!(
        !settings.contains(env!("CARGO_BIN_EXE_lorekeep")),
        "{settings}"
    );
    home.setup(&["--remove", "--yes"]).expect(0);
    assert_eq!(before, home.state());
}

#[test]
fn claude_self_reflect_is_replaced_under_its_name_and_comes_back() {
    let old = r#"{"mcpServers": {"claude-self-reflect": {"command": "/opt/csr/run.sh", "env": {"K": "s3cret"}}}}"#;
    let home = Home::new();
    home.write(".claude.json", old);
    home.write(
        ".codex/config.toml",
        "[mcp_servers.claude-self-reflect]\ncommand = \"csr-engine\" # old\n",
    );
    let before = home.state();
    let run = home.setup(&["claude-code", "--dry-run"]).expect(0);
    assert!(run.stderr.contains("--replace-self-reflect"), "{run:?}");
    let arguments = [
        "claude-code",
        "codex",
        "--yes",
        "--replace-self-reflect",
        "--no-hooks",
    ];
    let run = home.setup(&arguments).expect(0);
    assert!(
        run.stdout
            .contains("- mcpServers.claude-self-reflect: /opt/csr/run.sh"),
        "{run:?}"
    );
    assert!(!run.stdout.contains("s3cret"), "{run:?}");
    let servers = &home.value(".claude.json")["mcpServers"];
    let args = json!(["mcp", "--tools", "self-reflect"]);
    assert_eq!(servers["claude-self-reflect"]["args"], args);
    assert!(servers["lorekeep"].is_null());
    let again = home.setup(&["claude-code", "codex", "--yes"]).expect(0);
    assert!(again.stdout.contains("nothing has changed"), "{again:?}");
    home.setup(&["--remove", "--yes"]).expect(0);
    assert_eq!(before, home.state());
}

#[test]
fn directories_that_the_environment_names_are_used() {
    let home = Home::new();
    let run = |arguments: &[&str]| {
        let mut command = home.command();
        command
            .env("CLAUDE_CONFIG_DIR", home.path().join("work/claude"))
            .env("CODEX_HOME", home.path().join("work/codex"))
            .env("GEMINI_CLI_HOME", home.path().join("work/gemini"));
        Run::of(command.args(arguments)).expect(0)
    };
    run(&[
        "setup",
        "claude-code",
        "codex",
        "gemini-cli",
        "--yes",
        "--commands",
    ]);
    for file in [
        "work/claude/.claude.json",
        "work/claude/settings.json",
        "work/claude/agents/recall.md",
        "work/codex/config.toml",
        "work/gemini/.gemini/settings.json",
        "work/gemini/.gemini/commands/recall.toml",
    ] {
        assert!(home.path().join(file).exists(), "{file}");
    }
    run(&["setup", "--remove", "--yes"]);
    assert!(!home.path().join("work").exists());
}

#[test]
fn a_project_has_a_registration_of_its_own() {
    let home = Home::new();
    home.write(".claude/settings.json", SETTINGS);
    let project = home.path().join("ferry");
    fs::create_dir_all(&project).expect("a directory");
    let run = |arguments: &[&str]| {
        let mut command = home.command();
        Run::of(command.args(arguments).current_dir(&project))
    };
    run(&["setup", "--scope", "project", "--yes"]).expect(0);
    assert!(home.value("ferry/.mcp.json")["mcpServers"]["lorekeep"].is_object());
    assert_eq!(home.read(".claude/settings.json"), SETTINGS);
    assert!(!home.path().join(".claude.json").exists());
    run(&["setup", "codex", "--scope", "project", "--yes"]).expect(2);
    run(&["setup", "--yes"]).expect(0);
    run(&["setup", "--remove", "--scope", "project", "--yes"]).expect(0);
    assert!(!project.join(".mcp.json").exists());
    assert!(home.path().join(".claude.json").exists());
}

#[test]
fn what_was_chosen_is_kept_and_can_be_changed() {
    let home = lived_in();
    let hooks = |home: &Home| {
        home.value_with_comments(".claude/settings.json")
            .matches("lorekeep hook")
            .count()
    };
    home.setup(&["claude-code", "--yes"]).expect(0);
    assert_eq!(hooks(&home), 4);
    home.setup(&["claude-code", "--yes", "--prompt-evidence"])
        .expect(0);
    assert_eq!(hooks(&home), 5);
    home.setup(&["claude-code", "--yes", "--commands"])
        .expect(0);
    assert_eq!(hooks(&home), 5);
    let run = home
        .setup(&["claude-code", "--yes", "--no-hooks"])
        .expect(0);
    assert!(run.stdout.contains("- hooks.Stop: "), "{run:?}");
    assert_eq!(home.read(".claude/settings.json"), SETTINGS);
    let mine = home.write(".claude/commands/recall.md", "my own recall\n");
    let run = home
        .setup(&["claude-code", "--yes", "--no-commands"])
        .expect(0);
    assert!(run.stderr.contains("somebody's own"), "{run:?}");
    assert!(mine.exists());
    assert!(!home.path().join(".claude/agents").exists());
}

impl Home {
    fn value_with_comments(&self, name: &str) -> String {
        self.read(name)
    }
}

#[cfg(unix)]
#[test]
fn a_kill_leaves_the_old_or_the_new() {
    let home = lived_in();
    let before = home.state();
    let arguments = ["setup", "--yes", "--hooks", "--commands"];
    home.run(&arguments).expect(0);
    let after = home.state();
    home.setup(&["--remove", "--yes"]).expect(0);
    for step in 0..30_u64 {
        let mut command = home.command();
        let mut child = command.args(arguments).spawn().expect("it starts");
        std::thread::sleep(std::time::Duration::from_micros(step * 700));
        child.kill().expect("it can be killed");
        child.wait().expect("it ends");
        for (path, state) in home.state() {
            let new = path.to_string_lossy().ends_with(".lorekeep");
            let whole = [before.get(&path), after.get(&path)].contains(&Some(&state));
            assert!(whole || new, "{}", path.display());
        }
    }
    home.run(&arguments).expect(0);
    assert_eq!(differing(&after, &home.state()), [""; 0]);
    home.setup(&["--remove", "--yes"]).expect(0);
    assert_eq!(differing(&before, &home.state()), [""; 0]);
}

/// The paths whose state differs.
#[cfg(unix)]
fn differing(
    one: &BTreeMap<PathBuf, (u32, Vec<u8>)>,
    other: &BTreeMap<PathBuf, (u32, Vec<u8>)>,
) -> Vec<String> {
    let paths = one.keys().chain(other.keys());
    let differ = paths.filter(|path| one.get(*path) != other.get(*path));
    differ.map(|path| path.display().to_string()).collect()
}

#[test]
fn logs_that_will_be_deleted_are_told_of_once() {
    let home = lived_in();
    home.write(".claude/projects/-home-me-ferry/a.jsonl", "{}\n");
    let run = home.setup(&["--yes"]).expect(0);
    assert!(
        run.stderr.contains("after 30 days; 1 is not imported yet"),
        "{run:?}"
    );
    let run = home.setup(&["--yes", "--hooks"]).expect(0);
    assert!(!run.stderr.contains("30 days"), "{run:?}");
}

#[test]
fn programs_get_it_as_a_document() {
    let home = lived_in();
    home.write(".cursor/mcp.json", "{");
    let run = home.setup(&["--dry-run", "--json"]).expect(1);
    let value: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(value["applied"], false);
    let files = value["files"].as_array().expect("files");
    let file = |name: &str| {
        let mut files = files.iter();
        files
            .find(|file| {
                file["file"]
                    .as_str()
                    .is_some_and(|path| path.ends_with(name))
            })
            .expect(name)
    };
    assert_eq!(file("config.toml")["action"], "change");
    assert_eq!(file("config.toml")["client"], "codex");
    assert_eq!(file("mcp.json")["action"], "none");
    assert!(
        file("mcp.json")["problem"]
            .as_str()
            .is_some_and(|what| what.contains("line 1"))
    );
}
