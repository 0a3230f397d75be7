//! With the network cut off: what memory does needs none.
//!
//! Each command runs in a network namespace of its own, which has no interface that is up. Where
//! the system grants no such namespace the tests say so and check nothing.

use std::process::{Command, Stdio};

use crate::support::{Home, Run, conversations, lines, path};

/// A command of the program without a network, or nothing where the system doesn't grant that.
#[expect(clippy::print_stderr, reason = "a check that isn't made is told")]
fn cut_off(home: &Home, arguments: &[&str]) -> Option<Run> {
    let granted = Command::new("unshare")
        .args(["--map-root-user", "--net", "true"])
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !granted {
        eprintln!("skipped: no network namespace can be had here");
        return None;
    }
    let inner = home.command();
    let mut command = Command::new("unshare");
    command
        .args(["--map-root-user", "--net"])
        .arg(inner.get_program())
        .args(arguments)
        .env_clear()
        .envs(
            inner
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .env("PATH", "/usr/bin:/bin")
        .current_dir(home.path())
        .stdin(Stdio::null());
    Some(Run::of(&mut command))
}

#[test]
fn memory_needs_no_network() {
    let home = Home::new();
    let file = home.write("talk.jsonl", &lines(&conversations()));
    let commands: [&[&str]; 12] = [
        &["import", path(&file)],
        &["search", "retry", "--project", "all"],
        &["search", "retry", "--project", "all", "--json"],
        &["reflect", "retries are capped at five", "--tag", "retry"],
        &["projects"],
        &["sources"],
        &["status"],
        &["recent", "--project", "all"],
        &["timeline", "--project", "all", "--since", "2020-01-01"],
        &["export"],
        &["verify"],
        &["config", "show"],
    ];
    for arguments in commands {
        let Some(run) = cut_off(&home, arguments) else {
            return;
        };
        assert_eq!(
            run.code,
            Some(0),
            "{arguments:?} without a network: {run:?}"
        );
    }
}
