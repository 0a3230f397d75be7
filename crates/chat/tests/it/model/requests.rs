//! What is sent: addresses, keys, parameters, history.

use chat::model::{
    ModelError, ModelOptions, ModelRegistry, PROVIDER_FIELD, ProviderAddress, ProviderKey,
    ProviderOptions,
};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::support::{CLOCK, KEY, ask, body, drain, hello, options, registry};
use crate::scripted::{Answer, ScriptedServer, end, text};

fn friendly() -> ScriptedServer {
    ScriptedServer::start(|_, _| Answer::stream(&[text("Hello"), text("!"), end("stop")]))
}

#[test]
fn addresses_are_read_as_people_write_them() {
    for (written, base) in [
        ("https://api.openai.com", "https://api.openai.com/v1"),
        ("https://api.openai.com/v1/", "https://api.openai.com/v1"),
        (
            "https://api.openai.com/v1/chat/completions",
            "https://api.openai.com/v1",
        ),
        (
            "https://generativelanguage.googleapis.com",
            "https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        (
            "https://generativelanguage.googleapis.com/v1beta/openai/",
            "https://generativelanguage.googleapis.com/v1beta/openai",
        ),
        (
            "https://generativelanguage.googleapis.com/v1beta",
            "https://generativelanguage.googleapis.com/v1beta",
        ),
        ("api.groq.com", "https://api.groq.com/openai/v1"),
        (
            "https://openrouter.ai/api/v1",
            "https://openrouter.ai/api/v1",
        ),
        ("localhost:11434", "http://localhost:11434/v1"),
        ("[::1]:8080", "http://[::1]:8080/v1"),
        (" http://box:8000/v1// ", "http://box:8000/v1"),
        ("http://box/llm", "http://box/llm/v1"),
        (
            "https://x.openai.azure.com/openai/v1?api-version=1",
            "https://x.openai.azure.com/openai/v1?api-version=1",
        ),
    ] {
        let address = ProviderAddress::parse("p", written)
            .unwrap_or_else(|error| panic!("{written}: {error}"));
        assert_eq!(address.as_str(), base, "{written}");
    }
    for wrong in [
        "ftp://host/v1",
        "http://",
        "https://user:secret@host/v1",
        "",
        "not a host",
    ] {
        let error = ProviderAddress::parse("p", wrong).expect_err(wrong);
        assert!(matches!(error, ModelError::BadAddress { .. }));
        assert!(!error.to_string().contains("secret"), "{error}");
    }
}

#[test]
fn a_secret_is_never_printed() {
    let secret = ProviderKey::new(" sk-planted-0123456789abcdef\n");
    assert_eq!(secret.expose(), KEY);
    assert_eq!(format!("{secret:?} {secret}"), "ProviderKey(…) …");
    let options = ProviderOptions::new("p", "http://localhost").with_key(KEY);
    assert!(!format!("{options:?}").contains("planted"));
    let masked = "Incorrect API key provided: sk-plant********cdef. Or sk-planted-0123456789abcdef";
    assert_eq!(
        secret.scrub(masked),
        "Incorrect API key provided: [key] Or [key]"
    );
}

#[tokio::test]
async fn a_request_says_what_it_must_and_no_more() {
    let server = friendly();
    let registry = registry([options("test", &server)]);
    let outcome = ask(&registry, hello()).await;
    assert_eq!((&*outcome.content, outcome.error), ("Hello!", None));
    let sent = &server.requests()[0];
    assert_eq!(
        (&*sent.method, &*sent.path),
        ("POST", "/v1/chat/completions")
    );
    assert_eq!(
        sent.header("authorization"),
        Some(&*format!("Bearer {KEY}"))
    );
    assert_eq!(
        sent.json(),
        json!({
            "model": "m", "stream": true, "stream_options": { "include_usage": true },
            "messages": [{ "role": "user", "content": "hello" }],
        })
    );
}

#[tokio::test]
async fn without_a_key_there_is_no_header() {
    let server = friendly();
    let registry = registry([ProviderOptions::new("test", &server.url())]);
    ask(&registry, hello()).await;
    assert_eq!(server.requests()[0].header("authorization"), None);
}

#[tokio::test]
async fn unknown_fields_pass_and_a_temperature_only_if_it_is_set() {
    let server = friendly();
    let mut options = options("test", &server);
    options.default_temperature = Some(0.3);
    let registry = registry([options]);
    let mut request = hello();
    request
        .body
        .insert("top_secret_sauce".into(), json!({ "a": 1 }));
    request
        .body
        .insert("response_format".into(), json!({ "type": "json_object" }));
    ask(&registry, request.clone()).await;
    request.body.insert("temperature".into(), json!(1));
    ask(&registry, request).await;
    let sent = server.requests();
    assert_eq!(sent[0].json()["top_secret_sauce"], json!({ "a": 1 }));
    assert_eq!(
        sent[0].json()["response_format"],
        json!({ "type": "json_object" })
    );
    assert_eq!(sent[0].json()["temperature"], 0.3);
    assert_eq!(sent[1].json()["temperature"], 1);
}

#[tokio::test]
async fn what_one_provider_understands_goes_back_to_it_alone() {
    let server = friendly();
    let mut same = options("test", &server);
    same.profile = Some("openrouter".into());
    let registry = registry([same, options("other", &server)]);
    let call = json!({
        "id": "a", "type": "function", "function": { "name": "f", "arguments": "{}" },
        "extra_content": { "google": { "thought_signature": "sig" } },
    });
    let history = body(json!({ "messages": [
        { "role": "user", "content": "hello" },
        { "role": "assistant", "content": "", "tool_calls": [call], "reasoning_content": "why",
          "reasoning_details": [{ "type": "reasoning.encrypted" }], PROVIDER_FIELD: "test" },
        { "role": "tool", "tool_call_id": "a", "content": "{}" },
    ] }));
    ask(&registry, history.clone()).await;
    let other = registry.resolve("other/m").expect("known");
    drain(other.stream(history, CancellationToken::new())).await;
    let sent: Vec<_> = server
        .requests()
        .iter()
        .map(|request| request.json()["messages"][1].clone())
        .collect();
    assert_eq!(
        sent[0]["tool_calls"][0]["extra_content"]["google"]["thought_signature"],
        "sig"
    );
    assert_eq!(sent[0]["reasoning"], "why");
    assert!(sent[0].get("reasoning_details").is_some());
    assert_eq!(
        sent[1],
        json!({ "role": "assistant", "content": "", "tool_calls": [
            { "id": "a", "type": "function", "function": { "name": "f", "arguments": "{}" } },
        ] })
    );
    assert!(
        sent.iter()
            .all(|message| message.get(PROVIDER_FIELD).is_none())
    );
}

#[test]
fn names_find_models() {
    let registry = ModelRegistry::new(CLOCK);
    assert_eq!(registry.resolve("").err(), Some(ModelError::NoModel));
    assert_eq!(registry.resolve("gpt").err(), Some(ModelError::NoModel));
    let one =
        ProviderOptions::new("one", "localhost:1").with_model(ModelOptions::new("openai/gpt-oss"));
    registry.add(one).expect("right");
    let id = |name: &str| registry.resolve(name).map(|handle| handle.id());
    assert_eq!(id("default").as_deref(), Ok("one/openai/gpt-oss"));
    assert_eq!(id("anything").as_deref(), Ok("one/anything"));
    let two = ProviderOptions::new("two", "localhost:2").with_model(ModelOptions::new("small"));
    registry.add(two).expect("right");
    assert_eq!(id("openai/gpt-oss").as_deref(), Ok("one/openai/gpt-oss"));
    assert_eq!(id("small").as_deref(), Ok("two/small"));
    assert_eq!(id("two/large").as_deref(), Ok("two/large"));
    assert_eq!(id("large"), Err(ModelError::UnknownModel("large".into())));
    registry.set_default(Some("two/small"));
    assert_eq!(id("").as_deref(), Ok("two/small"));
    assert_eq!(id("large").as_deref(), Ok("two/large"));
    assert!(registry.remove("two") && !registry.remove("two"));
    assert_eq!(id("small").as_deref(), Ok("one/small"));
}
