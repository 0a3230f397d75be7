//! The configuration in all its shapes.

use std::path::Path;
use std::time::Duration;

use proptest::prelude::*;
use tools::{Approval, ConfigProblem, McpConfig, ServerTransport, UrlKind};

fn parse(text: &str) -> (McpConfig, Vec<ConfigProblem>) {
    let variables = |name: &str| match name {
        "TOKEN" => Some("sesame-1234".to_owned()),
        "EMPTY" => Some(String::new()),
        _ => None,
    };
    McpConfig::parse(text, Path::new("mcp.json"), &variables)
}

/// Each server on a line.
fn summary(config: &McpConfig) -> Vec<String> {
    let lines = config.servers.iter().map(|server| match &server.transport {
        ServerTransport::Command(command) => {
            let args: Vec<_> = command.args.iter().map(|arg| arg.expose()).collect();
            format!(
                "{} stdio {} {}",
                server.name,
                command.command.expose(),
                args.join(" ")
            )
        }
        ServerTransport::Url(url) => {
            let kind = if url.kind == UrlKind::Sse {
                "sse"
            } else {
                "http"
            };
            format!("{} {kind} {}", server.name, url.url.expose())
        }
    });
    lines.collect()
}

#[test]
fn the_list_of_chattr_is_read() {
    let (config, problems) = parse(
        r#"{"mcp_servers": [
            {"type": "command", "name": "time", "command": "docker", "args": ["run", "-i", "--rm", "mcp/time"], "transport": "stdio"},
            {"type": "command", "name": "bare", "command": "x"},
            {"type": "url", "name": "vocalizr", "url": "http://localhost:7861/gradio_api/mcp", "transport": "streamable-http"},
            {"type": "url", "name": "visualizr", "url": "http://localhost:7862/gradio_api/mcp/?tools=generate_video_mcp", "transport": "streamable-http"},
            {"type": "url", "name": "old", "url": "http://localhost:7862/gradio_api/mcp/sse", "transport": "sse"}
        ]}"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        summary(&config),
        [
            "time stdio docker run -i --rm mcp/time",
            "bare stdio x ",
            "vocalizr http http://localhost:7861/gradio_api/mcp",
            "visualizr http http://localhost:7862/gradio_api/mcp/?tools=generate_video_mcp",
            "old sse http://localhost:7862/gradio_api/mcp/sse",
        ]
    );
}

#[test]
fn the_branch_fix_is_read() {
    let (config, problems) = parse(
        r#"{"mcp_servers": [
            {"name": "a", "transport": "stdio", "command": "x", "cwd": "/tmp", "env": {"K": "v"}, "encoding": "utf-8", "timeout": 30},
            {"name": "b", "transport": "streamable-http", "url": "http://h/mcp", "headers": {"A": "b"}, "timeout": 20, "sse_read_timeout": 300, "terminate_on_close": false},
            {"name": "c", "transport": "sse", "url": "http://h/sse", "timeout": 5.5}
        ]}"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    assert_eq!(
        summary(&config),
        ["a stdio x ", "b http http://h/mcp", "c sse http://h/sse"]
    );
    assert_eq!(
        config.servers[0].call_timeout,
        Some(Duration::from_secs(30))
    );
    assert_eq!(
        config.servers[1].call_timeout,
        Some(Duration::from_secs(300))
    );
    assert_eq!(
        config.servers[1].connect_timeout,
        Some(Duration::from_secs(20))
    );
    assert_eq!(
        config.servers[2].connect_timeout,
        Some(Duration::from_millis(5_500))
    );
    let ServerTransport::Url(url) = &config.servers[1].transport else {
        panic!("an address");
    };
    assert!(!url.is_terminated_on_close);
}

#[test]
fn the_objects_of_other_clients_are_read() {
    let (config, problems) = parse(
        r#"{
            // Claude Code, Cursor, Gemini CLI, Cline
            "mcpServers": {
                "a": {"command": "npx", "args": ["-y", "server", 8080], "env": {"KEY": "${TOKEN}"}},
                "b": {"type": "http", "url": "https://h/mcp", "headers": {"Authorization": "Bearer ${TOKEN}"}},
                "c": {"type": "sse", "url": "https://h/sse"},
                "d": {"url": "https://h/any"},
                "e": {"httpUrl": "https://h/gemini", "timeout": 30000, "trust": true},
                "f": {"serverUrl": "https://h/windsurf", "disabled": true},
                "g": {"type": "stdio", "command": "x", "autoApprove": ["read"], "icon": "y"},
                "h": {"command": "x", "includeTools": ["a"], "excludeTools": ["b"]},
            },
        }"#,
    );
    assert_eq!(
        summary(&config),
        [
            "a stdio npx -y server 8080",
            "b http https://h/mcp",
            "c sse https://h/sse",
            "d http https://h/any",
            "e http https://h/gemini",
            "f http https://h/windsurf",
            "g stdio x ",
            "h stdio x ",
        ]
    );
    assert_eq!(problems.len(), 1, "{problems:?}");
    assert_eq!(
        problems[0].to_string(),
        "mcp.json:10: `mcpServers.g.icon`: this field is not used"
    );
    assert!(!problems[0].is_fatal);
    assert_eq!(
        config.servers[4].call_timeout,
        Some(Duration::from_secs(30))
    );
    assert_eq!(config.servers[4].approval, Some(Approval::Never));
    assert!(!config.servers[5].is_enabled);
    assert_eq!(config.servers[6].tool_approvals["read"], Approval::Never);
}

#[test]
fn our_own_fields_are_read() {
    let (config, problems) = parse(
        r#"{"mcp_servers": [
            {"type": "command", "name": "a", "command": "x", "env": {"K": "${TOKEN}", "L": "${NOT:-d}", "M": "${EMPTY}"}, "enabled": false, "tools": ["t"], "approval": "always", "timeout_s": 90},
            {"type": "url", "name": "b", "url": "https://h/${NOT:-x}/", "transport": "sse", "headers": {"H": "${TOKEN}"}, "approval": {"*": "never", "rm": "always"},
             "oauth": {"client_id": "us", "client_secret": "${TOKEN}", "scope": "read"}}
        ]}"#,
    );
    assert!(problems.is_empty(), "{problems:?}");
    let a = &config.servers[0];
    assert!(!a.is_enabled);
    assert_eq!(
        (a.approval, a.call_timeout),
        (Some(Approval::Always), Some(Duration::from_secs(90)))
    );
    let ServerTransport::Command(command) = &a.transport else {
        panic!("a command");
    };
    let env: Vec<_> = command
        .env
        .iter()
        .map(|(name, value)| (&**name, value.expose()))
        .collect();
    assert_eq!(env, [("K", "sesame-1234"), ("L", "d"), ("M", "")]);
    assert_eq!(config.servers[1].tool_approvals["rm"], Approval::Always);
    assert_eq!(summary(&config)[1], "b sse https://h/x/");
    let ServerTransport::Url(url) = &config.servers[1].transport else {
        panic!("an address");
    };
    let oauth = url.oauth.as_ref().expect("a program");
    assert_eq!(
        (oauth.client_id.expose(), oauth.scope.as_deref()),
        ("us", Some("read"))
    );
    let shown = format!("{config:?}");
    assert!(
        !shown.contains("sesame-1234") && shown.contains("${TOKEN}"),
        "{shown}"
    );
}

#[test]
fn a_broken_entry_costs_itself_and_is_told_with_its_line_and_field() {
    let (config, problems) = parse(
        r#"{"mcp_servers": [
{"type": "command", "name": "good", "command": "x"},
{"type": "command", "name": "no command"},
{"type": "url", "name": "no transport", "url": "http://h"},
{"type": "url", "name": "bad url", "url": "file:///etc/passwd", "transport": "sse"},
{"type": "command", "name": "good", "command": "again"},
{"type": "command", "name": "extra", "command": "x", "shell": true},
{"type": "ftp", "name": "kind", "url": "http://h"},
{"type": "command", "name": "variable", "command": "x", "args": ["${MISSING}"]},
{"type": "command", "name": "types", "command": "x", "args": "one", "timeout_s": -1},
{"type": "command", "name": "both", "command": "x", "url": "http://h"},
{"type": "command", "name": "twice", "command": "x", "command": "y"},
{"type": "url", "name": "password", "url": "http://u:sesame-1234@h/", "transport": "sse"},
{"type": "command", "command": "x"},
{"type": "command", "name": "approval", "command": "x", "approval": "sometimes"},
5,
{"type": "url", "name": "oauth", "url": "http://h/", "transport": "sse", "oauth": {"secret": "x"}},
{"type": "url", "name": "last", "url": "http://h/", "transport": "sse"}
]}"#,
    );
    assert_eq!(summary(&config), ["good stdio x ", "last sse http://h/"]);
    let told: Vec<_> = problems.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "mcp.json:3: `mcp_servers[1].command`: the command is missing",
            "mcp.json:4: `mcp_servers[2].transport`: the transport is missing",
            "mcp.json:5: `mcp_servers[3].url`: this is no address that begins with `http://` or `https://`",
            "mcp.json:6: `mcp_servers[4]`: there is another server with the name `good`",
            "mcp.json:7: `mcp_servers[5].shell`: there is no such field",
            "mcp.json:8: `mcp_servers[6].type`: `ftp` is no type of server",
            "mcp.json:9: `mcp_servers[7].args`: the variable `MISSING` isn't set",
            "mcp.json:10: `mcp_servers[8].args`: a list of texts is expected",
            "mcp.json:10: `mcp_servers[8].timeout_s`: a number above 0 is expected, not a number",
            "mcp.json:11: `mcp_servers[9].url`: there is a `command` as well: a server has one of them",
            "mcp.json:12: `mcp_servers[10].command`: this field stands there twice",
            "mcp.json:13: `mcp_servers[11].url`: a user and password in an address would end up in logs",
            "mcp.json:14: `mcp_servers[12].name`: a name is missing, too long, or has control characters",
            "mcp.json:15: `mcp_servers[13].approval`: `sometimes` is neither `always` nor `once` nor `never`",
            "mcp.json:16: `mcp_servers[14]`: an object is expected, not a number",
            "mcp.json:17: `mcp_servers[15].oauth.client_id`: the id is missing",
            "mcp.json:17: `mcp_servers[15].oauth.secret`: there is no such field",
        ]
    );
    assert!(problems.iter().all(|problem| problem.is_fatal));
    assert!(!format!("{problems:?}").contains("sesame"));
}

#[test]
fn a_file_that_is_no_configuration_is_told() {
    for (text, expected) in [
        ("", None),
        ("{}", None),
        ("[]", Some("mcp.json:1: an object is expected")),
        (
            "{\n\"mcp_servers\": [}",
            Some("mcp.json:2: this is no JSON: "),
        ),
        ("{\"servers_of_mcp\": []}", Some("mcp.json:1: ``: ")),
    ] {
        let (config, problems) = parse(text);
        assert!(config.servers.is_empty());
        let told = problems.first().map(ToString::to_string);
        match expected {
            None => assert_eq!(told, None, "{text}"),
            Some(expected) => assert!(told.is_some(), "{text}: {expected}"),
        }
    }
    let deep = "[".repeat(100_000);
    assert_eq!(parse(&deep).1.len(), 1);
}

#[test]
fn a_time_that_nobody_waits_for_is_refused_where_it_stands() {
    for (field, value) in [
        ("timeout_s", "1e30"),
        ("timeout", "1e300"),
        ("sse_read_timeout", "99999999"),
    ] {
        let text = format!(
            r#"{{"mcp_servers": [{{"type": "command", "name": "a", "command": "x", "{field}": {value}}}]}}"#
        );
        let (config, problems) = parse(&text);
        assert!(config.servers.is_empty(), "{field}");
        assert!(problems[0].field.ends_with(field), "{problems:?}");
    }
    // Milliseconds are what other programs write, and not what stands in this list.
    let list =
        r#"{"mcp_servers": [{"type": "command", "name": "a", "command": "x", "timeout": 7200}]}"#;
    let other = r#"{"mcpServers": {"a": {"command": "x", "timeout": 7200}}}"#;
    let call = |text: &str| parse(text).0.servers[0].call_timeout;
    assert_eq!(call(list), Some(Duration::from_secs(7_200)));
    assert_eq!(call(other), Some(Duration::from_millis(7_200)));
}

proptest! {
    #[test]
    fn any_text_is_read_or_told_where_it_is_wrong(
        cuts in prop::collection::vec((any::<prop::sample::Index>(), "[ -~\n]"), 0..8),
        start in any::<prop::sample::Index>(),
    ) {
        let mut text: Vec<char> = r#"// servers
            {"mcp_servers": [{"type": "url", "name": "a", "url": "http://localhost:1/mcp?x=${TOKEN}", "transport": "sse"}],
             "mcpServers": {"b": {"command": "x", "args": ["-y", 1], "env": {"K": "${EMPTY:-v}"}, "timeout": 5,
              "approval": {"*": "once"}, "disabled": false},}}"#.chars().collect();
        for (at, with) in &cuts {
            let at = at.index(text.len());
            text.splice(at..=at, with.chars());
        }
        let text: String = text[if cuts.len() == 7 { start.index(text.len()) } else { 0 }..].iter().collect();
        let (config, problems) = parse(&text);
        let lines = text.lines().count().max(1);
        prop_assert!(problems.iter().all(|problem| (1..=lines + 1).contains(&problem.line)), "{problems:?}");
        prop_assert!(config.servers.len() <= 2);
    }
}
