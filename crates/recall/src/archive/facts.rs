//! Facts about the person whose archive it is.

use embed::Embedder;
use rusqlite::TransactionBehavior;
use transcript::Millis;

use super::opened::Archive;
use crate::guards::Cleared;
use crate::{
    FactBasis, FactChange, FactDue, FactFilter, FactList, FoundFact, NewFact, PersonFact, Result,
    facts,
};

impl Archive {
    /// Stores facts, all or none, and marks those that they take the place of as superseded. What the guards'
    /// policy for stored text masks is masked. With `known` it is done only if nobody changed any fact since
    /// the list of that [`FactList::version`]. `basis` is the message of the chat that they were drawn from.
    ///
    /// # Errors
    /// [`Error::FactsChanged`](crate::Error::FactsChanged); [`Error::NoMessage`](crate::Error::NoMessage) if the
    /// message is gone or its words were changed; if a text is empty, or something is longer than
    /// [`NewFact`] allows; if a guard fails, or the archive can't be written. Then nothing is stored.
    pub fn keep_facts(
        &mut self,
        known: Option<i64>,
        new: &[NewFact],
        basis: Option<FactBasis>,
        now: Millis,
    ) -> Result<Vec<PersonFact>> {
        self.change(|parts| facts::keep((parts.connection, parts.guards), known, new, basis, now))
    }

    /// The text of a fact as it would be kept: without needless space, and masked.
    #[must_use]
    pub fn fact_as_kept(&self, text: &str) -> String {
        facts::as_kept(self.guards(), text)
    }

    /// The facts that a filter admits, the newest first.
    ///
    /// # Errors
    /// If [`FactFilter::after`] names none, or the archive can't be read.
    pub fn facts(&self, filter: &FactFilter) -> Result<FactList> {
        self.ask(|connection, gate| facts::list(connection, gate, filter))
    }

    /// How many changes of facts there were: the same number means the same facts.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn facts_version(&self) -> Result<i64> {
        self.ask(|connection, _| Ok(Cleared::unquoted(facts::version(connection)?)))
    }

    /// The fact of this id. `id` may be a start that only one id has.
    ///
    /// # Errors
    /// [`Error::NoFact`](crate::Error::NoFact) or
    /// [`Error::AmbiguousFact`](crate::Error::AmbiguousFact); if the archive can't be read.
    pub fn fact(&self, id: &str) -> Result<PersonFact> {
        self.ask_at_once(|connection, gate| facts::get(connection, gate, id))
    }

    /// All facts that hold, each with how near it is to a text, the nearest first: by meaning if there is a
    /// model, and by words.
    ///
    /// # Errors
    /// If the model fails, or the archive can't be read.
    pub fn search_facts(
        &self,
        text: &str,
        embedder: Option<&dyn Embedder>,
    ) -> Result<Vec<FoundFact>> {
        let vectors = self.vectors();
        self.ask(|connection, gate| facts::search(connection, gate, vectors, (text, embedder)))
    }

    /// Changes a fact and returns it as it is then. The old text is gone for good.
    ///
    /// # Errors
    /// As [`Self::fact`] and [`Self::keep_facts`]. Then nothing is changed.
    pub fn edit_fact(&mut self, id: &str, change: &FactChange, now: Millis) -> Result<PersonFact> {
        self.change(|parts| {
            let writes = (parts.connection, parts.guards);
            facts::edit(writes, parts.vectors, (id, change), now)
        })
    }

    /// Forgets a fact for good, with the older ones that it took the place of, and returns it as it was.
    ///
    /// # Errors
    /// As [`Self::fact`], or if the archive can't be written. Then nothing is forgotten.
    pub fn forget_fact(&mut self, id: &str) -> Result<PersonFact> {
        self.change(|parts| {
            let writes = (parts.connection, parts.guards);
            facts::forget(writes, parts.vectors, id)
        })
    }

    /// The messages of the chat from which facts are still to be drawn, the oldest first, at most 1,000.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn facts_due(&self) -> Result<Vec<FactDue>> {
        self.ask_at_once(|connection, _| facts::due(connection))
    }

    /// A message of the chat as it is now, for what is to rest on it.
    ///
    /// # Errors
    /// [`Error::NoMessage`](crate::Error::NoMessage); if the archive can't be read.
    pub fn fact_basis(&self, message: &str) -> Result<FactBasis> {
        self.ask_at_once(|connection, _| facts::basis(connection, message))
    }

    /// Counts a try at drawing facts from a message, as it is now. Nothing if that isn't due any more, or was tried three
    /// times.
    ///
    /// # Errors
    /// If the archive can't be written.
    pub fn begin_drawing_facts(&mut self, message: &str) -> Result<Option<FactBasis>> {
        self.change(|parts| {
            let behavior = TransactionBehavior::Immediate;
            let transaction = parts.connection.transaction_with_behavior(behavior)?;
            let is_due = facts::begin_drawing(&transaction, message)?;
            transaction.commit()?;
            Ok(is_due)
        })
    }

    /// Notes that facts are to be drawn from a message later.
    ///
    /// # Errors
    /// If the archive can't be written.
    pub fn set_facts_due(&mut self, message: &str) -> Result<()> {
        self.change(|parts| {
            facts::set_due(parts.connection, message)?;
            Ok(Cleared::unquoted(()))
        })
    }

    /// Notes that no facts are to be drawn any more from a message as it was. If its words were changed
    /// meanwhile, or it is gone, nothing is noted.
    ///
    /// # Errors
    /// If the archive can't be written.
    pub fn end_drawing_facts(&mut self, basis: FactBasis) -> Result<()> {
        self.change(|parts| {
            facts::end_drawing(parts.connection, basis)?;
            Ok(Cleared::unquoted(()))
        })
    }

    /// Takes tokens of a day (days since 1970) for drawing facts, if no more than `limit` are taken then, or
    /// gives some back (`tokens` below 0). Processes share what may be taken. `false` if there aren't enough left.
    ///
    /// # Errors
    /// If the archive can't be written.
    pub fn take_fact_tokens(&mut self, day: i64, tokens: i64, limit: u64) -> Result<bool> {
        self.change(|parts| {
            let behavior = TransactionBehavior::Immediate;
            let transaction = parts.connection.transaction_with_behavior(behavior)?;
            let after = facts::spent(&transaction, day)?.saturating_add_signed(tokens);
            if tokens > 0 && after > limit {
                return Ok(Cleared::unquoted(false));
            }
            facts::spend(&transaction, day, tokens)?;
            transaction.commit()?;
            Ok(Cleared::unquoted(true))
        })
    }
}
