//! What was spent and learnt counts after the program has ended.

use std::path::Path;

use serde_json::{Value, json};

use super::support::{CLOCK, ask, body, hello, options};
use crate::scripted::{Answer, ScriptedServer, end, text};
use chat::model::{ContextLength, ContextOrigin, ModelError, ModelRegistry, ProviderOptions};

/// A registry with this provider that remembers in a file.
fn remembering(file: &Path, options: ProviderOptions) -> ModelRegistry {
    let registry = ModelRegistry::open(CLOCK, file.to_owned()).expect("the file can be read");
    registry.add(options).expect("the options are right");
    registry
}

fn answering() -> ScriptedServer {
    ScriptedServer::start(|_, _| {
        let mut last = end("stop");
        last["usage"] = json!({ "prompt_tokens": 40, "completion_tokens": 60 });
        Answer::stream(&[text("ok"), last])
    })
}

#[tokio::test]
async fn a_budget_is_not_escaped_by_starting_again() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("models.json");
    let server = answering();
    let mut limited = options("test", &server);
    limited.limits.daily_tokens = Some(250);
    for content in ["ok", "ok", "ok", ""] {
        let registry = remembering(&file, limited.clone());
        let outcome = ask(&registry, hello()).await;
        assert_eq!(outcome.content, content, "{:?}", outcome.error);
    }
    // Taking the provider away and adding it again is no way out either, nor is another address.
    let registry = remembering(&file, limited.clone());
    registry.remove("test");
    limited.base_url = limited.base_url.replace("127.0.0.1", "localhost");
    registry.add(limited.clone()).expect("added again");
    let spent = Some(ModelError::BudgetSpent("test".into()));
    assert_eq!(ask(&registry, hello()).await.error, spent);
    assert_eq!(server.requests().len(), 3);
    // What was spent on another day doesn't count.
    registry.flush();
    drop(registry);
    let kept = fs_err::read_to_string(&file).expect("the file");
    let mut kept: Value = serde_json::from_str(&kept).expect("it is JSON");
    let day = &mut kept["providers"]["test"]["spent"]["day"];
    *day = json!(day.as_u64().expect("a day") - 1);
    fs_err::write(&file, kept.to_string()).expect("written");
    let registry = remembering(&file, limited);
    assert_eq!(ask(&registry, hello()).await.content, "ok");
}

#[tokio::test]
async fn two_processes_add_up_what_they_spend() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("models.json");
    let server = answering();
    let mut limited = options("test", &server);
    limited.limits.daily_tokens = Some(250);
    let one = remembering(&file, limited.clone());
    let other = remembering(&file, limited.clone());
    assert_eq!(ask(&one, hello()).await.content, "ok");
    one.flush();
    assert_eq!(ask(&other, hello()).await.content, "ok");
    other.flush();
    assert_eq!(other.spent("test").expect("known").tokens, 200);
    assert_eq!(ask(&one, hello()).await.content, "ok");
    one.flush();
    assert_eq!(one.spent("test").expect("known").tokens, 300);
}

#[tokio::test]
async fn what_a_model_refuses_is_not_sent_again_after_a_start() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("models.json");
    let server = ScriptedServer::start(|request, _| {
        match request.json().get("temperature").is_some() {
            true => Answer::json(
                400,
                &json!({ "error": { "message": "Unsupported parameter: 'temperature'", "param": "temperature", "code": "unsupported_parameter" } }),
            ),
            false => Answer::stream(&[text("ok"), end("stop")]),
        }
    });
    let request =
        body(json!({ "messages": [{ "role": "user", "content": "hello" }], "temperature": 0.2 }));
    for requests in [2, 3] {
        let registry = remembering(&file, options("test", &server));
        assert_eq!(ask(&registry, request.clone()).await.content, "ok");
        assert_eq!(server.requests().len(), requests);
    }
    // Another server of the same name is asked anew.
    let other = answering();
    let registry = remembering(&file, options("test", &other));
    ask(&registry, request).await;
    assert_eq!(other.requests()[0].json()["temperature"], 0.2);
}

#[tokio::test]
async fn a_length_that_was_told_counts_while_the_server_is_silent() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("models.json");
    let server = ScriptedServer::start(|_, nth| match nth {
        0 => Answer::json(
            200,
            &json!({ "data": [{ "id": "m", "max_model_len": 5_000 }] }),
        ),
        _ => Answer::json(503, &json!({ "error": "loading" })),
    });
    let told = ContextLength {
        tokens: 5_000,
        origin: ContextOrigin::Discovered("max_model_len"),
    };
    for _ in 0..2 {
        let registry = remembering(&file, options("test", &server));
        let handle = registry.resolve("test/m").expect("known");
        assert_eq!(handle.context_length().await, told);
    }
}

#[tokio::test]
async fn a_refusal_tells_the_length_better_than_the_list() {
    let dir = tempfile::tempdir().expect("a directory");
    let file = dir.path().join("models.json");
    let server = ScriptedServer::start(|request, _| match request.path.contains("models") {
        true => Answer::json(
            200,
            &json!({ "data": [{ "id": "m", "max_model_len": 90_000 }] }),
        ),
        false => Answer::json(
            400,
            &json!({ "error": { "message": "This model's maximum context length is 4096 tokens. However, your request has 5000.", "code": "context_length_exceeded" } }),
        ),
    });
    let length = async |registry: &ModelRegistry| {
        let handle = registry.resolve("test/m").expect("known");
        handle.context_length().await.tokens
    };
    let registry = remembering(&file, options("test", &server));
    assert_eq!(length(&registry).await, 90_000);
    let outcome = ask(&registry, hello()).await;
    assert!(matches!(outcome.error, Some(ModelError::TooLong(_))));
    assert_eq!(length(&registry).await, 4_096);
    drop(registry);
    let registry = remembering(&file, options("test", &server));
    assert_eq!(length(&registry).await, 4_096);
}
