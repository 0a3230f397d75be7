//! What somebody who takes up work again wants to know first.

use rusqlite::Connection;
use transcript::Millis;

use super::group::WorkGroup;
use super::recent::{GroupBy, RecentRequest, latest};
use super::scene::Scene;
use crate::read::Conversation;
use crate::{Error, Result, Scope};

/// Which work.
#[derive(Clone, Debug, Default)]
pub struct RecapRequest {
    /// What may be told of.
    pub scope: Scope,
    /// How many conversations at most.
    pub conversations: usize,
    /// A conversation that is left out: the one that the recap is for.
    pub without: Option<String>,
    /// Only work at or after this time.
    pub since: Option<Millis>,
    /// The time now.
    pub now: Millis,
}

/// What was done last, and what is open.
#[derive(Clone, Debug, Default)]
pub struct Recap {
    /// Name of the project; `None` for all.
    pub project: Option<String>,
    /// The latest conversations in which a person said something, the latest first.
    pub work: Vec<WorkGroup>,
}

/// Conversations that are looked at for each one wanted: those that no person was in don't count.
const LOOKED_AT: usize = 3;

/// What was done last, and what is open.
pub(crate) fn recap(connection: &Connection, request: &RecapRequest) -> Result<Recap> {
    let mut scene = Scene::new(connection, &request.scope)?;
    let without = match &request.without {
        Some(id) => match Conversation::find(connection, id) {
            Ok(conversation) => vec![conversation.id],
            Err(Error::NoConversation(_) | Error::AmbiguousConversation { .. }) => Vec::new(),
            Err(error) => return Err(error),
        },
        None => Vec::new(),
    };
    let recent = RecentRequest {
        limit: request.conversations.saturating_mul(LOOKED_AT),
        group_by: GroupBy::Conversation,
        since: request.since,
        now: request.now,
        ..RecentRequest::default()
    };
    let mut work = latest(&mut scene, &recent, &without)?;
    work.retain(|group| group.asked.is_some());
    work.truncate(request.conversations);
    Ok(Recap {
        project: scene.project_name,
        work,
    })
}
