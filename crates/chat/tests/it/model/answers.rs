//! What comes back, or doesn't: errors, time-outs, cuts, retries, fall-backs, budgets.

use std::time::Duration;

use chat::model::{FinishReason, ModelError, ModelOptions, Prices, ProviderOptions};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::support::{KEY, ask, drain, hello, options, registry};
use crate::scripted::{Answer, ScriptedServer, Step, end, event, text};

fn failing(status: u16, body: &'static str) -> ScriptedServer {
    ScriptedServer::start(move |_, _| {
        Answer::new(status, "application/json", body.as_bytes().to_vec())
    })
}

#[tokio::test]
async fn an_error_is_told_by_its_kind_and_never_with_the_key() {
    for (status, body, kind) in [
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-plant*****cdef","code":"invalid_api_key"}}"#,
            "KeyRefused",
        ),
        (403, r#"{"error":"no"}"#, "KeyRefused"),
        (
            400,
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            "KeyRefused",
        ),
        (
            402,
            r#"{"error":{"message":"Insufficient credits"}}"#,
            "RateLimited",
        ),
        (
            404,
            r#"{"error":{"message":"The model `m` does not exist","code":"model_not_found"}}"#,
            "Refused",
        ),
        (413, "", "TooLong"),
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#,
            "TooLong",
        ),
        (
            429,
            r#"{"error":{"message":"slow down, sk-planted-0123456789abcdef"}}"#,
            "RateLimited",
        ),
        (
            500,
            r#"{"error":{"message":"boom sk-planted-0123456789abcdef"}}"#,
            "Failed",
        ),
        (
            502,
            "<html><head><title>502 Bad Gateway</title></head><body><p>nginx</p></body></html>",
            "Failed",
        ),
        (200, "<html><body>Please log in</body></html>", "Garbage"),
        (200, "lorem ipsum", "Garbage"),
        (200, "", "CutOff"),
    ] {
        let server = failing(status, body);
        let outcome = ask(&registry([options("test", &server)]), hello()).await;
        let error = outcome
            .error
            .unwrap_or_else(|| panic!("{status} {body} is an error"));
        assert!(
            format!("{error:?}").starts_with(kind),
            "{status} {body}: {error:?}"
        );
        assert!(!error.to_string().contains('<'), "{error}");
    }
}

#[tokio::test]
async fn what_is_not_there_is_unreachable() {
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        listener.local_addr().expect("an address").port()
    };
    let mut options = ProviderOptions::new("test", &format!("http://127.0.0.1:{closed}"));
    options.limits.retries = 0;
    let outcome = ask(&registry([options]), hello()).await;
    assert!(
        matches!(outcome.error, Some(ModelError::Unreachable { .. })),
        "{:?}",
        outcome.error
    );
}

#[tokio::test]
async fn a_failure_before_the_first_token_is_tried_again() {
    let server = ScriptedServer::start(|_, nth| match nth {
        0 => Answer::json(503, &json!({ "error": { "message": "overloaded" } }))
            .header("Retry-After", "0"),
        1 => Answer::json(429, &json!({ "error": { "message": "slow" } }))
            .header("Retry-After", "0.01"),
        // A stream that breaks off before anything was said.
        2 => Answer::steps(vec![Step::Send(event(&text("")))]),
        _ => Answer::stream(&[text("ok"), end("stop")]),
    });
    let mut options = options("test", &server);
    options.limits.retries = 3;
    let outcome = ask(&registry([options]), hello()).await;
    assert_eq!((&*outcome.content, outcome.error), ("ok", None));
    assert_eq!(server.requests().len(), 4);
}

#[tokio::test]
async fn a_failure_after_the_first_token_is_told_with_what_came() {
    let server =
        ScriptedServer::start(|_, _| Answer::steps(vec![Step::Send(event(&text("half")))]));
    let mut options = options("test", &server);
    options.limits.retries = 3;
    let outcome = ask(&registry([options]), hello()).await;
    assert_eq!(outcome.content, "half");
    assert!(matches!(outcome.error, Some(ModelError::CutOff(_))));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn a_connection_that_breaks_is_cut_off() {
    let server = ScriptedServer::start(|_, _| {
        Answer::steps(vec![Step::Send(event(&text("half")))]).header("Content-Length", "100000")
    });
    let outcome = ask(&registry([options("test", &server)]), hello()).await;
    assert_eq!(outcome.content, "half");
    assert!(
        matches!(outcome.error, Some(ModelError::CutOff(_))),
        "{:?}",
        outcome.error
    );
}

#[tokio::test]
async fn who_asks_for_a_long_wait_is_not_waited_for() {
    let server = ScriptedServer::start(|_, _| {
        Answer::json(429, &json!({ "error": { "message": "tomorrow" } }))
            .header("Retry-After", "3600")
    });
    let mut options = options("test", &server);
    options.limits.retries = 5;
    let outcome = ask(&registry([options]), hello()).await;
    let Some(ModelError::RateLimited { retry_after, .. }) = outcome.error else {
        panic!("{:?}", outcome.error)
    };
    assert_eq!(retry_after, Some(Duration::from_secs(3600)));
    assert_eq!(server.requests().len(), 1);
}

#[tokio::test]
async fn another_model_takes_over() {
    let broken = failing(500, "{}");
    let good = ScriptedServer::start(|_, _| Answer::stream(&[text("I"), end("stop")]));
    let mut first = options("test", &broken);
    first.fallback = Some("spare/m2".into());
    let outcome = ask(&registry([first, options("spare", &good)]), hello()).await;
    assert_eq!(outcome.content, "I");
    assert!(
        outcome.notices[0].contains("`spare/m2` answers instead"),
        "{:?}",
        outcome.notices
    );
    assert_eq!(good.requests()[0].json()["model"], "m2");
}

#[tokio::test]
async fn models_that_point_at_each_other_end() {
    let broken = failing(500, "{}");
    let mut first = options("test", &broken);
    first.fallback = Some("spare/m".into());
    let mut second = options("spare", &broken);
    second.fallback = Some("test/m".into());
    let outcome = ask(&registry([first, second]), hello()).await;
    assert!(matches!(outcome.error, Some(ModelError::Failed(_))));
    assert_eq!(broken.requests().len(), 2);
}

#[tokio::test]
async fn a_redirect_never_takes_the_key_along() {
    let elsewhere = ScriptedServer::start(|_, _| Answer::stream(&[text("gotcha"), end("stop")]));
    let to = elsewhere.url();
    let server = ScriptedServer::start(move |_, _| {
        Answer::json(307, &json!({})).header("Location", &format!("{to}/chat/completions"))
    });
    let outcome = ask(&registry([options("test", &server)]), hello()).await;
    assert!(
        matches!(outcome.error, Some(ModelError::Redirected { .. })),
        "{:?}",
        outcome.error
    );
    assert!(elsewhere.requests().is_empty());
}

#[tokio::test]
async fn a_redirect_within_the_server_is_followed_with_the_body() {
    let server = ScriptedServer::start(|request, _| match &*request.path {
        "/v1/chat/completions" => Answer::json(308, &json!({})).header("Location", "/real/chat"),
        _ => Answer::stream(&[text("ok"), end("stop")]),
    });
    let outcome = ask(&registry([options("test", &server)]), hello()).await;
    assert_eq!(outcome.content, "ok");
    let second = &server.requests()[1];
    assert_eq!((&*second.method, &*second.path), ("POST", "/real/chat"));
    assert_eq!(second.json()["messages"][0]["content"], "hello");
}

#[tokio::test]
async fn redirects_in_a_circle_end() {
    let server = ScriptedServer::start(|_, _| {
        Answer::json(307, &json!({})).header("Location", "/v1/chat/completions")
    });
    let outcome = ask(&registry([options("test", &server)]), hello()).await;
    assert!(matches!(outcome.error, Some(ModelError::Redirected { .. })));
}

#[tokio::test]
async fn endpoints_may_be_without_v1() {
    let server = ScriptedServer::start(|request, _| match &*request.path {
        "/chat/completions" => Answer::stream(&[text("ok"), end("stop")]),
        _ => Answer::new(404, "text/plain", b"404 page not found".to_vec()),
    });
    let registry = registry([options("test", &server)]);
    assert_eq!(ask(&registry, hello()).await.content, "ok");
    assert_eq!(ask(&registry, hello()).await.content, "ok");
    assert_eq!(
        server.requests().len(),
        3,
        "the right address is remembered"
    );
}

#[tokio::test]
async fn stopping_closes_the_connection() {
    let server = ScriptedServer::start(|_, _| {
        Answer::steps(vec![Step::Send(event(&text("one"))), Step::Hang])
    });
    let registry = registry([options("test", &server)]);
    let cancel = CancellationToken::new();
    let mut stream = registry
        .resolve("test/m")
        .expect("known")
        .stream(hello(), cancel.clone());
    assert!(matches!(stream.next().await, Some(Ok(_))));
    cancel.cancel();
    assert_eq!(stream.next().await, Some(Err(ModelError::Cancelled)));
    server.wait_closed().await;
}

#[tokio::test]
async fn dropping_the_stream_closes_the_connection() {
    let server = ScriptedServer::start(|_, _| {
        Answer::steps(vec![Step::Send(event(&text("one"))), Step::Hang])
    });
    let registry = registry([options("test", &server)]);
    let mut stream = registry
        .resolve("test/m")
        .expect("known")
        .stream(hello(), CancellationToken::new());
    assert!(matches!(stream.next().await, Some(Ok(_))));
    drop(stream);
    server.wait_closed().await;
}

#[tokio::test]
async fn stopping_while_nothing_came_closes_the_connection() {
    let server = ScriptedServer::start(|_, _| Answer::steps(vec![Step::Hang]));
    let registry = registry([options("test", &server)]);
    let cancel = CancellationToken::new();
    let mut stream = registry
        .resolve("test/m")
        .expect("known")
        .stream(hello(), cancel.clone());
    let canceller = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(50)).await;
        cancel.cancel();
    });
    assert_eq!(stream.next().await, Some(Err(ModelError::Cancelled)));
    canceller.await.expect("it ran");
    server.wait_closed().await;
}

#[tokio::test]
async fn a_server_that_says_nothing_times_out() {
    let server = ScriptedServer::start(|_, _| Answer::steps(vec![Step::Hang]));
    let mut options = options("test", &server);
    options.timeouts.first_byte = Duration::from_millis(80);
    let outcome = ask(&registry([options]), hello()).await;
    assert!(
        matches!(outcome.error, Some(ModelError::TimedOut { .. })),
        "{:?}",
        outcome.error
    );
    server.wait_closed().await;
}

#[tokio::test]
async fn a_server_that_stops_half_way_times_out() {
    let server = ScriptedServer::start(|_, _| {
        Answer::steps(vec![Step::Send(event(&text("half"))), Step::Hang])
    });
    let mut options = options("test", &server);
    options.timeouts.idle = Duration::from_millis(80);
    let outcome = ask(&registry([options]), hello()).await;
    assert_eq!(outcome.content, "half");
    assert!(
        matches!(outcome.error, Some(ModelError::TimedOut { .. })),
        "{:?}",
        outcome.error
    );
}

#[tokio::test]
async fn a_server_that_does_not_close_after_the_end_is_not_waited_for() {
    let server = ScriptedServer::start(|_, _| {
        let sent = [event(&text("all")), event(&end("stop"))].concat();
        Answer::steps(vec![Step::Send(sent), Step::Hang])
    });
    let mut options = options("test", &server);
    options.timeouts.idle = Duration::from_millis(80);
    let outcome = ask(&registry([options]), hello()).await;
    assert_eq!(
        (outcome.reason, outcome.error),
        (Some(FinishReason::Stop), None)
    );
}

#[tokio::test]
async fn pings_keep_a_slow_answer_alive() {
    let pings = (0..6).flat_map(|_| {
        [
            Step::Wait(Duration::from_millis(40)),
            Step::Send(b": ping\n\n".to_vec()),
        ]
    });
    let steps: Vec<_> = pings
        .chain([
            Step::Send(event(&text("late"))),
            Step::Send(event(&end("stop"))),
        ])
        .collect();
    let server = ScriptedServer::start(move |_, _| Answer::steps(steps.clone()));
    let mut options = options("test", &server);
    options.timeouts.first_byte = Duration::from_secs(10);
    options.timeouts.idle = Duration::from_millis(2_000);
    assert_eq!(ask(&registry([options]), hello()).await.content, "late");
}

#[tokio::test]
async fn endless_answers_are_stopped() {
    for (piece, is_text) in [
        (event(&text("again and ")), true),
        (vec![b'x'; 1 << 16], false),
        (b"data: lorem ipsum\n\n".to_vec(), false),
    ] {
        let server =
            ScriptedServer::start(move |_, _| Answer::steps(vec![Step::Repeat(piece.clone())]));
        let outcome = ask(&registry([options("test", &server)]), hello()).await;
        let error = outcome.error.expect("it ends");
        assert_eq!(matches!(error, ModelError::Runaway(_)), is_text, "{error}");
        server.wait_closed().await;
    }
}

#[tokio::test]
async fn a_budget_ends_for_the_day_and_prices_are_counted() {
    let server = ScriptedServer::start(|_, _| {
        let mut last = end("stop");
        last["usage"] = json!({ "prompt_tokens": 1_000, "completion_tokens": 500, "total_tokens": 1_500,
            "prompt_tokens_details": { "cached_tokens": 400 } });
        Answer::stream(&[text("ok"), last])
    });
    let mut options = options("test", &server);
    options.limits.daily_tokens = Some(3_000);
    options.prices = Some(Prices {
        input: 2.0,
        cached_input: Some(0.5),
        output: 10.0,
    });
    let registry = registry([options]);
    assert_eq!(ask(&registry, hello()).await.content, "ok");
    let spent = registry.spent("test").expect("known");
    assert_eq!((spent.requests, spent.tokens), (1, 1_500));
    assert!((spent.cost - 0.0064).abs() < 1e-9, "{spent:?}");
    ask(&registry, hello()).await;
    let outcome = ask(&registry, hello()).await;
    assert_eq!(outcome.error, Some(ModelError::BudgetSpent("test".into())));
}

#[tokio::test]
async fn no_more_requests_at_once_than_allowed() {
    let server = ScriptedServer::start(|_, _| {
        Answer::steps(vec![
            Step::Wait(Duration::from_millis(30)),
            Step::Send(event(&text("ok"))),
            Step::Send(event(&end("stop"))),
        ])
    });
    let mut options = options("test", &server);
    options.limits.concurrency = Some(1);
    let registry = registry([options]);
    let handle = registry.resolve("test/m").expect("known");
    let mut first = handle.stream(hello(), CancellationToken::new());
    first.next().await;
    let second = drain(handle.stream(hello(), CancellationToken::new()));
    tokio::pin!(second);
    tokio::select! {
        _ = &mut second => panic!("the second request didn't wait for the first"),
        () = tokio::time::sleep(Duration::from_millis(150)) => {}
    }
    assert_eq!(server.requests().len(), 1);
    drop(first);
    assert_eq!(second.await.content, "ok");
}

#[tokio::test]
async fn a_whole_answer_is_as_openai_has_it() {
    let server = ScriptedServer::start(|_, nth| match nth {
        0 => Answer::json(
            200,
            &json!({
                "id": "x", "object": "chat.completion", "created": 1, "model": "m", "service_tier": "default",
                "choices": [
                    { "index": 0, "message": { "role": "assistant", "content": "<think>hm</think>\n\nOne" }, "finish_reason": "stop", "logprobs": { "content": [{ "token": "One" }] } },
                    { "index": 1, "message": { "role": "assistant", "content": null, "tool_calls": [{ "id": "a", "type": "function", "function": { "name": "f", "arguments": { "x": 1 } } }] }, "finish_reason": "stop" },
                ],
                "usage": { "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7 },
            }),
        ),
        // A server that streams whatever it is asked for.
        _ => Answer::stream(&[text("Str"), text("eamed"), end("stop")]),
    });
    let registry = registry([options("test", &server)]);
    let handle = registry.resolve("test/m").expect("known");
    let whole = handle
        .complete(hello().body, CancellationToken::new())
        .await
        .expect("an answer");
    assert_eq!(
        serde_json::Value::Object(whole.answer),
        json!({
            "id": "x", "object": "chat.completion", "created": 1, "model": "m", "service_tier": "default",
            "choices": [
                { "index": 0, "message": { "role": "assistant", "content": "One", "reasoning_content": "hm" }, "finish_reason": "stop", "logprobs": { "content": [{ "token": "One" }] } },
                { "index": 1, "message": { "role": "assistant", "content": null, "tool_calls": [{ "id": "a", "type": "function", "function": { "name": "f", "arguments": "{\"x\":1}" } }] }, "finish_reason": "tool_calls" },
            ],
            "usage": { "prompt_tokens": 3, "completion_tokens": 4, "total_tokens": 7 },
        })
    );
    let streamed = handle
        .complete(hello().body, CancellationToken::new())
        .await
        .expect("an answer");
    assert_eq!(
        streamed.answer["choices"][0]["message"]["content"],
        "Streamed"
    );
    let sent = server.requests();
    assert!(
        sent[0].json().get("stream").is_none() && sent[0].json().get("stream_options").is_none()
    );
}

#[tokio::test]
async fn what_was_sent_can_be_looked_at_without_the_key() {
    let server = ScriptedServer::start(|_, _| {
        Answer::stream(&[text("ok"), end("stop")]).header("x-ratelimit-remaining-tokens", "7")
    });
    let registry = registry([options("test", &server).with_model(ModelOptions::new("m"))]);
    let mut chunks = registry
        .resolve("m")
        .expect("known")
        .forward(hello().body, CancellationToken::new());
    while let Some(chunk) = chunks.next().await {
        chunk.expect("no error");
    }
    let info = chunks.info();
    assert_eq!(
        serde_json::Value::Object(info.sent.clone()),
        server.requests()[0].json()
    );
    assert_eq!(
        info.headers,
        [("x-ratelimit-remaining-tokens".to_owned(), "7".to_owned())]
    );
    assert!(!format!("{info:?}").contains(KEY));
}
