//! What is in the archive doesn't depend on how the logs got there: in one go, as they grew, or from a
//! copy.

use proptest::prelude::*;
use recall::{Archive, ArchiveOpener, Guards};
use serde_json::{Value, json};

use crate::support::{
    Sandbox, assert_sound, claude, codex, conversations, counts, export, generic, lines,
};

/// A log by its name.
type Log = (&'static str, Vec<u8>);

#[track_caller]
fn assert_same(one: &Archive, other: &Archive, how: &str) {
    let (one, other) = (export(one), export(other));
    for (one, other) in one.iter().zip(&other) {
        assert_eq!(other, one, "{how}");
    }
    assert_eq!(other.len(), one.len(), "{how}");
}

/// An archive of these logs, imported in one go.
fn whole(logs: &[Log]) -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    for (name, bytes) in logs {
        sandbox.write(name, bytes);
    }
    sandbox.import();
    let archive = sandbox.archive();
    (sandbox, archive)
}

/// Checks every other way to the same archive; `cut` says where logs are cut, from 0 to 1.
fn check(logs: &[Log], cut: f64) {
    let (_sandbox, expected) = whole(logs);
    assert_sound(&expected);
    let end = |bytes: &[u8]| (bytes.len() as f64 * cut) as usize;

    let grown = Sandbox::new();
    for (name, bytes) in logs {
        grown.write(name, &bytes[..end(bytes)]);
    }
    grown.import();
    for (name, bytes) in logs {
        grown.write(name, bytes);
    }
    grown.import();
    let archive = grown.archive();
    assert_same(&expected, &archive, "halves");
    assert_sound(&archive);

    let copied = Sandbox::new();
    for (name, bytes) in logs {
        copied.write(&format!("a/{name}"), &bytes[..end(bytes)]);
    }
    copied.import();
    for (name, bytes) in logs {
        copied.write(&format!("b/{name}"), bytes);
    }
    copied.import();
    assert_same(&expected, &copied.archive(), "the first half and a copy");

    check_orders(logs, &expected);

    let export = export(&expected).join("\n");
    let (_sandbox, again) = whole(&[("export.jsonl", export.into_bytes())]);
    assert_same(&expected, &again, "an export");
}

/// Checks that it doesn't matter in which order logs are imported.
#[track_caller]
fn check_orders(logs: &[Log], expected: &Archive) {
    let forward: Vec<usize> = (0..logs.len()).collect();
    let backward = forward.iter().rev().copied().collect();
    for order in [forward, backward] {
        let sandbox = Sandbox::new();
        for log in &order {
            sandbox.write(logs[*log].0, &logs[*log].1);
            sandbox.import();
        }
        let archive = sandbox.archive();
        assert_same(expected, &archive, &format!("one by one: {order:?}"));
        assert_sound(&archive);
    }
}

fn with(mut line: Value, fields: Value) -> Value {
    if let (Value::Object(line), Value::Object(fields)) = (&mut line, fields) {
        line.extend(fields);
    }
    line
}

/// What may stand between and around records.
fn any_noise() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        12 => Just(b"\n".to_vec()),
        1 => Just(b"".to_vec()),
        1 => Just(b"\n{\"type\":\"user\",\"uu".to_vec()),
        1 => Just(b"\n\xff\xfe ".to_vec()),
        1 => Just(b"\n\0\0\n".to_vec()),
        1 => Just(b"\nnot json\n".to_vec()),
    ]
}

fn any_log(record: impl Strategy<Value = Value>) -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec((record, any_noise()), 0..10).prop_map(|all| {
        let parts = all
            .into_iter()
            .map(|(record, noise)| [record.to_string().into_bytes(), noise].concat());
        let mut log = parts.collect::<Vec<_>>().concat();
        log.push(b'\n');
        log
    })
}

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![Just("go on".to_owned()), "[a-zé\u{fffd}潮\\\\\"]{1,6}"]
}

/// Records of one session, or of another; some without id, some twice, some of a sub-agent.
fn any_claude() -> impl Strategy<Value = Value> {
    let id = prop_oneof![2 => Just(String::new()), 5 => "[a-f]{1,2}"];
    let role = prop::sample::select(vec!["user", "assistant"]);
    let session = prop::sample::select(vec!["s1", "s2"]);
    let directory = prop::sample::select(vec!["/nowhere/ines/boats", "/nowhere/ines/tides"]);
    let of = (id, role, session, directory);
    (of, any_text(), 0..10_u8, 0..3_u8).prop_map(|(of, text, what, minute)| {
        // Of several sessions have one id, as copies have.
        let (uuid, role, session, directory) = of;
        let time = format!("2026-02-01T10:0{minute}:00.000Z");
        let record = claude(session, &uuid, role, &text, directory);
        let record = with(record, json!({"timestamp": time}));
        match what {
            0 => json!({"type": "custom-title", "customTitle": text, "sessionId": session}),
            1 => json!({"type": "ai-title", "aiTitle": text, "sessionId": session}),
            2 => json!({"type": "summary", "summary": text, "leafUuid": uuid}),
            3 => with(record, json!({"isSidechain": true, "agentId": "a7"})),
            4 => with(record, json!({"timestamp": null})),
            5 => with(record, json!({"gitBranch": text})),
            _ => record,
        }
    })
}

/// Lines of conversations whose ids several sources share.
fn any_generic() -> impl Strategy<Value = Value> {
    let id = prop_oneof![2 => Just(String::new()), 5 => "[a-f]{1,2}"];
    let conversation = prop::sample::select(vec!["x", "y"]);
    let source = prop::sample::select(vec!["", "gemini-cli", "chatgpt"]);
    let title = prop::option::of(any_text());
    let time = prop::option::of(0_i64..2_000_000_000);
    (id, conversation, source, title, time, any_text()).prop_map(
        |(id, conversation, source, title, time, text)| {
            let mut line = generic(conversation, &id, &text);
            line["source"] = source.into();
            if let Some(title) = title {
                line["title"] = title.into();
                line["links"] = json!([format!("https://example.org/{text}")]);
            }
            if let Some(time) = time {
                let time = jiff::Timestamp::from_second(time).unwrap();
                line["time"] = time.to_string().into();
            }
            line
        },
    )
}

fn any_codex() -> impl Strategy<Value = Value> {
    let payload = |(text, what): (String, u8)| {
        let payload = match what {
            0 => json!({"type": "thread_name_updated", "thread_name": text}),
            1 => json!({"type": "agent_message", "message": text}),
            2 => json!({"type": "token_count", "info": {"last_token_usage": {"input_tokens": 3}}}),
            _ => json!({"type": "user_message", "message": text}),
        };
        json!({"timestamp": "2026-02-02T10:00:00.000Z", "type": "event_msg", "payload": payload})
    };
    (any_text(), 0..6_u8).prop_map(payload)
}

/// A session and what was forked from it: it starts with a copy.
fn forked(copied: usize) -> [Log; 2] {
    let time = |n: usize| json!({"timestamp": format!("2026-02-01T10:00:{n:02}.000Z")});
    let record = |session: &str, id: String, n: usize| {
        let text = format!("{id} says");
        with(
            claude(session, &id, "user", &text, "/nowhere/ines/boats"),
            time(n),
        )
    };
    let parent: Vec<_> = (0..8).map(|n| record("p1", format!("p{n}"), n)).collect();
    let copy = (0..copied).map(|n| {
        let from = json!({"forkedFrom": {"sessionId": "p1", "messageUuid": format!("p{n}")}});
        with(record("f1", format!("p{n}"), n), from)
    });
    let own = (0..4).map(|n| record("f1", format!("f{n}"), 20 + n));
    let fork: Vec<_> = copy.chain(own).collect();
    [("p1.jsonl", lines(&parent)), ("f1.jsonl", lines(&fork))]
}

#[test]
fn a_title_goes_to_the_conversation_of_its_own_source() {
    let line = |source: &str, id: &str| {
        let fields = json!({"source": source, "title": format!("Of {source}")});
        with(generic("c", id, "ahoy"), fields)
    };
    let all = [
        line("gemini-cli", "1"),
        line("chatgpt", "2"),
        line("gemini-cli", "3"),
    ];
    let (_sandbox, archive) = whole(&[("a.jsonl", lines(&all))]);
    let titled = conversations(&archive);
    let titled: Vec<_> = titled
        .iter()
        .map(|c| (c.source.as_str(), c.title.as_str()))
        .collect();
    let expected = [("gemini-cli", "Of gemini-cli"), ("chatgpt", "Of chatgpt")];
    assert_eq!(titled, expected);
    check(&[("a.jsonl", lines(&all))], 0.4);
}

#[test]
fn what_a_fork_copied_stays_where_it_was_said() {
    for copied in [3, 8] {
        let [parent, fork] = forked(copied);
        for (logs, cut) in [
            ([parent.clone(), fork.clone()], 0.3),
            ([parent.clone(), fork.clone()], 0.7),
            ([fork.clone(), parent.clone()], 0.5),
        ] {
            check(&logs, cut);
            let (_sandbox, archive) = whole(&logs);
            let said = export(&archive);
            let of = |session: &str| {
                let conversation = format!("\"conversation\":\"{session}\"");
                said.iter()
                    .filter(|line| line.contains(&conversation))
                    .count()
            };
            assert_eq!((of("p1"), of("f1")), (8, 4));
        }
    }
}

#[test]
fn a_conversation_of_several_logs_is_in_the_order_of_time() {
    let at = |n: usize| {
        let time = json!({"time": format!("2026-02-01T10:00:0{n}Z")});
        with(generic("c", &n.to_string(), "ahoy"), time)
    };
    let odd: Vec<_> = [1, 3, 5].map(at).to_vec();
    let even: Vec<_> = [2, 4, 6].map(at).to_vec();
    let logs = [("a.jsonl", lines(&odd)), ("b.jsonl", lines(&even))];
    let (_sandbox, archive) = whole(&logs);
    let ids = crate::support::views(&archive);
    let ids: Vec<_> = ids.iter().map(|view| view.message.id.as_str()).collect();
    assert_eq!(ids, ["1", "2", "3", "4", "5", "6"]);
    check(&logs, 0.5);
}

#[test]
fn of_messages_under_one_id_the_earliest_keeps_it() {
    let at = |n: usize, text: &str| {
        let time = json!({"time": format!("2026-02-01T10:00:0{n}Z")});
        lines(&[with(generic("c", "1", text), time)])
    };
    let logs = [
        ("a.jsonl", at(3, "third")),
        ("b.jsonl", at(1, "first")),
        ("c.jsonl", at(2, "second")),
        ("d.jsonl", at(2, "second, too")),
        ("e.jsonl", at(4, "third")),
    ];
    check(&logs, 0.5);
    let (sandbox, archive) = whole(&logs);
    let said = crate::support::texts(&archive);
    assert_eq!(said.len(), 4, "{said:?}");
    assert_eq!(said[0], "c/1: first");
    let mut ids: Vec<_> = said
        .iter()
        .filter_map(|said| said.split(':').next())
        .collect();
    assert!(
        ids.iter().skip(1).all(|id| id.starts_with("c/1~")),
        "{ids:?}"
    );
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 4);
    // Whatever id was printed is found, even if an earlier message has taken the place since.
    sandbox.write("f.jsonl", &at(0, "before"));
    sandbox.import();
    for line in &said {
        let (id, text) = line.split_once(": ").unwrap();
        let id = id.trim_start_matches("c/");
        let request = recall::ReadRequest {
            conversation: "c".into(),
            scope: recall::Scope::All,
            around: Some((id.into(), 0)),
            from: 0,
            quarantined: false,
        };
        let mut found = Vec::new();
        let archive = sandbox.archive();
        archive
            .read(&request, &mut |view| {
                found.push(view.message.text);
                true
            })
            .unwrap();
        let expected = if id == "1" { "before" } else { text };
        assert_eq!(found, [expected], "{id}");
    }
}

#[test]
fn of_titles_in_several_logs_always_the_same_one_wins() {
    let of = |title: &str, id: &str| {
        let title = json!({"type": "custom-title", "customTitle": title, "sessionId": "s1"});
        let said = claude("s1", id, "user", id, "/nowhere/ines/boats");
        lines(&[said, title])
    };
    let logs = [
        ("a.jsonl", of("Boats", "m1")),
        ("b.jsonl", of("Ships", "m2")),
        ("c.jsonl", of("Rafts", "m3")),
    ];
    check(&logs, 0.6);
    check(&[logs[1].clone(), logs[0].clone()], 1.0);
}

/// A fork that doesn't say what it was forked from, with the times at which it was copied, or with those of
/// the original, which ended before it.
#[test]
fn a_copied_message_belongs_where_it_was_said_first() {
    let said = |session: &str, id: &str, minute: usize| {
        let time = json!({"timestamp": format!("2026-02-01T10:{minute:02}:00.000Z")});
        with(claude(session, id, "user", id, "/nowhere/ines/boats"), time)
    };
    let original: Vec<_> = (0..5).map(|n| said("p", &format!("m{n}"), n)).collect();
    let copy: Vec<_> = (0..3)
        .map(|n| said("a", &format!("m{n}"), 30 + n))
        .collect();
    let same = (0..5).map(|n| said("b", &format!("m{n}"), n));
    let same: Vec<_> = same.chain([said("b", "own", 40)]).collect();
    for (logs, count) in [
        (
            [("p.jsonl", lines(&original)), ("a.jsonl", lines(&copy))],
            5,
        ),
        (
            [("p.jsonl", lines(&original)), ("b.jsonl", lines(&same))],
            6,
        ),
    ] {
        check(&logs, 0.5);
        let (_sandbox, archive) = whole(&logs);
        let said = crate::support::texts(&archive);
        assert_eq!(said.len(), count);
        let first = said.iter().filter(|said| said.starts_with("p/"));
        assert_eq!(first.count(), 5, "{said:?}");
    }
}

/// A name with a secret is masked under another key in every home.
#[test]
fn made_ids_are_the_same_under_every_key() {
    let secret = crate::guards::secret();
    let guards = crate::guards::guards();
    let named = format!("talk {secret}");
    let line = json!({"conversation": named, "role": "user", "text": "ahoy"});
    let thread = codex(&named, "/nowhere/jo/boats", None, "ahoy");
    let home = || {
        let sandbox = Sandbox::new();
        sandbox.write("a.jsonl", &lines(&[line.clone(), line.clone()]));
        sandbox.write("rollout-1.jsonl", &lines(&thread));
        let archive = imported(&sandbox, &guards);
        (sandbox, archive)
    };
    let ((first, one), (_second, other)) = (home(), home());
    let ids = |archive: &Archive| -> Vec<String> {
        let views = crate::support::views(archive);
        let mut ids: Vec<_> = views.into_iter().map(|view| view.message.id).collect();
        ids.sort();
        ids
    };
    assert_eq!(ids(&one), ids(&other));
    assert_eq!(ids(&one).len(), 4);
    first.write("export.jsonl", export(&other).join("\n").as_bytes());
    let mut one = one;
    let report = crate::support::import(&mut one, &first.request());
    assert_eq!(counts(&report), (0, 4));
}

fn imported(sandbox: &Sandbox, guards: &Guards) -> Archive {
    let mut archive = ArchiveOpener::new(&sandbox.home(), guards).open().unwrap();
    crate::support::import(&mut archive, &sandbox.request());
    archive
}

/// A log that gives all of its messages one id: each was compared with all before it.
#[test]
fn messages_under_one_id_are_told_apart_by_what_they_say() {
    let all: Vec<_> = (0..3_000)
        .map(|n| generic("c", "1", &format!("message {}", n % 2_000)))
        .collect();
    let sandbox = Sandbox::new();
    sandbox.write("a.jsonl", &lines(&all));
    assert_eq!(counts(&sandbox.import()), (2_000, 1_000));
    check(&[("a.jsonl", lines(&all[..100]))], 0.5);
}

/// A program that lost a newline: the first record was imported before the rest of its line was there,
/// and the log was taken for another one afterwards.
#[test]
fn a_log_is_the_same_while_its_first_line_grows() {
    let untimed = |conversation: &str, text: &str| {
        let record = generic(conversation, "", text);
        with(record, json!({"time": null, "title": text}))
    };
    let [first, second, third, other] = [
        untimed("x", "one"),
        untimed("y", "two"),
        untimed("x", "three"),
        untimed("x", "four"),
    ];
    let log = format!("{first}{second}\n{third}\n").into_bytes();
    let cut = (first.to_string().len() + 5) as f64 / log.len() as f64;
    check(&[("a.jsonl", log), ("b.jsonl", lines(&[other]))], cut);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, failure_persistence: None, ..Default::default() })]

    #[test]
    fn every_way_leads_to_the_same_archive(
        session in any_log(any_claude()),
        thread in any_log(any_codex()),
        resumed in any_log(any_claude()),
        messages in any_log(any_generic()),
        others in any_log(any_generic()),
        copied in 0..8_usize,
        cut in 0.0..1.0_f64,
    ) {
        let header = codex("t1", "/nowhere/jo/boats", None, "ahoy");
        let thread = [lines(&header[..1]), thread].concat();
        let [parent, fork] = forked(copied);
        check(
            &[
                parent,
                ("s1.jsonl", session),
                ("rollout-1.jsonl", thread),
                ("g.jsonl", messages),
                fork,
                ("s2.jsonl", resumed),
                ("h.jsonl", others),
            ],
            cut,
        );
    }
}
