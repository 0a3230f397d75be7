//! The keys of the generic format. What a message doesn't have isn't written, and what a line
//! doesn't say the message doesn't have.

use std::sync::Arc;

use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::About;
use crate::wire::{Array, Count, Flag, Last, Object, Text, json_text, millis};
use crate::{
    Attachment, Fact, FactKind, FileAction, FileTouch, Kind, Message, Millis, Role, ToolCall,
    ToolResult, Usage,
};

/// The rank of a title that a line gives without one.
const TITLE_RANK: u8 = 2;

/// A line as it is read.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct LineIn<'a> {
    id: Text<'a>,
    conversation: Text<'a>,
    project: Text<'a>,
    role: Text<'a>,
    pub(super) time: Text<'a>,
    text: Text<'a>,
    kind: Text<'a>,
    thinking: Text<'a>,
    speaker: Text<'a>,
    title: Text<'a>,
    title_rank: Option<Count>,
    model: Text<'a>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    results: Array<ResultIn<'a>>,
    #[serde(borrow)]
    files: Option<&'a RawValue>,
    attachments: Array<AttachmentIn<'a>>,
    source: Text<'a>,
    parent: Text<'a>,
    turn: Text<'a>,
    cwd: Text<'a>,
    branch: Text<'a>,
    remote: Text<'a>,
    agent: Text<'a>,
    usage: Object<UsageIn>,
    conversation_parent: Text<'a>,
    links: Array<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct CallIn<'a> {
    id: Text<'a>,
    name: Text<'a>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    input_text: Text<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ResultIn<'a> {
    call: Text<'a>,
    is_error: Flag,
    output: Text<'a>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    detail_text: Option<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct FilesIn<'a> {
    read: Array<Text<'a>>,
    edited: Array<Text<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct AttachmentIn<'a> {
    media_type: Text<'a>,
    bytes: Count,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UsageIn {
    input: Count,
    output: Count,
    cache_creation: Count,
    cache_read: Count,
}

/// The strings that repeat from line to line.
#[derive(Default)]
pub(super) struct Names {
    conversation: Last,
    project: Last,
    speaker: Last,
    model: Last,
    source: Last,
    turn: Last,
    cwd: Last,
    branch: Last,
    remote: Last,
    agent: Last,
}

impl LineIn<'_> {
    /// The message of a line and what the line says about its conversation.
    pub(super) fn read(
        self,
        offset: u64,
        names: &mut Names,
    ) -> Result<(Message, Vec<Fact>), String> {
        let conversation = self
            .conversation
            .get()
            .ok_or("a message without `conversation`")?;
        let conversation = names.conversation.share(conversation);
        let role = Role::from_name(self.role.as_str())
            .ok_or_else(|| format!("unknown role `{}`", self.role.as_str()))?;
        let facts = self.facts(&conversation);
        let message = Message {
            offset,
            conversation,
            role,
            kind: kind_of(self.kind.as_str()),
            time: millis(self.time.as_str()),
            tools: calls(self.tools),
            files: files(self.files),
            results: self.results.0.into_iter().map(Into::into).collect(),
            attachments: self.attachments.0.into_iter().map(Into::into).collect(),
            speaker: names.speaker.share_some(self.speaker.get()),
            source: names.source.share_some(self.source.get()),
            project: names.project.share_some(self.project.get()),
            parent: self.parent.get().map(str::to_owned),
            turn: names.turn.share_some(self.turn.get()),
            cwd: names.cwd.share_some(self.cwd.get()),
            branch: names.branch.share_some(self.branch.get()),
            remote: names.remote.share_some(self.remote.get()),
            model: names.model.share_some(self.model.get()),
            agent: names.agent.share_some(self.agent.get()),
            usage: self.usage.0.map(Into::into),
            id: self.id.into_string(),
            text: self.text.into_string(),
            thinking: self.thinking.into_string(),
        };
        Ok((message, facts))
    }

    fn facts(&self, conversation: &Arc<str>) -> Vec<Fact> {
        let rank = self.title_rank.map_or(TITLE_RANK, |rank| {
            u8::try_from(rank.0).unwrap_or(TITLE_RANK)
        });
        let title = self.title.get().map(|text| FactKind::Title {
            text: text.to_owned(),
            rank,
        });
        let parent = self
            .conversation_parent
            .get()
            .map(|parent| FactKind::Parent(parent.into()));
        let links = self.links.0.iter().filter_map(Text::get);
        let links = links.map(|link| FactKind::Link(link.to_owned()));
        let all = title.into_iter().chain(parent).chain(links);
        all.map(|what| Fact {
            conversation: Arc::clone(conversation),
            what,
        })
        .collect()
    }
}

/// Calls, each an object or just the name of the tool.
fn calls(raw: Option<&RawValue>) -> Vec<ToolCall> {
    let Some(calls) = raw.and_then(|raw| serde_json::from_str::<Vec<&RawValue>>(raw.get()).ok())
    else {
        return Vec::new();
    };
    let call = |raw: &RawValue| {
        if let Ok(Object(Some(call))) = serde_json::from_str::<Object<CallIn<'_>>>(raw.get()) {
            return Some(call.into());
        }
        let name: Text<'_> = serde_json::from_str(raw.get()).ok()?;
        name.get().map(|name| ToolCall {
            name: name.to_owned(),
            ..ToolCall::default()
        })
    };
    calls.into_iter().filter_map(call).collect()
}

/// Files, by what was done to them or as a plain list of those that were read.
fn files(raw: Option<&RawValue>) -> Vec<FileTouch> {
    let Some(raw) = raw else { return Vec::new() };
    let files = match serde_json::from_str::<Object<FilesIn<'_>>>(raw.get()) {
        Ok(Object(Some(files))) => files,
        _ => FilesIn {
            read: serde_json::from_str(raw.get()).unwrap_or_default(),
            ..FilesIn::default()
        },
    };
    let touch = |path: Text<'_>, action| FileTouch {
        path: path.into_string(),
        action,
    };
    let read = files
        .read
        .0
        .into_iter()
        .map(|path| touch(path, FileAction::Read));
    let edited = files
        .edited
        .0
        .into_iter()
        .map(|path| touch(path, FileAction::Edited));
    read.chain(edited).collect()
}

impl From<CallIn<'_>> for ToolCall {
    fn from(call: CallIn<'_>) -> Self {
        Self {
            id: call.id.into_string(),
            name: call.name.into_string(),
            input: call
                .input
                .map_or_else(|| call.input_text.into_string(), json_text),
        }
    }
}

impl From<ResultIn<'_>> for ToolResult {
    fn from(result: ResultIn<'_>) -> Self {
        Self {
            call: result.call.into_string(),
            is_error: result.is_error.0,
            output: result.output.into_string(),
            detail: result
                .detail
                .map(json_text)
                .or(result.detail_text.map(Text::into_string)),
        }
    }
}

impl From<AttachmentIn<'_>> for Attachment {
    fn from(attachment: AttachmentIn<'_>) -> Self {
        Self {
            media_type: attachment.media_type.into_string(),
            bytes: attachment.bytes.0,
        }
    }
}

impl From<UsageIn> for Usage {
    fn from(usage: UsageIn) -> Self {
        Self {
            input: usage.input.0,
            output: usage.output.0,
            cache_creation: usage.cache_creation.0,
            cache_read: usage.cache_read.0,
        }
    }
}

fn kind_of(name: &str) -> Kind {
    match name {
        "summary" => Kind::Summary,
        "command" => Kind::Command,
        "injected" => Kind::Injected,
        _ => Kind::Said,
    }
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
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    links: &'a [&'a str],
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

/// Writes a message.
pub(super) fn line(message: &Message, about: &About<'_>) -> String {
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
        links: about.links,
    };
    // Strings and numbers can't fail to serialise.
    serde_json::to_string(&line).unwrap_or_default()
}

fn kind_name(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Said => None,
        Kind::Summary => Some("summary"),
        Kind::Command => Some("command"),
        Kind::Injected => Some("injected"),
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

fn usage_out(usage: Usage) -> UsageOut {
    let Usage {
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
