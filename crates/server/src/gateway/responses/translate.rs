//! A request of the responses protocol as one of chat completions.

use serde_json::{Map, Value, json};

use crate::gateway::failure::GatewayFailure;

/// Parameters that both protocols have under one name.
const SAME_NAMES: [&str; 10] = [
    "model",
    "temperature",
    "top_p",
    "parallel_tool_calls",
    "user",
    "seed",
    "service_tier",
    "safety_identifier",
    "prompt_cache_key",
    "top_logprobs",
];

/// What needs answers to be kept.
const NEEDS_STORE: [&str; 3] = ["previous_response_id", "conversation", "prompt"];

/// Translates; hosted tools, which run at OpenAI, are left out with a note.
///
/// # Errors
///
/// Where something can't be expressed.
pub(super) fn translate(
    asked: &Map<String, Value>,
    notices: &mut Vec<String>,
) -> Result<Map<String, Value>, GatewayFailure> {
    let given = |key: &str| asked.get(key).filter(|value| !value.is_null());
    for key in NEEDS_STORE {
        if given(key).is_some() {
            let what = format!(
                "`{key}` isn't offered: nothing is kept between requests; send the whole conversation"
            );
            return Err(GatewayFailure::unsupported(key, what));
        }
    }
    if given("background").is_some_and(|value| *value == true) {
        return Err(GatewayFailure::unsupported(
            "background",
            "`background` isn't offered",
        ));
    }
    let mut body = Map::new();
    for key in SAME_NAMES {
        body.extend(given(key).map(|value| (key.to_owned(), value.clone())));
    }
    body.extend(given("max_output_tokens").map(|value| ("max_tokens".to_owned(), value.clone())));
    let effort = given("reasoning")
        .and_then(|reasoning| reasoning.get("effort"))
        .filter(|effort| !effort.is_null());
    body.extend(effort.map(|effort| ("reasoning_effort".to_owned(), effort.clone())));
    if let Some(text) = given("text") {
        body.extend(format(&text["format"])?.map(|format| ("response_format".to_owned(), format)));
        let verbosity = text.get("verbosity").filter(|value| !value.is_null());
        body.extend(verbosity.map(|value| ("verbosity".to_owned(), value.clone())));
    }
    let tools = tools(given("tools"), notices)?;
    if !tools.is_empty() {
        body.insert("tools".to_owned(), Value::Array(tools));
        body.extend(
            given("tool_choice")
                .map(choice)
                .transpose()?
                .map(|choice| ("tool_choice".to_owned(), choice)),
        );
    } else {
        body.remove("parallel_tool_calls");
    }
    body.insert("messages".to_owned(), Value::Array(messages(asked)?));
    Ok(body)
}

fn format(format: &Value) -> Result<Option<Value>, GatewayFailure> {
    match format["type"].as_str() {
        None | Some("text") => Ok(None),
        Some("json_object") => Ok(Some(json!({ "type": "json_object" }))),
        Some("json_schema") => {
            let mut schema = format.as_object().cloned().unwrap_or_default();
            schema.remove("type");
            Ok(Some(
                json!({ "type": "json_schema", "json_schema": schema }),
            ))
        }
        Some(_) => Err(GatewayFailure::unsupported(
            "text.format",
            "this format isn't offered",
        )),
    }
}

fn tools(given: Option<&Value>, notices: &mut Vec<String>) -> Result<Vec<Value>, GatewayFailure> {
    let Some(given) = given else {
        return Ok(Vec::new());
    };
    let Some(list) = given.as_array() else {
        return Err(GatewayFailure::invalid("tools", "`tools` is no list"));
    };
    let mut tools = Vec::new();
    for (at, tool) in list.iter().enumerate() {
        match tool["type"].as_str() {
            Some("function") => {
                let mut function = tool.as_object().cloned().unwrap_or_default();
                function.remove("type");
                function.retain(|_, value| !value.is_null());
                tools.push(json!({ "type": "function", "function": function }));
            }
            Some(kind) => notices.push(format!(
                "the tool `{kind}` runs at OpenAI only; it is left out"
            )),
            None => {
                return Err(GatewayFailure::invalid(
                    &format!("tools[{at}].type"),
                    "a tool has no type",
                ));
            }
        }
    }
    Ok(tools)
}

fn choice(choice: &Value) -> Result<Value, GatewayFailure> {
    match (choice, choice["type"].as_str()) {
        (Value::String(_), _) => Ok(choice.clone()),
        (_, Some("function")) => {
            Ok(json!({ "type": "function", "function": { "name": choice["name"] } }))
        }
        _ => Err(GatewayFailure::unsupported(
            "tool_choice",
            "only functions can be chosen",
        )),
    }
}

fn messages(asked: &Map<String, Value>) -> Result<Vec<Value>, GatewayFailure> {
    let mut messages = Vec::new();
    // Templates of many models take one system message, at the beginning.
    let mut system = Vec::new();
    match asked.get("instructions") {
        None | Some(Value::Null) => {}
        Some(Value::String(text)) => system.push(text.clone()),
        Some(_) => {
            let what = "`instructions` is no text";
            return Err(GatewayFailure::invalid("instructions", what));
        }
    }
    match asked.get("input") {
        Some(Value::Array(items)) if items.is_empty() => {
            return Err(GatewayFailure::invalid("input", "`input` is empty"));
        }
        Some(Value::String(text)) => messages.push(json!({ "role": "user", "content": text })),
        Some(Value::Array(items)) => {
            for (at, item) in items.iter().enumerate() {
                add(item, at, (&mut messages, &mut system))?;
            }
        }
        _ => {
            return Err(GatewayFailure::invalid(
                "input",
                "`input` is neither a text nor a list",
            ));
        }
    }
    if !system.is_empty() {
        messages.insert(
            0,
            json!({ "role": "system", "content": system.join("\n\n") }),
        );
    }
    Ok(messages)
}

fn add(
    item: &Value,
    at: usize,
    (messages, system): (&mut Vec<Value>, &mut Vec<String>),
) -> Result<(), GatewayFailure> {
    let place = format!("input[{at}]");
    match item["type"].as_str() {
        None | Some("message") => {
            let role = match item["role"].as_str() {
                Some("developer" | "system") => "system",
                Some(role @ ("user" | "assistant")) => role,
                _ => {
                    return Err(GatewayFailure::invalid(
                        &format!("{place}.role"),
                        "the role is none that is known",
                    ));
                }
            };
            let content = content(&item["content"], &place)?;
            match (role, &content) {
                ("system", Value::String(text)) if messages.is_empty() => system.push(text.clone()),
                _ => messages.push(json!({ "role": role, "content": content })),
            }
        }
        Some("function_call") => {
            let call = json!({
                "id": item["call_id"], "type": "function",
                "function": { "name": item["name"], "arguments": item["arguments"] },
            });
            // Calls of one answer belong into one message.
            let last = messages
                .last_mut()
                .filter(|message| message["role"] == "assistant");
            match last {
                Some(message) => {
                    match message.get_mut("tool_calls").and_then(Value::as_array_mut) {
                        Some(calls) => calls.push(call),
                        None => message["tool_calls"] = json!([call]),
                    }
                }
                None => messages
                    .push(json!({ "role": "assistant", "content": null, "tool_calls": [call] })),
            }
        }
        Some("function_call_output") => {
            let output = content(&item["output"], &place)?;
            messages.push(
                json!({ "role": "tool", "tool_call_id": item["call_id"], "content": output }),
            );
        }
        // Reasoning of earlier answers: a provider that wants it gets it by its own fields.
        Some("reasoning") => {}
        Some(kind) => {
            let what = format!("items of the type `{kind}` aren't offered");
            return Err(GatewayFailure::unsupported(&format!("{place}.type"), what));
        }
    }
    Ok(())
}

/// A content: a text where there is nothing but text, else a list of parts.
fn content(content: &Value, place: &str) -> Result<Value, GatewayFailure> {
    let parts = match content {
        Value::String(_) => return Ok(content.clone()),
        Value::Null => return Ok(json!("")),
        Value::Array(parts) => parts,
        _ => {
            return Err(GatewayFailure::invalid(
                place,
                "the content is neither a text nor a list",
            ));
        }
    };
    let mut translated = Vec::new();
    for (at, part) in parts.iter().enumerate() {
        translated.push(match part["type"].as_str() {
            Some("input_text" | "output_text" | "text" | "summary_text" | "reasoning_text") => {
                json!({ "type": "text", "text": part["text"] })
            }
            Some("refusal") => json!({ "type": "text", "text": part["refusal"] }),
            Some("input_image") if part["image_url"].is_string() => {
                let mut image = json!({ "url": part["image_url"] });
                if part["detail"].is_string() {
                    image["detail"] = part["detail"].clone();
                }
                json!({ "type": "image_url", "image_url": image })
            }
            _ => {
                let place = format!("{place}.content[{at}]");
                return Err(GatewayFailure::unsupported(
                    &place,
                    "this kind of content isn't offered",
                ));
            }
        });
    }
    if translated.iter().all(|part| part["type"] == "text") {
        let texts = translated.iter().filter_map(|part| part["text"].as_str());
        return Ok(json!(texts.collect::<Vec<_>>().join("\n")));
    }
    Ok(Value::Array(translated))
}
