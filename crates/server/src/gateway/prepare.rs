//! A request before it goes to the model: its texts judged and masked, memory added.

use chat::Screen;
use chat::model::ModelHandle;
use serde_json::{Map, Value};

use super::caller::Caller;
use super::failure::GatewayFailure;
use super::signatures;
use crate::api_error::ApiError;

/// How much text is judged on the thread that serves the connection; more goes to a thread that may take its time.
const QUICK_BYTES: usize = 4 << 10;

/// A request that can be sent.
pub(super) struct PreparedRequest {
    pub(super) handle: ModelHandle,
    pub(super) body: Map<String, Value>,
}

/// Finds the model and makes the request ready for it.
pub(super) async fn prepare(
    caller: &mut Caller,
    mut body: Map<String, Value>,
) -> Result<PreparedRequest, GatewayFailure> {
    let (model, wants_memory) = caller.model_and_memory(&body)?;
    let messages = match body.remove("messages") {
        Some(Value::Array(messages)) if !messages.is_empty() => messages,
        Some(Value::Array(_)) => {
            return Err(GatewayFailure::invalid("messages", "`messages` is empty"));
        }
        None => return Err(GatewayFailure::invalid("messages", "`messages` is missing")),
        Some(_) => return Err(GatewayFailure::invalid("messages", "`messages` is no list")),
    };
    if let Some(at) = messages.iter().position(|message| !message.is_object()) {
        return Err(GatewayFailure::invalid(
            &format!("messages[{at}]"),
            "a message is no object",
        ));
    }
    let handle = caller.person.chat.options().models.resolve(&model)?;
    let mut messages = screen(caller, messages).await?;
    if wants_memory {
        remember(caller, &mut messages).await?;
    }
    let owner = caller.person.owner.id.as_str().to_owned();
    signatures::restore(&owner, handle.provider(), &mut messages);
    body.insert("messages".to_owned(), Value::Array(messages));
    Ok(PreparedRequest { handle, body })
}

/// Judges and masks all texts of the conversation.
async fn screen(caller: &mut Caller, messages: Vec<Value>) -> Result<Vec<Value>, GatewayFailure> {
    let length: usize = messages
        .iter()
        .map(|message| text_bytes(&message["content"]))
        .sum();
    let screen = caller.person.chat.screens().map_err(ApiError::internal)?;
    let fresh = screen.begin();
    // Values are put back into the answer by the same vault that they went into.
    let used = std::mem::replace(&mut caller.screen, fresh);
    let work = move || {
        let mut messages = messages;
        let mut notices = Vec::new();
        let result = messages
            .iter_mut()
            .try_for_each(|message| screen_message(&used, message, &mut notices));
        (result.map(|()| messages), used, notices)
    };
    let (result, used, notices) = match length > QUICK_BYTES {
        true => tokio::task::spawn_blocking(work)
            .await
            .map_err(ApiError::internal)?,
        false => work(),
    };
    caller.screen = used;
    caller.notices.extend(notices);
    result
}

fn text_bytes(content: &Value) -> usize {
    match content {
        Value::String(text) => text.len(),
        Value::Array(parts) => parts
            .iter()
            .map(|part| part["text"].as_str().map_or(0, str::len))
            .sum(),
        _ => 0,
    }
}

fn screen_message(
    screen: &Screen,
    message: &mut Value,
    notices: &mut Vec<String>,
) -> Result<(), GatewayFailure> {
    match message["role"].as_str() {
        Some("user") => each_text(message, |text| Ok(screen.said(text)?.changed)),
        Some("tool" | "function") => each_text(message, |text| {
            let screened = screen.brought(text)?;
            if screened
                .findings
                .iter()
                .any(|found| found.kind == "injection")
            {
                notices.push("a tool's result tries to instruct the model".to_owned());
            }
            Ok(screened.changed)
        }),
        Some("assistant") => {
            each_text(message, |text| Ok(screen.answered(text)?.changed))?;
            let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
            for call in calls.into_iter().flatten() {
                if let Some(Value::String(arguments)) = call.pointer_mut("/function/arguments") {
                    screen_arguments(screen, arguments)?;
                }
            }
            Ok(())
        }
        // What a program tells the model is the program's.
        _ => Ok(()),
    }
}

/// Masks values in a call's arguments, which whoever asked saw in the open.
fn screen_arguments(screen: &Screen, text: &mut String) -> Result<(), GatewayFailure> {
    if let Some(masked) = screen.answered(text)?.changed
        && serde_json::from_str::<Value>(&masked).is_ok()
    {
        *text = masked;
    }
    Ok(())
}

/// Goes through the texts of a message: its content is a text, or a list of parts.
fn each_text(
    message: &mut Value,
    mut change: impl FnMut(&str) -> Result<Option<String>, GatewayFailure>,
) -> Result<(), GatewayFailure> {
    match message.get_mut("content") {
        Some(Value::String(text)) => {
            if let Some(changed) = change(text)? {
                *text = changed;
            }
        }
        Some(Value::Array(parts)) => {
            for part in parts {
                if let Some(Value::String(text)) = part.get_mut("text")
                    && let Some(changed) = change(text)?
                {
                    *text = changed;
                }
            }
        }
        _ => {}
    }
    Ok(())
}

/// Puts what the person's memory has about the newest message of theirs before that message.
async fn remember(caller: &mut Caller, messages: &mut [Value]) -> Result<(), GatewayFailure> {
    let Some(newest) = messages
        .iter_mut()
        .rev()
        .find(|message| message["role"] == "user")
    else {
        return Ok(());
    };
    let mut text = String::new();
    each_text(newest, |part| {
        text.push_str(part);
        text.push('\n');
        Ok(None)
    })?;
    let chat = caller.person.chat.options();
    let (memory, recall) = (chat.memory.clone(), chat.recall.clone());
    let now = (caller.state.options.local_time)();
    let screen = caller
        .person
        .chat
        .screens()
        .map_err(ApiError::internal)?
        .begin();
    let used = std::mem::replace(&mut caller.screen, screen);
    let work = move || {
        let recalled = used.remember(&memory, &recall, (text.trim(), &now));
        Ok((recalled, used))
    };
    let (recalled, used) = caller.state.blocking(work).await?;
    caller.screen = used;
    let Some(context) = recalled? else {
        return Ok(());
    };
    match newest.get_mut("content") {
        Some(Value::String(text)) => *text = format!("{context}\n\n{text}"),
        Some(Value::Array(parts)) => {
            parts.insert(0, serde_json::json!({ "type": "text", "text": context }));
        }
        _ => {}
    }
    Ok(())
}
