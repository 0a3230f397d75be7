//! What is asked of the chat's conversations, and what comes back.

use transcript::{Message, Millis, Role, TokenUsage, ToolCall, ToolResult};

/// What a conversation of the chat is, without its messages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatHead {
    /// Its id.
    pub id: String,
    /// Its title, if it has one.
    pub title: Option<String>,
    /// Whether the person gave the title; else it was made of the first message.
    pub is_title_given: bool,
    /// When it was made.
    pub created: Millis,
    /// When it was changed last.
    pub updated: Millis,
    /// Rises with each change.
    pub version: i64,
    /// The message at the end of the branch that is shown; `None` while there is none.
    pub head: Option<String>,
    /// Whether it stands first in lists.
    pub pinned: bool,
    /// Whether lists leave it out unless they are asked for such.
    pub archived: bool,
    /// Its tags.
    pub tags: Vec<String>,
    /// The project that it was put into.
    pub project: Option<String>,
    /// The conversation that it was forked from.
    pub parent: Option<String>,
    /// What the chat keeps for it, as a JSON object.
    pub settings: String,
    /// The number of its messages, those of all branches.
    pub messages: u64,
}

/// A conversation of the chat with its messages.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatThread {
    /// What it is.
    pub head: ChatHead,
    /// The messages of all branches, in the order in which they were added.
    pub messages: Vec<ChatMessage>,
    /// The instructions of its project; empty if it has none.
    pub instructions: String,
}

/// What came of a message that was said in a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatQuestion {
    /// The turn.
    pub turn: String,
    /// The first answer to it; `None` if there is none yet.
    pub answer: Option<String>,
}

/// A project as the chat knows it: one that conversations were put into, or that has instructions.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatProject {
    /// Its name.
    pub name: String,
    /// What every conversation in it has before its model, beside its own instructions; empty for nothing.
    pub instructions: String,
    /// Rises with each change of the instructions; 0 if it never had any.
    pub version: i64,
    /// When its instructions were changed last; 0 if it never had any.
    pub updated: Millis,
    /// How many conversations are in it.
    pub conversations: u64,
}

/// A message of a conversation of the chat.
#[derive(Clone, Debug, PartialEq)]
pub struct ChatMessage {
    /// What was said, with secrets masked, as it is kept.
    pub message: Message,
    /// The id of the message that it answers or follows; `None` for the first.
    pub parent: Option<String>,
    /// The turn that it was said in.
    pub turn: Option<String>,
    /// Whether it is whole.
    pub state: ChatMessageState,
    /// What the chat keeps beside it, as a JSON object.
    pub detail: String,
}

/// Whether a message is whole, and why not.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ChatMessageState {
    /// As it was meant.
    #[default]
    Whole,
    /// The model ended before it was done, for want of tokens or of a connection.
    Cut,
    /// The person stopped it.
    Stopped,
    /// The program ended while it came.
    Interrupted,
    /// It failed; its text is what came before.
    Failed,
    /// A guard found later what may not be shown.
    Hidden,
}

impl ChatMessageState {
    /// All of them, in the order of their numbers in the archive; only ever appended to.
    pub const ALL: [Self; 6] = [
        Self::Whole,
        Self::Cut,
        Self::Stopped,
        Self::Interrupted,
        Self::Failed,
        Self::Hidden,
    ];

    /// The name used in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Cut => "cut",
            Self::Stopped => "stopped",
            Self::Interrupted => "interrupted",
            Self::Failed => "failed",
            Self::Hidden => "hidden",
        }
    }

    /// By its number in the archive.
    pub(crate) fn of_number(number: i64) -> Self {
        usize::try_from(number)
            .ok()
            .and_then(|number| Self::ALL.get(number).copied())
            .unwrap_or_default()
    }
}

/// What became of a turn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum TurnState {
    /// It is under way, or the process that had it ended without a word.
    #[default]
    Running,
    /// Its answer stands.
    Completed,
    /// The person stopped it.
    Cancelled,
    /// It failed.
    Failed,
    /// The program ended meanwhile; what had come of the answer was kept.
    Interrupted,
}

impl TurnState {
    /// All of them, in the order of their numbers in the archive; only ever appended to.
    pub const ALL: [Self; 5] = [
        Self::Running,
        Self::Completed,
        Self::Cancelled,
        Self::Failed,
        Self::Interrupted,
    ];

    /// The name used in answers.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Running => "running",
            Self::Completed => "completed",
            Self::Cancelled => "cancelled",
            Self::Failed => "failed",
            Self::Interrupted => "interrupted",
        }
    }

    /// By its number in the archive.
    pub(crate) fn of_number(number: i64) -> Self {
        usize::try_from(number)
            .ok()
            .and_then(|number| Self::ALL.get(number).copied())
            .unwrap_or_default()
    }
}

/// A conversation about to be made.
#[derive(Clone, Debug, Default)]
pub struct NewChat {
    /// Its id, which must be new.
    pub id: String,
    /// A title that the person gave.
    pub title: Option<String>,
    /// The project that it is put into; `None` for none.
    pub project: Option<String>,
    /// Its tags.
    pub tags: Vec<String>,
    /// The conversation that it is forked from.
    pub parent: Option<String>,
    /// What the chat keeps for it, as a JSON object; empty for `{}`.
    pub settings: String,
}

/// What is changed of a conversation; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ChatPatch {
    /// A title, and whether the person gave it; one that was made doesn't take the place of one given.
    pub title: Option<(String, bool)>,
    /// The message at the end of the branch that is shown.
    pub head: Option<String>,
    /// Whether it stands first in lists.
    pub pinned: Option<bool>,
    /// Whether lists leave it out.
    pub archived: Option<bool>,
    /// All of its tags.
    pub tags: Option<Vec<String>>,
    /// The project that it is put into, with all of its messages; `Some(None)` takes it out of its project.
    pub project: Option<Option<String>>,
    /// What the chat keeps for it, as a JSON object.
    pub settings: Option<String>,
}

/// A message about to be added to a conversation.
#[derive(Clone, Debug)]
pub struct NewChatMessage {
    /// Its id, which must be new.
    pub id: String,
    /// The message that it answers or follows; `None` for the first.
    pub parent: Option<String>,
    /// The turn that it is said in.
    pub turn: Option<String>,
    /// Who says it.
    pub role: Role,
    /// Who says it, by name, such as a character.
    pub speaker: Option<String>,
    /// When.
    pub time: Millis,
    /// What.
    pub text: String,
    /// The model's reasoning.
    pub thinking: String,
    /// The calls of tools that it makes.
    pub tools: Vec<ToolCall>,
    /// The results of tools that it brings.
    pub results: Vec<ToolResult>,
    /// The model that said it.
    pub model: Option<String>,
    /// Tokens that it took.
    pub usage: Option<TokenUsage>,
    /// Whether it is whole.
    pub state: ChatMessageState,
    /// What the chat keeps beside it, as a JSON object; empty for `{}`.
    pub detail: String,
}

impl NewChatMessage {
    /// What somebody said, with nothing but that.
    #[must_use]
    pub fn said(id: &str, role: Role, time: Millis, text: &str) -> Self {
        Self {
            id: id.to_owned(),
            parent: None,
            turn: None,
            role,
            speaker: None,
            time,
            text: text.to_owned(),
            thinking: String::new(),
            tools: Vec::new(),
            results: Vec::new(),
            model: None,
            usage: None,
            state: ChatMessageState::Whole,
            detail: String::new(),
        }
    }
}

/// How a turn ended.
#[derive(Clone, Debug, Default)]
pub struct TurnEnd {
    /// What became of it.
    pub state: TurnState,
    /// The model that answered.
    pub model: Option<String>,
    /// What the chat keeps of it, as a JSON object; empty for `{}`.
    pub detail: String,
}

/// A change of the chat's conversations. Conversations, messages and turns are named by their ids.
#[derive(Clone, Debug)]
pub enum ChatChange {
    /// Nothing changes, but all fails if a conversation has another version than its writer knows.
    Expect {
        /// Which conversation.
        chat: String,
        /// The version that the writer knows.
        version: i64,
    },
    /// A conversation is made.
    Create(NewChat),
    /// A conversation is changed.
    Patch {
        /// Which.
        chat: String,
        /// What of it.
        patch: ChatPatch,
    },
    /// A project gets instructions, or loses them.
    Project {
        /// Its name. It need not have conversations yet.
        name: String,
        /// The instructions; empty for none.
        instructions: String,
        /// The version that the writer knows, if it names one.
        version: Option<i64>,
    },
    /// A message is added, and ends the branch that is shown from then on.
    Append {
        /// To which conversation.
        chat: String,
        /// The message.
        message: Box<NewChatMessage>,
    },
    /// A message gets another text; the old one is gone for good.
    Rewrite {
        /// Of which conversation.
        chat: String,
        /// Which message.
        message: String,
        /// Its text from then on.
        text: String,
        /// Its state from then on.
        state: ChatMessageState,
        /// What the chat keeps beside it from then on; `None` leaves it.
        detail: Option<String>,
    },
    /// Facts about the person are to be drawn from a message that they said.
    DrawFacts {
        /// Which message.
        message: String,
    },
    /// What the chat keeps beside a message, and whether that is whole, is changed.
    Note {
        /// Of which conversation.
        chat: String,
        /// Which message.
        message: String,
        /// Its state from then on.
        state: ChatMessageState,
        /// What is kept from then on, as a JSON object.
        detail: String,
    },
    /// A message follows another one from then on, or none.
    Move {
        /// Of which conversation.
        chat: String,
        /// Which message.
        message: String,
        /// What it follows.
        parent: Option<String>,
    },
    /// Messages are removed for good; what followed them follows what they followed.
    Remove {
        /// Of which conversation.
        chat: String,
        /// Which messages.
        messages: Vec<String>,
    },
    /// A conversation is removed for good, with its messages and turns.
    Delete {
        /// Which.
        chat: String,
    },
    /// A turn begins.
    Begin {
        /// In which conversation.
        chat: String,
        /// Its id, which must be new.
        turn: String,
        /// The message that it answers.
        question: Option<String>,
        /// The id that its answer will have.
        answer: String,
        /// The model that is asked.
        model: Option<String>,
        /// What names the process that it is under way in.
        process: String,
    },
    /// What has come of a turn's answer so far.
    Draft {
        /// Which turn.
        turn: String,
        /// The text.
        text: String,
        /// The reasoning.
        thinking: String,
    },
    /// What has come of a turn's answer so far, with what the chat keeps of the turn while it is under way.
    Progress {
        /// Which turn.
        turn: String,
        /// The text.
        text: String,
        /// The reasoning.
        thinking: String,
        /// What the chat keeps of it, as a JSON object.
        detail: String,
    },
    /// What a turn sent to the model.
    Request {
        /// Which turn.
        turn: String,
        /// The bytes.
        body: Vec<u8>,
    },
    /// A turn ends.
    End {
        /// Which turn.
        turn: String,
        /// How.
        end: TurnEnd,
    },
}

/// Which conversations a list holds.
#[derive(Clone, Debug, Default)]
pub struct ChatFilter {
    /// Those that are archived instead of those that aren't.
    pub archived: bool,
    /// Only those with this tag.
    pub tag: Option<String>,
    /// Only those of this project.
    pub project: Option<String>,
    /// Only those behind this one in the order of the list.
    pub after: Option<String>,
    /// At most so many.
    pub limit: usize,
}

/// A message of the chat beside which something about guards is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GuardedMessage {
    /// Its number in the archive: messages that were added or changed later have higher ones.
    pub number: i64,
    /// Its conversation.
    pub chat: String,
    /// Its id.
    pub id: String,
    /// Who said it.
    pub role: Role,
    /// When.
    pub time: Option<Millis>,
    /// What the chat keeps beside it, as a JSON object.
    pub detail: String,
}

/// A turn, as it is kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TurnRecord {
    /// Its id.
    pub id: String,
    /// The conversation that it is a part of.
    pub chat: String,
    /// The message that it answers.
    pub question: Option<String>,
    /// The id that its answer has or will have.
    pub answer: String,
    /// What became of it.
    pub state: TurnState,
    /// When it began.
    pub began: Millis,
    /// When it ended.
    pub ended: Option<Millis>,
    /// The model that was asked, or answered.
    pub model: Option<String>,
    /// What names the process that it is, or was, under way in.
    pub process: String,
    /// What had come of the answer, if it is under way.
    pub text: String,
    /// What had come of the reasoning, if it is under way.
    pub thinking: String,
    /// What the chat keeps of it, as a JSON object.
    pub detail: String,
    /// What was sent to the model; `None` if nothing was, or something was forgotten since.
    pub request: Option<Vec<u8>>,
}
