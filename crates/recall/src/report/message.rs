//! Messages and conversations, read back.

use guard::Action;
use transcript::{Marking, Message, Millis, Reflected};

use crate::guards::{FieldFinding, Gate, Outbound, Voice, strongest};

/// A message read back from the archive, with what is known of its conversation, and its marks. Its texts
/// were judged by the guards' policy for recalled text: what it masks is replaced by a placeholder, what it
/// quarantines by a note, and a text with anything that it blocks by a note as a whole.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The message. Its id is the source's own, or `#` and a number where the source gave none.
    pub message: Message,
    /// Short name of the project that it was said in.
    pub project: String,
    /// Name of its source, such as `claude-code`.
    pub source: String,
    /// Title of its conversation; if the source gave none, the first words that a person said.
    pub title: String,
    /// How the title came about: 0 taken from text, 1 a summary, 2 given by the assistant, 3 given by the
    /// person (see [`transcript::FactKind::Title`]). `None` if the log gives no title.
    pub title_rank: Option<u8>,
    /// Id of the conversation from which this message's conversation was forked, or which started it as a
    /// sub-agent's; `None` if neither is so.
    pub parent: Option<String>,
    /// URLs of what came out of its conversation, such as pull requests.
    pub links: Vec<String>,
    /// Tags, author and the like, if the message is a reflection (a note stored on purpose).
    pub reflection: Option<Reflected>,
    /// All marks of the message, each of which says open, resolved or superseded; the latest last.
    pub marks: Vec<Marking>,
    /// What the guards found in its texts, each with the field that it stands in.
    pub findings: Vec<FieldFinding>,
}

impl MessageView {
    /// The strictest action that the guards took on any text of the message; [`Action::Allow`] if they
    /// found nothing.
    #[must_use]
    pub fn guard(&self) -> Action {
        strongest(&self.findings)
    }
}

impl Outbound for MessageView {
    /// The title went through the gate when it was cut.
    fn pass(&mut self, gate: Gate<'_>) {
        let gate = gate.of_project(&self.project);
        let voice = match self.reflection {
            Some(_) => Voice::of_note(self.message.role),
            None => Voice::of(self.message.role, self.message.kind),
        };
        gate.message(&mut self.message, voice, &mut self.findings);
        gate.texts(&mut self.links);
        if let Some(about) = &mut self.reflection {
            gate.texts(about.tags.iter_mut().chain(&mut about.author));
        }
        self.marks.iter_mut().for_each(|mark| mark.pass(gate));
    }
}

/// A conversation of the archive without its messages. Times and the number of messages are those of the
/// part that lies in the scope that was asked for.
#[derive(Clone, Debug)]
pub struct ConversationView {
    /// The conversation's id, as its source has it.
    pub id: String,
    /// Name of its source, such as `claude-code`.
    pub source: String,
    /// Short name of its project; if it has parts in several, of the one with the longest part.
    pub project: String,
    /// The title; if the source gave none, the first words that a person said, at most 80 characters.
    pub title: String,
    /// Id of the conversation that it was forked from, or that started it as a sub-agent's; `None` if
    /// neither is so.
    pub parent: Option<String>,
    /// Path of the log file that it was imported from, which may be gone; secrets in it are masked. Empty
    /// if it was imported from none, as reflections are.
    pub path: String,
    /// Time of its first message that has one, in milliseconds since 1970.
    pub started: Option<Millis>,
    /// Time of its last message that has one, in milliseconds since 1970.
    pub ended: Option<Millis>,
    /// The number of its messages, those that a program put in included.
    pub messages: u64,
    /// URLs of what came out of it, such as pull requests.
    pub links: Vec<String>,
}

impl Outbound for ConversationView {
    /// The title went through the gate when it was cut.
    fn pass(&mut self, gate: Gate<'_>) {
        gate.of_project(&self.project).texts(&mut self.links);
    }
}
