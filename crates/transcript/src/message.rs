//! What every format is read into: messages, and what is known of their conversations.

use std::sync::Arc;

use crate::{FactOrigin, Marking, Millis, Reflected};

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
    /// The name used on the command line, in the archive and in exports: `user`, `assistant`, `system`
    /// or `tool`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
            Self::System => "system",
            Self::Tool => "tool",
        }
    }

    /// The role that [`Role::name`] calls so; `None` for any other word; case counts.
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
/// A model's reply may be several records, which have the same [`Message::turn`]. What a record doesn't
/// say is `None` or empty. Strings that repeat from record to record share their memory.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// The source's own id of the record; empty where it has none.
    pub id: String,
    /// The [`Message::id`] under which the same message was read before this record was there, such as one
    /// that waited in a queue. It isn't another message.
    pub replaces: Option<String>,
    /// Byte offset of the record in its (decompressed) file; by it a message without an id is told from
    /// others.
    pub offset: u64,
    /// The source's own id of the conversation.
    pub conversation: Arc<str>,
    /// The [`Message::id`] of the record that this one answers.
    pub parent: Option<String>,
    /// An id that all records of one reply share, such as the model's own id of the message (Claude
    /// Code) or that of the turn (Codex).
    pub turn: Option<Arc<str>>,
    /// Who speaks in it.
    pub role: Role,
    /// What sort of utterance it is.
    pub kind: MessageKind,
    /// When it was said, if the record says so; see [`Millis`].
    pub time: Option<Millis>,
    /// What was said, without wrappers and reminders. Empty for results of tools, which stand in
    /// [`Message::results`].
    pub text: String,
    /// What the model thought before it spoke (its reasoning), as far as the log has it.
    pub thinking: String,
    /// The calls of tools in this message, in its order.
    pub tools: Vec<ToolCall>,
    /// The results of tools in this message, in its order. Their calls stand in earlier messages.
    pub results: Vec<ToolResult>,
    /// Files that its calls read or edited, as far as the arguments tell; of a result, those that no call
    /// told of.
    pub files: Vec<FileTouch>,
    /// Images and documents of the message: their data is dropped, their type and size are kept.
    pub attachments: Vec<Attachment>,
    /// Name of the speaker, where the format tells more of them apart than a person and an assistant.
    pub speaker: Option<Arc<str>>,
    /// The assistant's working directory at the time, absolute; by it the project is found.
    pub cwd: Option<Arc<str>>,
    /// Name of the source that it came from at first ([`SourceFormat::name`](crate::SourceFormat::name)),
    /// where the file is an export of ours; it need not be one that is registered. `None`: it is of the
    /// source whose log was read.
    pub source: Option<Arc<str>>,
    /// Project named by the source itself (the generic format), instead of a directory.
    pub project: Option<Arc<str>>,
    /// The branch that the working directory was on in git.
    pub branch: Option<Arc<str>>,
    /// Address of the git remote of the working directory, where the source records it.
    pub remote: Option<Arc<str>>,
    /// Name of the model that wrote it, as the source records it.
    pub model: Option<Arc<str>>,
    /// Id or name of the sub-agent that speaks, an assistant that the main one started; `None` for the
    /// main one.
    pub agent: Option<Arc<str>>,
    /// Tokens that the reply took, so spread over its records that a sum over messages counts them once.
    /// `None` if the log doesn't tell, or other records of the reply have all of them.
    pub usage: Option<TokenUsage>,
}

impl Message {
    /// Whether there is nothing in it: such records are no messages.
    pub(crate) fn says_nothing(&self) -> bool {
        self.text.trim().is_empty()
            && self.thinking.is_empty()
            && self.tools.is_empty()
            && self.results.is_empty()
            && self.attachments.is_empty()
    }
}

/// A call of a tool.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolCall {
    /// The call's id, which its result repeats; empty where the log has none.
    pub id: String,
    /// Name of the tool as the source logs it; `mcp__server__tool` for those of MCP servers.
    pub name: String,
    /// The arguments, as JSON text; empty where the log has none.
    pub input: String,
}

/// What a tool gave back to a call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ToolResult {
    /// Id of the call that it answers; see [`ToolCall::id`].
    pub call: String,
    /// Whether the tool failed, by what the log says or by an exit code other than 0.
    pub is_error: bool,
    /// What the model was shown.
    pub output: String,
    /// What the assistant's program kept beside it (structured patch, exit code, whole file …), as JSON
    /// text in the source's own form; `None` where it kept nothing.
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

/// An image or document whose data was left out, described.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attachment {
    /// Media type, such as `image/png`.
    pub media_type: String,
    /// Size in bytes after decoding.
    pub bytes: u64,
}

/// Tokens that a model took for a reply. Each is counted in exactly one of these four: the whole prompt
/// is `input + cache_creation + cache_read`. A number that the log doesn't have is 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TokenUsage {
    /// Tokens of the prompt that the cache had no part in.
    pub input: u64,
    /// Tokens that the model wrote, as its API counts them: those of its reasoning among them.
    pub output: u64,
    /// Tokens of the prompt that were put into the cache.
    pub cache_creation: u64,
    /// Tokens of the prompt that were read from the cache.
    pub cache_read: u64,
}

/// What a log says about a conversation rather than in it, such as its title.
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

/// How a conversation came out of another one, its parent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Relation {
    /// The parent's assistant started it, for an assistant of its own.
    SubAgent,
    /// It was forked from the parent: its log says so, and begins with a copy of the parent's messages.
    Fork,
    /// It goes on with the parent under another id, as sessions do that are resumed.
    Resume,
}

impl Relation {
    /// All of them, the one that counts most first.
    pub const ALL: [Self; 3] = [Self::SubAgent, Self::Fork, Self::Resume];

    /// The name used in exports and answers: `sub-agent`, `fork` or `resume`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::SubAgent => "sub-agent",
            Self::Fork => "fork",
            Self::Resume => "resume",
        }
    }

    /// The relation that [`Self::name`] calls so; `None` for any other word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|relation| relation.name() == name)
    }
}

/// What is known of a conversation; see [`Fact`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FactKind {
    /// A title. One of a higher rank beats one of a lower rank; of equal rank the last of a log wins.
    Title {
        /// The title, in one line or several.
        text: String,
        /// How good the title is: 0 made up from the text, 1 a summary, 2 given by the assistant, 3 given
        /// by the person.
        rank: u8,
    },
    /// The conversation that this one came out of. Of several, the one of the lesser [`Relation`] counts,
    /// and of equal ones that with the smaller id.
    Parent {
        /// The source's own id of that conversation.
        conversation: Arc<str>,
        /// How this one came out of it.
        relation: Relation,
    },
    /// It repeats a message that stands in another conversation too, with the same id: both are told the
    /// whole of what was said.
    Repeats {
        /// The source's own id of the message.
        message: String,
    },
    /// The address (URL) of a pull request or artifact that came out of it.
    Link(String),
    /// One of its messages is a reflection: a note that somebody stored on purpose.
    Reflection {
        /// The source's own id of the message.
        message: String,
        /// What the reflection has beside its message.
        about: Reflected,
    },
    /// One of its messages is a fact about the person whose archive it is.
    AboutPerson {
        /// The source's own id of the message.
        message: String,
        /// What the fact has beside its message.
        origin: FactOrigin,
    },
    /// A mark on one of its messages: whether what it says still holds. Of several marks on a message the
    /// later ones come after the earlier ones.
    Mark {
        /// The source's own id of the message.
        message: String,
        /// What was found out about it.
        mark: Marking,
    },
}
