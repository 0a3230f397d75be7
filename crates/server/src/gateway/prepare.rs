//! A request before it goes to the model: its texts judged and masked, memory added.

use chat::model::ModelHandle;
use chat::{FoundHere, GuardRefusal, Screen, ScreenedText};
use serde_json::{Map, Value};

use super::call_log::CallLog;
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
    let mut messages = match screen(caller, messages).await? {
        Ok(messages) => messages,
        Err(refusal) => {
            let log = std::mem::replace(&mut caller.log, CallLog::new(false));
            log.refuse(&caller.state, &caller.person);
            return Err(refusal.into());
        }
    };
    if caller.log.is_recorded {
        caller.log.messages.clone_from(&messages);
    }
    if wants_memory {
        messages = remember(caller, messages).await?;
    }
    let owner = caller.person.owner.id.as_str().to_owned();
    signatures::restore(&owner, handle.provider(), &mut messages);
    body.insert("messages".to_owned(), Value::Array(messages));
    Ok(PreparedRequest { handle, body })
}

/// What comes of judging texts: why they can't go on, if they can't.
type Screened<T> = Result<T, Box<GuardRefusal>>;

/// Judges and masks all texts of the conversation.
async fn screen(
    caller: &mut Caller,
    messages: Vec<Value>,
) -> Result<Screened<Vec<Value>>, GatewayFailure> {
    let length: usize = messages
        .iter()
        .map(|message| text_bytes(&message["content"]))
        .sum();
    let used = take_screen(caller)?;
    let work = move || {
        let mut messages = messages;
        let mut seen = Seen::new(&messages);
        let result = messages
            .iter_mut()
            .enumerate()
            .try_for_each(|(at, message)| {
                seen.at = at;
                screen_message(&used, message, &mut seen)
            });
        (result.map(|()| messages), used, seen)
    };
    let (result, used, seen) = match length > QUICK_BYTES {
        true => tokio::task::spawn_blocking(work)
            .await
            .map_err(ApiError::internal)?,
        false => work(),
    };
    caller.screen = used;
    caller.notices.extend(seen.notices);
    for (at, place, found) in seen.found {
        caller.log.found(at, place, [found]);
    }
    Ok(result)
}

/// Takes the guards of a request out, for work on another thread; values are put back into the answer by the same
/// vault that they went into.
fn take_screen(caller: &mut Caller) -> Result<Screen, GatewayFailure> {
    let screens = caller.person.chat.screens().map_err(ApiError::internal)?;
    Ok(std::mem::replace(&mut caller.screen, screens.begin()))
}

/// What was seen in messages.
struct Seen {
    /// The message that is looked at.
    at: usize,
    /// The first message that no earlier call had: what was found before it was found then.
    first_new: usize,
    notices: Vec<String>,
    found: Vec<(usize, &'static str, FoundHere)>,
}

impl Seen {
    fn new(messages: &[Value]) -> Self {
        let answered = messages
            .iter()
            .rposition(|message| message["role"] == "assistant");
        Self {
            at: 0,
            first_new: answered.map_or(0, |at| at + 1),
            notices: Vec::new(),
            found: Vec::new(),
        }
    }

    /// Notes what was found in a text; what becomes of it.
    fn note(
        &mut self,
        place: &'static str,
        screened: Screened<ScreenedText>,
    ) -> Screened<Option<String>> {
        let (findings, is_new) = match &screened {
            Ok(screened) => (&screened.findings, self.at >= self.first_new),
            Err(refusal) => (&refusal.findings, true),
        };
        if is_new {
            let found = findings.iter().cloned();
            self.found
                .extend(found.map(|found| (self.at, place, found)));
        }
        Ok(screened?.changed)
    }
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

fn screen_message(screen: &Screen, message: &mut Value, seen: &mut Seen) -> Screened<()> {
    match message["role"].as_str() {
        Some("user") => each_text(message, |text| seen.note("input", screen.said(text))),
        Some("tool" | "function") => each_text(message, |text| {
            let screened = screen.brought(text)?;
            if screened
                .findings
                .iter()
                .any(|found| found.kind == "injection")
            {
                let notice = "a tool's result tries to instruct the model";
                seen.notices.push(notice.to_owned());
            }
            seen.note("tool", Ok(screened))
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
fn screen_arguments(screen: &Screen, text: &mut String) -> Screened<()> {
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
    mut change: impl FnMut(&str) -> Screened<Option<String>>,
) -> Screened<()> {
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

/// Puts what the person's memory has before their messages.
async fn remember(
    caller: &mut Caller,
    mut messages: Vec<Value>,
) -> Result<Vec<Value>, GatewayFailure> {
    let recorded = match caller.person.chat.opened().get() {
        Some(chat) if caller.log.is_recorded => {
            let recorded = chat.recorded(&messages).await;
            recorded.map_err(ApiError::from)?.unwrap_or_default()
        }
        _ => String::new(),
    };
    let chat = caller.person.chat.options();
    let (memory, recall) = (chat.memory.clone(), chat.recall.clone());
    let now = (caller.state.options.local_time)();
    let used = take_screen(caller)?;
    let work = move || {
        let about = (now, recorded);
        let done = used.remember((&memory, &recall), &mut messages, (&about.0, &about.1));
        Ok((done.map(|()| messages), used))
    };
    let (messages, used) = caller.state.blocking(work).await?;
    caller.screen = used;
    Ok(messages?)
}
