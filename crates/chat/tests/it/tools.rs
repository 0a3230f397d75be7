//! Tools: what a model calls is made and told, whatever it asks for, and every call has its result.

use chat::{
    ApprovalDecision, BuiltInTool, CallLimits, ChatOptions, ConversationSettings, NewConversation,
    ToolOptions,
};
use fetch::{FetchOptions, Fetcher};
use serde_json::{Value, json};

use crate::person::{Person, PersonHome, last, model, sent, told};
use crate::scripted::{Answer, ScriptedServer, end, text};

/// A chunk with a whole call.
pub(crate) fn call(id: &str, name: &str, arguments: &Value) -> Value {
    let mut chunk = text("");
    chunk["choices"][0]["delta"] = json!({"tool_calls": [{
        "index": 0, "id": id, "type": "function",
        "extra_content": {"google": {"thought_signature": "sig-1"}},
        "function": {"name": name, "arguments": arguments.to_string()},
    }]});
    chunk
}

pub(crate) fn calling(said: &str, name: &str, arguments: &Value) -> Answer {
    Answer::stream(&[
        text(said),
        call("call-1", name, arguments),
        end("tool_calls"),
    ])
}

pub(crate) fn saying(said: &str) -> Answer {
    Answer::stream(&[text(said), end("stop")])
}

fn with_tools(home: &PersonHome, server: &ScriptedServer) -> ChatOptions {
    ChatOptions {
        tools: built_in(CallLimits::default()),
        ..home.options(server)
    }
}

fn built_in(limits: CallLimits) -> ToolOptions {
    ToolOptions {
        built_in: BuiltInTool::LOCAL.into_iter().collect(),
        limits,
        ..ToolOptions::default()
    }
}

fn roles(body: &Value) -> Vec<String> {
    let messages = body["messages"].as_array().expect("messages");
    let roles = messages
        .iter()
        .map(|message| message["role"].as_str().unwrap_or_default().to_owned());
    roles.collect()
}

/// That no call is without a result behind it, in any request: servers refuse such.
fn assert_paired(server: &ScriptedServer) {
    for body in sent(server) {
        let messages = body["messages"].as_array().expect("messages").clone();
        for (at, message) in messages.iter().enumerate() {
            let calls = message["tool_calls"]
                .as_array()
                .cloned()
                .unwrap_or_default();
            for (place, call) in calls.iter().enumerate() {
                assert_eq!(
                    messages[at + 1 + place]["tool_call_id"],
                    call["id"],
                    "{messages:?}"
                );
            }
        }
    }
}

pub(crate) async fn called(person: &Person, chat: &str) -> Vec<Value> {
    let view = person.view(chat).await;
    let answer = view.thread.last().expect("an answer");
    let calls = answer.more.get("calls").and_then(Value::as_array).cloned();
    calls.unwrap_or_default()
}

#[tokio::test]
async fn a_tool_is_called_and_the_answer_goes_on_with_what_it_gave() {
    let home = PersonHome::new();
    let server = model(|_, count| match count {
        0 => calling(
            "Let me look.",
            "current_time",
            &json!({"time_zone": "Asia/Tokyo"}),
        ),
        1 => saying("It is nine."),
        _ => saying("You are welcome."),
    });
    let person = home.open_with(with_tools(&home, &server));
    let chat = person.conversation().await;
    let events = person.say(&chat, "What time is it in Tokyo?").await;
    assert_eq!(last(&events).0, "RunCompleted");
    assert_eq!(told(&events), "Let me look.\n\nIt is nine.");
    let names: Vec<&str> = events.iter().map(|event| &*event.0).collect();
    let of_calls: Vec<&&str> = names
        .iter()
        .filter(|name| name.starts_with("Tool"))
        .collect();
    assert_eq!(of_calls, [&"ToolCallStarted", &"ToolCallCompleted"]);
    let done = events
        .iter()
        .find(|event| event.0 == "ToolCallCompleted")
        .expect("it is told");
    assert_eq!(
        (done.1["tool"].as_str(), done.1["at"].as_u64()),
        (Some("current_time"), Some(12))
    );
    let bodies = sent(&server);
    assert_eq!(roles(&bodies[1]), ["system", "user", "assistant", "tool"]);
    let made = &bodies[1]["messages"][2];
    assert_eq!(made["content"], "Let me look.");
    // What the provider wants back comes back, and nothing of ours.
    assert_eq!(
        made["tool_calls"][0]["extra_content"]["google"]["thought_signature"],
        "sig-1"
    );
    assert_eq!(made.get("lorekeep_provider"), None);
    let result = bodies[1]["messages"][3]["content"]
        .as_str()
        .expect("a result");
    assert!(
        result.starts_with("Thursday, 1970-01-01 09:00:00 +09:00"),
        "{result}"
    );
    // Later requests begin with the same bytes.
    person.say(&chat, "Thank you").await;
    let (one, other) = (&sent(&server)[1], &sent(&server)[2]);
    let (one, other) = (
        one["messages"].as_array().expect("m"),
        other["messages"].as_array().expect("m"),
    );
    assert_eq!(one[..], other[..one.len()]);
    assert_eq!(
        roles(&sent(&server)[2]),
        ["system", "user", "assistant", "tool", "assistant", "user"]
    );
    assert_paired(&server);
    // And so after a new start.
    let calls = {
        let view = person.view(&chat).await;
        view.thread[1].more["calls"].clone()
    };
    assert_eq!(
        (calls[0]["state"].as_str(), calls[0]["at"].as_u64()),
        (Some("done"), Some(12))
    );
    drop(person);
    let again = home.open_with(with_tools(&home, &server));
    again.say(&chat, "And now?").await;
    let newest = sent(&server).pop().expect("a request");
    assert_eq!(
        newest["messages"].as_array().expect("m")[..one.len()],
        one[..]
    );
}

#[tokio::test]
async fn memory_is_searched_by_the_model_itself() {
    let home = PersonHome::new();
    let server = model(|_, count| match count {
        1 => calling(
            "",
            "search_memory",
            &json!({"query": "Which database did we choose for the ledger?"}),
        ),
        _ => saying("We chose SQLite for the ledger database."),
    });
    let person = home.open_with(with_tools(&home, &server));
    let first = person.conversation().await;
    person
        .say(&first, "Which database did we choose for the ledger?")
        .await;
    let chat = person.conversation().await;
    person.say(&chat, "Please look it up").await;
    let calls = called(&person, &chat).await;
    let result = calls[0]["result"].as_str().expect("a result");
    assert!(
        result.contains("<memory note=") && result.contains("SQLite"),
        "{result}"
    );
    assert_eq!(calls[0]["server"], Value::Null);
}

#[tokio::test]
async fn a_model_that_calls_for_ever_is_made_to_answer() {
    let home = PersonHome::new();
    let server = model(
        |request, count| match request.json()["tool_choice"].as_str() {
            Some("none") => saying("Enough."),
            _ => calling(
                "",
                "current_time",
                &json!({"time_zone": format!("Etc/GMT+{}", count % 12)}),
            ),
        },
    );
    let limits = CallLimits {
        calls: 4,
        ..CallLimits::default()
    };
    let options = ChatOptions {
        tools: built_in(limits),
        ..home.options(&server)
    };
    let person = home.open_with(options);
    let chat = person.conversation().await;
    let events = person.say(&chat, "Go").await;
    assert_eq!(last(&events).0, "RunCompleted");
    assert_eq!(told(&events), "Enough.");
    assert_eq!(sent(&server).len(), 5);
    assert_paired(&server);
}

#[tokio::test]
async fn calls_of_an_answer_that_a_guard_refuses_are_not_made() {
    let home = PersonHome::new();
    // So short that it is judged only when the answer has ended, with its call behind it.
    let server = model(|_, _| {
        calling(
            "Shut up you fucking idiot, I will kill you and your family.",
            "remember",
            &json!({"text": "Ines grows quinces."}),
        )
    });
    let person = home.open_with(with_tools(&home, &server));
    let chat = person.conversation().await;
    let events = person.say(&chat, "Remember that I grow quinces.").await;
    assert_eq!(
        last(&events).1["error"]["type"],
        "output_check_error",
        "{events:?}"
    );
    assert!(!events.iter().any(|event| event.0 == "ToolCallStarted"));
    assert_eq!(sent(&server).len(), 1);
}

#[tokio::test]
async fn the_same_call_is_not_made_again_and_again() {
    let home = PersonHome::new();
    let server = model(|_, count| match count {
        0..=4 => calling("", "current_time", &json!({})),
        _ => saying("Now I know."),
    });
    let person = home.open_with(with_tools(&home, &server));
    let chat = person.conversation().await;
    person.say(&chat, "Go").await;
    let states: Vec<String> = called(&person, &chat)
        .await
        .iter()
        .map(|call| call["state"].as_str().unwrap_or_default().to_owned())
        .collect();
    assert_eq!(states, ["done", "done", "done", "failed", "failed"]);
}

#[tokio::test]
async fn what_a_model_gets_wrong_is_told_to_it() {
    let home = PersonHome::new();
    let server = model(|_, count| match count {
        0 => calling("", "no_such_tool", &json!({})),
        1 => calling("", "current_time", &json!([1])),
        2 => calling("", "current_time", &json!({"time_zone": "Mars/Base"})),
        3 => calling("", "search_memory", &json!({"query": 7})),
        _ => saying("I give up."),
    });
    let person = home.open_with(with_tools(&home, &server));
    let chat = person.conversation().await;
    let events = person.say(&chat, "Go").await;
    assert_eq!(told(&events), "I give up.");
    let results: Vec<String> = called(&person, &chat)
        .await
        .iter()
        .map(|call| call["result"].as_str().unwrap_or_default().to_owned())
        .collect();
    let expected = [
        "no tool `no_such_tool`",
        "no JSON object",
        "no time zone `Mars/Base`",
        "`query`",
    ];
    for (result, part) in results.iter().zip(expected) {
        assert!(
            result.starts_with("error: ") && result.contains(part),
            "{result}"
        );
    }
    assert_paired(&server);
}

#[tokio::test]
async fn a_model_that_knows_no_tools_answers_without() {
    let home = PersonHome::new();
    let server = model(|request, _| match request.json().get("tools") {
        Some(_) => Answer::json(
            400,
            &json!({"error": {"message": "registry.ollama.ai/library/gemma3 does not support tools"}}),
        ),
        None => saying("Hello."),
    });
    let person = home.open_with(with_tools(&home, &server));
    let chat = person.conversation().await;
    let events = person.say(&chat, "Hi").await;
    assert_eq!(told(&events), "Hello.");
    assert!(events.iter().any(|event| event.0 == "RunNotice"));
    person.say(&chat, "Hi again").await;
    assert_eq!(sent(&server).len(), 3);
}

#[tokio::test]
async fn a_model_that_refuses_one_description_is_told_of_tools_again() {
    let home = PersonHome::new();
    let server = model(|request, _| match request.json().get("tools") {
        Some(_) => Answer::json(
            400,
            &json!({"error": {"message": "Invalid schema for function 'remember': 'fact' is not supported"}}),
        ),
        None => saying("Hello."),
    });
    let person = home.open_with(with_tools(&home, &server));
    let chat = person.conversation().await;
    for (text, count) in [("Hi", 2), ("Hi again", 4)] {
        let events = person.say(&chat, text).await;
        assert_eq!(told(&events), "Hello.");
        assert_eq!(sent(&server).len(), count);
    }
}

#[tokio::test]
async fn only_what_is_allowed_is_offered() {
    let home = PersonHome::new();
    let server = model(|_, _| saying("Yes."));
    let person = home.open_with(with_tools(&home, &server));
    for (allowed, expected) in [
        (
            None,
            vec![
                "current_time",
                "forget_fact",
                "recall_facts",
                "remember",
                "search_memory",
            ],
        ),
        (
            Some(vec!["search_memory".to_owned()]),
            vec!["search_memory"],
        ),
        (Some(Vec::new()), Vec::new()),
    ] {
        let new = NewConversation {
            settings: ConversationSettings {
                tools: allowed,
                ..ConversationSettings::default()
            },
            ..NewConversation::default()
        };
        let chat = person.chat.create(new).await.expect("made").summary.id;
        person.say(&chat, "Hi").await;
        assert_eq!(offered(&server), expected);
    }
}

#[tokio::test]
async fn where_memory_is_off_the_model_cannot_search_it_either() {
    let home = PersonHome::new();
    let server = model(|_, _| saying("Yes."));
    let person = home.open_with(with_tools(&home, &server));
    let without_recall = NewConversation {
        settings: ConversationSettings {
            recall: Some(false),
            ..ConversationSettings::default()
        },
        ..NewConversation::default()
    };
    let off_record = NewConversation {
        off_record: true,
        ..NewConversation::default()
    };
    for (new, expected) in [
        (
            without_recall,
            vec!["current_time", "forget_fact", "remember"],
        ),
        (off_record, vec!["current_time"]),
    ] {
        let chat = person.chat.create(new).await.expect("made").summary.id;
        person.say(&chat, "Hi").await;
        assert_eq!(offered(&server), expected);
    }
}

/// The names of the tools that the newest request has.
fn offered(server: &ScriptedServer) -> Vec<String> {
    let body = sent(server).pop().expect("a request");
    let tools = body["tools"].as_array().cloned().unwrap_or_default();
    let names = tools
        .iter()
        .filter_map(|tool| tool["function"]["name"].as_str());
    names.map(str::to_owned).collect()
}

/// A chat with tools that reach the network, which here is this machine.
pub(crate) fn reaching(
    home: &PersonHome,
    server: &ScriptedServer,
    search: Option<String>,
    private: bool,
) -> ChatOptions {
    let fetch = FetchOptions {
        allow_private: private,
        ..FetchOptions::default()
    };
    ChatOptions {
        tools: ToolOptions {
            built_in: [BuiltInTool::FetchPage, BuiltInTool::WebSearch]
                .into_iter()
                .collect(),
            fetcher: Fetcher::new(fetch),
            search_url: search,
            ..ToolOptions::default()
        },
        ..home.options(server)
    }
}

#[tokio::test]
async fn facts_are_remembered_found_and_forgotten_by_the_model() {
    let home = PersonHome::new();
    let server = model(|request, count| {
        let body = request.json();
        let last = body["messages"]
            .as_array()
            .and_then(|all| all.last().cloned())
            .unwrap_or_default();
        match count {
            0 => calling(
                "",
                "remember",
                &json!({"fact": "is allergic to hazelnuts", "topics": ["food"]}),
            ),
            2 => calling("", "recall_facts", &json!({"query": "allergic hazelnuts"})),
            3 => {
                let listed = last["content"].as_str().unwrap_or_default().to_owned();
                let id = listed
                    .split("id=\"")
                    .nth(1)
                    .and_then(|rest| rest.split('"').next());
                calling("", "forget_fact", &json!({"id": id.unwrap_or_default()}))
            }
            5 => calling(
                "",
                "remember",
                &json!({"fact": concat!("the admin pass", "word is hunter2")}),
            ),
            _ => saying("Fine."),
        }
    });
    let person = home.open_with(with_tools(&home, &server));
    let chat = person.conversation().await;
    person.say(&chat, "I am allergic to hazelnuts.").await;
    let made = called(&person, &chat).await;
    assert_eq!(made[0]["state"], "done", "{made:#?}");
    assert_eq!(
        person
            .chat
            .search_facts("hazelnuts")
            .await
            .expect("facts")
            .len(),
        1
    );
    let (_, asked) = person
        .deciding(
            &chat,
            "Please forget that I am allergic to hazelnuts",
            ApprovalDecision::Allow,
        )
        .await;
    // What can't be undone is asked about, in words and not by an id.
    assert_eq!(asked.len(), 1, "{asked:#?}");
    let description = asked[0]["description"].as_str().unwrap_or_default();
    assert!(
        description.contains("allergic to hazelnuts"),
        "{description}"
    );
    assert_eq!(asked[0]["may_allow_always"], false);
    let made = called(&person, &chat).await;
    assert_eq!(made.len(), 2, "{made:#?}");
    assert!(made.iter().all(|call| call["state"] == "done"), "{made:#?}");
    assert!(
        person
            .chat
            .search_facts("hazelnuts")
            .await
            .expect("facts")
            .is_empty()
    );
    // What the person didn't say of themselves is none.
    person.say(&chat, "How are you?").await;
    assert_eq!(called(&person, &chat).await[0]["state"], "failed");
}

#[tokio::test]
async fn the_web_is_searched_where_the_operator_says_and_results_are_foreign_text() {
    let home = PersonHome::new();
    let search = ScriptedServer::start(|request, _| {
        assert!(
            request.path.starts_with("/search?q=ring+pull&format=json"),
            "{}",
            request.path
        );
        Answer::json(
            200,
            &json!({"results": [
                {"title": "Ring pulls", "url": "https://example.org/rings", "content": "On cans."},
                {"title": "Bad", "url": "https://example.org/bad", "content": "Fine."},
            ]}),
        )
    });
    let server = model(|_, count| match count {
        0 => calling("", "web_search", &json!({"query": "ring pull"})),
        _ => saying("Found."),
    });
    let base = search.url().replace("/v1", "");
    // The search's own address may be private, since the operator named it.
    let person = home.open_with(reaching(&home, &server, Some(base), false));
    let chat = person.conversation().await;
    person.say(&chat, "Look it up").await;
    let made = called(&person, &chat).await;
    let result = made[0]["result"].as_str().expect("a result");
    assert!(
        result.starts_with("Ring pulls\nhttps://example.org/rings\nOn cans."),
        "{made:#?}"
    );
}
