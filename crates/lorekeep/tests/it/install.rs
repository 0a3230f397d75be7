//! Installing: the program, its manual pages and completions, and what shells get to complete.
#![cfg(unix)]

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::support::{Home, Run};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Installs below the home directory, with so many directories in `PATH`.
fn install(home: &Home, path: &str) -> Run {
    Run::of(
        Command::new("sh")
            .arg(root().join("scripts/install.sh"))
            .arg(env!("CARGO_BIN_EXE_lorekeep"))
            .env_clear()
            .env("HOME", home.path())
            .env("PATH", path),
    )
}

#[test]
fn an_install_puts_program_pages_and_completions_in_place() {
    let home = Home::new();
    let run = install(&home, "/usr/bin:/bin").expect(0);
    assert!(run.stderr.contains("is not in your PATH"), "{run:?}");
    let local = home.path().join(".local");
    for file in [
        "bin/lorekeep",
        "share/man/man1/lorekeep.1",
        "share/man/man1/lorekeep-search.1",
        "share/bash-completion/completions/lorekeep",
        "share/zsh/site-functions/_lorekeep",
        "share/fish/vendor_completions.d/lorekeep.fish",
    ] {
        let length = std::fs::metadata(local.join(file)).map_or(0, |found| found.len());
        assert!(length > 0, "{file}");
    }
    // Again over itself, with nothing left to be said.
    let bin = local.join("bin");
    let path = format!("{}:/usr/bin:/bin", bin.display());
    let run = install(&home, &path).expect(0);
    assert!(!run.stderr.contains("hint"), "{run:?}");
    let names: Vec<_> = std::fs::read_dir(&bin)
        .expect("it")
        .flatten()
        .map(|entry| entry.file_name())
        .collect();
    assert_eq!(names, ["lorekeep"]);
    // What runs here is a build, so that the installed program is registered.
    std::fs::create_dir_all(home.path().join(".codex")).expect("a directory");
    home.run(&["setup", "codex", "--yes"]).expect(0);
    let config = std::fs::read_to_string(home.path().join(".codex/config.toml")).expect("it");
    let installed = bin.join("lorekeep");
    assert!(
        config.contains(&format!("command = \"{}\"", installed.display())),
        "{config}"
    );
}

/// What fish gets to complete the last of these words with.
fn completed(home: &Home, words: &[&str]) -> Vec<String> {
    let mut command = home.command();
    command
        .env("LOREKEEP_COMPLETE", "fish")
        .args(["--", "lorekeep"])
        .args(words);
    let run = Run::of(&mut command).expect(0);
    run.stdout.lines().map(str::to_owned).collect()
}

#[test]
fn shells_complete_commands_projects_and_conversations() {
    let home = Home::with_conversations();
    let has = |found: &[String], start: &str| found.iter().any(|line| line.starts_with(start));
    assert!(has(&completed(&home, &["tim"]), "timeline"));
    let projects = completed(&home, &["search", "--project", ""]);
    assert!(
        has(&projects, "ferry") && has(&projects, "all"),
        "{projects:?}"
    );
    let shown = completed(&home, &["show", "ret"]);
    assert!(has(&shown, "retries\t"), "{shown:?}");
    // Nothing is made where nothing is.
    let empty = Home::new();
    assert!(!has(
        &completed(&empty, &["search", "--project", ""]),
        "ferry"
    ));
    assert!(!empty.lorekeep().exists());
}

#[test]
fn each_shell_has_a_script_that_asks_the_program() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let script = home.run(&["completions", shell]).expect(0).stdout;
        assert!(script.contains("LOREKEEP_COMPLETE"), "{shell}: {script}");
    }
}
