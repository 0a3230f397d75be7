//! The generic format: read from anyone, and the same again after an export.

use std::sync::Arc;

use proptest::prelude::*;
use transcript::jsonl::{ExportContext, to_line};
use transcript::{
    Attachment, FileAction, FileTouch, Message, MessageKind, Relation, Role, TokenUsage, ToolCall,
    ToolResult,
};

use crate::support::{JSONL, all_shown, all_told, problems, read};

#[test]
fn an_entry_of_another_type_loses_only_itself() {
    let line = r#"{"id":"1","conversation":"c","role":"tool","text":"hello",
        "results":["a",{"call":"b","output":"out"},null,[1]],"attachments":[7,{"media_type":"image/png"}],
        "marks":["resolved",{"status":"open"}],"links":[{},"https://example.invalid"]}"#;
    let batch = read(JSONL, "x.jsonl", line.replace('\n', "").as_bytes());
    let faults = [
        "1: an entry of `results` is not an object, left out",
        "1: an entry of `attachments` is not an object, left out",
        "1: an entry of `marks` is not an object, left out",
    ];
    assert_eq!(problems(&batch), faults);
    let [message] = &batch.messages[..] else {
        panic!("{:?}", batch.messages);
    };
    assert_eq!(message.text, "hello");
    assert_eq!(message.results.len(), 1);
    assert_eq!(message.results[0].output, "out");
    assert_eq!(message.attachments[0].media_type, "image/png");
    assert_eq!(batch.facts.len(), 2, "{:?}", batch.facts);
}

#[test]
fn lines_of_others_need_little() {
    let batch = read(
        JSONL,
        "x.jsonl",
        include_bytes!("../fixtures/jsonl/plain.jsonl"),
    );
    let expected = [
        r#"1 user: "hello""#,
        r#"2 assistant: "hi" calls="wave()" file="Read a.txt""#,
    ];
    assert_eq!(all_shown(&batch), expected);
    assert_eq!(
        all_told(&batch),
        ["c title 2 Greeting"],
        "once, though each line has it"
    );
    let faults = [
        "2: `time` is not in RFC 3339 form, left out",
        "3: unknown role `robot`",
        "4: a message without `conversation`",
    ];
    assert_eq!(problems(&batch), faults);
    let first = &batch.messages[0];
    assert_eq!(
        (first.speaker.as_deref(), first.project.as_deref()),
        (Some("Ada"), Some("mill"))
    );
    assert_eq!(first.source.as_deref(), Some("slack"));
}

#[test]
fn an_export_names_the_usual_keys_first() {
    let message = Message {
        id: "m".to_owned(),
        conversation: "c".into(),
        time: Some(0),
        text: "hi".to_owned(),
        ..Message::default()
    };
    let about = ExportContext {
        source: "codex",
        title: Some(("T", 3)),
        ..ExportContext::default()
    };
    assert_eq!(
        to_line(&message, &about),
        r#"{"id":"m","conversation":"c","role":"user","time":"1970-01-01T00:00:00Z","text":"hi","title":"T","title_rank":3,"source":"codex"}"#
    );
}

fn name() -> impl Strategy<Value = Option<Arc<str>>> {
    prop::option::of("\\PC{1,12}".prop_map(Arc::from))
}

/// Text that may be JSON, or nearly.
fn json() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        Just("null".to_owned()),
        Just(r#"{"a": [1, 2.50, "\u00e9"]}"#.to_owned()),
        Just("{\n\"a\": 1}".to_owned()),
        Just(" 1 ".to_owned()),
        Just(r#""text""#.to_owned()),
        ".*",
    ]
}

fn call() -> impl Strategy<Value = ToolCall> {
    (".*", ".*", json()).prop_map(|(id, name, input)| ToolCall { id, name, input })
}

fn result() -> impl Strategy<Value = ToolResult> {
    (".*", any::<bool>(), ".*", prop::option::of(json())).prop_map(
        |(call, is_error, output, detail)| ToolResult {
            call,
            is_error,
            output,
            detail,
        },
    )
}

/// Files as the format keeps them: those read, then those edited.
fn files() -> impl Strategy<Value = Vec<FileTouch>> {
    let paths = || prop::collection::vec(".*", 0..3);
    (paths(), paths()).prop_map(|(read, edited)| {
        let touch = |action| move |path| FileTouch { path, action };
        let read = read.into_iter().map(touch(FileAction::Read));
        read.chain(edited.into_iter().map(touch(FileAction::Edited)))
            .collect()
    })
}

fn attachments() -> impl Strategy<Value = Vec<Attachment>> {
    let one = (".*", any::<u64>()).prop_map(|(media_type, bytes)| Attachment { media_type, bytes });
    prop::collection::vec(one, 0..2)
}

fn usage() -> impl Strategy<Value = Option<TokenUsage>> {
    let some =
        any::<[u64; 4]>().prop_map(|[input, output, cache_creation, cache_read]| TokenUsage {
            input,
            output,
            cache_creation,
            cache_read,
        });
    prop::option::of(some)
}

prop_compose! {
    fn message()(
        (id, conversation, text, thinking) in (".*", "\\PC{1,12}", ".*", ".*"),
        (parent, turn, speaker, cwd) in (prop::option::of("\\PC{1,12}"), name(), name(), name()),
        (project, branch, remote, model, agent) in (name(), name(), name(), name(), name()),
        role in prop::sample::select(vec![Role::User, Role::Assistant, Role::System, Role::Tool]),
        kind in prop::sample::select(vec![MessageKind::Said, MessageKind::Summary, MessageKind::Command, MessageKind::Injected]),
        time in prop::option::of(-62_000_000_000_000i64..250_000_000_000_000),
        tools in prop::collection::vec(call(), 0..3),
        results in prop::collection::vec(result(), 0..3),
        files in files(),
        attachments in attachments(),
        usage in usage(),
    ) -> Message {
        Message {
            id, replaces: None, offset: 0, conversation: conversation.into(), parent, turn, role, kind, time, text,
            thinking, tools, results, files, attachments, speaker, cwd, source: Some("codex".into()),
            project, branch, remote, model, agent, usage,
        }
    }
}

proptest! {
    #[test]
    fn importing_an_export_gives_the_same(message in message()) {
        let links = ["https://example.invalid/1"];
        let about = ExportContext {
            source: "codex",
            title: Some(("Title", 1)),
            parent: Some("mother"),
            relation: Some(Relation::SubAgent),
            links: &links,
            ..ExportContext::default()
        };
        let line = to_line(&message, &about);
        prop_assert!(!line.contains('\n'));
        let batch = read(JSONL, "x.jsonl", line.as_bytes());
        prop_assert!(batch.problems.is_empty(), "{:?}", batch.problems);
        prop_assert_eq!(&batch.messages, &[message]);
        let id = &batch.messages[0].conversation;
        let facts = [
            format!("{id} title 1 Title"),
            format!("{id} parent mother, sub-agent"),
            format!("{id} link https://example.invalid/1"),
        ];
        prop_assert_eq!(all_told(&batch), facts);
    }
}
