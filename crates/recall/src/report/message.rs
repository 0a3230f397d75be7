//! Messages and conversations, read back.

use guard::Action;
use transcript::{Marking, Message, Millis, Reflected};

use crate::guards::{FieldFinding, Gate, Outbound, strongest};

/// A message with what the archive adds to it.
#[derive(Clone, Debug)]
pub struct MessageView {
    /// The message as its source had it.
    pub message: Message,
    /// Short name of its project.
    pub project: String,
    /// Name of its source.
    pub source: String,
    /// Title of its conversation.
    pub title: String,
    /// How the title came about (see [`transcript::FactKind::Title`]); `None` where the archive
    /// made it up.
    pub title_rank: Option<u8>,
    /// The conversation that its own was forked from or started by.
    pub parent: Option<String>,
    /// Links that came out of its conversation.
    pub links: Vec<String>,
    /// What it has as a reflection, if it is one.
    pub reflection: Option<Reflected>,
    /// What became of it: all marks, the latest last.
    pub marks: Vec<Marking>,
    /// What was found in its texts; a note or a placeholder may stand for it there.
    pub findings: Vec<FieldFinding>,
}

impl MessageView {
    /// The strongest action of its findings.
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

/// A conversation.
#[derive(Clone, Debug)]
pub struct ConversationView {
    /// The source's id.
    pub id: String,
    /// Name of the source.
    pub source: String,
    /// Short name of the project that most of it belongs to.
    pub project: String,
    /// Title, made up from the first words where the source gave none.
    pub title: String,
    /// The conversation that it was forked from or started by.
    pub parent: Option<String>,
    /// Log file that it came from.
    pub path: String,
    /// First and last time.
    pub started: Option<Millis>,
    /// See [`Self::started`].
    pub ended: Option<Millis>,
    /// How many messages it has.
    pub messages: u64,
    /// Links that came out of it.
    pub links: Vec<String>,
}

impl Outbound for ConversationView {
    /// The title went through the gate when it was cut.
    fn pass(&mut self, gate: Gate<'_>) {
        gate.of_project(&self.project).texts(&mut self.links);
    }
}
