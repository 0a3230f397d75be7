//! Servers over standard input and output.

use std::sync::Arc;
use std::time::Duration;

use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;
use tools::{
    BoxedFuture, Elicitor, FormAnswer, MediaKind, Question, ResourceBody, ResourceContent,
    ToolContent, ToolError, ToolServerState,
};

use crate::support::{LONG, call, command, one, options, request, said, servers_with, text, until};

#[tokio::test]
async fn tools_are_listed_in_the_background_and_called_over_one_connection() {
    let servers = one();
    assert!(servers.listed().is_empty(), "nothing is waited for");
    servers.settle(LONG).await;
    let listed = servers.listed();
    let names: Vec<_> = listed
        .iter()
        .map(|tool| (&*tool.name, &*tool.wire_name))
        .collect();
    let odd = names
        .iter()
        .find(|(name, _)| *name == "no.schema here")
        .expect("listed")
        .1;
    assert!(odd.starts_with("s__no_schema_here_"), "{odd}");
    assert_eq!(
        names,
        [
            ("echo", "s__echo"),
            ("children", "s__children"),
            ("no.schema here", odd),
            ("last", "s__last")
        ],
        "what is broken costs itself, and all pages are read"
    );
    assert_eq!(listed[0].title.as_deref(), Some("Echo"));
    assert_eq!(listed[0].hints.read_only, Some(true));
    assert!(listed[0].is_available);
    assert_eq!(
        said(&servers, "s", "echo", json!({"text": "Grüße"})).await,
        "Grüße"
    );
    let first = said(&servers, "s", "process", json!({})).await;
    assert_eq!(said(&servers, "s", "process", json!({})).await, first);
    servers.close().await;
}

#[tokio::test]
async fn results_keep_every_part() {
    let servers = one();
    let result = call(&servers, "s", "media", json!({}))
        .await
        .expect("a result");
    assert_eq!(
        result.content,
        [
            ToolContent::Data {
                kind: MediaKind::Image,
                media_type: "image/png".into(),
                bytes: b"\x89PNG\r\n\x1a\n".to_vec(),
            },
            ToolContent::Data {
                kind: MediaKind::Audio,
                media_type: "audio/wav".into(),
                bytes: b"RIFF".to_vec(),
            },
            ToolContent::Text("(image of type image/png that can't be decoded)".into()),
            ToolContent::Resource(ResourceContent {
                uri: "file:///a.txt".into(),
                media_type: Some("text/plain".into()),
                body: ResourceBody::Text("a".into()),
            }),
            ToolContent::Link {
                uri: "file:///b.mp4".into(),
                name: "b".into(),
                media_type: Some("video/mp4".into()),
            },
            ToolContent::Text(r#"{"type":"hologram","x":1}"#.into()),
        ]
    );
    assert_eq!(result.structured, Some(json!({"n": 1})));
    assert!(!result.is_error);
    let failed = call(&servers, "s", "fails", json!({}))
        .await
        .expect("a result");
    assert!(failed.is_error);
    assert_eq!(text(&failed), "it went wrong");
    let refused = call(&servers, "s", "refuses", json!({}))
        .await
        .expect_err("refused");
    assert!(matches!(refused, ToolError::Refused(_)), "{refused}");
    servers.close().await;
}

#[tokio::test]
async fn a_server_that_lies_about_types_fails_the_call_at_once() {
    let servers = one();
    for name in ["lies_list", "lies_content"] {
        let error = call(&servers, "s", name, json!({})).await.expect_err(name);
        assert!(
            matches!(error, ToolError::Malformed { .. }),
            "{name}: {error}"
        );
    }
    assert_eq!(
        said(&servers, "s", "lies_string", json!({})).await,
        "plain text"
    );
    assert_eq!(said(&servers, "s", "empty", json!({})).await, "");
    servers.close().await;
}

#[tokio::test]
async fn an_answer_to_a_request_that_nobody_made_fails_the_call_at_once() {
    let servers = one();
    let error = call(&servers, "s", "wrong_id", json!({}))
        .await
        .expect_err("broken");
    assert!(
        error
            .to_string()
            .contains("answered a request that nobody made"),
        "{error}"
    );
    assert_eq!(
        said(&servers, "s", "echo", json!({"text": "again"})).await,
        "again"
    );
    servers.close().await;
}

#[tokio::test]
async fn a_flood_is_refused_and_the_next_call_works() {
    let servers = one();
    for name in ["flood", "many_values"] {
        let error = call(&servers, "s", name, json!({"megabytes": 476}))
            .await
            .expect_err(name);
        match name {
            "flood" => assert_eq!(
                error,
                ToolError::TooLarge {
                    server: "s".into(),
                    limit: options().limits.message_bytes
                }
            ),
            _ => assert!(
                error.to_string().contains("more than 500000 values"),
                "{error}"
            ),
        }
        assert_eq!(
            said(&servers, "s", "echo", json!({"text": "still"})).await,
            "still"
        );
    }
    assert_eq!(said(&servers, "s", "flood_lines", json!({})).await, "done");
    servers.close().await;
}

#[tokio::test]
async fn a_server_that_dies_costs_the_call_and_is_there_for_the_next() {
    let servers = one();
    let error = call(&servers, "s", "die", json!({}))
        .await
        .expect_err("dead");
    assert!(
        error
            .to_string()
            .contains("its process ended with exit code 7"),
        "{error}"
    );
    let error = call(&servers, "s", "complain", json!({}))
        .await
        .expect_err("dead");
    assert!(error.to_string().contains("out of cheese"), "{error}");
    assert_eq!(
        said(&servers, "s", "count", json!({})).await,
        "1",
        "the call wasn't made twice"
    );
    servers.close().await;
}

#[tokio::test]
async fn a_server_that_died_unused_is_started_again_for_a_call() {
    let servers = one();
    let process: i32 = said(&servers, "s", "process", json!({}))
        .await
        .parse()
        .expect("a number");
    let killed = std::process::Command::new("kill")
        .args(["-9", &process.to_string()])
        .status();
    assert!(killed.expect("a process").success());
    until("it is noticed", || {
        servers.servers()[0].state == ToolServerState::Idle
    })
    .await;
    assert_eq!(
        said(&servers, "s", "echo", json!({"text": "back"})).await,
        "back"
    );
    servers.close().await;
}

#[tokio::test]
async fn a_call_that_takes_too_long_is_given_up_and_the_server_told() {
    let mut options = options();
    options.timeouts.call = Duration::from_millis(300);
    let servers = servers_with(json!([command("s", &[])]), options);
    let error = call(&servers, "s", "hang", json!({}))
        .await
        .expect_err("late");
    assert!(matches!(error, ToolError::TimedOut { .. }), "{error}");
    assert!(error.hint().expect("a hint").contains("timeout_s"));
    is_told(&servers).await;
    servers.close().await;
}

#[tokio::test]
async fn a_server_that_is_stuck_is_started_anew() {
    let mut options = options();
    options.timeouts.call = Duration::from_millis(300);
    let servers = servers_with(json!([command("s", &[])]), options);
    servers.settle(LONG).await;
    let error = call(&servers, "s", "wedge", json!({}))
        .await
        .expect_err("late");
    assert!(matches!(error, ToolError::TimedOut { .. }), "{error}");
    until("it is ended", || {
        servers.servers()[0].state == ToolServerState::Idle
    })
    .await;
    assert_eq!(said(&servers, "s", "count", json!({})).await, "1");
    servers.close().await;
}

/// Waits until the server was told that a call is cancelled.
async fn is_told(servers: &tools::ToolServers) {
    for _ in 0..1_000 {
        if said(servers, "s", "late", json!({})).await != "[]" {
            return;
        }
    }
    panic!("the server was never told");
}

#[tokio::test]
async fn progress_is_told_and_gives_a_call_more_time() {
    let mut options = options();
    options.timeouts.call = Duration::from_millis(2_000);
    let servers = servers_with(json!([command("s", &[])]), options);
    let mut told = Vec::new();
    let request = request("s", "progress", &json!({"steps": 6, "pause_ms": 500}));
    let result = servers
        .call(
            request,
            &mut |progress| told.push(progress),
            CancellationToken::new(),
        )
        .await
        .expect("three seconds are longer than two");
    assert_eq!(text(&result), "done");
    let mut done: Vec<_> = told.iter().map(|progress| progress.done).collect();
    done.sort_by(f64::total_cmp);
    assert_eq!(done, [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]);
    assert_eq!(told[0].message.as_deref(), Some("working"));
    servers.close().await;
}

#[tokio::test]
async fn a_call_can_be_cancelled_and_the_server_is_told() {
    let servers = one();
    servers.settle(LONG).await;
    let cancel = CancellationToken::new();
    let hanging = servers.clone();
    let token = cancel.clone();
    let task = tokio::spawn(async move {
        hanging
            .call(request("s", "hang", &json!({})), &mut |_| {}, token)
            .await
    });
    until("it is called", || !task.is_finished()).await;
    assert_eq!(
        said(&servers, "s", "echo", json!({"text": "meanwhile"})).await,
        "meanwhile"
    );
    cancel.cancel();
    assert_eq!(task.await.expect("no panic"), Err(ToolError::Cancelled));
    is_told(&servers).await;
    servers.close().await;
}

#[tokio::test]
async fn a_list_that_changes_is_read_again() {
    let servers = one();
    servers.settle(LONG).await;
    let mut changes = servers.changes();
    said(&servers, "s", "change", json!({})).await;
    until("the new tool is listed", || {
        servers.listed().iter().any(|tool| tool.name == "new")
    })
    .await;
    assert!(!servers.listed().iter().any(|tool| tool.name == "last"));
    let mut what = Vec::new();
    while let Ok(change) = changes.try_recv() {
        what.push(change.what);
    }
    assert!(what.contains(&tools::ChangedPart::Tools), "{what:?}");
    servers.close().await;
}

#[tokio::test]
async fn a_server_that_cannot_start_costs_a_card_and_nothing_else() {
    let missing = json!({"type": "command", "name": "gone", "command": "no-such-program-anywhere", "env": {"KEY": "sesame-1234"}});
    let mut complaining = command("complains", &["complains"]);
    complaining["env"] = json!({"SCRIPTED_SECRET": "${SESAME}"});
    let mut options = options();
    options.timeouts.connect = Duration::from_secs(20);
    let mut silent = command("silent", &["silent"]);
    silent["timeout_s"] = json!(5);
    let servers = servers_with(
        json!([missing, complaining, command("greets", &["greeting"])]),
        options,
    );
    servers.settle(LONG).await;
    let states: Vec<_> = servers
        .servers()
        .into_iter()
        .map(|server| server.state)
        .collect();
    let ToolServerState::Failed { why, hint } = &states[0] else {
        panic!("{:?}", states[0]);
    };
    assert!(
        why.contains("can't start `no-such-program-anywhere`"),
        "{why}"
    );
    assert!(
        hint.as_deref().is_some_and(|hint| hint.contains("install")),
        "{hint:?}"
    );
    let ToolServerState::Failed { why, .. } = &states[1] else {
        panic!("{:?}", states[1]);
    };
    assert!(
        why.contains("exit code 3") && why.ends_with("complaint 99 [secret]"),
        "{why}"
    );
    assert_eq!(states[2], ToolServerState::Ready);
    assert!(servers.listed().iter().all(|tool| tool.server == "greets"));
    let error = call(&servers, "gone", "x", json!({}))
        .await
        .expect_err("not there");
    assert!(matches!(error, ToolError::Unavailable { .. }), "{error}");
    servers.close().await;
}

#[tokio::test]
async fn a_silent_server_is_in_nobodys_way() {
    let mut options = options();
    options.timeouts.connect = Duration::from_millis(400);
    let servers = servers_with(json!([command("silent", &["silent"])]), options);
    assert!(servers.listed().is_empty());
    assert_eq!(servers.servers()[0].state, ToolServerState::Idle);
    servers.settle(LONG).await;
    let state = servers.servers().remove(0).state;
    assert!(
        matches!(&state, ToolServerState::Failed { why, .. } if why.contains("in time")),
        "{state:?}"
    );
    servers.close().await;
}

#[tokio::test]
async fn servers_that_hang_delay_neither_others_nor_the_end() {
    let entries = json!([
        command("silent", &["silent"]),
        {"type": "command", "name": "missing", "command": "no-such-program"},
        command("s", &[]),
        command("silent too", &["silent"]),
    ]);
    let servers = servers_with(entries, options());
    assert!(servers.listed().is_empty());
    until("the one that works is listed", || {
        servers.listed().len() == 4
    })
    .await;
    assert_eq!(said(&servers, "s", "echo", json!({"text": "x"})).await, "x");
    assert_eq!(servers.servers()[0].state, ToolServerState::Connecting);
    let begun = std::time::Instant::now();
    servers.close().await;
    assert!(begun.elapsed() < LONG, "the attempts to connect were ended");
    let error = call(&servers, "s", "echo", json!({}))
        .await
        .expect_err("closed");
    assert!(error.to_string().contains("it was closed"), "{error}");
}

#[tokio::test]
async fn lists_are_known_after_a_restart_even_if_the_server_is_gone() {
    let home = tempfile::tempdir().expect("a directory");
    let program = home.path().join("server");
    std::fs::copy(crate::support::scripted(), &program).expect("copied");
    let mut options = options();
    options.cache_file = Some(home.path().join("tools.json"));
    let entry = json!([{"type": "command", "name": "s", "command": program, "args": ["server"]}]);
    let servers = servers_with(entry.clone(), options.clone());
    servers.settle(LONG).await;
    let listed = servers.listed();
    assert_eq!(listed.len(), 4);
    servers.close().await;
    std::fs::remove_file(&program).expect("removed");
    let servers = servers_with(entry, options.clone());
    assert_eq!(servers.listed(), listed, "at once, from the file");
    servers.settle(LONG).await;
    let listed = servers.listed();
    assert!(
        listed.len() == 4 && listed.iter().all(|tool| !tool.is_available),
        "still listed"
    );
    let other =
        json!([{"type": "command", "name": "s", "command": program, "args": ["server", "other"]}]);
    assert!(
        servers_with(other, options).listed().is_empty(),
        "another server isn't known"
    );
}

#[tokio::test]
async fn only_allowed_tools_are_offered_and_called() {
    let mut entry = command("s", &[]);
    entry["tools"] = json!(["echo", "count"]);
    entry["approval"] = json!({"*": "never", "echo": "always"});
    let servers = servers_with(json!([entry]), options());
    servers.settle(LONG).await;
    let listed = servers.listed();
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0].approval, tools::Approval::Always);
    let error = call(&servers, "s", "process", json!({}))
        .await
        .expect_err("not allowed");
    assert_eq!(
        error,
        ToolError::UnknownTool {
            server: "s".into(),
            name: "process".into()
        }
    );
    assert!(matches!(
        call(&servers, "t", "echo", json!({})).await,
        Err(ToolError::UnknownServer(_))
    ));
    servers.close().await;
}

struct Person(FormAnswer);

impl Elicitor for Person {
    fn ask(&self, question: Question) -> BoxedFuture<'_, FormAnswer> {
        assert_eq!(question.server, "s");
        assert_eq!(question.message, "How many?");
        assert_eq!(question.schema["properties"]["n"]["type"], "integer");
        Box::pin(async {
            // Longer than a call may take: the server waits for a person.
            tokio::time::sleep(Duration::from_millis(900)).await;
            self.0.clone()
        })
    }
}

#[tokio::test]
async fn a_server_can_ask_a_person_in_the_middle_of_a_call() {
    let values = Map::from_iter([("n".to_owned(), Value::from(3))]);
    for (answer, expected) in [
        (
            Some(FormAnswer::Answered(values)),
            json!({"action": "accept", "content": {"n": 3}}),
        ),
        (Some(FormAnswer::Declined), json!({"action": "decline"})),
        (Some(FormAnswer::Cancelled), json!({"action": "cancel"})),
        (None, json!({"action": "decline"})),
    ] {
        let mut options = options();
        options.timeouts.call = Duration::from_millis(600);
        options.elicitor = answer.map(|answer| Arc::new(Person(answer)) as Arc<dyn Elicitor>);
        let servers = servers_with(json!([command("s", &[])]), options);
        let heard = said(&servers, "s", "ask", json!({})).await;
        assert_eq!(
            serde_json::from_str::<Value>(&heard).expect("JSON"),
            expected
        );
        servers.close().await;
    }
}

#[tokio::test]
async fn sampling_is_refused_and_there_are_no_roots() {
    let servers = one();
    let heard = said(&servers, "s", "sample", json!({})).await;
    assert!(heard.contains("-32601"), "{heard}");
    assert_eq!(
        said(&servers, "s", "roots", json!({})).await,
        r#"{"roots":[]}"#
    );
    servers.close().await;
}

#[tokio::test]
async fn prompts_and_resources_are_read() {
    let servers = one();
    let prompts = servers.prompts("s").await.expect("prompts");
    assert_eq!(prompts.len(), 1);
    assert!(prompts[0].arguments[0].is_required);
    let arguments = Map::from_iter([("who".to_owned(), Value::from("Ada"))]);
    let messages = servers
        .get_prompt("s", "greet", arguments)
        .await
        .expect("a prompt");
    assert_eq!(
        messages[0].content,
        ToolContent::Text("Greet \"Ada\"".into())
    );
    assert!(messages[1].is_assistant);
    let resources = servers.resources("s").await.expect("resources");
    let found: Vec<_> = resources
        .iter()
        .map(|resource| (&*resource.uri, resource.is_template))
        .collect();
    assert_eq!(found, [("memo://one", false), ("memo://{id}", true)]);
    let contents = servers
        .read_resource("s", "memo://one")
        .await
        .expect("contents");
    assert_eq!(contents[0].body, ResourceBody::Text("abc".into()));
    assert_eq!(contents[1].body, ResourceBody::Bytes(vec![1, 2, 3]));
    servers.close().await;
}

#[tokio::test]
async fn a_server_inherits_no_secrets() {
    let mut options = options();
    options.environment = tools::ToolServerOptions::inherited([
        ("PATH".into(), std::env::var_os("PATH").unwrap_or_default()),
        ("MODEL__API_KEY".into(), "sesame-1234".into()),
        ("HOME".into(), "/home/ada".into()),
    ]);
    let mut entry = command("s", &[]);
    entry["env"] = json!({"TOKEN": "${SESAME}"});
    let servers = servers_with(json!([entry]), options);
    let variables = said(&servers, "s", "variables", json!({})).await;
    let names: Vec<_> = variables
        .lines()
        .map(|line| line.split('=').next().unwrap_or_default())
        .collect();
    assert_eq!(names, ["HOME", "PATH", "TOKEN"]);
    assert!(variables.contains("TOKEN=sesame-1234"));
    servers.close().await;
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_server_inherits_no_open_files() {
    let file = tempfile::tempfile().expect("a file");
    // As a shell or another program may have left one to us.
    let _left = rustix::io::dup(&file).expect("a copy that is inherited");
    let servers = one();
    let open = said(&servers, "s", "descriptors", json!({})).await;
    assert_eq!(open, "0 1 2");
    servers.close().await;
}

#[tokio::test]
async fn a_changed_entry_begins_its_server_anew_and_leaves_the_others() {
    let servers = servers_with(json!([command("a", &[]), command("b", &[])]), options());
    let a = said(&servers, "a", "process", json!({})).await;
    let b = said(&servers, "b", "process", json!({})).await;
    servers.reload(crate::support::config(
        &json!({"mcp_servers": [command("b", &["x"]), command("a", &[])]}),
    ));
    assert_eq!(said(&servers, "a", "process", json!({})).await, a);
    assert_ne!(said(&servers, "b", "process", json!({})).await, b);
    until("the old process is gone", || {
        !std::path::Path::new(&format!("/proc/{b}")).exists()
    })
    .await;
    servers.close().await;
}

#[tokio::test]
async fn a_connection_that_nobody_uses_is_ended() {
    let mut options = options();
    options.timeouts.idle = Duration::from_millis(200);
    let servers = servers_with(json!([command("s", &[])]), options);
    let process = said(&servers, "s", "process", json!({})).await;
    until("it is idle", || {
        servers.servers()[0].state == ToolServerState::Idle
    })
    .await;
    until("its process is gone", || {
        !std::path::Path::new(&format!("/proc/{process}")).exists()
    })
    .await;
    assert_eq!(servers.listed().len(), 4, "its tools stay");
    assert_eq!(said(&servers, "s", "echo", json!({"text": "x"})).await, "x");
    servers.close().await;
}
