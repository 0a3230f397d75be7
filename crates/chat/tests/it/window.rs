//! What becomes of messages that don't fit into the model's context any more.

use chat::{ConversationPatch, ConversationSettings, NewConversation};
use serde_json::Value;

use crate::person::{Person, PersonHome, last, model, sent};
use crate::scripted::{Answer, Request, ScriptedServer, end, text};

/// Looks like a key, and is none.
const KEY: &str = concat!("AKIA", "Q7RZ3NPLMX4DKEYW");

/// Whether a request asks for a summary.
fn asks_for_summary(body: &Value) -> bool {
    let first = body["messages"][0]["content"].as_str();
    first.is_some_and(|first| first.starts_with("You write short notes"))
}

/// A model that answers briefly, and puts in short as it is told.
fn brief(summary: fn() -> Answer) -> ScriptedServer {
    model(
        move |request: &Request, _| match asks_for_summary(&request.json()) {
            true => summary(),
            false => Answer::stream(&[text("Of course."), end("stop")]),
        },
    )
}

fn notes(said: &str) -> Answer {
    Answer::stream(&[text(said), end("stop")])
}

/// Opens a chat that may ask for summaries.
fn open(home: &PersonHome, server: &ScriptedServer) -> Person {
    let mut options = home.options(server);
    options.summaries = true;
    home.open_with(options)
}

/// Says so many messages, of which four are more than fit.
async fn say_much(person: &Person, chat: &str, messages: usize) -> Vec<(String, Value)> {
    let mut all = Vec::new();
    for nth in 0..messages {
        let said = format!("{nth} {}", "quince ".repeat(800));
        let events = person.say(chat, &said).await;
        assert_eq!(last(&events).0, "RunCompleted", "{nth}");
        all.extend(events);
    }
    all
}

fn notices(events: &[(String, Value)], words: &str) -> usize {
    let notices = events.iter().filter(|(name, _)| name == "RunNotice");
    notices
        .filter(|(_, data)| data.to_string().contains(words))
        .count()
}

/// The summary that a conversation shows, and the message that it stands before.
async fn summary(person: &Person, chat: &str) -> Option<(String, Value)> {
    let view = person.view(chat).await;
    let mut with = view
        .thread
        .iter()
        .filter(|message| message.more.contains_key("summary"));
    with.next_back()
        .map(|message| (message.id.clone(), message.more["summary"].clone()))
}

#[tokio::test]
async fn what_does_not_fit_is_put_in_short_once_where_that_is_allowed() {
    let home = PersonHome::new();
    let server = brief(|| {
        notes(&format!(
            "The person likes quinces, and their key is {KEY}."
        ))
    });
    let person = open(&home, &server);
    let chat = person.conversation().await;
    let events = say_much(&person, &chat, 4).await;
    assert_eq!(notices(&events, "are put in short for it"), 1);
    let requests = sent(&server);
    let asked: Vec<&Value> = requests
        .iter()
        .filter(|body| asks_for_summary(body))
        .collect();
    assert_eq!(asked.len(), 1);
    assert!(asked[0]["messages"][1].to_string().contains("0 quince"));
    let (message, kept) = summary(&person, &chat).await.expect("a summary");
    assert_eq!(
        person.view(&chat).await.settings.window_start,
        Some(message)
    );
    assert!(kept["messages"].as_u64() > Some(1), "{kept}");
    let said = requests.last().expect("a request").to_string();
    assert!(
        said.contains("<summary note=") && said.contains("likes quinces"),
        "{said}"
    );
    // What guards mask in an answer is masked in a summary.
    assert!(!said.contains(KEY), "{said}");
    assert_eq!(person.view(&chat).await.thread.len(), 8);
    // The next request begins with all of this one's messages.
    person.say(&chat, "And now?").await;
    let next = sent(&server).last().expect("a request")["messages"].clone();
    let before = requests.last().expect("a request")["messages"]
        .as_array()
        .expect("messages")
        .clone();
    assert_eq!(&next.as_array().expect("messages")[..before.len()], before);
}

#[tokio::test]
async fn what_was_put_in_short_before_goes_into_the_next_summary() {
    let home = PersonHome::new();
    let server = brief(|| notes("Notes on quinces."));
    let person = open(&home, &server);
    let chat = person.conversation().await;
    say_much(&person, &chat, 8).await;
    let requests = sent(&server);
    let asked: Vec<&Value> = requests
        .iter()
        .filter(|body| asks_for_summary(body))
        .collect();
    assert!((2..5).contains(&asked.len()), "{}", asked.len());
    let second = asked[1]["messages"][1].to_string();
    assert!(
        second.contains("<notes>Notes on quinces.</notes>"),
        "{second}"
    );
    assert!(!second.contains("0 quince"), "put in short already");
    let (_, kept) = summary(&person, &chat).await.expect("a summary");
    assert!(kept["messages"].as_u64() > Some(4), "{kept}");
}

#[tokio::test]
async fn a_summary_that_cannot_be_used_is_none_and_is_not_asked_for_again() {
    let half = || Answer::stream(&[text("The person likes"), end("length")]);
    let nothing = || Answer::stream(&[end("stop")]);
    let refused = || Answer::json(500, &serde_json::json!({"error": {"message": "no"}}));
    for made in [half as fn() -> Answer, nothing, refused] {
        let home = PersonHome::new();
        let server = brief(made);
        let person = open(&home, &server);
        let chat = person.conversation().await;
        let events = say_much(&person, &chat, 4).await;
        person.say(&chat, "And now?").await;
        assert_eq!(notices(&events, "couldn't be put in short"), 1);
        assert_eq!(notices(&events, "are left out of what it is sent"), 1);
        assert_eq!(
            sent(&server)
                .iter()
                .filter(|body| asks_for_summary(body))
                .count(),
            1
        );
        assert_eq!(summary(&person, &chat).await, None);
    }
}

#[tokio::test]
async fn a_summary_goes_with_what_it_stands_for_and_can_be_taken_away() {
    for off_record in [false, true] {
        let home = PersonHome::new();
        let server = brief(|| notes("Notes on quinces."));
        let person = open(&home, &server);
        let new = NewConversation {
            off_record,
            ..NewConversation::default()
        };
        let chat = person
            .chat
            .create(new)
            .await
            .expect("a conversation")
            .summary
            .id;
        say_much(&person, &chat, 4).await;
        let (message, _) = summary(&person, &chat).await.expect("a summary");
        // One that stands behind it has nothing to do with it.
        let thread = person.view(&chat).await.thread;
        let newest = thread.last().expect("a message").id.clone();
        person
            .chat
            .remove((&chat, &newest), None, false)
            .await
            .expect("it is deleted");
        assert!(summary(&person, &chat).await.is_some(), "{off_record}");
        let place = (chat.as_str(), message.as_str());
        let edited = person
            .chat
            .edit((&chat, &thread[1].id), None, "Something else.")
            .await;
        edited.expect("it is changed");
        assert_eq!(summary(&person, &chat).await, None, "{off_record}");
        assert!(person.chat.remove_summary(place, None).await.is_err());
        say_much(&person, &chat, 4).await;
        let (message, _) = summary(&person, &chat).await.expect("another summary");
        person
            .chat
            .remove_summary((&chat, &message), None)
            .await
            .expect("it is taken away");
        let older = summary(&person, &chat).await;
        assert!(
            older.is_none_or(|(older, _)| older != message),
            "{off_record}"
        );
    }
}

#[tokio::test]
async fn a_person_who_changes_settings_does_not_bring_back_what_did_not_fit() {
    let (home, server) = (PersonHome::new(), brief(|| notes("Notes.")));
    let person = open(&home, &server);
    let chat = person.conversation().await;
    say_much(&person, &chat, 4).await;
    let start = person.view(&chat).await.settings.window_start;
    let patch = ConversationPatch {
        settings: Some(ConversationSettings {
            system: Some("Be brief.".to_owned()),
            ..ConversationSettings::default()
        }),
        ..ConversationPatch::default()
    };
    let changed = person
        .chat
        .change(&chat, None, patch)
        .await
        .expect("it is changed");
    assert!(start.is_some());
    assert_eq!(changed.settings.window_start, start);
}

#[tokio::test]
async fn what_a_project_wants_stands_in_each_of_its_conversations() {
    let (home, server) = (PersonHome::new(), brief(|| notes("Notes.")));
    let person = home.open(&server);
    let wanted = person
        .chat
        .set_instructions("orchard", Some(0), "Answer in haiku.")
        .await;
    assert_eq!(wanted.expect("instructions").version, 1);
    let within = |project: Option<&str>| NewConversation {
        project: project.map(str::to_owned),
        ..NewConversation::default()
    };
    let mut systems = Vec::new();
    for project in [Some("orchard"), Some("cellar"), None] {
        let made = person
            .chat
            .create(within(project))
            .await
            .expect("a conversation");
        person.say(&made.summary.id, "Hello").await;
        let request = sent(&server).pop().expect("a request");
        systems.push(
            request["messages"][0]["content"]
                .as_str()
                .expect("a text")
                .to_owned(),
        );
    }
    assert_eq!(
        systems,
        ["Be kind.\n\nAnswer in haiku.", "Be kind.", "Be kind."]
    );
    let stale = person
        .chat
        .set_instructions("orchard", Some(0), "Answer in prose.")
        .await;
    assert!(
        matches!(stale, Err(chat::Error::Changed { known: 0, now: 1 })),
        "{stale:?}"
    );
    let gone = person
        .chat
        .set_instructions("orchard", Some(1), " ")
        .await
        .expect("it is changed");
    assert_eq!((gone.instructions.as_str(), gone.version), ("", 2));
    let names: Vec<String> = person
        .chat
        .projects()
        .await
        .expect("projects")
        .into_iter()
        .map(|project| format!("{} {}", project.name, project.conversations))
        .collect();
    assert_eq!(names, ["cellar 1", "orchard 1"]);
    assert!(person.chat.project("attic").await.is_err());
}
