//! A request as a provider takes it: what its profile and its earlier refusals say is left out or renamed.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::profile::{Profile, ReasoningHistory};

/// A field of an assistant's message in a [`ChatRequest`](super::ChatRequest) that names the provider which the
/// message came from. It never leaves: what only that provider understands (reasoning, `extra_content`, unknown
/// fields of tool calls) is sent back to it unchanged and left out for any other. A message without this field, as
/// clients of the gateway send, is left as it is.
pub const PROVIDER_FIELD: &str = "lorekeep_provider";

/// Fields of messages that carry reasoning.
const REASONING_FIELDS: [&str; 3] = ["reasoning_content", "reasoning", "reasoning_details"];

/// Fields of an assistant's message that every provider knows.
const KNOWN_FIELDS: [&str; 5] = ["role", "content", "tool_calls", "name", "refusal"];

/// What was learnt of a model by its refusals.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Learned {
    dropped: BTreeSet<String>,
    renamed: BTreeMap<String, String>,
    roles: BTreeMap<String, String>,
    message_fields: BTreeSet<String>,
    forms: BTreeSet<String>,
}

/// One change of requests that a refusal asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Adjustment {
    /// A parameter is left out.
    Drop(String),
    /// A parameter goes by another name.
    Rename(String, String),
    /// Messages of a role get another one.
    Role(String, String),
    /// A field of messages is left out.
    DropField(String),
    /// An answer isn't asked for in this form. Who asks does without; no request is changed.
    Form(String),
}

impl Adjustment {
    /// What a person is told.
    pub(super) fn notice(&self, model: &str) -> String {
        match self {
            Self::Drop(name) => {
                format!("the model `{model}` doesn't take `{name}`; it is left out")
            }
            Self::Rename(from, to) => {
                format!("the model `{model}` takes `{to}` instead of `{from}`")
            }
            Self::Role(from, to) => {
                format!(
                    "the model `{model}` takes no messages of the role `{from}`; they are sent as `{to}`"
                )
            }
            Self::Form(name) => {
                format!("the model `{model}` doesn't answer as `{name}`")
            }
            Self::DropField(name) => {
                format!(
                    "the model `{model}` doesn't take `{name}` in earlier messages; it is left out"
                )
            }
        }
    }
}

impl Learned {
    /// Adds what another process learnt.
    pub(super) fn add(&mut self, more: &Self) {
        let pairs = |map: &BTreeMap<String, String>| map.clone().into_iter();
        self.dropped.extend(more.dropped.iter().cloned());
        self.renamed.extend(pairs(&more.renamed));
        self.roles.extend(pairs(&more.roles));
        self.message_fields
            .extend(more.message_fields.iter().cloned());
        self.forms.extend(more.forms.iter().cloned());
    }

    /// Whether answers of a form were refused.
    pub(super) fn refuses_form(&self, form: &str) -> bool {
        self.forms.contains(form)
    }

    /// Remembers a change; whether it is new.
    pub(super) fn learn(&mut self, adjustment: &Adjustment) -> bool {
        let mut put =
            |map: fn(&mut Self) -> &mut BTreeMap<String, String>, from: &str, to: &str| {
                map(self).insert(from.to_owned(), to.to_owned()).as_deref() != Some(to)
            };
        match adjustment {
            Adjustment::Rename(from, to) => put(|learned| &mut learned.renamed, from, to),
            Adjustment::Role(from, to) => put(|learned| &mut learned.roles, from, to),
            Adjustment::Drop(name) => self.dropped.insert(name.clone()),
            Adjustment::Form(name) => self.forms.insert(name.clone()),
            Adjustment::DropField(name) => self.message_fields.insert(name.clone()),
        }
    }
}

/// Whom a request is for, and how.
pub(super) struct Addressee<'a> {
    pub(super) provider: &'a str,
    pub(super) model: &'a str,
    pub(super) profile: &'a Profile,
    pub(super) default_temperature: Option<f64>,
    pub(super) is_streaming: bool,
}

/// The body as it is sent.
pub(super) fn prepare(
    body: &Map<String, Value>,
    to: &Addressee<'_>,
    learned: &Learned,
) -> Map<String, Value> {
    let mut sent = body.clone();
    sent.insert("model".to_owned(), json!(to.model));
    sent.insert("stream".to_owned(), json!(to.is_streaming));
    if !to.is_streaming {
        sent.remove("stream");
        sent.remove("stream_options");
    } else if to.profile.asks_for_usage {
        let options = sent.entry("stream_options").or_insert_with(|| json!({}));
        if let Value::Object(options) = options {
            options.insert("include_usage".to_owned(), json!(true));
        }
    }
    if let Some(temperature) = to.default_temperature {
        sent.entry("temperature")
            .or_insert_with(|| json!(temperature));
    }
    for name in to
        .profile
        .refused
        .iter()
        .copied()
        .chain(learned.dropped.iter().map(String::as_str))
    {
        sent.remove(name);
    }
    let known = to.profile.renamed.iter().map(|(from, to)| (*from, *to));
    // What was learnt comes last: it is newer than the profile.
    for (from, to) in known.chain(learned.renamed.iter().map(|(from, to)| (&**from, &**to))) {
        if let Some(value) = sent.remove(from) {
            sent.entry(to).or_insert(value);
        }
    }
    if let Some(Value::Array(messages)) = sent.get_mut("messages") {
        for message in messages.iter_mut().filter_map(Value::as_object_mut) {
            prepare_message(message, to, learned);
        }
    }
    sent
}

fn prepare_message(message: &mut Map<String, Value>, to: &Addressee<'_>, learned: &Learned) {
    if let Some(from) = message.remove(PROVIDER_FIELD) {
        match from == json!(to.provider) {
            true => put_reasoning(message, to.profile.reasoning_history),
            false => strip_foreign(message),
        }
    }
    if let Some(Value::String(role)) = message.get_mut("role")
        && let Some(other) = learned.roles.get(role)
    {
        role.clone_from(other);
    }
    for field in &learned.message_fields {
        message.remove(field);
        let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
        for call in calls.into_iter().flatten().filter_map(Value::as_object_mut) {
            call.remove(field);
        }
    }
}

/// Leaves reasoning in the form that the provider takes.
fn put_reasoning(message: &mut Map<String, Value>, form: ReasoningHistory) {
    let text = ["reasoning_content", "reasoning"]
        .iter()
        .find_map(|field| message.remove(*field));
    match form {
        ReasoningHistory::None => {
            message.remove("reasoning_details");
        }
        ReasoningHistory::ReasoningContent => {
            message.extend(text.map(|text| ("reasoning_content".to_owned(), text)));
        }
        ReasoningHistory::Reasoning => {
            message.extend(text.map(|text| ("reasoning".to_owned(), text)));
        }
    }
}

/// Leaves only what every provider understands.
fn strip_foreign(message: &mut Map<String, Value>) {
    message.retain(|key, _| KNOWN_FIELDS.contains(&&**key) && !REASONING_FIELDS.contains(&&**key));
    let calls = message.get_mut("tool_calls").and_then(Value::as_array_mut);
    for call in calls.into_iter().flatten().filter_map(Value::as_object_mut) {
        call.retain(|key, _| matches!(&**key, "id" | "type" | "function"));
        if let Some(Value::Object(function)) = call.get_mut("function") {
            function.retain(|key, _| matches!(&**key, "name" | "arguments"));
        }
    }
}
