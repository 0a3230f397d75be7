//! What the tests of models share.

use std::time::{Duration, SystemTime};

use chat::model::{
    ChatRequest, FinishReason, ModelError, ModelEvent, ModelRegistry, ModelStream, ProviderOptions,
};
use memory::Clock;
use serde_json::{Value, json};
use tokio_util::sync::CancellationToken;

use crate::scripted::ScriptedServer;

/// 2026-09-21, some time.
pub(crate) const CLOCK: Clock =
    Clock(|| SystemTime::UNIX_EPOCH + Duration::from_secs(1_790_000_000));

/// The key of every provider in these tests. Nothing may ever show it.
pub(crate) const KEY: &str = "sk-planted-0123456789abcdef";

/// A provider whose waits are short where a test runs into them.
pub(crate) fn options(name: &str, server: &ScriptedServer) -> ProviderOptions {
    let mut options = ProviderOptions::new(name, &server.url()).with_key(KEY);
    options.limits.retries = 0;
    options
}

pub(crate) fn registry(all: impl IntoIterator<Item = ProviderOptions>) -> ModelRegistry {
    let registry = ModelRegistry::new(CLOCK);
    for options in all {
        registry.add(options).expect("the options are right");
    }
    registry
}

pub(crate) fn body(value: Value) -> ChatRequest {
    match value {
        Value::Object(body) => ChatRequest { body },
        _ => panic!("a body is an object"),
    }
}

pub(crate) fn hello() -> ChatRequest {
    body(json!({ "messages": [{ "role": "user", "content": "hello" }] }))
}

/// What came of an answer.
#[derive(Debug, Default)]
pub(crate) struct Outcome {
    pub(crate) content: String,
    pub(crate) reasoning: String,
    pub(crate) notices: Vec<String>,
    pub(crate) reason: Option<FinishReason>,
    pub(crate) error: Option<ModelError>,
}

pub(crate) async fn drain(mut stream: ModelStream) -> Outcome {
    let mut outcome = Outcome::default();
    while let Some(event) = stream.next().await {
        assert!(
            outcome.error.is_none() && outcome.reason.is_none(),
            "nothing follows the end"
        );
        match event {
            Ok(ModelEvent::Content(text)) => outcome.content.push_str(&text),
            Ok(ModelEvent::Reasoning(text)) => outcome.reasoning.push_str(&text),
            Ok(ModelEvent::Notice(text)) => outcome.notices.push(text),
            Ok(ModelEvent::Finish { reason, .. }) => outcome.reason = Some(reason),
            Ok(_) => {}
            Err(error) => outcome.error = Some(error),
        }
    }
    if let Some(error) = &outcome.error {
        let shown = format!("{error} {error:?} {:?}", error.hint());
        assert!(
            !shown.contains(KEY) && !shown.contains("sk-planted"),
            "the key is in {shown}"
        );
    }
    outcome
}

/// Asks the only model of the only provider.
pub(crate) async fn ask(registry: &ModelRegistry, request: ChatRequest) -> Outcome {
    let handle = registry.resolve("test/m").expect("the model is known");
    drain(handle.stream(request, CancellationToken::new())).await
}
