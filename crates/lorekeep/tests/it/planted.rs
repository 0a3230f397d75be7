//! What a cloned repository or another program may have put where a file is expected: links that
//! lead elsewhere, named pipes, directories, files without end. None is followed out of a project,
//! waited for or read whole.
#![cfg(unix)]

use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use fs_err as fs;
use serde_json::Value;

use crate::support::{Home, Run, path};

/// Clients with files for one project.
const CLIENTS: [(&str, &str); 5] = [
    ("claude-code", ".mcp.json"),
    ("cursor", ".cursor/mcp.json"),
    ("gemini-cli", ".gemini/settings.json"),
    ("vscode", ".vscode/mcp.json"),
    ("opencode", "opencode.json"),
];

/// Settings that a shell would run, too.
const SHELL: &str = "/*\ntouch ~/PWNED\n*/ {\"servers\": {}}\n";

const BASHRC: &str = "# the person's own\n";

/// A home with a file that nobody may change, and a directory of a project.
struct Cloned {
    home: Home,
    project: PathBuf,
}

impl Cloned {
    fn new() -> Self {
        let home = Home::new();
        let bashrc = home.write(".bashrc", BASHRC);
        fs::set_permissions(&bashrc, std::fs::Permissions::from_mode(0o600)).expect("a mode");
        let project = home.path().join("src/clone");
        fs::create_dir_all(&project).expect("a directory");
        Self { home, project }
    }

    fn run(&self, arguments: &[&str]) -> Run {
        let mut command = self.home.command();
        bounded(command.args(arguments).current_dir(&self.project))
    }

    fn setup(&self, client: &str, more: &[&str]) -> Run {
        self.run(&[&["setup", client, "--scope", "project"], more].concat())
    }

    fn place(&self, name: &str) -> PathBuf {
        let place = self.project.join(name);
        fs::create_dir_all(place.parent().expect("a directory")).expect("a directory");
        place
    }

    /// Nothing outside of the project has changed but what Lorekeep keeps itself.
    #[track_caller]
    fn is_untouched(&self) {
        assert_eq!(self.home.read(".bashrc"), BASHRC);
        let bashrc = fs::metadata(self.home.path().join(".bashrc")).expect("a file");
        assert_eq!(bashrc.permissions().mode() & 0o777, 0o600);
        let mut names: Vec<_> = fs::read_dir(self.home.path())
            .expect("a directory")
            .map(|entry| entry.expect("an entry").file_name())
            .filter(|name| name != "lorekeep")
            .collect();
        names.sort();
        assert_eq!(names, [".bashrc", "src"]);
    }
}

/// Runs a command that must end by itself; one that waits for something is ended and fails.
fn bounded(command: &mut Command) -> Run {
    command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let child = command.spawn().expect("it starts");
    let id = rustix::process::Pid::from_raw(i32::try_from(child.id()).expect("a number"));
    let (done, is_done) = std::sync::mpsc::channel::<()>();
    let watcher = std::thread::spawn(move || {
        let waited = is_done.recv_timeout(Duration::from_secs(120));
        if waited.is_err()
            && let Some(id) = id
        {
            let _ = rustix::process::kill_process(id, rustix::process::Signal::KILL);
        }
    });
    let output = child.wait_with_output().expect("it ends");
    done.send(()).expect("somebody watches");
    watcher.join().expect("the watcher ends");
    let text = |bytes| String::from_utf8(bytes).expect("the program prints UTF-8");
    Run {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn pipe(path: &Path) {
    let mode = rustix::fs::Mode::from_raw_mode(0o600);
    rustix::fs::mkfifoat(rustix::fs::CWD, path, mode).expect("a named pipe");
}

#[test]
fn a_link_by_the_old_temporary_name_is_not_written_through() {
    let cloned = Cloned::new();
    let settings = cloned.place(".vscode/mcp.json");
    fs::write(&settings, SHELL).expect("a file");
    let planted = cloned.place(".vscode/.mcp.json.lorekeep");
    symlink("../../../.bashrc", &planted).expect("a link");
    cloned.setup("vscode", &["--yes"]).expect(0);
    cloned.is_untouched();
    let link = fs::read_link(&planted).expect("the link is there still");
    assert_eq!(link, Path::new("../../../.bashrc"));
    let text = fs::read_to_string(&settings).expect("the settings");
    assert!(
        text.starts_with("/*\n") && text.contains("lorekeep"),
        "{text}"
    );
    cloned.setup("vscode", &["--remove", "--yes"]).expect(0);
    assert_eq!(fs::read_to_string(&settings).expect("the settings"), SHELL);
}

#[test]
fn no_link_leads_setup_out_of_a_project() {
    for (client, name) in CLIENTS {
        // From the project, then from a directory in it.
        let up = "../".repeat(1 + name.matches('/').count() + 1);
        for target in [
            format!("{up}.bashrc"),
            "HOME/.bashrc".to_owned(),
            format!("{up}not-there"),
            "HOME/not-there".to_owned(),
            format!("{up}src/clone/../../.bashrc"),
        ] {
            let cloned = Cloned::new();
            let target = target.replace("HOME", path(cloned.home.path()));
            symlink(&target, cloned.place(name)).expect("a link");
            refused(&cloned, client, &target);
        }
    }
}

#[test]
fn no_linked_directory_leads_setup_out_of_a_project() {
    for (client, name) in CLIENTS.iter().filter(|(_, name)| name.contains('/')) {
        for target in [
            "../..",
            "HOME",
            "../../not-there",
            "HOME/not-there",
            "../../src",
        ] {
            let cloned = Cloned::new();
            let target = target.replace("HOME", path(cloned.home.path()));
            let (directory, _) = name.split_once('/').expect("a directory");
            symlink(&target, cloned.project.join(directory)).expect("a link");
            refused(&cloned, client, &target);
        }
    }
    let cloned = Cloned::new();
    symlink("../../.bashrc", cloned.project.join("opencode.jsonc")).expect("a link");
    refused(&cloned, "opencode", "opencode.jsonc");
}

/// Setup says the same with and without `--dry-run`, and changes nothing.
#[track_caller]
fn refused(cloned: &Cloned, client: &str, what: &str) {
    for mode in [&["--dry-run"][..], &["--yes"], &["--yes", "--json"]] {
        let run = cloned.setup(client, mode).expect(1);
        let said = if mode.contains(&"--json") {
            let value: Value = serde_json::from_str(&run.stdout).expect("JSON");
            let problem = value["files"][0]["problem"].as_str();
            problem.unwrap_or_default().to_owned()
        } else {
            assert!(run.stderr.contains("was left alone"), "{what}: {run:?}");
            run.stderr
        };
        let words = ["leads out of", "leads nowhere"];
        assert!(
            words.iter().any(|words| said.contains(words)),
            "{what}: {said}"
        );
        cloned.is_untouched();
    }
    cloned.run(&["doctor"]);
    cloned.run(&["setup", "--remove", "--yes"]);
    cloned.is_untouched();
}

#[test]
fn a_link_that_leads_out_later_is_not_followed_when_all_is_removed() {
    let cloned = Cloned::new();
    cloned.setup("vscode", &["--yes"]).expect(0);
    let settings = cloned.place(".vscode/mcp.json");
    let ours = fs::read_to_string(&settings).expect("the settings");
    // The same text elsewhere, so that only the place tells.
    let outside = cloned.home.write("src/outside.json", &ours);
    fs::remove_file(&settings).expect("it was there");
    symlink(&outside, &settings).expect("a link");
    let run = cloned.run(&["setup", "--remove", "--yes"]).expect(1);
    assert!(run.stderr.contains("leads out of"), "{run:?}");
    assert_eq!(fs::read_to_string(&outside).expect("a file"), ours);
    // A project that has become a link leads elsewhere as a whole.
    let moved = cloned.home.path().join("src/moved");
    fs::rename(&cloned.project, &moved).expect("moved");
    symlink(&moved, &cloned.project).expect("a link");
    fs::remove_file(moved.join(".vscode/mcp.json")).expect("it was there");
    fs::write(moved.join(".vscode/mcp.json"), &ours).expect("a file");
    let run = cloned.home.run(&["setup", "--remove", "--yes"]).expect(1);
    assert!(run.stderr.contains("which is another directory"), "{run:?}");
    assert_eq!(
        fs::read_to_string(moved.join(".vscode/mcp.json")).expect("a file"),
        ours
    );
    // One that is gone needs nothing.
    fs::remove_file(&cloned.project).expect("it was there");
    cloned.home.run(&["setup", "--remove", "--yes"]).expect(0);
}

#[test]
fn a_hard_link_is_neither_shown_nor_written() {
    let cloned = Cloned::new();
    let secret = r#"{"mcpServers": {"lorekeep": {"command": "s3cret-command"}}}"#;
    let theirs = cloned.home.write("src/theirs.json", secret);
    fs::hard_link(&theirs, cloned.place(".mcp.json")).expect("a link");
    for mode in ["--dry-run", "--yes"] {
        let run = cloned.setup("claude-code", &[mode]).expect(1);
        assert!(run.stderr.contains("hard link"), "{run:?}");
        assert!(!format!("{run:?}").contains("s3cret"), "{run:?}");
    }
    assert_eq!(fs::read_to_string(&theirs).expect("a file"), secret);
    let copies = cloned.home.lorekeep().join("data/backup");
    assert!(!copies.exists(), "nothing was copied");
}

#[test]
fn a_projects_file_that_would_take_much_memory_is_left_alone() {
    let cloned = Cloned::new();
    let long = format!("{{\"a\": [{}0]}}", "{},".repeat(400_000));
    fs::write(cloned.place(".mcp.json"), &long).expect("a file");
    let run = cloned.setup("claude-code", &["--yes"]).expect(1);
    assert!(run.stderr.contains("longer than 1048576 bytes"), "{run:?}");
}

#[test]
fn a_link_within_a_project_is_followed_and_shown_as_what_it_leads_to() {
    let cloned = Cloned::new();
    let kept = cloned.place("config/editor.json");
    fs::write(&kept, "{\"servers\": {}}\n").expect("a file");
    symlink("../config/editor.json", cloned.place(".vscode/mcp.json")).expect("a link");
    let run = cloned.setup("vscode", &["--dry-run"]).expect(0);
    assert!(run.stdout.contains("config/editor.json  change"), "{run:?}");
    assert!(!run.stdout.contains(".vscode"), "{run:?}");
    let run = cloned.setup("vscode", &["--yes", "--json"]).expect(0);
    let value: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let real = kept.canonicalize().expect("a path");
    assert_eq!(value["files"][0]["file"], path(&real));
    let list = cloned.home.read("lorekeep/data/backup/setup/manifest.json");
    assert!(list.contains(path(&real)), "{list}");
    assert!(
        fs::read_to_string(&kept)
            .expect("a file")
            .contains("lorekeep")
    );
    cloned.setup("vscode", &["--remove", "--yes"]).expect(0);
    assert_eq!(
        fs::read_to_string(&kept).expect("a file"),
        "{\"servers\": {}}\n"
    );
}

#[test]
fn a_link_of_a_tool_for_dotfiles_is_shown_as_what_it_leads_to() {
    let home = Home::new();
    let kept = home.write("dotfiles/claude/settings.json", "{}");
    symlink("dotfiles/claude", home.path().join(".claude")).expect("a link");
    let arguments = ["setup", "claude-code", "--hooks"];
    let run = home
        .run(&[&arguments[..], &["--dry-run"]].concat())
        .expect(0);
    assert!(
        run.stdout.contains("dotfiles/claude/settings.json  change"),
        "{run:?}"
    );
    assert!(!run.stdout.contains(".claude/settings.json"), "{run:?}");
    home.run(&[&arguments[..], &["--yes"]].concat()).expect(0);
    assert!(
        fs::read_to_string(&kept)
            .expect("a file")
            .contains("lorekeep hook")
    );
    assert!(fs::symlink_metadata(home.path().join(".claude")).is_ok_and(|link| link.is_symlink()));
    home.run(&["setup", "--remove", "--yes"]).expect(0);
    assert_eq!(fs::read_to_string(&kept).expect("a file"), "{}");
}

#[test]
fn a_record_of_the_first_version_is_enough_to_remove_what_it_did() {
    let cloned = Cloned::new();
    cloned.setup("vscode", &["--yes"]).expect(0);
    let list = cloned
        .home
        .path()
        .join("lorekeep/data/backup/setup/manifest.json");
    let mut value: Value =
        serde_json::from_str(&fs::read_to_string(&list).expect("a list")).expect("JSON");
    let record = value["files"][0].as_object_mut().expect("a record");
    assert!(record.remove("real").is_some());
    fs::write(&list, value.to_string()).expect("a list");
    let place = cloned.place(".vscode/mcp.json");
    assert!(place.exists());
    cloned.setup("vscode", &["--remove", "--yes"]).expect(0);
    assert!(!place.exists());
}

/// Puts something at a path, and what that is called.
type Plant = (&'static str, fn(&Path));

/// What is no file, or too long a one.
const KINDS: [Plant; 6] = [
    ("pipe", pipe),
    ("directory", |path| {
        fs::create_dir(path).expect("a directory");
    }),
    ("device", |path| symlink("/dev/zero", path).expect("a link")),
    ("circle", |path| {
        symlink(path.file_name().expect("a name"), path).expect("a link");
    }),
    ("huge", |path| {
        let file = fs::File::create(path).expect("a file");
        file.set_len(1 << 40).expect("a length");
    }),
    ("socket", |path| {
        drop(std::os::unix::net::UnixListener::bind(path).expect("a socket"));
    }),
];

#[test]
fn what_is_no_settings_file_is_refused_at_once_in_a_project() {
    for (client, name) in CLIENTS {
        let cloned = Cloned::new();
        for (kind, plant) in KINDS {
            let place = cloned.place(name);
            plant(&place);
            for mode in ["--dry-run", "--yes"] {
                let run = cloned.setup(client, &[mode]).expect(1);
                assert!(run.stderr.contains("was left alone"), "{kind}: {run:?}");
            }
            remove(&place);
            // The same in the place of what setup put there.
            cloned.setup(client, &["--yes"]).expect(0);
            remove(&place);
            cloned.place(name);
            plant(&place);
            let run = cloned.run(&["doctor"]).expect(1);
            assert!(run.stdout.contains(client), "{kind}: {run:?}");
            let run = cloned.setup(client, &["--remove", "--yes"]).expect(1);
            assert!(run.stderr.contains("was left alone"), "{kind}: {run:?}");
            remove(&place);
            cloned.setup(client, &["--remove", "--yes"]).expect(0);
        }
        cloned.is_untouched();
        if let Some((directory, _)) = name.split_once('/') {
            let _ = fs::remove_dir_all(cloned.project.join(directory));
            pipe(&cloned.project.join(directory));
            let run = cloned.setup(client, &["--yes"]).expect(1);
            assert!(run.stderr.contains("was left alone"), "{run:?}");
        }
    }
}

#[test]
fn what_is_no_settings_file_is_refused_at_once_in_a_home() {
    for (client, name) in [
        ("claude-code", ".claude.json"),
        ("claude-code", ".claude/settings.json"),
        ("codex", ".codex/config.toml"),
        ("cursor", ".cursor/mcp.json"),
        ("opencode", ".config/opencode/opencode.jsonc"),
    ] {
        let home = Home::new();
        for (kind, plant) in KINDS {
            let place = home.write(name, "");
            remove(&place);
            plant(&place);
            let setup =
                |more: &[&str]| bounded(home.command().args([&["setup", client], more].concat()));
            let run = setup(&["--yes"]).expect(1);
            assert!(run.stderr.contains("was left alone"), "{kind}: {run:?}");
            bounded(home.command().arg("doctor"));
            setup(&["--remove", "--yes"]);
            remove(&place);
        }
    }
}

fn remove(path: &Path) {
    match fs::symlink_metadata(path) {
        Ok(metadata) if metadata.is_dir() => fs::remove_dir(path).expect("it is empty"),
        Ok(_) => fs::remove_file(path).expect("it was there"),
        Err(_) => {}
    }
}

#[test]
fn what_a_killed_setup_left_is_removed_by_the_next() {
    let cloned = Cloned::new();
    let left = cloned.place(&format!(".vscode/.mcp.json-{}.lorekeep", "0af3".repeat(8)));
    fs::write(&left, "half").expect("a file");
    let other = cloned.place(".vscode/.mcp.json.lorekeep");
    fs::write(&other, "mine").expect("a file");
    cloned.setup("vscode", &["--yes"]).expect(0);
    assert!(!left.exists() && other.exists());
}

#[test]
fn of_two_setups_at_once_one_says_so_or_both_are_done() {
    let home = Home::new();
    home.write(".cursor/mcp.json", "{\"mcpServers\": {}}\n");
    for _ in 0..10 {
        let start = |name: &str| {
            let mut command = home.command();
            command.args(["setup", "cursor", "--yes", "--name", name]);
            command.stdout(Stdio::null()).stderr(Stdio::piped());
            command.spawn().expect("it starts")
        };
        for child in [start("one"), start("two")] {
            let output = child.wait_with_output().expect("it ends");
            let said = String::from_utf8_lossy(&output.stderr).into_owned();
            let is_refused = said.contains("at work") || said.contains("somebody else");
            assert!(output.status.success() || is_refused, "{said}");
        }
        let servers = &home.value(".cursor/mcp.json")["mcpServers"];
        assert_eq!(
            servers.as_object().map(serde_json::Map::len),
            Some(1),
            "{servers}"
        );
        home.run(&["setup", "--remove", "--yes"]).expect(0);
        assert_eq!(home.read(".cursor/mcp.json"), "{\"mcpServers\": {}}\n");
        assert_eq!(
            fs::read_dir(home.path().join(".cursor"))
                .expect("it")
                .count(),
            1
        );
        assert!(!home.lorekeep().join("data/backup").exists());
    }
}

#[test]
fn a_named_pipe_as_an_argument_is_refused_at_once() {
    let home = Home::new();
    let fifo = home.path().join("fifo.jsonl");
    pipe(&fifo);
    let fifo = path(&fifo);
    for arguments in [
        &["scan", fifo][..],
        &["scan", "--batch", fifo],
        &["search", "--batch", fifo],
    ] {
        let run = bounded(home.command().args(arguments)).expect(1);
        assert!(run.stderr.contains("a named pipe, not a file"), "{run:?}");
        assert!(
            run.stderr.contains("hint: `-` reads standard input"),
            "{run:?}"
        );
    }
    bounded(home.command().args(["guard", "eval", fifo])).expect(1);
    bounded(home.command().args(["guard", "eval", path(home.path())])).expect(1);
}

#[test]
fn a_scan_waits_for_nothing_that_a_tree_holds() {
    let token = ["tok", "_", "abcdef1234567890"].concat();
    let config = "[guard]\npatterns = ['secret TOKEN = \\btok_[a-z0-9]{6,40}\\b']\n";
    let plants: [Plant; 5] = [
        ("below/.gitignore", pipe),
        ("below/.gitignore", |path| {
            symlink("/dev/zero", path).expect("a link");
        }),
        ("below/.git/info/exclude", pipe),
        ("below/.git/info/exclude", |path| {
            let file = fs::File::create(path).expect("a file");
            file.set_len(1 << 40).expect("a length");
        }),
        ("below/.git", |path| {
            let elsewhere = path.with_file_name("elsewhere");
            fs::create_dir(&elsewhere).expect("a directory");
            pipe(&elsewhere.join("commondir"));
            fs::write(path, format!("gitdir: {}\n", elsewhere.display())).expect("a file");
        }),
    ];
    for (what, plant) in plants {
        let home = Home::new();
        home.write("lorekeep/config.toml", config);
        home.write("tree/a.txt", &token);
        home.write("tree/below/deeper/b.txt", &token);
        home.write("tree/z.txt", &token);
        let place = home.path().join("tree").join(what);
        fs::create_dir_all(place.parent().expect("a directory")).expect("a directory");
        plant(&place);
        let scan = |arguments: &[&str]| {
            bounded(
                home.command()
                    .args([&["scan", "--json"], arguments].concat()),
            )
        };
        let run = scan(&["tree"]).expect(4);
        assert!(run.stderr.contains("tree/below: "), "{what}: {run:?}");
        assert!(
            run.stderr.contains("hint: `--no-ignore`"),
            "{what}: {run:?}"
        );
        let found = |run: &Run, file: &str| run.stdout.contains(file);
        assert!(
            found(&run, "tree/a.txt") && found(&run, "tree/z.txt"),
            "{run:?}"
        );
        assert!(!found(&run, "b.txt"), "{what}: {run:?}");
        // From below too, and all of it where nothing is to be ignored.
        let run = scan(&["tree/below/deeper"]).expect(1);
        assert!(run.stderr.contains("nothing below"), "{what}: {run:?}");
        assert!(
            found(&scan(&["tree", "--no-ignore"]).expect(4), "b.txt"),
            "{what}"
        );
    }
}

#[test]
fn known_false_alarms_are_read_from_a_file_of_the_tree_only() {
    let home = Home::new();
    let secret = home.write("secret", "one two three s3cret\n");
    home.write("tree/a.txt", "nothing\n");
    let allow = home.path().join("tree/.lorekeep-allow");
    for (kind, plant) in KINDS {
        plant(&allow);
        bounded(home.command().args(["scan", "tree"])).expect(2);
        remove(&allow);
        assert!(!allow.exists(), "{kind}");
    }
    symlink(&secret, &allow).expect("a link");
    let run = bounded(home.command().args(["scan", "tree"])).expect(2);
    assert!(run.stderr.contains("leads out of"), "{run:?}");
    assert!(!run.stderr.contains("s3cret"), "{run:?}");
}

#[test]
fn the_manual_is_not_written_through_links() {
    let home = Home::new();
    let outside = home.write("outside", "mine");
    let dir = home.path().join("man");
    fs::create_dir(&dir).expect("a directory");
    symlink(&outside, dir.join("lorekeep.1")).expect("a link");
    home.run(&["man", path(&dir)]).expect(0);
    assert_eq!(home.read("outside"), "mine");
    let page = home.read("man/lorekeep.1");
    assert!(page.contains(".TH lorekeep"), "{page}");
    assert!(home.read("man/lorekeep-setup.1").contains("lorekeep"));
}
