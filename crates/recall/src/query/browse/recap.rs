//! A recap for somebody who takes up work again: the latest conversations, and the reflections that still
//! hold.

use rusqlite::Connection;
use transcript::{MarkStatus, Millis};

use super::group::WorkGroup;
use super::recent::{GroupBy, RecentRequest, latest};
use super::scene::Scene;
use crate::guards::{Cleared, Gate, Outbound};
use crate::query::conversation::Conversation;
use crate::reflections::{self, Reflection, ReflectionFilter};
use crate::{Error, Result, Scope};

/// A request for a recap: the latest conversations, and the reflections (notes stored on purpose) that
/// still hold.
#[derive(Clone, Debug)]
pub struct RecapRequest {
    /// Which projects are looked at.
    pub scope: Scope,
    /// The largest number of conversations to return.
    pub conversations: usize,
    /// The largest number of reflections to return.
    pub reflections: usize,
    /// Id, or an unambiguous start of one, of a conversation to leave out: the one that the recap is shown
    /// in. One that isn't known or is ambiguous leaves out nothing.
    pub without: Option<String>,
    /// Only messages said, and reflections made, at this time or later, in milliseconds since 1970.
    pub since: Option<Millis>,
    /// The time now, in milliseconds since 1970: what is less than 5 minutes old isn't reported as
    /// unfinished.
    pub now: Millis,
}

impl RecapRequest {
    /// A request about a scope, of all time. The two limits and [`Self::now`] are 0 and must be set.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            scope,
            conversations: 0,
            reflections: 0,
            without: None,
            since: None,
            now: 0,
        }
    }
}

/// The latest conversations of a scope, and its reflections that still hold.
#[derive(Clone, Debug, Default)]
pub struct Recap {
    /// Short name of the project that was looked at; `None` if all projects were, or none.
    pub project: Option<String>,
    /// The latest conversations in which a person said something, the latest first.
    pub work: Vec<WorkGroup>,
    /// Reflections: first those whose latest mark is open, then those that were never marked, both the
    /// newest first. Resolved and superseded ones are left out.
    pub reflections: Vec<Reflection>,
}

impl Outbound for Recap {
    /// The reflections went through the gate where they were read.
    fn pass(&mut self, gate: Gate<'_>) {
        self.work.pass(gate);
    }
}

/// Conversations that are looked at for each one wanted: those that no person was in don't count.
const GROUPS_PER_WANTED: usize = 3;

/// What was done last, and what is open.
pub(crate) fn recap(
    connection: &Connection,
    gate: Gate<'_>,
    request: &RecapRequest,
) -> Result<Cleared<Recap>> {
    let work = gate.release(work(connection, gate, request)?);
    let insights = insights(connection, gate, request)?;
    Ok(work.join(insights, |recap, reflections| Recap {
        reflections,
        ..recap
    }))
}

/// What was done last.
fn work(connection: &Connection, gate: Gate<'_>, request: &RecapRequest) -> Result<Recap> {
    let _snapshot = connection.unchecked_transaction()?;
    let mut scene = Scene::new(connection, gate, &request.scope)?;
    let without = match &request.without {
        Some(id) => match Conversation::find(connection, gate, id) {
            Ok(conversation) => vec![conversation.id],
            Err(Error::NoConversation(_) | Error::AmbiguousConversation { .. }) => Vec::new(),
            Err(error) => return Err(error),
        },
        None => Vec::new(),
    };
    let recent = RecentRequest {
        limit: request.conversations.saturating_mul(GROUPS_PER_WANTED),
        group_by: GroupBy::Conversation,
        since: request.since,
        now: request.now,
        ..RecentRequest::new(request.scope.clone())
    };
    let mut work = latest(&mut scene, &recent, &without)?;
    work.retain(|group| group.asked.is_some());
    work.truncate(request.conversations);
    Ok(Recap {
        project: scene.project_name,
        work,
        reflections: Vec::new(),
    })
}

/// What was stored on purpose and still holds.
fn insights(
    connection: &Connection,
    gate: Gate<'_>,
    request: &RecapRequest,
) -> Result<Cleared<Vec<Reflection>>> {
    let filter = ReflectionFilter {
        since: request.since,
        limit: request.reflections,
        ..ReflectionFilter::new(request.scope.clone())
    };
    let open = ReflectionFilter {
        status: Some(MarkStatus::Open),
        ..filter.clone()
    };
    let open = reflections::list(connection, gate, &open)?;
    // Some of the newest may be over.
    let newest = ReflectionFilter {
        limit: request.reflections.saturating_mul(GROUPS_PER_WANTED),
        ..filter
    };
    let newest = reflections::list(connection, gate, &newest)?;
    Ok(open.join(newest, |mut found, newest| {
        found.extend(newest.into_iter().filter(|one| one.status.is_none()));
        found.truncate(request.reflections);
        found
    }))
}
