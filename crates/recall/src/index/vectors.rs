//! The interface of vector indexes: they keep the vectors of messages' passages, and find those nearest to
//! a query's, for searches by meaning.
//!
//! The archive stays the only system of record: an index that is lost is filled again by embedding. This
//! module must not know how an index stores or scans; [`EmbeddedIndex`](super::embedded::EmbeddedIndex)
//! is the default.

use embed::{Embedding, ModelId};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};

use super::passage::PassageId;
use crate::Result;
use crate::store::{MessageId, ProjectFilter, ProjectId, Span, Spans, epoch};

/// Keeps the vectors of an archive's passages and finds those nearest to a query. Implement it to keep them
/// elsewhere than in the archive, and give it as [`VectorStorage::Index`](crate::VectorStorage::Index).
///
/// One index serves all connections of a process to one archive, hence `&self`. Each call is given the
/// state of the archive that its caller sees. An index in another process may lag behind that: whoever
/// searches checks every message that it gets against the archive.
///
/// # Errors
/// Every method fails if the archive can't be read or written, or with
/// [`Error::VectorIndex`](crate::Error::VectorIndex) if what holds the vectors fails. A failed call may be
/// repeated.
pub trait VectorIndex: Send + Sync {
    /// Brings the index to the state of the archive, and returns how many vectors of the model it holds; 0
    /// means that nothing can be found.
    ///
    /// Called before the first [`nearest`](Self::nearest) of a search, and when embedding has ended. It
    /// may take seconds the first time, and next to nothing where nothing has changed.
    fn prepare(&self, archive: &ArchiveState<'_>, space: VectorSpace<'_>) -> Result<u64>;

    /// The passages that the filter admits whose vectors have the highest cosine with the query's, the
    /// nearest first, equal ones in the order of their numbers; at most `limit`.
    ///
    /// Vectors of zeros, which are those of texts without words, are never found. A cosine may be off by
    /// 0.01.
    fn nearest(
        &self,
        archive: &ArchiveState<'_>,
        query: VectorQuery<'_>,
        filter: &VectorFilter,
        limit: usize,
    ) -> Result<Vec<VectorHit>>;

    /// For each message, in the order given, the passage of it that is nearest to the query; `None`
    /// where the message has no vector or none with a cosine above 0.
    ///
    /// A search asks for all of its candidates in one call. A cosine may be off by 0.01.
    fn scores(
        &self,
        archive: &ArchiveState<'_>,
        query: VectorQuery<'_>,
        messages: &[MessageId],
    ) -> Result<Vec<Option<VectorHit>>>;

    /// Keeps vectors of passages that have none yet, all made by `model`.
    ///
    /// The call is made within the transaction that notes the passages as embedded. An index outside the
    /// database may keep vectors although that transaction is rolled back: the same passages then come
    /// again, and must replace them.
    fn upsert(
        &self,
        archive: &ArchiveState<'_>,
        model: &ModelId,
        vectors: &[(PassageId, Embedding)],
    ) -> Result<()>;

    /// Removes every vector of the messages for good: nothing of them is left to be read. Messages
    /// without vectors are no error.
    fn erase(&self, archive: &ArchiveState<'_>, messages: &[MessageId]) -> Result<()>;

    /// Removes all vectors of all models, before another model embeds the archive anew.
    fn clear(&self, archive: &ArchiveState<'_>) -> Result<()>;

    /// Looks for damage. Returns a line for each problem, in the form of an error's message; at most 50.
    fn verify(&self, archive: &ArchiveState<'_>) -> Result<Vec<String>>;
}

/// The archive as the caller of a [`VectorIndex`] sees it: one connection and its open transaction. An
/// index asks it to which project a message belongs, and whether what it holds is still valid.
#[derive(Clone, Copy)]
pub struct ArchiveState<'a> {
    connection: &'a Connection,
    /// The spans of all messages (runs of consecutive ones in one conversation and project), if the caller
    /// has read them.
    spans: Option<&'a Spans>,
}

impl<'a> ArchiveState<'a> {
    pub(crate) fn new(connection: &'a Connection) -> Self {
        Self {
            connection,
            spans: None,
        }
    }

    /// The state seen by a caller that has read all spans, which makes looking projects up cheap.
    pub(crate) fn with_spans(connection: &'a Connection, spans: &'a Spans) -> Self {
        Self {
            connection,
            spans: Some(spans),
        }
    }

    pub(super) fn connection(&self) -> &'a Connection {
        self.connection
    }

    pub(super) fn spans(&self) -> Option<&'a Spans> {
        self.spans
    }

    /// The project that a message belongs to; `None` if the message is gone.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn project_of(&self, message: MessageId) -> Result<Option<ProjectId>> {
        let span = match self.spans {
            Some(spans) => spans.find(message).copied(),
            None => Span::of_message(self.connection, message)?,
        };
        Ok(span.map(|span| span.project))
    }

    /// A number that grows whenever messages move to another project, or copies of the archive's vectors in
    /// files become void. An index that keeps projects or such copies stores this number with them, and
    /// reads them anew when it differs.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub fn epoch(&self) -> Result<i64> {
        epoch(self.connection)
    }
}

/// The vectors that can be compared with each other: those of one embedding model.
#[derive(Clone, Copy, Debug)]
pub struct VectorSpace<'a> {
    /// The model that made the vectors.
    pub model: &'a ModelId,
    /// The number of components that each of them has.
    pub dimensions: usize,
}

/// The vector of a query, for which near ones are searched, and the model that made it.
#[derive(Clone, Copy, Debug)]
pub struct VectorQuery<'a> {
    /// The model that made the vector.
    pub model: &'a ModelId,
    /// The vector itself, of length 1.
    pub vector: &'a Embedding,
}

impl<'a> VectorQuery<'a> {
    /// The space that the vector lies in, with its model and its number of components.
    #[must_use]
    pub fn space(&self) -> VectorSpace<'a> {
        VectorSpace {
            model: self.model,
            dimensions: self.vector.dimensions(),
        }
    }
}

/// A passage that was found by its vector, and how near that is to the query's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct VectorHit {
    /// The passage.
    pub passage: PassageId,
    /// The cosine of the angle between its vector and the query's, within ±1 up to rounding.
    pub cosine: f32,
}

/// Which passages a search by meaning may find. It is plain data that can be serialised, so that an index
/// in another process can apply it too.
///
/// It holds only what can be told from a passage's number and project. What else a search asks (times,
/// roles, sources) is checked afterwards on the messages themselves, so such a search asks for more
/// passages than it needs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct VectorFilter {
    /// The projects that are searched.
    pub projects: ProjectFilter,
    /// Only messages within one of these ranges, which ascend and don't overlap; `None`: any message. An
    /// empty list admits none.
    pub ranges: Option<Vec<MessageRange>>,
}

impl VectorFilter {
    /// Whether a message lies within [`Self::ranges`]. Its project isn't checked.
    #[must_use]
    pub fn is_in_range(&self, message: MessageId) -> bool {
        self.ranges.as_ref().is_none_or(|ranges| {
            let after = ranges.partition_point(|range| range.first <= message);
            after > 0 && message <= ranges[after - 1].last
        })
    }
}

/// A run of messages by their numbers in the archive, to which a [`VectorFilter`] limits a search. A number
/// between the ends may belong to no message any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MessageRange {
    /// The first message.
    pub first: MessageId,
    /// The last message, included; not less than `first`.
    pub last: MessageId,
}
