//! Conversations of the chat: kept like every other source's messages, with branches, turns and real deletion.

use recall::{
    Archive, ChatChange, ChatFilter, ChatMessageState, ChatPatch, ChatThread, Error, Forget,
    NewChat, NewChatMessage, NoProgress, Scope, Stop, TurnEnd, TurnState,
};
use transcript::Role;

use crate::support::{NOW, Sandbox, assert_sound, embed as embed_all, export, ids, search};

const CHAT: &str = "c0000000-0000-4000-8000-000000000001";

fn create(settings: &str) -> ChatChange {
    ChatChange::Create(NewChat {
        id: CHAT.into(),
        tags: vec!["garden".into()],
        settings: settings.into(),
        ..NewChat::default()
    })
}

fn said(id: &str, parent: Option<&str>, role: Role, text: &str) -> ChatChange {
    ChatChange::Append {
        chat: CHAT.into(),
        message: Box::new(NewChatMessage {
            parent: parent.map(str::to_owned),
            turn: Some("t1".into()),
            ..NewChatMessage::said(id, role, NOW, text)
        }),
    }
}

/// A conversation of a question and two answers to it.
fn with_chat() -> (Sandbox, Archive) {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    archive
        .change_chats(
            NOW,
            &[
                create(r#"{"model":"small"}"#),
                said("q1", None, Role::User, "When do we sow the marigolds?"),
                said(
                    "a1",
                    Some("q1"),
                    Role::Assistant,
                    "In April, after the frost.",
                ),
                said("a2", Some("q1"), Role::Assistant, "In May, to be safe."),
            ],
        )
        .unwrap();
    (sandbox, archive)
}

fn shown(thread: &ChatThread) -> Vec<(&str, Option<&str>, &str)> {
    let messages = thread.messages.iter();
    messages
        .map(|one| {
            let said = &one.message;
            (said.id.as_str(), one.parent.as_deref(), said.text.as_str())
        })
        .collect()
}

#[test]
fn what_is_said_in_a_chat_is_kept_and_found_with_everything_else() {
    let (_sandbox, mut archive) = with_chat();
    embed_all(&mut archive);
    let thread = archive.chat(CHAT).unwrap();
    assert_eq!(
        shown(&thread),
        [
            ("q1", None, "When do we sow the marigolds?"),
            ("a1", Some("q1"), "In April, after the frost."),
            ("a2", Some("q1"), "In May, to be safe."),
        ]
    );
    assert_eq!(thread.head.head.as_deref(), Some("a2"));
    assert_eq!(thread.head.settings, r#"{"model":"small"}"#);
    assert_eq!(ids(&search(&mut archive, "marigolds"))[0], "q1");
    assert_eq!(export(&archive).len(), 3);
    assert_sound(&archive);
    // Another archive takes it in, and has the same messages.
    let other = Sandbox::new();
    other.write(
        "chat.jsonl",
        (export(&archive).join("\n") + "\n").as_bytes(),
    );
    assert_eq!(export(&other.imported()), export(&archive));
}

#[test]
fn changes_are_made_all_or_none_and_only_to_the_version_that_is_known() {
    let (_sandbox, mut archive) = with_chat();
    let version = archive.chat(CHAT).unwrap().head.version;
    let pin = ChatChange::Patch {
        chat: CHAT.into(),
        patch: ChatPatch {
            pinned: Some(true),
            ..ChatPatch::default()
        },
    };
    let expect = |version| ChatChange::Expect {
        chat: CHAT.into(),
        version,
    };
    let changed = archive.change_chats(NOW, &[pin.clone(), expect(version)]);
    assert!(
        matches!(changed, Err(Error::ChatChanged { .. })),
        "{changed:?}"
    );
    assert!(!archive.chat(CHAT).unwrap().head.pinned);
    archive.change_chats(NOW, &[expect(version), pin]).unwrap();
    let head = archive.chat(CHAT).unwrap().head;
    assert!(head.pinned && head.version > version);
    let missing = said("q9", Some("nowhere"), Role::User, "?");
    let missing = archive.change_chats(NOW, &[missing]);
    assert!(matches!(missing, Err(Error::NoMessage(_))), "{missing:?}");
}

#[test]
fn a_changed_text_leaves_nothing_of_the_old_one() {
    let (sandbox, mut archive) = with_chat();
    embed_all(&mut archive);
    archive
        .change_chats(
            NOW,
            &[ChatChange::Rewrite {
                chat: CHAT.into(),
                message: "q1".into(),
                text: "When do we sow the nasturtiums?".into(),
                state: ChatMessageState::Whole,
                detail: None,
            }],
        )
        .unwrap();
    let thread = archive.chat(CHAT).unwrap();
    assert_eq!(
        thread.messages[0].message.text,
        "When do we sow the nasturtiums?"
    );
    assert_eq!(thread.messages[1].parent.as_deref(), Some("q1"));
    assert!(ids(&search(&mut archive, "marigolds")).is_empty());
    assert_eq!(ids(&search(&mut archive, "nasturtiums"))[0], "q1");
    embed_all(&mut archive);
    assert_sound(&archive);
    drop(archive);
    assert!(!sandbox_holds(&sandbox, "marigold"));
}

#[test]
fn what_follows_a_removed_message_follows_what_that_followed() {
    let (_sandbox, mut archive) = with_chat();
    archive
        .change_chats(
            NOW,
            &[
                said("q2", Some("a2"), Role::User, "And the beans?"),
                ChatChange::Remove {
                    chat: CHAT.into(),
                    messages: vec!["a2".into()],
                },
            ],
        )
        .unwrap();
    let thread = archive.chat(CHAT).unwrap();
    assert_eq!(
        shown(&thread)[2],
        ("q2", Some("q1"), "And the beans?"),
        "{thread:?}"
    );
    assert_sound(&archive);
}

#[test]
fn a_deleted_conversation_is_gone() {
    let (sandbox, mut archive) = with_chat();
    embed_all(&mut archive);
    archive
        .change_chats(NOW, &[ChatChange::Delete { chat: CHAT.into() }])
        .unwrap();
    assert!(matches!(archive.chat(CHAT), Err(Error::NoConversation(_))));
    assert!(
        archive
            .chats(&ChatFilter {
                limit: 9,
                ..ChatFilter::default()
            })
            .unwrap()
            .is_empty()
    );
    assert!(ids(&search(&mut archive, "marigolds")).is_empty());
    assert_sound(&archive);
    drop(archive);
    assert!(!sandbox_holds(&sandbox, "marigold"));
}

#[test]
fn forgetting_reaches_chats_and_what_was_sent() {
    let (_sandbox, mut archive) = with_chat();
    let begin = ChatChange::Begin {
        chat: CHAT.into(),
        turn: "t1".into(),
        question: Some("q1".into()),
        answer: "a1".into(),
        model: None,
        process: String::new(),
    };
    let request = ChatChange::Request {
        turn: "t1".into(),
        body: br#"{"messages":["marigolds"]}"#.to_vec(),
    };
    archive.change_chats(NOW, &[begin, request]).unwrap();
    assert!(archive.turn("t1").unwrap().request.is_some());
    let what = Forget {
        messages: vec!["a2".into()],
        ..Forget::new(Scope::All)
    };
    archive.forget(&what, &Stop::new(), &NoProgress).unwrap();
    let thread = archive.chat(CHAT).unwrap();
    assert_eq!(thread.messages.len(), 2);
    assert_eq!(thread.head.head.as_deref(), Some("q1"));
    assert_eq!(archive.turn("t1").unwrap().request, None);
    assert_sound(&archive);
}

#[test]
fn a_turn_keeps_what_came_until_it_ends() {
    let (_sandbox, mut archive) = with_chat();
    let begin = ChatChange::Begin {
        chat: CHAT.into(),
        turn: "t2".into(),
        question: Some("q1".into()),
        answer: "a3".into(),
        model: Some("small".into()),
        process: "p".into(),
    };
    let draft = ChatChange::Draft {
        turn: "t2".into(),
        text: "In Ju".into(),
        thinking: "Summer?".into(),
    };
    archive.change_chats(NOW, &[begin, draft]).unwrap();
    let under_way = archive.unfinished_turns().unwrap();
    assert_eq!(under_way.len(), 1);
    let turn = &under_way[0];
    assert_eq!(
        (turn.text.as_str(), turn.thinking.as_str()),
        ("In Ju", "Summer?")
    );
    assert_eq!(
        (turn.question.as_deref(), turn.process.as_str()),
        (Some("q1"), "p")
    );
    let end = ChatChange::End {
        turn: "t2".into(),
        end: TurnEnd {
            state: TurnState::Completed,
            ..TurnEnd::default()
        },
    };
    archive.change_chats(NOW + 5, &[end]).unwrap();
    assert!(archive.unfinished_turns().unwrap().is_empty());
    let ended = archive.turn("t2").unwrap();
    assert_eq!(
        (ended.state, ended.text.as_str()),
        (TurnState::Completed, "")
    );
    assert_eq!(ended.ended, Some(NOW + 5));
}

#[test]
fn secrets_are_masked_in_all_that_a_chat_keeps() {
    const SECRET: &str = "ghp_16C7e42F292c6912E7710c838347Ae178B4a";
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    let settings = format!(r#"{{"system":"use {SECRET}"}}"#);
    let mut message = NewChatMessage::said("q1", Role::User, NOW, &format!("my token: {SECRET}"));
    message.detail = format!(r#"{{"raw":"{SECRET}"}}"#);
    archive
        .change_chats(
            NOW,
            &[
                create(&settings),
                ChatChange::Append {
                    chat: CHAT.into(),
                    message: Box::new(message),
                },
                ChatChange::Begin {
                    chat: CHAT.into(),
                    turn: "t".into(),
                    question: None,
                    answer: "a".into(),
                    model: None,
                    process: String::new(),
                },
                ChatChange::Draft {
                    turn: "t".into(),
                    text: SECRET.into(),
                    thinking: SECRET.into(),
                },
                ChatChange::Request {
                    turn: "t".into(),
                    body: SECRET.into(),
                },
            ],
        )
        .unwrap();
    let turn = archive.turn("t").unwrap();
    let all = format!("{:?}{:?}", archive.chat(CHAT).unwrap(), turn);
    let request = String::from_utf8(turn.request.unwrap()).unwrap();
    assert!(!(all + &request).contains(SECRET));
    drop(archive);
    assert!(!sandbox_holds(&sandbox, SECRET));
}

#[test]
fn lists_are_pages_with_pinned_ones_first() {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    for at in 0..5 {
        let chat = format!("chat-{at}");
        let new = NewChat {
            id: chat.clone(),
            ..NewChat::default()
        };
        let patch = ChatPatch {
            pinned: Some(at == 1),
            archived: Some(at == 2),
            tags: (at == 3).then(|| vec!["sea".into()]),
            ..ChatPatch::default()
        };
        let changes = [ChatChange::Create(new), ChatChange::Patch { chat, patch }];
        archive.change_chats(NOW + at, &changes).unwrap();
    }
    let list = |archive: &Archive, filter: ChatFilter| -> Vec<String> {
        let heads = archive.chats(&filter).unwrap();
        heads.into_iter().map(|head| head.id).collect()
    };
    let page = |after: Option<&str>| ChatFilter {
        after: after.map(str::to_owned),
        limit: 2,
        ..ChatFilter::default()
    };
    assert_eq!(list(&archive, page(None)), ["chat-1", "chat-4"]);
    assert_eq!(list(&archive, page(Some("chat-4"))), ["chat-3", "chat-0"]);
    assert_eq!(list(&archive, page(Some("chat-0"))), [""; 0]);
    let archived = ChatFilter {
        archived: true,
        ..page(None)
    };
    assert_eq!(list(&archive, archived), ["chat-2"]);
    let tagged = ChatFilter {
        tag: Some("sea".into()),
        ..page(None)
    };
    assert_eq!(list(&archive, tagged), ["chat-3"]);
}

/// Whether any file of the archive holds a text, in plain sight.
fn sandbox_holds(sandbox: &Sandbox, text: &str) -> bool {
    let files = fs_err::read_dir(sandbox.home().data()).unwrap();
    files
        .flatten()
        .filter(|file| file.path().is_file())
        .any(|file| {
            let bytes = fs_err::read(file.path()).unwrap();
            bytes
                .windows(text.len())
                .any(|part| part == text.as_bytes())
        })
}
