//! What every format is read into: messages, and what is known of their conversations.

use std::sync::Arc;

use crate::{Marking, Millis, Reflected};

/// Who speaks in a message.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Role {
    /// A person, in what they typed.
    #[default]
    User,
    /// The assistant: its words, thoughts and calls of tools.
    Assistant,
    /// The program around the assistant: errors, summaries of compaction, and what it put in.
    System,
    /// A tool, in what it gave back to a call.
    Tool,
}

impl Role {
    /// The name used on the command line, in the archive and in exports.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Tool => "tool",
        }
    }

    /// The role of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        [Self::User, Self::Assistant, Self::System, Self::Tool]
            .into_iter()
            .find(|role| role.name() == name)
    }
}

/// What sort of utterance a message is, beside who speaks. Searches leave out what is injected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MessageKind {
    /// Said in the conversation.
    #[default]
    Said,
    /// A summary that the assistant wrote of its own conversation (compaction).
    Summary,
    /// A slash or shell command that a person ran, shown as they typed it.
    Command,
    /// Kept but never searched: text that a program put in, such as reminders and injected memory.
    Injected,
}

/// One utterance of a conversation, as one record of a log has it; the unit that is cited.
///
/// The records of one reply share [`Message::turn`]. Strings that repeat are shared, too.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// The source's own id of the record; empty where it has none.
    pub id: String,
    /// Byte offset of the record in its (decompressed) file; by it a message without an id is told from
    /// others.
    pub offset: u64,
    /// The source's own id of the conversation.
    pub conversation: Arc<str>,
    /// Id of the record that this one answers.
    pub parent: Option<String>,
    /// What the records of one reply have in common (the model's own message id).
    pub turn: Option<Arc<str>>,
    /// Who speaks in it.
    pub role: Role,
    /// What sort of utterance it is.
    pub kind: MessageKind,
    /// When it was said, if the record says so.
    pub time: Option<Millis>,
    /// What was said, without wrappers and reminders. Empty for results of tools, which stand in
    /// [`Message::results`].
    pub text: String,
    /// What the model thought before it spoke.
    pub thinking: String,
    /// Tools that this message calls.
    pub tools: Vec<ToolCall>,
    /// Results that this message brings back.
    pub results: Vec<ToolResult>,
    /// Files that its tools read or edited.
    pub files: Vec<FileTouch>,
    /// Images and documents that were dropped, with their type and size.
    pub attachments: Vec<Attachment>,
    /// Name of the speaker, where a format has more than two.
    pub speaker: Option<Arc<str>>,
    /// The working directory at the time, absolute; by it the project is found.
    pub cwd: Option<Arc<str>>,
    /// Name of the source that it came from at first, where the file is an export of ours; it need
    /// not be one that is registered.
    pub source: Option<Arc<str>>,
    /// Project named by the source itself (the generic format), instead of a directory.
    pub project: Option<Arc<str>>,
    /// The branch that the working directory was on in git.
    pub branch: Option<Arc<str>>,
    /// Git remote of the working directory, where the source records it.
    pub remote: Option<Arc<str>>,
    /// Model that wrote it.
    pub model: Option<Arc<str>>,
    /// Sub-agent that speaks, where it isn't the main one.
    pub agent: Option<Arc<str>>,
    /// Tokens that the reply took, so spread over its records that a sum counts them once.
    pub usage: Option<TokenUsage>,
}

/// A call of a tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCall {
    /// The call's id, which its result repeats.
    pub id: String,
    /// Name of the tool; `mcp__server__tool` for those of MCP servers.
    pub name: String,
    /// The arguments, as JSON text.
    pub input: String,
}

/// What a tool gave back to a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolResult {
    /// Id of the call that it answers; see [`ToolCall::id`].
    pub call: String,
    /// Whether the tool failed.
    pub is_error: bool,
    /// What the model was shown.
    pub output: String,
    /// What the harness kept beside it (structured patch, exit code, whole file …), as JSON text.
    pub detail: Option<String>,
}

/// A file that a tool read or edited.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct FileTouch {
    /// The path as the record has it: absolute, or relative to [`Message::cwd`].
    pub path: String,
    /// What was done to it.
    pub action: FileAction,
}

/// What a tool did to a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileAction {
    /// The tool looked at it, and left it as it was.
    Read,
    /// The tool wrote, patched, moved or deleted it.
    Edited,
}

/// An image or document that was left out, described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// Size in bytes after decoding.
    pub bytes: u64,
}

/// Tokens that a model took for a reply, each counted in one of these four.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Tokens read that were not cached.
    pub input: u64,
    /// Tokens written.
    pub output: u64,
    /// Tokens put into the cache.
    pub cache_creation: u64,
    /// Tokens read from the cache.
    pub cache_read: u64,
}

/// What a log says about a conversation rather than in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// The source's own id of the conversation.
    pub conversation: Arc<str>,
    /// Name of the source that the conversation came from at first, as in [`Message::source`].
    pub source: Option<Arc<str>>,
    /// What is known.
    pub what: FactKind,
}

impl Fact {
    /// What a log says about a conversation of its own source.
    pub(crate) fn new(conversation: impl Into<Arc<str>>, what: FactKind) -> Self {
        Self {
            conversation: conversation.into(),
            source: None,
            what,
        }
    }
}

/// What is known of a conversation; see [`Fact`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A title; of equal rank the last of a log wins, a higher rank beats a lower one.
    Title {
        /// The title, in one line or several.
        text: String,
        /// 0 made up from text, 1 a summary, 2 given by the assistant, 3 given by the person.
        rank: u8,
    },
    /// The conversation that started this one (a sub-agent's) or that it was forked from.
    Parent(Arc<str>),
    /// A pull request or artifact that came out of it.
    Link(String),
    /// One of its messages is a reflection.
    Reflection {
        /// The source's own id of the message.
        message: String,
        /// What the reflection has beside its message.
        about: Reflected,
    },
    /// What became of one of its messages; later ones come after earlier ones.
    Mark {
        /// The source's own id of the message.
        message: String,
        /// What was found out about it.
        mark: Marking,
    },
}
