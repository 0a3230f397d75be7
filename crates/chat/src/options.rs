//! What a chat is made of: everything is passed in.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use jiff::Zoned;
use memory::Memory;

use crate::assets::MediaRetention;
use crate::character::{CharacterLibrary, Speaker};
use crate::facts::FactOptions;
use crate::guards::ChatGuards;
use crate::knowledge::KnowledgeOptions;
use crate::model::ModelRegistry;
use crate::recollect::RecallOptions;
use crate::toolbox::ToolOptions;

/// What one person's chat is made of.
#[derive(Clone)]
pub struct ChatOptions {
    /// The person's archive.
    pub memory: Arc<Memory>,
    /// The models that can be asked.
    pub models: ModelRegistry,
    /// What guards what is said.
    pub guards: ChatGuards,
    /// What of the person's memory is put before the model.
    pub recall: RecallOptions,
    /// Documents that things are looked up in.
    pub knowledge: Arc<KnowledgeOptions>,
    /// What of facts about the person is allowed.
    pub facts: FactOptions,
    /// Whether a model may be asked to put older messages in short when they don't fit any more; otherwise they
    /// are left out.
    pub summaries: bool,
    /// Instructions that stand before everything else, unless a conversation or its character has its own.
    pub system: String,
    /// Who the chat can speak as.
    pub characters: Arc<CharacterLibrary>,
    /// The character of conversations that name none: its id or its name. One that isn't there is none.
    pub character: Option<String>,
    /// Who talks to characters.
    pub speaker: Speaker,
    /// The tools that models may call.
    pub tools: ToolOptions,
    /// How long sounds and films that tools made are kept.
    pub retention: MediaRetention,
    /// The time now where the person is.
    pub local_time: fn() -> Zoned,
    /// A directory of this person's, for pictures and for what tells that this process is there.
    pub directory: PathBuf,
    /// Limits.
    pub limits: ChatLimits,
}

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct ChatLimits {
    /// The longest message of a person, in bytes.
    pub message_bytes: usize,
    /// The longest answer, in bytes: what goes on for ever is cut there.
    pub answer_bytes: usize,
    /// Turns under way at a time, of one person.
    pub turns: usize,
    /// Messages that wait behind the one that is answered, in one conversation.
    pub queue: usize,
    /// How long a turn that ended is there for those who listen again, before the archive answers.
    pub ended_turn: Duration,
    /// Tokens of a model's context that are kept for the answer, where the request says nothing.
    pub answer_tokens: usize,
}

impl Default for ChatLimits {
    fn default() -> Self {
        Self {
            message_bytes: 1 << 20,
            answer_bytes: 4 << 20,
            turns: 1_000,
            queue: 8,
            ended_turn: Duration::from_secs(300),
            answer_tokens: 1_024,
        }
    }
}
