//! What the scripted server offers and answers, whatever it is reached over.

use serde_json::{Value, json};

/// What becomes of a request.
pub(crate) enum Reply {
    Result(Value),
    Error(i64, &'static str),
    /// Something that only a transport can do.
    Act(&'static str, Value),
}

/// Answers a request. `calls` counts the calls of tools.
pub(crate) fn answer(method: &str, params: &Value, calls: u64, has_changed: bool) -> Reply {
    match method {
        "initialize" => Reply::Result(json!({
            "protocolVersion": params["protocolVersion"],
            "capabilities": {"tools": {"listChanged": true}, "prompts": {}, "resources": {}},
            "serverInfo": {"name": "scripted", "version": "1"},
        })),
        "ping" => Reply::Result(json!({})),
        "tools/list" => Reply::Result(tools(params, has_changed)),
        "tools/call" => call(params, calls),
        "prompts/list" => Reply::Result(json!({"prompts": [
            {"name": "greet", "description": "greets", "arguments": [{"name": "who", "required": true}]},
            {"description": "has no name"},
        ]})),
        "prompts/get" => Reply::Result(json!({"messages": [
            {"role": "user", "content": {"type": "text", "text": format!("Greet {}", params["arguments"]["who"])}},
            {"role": "assistant", "content": "Hello"},
        ]})),
        "resources/list" => Reply::Result(
            json!({"resources": [{"uri": "memo://one", "name": "one", "mimeType": "text/plain", "size": 3}]}),
        ),
        "resources/templates/list" => Reply::Result(
            json!({"resourceTemplates": [{"uriTemplate": "memo://{id}", "name": "any"}]}),
        ),
        "resources/read" => Reply::Result(
            json!({"contents": [{"uri": params["uri"], "text": "abc"}, {"uri": "memo://bytes", "blob": "AQID"}]}),
        ),
        _ => Reply::Error(-32601, "no such method"),
    }
}

fn tools(params: &Value, has_changed: bool) -> Value {
    let schema = json!({"type": "object", "properties": {"text": {"type": "string"}}});
    match params["cursor"].as_str() {
        None => json!({"tools": [
            {"name": "echo", "description": "says it again", "inputSchema": schema, "annotations": {"readOnlyHint": true, "title": "Echo"}},
            {"name": "children", "description": "starts processes", "inputSchema": {"type": "object"}},
            {"name": 5, "description": "its name is a number"},
            {"name": "no.schema here", "description": null},
            {"name": "wrong_schema", "inputSchema": "text"},
        ], "nextCursor": "2"}),
        Some(_) if has_changed => {
            json!({"tools": [{"name": "new", "inputSchema": {"type": "object"}}]})
        }
        Some(_) => {
            json!({"tools": [{"name": "last", "description": "on the second page", "inputSchema": {"type": "object"}}]})
        }
    }
}

fn text(text: impl Into<String>) -> Reply {
    Reply::Result(json!({"content": [{"type": "text", "text": text.into()}]}))
}

fn call(params: &Value, calls: u64) -> Reply {
    let arguments = params["arguments"].clone();
    match params["name"].as_str().unwrap_or_default() {
        "echo" => text(arguments["text"].as_str().unwrap_or_default()),
        "count" => text(calls.to_string()),
        "process" => text(std::process::id().to_string()),
        "variables" => {
            let mut names: Vec<_> = std::env::vars()
                .map(|(name, value)| format!("{name}={value}"))
                .collect();
            names.sort();
            text(names.join("\n"))
        }
        "descriptors" => {
            let open = |number: &u32| std::fs::read_link(format!("/proc/self/fd/{number}")).is_ok();
            let open: Vec<_> = (0..1_000)
                .filter(open)
                .map(|number: u32| number.to_string())
                .collect();
            text(open.join(" "))
        }
        "fails" => Reply::Result(
            json!({"isError": true, "content": [{"type": "text", "text": "it went wrong"}]}),
        ),
        "refuses" => Reply::Error(-32000, "not today, with sesame-1234"),
        "media" => Reply::Result(json!({"content": [
            {"type": "image", "data": "iVBORw0KGgo=", "mimeType": "image/png"},
            {"type": "audio", "data": "UklG\nRg", "mimeType": "audio/wav"},
            {"type": "image", "data": "***", "mimeType": "image/png"},
            {"type": "resource", "resource": {"uri": "file:///a.txt", "mimeType": "text/plain", "text": "a"}},
            {"type": "resource_link", "uri": "file:///b.mp4", "name": "b", "mimeType": "video/mp4"},
            {"type": "hologram", "x": 1},
        ], "structuredContent": {"n": 1}})),
        "lies_list" => Reply::Result(json!([1, 2])),
        "lies_content" => Reply::Result(json!({"content": 5})),
        "lies_string" => Reply::Result(json!({"content": "plain text"})),
        "empty" => Reply::Result(json!({})),
        name => {
            let acts = [
                "hang",
                "die",
                "flood",
                "flood_lines",
                "many_values",
                "wrong_id",
                "change",
                "children",
                "progress",
                "ask",
                "sample",
                "roots",
                "late",
                "wedge",
                "complain",
            ];
            match acts.into_iter().find(|act| *act == name) {
                Some(act) => Reply::Act(act, arguments),
                None => Reply::Error(-32602, "no such tool"),
            }
        }
    }
}
