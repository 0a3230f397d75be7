//! What a conversation came out of, where its log doesn't say.

use rusqlite::{Connection, OptionalExtension as _, params};
use rustc_hash::FxHashSet;
use transcript::Relation;

use crate::Result;
use crate::store::{ConversationId, MessageId, ProjectFilter, Span};

/// What a conversation came out of: the id of the other, and how.
pub(crate) type Origin = (String, Option<Relation>);

/// The conversation that one repeats, whose log doesn't say what it came out of: the one whose message is the
/// last that it repeats.
pub(super) fn repeated_origin(
    connection: &Connection,
    id: ConversationId,
    within: ProjectFilter,
) -> Result<Option<Origin>> {
    let sql = "SELECT message FROM copy WHERE conversation = ?1 AND (?2 IS NULL OR project = ?2)
         ORDER BY time DESC, log DESC, at DESC, message DESC LIMIT 1";
    let message = connection
        .prepare_cached(sql)?
        .query_row(params![id.0, within.parameter()], |row| {
            row.get(0).map(MessageId)
        })
        .optional()?;
    let Some(message) = message else {
        return Ok(None);
    };
    let span = Span::of_message(connection, message)?;
    // Nothing is told of a conversation elsewhere.
    let Some(span) = span.filter(|span| within.admits(span.project)) else {
        return Ok(None);
    };
    let key = connection
        .prepare_cached("SELECT key FROM conversation WHERE id = ?1")?
        .query_row([span.conversation.0], |row| row.get(0))?;
    Ok(Some((key, Some(Relation::Resume))))
}

/// A conversation whose id starts as it was asked for.
pub(super) struct AlikeConversation {
    pub(super) id: ConversationId,
    pub(super) key: String,
    pub(super) parent: Option<String>,
    pub(super) relation: Option<Relation>,
}

/// Of conversations whose ids start alike, those that aren't sub-agents of another of them.
pub(super) fn without_sub_agents(found: &[AlikeConversation]) -> Vec<&AlikeConversation> {
    let keys: FxHashSet<&str> = found.iter().map(|alike| alike.key.as_str()).collect();
    let is_part = |alike: &AlikeConversation| {
        let parent = alike.parent.as_deref();
        let is_told = alike.relation == Some(Relation::SubAgent)
            && parent.is_some_and(|parent| parent != alike.key && keys.contains(parent));
        // An export of an older version doesn't tell the relation; the id does.
        is_told
            || alike
                .key
                .split_once('/')
                .is_some_and(|(whole, _)| keys.contains(whole))
    };
    found.iter().filter(|alike| !is_part(alike)).collect()
}
