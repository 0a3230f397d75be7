//! Parameters that a provider refuses are left out or renamed, learnt and told.

use serde_json::{Value, json};

use super::support::{ask, body, options, registry};
use crate::scripted::{Answer, ScriptedServer, end, text};
use chat::model::ModelError;

/// Asks with these fields at a server that refuses requests while they have what `is_refused` finds, and checks
/// that the second request goes through, that the third goes through at once, and that a person is told.
async fn learns(status: u16, error: Value, fields: Value, is_refused: fn(&Value) -> bool) -> Value {
    let server = ScriptedServer::start(move |request, _| match is_refused(&request.json()) {
        true => Answer::json(status, &error),
        false => Answer::stream(&[text("ok"), end("stop")]),
    });
    let registry = registry([options("test", &server)]);
    let mut request = body(json!({ "messages": [{ "role": "user", "content": "hello" }] }));
    request
        .body
        .extend(fields.as_object().expect("fields").clone());
    let first = ask(&registry, request.clone()).await;
    assert_eq!((&*first.content, first.error), ("ok", None));
    assert_eq!(first.notices.len(), 1, "{:?}", first.notices);
    let second = ask(&registry, request).await;
    assert_eq!((&*second.content, second.notices.len()), ("ok", 0));
    let requests = server.requests();
    assert_eq!(requests.len(), 3);
    requests[2].json()
}

#[tokio::test]
async fn openai_refuses_a_temperature() {
    let error = json!({ "error": {
        "message": "Unsupported value: 'temperature' does not support 0.2 with this model. Only the default (1) value is supported.",
        "type": "invalid_request_error", "param": "temperature", "code": "unsupported_value",
    } });
    let sent = learns(400, error, json!({ "temperature": 0.2 }), |sent| {
        sent.get("temperature").is_some()
    })
    .await;
    assert_eq!(sent["messages"][0]["content"], "hello");
}

#[tokio::test]
async fn openai_has_another_name_for_max_tokens() {
    let error = json!({ "error": {
        "message": "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.",
        "type": "invalid_request_error", "param": "max_tokens", "code": "unsupported_parameter",
    } });
    let sent = learns(400, error, json!({ "max_tokens": 9 }), |sent| {
        sent.get("max_tokens").is_some()
    })
    .await;
    assert_eq!(sent["max_completion_tokens"], 9);
}

#[tokio::test]
async fn an_old_server_has_the_old_name() {
    let error = json!({ "detail": [{ "type": "extra_forbidden", "loc": ["body", "max_completion_tokens"], "msg": "Extra inputs are not permitted" }] });
    let fields = json!({ "max_completion_tokens": 9 });
    let sent = learns(422, error, fields, |sent| {
        sent.get("max_completion_tokens").is_some()
    })
    .await;
    assert_eq!(sent["max_tokens"], 9);
}

#[tokio::test]
async fn gemini_names_several_unknown_fields_at_once_in_an_array() {
    let server = ScriptedServer::start(|request, _| {
        let sent = request.json();
        match sent.get("seed").is_some() || sent.get("parallel_tool_calls").is_some() {
            true => Answer::json(
                400,
                &json!([{ "error": { "code": 400, "status": "INVALID_ARGUMENT", "message":
                "Invalid JSON payload received. Unknown name \"seed\": Cannot find field.\nInvalid JSON payload received. Unknown name \"parallel_tool_calls\": Cannot find field." } }]),
            ),
            false => Answer::stream(&[text("ok"), end("stop")]),
        }
    });
    let registry = registry([options("test", &server)]);
    let request = body(
        json!({ "messages": [{ "role": "user", "name": "me", "content": "hello" }], "seed": 1, "parallel_tool_calls": false }),
    );
    let outcome = ask(&registry, request).await;
    assert_eq!((&*outcome.content, outcome.notices.len()), ("ok", 2));
    assert_eq!(server.requests()[1].json()["messages"][0]["name"], "me");
}

#[tokio::test]
async fn groq_refuses_reasoning_in_the_history() {
    let error = json!({ "error": { "message": "'messages.1' : for 'role:assistant' the following must be satisfied[('messages.1' : property 'reasoning_content' is unsupported)]", "type": "invalid_request_error" } });
    let fields = json!({ "messages": [
        { "role": "user", "content": "a" }, { "role": "assistant", "content": "b", "reasoning_content": "c" }, { "role": "user", "content": "d" },
    ] });
    let sent = learns(400, error, fields, |sent| {
        sent["messages"][1].get("reasoning_content").is_some()
    })
    .await;
    assert_eq!(
        sent["messages"][1],
        json!({ "role": "assistant", "content": "b" })
    );
}

#[tokio::test]
async fn a_server_knows_no_developer() {
    let error = json!({ "error": { "message": "messages[0].role: unknown variant `developer`, expected one of `system`, `user`, `assistant`, `tool`", "type": "invalid_request_error" } });
    let fields = json!({ "messages": [{ "role": "developer", "content": "be brief" }, { "role": "user", "content": "hello" }] });
    let sent = learns(400, error, fields, |sent| {
        sent["messages"][0]["role"] == "developer"
    })
    .await;
    assert_eq!(sent["messages"][0]["role"], "system");
}

#[tokio::test]
async fn a_template_knows_no_system() {
    let error = json!({ "error": { "message": "System role not supported", "type": "BadRequestError", "code": 400 } });
    let fields = json!({ "messages": [{ "role": "system", "content": "be brief" }, { "role": "user", "content": "hello" }] });
    let sent = learns(400, error, fields, |sent| {
        sent["messages"][0]["role"] == "system"
    })
    .await;
    assert_eq!(sent["messages"][0]["role"], "user");
}

#[tokio::test]
async fn ollama_has_models_that_do_not_think() {
    let error = json!({ "error": { "message": "\"llama3.2\" does not support thinking", "type": "invalid_request_error", "param": null, "code": null } });
    let fields = json!({ "reasoning_effort": "high" });
    learns(400, error, fields, |sent| {
        sent.get("reasoning_effort").is_some()
    })
    .await;
}

#[tokio::test]
async fn a_server_takes_no_stream_options() {
    let error = json!({ "error": "stream_options: Extra inputs are not permitted" });
    learns(400, error, json!({}), |sent| {
        sent.get("stream_options").is_some()
    })
    .await;
}

#[tokio::test]
async fn what_changes_the_answer_is_never_left_out() {
    for (field, value) in [
        ("response_format", json!({ "type": "json_object" })),
        (
            "tools",
            json!([{ "type": "function", "function": { "name": "f" } }]),
        ),
        ("n", json!(3)),
        ("logprobs", json!(true)),
        ("stop", json!(["x"])),
    ] {
        let server = ScriptedServer::start(move |_, _| {
            Answer::json(
                400,
                &json!({ "error": { "message": format!("'{field}' is not supported with this model"), "param": field, "code": "unsupported_parameter" } }),
            )
        });
        let registry = registry([options("test", &server)]);
        let mut request = body(json!({ "messages": [] }));
        request.body.insert(field.into(), value);
        let outcome = ask(&registry, request).await;
        assert!(
            matches!(outcome.error, Some(ModelError::Refused(ref error)) if error.param == field)
        );
        assert_eq!(server.requests().len(), 1, "{field}");
    }
}

#[tokio::test]
async fn a_number_that_is_too_large_is_no_refused_parameter() {
    let server = ScriptedServer::start(|_, _| {
        Answer::json(
            400,
            &json!({ "error": { "message": "max_tokens is too large: 100000. This model supports at most 4096 completion tokens", "param": "max_tokens", "code": "invalid_value" } }),
        )
    });
    let registry = registry([options("test", &server)]);
    let outcome = ask(
        &registry,
        body(json!({ "messages": [], "max_tokens": 100_000 })),
    )
    .await;
    assert!(
        matches!(outcome.error, Some(ModelError::Refused(_))),
        "{:?}",
        outcome.error
    );
    assert_eq!(server.requests().len(), 1);
}
