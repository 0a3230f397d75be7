//! Messages and conversations, read back.

use guard::Action;
use transcript::{Marking, Message, Millis, Reflected};

use crate::guards::{FieldFinding, Gate, Outbound, strongest};

/// A message read back from the archive, with what is known of its conversation and what became of it. Its
/// texts have been judged by the guards.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The message as it is kept: secrets are masked, all else is as its source had it.
    pub message: Message,
    /// Short name of the project that it was said in.
    pub project: String,
    /// Name of its source.
    pub source: String,
    /// Title of its conversation.
    pub title: String,
    /// How the title came about (see [`transcript::FactKind::Title`]); `None` where the archive
    /// made it up.
    pub title_rank: Option<u8>,
    /// Id of the conversation from which this message's conversation was forked, or which started it as a
    /// sub-agent.
    pub parent: Option<String>,
    /// Links that came out of its conversation, such as pull requests.
    pub links: Vec<String>,
    /// Tags, author and the like, if the message is a reflection.
    pub reflection: Option<Reflected>,
    /// All marks of the message (open, resolved, superseded), the latest last.
    pub marks: Vec<Marking>,
    /// What the guards found in its texts. A note or a placeholder may stand there in its place.
    pub findings: Vec<FieldFinding>,
}

impl MessageView {
    /// The strictest action that the guards took on any text of the message.
    #[must_use]
    pub fn guard(&self) -> Action {
        strongest(&self.findings)
    }
}

impl Outbound for MessageView {
    /// The title went through the gate when it was cut.
    fn pass(&mut self, gate: Gate<'_>) {
        let gate = gate.of_project(&self.project);
        gate.message(&mut self.message, &mut self.findings);
        gate.texts(&mut self.links);
        if let Some(about) = &mut self.reflection {
            gate.texts(about.tags.iter_mut().chain(&mut about.author));
        }
        self.marks.iter_mut().for_each(|mark| mark.pass(gate));
    }
}

/// A conversation of the archive, as far as it lies in the scope that was asked for.
#[derive(Clone, Debug)]
pub struct ConversationView {
    /// The conversation's id, as its source has it.
    pub id: String,
    /// Name of the source.
    pub source: String,
    /// Short name of the project that most of it belongs to.
    pub project: String,
    /// The title; if the source gave none, the first words that a person said.
    pub title: String,
    /// Id of the conversation that it was forked from, or that started it as a sub-agent.
    pub parent: Option<String>,
    /// Path of the log file that it was imported from, which may be gone; secrets in it are masked.
    pub path: String,
    /// Time of its first message that has one, in milliseconds since 1970.
    pub started: Option<Millis>,
    /// Time of its last message that has one, in milliseconds since 1970.
    pub ended: Option<Millis>,
    /// The number of its messages.
    pub messages: u64,
    /// Links that came out of it, such as pull requests.
    pub links: Vec<String>,
}

impl Outbound for ConversationView {
    /// The title went through the gate when it was cut.
    fn pass(&mut self, gate: Gate<'_>) {
        gate.of_project(&self.project).texts(&mut self.links);
    }
}
