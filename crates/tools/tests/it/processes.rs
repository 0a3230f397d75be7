//! No process of a server outlives us, however we end.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};

use serde_json::json;

use crate::support::{LONG, call, command, options, scripted, servers_with, until};

/// The processes whose environment has a mark.
fn marked(mark: &str) -> Vec<String> {
    let entries = std::fs::read_dir("/proc").expect("processes");
    let is_marked = |pid: &String| {
        let environment = std::fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment
            .split(|byte| *byte == 0)
            .any(|variable| variable == mark.as_bytes())
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| name.parse::<u32>().is_ok())
        .filter(is_marked)
        .collect()
}

/// A mark that no other test has.
fn mark(name: &str) -> String {
    format!("SCRIPTED_MARK={name}-{}", std::process::id())
}

fn marked_entry(name: &str, mark: &str, flags: &[&str]) -> serde_json::Value {
    let (variable, value) = mark.split_once('=').expect("a variable");
    let mut entry = command(name, flags);
    entry["env"] = json!({variable: value});
    entry
}

#[tokio::test]
async fn twenty_servers_with_grandchildren_end_with_a_parent_that_is_killed() {
    let home = tempfile::tempdir().expect("a directory");
    let mark = mark("killed");
    let entries: Vec<_> = (0..20)
        .map(|n| marked_entry(&format!("s{n}"), &mark, &[]))
        .collect();
    let config = home.path().join("mcp.json");
    std::fs::write(&config, json!({"mcp_servers": entries}).to_string()).expect("written");
    let mut parent = Command::new(scripted())
        .arg("parent")
        .arg(&config)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("a parent");
    let mut line = String::new();
    BufReader::new(parent.stdout.take().expect("a pipe"))
        .read_line(&mut line)
        .expect("a line");
    assert_eq!(line, "called\n");
    // Of each: the supervisor, the server, and six that the tool started.
    until("all have started", || marked(&mark).len() >= 20 * 8).await;
    parent.kill().expect("killed");
    parent.wait().expect("gone");
    until("all are gone", || marked(&mark).is_empty()).await;
}

#[tokio::test]
async fn stubborn_processes_end_with_the_connection() {
    let mark = mark("stubborn");
    let servers = servers_with(json!([marked_entry("s", &mark, &["stubborn"])]), options());
    servers.settle(LONG).await;
    call(&servers, "s", "children", json!({}))
        .await
        .expect("started");
    until("all have started", || marked(&mark).len() >= 9).await;
    servers.close().await;
    assert_eq!(
        marked(&mark),
        Vec::<String>::new(),
        "closing waits for them"
    );
}

#[tokio::test]
async fn processes_of_a_server_that_ended_by_itself_are_ended() {
    let mark = mark("ended");
    let servers = servers_with(json!([marked_entry("s", &mark, &[])]), options());
    call(&servers, "s", "children", json!({}))
        .await
        .expect("started");
    until("all have started", || marked(&mark).len() >= 8).await;
    call(&servers, "s", "die", json!({}))
        .await
        .expect_err("dead");
    until("all are gone", || marked(&mark).is_empty()).await;
    servers.close().await;
}

#[tokio::test]
async fn dropping_the_servers_ends_their_processes() {
    let mark = mark("dropped");
    let servers = servers_with(json!([marked_entry("s", &mark, &[])]), options());
    call(&servers, "s", "children", json!({}))
        .await
        .expect("started");
    drop(servers);
    until("all are gone", || marked(&mark).is_empty()).await;
}

#[tokio::test]
async fn a_server_that_reads_nothing_ends_with_the_connection() {
    let mark = mark("deaf");
    let servers = servers_with(json!([marked_entry("s", &mark, &[])]), options());
    servers.settle(LONG).await;
    let calling = |name: &'static str, arguments| {
        let servers = servers.clone();
        tokio::spawn(async move { call(&servers, "s", name, arguments).await })
    };
    let pause = || tokio::time::sleep(std::time::Duration::from_millis(300));
    let deaf = calling("wedge", json!({}));
    pause().await;
    let waiting = calling("echo", json!({"text": "x".repeat(1 << 20)}));
    pause().await;
    servers.close().await;
    assert_eq!(marked(&mark), Vec::<String>::new());
    assert!(deaf.await.expect("no panic").is_err());
    assert!(waiting.await.expect("no panic").is_err());
}

#[tokio::test]
async fn a_server_that_reads_nothing_ends_with_a_parent_that_is_gone() {
    let mark = mark("unread");
    let (variable, value) = mark.split_once('=').expect("a variable");
    let mut supervisor = Command::new(scripted())
        .args(["supervise", "sleep", "100000"])
        .env(variable, value)
        .stdin(Stdio::piped())
        .spawn()
        .expect("a supervisor");
    let mut input = supervisor.stdin.take().expect("a pipe");
    // More than the pipe of the server takes.
    input.write_all(&vec![b'x'; 100_000]).expect("it is taken");
    until("both have started", || marked(&mark).len() == 2).await;
    drop(input);
    supervisor.wait().expect("it ends");
    assert_eq!(marked(&mark), Vec::<String>::new());
}
