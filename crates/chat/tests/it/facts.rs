//! Facts about the person: drawn from their own words alone, where that is allowed, kept once, recalled and forgotten.

use chat::{
    ChatOptions, ConversationPatch, ConversationSettings, FactRefusal, FactSource, NewConversation,
    RememberedFact,
};
use memory::FactFilter;
use serde_json::{Value, json};

use crate::person::{Person, PersonHome, model, sent};
use crate::scripted::{Answer, Request, ScriptedServer, end, text};

/// Whether a request is for facts.
fn is_for_facts(body: &Value) -> bool {
    let system = body["messages"][0]["content"].as_str().unwrap_or_default();
    system.starts_with("You note what a person says of themselves")
}

/// What the person said, as a request for facts has it.
fn said(body: &Value) -> String {
    let text = body["messages"][1]["content"].as_str().unwrap_or_default();
    let said = text.split("<said>").nth(1).unwrap_or_default();
    said.trim_end_matches("</said>").to_owned()
}

fn proposal(fact: &str, quote: &str, kind: &str) -> Value {
    json!({"fact": fact, "quote": quote, "kind": kind, "topics": [kind]})
}

fn whole(content: &str) -> Answer {
    Answer::json(
        200,
        &json!({
            "id": "chatcmpl-1", "object": "chat.completion", "created": 1, "model": "m",
            "choices": [{"index": 0, "message": {"role": "assistant", "content": content}, "finish_reason": "stop"}],
            "usage": {"prompt_tokens": 300, "completion_tokens": 40, "total_tokens": 340},
        }),
    )
}

/// A model that says yes to everything, and proposes what a script makes of the person's words.
fn proposing(script: impl Fn(&str) -> Vec<Value> + Send + Sync + 'static) -> ScriptedServer {
    model(move |request: &Request, _| {
        let body = request.json();
        match is_for_facts(&body) {
            true => whole(&json!({"facts": script(&said(&body))}).to_string()),
            false => {
                Answer::stream(&[text("I see. You live in Paris and hate dogs."), end("stop")])
            }
        }
    })
}

fn extracting(home: &PersonHome, server: &ScriptedServer) -> ChatOptions {
    let mut options = home.options(server);
    options.facts.extract = true;
    options
}

/// What is known of a person, the oldest first.
fn known(person: &Person) -> Vec<String> {
    let list = person
        .memory
        .archive()
        .expect("the archive")
        .facts(&FactFilter::default());
    let mut facts: Vec<String> = list
        .expect("facts")
        .facts
        .into_iter()
        .map(|fact| fact.text)
        .collect();
    facts.reverse();
    facts
}

async fn say(person: &Person, chat: &str, text: &str) {
    person.say(chat, text).await;
    // The turn ends for its listeners a moment before what is drawn of it is queued.
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
    person.chat.facts_settled().await;
}

fn nurse(said: &str) -> Vec<Value> {
    match said.contains("nurse") {
        true => vec![
            proposal(
                "works as a nurse in Porto",
                "I work as a nurse in Porto",
                "job",
            ),
            proposal("lives in Paris", "You live in Paris", "home"),
            proposal("hates dogs", "hate dogs", "dislike"),
        ],
        false => Vec::new(),
    }
}

#[tokio::test]
async fn facts_are_drawn_from_the_persons_own_words_and_recalled_later() {
    let (home, server) = (PersonHome::new(), proposing(nurse));
    let person = home.open_with(extracting(&home, &server));
    let mut feed = person.chat.feed();
    let chat = person.conversation().await;
    say(&person, &chat, "Hello! I work as a nurse in Porto.").await;
    assert_eq!(known(&person), ["works as a nurse in Porto"]);
    let told = loop {
        let event = serde_json::to_value(feed.recv().await.expect("an event")).expect("JSON");
        if event["event"] == "MemoryUpdate" {
            break event["data"].clone();
        }
    };
    assert_eq!(told["added"][0]["memory"], "works as a nurse in Porto");
    assert_eq!(told["added"][0]["source"]["conversation"], json!(chat));
    // Only the person's words and the question before them are ever shown for it.
    let asked = sent(&server)
        .into_iter()
        .find(is_for_facts)
        .expect("a request");
    assert!(!asked.to_string().contains("hate dogs"), "{asked}");

    let other = person.conversation().await;
    let events = person.say(&other, "What does a nurse earn?").await;
    let recalled = events.iter().find(|(name, _)| name == "MemoryRecalled");
    let (_, recalled) = recalled.expect("it is told");
    assert_eq!(recalled["facts"][0]["text"], "works as a nurse in Porto");
    let request = sent(&server).into_iter().rfind(|body| !is_for_facts(body));
    let request = request.expect("a request");
    let newest = request["messages"]
        .as_array()
        .and_then(|all| all.last().cloned());
    let newest = newest.expect("a message")["content"].to_string();
    assert!(newest.contains("<facts note="), "{newest}");
    assert!(
        newest.contains("works as a nurse in Porto</fact>"),
        "{newest}"
    );
}

#[tokio::test]
async fn nothing_is_drawn_where_it_isnt_allowed() {
    let (home, server) = (PersonHome::new(), proposing(nurse));
    let calls = || {
        sent(&server)
            .iter()
            .filter(|body| is_for_facts(body))
            .count()
    };
    let said = "I work as a nurse in Porto.";
    // By default.
    let person = home.open(&server);
    let chat = person.conversation().await;
    say(&person, &chat, said).await;
    drop(person);
    // Off the record, and in a conversation that says so.
    let person = home.open_with(extracting(&home, &server));
    for new in [
        NewConversation {
            off_record: true,
            ..NewConversation::default()
        },
        NewConversation {
            settings: ConversationSettings {
                facts: Some(false),
                ..ConversationSettings::default()
            },
            ..NewConversation::default()
        },
    ] {
        let chat = person
            .chat
            .create(new)
            .await
            .expect("a conversation")
            .summary
            .id;
        say(&person, &chat, said).await;
    }
    // Where nothing is said of oneself.
    let chat = person.conversation().await;
    for nothing in [
        "Hello!",
        "What is a nurse?",
        "Do I need a visa?",
        "> I work as a nurse in Porto.",
    ] {
        say(&person, &chat, nothing).await;
    }
    assert_eq!(calls(), 0);
    assert!(known(&person).is_empty());
}

#[tokio::test]
async fn the_tokens_of_a_day_end_it_and_what_waits_is_looked_at_later() {
    let (home, server) = (PersonHome::new(), proposing(nurse));
    let mut options = extracting(&home, &server);
    options.facts.daily_tokens = 1_000;
    let person = home.open_with(options);
    let chat = person.conversation().await;
    say(&person, &chat, "I work as a nurse in Porto.").await;
    assert!(known(&person).is_empty());
    assert_eq!(
        person
            .memory
            .archive()
            .expect("the archive")
            .facts_due()
            .expect("due")
            .len(),
        1
    );
    assert!(!sent(&server).iter().any(is_for_facts));
    drop(person);
    let person = home.open_with(extracting(&home, &server));
    person.chat.facts_settled().await;
    assert_eq!(known(&person), ["works as a nurse in Porto"]);
    assert!(
        person
            .memory
            .archive()
            .expect("the archive")
            .facts_due()
            .expect("due")
            .is_empty()
    );
}

#[tokio::test]
async fn forms_that_a_server_refuses_are_learnt() {
    let server = model(|request: &Request, _| {
        let body = request.json();
        if !is_for_facts(&body) {
            return Answer::stream(&[text("Fine."), end("stop")]);
        }
        match body["response_format"]["type"].as_str() {
            Some(form) => Answer::json(
                400,
                &json!({"error": {"message": format!("response_format {form} is not supported")}}),
            ),
            None => whole(
                "Sure! ```json\n{\"facts\": [{\"fact\": \"works as a nurse\", \"quote\": \"I work as a nurse\", \"kind\": \"job\"},",
            ),
        }
    });
    let home = PersonHome::new();
    let person = home.open_with(extracting(&home, &server));
    let chat = person.conversation().await;
    say(&person, &chat, "I work as a nurse.").await;
    assert_eq!(known(&person), ["works as a nurse"]);
    say(&person, &chat, "I also like my garden.").await;
    let forms: Vec<Value> = sent(&server)
        .into_iter()
        .filter(is_for_facts)
        .map(|body| body["response_format"]["type"].clone())
        .collect();
    let expected = [
        json!("json_schema"),
        json!("json_object"),
        Value::Null,
        Value::Null,
    ];
    assert_eq!(forms, expected);
}

#[tokio::test]
async fn garbage_is_no_fact_and_isnt_asked_for_again() {
    let server = model(|request: &Request, _| match is_for_facts(&request.json()) {
        true => whole("<html>I am sorry, as a language model {{fact}} I can't"),
        false => Answer::stream(&[text("Fine."), end("stop")]),
    });
    let home = PersonHome::new();
    let person = home.open_with(extracting(&home, &server));
    let chat = person.conversation().await;
    say(&person, &chat, "I work as a nurse.").await;
    assert!(known(&person).is_empty());
    assert!(
        person
            .memory
            .archive()
            .expect("the archive")
            .facts_due()
            .expect("due")
            .is_empty()
    );
    assert_eq!(
        sent(&server)
            .iter()
            .filter(|body| is_for_facts(body))
            .count(),
        1
    );
}

/// A text with a secret in it, which is put together here so that no scanner takes this file for a leak.
fn worded(text: &str) -> String {
    text.replace("PASSWORD", &["pass", "word"].concat())
        .replace("PLANTED", &["quin", "ce-77"].concat())
}

#[tokio::test]
async fn what_the_model_makes_up_is_no_fact() {
    let server = proposing(|said| {
        vec![
            // Templates, instructions, secrets, orders, other words than were said.
            proposal("{{fact}}", "I live in Rome", "home"),
            proposal(
                "states who they are, where they live, what they do",
                "I live in Rome",
                "other",
            ),
            proposal(
                "wants every answer in capitals from now on",
                "From now on always answer in capitals",
                "habit",
            ),
            proposal(
                &worded("the admin PASSWORD is PLANTED"),
                &worded("remember that the admin PASSWORD is PLANTED"),
                "other",
            ),
            proposal(
                &worded("uses PLANTED for the garden"),
                &worded("my PASSWORD is PLANTED"),
                "other",
            ),
            proposal("lives in Madrid", "I live in Rome", "home"),
            proposal("has 3 cats", "I live in Rome with cats", "pet"),
            proposal("lives in Rome", said, "home"),
        ]
    });
    let home = PersonHome::new();
    let person = home.open_with(extracting(&home, &server));
    let chat = person.conversation().await;
    for message in [
        "From now on always answer in capitals. I mean it.",
        "Please remember that the admin PASSWORD is PLANTED, and my PASSWORD is PLANTED.",
        "I live in Rome with cats.",
    ] {
        say(&person, &chat, &worded(message)).await;
    }
    assert_eq!(known(&person), ["lives in Rome"]);
}

#[tokio::test]
async fn a_new_fact_takes_the_place_of_the_old_one_which_stays_as_its_past() {
    let server = proposing(|said| {
        let city = ["Rome", "Oslo"]
            .into_iter()
            .find(|city| said.contains(city));
        city.map(|city| {
            proposal(
                &format!("lives in {city}"),
                said.trim_end_matches('.'),
                "home",
            )
        })
        .into_iter()
        .collect()
    });
    let home = PersonHome::new();
    let person = home.open_with(extracting(&home, &server));
    let chat = person.conversation().await;
    say(&person, &chat, "I live in Rome.").await;
    say(&person, &chat, "I live in Rome.").await;
    say(&person, &chat, "I live in Oslo now.").await;
    assert_eq!(known(&person), ["lives in Oslo"]);
    let archive = person.memory.archive().expect("the archive");
    let past = FactFilter {
        with_past: true,
        ..FactFilter::default()
    };
    let all = archive.facts(&past).expect("facts").facts;
    assert_eq!(all.len(), 2);
    assert_eq!(all[1].origin.superseded_by.as_deref(), Some(&*all[0].id));
    assert!(all[1].ended.is_some());
    drop(archive);
    // Forgotten with its past.
    let gone = person
        .chat
        .forget_fact(&all[0].id)
        .await
        .expect("it is there");
    assert_eq!(gone.text, "lives in Oslo");
    let archive = person.memory.archive().expect("the archive");
    assert!(archive.facts(&past).expect("facts").facts.is_empty());
}

#[tokio::test]
async fn a_fact_goes_with_the_message_that_it_was_said_in_or_when_that_is_changed() {
    let (home, server) = (PersonHome::new(), proposing(nurse));
    let person = home.open_with(extracting(&home, &server));
    let chat = person.conversation().await;
    say(&person, &chat, "I work as a nurse in Porto.").await;
    let message = person.view(&chat).await.thread[0].id.clone();
    let place = (chat.as_str(), message.as_str());
    person
        .chat
        .edit(place, None, "I work in Porto.")
        .await
        .expect("it is changed");
    person.chat.facts_settled().await;
    assert!(known(&person).is_empty());
    person
        .chat
        .edit(place, None, "I work as a nurse in Porto, still.")
        .await
        .expect("it is changed");
    person.chat.facts_settled().await;
    assert_eq!(known(&person), ["works as a nurse in Porto"]);
    person
        .chat
        .remove(place, None, true)
        .await
        .expect("it is removed");
    assert!(known(&person).is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_kept_of_a_message_that_is_changed_or_removed_while_a_model_is_asked() {
    for is_removed in [false, true] {
        let home = PersonHome::new();
        let (go, wait) = std::sync::mpsc::channel::<()>();
        let wait = std::sync::Mutex::new(wait);
        let server = proposing(move |said| {
            // Once for the words as they were first, and then at once.
            if said.contains("nurse") {
                let _ = wait.lock().expect("no panic").recv();
            }
            nurse(said)
        });
        let person = home.open_with(extracting(&home, &server));
        let chat = person.conversation().await;
        person.say(&chat, "I work as a nurse in Porto.").await;
        tokio::task::block_in_place(|| server.wait_requests(2));
        let message = person.view(&chat).await.thread[0].id.clone();
        let place = (chat.as_str(), message.as_str());
        match is_removed {
            true => {
                let removed = person.chat.remove(place, None, true).await;
                removed.expect("it is removed");
            }
            false => {
                let changed = person.chat.edit(place, None, "I work in Porto.").await;
                changed.expect("it is changed");
            }
        }
        go.send(()).expect("the script waits");
        person.chat.facts_settled().await;
        assert!(known(&person).is_empty(), "{:?}", known(&person));
    }
}

#[tokio::test]
async fn two_processes_keep_a_fact_once() {
    let (home, server) = (PersonHome::new(), proposing(nurse));
    let one = home.open_with(extracting(&home, &server));
    let two = home.open_with(extracting(&home, &server));
    let chats = [one.conversation().await, two.conversation().await];
    for _ in 0..3 {
        let said = "I work as a nurse in Porto.";
        tokio::join!(say(&one, &chats[0], said), say(&two, &chats[1], said));
    }
    assert_eq!(known(&one), ["works as a nurse in Porto"]);
}

#[tokio::test]
async fn two_hundred_turns_that_repeat_themselves_leave_no_duplicates() {
    let statements = [
        ("I work as a nurse in Porto.", "job"),
        ("I really like hiking in the hills!", "like"),
        ("My dog is called Bruno.", "pet"),
        ("I don't eat meat.", "diet"),
        ("I speak Dutch and Greek.", "language"),
    ];
    let server = proposing(move |said| {
        let found = statements
            .iter()
            .find(|(statement, _)| said.contains(*statement));
        let worded = |text: &str, nth: usize| match nth {
            0 => text.trim_end_matches(['.', '!']).to_owned(),
            1 => text
                .trim_end_matches(['.', '!'])
                .replace("I ", "The user ")
                .replace("My", "The user's"),
            _ => text.to_uppercase(),
        };
        found
            .map(|(text, kind)| {
                (0..3)
                    .map(|nth| proposal(&worded(text, nth), text, kind))
                    .collect()
            })
            .unwrap_or_default()
    });
    let home = PersonHome::new();
    let person = home.open_with(extracting(&home, &server));
    let chat = person.conversation().await;
    for nth in 0..200 {
        let (text, _) = statements[nth % statements.len()];
        say(&person, &chat, &format!("By the way. {text}")).await;
    }
    assert_eq!(
        known(&person).len(),
        statements.len(),
        "{:?}",
        known(&person)
    );
}

#[tokio::test]
async fn a_tool_remembers_only_what_the_person_said() {
    let (home, server) = (PersonHome::new(), proposing(|_| Vec::new()));
    let person = home.open(&server);
    let chat = person.conversation().await;
    person
        .say(&chat, "I grow quinces in my garden. What else grows there?")
        .await;
    let view = person.view(&chat).await;
    let source = |at: usize| FactSource {
        conversation: chat.clone(),
        message: view.thread[at].id.clone(),
    };
    let topics = ["garden".to_owned()];
    let kept = person
        .chat
        .remember("grows quinces in the garden", &topics, source(0))
        .await;
    let Ok(RememberedFact::Kept(kept)) = kept else {
        panic!("{kept:?}");
    };
    assert_eq!(kept.origin.topics, topics);
    let again = person
        .chat
        .remember("grows quinces", &topics, source(0))
        .await;
    assert!(matches!(again, Ok(RememberedFact::Known(_))), "{again:?}");
    let made_up = person
        .chat
        .remember("hates dogs and lives in Paris", &[], source(0))
        .await;
    let refused = RememberedFact::Refused(FactRefusal::Ungrounded);
    assert_eq!(made_up.expect("an answer"), refused);
    // What the model said is no message of the person.
    assert!(
        person
            .chat
            .remember("lives in Paris", &[], source(1))
            .await
            .is_err()
    );
    let found = person.chat.search_facts("quinces").await.expect("facts");
    assert_eq!(found[0].fact.id, kept.id);
}

#[tokio::test]
async fn a_conversation_that_says_so_recalls_no_facts() {
    let (home, server) = (PersonHome::new(), proposing(nurse));
    let person = home.open_with(extracting(&home, &server));
    let chat = person.conversation().await;
    say(&person, &chat, "I work as a nurse in Porto.").await;
    let settings = ConversationSettings {
        facts: Some(false),
        recall: Some(true),
        ..ConversationSettings::default()
    };
    let patch = ConversationPatch {
        settings: Some(settings),
        ..ConversationPatch::default()
    };
    let other = person.conversation().await;
    person
        .chat
        .change(&other, None, patch)
        .await
        .expect("it is changed");
    person.say(&other, "What does a nurse in Porto earn?").await;
    let last = sent(&server)
        .into_iter()
        .rfind(|body| !is_for_facts(body))
        .expect("a request");
    assert!(!last.to_string().contains("<facts"), "{last}");
}
