//! The documents of messages and conversations, with all that is kept of them.

use recall::{ConversationView, MessageView};
use serde::Serialize;
use transcript::{FileAction, MessageKind};

use crate::finding::FindingDoc;
use crate::reflections::{MarkDoc, ReflectedDoc};
use crate::when::time;

/// A message with all that is kept of it, as `show --json`, `export` and the context of hits have it.
#[derive(Serialize)]
pub struct MessageDoc<'a> {
    id: &'a str,
    conversation: &'a str,
    project: &'a str,
    source: &'a str,
    role: &'static str,
    kind: &'static str,
    time: Option<String>,
    text: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    thinking: &'a str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolDoc<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<ResultDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<FilesDoc<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentDoc<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'a str>,
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
    model: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageDoc>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reflection: Option<ReflectedDoc<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<MarkDoc<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingDoc<'a>>,
}

/// A message as a model is given it, with keys of the full document and less in them, since each word of
/// an answer costs: what was said, and its calls and results in a line each, cut by the caller.
#[derive(Serialize)]
pub struct BriefMessageDoc<'a> {
    id: &'a str,
    role: &'static str,
    time: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<&'static str>,
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tools: &'a [String],
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    results: &'a [String],
}

#[derive(Serialize)]
struct ToolDoc<'a> {
    id: &'a str,
    name: &'a str,
    input: &'a str,
}

#[derive(Serialize)]
struct ResultDoc<'a> {
    call: &'a str,
    is_error: bool,
    output: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    detail: Option<&'a str>,
}

#[derive(Serialize)]
struct FilesDoc<'a> {
    read: Vec<&'a str>,
    edited: Vec<&'a str>,
}

#[derive(Serialize)]
struct AttachmentDoc<'a> {
    media_type: &'a str,
    bytes: u64,
}

#[derive(Serialize)]
struct UsageDoc {
    input: u64,
    output: u64,
    cache_creation: u64,
    cache_read: u64,
}

impl<'a> MessageDoc<'a> {
    /// The document of a message as it was read from the archive.
    pub fn new(view: &'a MessageView) -> Self {
        let message = &view.message;
        Self {
            id: &message.id,
            conversation: &message.conversation,
            project: &view.project,
            source: &view.source,
            role: message.role.name(),
            kind: kind(message.kind),
            time: time(message.time),
            text: &message.text,
            thinking: &message.thinking,
            tools: message.tools.iter().map(ToolDoc::new).collect(),
            results: message.results.iter().map(ResultDoc::new).collect(),
            files: FilesDoc::new(&message.files),
            attachments: message.attachments.iter().map(AttachmentDoc::new).collect(),
            speaker: message.speaker.as_deref(),
            parent: message.parent.as_deref(),
            turn: message.turn.as_deref(),
            cwd: message.cwd.as_deref(),
            branch: message.branch.as_deref(),
            remote: message.remote.as_deref(),
            model: message.model.as_deref(),
            agent: message.agent.as_deref(),
            usage: message.usage.map(UsageDoc::new),
            reflection: view.reflection.as_ref().map(ReflectedDoc::new),
            marks: view.marks.iter().map(MarkDoc::new).collect(),
            findings: view.findings.iter().map(FindingDoc::new).collect(),
        }
    }
}

impl<'a> BriefMessageDoc<'a> {
    /// The document of a message with its text, calls and results as they were cut. `guard` stands in it
    /// only where guards quarantine or block the message.
    pub fn new(
        view: &'a MessageView,
        text: &'a str,
        tools: &'a [String],
        results: &'a [String],
    ) -> Self {
        let is_quarantined = view.guard() >= guard::Action::Quarantine;
        Self {
            id: &view.message.id,
            role: view.message.role.name(),
            time: time(view.message.time),
            guard: is_quarantined.then(|| view.guard().name()),
            text,
            tools,
            results,
        }
    }
}

impl<'a> ToolDoc<'a> {
    fn new(call: &'a transcript::ToolCall) -> Self {
        Self {
            id: &call.id,
            name: &call.name,
            input: &call.input,
        }
    }
}

impl<'a> ResultDoc<'a> {
    fn new(result: &'a transcript::ToolResult) -> Self {
        Self {
            call: &result.call,
            is_error: result.is_error,
            output: &result.output,
            detail: result.detail.as_deref(),
        }
    }
}

impl<'a> FilesDoc<'a> {
    fn new(files: &'a [transcript::FileTouch]) -> Option<Self> {
        let of = |action| {
            let touched = files.iter().filter(move |touch| touch.action == action);
            touched.map(|touch| touch.path.as_str()).collect()
        };
        (!files.is_empty()).then(|| Self {
            read: of(FileAction::Read),
            edited: of(FileAction::Edited),
        })
    }
}

impl<'a> AttachmentDoc<'a> {
    fn new(attachment: &'a transcript::Attachment) -> Self {
        Self {
            media_type: &attachment.media_type,
            bytes: attachment.bytes,
        }
    }
}

impl UsageDoc {
    fn new(usage: transcript::TokenUsage) -> Self {
        let transcript::TokenUsage {
            input,
            output,
            cache_creation,
            cache_read,
        } = usage;
        Self {
            input,
            output,
            cache_creation,
            cache_read,
        }
    }
}

fn kind(kind: MessageKind) -> &'static str {
    match kind {
        MessageKind::Said => "said",
        MessageKind::Summary => "summary",
        MessageKind::Command => "command",
        MessageKind::Injected => "injected",
    }
}

/// A conversation: whose it is, where it comes from, when it was, and how long it is.
#[derive(Serialize)]
pub struct ConversationDoc<'a> {
    id: &'a str,
    source: &'a str,
    project: &'a str,
    title: &'a str,
    parent: Option<&'a str>,
    path: &'a str,
    started: Option<String>,
    ended: Option<String>,
    messages: u64,
    links: &'a [String],
}

impl<'a> ConversationDoc<'a> {
    /// The document of a conversation as it was read from the archive.
    pub fn new(view: &'a ConversationView) -> Self {
        Self {
            id: &view.id,
            source: &view.source,
            project: &view.project,
            title: &view.title,
            parent: view.parent.as_deref(),
            path: &view.path,
            started: time(view.started),
            ended: time(view.ended),
            messages: view.messages,
            links: &view.links,
        }
    }
}
