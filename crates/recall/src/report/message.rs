//! Messages and conversations, read back.

use guard::Action;
use transcript::{FactOrigin, Marking, Message, Millis, Reflected, Relation};

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
    /// Id of the conversation that this message's conversation came out of; `None` if there is none.
    pub parent: Option<String>,
    /// How it came out of that one.
    pub relation: Option<Relation>,
    /// Id of the conversation that the message belongs to, where the one that was read repeats it, as forks
    /// do; `None` if the message is its own.
    pub first_in: Option<String>,
    /// Ids of the conversations that repeat it; only exports of several conversations tell them.
    pub also_in: Vec<String>,
    /// URLs of what came out of its conversation, such as pull requests.
    pub links: Vec<String>,
    /// Tags, author and the like, if the message is a reflection (a note stored on purpose).
    pub reflection: Option<Reflected>,
    /// Topics, origin and the like, if the message is a fact about the person.
    pub fact: Option<FactOrigin>,
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
        let voice = match self.reflection.is_some() || self.fact.is_some() {
            true => Voice::of_note(self.message.role),
            false => Voice::of(self.message.role, self.message.kind),
        };
        gate.message(&mut self.message, voice, &mut self.findings);
        gate.texts(&mut self.links);
        if let Some(about) = &mut self.reflection {
            gate.texts(about.tags.iter_mut().chain(&mut about.author));
        }
        if let Some(fact) = &mut self.fact {
            gate.texts(&mut fact.topics);
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
    /// Id of the conversation that it came out of; `None` if there is none.
    pub parent: Option<String>,
    /// How it came out of that one; `None` also if that isn't known.
    pub relation: Option<Relation>,
    /// The conversations that came out of it, those that ended first first; at most 20.
    pub children: Vec<RelatedConversation>,
    /// How many came out of it.
    pub child_count: u64,
    /// Path of the log file that it was imported from, which may be gone; secrets in it are masked. Empty
    /// if it was imported from none, as reflections are.
    pub path: String,
    /// Time of its first message that has one, in milliseconds since 1970.
    pub started: Option<Millis>,
    /// Time of its last message that has one, in milliseconds since 1970.
    pub ended: Option<Millis>,
    /// The number of its messages, those that a program put in and those that it repeats included.
    pub messages: u64,
    /// How many of them it repeats of other conversations.
    pub repeated: u64,
    /// URLs of what came out of it, such as pull requests.
    pub links: Vec<String>,
}

impl Outbound for ConversationView {
    /// The title went through the gate when it was cut.
    fn pass(&mut self, gate: Gate<'_>) {
        gate.of_project(&self.project).texts(&mut self.links);
    }
}

/// A conversation as those that it is related to tell of it. Its title went through the gate.
#[derive(Clone, Debug)]
pub struct RelatedConversation {
    /// The conversation's id, as its source has it.
    pub id: String,
    /// The title; if the source gave none, the first words that a person said there.
    pub title: String,
    /// How it came out of its parent; `None` if it has none, or that isn't known.
    pub relation: Option<Relation>,
    /// Time of the first of its own messages (without those that it repeats), in milliseconds since 1970.
    pub started: Option<Millis>,
    /// Time of the last of its own messages, in milliseconds since 1970.
    pub ended: Option<Millis>,
    /// The number of its messages, those that it repeats included.
    pub messages: u64,
}

impl RelatedConversation {
    /// One that others tell of and the archive doesn't have.
    pub(crate) fn unknown(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            title: String::new(),
            relation: None,
            started: None,
            ended: None,
            messages: 0,
        }
    }
}

/// A conversation with all that it came out of and all that came out of these, as lines to print one below
/// the other.
#[derive(Clone, Debug)]
pub struct ConversationTree {
    /// The id of the conversation that was asked for.
    pub id: String,
    /// Whether the first line came out of another conversation, too: more than 50 above the one that was
    /// asked for are left out.
    pub is_cut_above: bool,
    /// Each conversation with those that came out of it below it: at most 20 of each and about 200 in all,
    /// and always those that lead to the one that was asked for.
    pub lines: Vec<TreeLine>,
}

/// A line of a [`ConversationTree`].
#[derive(Clone, Debug)]
pub enum TreeLine {
    /// A conversation.
    Conversation {
        /// How many conversations lead to it from the first line.
        depth: usize,
        /// Whether it was asked for.
        is_asked: bool,
        /// Whether the archive has it; if not, only its id is known.
        is_archived: bool,
        /// What it is.
        conversation: RelatedConversation,
    },
    /// Conversations that were left out.
    More {
        /// The depth that they have.
        depth: usize,
        /// How many; those that came out of them aren't counted.
        count: u64,
    },
}
