//! Help as people see it at 80 columns. `UPDATE_SNAPSHOTS=1` writes the snapshot anew.

use std::path::Path;

use crate::support::{Home, Run};

const COMMANDS: &[&str] = &[
    "",
    "import",
    "search",
    "show",
    "recent",
    "timeline",
    "file",
    "blame",
    "export",
    "scan",
    "guard",
    "guard eval",
    "reflect",
    "reflect list",
    "reflect edit",
    "reflect delete",
    "reflect mark",
    "reflect import",
    "forget",
    "exclude",
    "exclude add",
    "exclude list",
    "exclude remove",
    "projects",
    "sources",
    "status",
    "verify",
    "doctor",
    "config",
    "config show",
    "config check",
    "config docs",
    "model",
    "model status",
    "model fetch",
    "model verify",
    "scan",
    "guard",
    "guard eval",
    "guard explain",
    "guard rescan",
    "hook",
    "completions",
    "man",
];

fn help(home: &Home, command: &str) -> String {
    let words: Vec<&str> = command.split_whitespace().chain(["--help"]).collect();
    home.run(&words).expect(0).stdout
}

#[test]
fn help_is_as_it_was() {
    let home = Home::new();
    let mut page = String::new();
    for command in COMMANDS {
        page.push_str(&format!(
            "==== lorekeep {command}\n{}\n",
            help(&home, command)
        ));
    }
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/help.txt");
    #[expect(
        clippy::disallowed_methods,
        reason = "asks the developer, not for a setting"
    )]
    let update = std::env::var_os("UPDATE_SNAPSHOTS").is_some();
    if update {
        fs_err::write(&file, &page).expect("the snapshot is written");
    }
    let before = fs_err::read_to_string(&file).unwrap_or_default();
    assert_eq!(page, before, "help changed: UPDATE_SNAPSHOTS=1 accepts it");
}

#[test]
fn help_fits_narrow_terminals() {
    let home = Home::new();
    for command in COMMANDS {
        for line in help(&home, command).lines() {
            assert!(
                line.chars().count() <= 80,
                "{command}: {line:?} is wider than 80 columns"
            );
        }
    }
}

#[test]
fn help_names_nothing_that_is_not_there_yet() {
    let home = Home::new();
    let all = help(&home, "");
    for later in ["backup", "encrypt"] {
        assert!(!all.contains(later), "help mentions `{later}`");
    }
}

#[test]
fn alone_it_tells_the_next_step_and_makes_nothing() {
    let home = Home::new();
    let run = home.run::<&str>(&[]).expect(0);
    assert!(run.stdout.contains("lorekeep import"), "{run:?}");
    assert!(!home.lorekeep().exists(), "looking around made something");
}

#[test]
fn after_an_import_the_next_step_is_a_search() {
    let home = Home::with_conversations();
    let run = home.run::<&str>(&[]).expect(0);
    assert!(
        run.stdout.contains("6 messages of 3 conversations"),
        "{run:?}"
    );
    assert!(run.stdout.contains("lorekeep search"), "{run:?}");
}

#[test]
fn wrong_usage_is_code_2_and_says_what_was_meant() {
    let home = Home::new();
    let run = home.run(&["serch"]).expect(2);
    assert!(run.stderr.contains("'search'"), "{run:?}");
    assert_eq!(run.stdout, "");
    home.run(&["search"]).expect(2);
    home.run(&["search", "x", "--role", "nobody"]).expect(2);
    home.run(&["search", "x", "--min-score", "7"]).expect(2);
    let run = home.run(&["search", "x", "--since", "soon"]).expect(2);
    assert!(
        run.stderr
            .starts_with("error: --since: can't read `soon` as a time\nhint: expected"),
        "{run:?}"
    );
}

#[test]
fn the_manual_is_made() {
    let home = Home::new();
    let dir = home.path().join("man");
    home.run(&["man", crate::support::path(&dir)]).expect(0);
    for page in ["lorekeep.1", "lorekeep-search.1", "lorekeep-model-fetch.1"] {
        let text = fs_err::read_to_string(dir.join(page)).expect(page);
        assert!(text.contains(".TH"), "{page}");
    }
}

#[test]
fn version_goes_to_standard_output() {
    let run: Run = Home::new().run(&["--version"]).expect(0);
    assert_eq!(
        run.stdout,
        format!("lorekeep {}\n", env!("CARGO_PKG_VERSION"))
    );
}
