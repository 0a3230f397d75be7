//! Which models there are, how long their contexts are, and servers on this machine.

use std::time::Duration;

use chat::model::{ContextLength, ContextOrigin, ModelError, ModelOptions};
use serde_json::{Value, json};

use super::support::{options, registry};
use crate::scripted::{Answer, Request, ScriptedServer, Step};

/// A server that has these documents, by path.
fn serving(documents: Value) -> ScriptedServer {
    ScriptedServer::start(
        move |request: &Request, _| match documents.get(&request.path) {
            Some(document) => Answer::json(200, document),
            None => Answer::new(404, "text/plain", b"not found".to_vec()),
        },
    )
}

async fn length(profile: &str, documents: Value) -> ContextLength {
    let server = serving(documents);
    let mut options = options("test", &server);
    options.profile = Some(profile.into());
    registry([options])
        .resolve("test/m")
        .expect("known")
        .context_length()
        .await
}

#[tokio::test]
async fn the_length_of_a_context_is_found_where_each_server_tells_it() {
    for (profile, documents, tokens, place) in [
        (
            "vllm",
            json!({ "/v1/models": { "data": [{ "id": "m", "max_model_len": 40_960 }] } }),
            40_960,
            "max_model_len",
        ),
        (
            "groq",
            json!({ "/v1/models": { "data": [{ "id": "m", "context_window": 131_072 }] } }),
            131_072,
            "context_window",
        ),
        (
            "openrouter",
            json!({ "/v1/models": { "data": [{ "id": "m", "context_length": 200_000 }] } }),
            200_000,
            "context_length",
        ),
        (
            "llama.cpp",
            json!({ "/props": { "default_generation_settings": { "n_ctx": 16_384 }, "total_slots": 2 } }),
            16_384,
            "/props",
        ),
        (
            "lm-studio",
            json!({ "/api/v0/models": { "data": [{ "id": "m", "max_context_length": 32_768, "loaded_context_length": 8_000 }] } }),
            8_000,
            "loaded_context_length",
        ),
        (
            "ollama",
            json!({ "/api/ps": { "models": [{ "name": "m:latest", "context_length": 12_000 }] } }),
            12_000,
            "/api/ps",
        ),
        (
            "ollama",
            json!({ "/api/ps": { "models": [] }, "/api/show": { "parameters": "stop \"x\"\nnum_ctx    9000", "model_info": { "llama.context_length": 131_072 } } }),
            9_000,
            "/api/show",
        ),
        (
            "ollama",
            json!({ "/api/ps": { "models": [] }, "/api/show": { "model_info": { "llama.context_length": 131_072 } } }),
            4_096,
            "Ollama's default",
        ),
        (
            "ollama",
            json!({ "/api/show": { "model_info": { "llama.context_length": 2_048 } } }),
            2_048,
            "Ollama's default",
        ),
        (
            "generic",
            json!({ "/v1/models": { "data": [{ "id": "another", "max_model_len": 5_000 }] } }),
            5_000,
            "max_model_len",
        ),
    ] {
        let found = length(profile, documents).await;
        assert_eq!(
            (found.tokens, found.origin),
            (tokens, ContextOrigin::Discovered(place)),
            "{profile}"
        );
    }
    let assumed = length("generic", json!({})).await;
    assert_eq!(
        assumed,
        ContextLength {
            tokens: 8_192,
            origin: ContextOrigin::Assumed
        }
    );
}

#[tokio::test]
async fn a_setting_counts_more_than_the_server() {
    let server = serving(json!({ "/v1/models": { "data": [{ "id": "m", "max_model_len": 1 }] } }));
    let model = ModelOptions {
        context_length: Some(7),
        ..ModelOptions::new("m")
    };
    let registry = registry([options("test", &server).with_model(model)]);
    let found = registry.resolve("m").expect("known").context_length().await;
    assert_eq!(
        found,
        ContextLength {
            tokens: 7,
            origin: ContextOrigin::Setting
        }
    );
    assert!(server.requests().is_empty());
}

#[tokio::test]
async fn the_server_is_asked_once() {
    let server = serving(json!({ "/v1/models": { "data": [{ "id": "m", "max_model_len": 9 }] } }));
    let registry = registry([options("test", &server)]);
    let handle = registry.resolve("test/m").expect("known");
    for _ in 0..3 {
        assert_eq!(handle.context_length().await.tokens, 9);
    }
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn models_are_listed_with_what_they_can_take() {
    let server = serving(json!({ "/v1/models": { "data": [
        { "id": "models/eye", "architecture": { "input_modalities": ["text", "image"] }, "supported_parameters": ["tools", "reasoning"], "context_length": 10 },
        { "id": "plain" }, { "nonsense": 1 }, 5,
    ] } }));
    let dead = ScriptedServer::start(|_, _| Answer::steps(vec![Step::Hang]));
    let mut slow = options("dead", &dead).with_model(ModelOptions {
        vision: Some(true),
        ..ModelOptions::new("own")
    });
    slow.timeouts.lookup = Duration::from_millis(100);
    let registry = registry([slow, options("test", &server)]);
    let listing = registry.list().await;
    let ids: Vec<_> = listing.models.iter().map(|model| model.id()).collect();
    assert_eq!(ids, ["dead/own", "test/eye", "test/plain"]);
    let eye = &listing.models[1];
    assert_eq!(eye.context.as_ref().map(|context| context.tokens), Some(10));
    assert_eq!(
        (
            eye.capabilities.vision,
            eye.capabilities.tools,
            eye.capabilities.reasoning
        ),
        (Some(true), Some(true), Some(true))
    );
    assert_eq!(listing.models[2].capabilities, Default::default());
    assert_eq!(listing.models[0].capabilities.vision, Some(true));
    assert_eq!(listing.problems.len(), 1);
    assert_eq!(listing.problems[0].0, "dead");
    assert_eq!(
        registry.resolve("eye").expect("found in the list").id(),
        "test/eye"
    );
}

#[tokio::test]
async fn an_address_and_a_key_are_tried_before_they_are_kept() {
    let server = ScriptedServer::start(|request, _| match request.header("authorization") {
        Some(_) => Answer::json(200, &json!({ "data": [{ "id": "m" }] })),
        None => Answer::json(401, &json!({ "error": { "message": "no key" } })),
    });
    let registry = registry([]);
    let models = registry
        .check(options("test", &server))
        .await
        .expect("the key is right");
    assert_eq!(models[0].id(), "test/m");
    let mut wrong = options("test", &server);
    wrong.key = None;
    assert!(matches!(
        registry.check(wrong).await,
        Err(ModelError::KeyRefused { status: 401, .. })
    ));
    assert!(registry.is_empty());
}

#[tokio::test]
async fn servers_on_this_machine_are_found() {
    let llama = ScriptedServer::start(|_, _| {
        Answer::json(200, &json!({ "data": [{ "id": "gemma.gguf" }] }))
            .header("Server", "llama.cpp")
    });
    let ollama = serving(json!({ "/v1/models": { "data": [{ "id": "qwen3:8b" }] } }));
    let page =
        ScriptedServer::start(|_, _| Answer::new(200, "text/html", b"<html></html>".to_vec()));
    let places = [
        ("ollama", ollama.port()),
        ("vllm", llama.port()),
        ("lm-studio", page.port()),
    ];
    let found = registry([]).discover_at(&places).await;
    let told: Vec<_> = found
        .iter()
        .map(|server| (server.profile, server.models[0].as_str()))
        .collect();
    assert_eq!(told, [("ollama", "qwen3:8b"), ("llama.cpp", "gemma.gguf")]);
}
