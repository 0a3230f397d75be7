//! Which conversation a record belongs to, and what that came out of.

use std::sync::Arc;

use super::reading::SessionReader;
use crate::bounds;
use crate::fingerprint::fingerprint;
use crate::sources::claude_code::record::ClaudeRecord;
use crate::{Fact, FactKind, ReadBatch, Relation};

/// The conversation that a record belongs to, the sub-agent that speaks in it, and the conversation that
/// it came out of.
pub(super) type RecordPlace = (Arc<str>, Option<Arc<str>>, Option<(String, Relation)>);

impl SessionReader {
    /// The conversation that a record belongs to, the sub-agent that speaks in it, and the
    /// conversation that it came from.
    pub(super) fn place(&mut self, record: &ClaudeRecord<'_>) -> RecordPlace {
        let session = record
            .session_id
            .get()
            .filter(|id| !id.starts_with("agent-"))
            .or(self
                .file
                .session
                .as_deref()
                .filter(|_| self.file.agent.is_some()))
            .or(self
                .memo
                .session
                .as_deref()
                .filter(|id| !id.starts_with("agent-")))
            .or(self.file.session.as_deref());
        let is_sidechain = record.is_sidechain.0;
        let agent = record
            .agent_id
            .get()
            .filter(|_| is_sidechain)
            .or(self.file.agent.as_deref());
        let Some(agent) = agent else {
            let agent = is_sidechain.then(|| self.agent.share("sidechain"));
            let parent = record
                .forked_from
                .0
                .as_ref()
                .and_then(|from| from.session_id.get());
            let parent = parent.map(|parent| (parent.to_owned(), Relation::Fork));
            let conversation = self.conversation.share(session.unwrap_or_default());
            return (conversation, agent, parent);
        };
        let conversation = match session {
            Some(session) => format!("{session}/agent-{agent}"),
            None => format!("agent-{agent}"),
        };
        let parent = session.map(|session| (session.to_owned(), Relation::SubAgent));
        (
            self.conversation.share(&conversation),
            Some(self.agent.share(agent)),
            parent,
        )
    }

    /// Follows the session from record to record. One that begins behind another in the same file goes on
    /// with that one; two that take turns, as those of two terminals do, are told of once.
    pub(super) fn follow_session(
        &mut self,
        record: &ClaudeRecord<'_>,
        conversation: &Arc<str>,
        is_alone: bool,
        batch: &mut ReadBatch,
    ) {
        let Some(session) = record.session_id.get() else {
            return;
        };
        if self.memo.session.as_deref() == Some(session) {
            return;
        }
        let name = bounds::name(session).into_owned();
        let before = self.memo.session.replace(name);
        let is_new = self.memo.is_new_session(session);
        if let Some(before) = before.filter(|before| !before.starts_with("agent-"))
            && is_new
            && is_alone
            && **conversation == *session
        {
            self.parent(conversation, &before, Relation::Resume, batch);
        }
    }

    pub(super) fn parent(
        &mut self,
        conversation: &Arc<str>,
        parent: &str,
        relation: Relation,
        batch: &mut ReadBatch,
    ) {
        let told = fingerprint(&format!("{conversation} {parent}"));
        if **conversation != *parent && self.memo.parent != told {
            self.memo.parent = told;
            let what = FactKind::Parent {
                conversation: parent.into(),
                relation,
            };
            batch.facts.push(Fact::new(Arc::clone(conversation), what));
        }
    }
}
