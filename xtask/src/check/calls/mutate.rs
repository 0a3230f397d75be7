//! Messages for a server, from sound to nonsense.

use serde_json::{Value, json};

use crate::logs::Rng;

/// Messages that a sound client sends.
fn sound() -> Vec<Value> {
    let call = |tool: &str, arguments: Value| {
        json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
               "params": {"name": tool, "arguments": arguments}})
    };
    let ask = |method: &str, params: Value| json!({"jsonrpc": "2.0", "id": 1, "method": method, "params": params});
    let tell =
        |method: &str, params: Value| json!({"jsonrpc": "2.0", "method": method, "params": params});
    vec![
        call(
            "search",
            json!({"query": "retry policy", "limit": 5, "project": "all", "since": "2020"}),
        ),
        call(
            "reflect_on_past",
            json!({"query": "retry policy", "limit": 5, "project": "all"}),
        ),
        call(
            "reflect_on_past",
            json!({"query": "backoff", "mode": "summary", "use_decay": "1"}),
        ),
        call("quick_search", json!({"query": "hash", "min_score": 0.1})),
        call(
            "get_more_results",
            json!({"query": "retry", "offset": 1, "limit": 2}),
        ),
        call(
            "get_full_conversation",
            json!({"conversation_id": "retries", "project": "all"}),
        ),
        call(
            "get_full_conversation",
            json!({"conversation_id": "retries", "cursor": "1-00000000"}),
        ),
        call(
            "search_by_file",
            json!({"file_path": "*.rs", "project": "all"}),
        ),
        call(
            "search_by_concept",
            json!({"concept": "testing", "project": "all"}),
        ),
        call(
            "search_by_recency",
            json!({"query": "retry", "time_range": "past 3 days"}),
        ),
        call(
            "get_timeline",
            json!({"time_range": "last year", "granularity": "hour"}),
        ),
        call(
            "get_recent_work",
            json!({"group_by": "day", "project": "all"}),
        ),
        call("get_session_learnings", json!({"session_id": "retries"})),
        call(
            "blame",
            json!({"file_path": "src/net.rs", "lines": "1-2", "commit": "HEAD"}),
        ),
        call(
            "blame",
            json!({"file_path": "/etc/passwd", "project": "all"}),
        ),
        call(
            "store_reflection",
            json!({"content": "The harbour.", "tags": ["a"]}),
        ),
        call("list_reflections", json!({"tag": "a", "project": "all"})),
        call(
            "edit_reflection",
            json!({"id": "r1", "content": "x", "project": "all"}),
        ),
        call(
            "csr_resolve",
            json!({"chunk_ids": ["r1"], "status": "resolved", "evidence": "e"}),
        ),
        call("get_status", json!({})),
        call("get_health", json!({})),
        ask("tools/list", json!({})),
        ask("resources/list", json!({})),
        ask(
            "resources/read",
            json!({"uri": "lorekeep://conversation/retries"}),
        ),
        ask("resources/templates/list", json!({})),
        ask(
            "prompts/get",
            json!({"name": "recall", "arguments": {"query": "retry"}}),
        ),
        ask("prompts/list", json!({"cursor": "x"})),
        ask(
            "completion/complete",
            json!({"ref": {"type": "ref/prompt", "name": "recall"},
            "argument": {"name": "query", "value": "r"}}),
        ),
        ask("logging/setLevel", json!({"level": "debug"})),
        ask("ping", json!({})),
        tell("notifications/roots/list_changed", json!({})),
        tell("notifications/cancelled", json!({"requestId": 1})),
        tell(
            "notifications/progress",
            json!({"progressToken": 1, "progress": 1}),
        ),
        json!({"jsonrpc": "2.0", "id": 0, "result": {"roots": [{"uri": "file:///etc"}]}}),
        json!({"jsonrpc": "2.0", "id": 0, "error": {"code": 1, "message": "no"}}),
    ]
}

/// Values that something can't be.
fn odd(chance: &mut Rng) -> Value {
    let long = "x".repeat(*chance.pick(&[100, 5_000, 70_000]));
    let texts = [
        "",
        " ",
        "all",
        "\0",
        "\u{1b}[2J",
        "\u{202e}x\u{200b}",
        "--output=x",
        "-1",
        "../../etc",
        "*",
        "file:///etc",
        "//host/share",
        "1-",
        "0",
        "4294967296-1",
        "since \u{85}",
        "past 9223372036854775807 days",
        "[",
        "(?:",
        "\"",
        "'><x y='",
        "]]>",
        "%",
        "_",
        "r1",
        "retries",
    ];
    match chance.below(12) {
        0 => Value::Null,
        1 => json!(chance.chance(0.5)),
        2 => json!(*chance.pick(&[i64::MIN, -1, 0, 1, 101, i64::MAX])),
        3 => json!(*chance.pick(&[-0.0, 0.5, 1e308, 1e-308])),
        4 => json!([]),
        5 => json!({}),
        6 => json!(vec!["x"; 1 + chance.below(1_500)]),
        7 => json!({"a": {"b": [null, {"c": []}]}}),
        8 => json!(long),
        _ => json!(*chance.pick(&texts)),
    }
}

/// Puts something odd in some place of a value.
fn change(value: &mut Value, chance: &mut Rng) {
    let deeper = chance.chance(0.75);
    match value {
        Value::Object(members) if deeper && !members.is_empty() => {
            let names: Vec<String> = members.keys().cloned().collect();
            let name = chance.pick(&names).clone();
            match chance.below(10) {
                0 => drop(members.remove(&name)),
                1 => {
                    let odd = odd(chance);
                    members.insert(odd.as_str().unwrap_or("more").to_owned(), odd);
                }
                _ => members
                    .values_mut()
                    .take(1 + chance.below(names.len()))
                    .for_each(|member| {
                        change(member, chance);
                    }),
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = chance.below(items.len());
            change(&mut items[at], chance);
        }
        value => *value = odd(chance),
    }
}

/// Bytes of a message without a line's end, and its id if it is a request that must be answered.
pub(super) fn message(id: u64, chance: &mut Rng) -> (Vec<u8>, Option<u64>) {
    let mut message = chance.pick(&sound()).clone();
    let asks = message.get("method").is_some() && message.get("id").is_some();
    let is_sound = chance.chance(0.3);
    if !is_sound && let Some(params) = message.get_mut("params") {
        change(params, chance);
    }
    if asks {
        message["id"] = json!(id);
    }
    let keeps_shape = is_sound || chance.chance(0.6);
    if !keeps_shape {
        change(&mut message, chance);
    }
    let mut bytes = message.to_string().into_bytes();
    if keeps_shape {
        return (bytes, asks.then_some(id));
    }
    for _ in 0..chance.below(4) {
        let at = chance.below(bytes.len());
        match chance.below(3) {
            0 => bytes[at] = u8::try_from(chance.below(256)).unwrap_or_default(),
            1 => bytes.truncate(at),
            _ => bytes.insert(at, *chance.pick(b"{}[]\",:\\\0\xff\xc0\x7f")),
        }
        if bytes.is_empty() {
            break;
        }
    }
    bytes.retain(|byte| *byte != b'\n');
    (bytes, None)
}
