//! The values by which facts about the person are stored, changed, listed and shown.

use guard::{Action, Judged};
use transcript::{FactOrigin, Marking, Millis, Role};

use crate::MessageId;
use crate::guards::{Gate, Outbound, Unquoted, Voice};

/// A fact to be stored: one statement about the person.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct NewFact {
    /// The statement: 1 to 1,000 bytes, not counting space around it, which is dropped.
    pub text: String,
    /// Topics, kind, and where it was said: at most 8 topics, each of at most 64 characters.
    pub origin: FactOrigin,
    /// Who worded it: the person ([`Role::User`]) or a model. Any other role counts as a model.
    pub role: Role,
    /// The ids of facts that don't hold any more because of it.
    pub replaces: Vec<String>,
    /// When it was said, in milliseconds since 1970; `None`: now.
    pub created: Option<Millis>,
}

/// A change of a stored fact. Where it was said, and the time when it was made, stay.
#[derive(Clone, Debug, Default)]
pub struct FactChange {
    /// The new statement; `None` leaves it as it was.
    pub text: Option<String>,
    /// The new topics in place of all old ones; `None` leaves them as they were.
    pub topics: Option<Vec<String>>,
    /// The version of the fact that the writer knows, if the change depends on it.
    pub version: Option<i64>,
}

/// Which facts a list contains, the newest first.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactFilter {
    /// Whether those that don't hold any more are listed too.
    pub with_past: bool,
    /// Only those with this topic, in upper or lower case; `None`: any.
    pub topic: Option<String>,
    /// Only those behind this one in the list, by its id: the next page.
    pub after: Option<String>,
    /// The largest number to list.
    pub limit: usize,
}

impl Default for FactFilter {
    fn default() -> Self {
        Self {
            with_past: false,
            topic: None,
            after: None,
            limit: 100,
        }
    }
}

/// A fact about the person as it is stored. In its text and topics a placeholder or a note may stand for what
/// the guards found.
#[derive(Clone, Debug, PartialEq)]
pub struct PersonFact {
    /// Its id, which is also that of its message and its conversation in the archive.
    pub id: String,
    /// The statement.
    pub text: String,
    /// Topics, kind, and where it was said.
    pub origin: FactOrigin,
    /// Who worded it: the person ([`Role::User`]) or a model ([`Role::Assistant`]).
    pub role: Role,
    /// When it was said, in milliseconds since 1970.
    pub created: Millis,
    /// The mark that says that it doesn't hold any more; `None` if it does.
    pub ended: Option<Marking>,
    /// Rises with each of its changes.
    pub version: i64,
    /// Whether a guard keeps the statement, or a part of it, from readers: such a fact isn't put before a model.
    pub is_withheld: bool,
}

impl Outbound for PersonFact {
    fn pass(&mut self, gate: Gate<'_>) {
        let gate_of_text = gate.for_words_of(Voice::of_note(self.role));
        let seen = gate_of_text.whole(&self.text);
        let withholds = |judged: &Judged| judged.action >= Action::Quarantine;
        self.is_withheld |= seen.findings.iter().any(withholds);
        let text = seen.text.into_owned();
        self.text = text;
        gate.texts(&mut self.origin.topics);
        if let Some(ended) = &mut self.ended {
            ended.pass(gate);
        }
    }
}

/// A page of facts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct FactList {
    /// The facts.
    pub facts: Vec<PersonFact>,
    /// Whether there are more behind them.
    pub has_more: bool,
    /// How many changes of facts there were: the same number means the same facts.
    pub version: i64,
}

impl Outbound for FactList {
    fn pass(&mut self, gate: Gate<'_>) {
        self.facts.iter_mut().for_each(|fact| fact.pass(gate));
    }
}

/// A fact that is near to a text.
#[derive(Clone, Debug, PartialEq)]
pub struct FoundFact {
    /// The fact.
    pub fact: PersonFact,
    /// Cosine of its meaning and the text's; `None` if there is no model, or it isn't embedded yet.
    pub cosine: Option<f32>,
    /// How much of the words of the shorter one stands in the other, 0 to 1.
    pub words: f32,
}

impl Outbound for FoundFact {
    fn pass(&mut self, gate: Gate<'_>) {
        self.fact.pass(gate);
    }
}

/// A message of the person from which facts are still to be drawn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FactDue {
    /// The id of its conversation.
    pub conversation: String,
    /// Its id.
    pub message: String,
    /// The turn that it was said in.
    pub turn: Option<String>,
    /// What names the process that has that turn, or had it.
    pub process: String,
}

impl Unquoted for FactDue {}

/// A message of the chat that facts are drawn from, as it was when this was taken: changed words are stored under
/// another number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FactBasis(pub(crate) MessageId);

impl Unquoted for FactBasis {}
