//! Searching by meaning, from the model's fetching to the hit. It does nothing where the real model
//! isn't given: `LOREKEEP_TEST_MODEL` is a `cache/models` directory that holds it.

use std::path::{Path, PathBuf};

use crate::support::Home;

fn models() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "there are no settings in a test")]
    std::env::var_os("LOREKEEP_TEST_MODEL").map(PathBuf::from)
}

/// Copies a directory of files and directories.
fn copy(from: &Path, to: &Path) {
    fs_err::create_dir_all(to).expect("a directory");
    for entry in fs_err::read_dir(from).expect("a directory") {
        let from = entry.expect("an entry").path();
        let to = to.join(from.file_name().expect("a name"));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            fs_err::copy(&from, &to).expect("a file");
        }
    }
}

#[test]
fn what_was_said_in_other_words_is_found() {
    let Some(models) = models() else { return };
    let home = Home::with_conversations();
    copy(&models, &home.lorekeep().join("cache/models"));
    home.run(&["import", "--embed", "talk.jsonl"]).expect(0);
    let status = home.json(&["status", "--json"]);
    assert_eq!(
        status["indexed"]["embedded"],
        status["indexed"]["embeddable"]
    );

    let query = ["search", "waiting longer between attempts", "--json"];
    let found = home.json(&[&query[..], &["--mode", "semantic"]].concat());
    assert_eq!(found["hits"][0]["message_id"], "r2", "{found}");
    assert!(found["hits"][0]["why"]["semantic"].is_number(), "{found}");
    let found = home.json(&[&query[..], &["--project", "ferry"]].concat());
    assert_eq!(found["mode"], "hybrid");
    assert_eq!(found["hits"][0]["message_id"], "r2", "{found}");
}
