//! `.env` files as a person who comes from Chattr has them.

use serde_json::Value;

use crate::support::{Home, Run, path};

fn setting(document: &Value, key: &str) -> String {
    let all = document["settings"].as_array().expect("a list");
    let one = all.iter().find(|setting| setting["key"] == key).expect(key);
    format!("{} from {}", one["value"], one["origin"])
}

#[test]
fn a_dotenv_in_the_home_is_read_and_one_in_the_working_directory_is_not() {
    let home = Home::new();
    home.write(".env", "SEARCH__LIMIT=3\nMODEL__URL=http://evil.example\n");
    let shown = home.json(&["config", "show", "--json"]);
    assert_eq!(setting(&shown, "search.limit"), "\"10\" from \"default\"");
    assert_eq!(
        setting(&shown, "model.url"),
        "\"\\\"\\\"\" from \"default\""
    );
    home.write(
        "lorekeep/.env",
        "\u{feff}export search__limit = 5 # few\r\n",
    );
    let shown = home.json(&["config", "show", "--json"]);
    assert_eq!(
        setting(&shown, "search.limit"),
        "\"5\" from \".env, line 1, search__limit\""
    );
}

#[test]
fn a_named_directory_is_read_instead() {
    let home = Home::with_conversations();
    home.write("lorekeep/.env", "SEARCH__LIMIT=5\n");
    home.write("chattr/.env", "SEARCH__LIMIT=1\n");
    let shown = home.json(&["config", "show", "--dir", "chattr", "--json"]);
    assert_eq!(
        setting(&shown, "search.limit"),
        "\"1\" from \".env, line 1, SEARCH__LIMIT\""
    );
    // Whatever the command.
    let hits = |arguments: &[&str]| home.json(arguments)["hits"].as_array().map(Vec::len);
    let search = ["search", "BLAKE3", "--json", "--mode", "lexical"];
    assert_eq!(hits(&search), Some(2));
    assert_eq!(hits(&[&search[..], &["--dir", "chattr"]].concat()), Some(1));
    let run = home.run(&["config", "check", "--dir", "nowhere"]).expect(2);
    assert_eq!(run.stderr, "error: `--dir nowhere` is no directory\n");
}

#[test]
fn stale_variables_are_told_once_and_end_nothing() {
    let home = Home::new();
    let dotenv = "SHORT_TERM_MEMORY__URL=redis://:sesame@localhost\nVOICE_GENERATOR_MCP__URL=http://localhost:8001/\n\
                  DIRECTORY__ASSETS=./assets\nMODEL__APIKEY=sesame\nOTHER=sesame\nno statement\n";
    home.write("lorekeep/.env", dotenv);
    let file = home.lorekeep().join(".env");
    let file = path(&file);
    let run = Run::of(
        home.command()
            .args(["config", "check"])
            .env("directory__log", "x"),
    )
    .expect(0);
    assert_eq!(
        run.stderr,
        format!(
            "warning: {file}, line 6: left out, text follows where the line should end\n\
             hint: docs/settings.md describes how `.env` is written\n\
             warning: {file}, line 1: `SHORT_TERM_MEMORY__URL` is no longer used\n\
             hint: no Redis is needed: conversations are kept in the archive\n\
             warning: {file}, line 2: `VOICE_GENERATOR_MCP__URL` is no longer used\n\
             hint: name the server in mcp.json: {{\"name\": …, \"type\": \"url\", \"url\": …, \"transport\": \"sse\"}}\n\
             warning: {file}, line 3: `DIRECTORY__ASSETS` is no longer used\n\
             hint: DIRECTORY__BASE names the directory that all of them are in; none of them is needed\n\
             warning: environment variable `directory__log` is no longer used\n\
             hint: logs are in the directory that LOREKEEP_HOME names\n\
             warning: {file}, line 4: `MODEL__APIKEY` is no setting\n\
             hint: did you mean `MODEL__API_KEY`?\n"
        )
    );
    let json = home.json(&["config", "check", "--json"]);
    assert_eq!(json["valid"], true);
    assert_eq!(json["notes"].as_array().map(Vec::len), Some(5));
    home.run(&["import", "--no-embed"]).expect(0);
}

#[test]
fn a_missing_variable_is_named_by_the_check_alone() {
    let home = Home::with_conversations();
    home.write(
        "lorekeep/.env",
        "MODEL__URL=https://api.example.org/v1/\nMODEL__API_KEY=sesame\n",
    );
    let run = home.run(&["config", "check"]).expect(2);
    assert_eq!(
        run.stderr,
        "error: `MODEL__URL` is set, but `MODEL__NAME` isn't\nhint: the name of a model that the server has\n"
    );
    home.run(&["search", "BLAKE3"]).expect(0);
    for arguments in [
        ["config", "show"],
        ["config", "check"],
        ["doctor", "--json"],
    ] {
        let run = home.run(&arguments);
        assert!(!format!("{run:?}").contains("sesame"), "{run:?}");
    }
}

#[test]
fn a_wrong_value_is_told_with_its_line_and_a_secret_never() {
    let home = Home::new();
    home.write(
        "lorekeep/.env",
        "MODEL__TEMPERATURE=1.5\nMODEL__API_KEY=\"ses\name\"\nMODEL__URL=sesame.example\n",
    );
    let run = home.run(&["config", "check"]).expect(2);
    let file = home.lorekeep().join(".env");
    let file = path(&file);
    assert!(
        run.stderr.contains(&format!(
            "error: {file}, line 1: `MODEL__TEMPERATURE` is `1.5`, expected a number from 0 to 1"
        )),
        "{run:?}"
    );
    assert!(
        run.stderr.contains(&format!(
            "error: {file}, line 2: `MODEL__API_KEY`: expected a text on one line"
        )),
        "{run:?}"
    );
    assert!(
        !run.stderr.contains("ses\name") && !run.stderr.contains("sesame"),
        "{run:?}"
    );
}
