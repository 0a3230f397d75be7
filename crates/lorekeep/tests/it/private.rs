//! Who may read what the program writes, and what can be removed alone.
#![cfg(unix)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use crate::support::{Home, Run};

/// Everything below a directory, itself included.
fn below(path: &Path) -> Vec<PathBuf> {
    let mut found = vec![path.to_owned()];
    if path.is_dir() {
        for entry in fs_err::read_dir(path).expect("a directory") {
            found.extend(below(&entry.expect("an entry").path()));
        }
    }
    found
}

fn used() -> Home {
    let home = Home::with_conversations();
    home.run(&["search", "retry", "--project", "all"]).expect(0);
    home.run(&["reflect", "retries are capped at five"])
        .expect(0);
    home
}

#[test]
fn only_the_owner_may_read_what_is_written() {
    let home = used();
    // Whatever the person's umask is.
    let mut open = std::process::Command::new("sh");
    let inner = home.command();
    open.args(["-c", "umask 000; exec \"$0\" \"$@\""])
        .arg(inner.get_program())
        .args(["reflect", "written under an open umask"])
        .env_clear()
        .envs(
            inner
                .get_envs()
                .filter_map(|(name, value)| Some((name, value?))),
        )
        .current_dir(home.path());
    Run::of(&mut open).expect(0);
    for path in below(&home.lorekeep()) {
        let mode = fs_err::metadata(&path)
            .expect("metadata")
            .permissions()
            .mode()
            & 0o777;
        let wanted = if path.is_dir() { 0o700 } else { 0o600 };
        assert_eq!(mode, wanted, "{} has mode {mode:o}", path.display());
    }
}

#[test]
fn what_is_derived_can_be_removed_alone() {
    let home = used();
    let before = home.run(&["export"]).expect(0).stdout;
    for derived in ["cache", "data/vectors", "log"] {
        let path = home.lorekeep().join(derived);
        if path.exists() {
            fs_err::remove_dir_all(&path).expect("it can be removed");
        }
    }
    home.run(&["search", "retry", "--project", "all"]).expect(0);
    assert_eq!(home.run(&["export"]).expect(0).stdout, before);
}
