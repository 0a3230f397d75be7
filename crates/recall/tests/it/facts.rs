//! Facts about the person: kept, changed, found, exported and forgotten as messages of the archive are.

use recall::{
    Archive, ChatChange, ChatMessageState, Error, FactChange, FactFilter, Forget, NewChat,
    NewChatMessage, NewFact, NoProgress, PersonFact, Scope, Stop,
};
use transcript::{FactOrigin, Role};

use crate::forget::frames::is_anywhere;
use crate::support::{
    NOW, Sandbox, assert_sound, conversations, counts, embed as embed_all, export, ids, search,
};

const CHAT: &str = "c0000000-0000-4000-8000-0000000000fa";

fn fact(text: &str) -> NewFact {
    NewFact {
        text: text.to_owned(),
        role: Role::Assistant,
        ..NewFact::default()
    }
}

fn keep(archive: &mut Archive, new: NewFact) -> PersonFact {
    let kept = archive.keep_facts(None, &[new], None, NOW).unwrap();
    kept.into_iter().next().unwrap()
}

fn all(archive: &Archive, with_past: bool) -> Vec<PersonFact> {
    let filter = FactFilter {
        with_past,
        ..FactFilter::default()
    };
    archive.facts(&filter).unwrap().facts
}

fn texts(archive: &Archive) -> Vec<String> {
    all(archive, false)
        .into_iter()
        .map(|fact| fact.text)
        .collect()
}

/// A conversation in which the person said something of themselves, and the fact of it.
fn with_fact() -> (Sandbox, Archive, PersonFact) {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    let said = |id: &str, role: Role, text: &str| ChatChange::Append {
        chat: CHAT.into(),
        message: Box::new(NewChatMessage::said(id, role, NOW, text)),
    };
    let changes = [
        ChatChange::Create(NewChat {
            id: CHAT.into(),
            ..NewChat::default()
        }),
        said("q1", Role::User, "I keep marmalade quokkas in the cellar."),
        said("a1", Role::Assistant, "Do they like it there?"),
        ChatChange::DrawFacts {
            message: "q1".into(),
        },
    ];
    archive.change_chats(NOW, &changes).unwrap();
    let new = NewFact {
        origin: FactOrigin {
            topics: vec!["pets".into()],
            kind: "pet".into(),
            conversation: Some(CHAT.into()),
            said: Some("q1".into()),
            turn: Some("t1".into()),
            ..FactOrigin::default()
        },
        ..fact("keeps marmalade quokkas in the cellar")
    };
    assert_eq!(archive.facts_due().unwrap().len(), 1);
    let basis = archive.begin_drawing_facts("q1").unwrap();
    let kept = archive.keep_facts(None, &[new], basis, NOW).unwrap();
    archive.end_drawing_facts(basis.unwrap()).unwrap();
    assert!(archive.facts_due().unwrap().is_empty());
    let kept = kept.into_iter().next().unwrap();
    (sandbox, archive, kept)
}

#[test]
fn a_fact_is_found_by_its_words_and_its_meaning_and_is_no_work() {
    let (_sandbox, mut archive, kept) = with_fact();
    keep(&mut archive, fact("lives in Lisbon"));
    embed_all(&mut archive);
    let embedder = embed::FixedEmbedder::new(32);
    let found = archive
        .search_facts("marmalade quokkas", Some(&embedder))
        .unwrap();
    assert_eq!(found[0].fact, kept);
    assert!(
        found[0].words > 0.9 && found[0].cosine.is_some(),
        "{found:?}"
    );
    let hits = search(&mut archive, "marmalade quokkas cellar");
    assert!(ids(&hits).contains(&kept.id.as_str()));
    let recent = recall::RecentRequest {
        limit: 10,
        now: NOW + 1,
        ..recall::RecentRequest::new(Scope::All)
    };
    let work = archive.recent(&recent).unwrap();
    assert_eq!(
        work.groups
            .iter()
            .map(|group| group.conversations.len())
            .sum::<usize>(),
        1
    );
    assert_sound(&archive);
}

#[test]
fn what_is_written_depends_on_what_its_writer_knows() {
    let (_sandbox, mut archive, kept) = with_fact();
    let version = archive.facts_version().unwrap();
    keep(&mut archive, fact("lives in Lisbon"));
    let late = archive.keep_facts(Some(version), &[fact("lives in Porto")], None, NOW);
    assert!(matches!(late, Err(Error::FactsChanged { .. })), "{late:?}");
    let change = |text: &str, version| FactChange {
        text: Some(text.to_owned()),
        topics: None,
        version,
    };
    let changed = archive
        .edit_fact(
            &kept.id,
            &change("keeps quokkas", Some(kept.version)),
            NOW + 5,
        )
        .unwrap();
    assert_eq!(
        (changed.text.as_str(), changed.role),
        ("keeps quokkas", Role::User)
    );
    assert_eq!(
        (changed.id.as_str(), changed.origin.updated),
        (kept.id.as_str(), Some(NOW + 5))
    );
    let again = archive.edit_fact(&kept.id, &change("keeps none", Some(kept.version)), NOW);
    assert!(
        matches!(again, Err(Error::FactsChanged { .. })),
        "{again:?}"
    );
    let empty = archive.edit_fact(&kept.id, &change(" \n", None), NOW);
    assert!(matches!(empty, Err(Error::Empty(_))), "{empty:?}");
    let long = archive.keep_facts(None, &[fact(&"x".repeat(1_001))], None, NOW);
    assert!(matches!(long, Err(Error::TooLong { .. })), "{long:?}");
    let mut texts = texts(&archive);
    texts.sort_unstable();
    assert_eq!(texts, ["keeps quokkas", "lives in Lisbon"]);
    assert_sound(&archive);
}

#[test]
fn a_fact_rests_on_its_message_as_it_was() {
    let (_sandbox, mut archive, _) = with_fact();
    let known = texts(&archive);
    let basis = archive.fact_basis("q1").unwrap();
    let changes = [
        ChatChange::Rewrite {
            chat: CHAT.into(),
            message: "q1".into(),
            text: "I keep nothing in the cellar.".into(),
            state: ChatMessageState::Whole,
            detail: None,
        },
        ChatChange::DrawFacts {
            message: "q1".into(),
        },
    ];
    archive.change_chats(NOW, &changes).unwrap();
    let late = archive.keep_facts(None, &[fact("keeps quokkas")], Some(basis), NOW);
    assert!(matches!(late, Err(Error::NoMessage(_))), "{late:?}");
    // What was drawn of the old words leaves the new ones due.
    archive.end_drawing_facts(basis).unwrap();
    assert_eq!(archive.facts_due().unwrap().len(), 1);
    let basis = archive.begin_drawing_facts("q1").unwrap().unwrap();
    let kept = archive.keep_facts(None, &[fact("keeps nothing")], Some(basis), NOW);
    assert_eq!(kept.unwrap().len(), 1);
    archive.end_drawing_facts(basis).unwrap();
    assert!(archive.facts_due().unwrap().is_empty());
    assert_eq!((known.len(), texts(&archive).len()), (1, 1));
    assert_sound(&archive);
}

#[test]
fn what_is_replaced_stays_as_the_past_and_goes_with_what_replaced_it() {
    let (sandbox, mut archive, kept) = with_fact();
    let next = keep(
        &mut archive,
        NewFact {
            replaces: vec![kept.id.clone()],
            ..fact("keeps wombats")
        },
    );
    assert_eq!(texts(&archive), ["keeps wombats"]);
    let past = all(&archive, true);
    assert_eq!(past.len(), 2);
    assert_eq!(past[1].origin.superseded_by.as_deref(), Some(&*next.id));
    embed_all(&mut archive);
    archive.forget_fact(&next.id[..8]).unwrap();
    assert!(all(&archive, true).is_empty());
    assert!(matches!(archive.fact(&kept.id), Err(Error::NoFact(_))));
    assert_sound(&archive);
    drop(archive);
    assert_eq!(is_anywhere(&sandbox, "wombats"), None);
}

#[test]
fn a_fact_goes_with_its_message_whatever_takes_that() {
    let forget = |request: &dyn Fn() -> Forget| {
        let (sandbox, mut archive, _) = with_fact();
        embed_all(&mut archive);
        let report = archive
            .forget(&request(), &Stop::new(), &NoProgress)
            .unwrap();
        assert_eq!(report.facts, 1, "{report:?}");
        assert!(all(&archive, true).is_empty());
        assert_sound(&archive);
        drop(archive);
        assert_eq!(is_anywhere(&sandbox, "quokkas"), None);
    };
    let new = || Forget::new(Scope::All);
    forget(&|| Forget {
        conversations: vec![CHAT.into()],
        ..new()
    });
    forget(&|| Forget {
        messages: vec!["q1".into()],
        ..new()
    });
    forget(&|| Forget {
        matching: Some("quokkas in the cellar".into()),
        ..new()
    });
    // By the chat itself.
    for change in [
        ChatChange::Delete { chat: CHAT.into() },
        ChatChange::Remove {
            chat: CHAT.into(),
            messages: vec!["q1".into()],
        },
        ChatChange::Rewrite {
            chat: CHAT.into(),
            message: "q1".into(),
            text: "I keep nothing.".into(),
            state: recall::ChatMessageState::Whole,
            detail: None,
        },
    ] {
        let (sandbox, mut archive, _) = with_fact();
        archive.change_chats(NOW, &[change]).unwrap();
        assert!(all(&archive, true).is_empty());
        assert_sound(&archive);
        drop(archive);
        assert_eq!(is_anywhere(&sandbox, "quokkas"), None);
    }
}

#[test]
fn importing_an_export_gives_the_same_facts() {
    let (_sandbox, mut archive, kept) = with_fact();
    keep(
        &mut archive,
        NewFact {
            replaces: vec![kept.id],
            ..fact("keeps wombats")
        },
    );
    let lines = export(&archive);
    let other = Sandbox::new();
    other.write("facts.jsonl", lines.join("\n").as_bytes());
    assert_eq!(counts(&other.import()).1, 0);
    let copy = other.archive();
    let plain = |archive: &Archive| {
        let facts = all(archive, true).into_iter();
        let mut facts: Vec<PersonFact> = facts
            .map(|fact| PersonFact { version: 0, ..fact })
            .collect();
        facts.sort_by(|one, other| one.id.cmp(&other.id));
        facts
    };
    assert_eq!(plain(&copy), plain(&archive));
    assert_eq!(export(&copy), lines);
}

#[test]
fn secrets_are_masked_in_facts_too() {
    let sandbox = Sandbox::new();
    let mut archive = sandbox.archive();
    let planted = ["ghp", "_", "a8Fk2mQxZ9wLp4Vn", "7Bt3Yc6Rd1Hs5Jg0KuEi"].concat();
    let new = NewFact {
        origin: FactOrigin {
            topics: vec![planted.clone()],
            ..FactOrigin::default()
        },
        ..fact(&format!("uses the token {planted}"))
    };
    let kept = keep(&mut archive, new);
    assert!(!kept.text.contains(&planted) && !kept.origin.topics[0].contains(&planted));
    drop(archive);
    assert_eq!(is_anywhere(&sandbox, &planted), None);
}

#[test]
fn tokens_of_a_day_are_shared_and_begin_anew_with_the_next() {
    let sandbox = Sandbox::new();
    let (mut one, mut two) = (sandbox.archive(), sandbox.archive());
    assert!(one.take_fact_tokens(7, 600, 1_000).unwrap());
    assert!(!two.take_fact_tokens(7, 600, 1_000).unwrap());
    assert!(two.take_fact_tokens(7, -500, 1_000).unwrap());
    assert!(one.take_fact_tokens(7, 900, 1_000).unwrap());
    assert!(!one.take_fact_tokens(7, 1, 1_000).unwrap());
    assert!(one.take_fact_tokens(8, 1_000, 1_000).unwrap());
    assert!(conversations(&one).is_empty());
}
