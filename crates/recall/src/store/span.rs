//! Which messages belong to which conversation and project: runs of consecutive ids.

use rusqlite::{Connection, OptionalExtension as _, Row, params};
use serde::{Deserialize, Serialize};

use super::message::MessageId;
use crate::Result;

/// The number of a conversation in the archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct ConversationId(pub(crate) i64);

/// The number of a project in the archive, 1 or more, which is never given to another one. Other archives
/// have other numbers for the same project; what identifies it everywhere is
/// [`ProjectInfo::key`](crate::ProjectInfo).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct ProjectId(pub i64);

/// The projects that may be looked into: what a [`Scope`](crate::Scope) comes to once its names are looked
/// up.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProjectFilter {
    /// Every project of the archive.
    All,
    /// One project.
    One(ProjectId),
    /// No project: nothing is found.
    None,
}

impl ProjectFilter {
    /// Whether a project may be looked into. Every message has a project: those that don't say where they
    /// were said have `name:unsorted`.
    #[must_use]
    pub fn admits(self, project: ProjectId) -> bool {
        match self {
            Self::All => true,
            Self::One(only) => only == project,
            Self::None => false,
        }
    }

    /// What `?1 IS NULL OR project = ?1` compares with: numbers of projects start at 1.
    pub(crate) fn parameter(self) -> Option<i64> {
        match self {
            Self::All => None,
            Self::One(project) => Some(project.0),
            Self::None => Some(0),
        }
    }
}

/// Consecutive messages of one conversation in one project, read from one log, both ends included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) first: MessageId,
    pub(crate) last: MessageId,
    pub(crate) conversation: ConversationId,
    pub(crate) project: ProjectId,
    /// A hash that identifies the log that they were read from, whichever copy of it that was. `None` for
    /// reflections, and for what older versions imported.
    pub(crate) log: Option<i64>,
    /// The byte offset in the log at which the first of them stands; `None` as above. Messages of one log
    /// aren't always in the order of their ids: one may have been read from a copy before.
    pub(crate) at: Option<i64>,
}

impl Span {
    fn from_row(row: &Row<'_>) -> rusqlite::Result<Self> {
        Ok(Self {
            first: MessageId(row.get(0)?),
            last: MessageId(row.get(1)?),
            conversation: ConversationId(row.get(2)?),
            project: ProjectId(row.get(3)?),
            log: row.get(4)?,
            at: row.get(5)?,
        })
    }

    /// Adds a message of this span to the parts that it is made into: to the last one if that is of the same
    /// project and ends right before the message, else as a part of its own. Messages come in ascending order.
    pub(crate) fn part(self, parts: &mut Vec<Self>, message: MessageId, project: ProjectId) {
        match parts.last_mut() {
            Some(part) if part.project == project && part.last.0 + 1 == message.0 => {
                part.last = message;
            }
            _ => parts.push(Self {
                first: message,
                last: message,
                project,
                ..self
            }),
        }
    }

    /// Adds it to the archive.
    pub(crate) fn insert(&self, connection: &Connection) -> Result<()> {
        connection
            .prepare_cached(
                "INSERT INTO span (first, last, conversation, project, log, at)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
            )?
            .execute(params![
                self.first.0,
                self.last.0,
                self.conversation.0,
                self.project.0,
                self.log,
                self.at
            ])?;
        Ok(())
    }

    /// The span that a message lies in.
    pub(crate) fn of_message(connection: &Connection, message: MessageId) -> Result<Option<Self>> {
        let sql = "SELECT first, last, conversation, project, log, at FROM span
             WHERE first <= ?1 ORDER BY first DESC LIMIT 1";
        let mut statement = connection.prepare_cached(sql)?;
        let before = statement
            .query_row([message.0], Self::from_row)
            .optional()?;
        Ok(before.filter(|span| message <= span.last))
    }
}

/// Spans in ascending order, to look messages up in.
#[derive(Clone, Debug, Default)]
pub(crate) struct Spans(pub(crate) Vec<Span>);

impl Spans {
    /// All spans of the archive.
    pub(crate) fn all(connection: &Connection) -> Result<Self> {
        Self::query(
            connection,
            "SELECT first, last, conversation, project, log, at FROM span ORDER BY first",
            [],
        )
    }

    /// The spans of one project.
    pub(crate) fn of_project(connection: &Connection, project: ProjectId) -> Result<Self> {
        Self::query(
            connection,
            "SELECT first, last, conversation, project, log, at FROM span WHERE project = ?1 ORDER BY first",
            params![project.0],
        )
    }

    /// The spans of one conversation.
    pub(crate) fn of_conversation(
        connection: &Connection,
        conversation: ConversationId,
    ) -> Result<Self> {
        Self::query(
            connection,
            "SELECT first, last, conversation, project, log, at FROM span WHERE conversation = ?1 ORDER BY first",
            params![conversation.0],
        )
    }

    fn query(connection: &Connection, sql: &str, values: impl rusqlite::Params) -> Result<Self> {
        let mut statement = connection.prepare_cached(sql)?;
        let rows = statement.query_map(values, Span::from_row)?;
        Ok(Self(rows.collect::<rusqlite::Result<_>>()?))
    }

    /// The spans of the projects that may be looked into.
    pub(crate) fn of(connection: &Connection, projects: ProjectFilter) -> Result<Self> {
        match projects {
            ProjectFilter::All => Self::all(connection),
            ProjectFilter::One(project) => Self::of_project(connection, project),
            ProjectFilter::None => Ok(Self::default()),
        }
    }

    /// Of these, the spans of the projects that may be looked into.
    pub(crate) fn within(mut self, projects: ProjectFilter) -> Self {
        self.0.retain(|span| projects.admits(span.project));
        self
    }

    /// The span that a message lies in.
    pub(crate) fn find(&self, message: MessageId) -> Option<&Span> {
        let after = self.0.partition_point(|span| span.first <= message);
        self.0
            .get(after.checked_sub(1)?)
            .filter(|span| message <= span.last)
    }

    /// How many messages there are in all.
    pub(crate) fn len(&self) -> u64 {
        self.0
            .iter()
            .map(|s| (s.last.0 - s.first.0 + 1).cast_unsigned())
            .sum()
    }
}
