//! The keys of the generic format as they are written. What a message doesn't have isn't.

use serde::Serialize;
use serde_json::value::RawValue;

use crate::{
    Attachment, FactOrigin, FileAction, Marking, Message, MessageKind, Millis, Reflected, Relation,
    TokenUsage, ToolCall, ToolResult,
};

/// What an export says with each message beside what the [`Message`] holds: of its conversation, and of
/// the message what was found out later. What is `None` or empty is left out of the line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExportContext<'a> {
    /// Name of the source that the message came from at first, such as `claude-code`.
    pub source: &'a str,
    /// The conversation's title and its rank (see [`crate::FactKind::Title`]).
    pub title: Option<(&'a str, u8)>,
    /// The source's own id of the conversation that started this one, or from which it was forked.
    pub parent: Option<&'a str>,
    /// How the conversation came out of that one.
    pub relation: Option<Relation>,
    /// Of this message: the source's own ids of other conversations that repeat it.
    pub also_in: &'a [String],
    /// The addresses of pull requests and artifacts that came out of the conversation.
    pub links: &'a [&'a str],
    /// Of this message: what it has as a reflection (a note that was stored on purpose), if it is one.
    pub reflection: Option<&'a Reflected>,
    /// Of this message: what it has as a fact about the person, if it is one.
    pub fact: Option<&'a FactOrigin>,
    /// Of this message: the marks on it (whether what it says still holds), the newest last.
    pub marks: &'a [Marking],
}

/// A line as it is written.
#[derive(Serialize)]
struct LineOut<'a> {
    id: &'a str,
    conversation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    project: Option<&'a str>,
    role: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    thinking: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title_rank: Option<u8>,
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<CallOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<ResultOut<'a>>,
    #[serde(skip_serializing_if = "FilesOut::is_empty")]
    files: FilesOut<'a>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentOut<'a>>,
    #[serde(skip_serializing_if = "str::is_empty")]
    source: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageOut>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_parent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation_relation: Option<&'static str>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    also_in: &'a [String],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    links: &'a [&'a str],
    #[serde(skip_serializing_if = "Option::is_none")]
    reflection: Option<ReflectionOut<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fact: Option<PersonFactOut<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<MarkOut<'a>>,
}

#[derive(Serialize)]
struct PersonFactOut<'a> {
    topics: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    kind: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    said: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    character: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    superseded_by: Option<&'a str>,
}

#[derive(Serialize)]
struct ReflectionOut<'a> {
    tags: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    author: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    updated: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    conversation: Option<&'a str>,
}

#[derive(Serialize)]
struct MarkOut<'a> {
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    evidence: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    who: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    time: Option<String>,
}

#[derive(Serialize)]
struct CallOut<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    input: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    input_text: Option<&'a str>,
}

#[derive(Serialize)]
struct ResultOut<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    call: &'a str,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    is_error: bool,
    output: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<Box<RawValue>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail_text: Option<&'a str>,
}

#[derive(Serialize)]
struct FilesOut<'a> {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    read: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    edited: Vec<&'a str>,
}

impl FilesOut<'_> {
    fn is_empty(&self) -> bool {
        self.read.is_empty() && self.edited.is_empty()
    }
}

#[derive(Serialize)]
struct AttachmentOut<'a> {
    media_type: &'a str,
    bytes: u64,
}

#[derive(Serialize)]
struct UsageOut {
    input: u64,
    output: u64,
    cache_creation: u64,
    cache_read: u64,
}

/// One message as a line of the generic format (see [`jsonl`](crate::jsonl)), without newline.
///
/// Nothing of the message is left out but its offset, which is its place in another file, and its
/// `source`, for which [`ExportContext::source`] is written. An empty id stays empty: give every message
/// an id before it is exported. Times are RFC 3339 in UTC, with `Z`.
#[must_use]
pub fn to_line(message: &Message, about: &ExportContext<'_>) -> String {
    let touched = |action| {
        let files = message
            .files
            .iter()
            .filter(move |touch| touch.action == action);
        files.map(|touch| touch.path.as_str()).collect()
    };
    let line = LineOut {
        id: &message.id,
        conversation: &message.conversation,
        project: message.project.as_deref(),
        role: message.role.name(),
        time: message.time.and_then(rfc3339),
        text: &message.text,
        kind: kind_name(message.kind),
        thinking: &message.thinking,
        speaker: message.speaker.as_deref(),
        title: about.title.map(|(title, _)| title),
        title_rank: about.title.map(|(_, rank)| rank),
        model: message.model.as_deref(),
        tools: message.tools.iter().map(call_out).collect(),
        results: message.results.iter().map(result_out).collect(),
        files: FilesOut {
            read: touched(FileAction::Read),
            edited: touched(FileAction::Edited),
        },
        attachments: message.attachments.iter().map(attachment_out).collect(),
        source: about.source,
        parent: message.parent.as_deref(),
        turn: message.turn.as_deref(),
        cwd: message.cwd.as_deref(),
        branch: message.branch.as_deref(),
        remote: message.remote.as_deref(),
        agent: message.agent.as_deref(),
        usage: message.usage.map(usage_out),
        conversation_parent: about.parent,
        conversation_relation: about.relation.map(Relation::name),
        also_in: about.also_in,
        links: about.links,
        reflection: about.reflection.map(reflection_out),
        fact: about.fact.map(fact_out),
        marks: about.marks.iter().map(mark_out).collect(),
    };
    // Strings and numbers can't fail to serialise.
    serde_json::to_string(&line).unwrap_or_default()
}

fn kind_name(kind: MessageKind) -> Option<&'static str> {
    match kind {
        MessageKind::Said => None,
        MessageKind::Summary => Some("summary"),
        MessageKind::Command => Some("command"),
        MessageKind::Injected => Some("injected"),
    }
}

fn rfc3339(time: Millis) -> Option<String> {
    jiff::Timestamp::from_millisecond(time)
        .ok()
        .map(|time| time.to_string())
}

/// Text as the JSON value that it is; nothing where it isn't one, or where writing it as one would
/// not give the same text back.
fn value(json: &str) -> Option<Box<RawValue>> {
    let is_one_line = !json.contains(['\n', '\r']);
    let value = is_one_line
        .then(|| RawValue::from_string(json.to_owned()).ok())
        .flatten()?;
    // An absent value reads like a null one.
    (value.get() == json && json != "null").then_some(value)
}

fn call_out(call: &ToolCall) -> CallOut<'_> {
    let input = value(&call.input);
    let input_text = (input.is_none() && !call.input.is_empty()).then_some(call.input.as_str());
    CallOut {
        id: &call.id,
        name: &call.name,
        input,
        input_text,
    }
}

fn result_out(result: &ToolResult) -> ResultOut<'_> {
    let detail = result.detail.as_deref().and_then(value);
    let detail_text = result.detail.as_deref().filter(|_| detail.is_none());
    let ToolResult {
        call,
        is_error,
        output,
        ..
    } = result;
    ResultOut {
        call,
        is_error: *is_error,
        output,
        detail,
        detail_text,
    }
}

fn attachment_out(attachment: &Attachment) -> AttachmentOut<'_> {
    AttachmentOut {
        media_type: &attachment.media_type,
        bytes: attachment.bytes,
    }
}

fn reflection_out(reflection: &Reflected) -> ReflectionOut<'_> {
    ReflectionOut {
        tags: &reflection.tags,
        author: reflection.author.as_deref(),
        updated: reflection.updated.and_then(rfc3339),
        conversation: reflection.conversation.as_deref(),
    }
}

fn fact_out(fact: &FactOrigin) -> PersonFactOut<'_> {
    PersonFactOut {
        topics: &fact.topics,
        kind: &fact.kind,
        conversation: fact.conversation.as_deref(),
        said: fact.said.as_deref(),
        turn: fact.turn.as_deref(),
        character: fact.character.as_deref(),
        updated: fact.updated.and_then(rfc3339),
        superseded_by: fact.superseded_by.as_deref(),
    }
}

fn mark_out(mark: &Marking) -> MarkOut<'_> {
    MarkOut {
        status: mark.status.name(),
        evidence: mark.evidence.as_deref(),
        claim: mark.claim.as_deref(),
        who: mark.who.as_deref(),
        time: rfc3339(mark.time),
    }
}

fn usage_out(usage: TokenUsage) -> UsageOut {
    let TokenUsage {
        input,
        output,
        cache_creation,
        cache_read,
    } = usage;
    UsageOut {
        input,
        output,
        cache_creation,
        cache_read,
    }
}
