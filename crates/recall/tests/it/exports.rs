//! Importing an export gives the same archive back.

use proptest::prelude::*;
use recall::Archive;
use serde_json::{Value, json};

use crate::support::{
    Sandbox, assert_sound, claude, codex, conversations, counts, export, generic, ids, lines,
    search, views,
};

/// An archive made of what another exports.
fn reimported(archive: &Archive) -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    sandbox.write("export.jsonl", export(archive).join("\n").as_bytes());
    sandbox.import();
    let archive = sandbox.archive();
    (sandbox, archive)
}

#[track_caller]
fn assert_round_trip(archive: &Archive) {
    let (_sandbox, again) = reimported(archive);
    let (before, after) = (export(archive), export(&again));
    for (before, after) in before.iter().zip(&after) {
        assert_eq!(after, before);
    }
    assert_eq!(after.len(), before.len());
    assert_sound(&again);
}

#[test]
fn an_export_of_every_format_comes_back_whole() {
    let sandbox = Sandbox::with_fixtures();
    let archive = sandbox.imported();
    assert_round_trip(&archive);
    let (_sandbox, again) = reimported(&archive);
    // What isn't in the lines themselves comes back as well.
    let described = |archive: &Archive| -> Vec<String> {
        let line = |c: recall::ConversationView| {
            let recall::ConversationView {
                id,
                source,
                project,
                title,
                parent,
                links,
                ..
            } = c;
            format!(
                "{id} {source} {project} {title} {parent:?} {links:?} {}",
                c.messages
            )
        };
        let mut all: Vec<_> = conversations(archive).into_iter().map(line).collect();
        all.sort();
        all
    };
    assert_eq!(described(&again), described(&archive));
    let projects = |archive: &Archive| -> Vec<String> {
        archive
            .projects()
            .unwrap()
            .into_iter()
            .map(|project| project.key)
            .collect()
    };
    assert_eq!(projects(&again), projects(&archive));
}

#[test]
fn an_export_is_searched_like_its_original() {
    let sandbox = Sandbox::with_fixtures();
    let mut archive = sandbox.imported();
    let (_sandbox, mut again) = reimported(&archive);
    for query in [
        "tide table",
        "celadon",
        "E0658",
        "Tomaten",
        "潮汐",
        "retry policy",
    ] {
        let (found, same) = (search(&mut archive, query), search(&mut again, query));
        assert_eq!(ids(&found), ids(&same), "{query}");
        let source = |response: &recall::SearchResponse| response.hits[0].source.clone();
        assert_eq!(source(&found), source(&same), "{query}");
    }
}

#[test]
fn an_export_adds_nothing_to_the_archive_that_it_came_from() {
    let sandbox = Sandbox::with_fixtures();
    sandbox.write(
        "more.jsonl",
        &lines(&[generic("c", "", "no id"), generic("c", "", "no id")]),
    );
    let archive = sandbox.imported();
    let before = export(&archive);
    sandbox.write("export.jsonl", before.join("\n").as_bytes());
    assert_eq!(counts(&sandbox.import()), (0, before.len() as u64));
    assert_eq!(export(&archive), before);
    assert_eq!(archive.projects().unwrap().len(), 5);
}

#[test]
fn ids_of_different_sources_do_not_meet() {
    let sandbox = Sandbox::new();
    let from = |source: &str, text: &str| {
        let mut line = generic("c", "1", text);
        line["source"] = source.into();
        line["title"] = format!("Of {source}").into();
        line
    };
    sandbox.write(
        "a.jsonl",
        &lines(&[from("gemini-cli", "one"), from("chatgpt", "two")]),
    );
    assert_eq!(counts(&sandbox.import()), (2, 0));
    let archive = sandbox.archive();
    let all = views(&archive);
    let sources: Vec<&str> = all.iter().map(|view| view.source.as_str()).collect();
    assert_eq!(sources, ["gemini-cli", "chatgpt"]);
    let listed = archive.sources(&Default::default()).unwrap();
    let gemini = listed
        .iter()
        .find(|source| source.name == "gemini-cli")
        .unwrap();
    assert_eq!((gemini.conversations, gemini.messages), (1, 1));
}

#[test]
fn messages_of_one_conversation_stay_in_order_when_untitled_ones_come_before() {
    let sandbox = Sandbox::new();
    let mut titled = generic("titled", "2", "two");
    titled["title"] = json!("A title");
    sandbox.write("a.jsonl", &lines(&[generic("plain", "1", "one"), titled]));
    sandbox.import();
    assert_round_trip(&sandbox.archive());
}

/// Any line of the generic format.
fn any_line() -> impl Strategy<Value = Value> {
    let word = "[a-zA-Z0-9 àß潮\u{1b}\u{0}\"\\\\\n/.]{0,12}";
    let id = prop_oneof![Just(String::new()), "[a-f]{1,2}"];
    let place = prop_oneof![
        Just(json!({})),
        Just(json!({"project": "boats"})),
        Just(json!({"project": "boats", "cwd": "/nowhere/ines/boats/src"})),
        Just(json!({"cwd": "/nowhere/ines/boats"})),
        Just(json!({"cwd": "/nowhere/jo/boats/"})),
        Just(json!({"cwd": "C:\\work\\boats", "remote": "git@example.org:ines/boats.git"})),
        Just(json!({"remote": "https://example.org/jo/kiln"})),
    ];
    let role = prop::sample::select(vec!["user", "assistant", "system", "tool"]);
    let kind = prop::sample::select(vec!["", "summary", "command", "injected"]);
    // Facts of a conversation don't say of which source: ids of conversations mustn't meet.
    let conversation = prop::sample::select(vec![
        ("x", ""),
        ("y", "claude-code"),
        ("z", "elsewhere"),
        ("w", "reflection"),
    ]);
    let rest = (
        word,
        word,
        prop::option::of(word),
        prop::option::of(0_i64..4_000_000_000),
    );
    (id, conversation, place, role, kind, rest).prop_map(
        |(id, (conversation, source), mut line, role, kind, (text, other, title, time))| {
            line["id"] = id.into();
            line["conversation"] = conversation.into();
            line["role"] = role.into();
            line["kind"] = kind.into();
            line["source"] = source.into();
            line["text"] = text.into();
            if source == "reflection" {
                line["reflection"] = json!({"tags": [other, "b"], "author": other});
            }
            line["marks"] =
                json!([{"status": "resolved", "evidence": other, "time": "2026-01-01T00:00:00Z"}]);
            line["thinking"] = other.clone().into();
            line["tools"] = json!([{"id": "t", "name": "Read", "input": {"path": other}}]);
            line["results"] = json!([{"call": "t", "output": other, "detail_text": other}]);
            if let Some(title) = title {
                line["title"] = title.into();
            }
            if let Some(time) = time {
                let time = jiff::Timestamp::from_second(time).unwrap();
                line["time"] = time.to_string().into();
            }
            line
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..Default::default() })]

    #[test]
    fn any_export_comes_back_whole(all in prop::collection::vec(any_line(), 1..12)) {
        let sandbox = Sandbox::new();
        sandbox.write("g.jsonl", &lines(&all));
        sandbox.write("c.jsonl", &lines(&[claude("s", "u", "user", "ahoy", "/nowhere/ines/boats")]));
        let thread = codex("t1", "/nowhere/jo/boats/deep", Some("a@example.org:jo/kiln"), "ahoy");
        sandbox.write("rollout-1.jsonl", &lines(&thread));
        sandbox.import();
        assert_round_trip(&sandbox.archive());
    }
}
