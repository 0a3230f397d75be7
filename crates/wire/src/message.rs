//! The documents of messages, in full and in brief, and of conversations. Times are RFC 3339 in UTC
//! (`2026-03-01T09:30:00.000Z`), `null` where unknown.

use recall::{ConversationTree, ConversationView, MessageView, RelatedConversation, TreeLine};
use serde::Serialize;
use transcript::{FileAction, MessageKind, Relation};

use crate::finding::FindingDoc;
use crate::reflections::{MarkDoc, ReflectedDoc};
use crate::when::time;

/// A message with all that is kept of it, as `show --json` and the context of hits have it. What a message
/// doesn't have is left out, except its time.
#[derive(Serialize)]
pub struct MessageDoc<'a> {
    /// The message's id, which `show --around` takes.
    id: &'a str,
    /// Id of its conversation.
    conversation: &'a str,
    /// Id of the conversation that it was said in first, if this one repeats it, as forks do.
    #[serde(skip_serializing_if = "Option::is_none")]
    first_in: Option<&'a str>,
    /// Short name of the project that it was said in.
    project: &'a str,
    /// Name of its source, such as `claude-code`.
    source: &'a str,
    /// Who speaks: `user`, `assistant`, `system` or `tool`.
    role: &'static str,
    /// `said`, `summary` (of the conversation, by the assistant), `command` (run by a person) or `injected`
    /// (put in by a program).
    kind: &'static str,
    /// When it was said.
    time: Option<String>,
    /// What was said; empty for results of tools.
    text: &'a str,
    /// What the model thought before it spoke.
    #[serde(skip_serializing_if = "str::is_empty")]
    thinking: &'a str,
    /// Calls of tools: `id`, `name`, `input` (arguments as JSON text).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<ToolDoc<'a>>,
    /// Results of tools: `call` (id of the call), `is_error`, `output`, `detail` (further JSON text, if any).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    results: Vec<ResultDoc<'a>>,
    /// Paths of files that its tools `read` and `edited`.
    #[serde(skip_serializing_if = "Option::is_none")]
    files: Option<FilesDoc<'a>>,
    /// Images and documents, which aren't kept themselves: `media_type` and `bytes`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    attachments: Vec<AttachmentDoc<'a>>,
    /// Name of the speaker, where the source names speakers.
    #[serde(skip_serializing_if = "Option::is_none")]
    speaker: Option<&'a str>,
    /// Id of the message that it answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
    /// Id that all messages of one reply share.
    #[serde(skip_serializing_if = "Option::is_none")]
    turn: Option<&'a str>,
    /// Working directory at the time.
    #[serde(skip_serializing_if = "Option::is_none")]
    cwd: Option<&'a str>,
    /// Git branch that it was on.
    #[serde(skip_serializing_if = "Option::is_none")]
    branch: Option<&'a str>,
    /// Git remote of the working directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    remote: Option<&'a str>,
    /// Model that wrote it.
    #[serde(skip_serializing_if = "Option::is_none")]
    model: Option<&'a str>,
    /// Sub-agent that speaks, where it isn't the main one.
    #[serde(skip_serializing_if = "Option::is_none")]
    agent: Option<&'a str>,
    /// Tokens of the reply, on one of its messages: `input`, `output`, `cache_creation`, `cache_read`.
    #[serde(skip_serializing_if = "Option::is_none")]
    usage: Option<UsageDoc>,
    /// `tags` and `author`, if the message is a reflection: a note that somebody stored.
    #[serde(skip_serializing_if = "Option::is_none")]
    reflection: Option<ReflectedDoc<'a>>,
    /// What the message was marked as (`open`, `resolved`, `superseded`), with evidence, the latest last.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    marks: Vec<MarkDoc<'a>>,
    /// What the guards found in its texts.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    findings: Vec<FindingDoc<'a>>,
}

/// A message in the values of an MCP answer, for a model's context, where each token counts: fewer keys than
/// [`MessageDoc`], and texts that the caller has cut.
#[derive(Serialize)]
pub struct BriefMessageDoc<'a> {
    /// The message's id.
    id: &'a str,
    /// Who speaks: `user`, `assistant`, `system` or `tool`.
    role: &'static str,
    /// When it was said.
    time: Option<String>,
    /// `quarantine` or `block` if the guards replaced text of it by a note, else left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    guard: Option<&'static str>,
    /// What was said, cut by the caller.
    #[serde(skip_serializing_if = "str::is_empty")]
    text: &'a str,
    /// Its calls of tools, one line each, cut by the caller.
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    tools: &'a [String],
    /// Its results of tools, one line each, cut by the caller.
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
            first_in: view.first_in.as_deref(),
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
    /// The document of a message. `text`, `tools` (calls) and `results` are what is shown of its texts, which
    /// the caller has cut; id, role, time and the guards' action are taken from `view`.
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

/// A conversation without its messages, as `show --json` prints it before them: title, source, project, times
/// and the number of messages.
#[derive(Serialize)]
pub struct ConversationDoc<'a> {
    /// The id that its source gave it.
    id: &'a str,
    /// Name of its source, such as `claude-code`.
    source: &'a str,
    /// Short name of the project that the longest run of its messages belongs to.
    project: &'a str,
    /// The title that the source gave; without one the first words that a person said.
    title: &'a str,
    /// Id of the conversation that it came out of; `null` for others.
    parent: Option<&'a str>,
    /// How it came out of that one: `fork`, `resume` (the same session under another id) or `sub-agent`.
    relation: Option<&'static str>,
    /// The first 20 conversations that came out of it: `id`, `title`, `relation`, `started`, `ended`,
    /// `messages`.
    children: Vec<RelatedDoc<'a>>,
    /// How many came out of it.
    child_count: u64,
    /// Path of the log file that it was imported from, which may be gone; secrets in it are masked.
    path: &'a str,
    /// The earliest time of its messages.
    started: Option<String>,
    /// The latest time of its messages.
    ended: Option<String>,
    /// The number of its messages, those that it repeats included.
    messages: u64,
    /// How many of them it repeats of other conversations.
    repeated: u64,
    /// Links to what came out of it, such as pull requests.
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
            relation: view.relation.map(Relation::name),
            children: view.children.iter().map(RelatedDoc::new).collect(),
            child_count: view.child_count,
            path: &view.path,
            started: time(view.started),
            ended: time(view.ended),
            messages: view.messages,
            repeated: view.repeated,
            links: &view.links,
        }
    }
}

/// A conversation as those that it is related to tell of it.
#[derive(Serialize)]
pub struct RelatedDoc<'a> {
    /// The id that its source gave it.
    id: &'a str,
    /// The title that the source gave; without one the first words that a person said there.
    title: &'a str,
    /// How it came out of its parent: `fork`, `resume` or `sub-agent`; `null` for others.
    relation: Option<&'static str>,
    /// The earliest time of its own messages.
    started: Option<String>,
    /// The latest time of its own messages.
    ended: Option<String>,
    /// The number of its messages, those that it repeats included.
    messages: u64,
}

impl<'a> RelatedDoc<'a> {
    /// The document of a conversation as it was read from the archive.
    pub fn new(related: &'a RelatedConversation) -> Self {
        Self {
            id: &related.id,
            title: &related.title,
            relation: related.relation.map(Relation::name),
            started: time(related.started),
            ended: time(related.ended),
            messages: related.messages,
        }
    }
}

/// A conversation with all that it came out of and all that came out of these, as `show --tree --json` prints
/// it.
#[derive(Serialize)]
pub struct TreeDoc<'a> {
    /// Id of the conversation that was asked for.
    id: &'a str,
    /// Whether the first line came out of another conversation, too, which is left out.
    cut_above: bool,
    /// The lines in order, each conversation with those that came out of it below it.
    lines: Vec<TreeLineDoc<'a>>,
}

/// A line of a tree: a conversation, or `more`.
#[derive(Serialize)]
struct TreeLineDoc<'a> {
    /// How many conversations lead to it from the first line.
    depth: usize,
    /// Whether it was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    asked: Option<bool>,
    /// Whether the archive has it; if not, only its id is known.
    #[serde(skip_serializing_if = "Option::is_none")]
    archived: Option<bool>,
    /// What it is: `id`, `title`, `relation`, `started`, `ended`, `messages`.
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    conversation: Option<RelatedDoc<'a>>,
    /// How many are left out here.
    #[serde(skip_serializing_if = "Option::is_none")]
    more: Option<u64>,
}

impl<'a> TreeDoc<'a> {
    /// The document of a tree.
    pub fn new(tree: &'a ConversationTree) -> Self {
        Self {
            id: &tree.id,
            cut_above: tree.is_cut_above,
            lines: tree.lines.iter().map(TreeLineDoc::new).collect(),
        }
    }
}

impl<'a> TreeLineDoc<'a> {
    fn new(line: &'a TreeLine) -> Self {
        match line {
            TreeLine::Conversation {
                depth,
                is_asked,
                is_archived,
                conversation,
            } => Self {
                depth: *depth,
                asked: Some(*is_asked),
                archived: Some(*is_archived),
                conversation: Some(RelatedDoc::new(conversation)),
                more: None,
            },
            TreeLine::More { depth, count } => Self {
                depth: *depth,
                asked: None,
                archived: None,
                conversation: None,
                more: Some(*count),
            },
        }
    }
}
