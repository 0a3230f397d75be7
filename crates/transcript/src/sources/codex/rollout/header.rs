//! Where a rollout is: in which session, turn and directory, and whether in a fork's copy of its
//! parent.

use super::reading::{RecordContext, RolloutReader};
use crate::sources::codex::record::RolloutPayload;
use crate::sources::codex::state::{RolloutSession, uuid_time};
use crate::time::millis;
use crate::{Fact, FactKind, Relation, bounds};

/// A fork's copy of its parent is written in one go: a longer pause ends it.
const COPY_PAUSE_MILLIS: i64 = 2_000;

impl RolloutReader {
    /// Follows turns and the end of a fork's copy of its parent.
    pub(super) fn clock(&mut self, payload: &RolloutPayload<'_>, time: Option<i64>) {
        let metadata = [&payload.metadata, &payload.passed_metadata];
        let told = metadata.into_iter().filter_map(|object| object.0.as_ref());
        let turn = payload
            .turn_id
            .get()
            .or(told.filter_map(|told| told.turn_id.get()).next());
        set(&mut self.memo.turn, turn);
        let start = self.memo.session.as_ref().and_then(|session| session.start);
        let is_own = turn
            .and_then(uuid_time)
            .zip(start)
            .is_some_and(|(turn, start)| turn >= start);
        let paused = time
            .zip(self.memo.last)
            .is_some_and(|(now, last)| now - last > COPY_PAUSE_MILLIS);
        if is_own || paused {
            self.memo.copied = None;
        }
        self.memo.last = time.or(self.memo.last);
    }

    /// A session's header: the file's own comes first, those of the sessions that it was forked
    /// from may follow with their history.
    pub(super) fn header(
        &mut self,
        payload: &RolloutPayload<'_>,
        context: &mut RecordContext<'_, '_>,
    ) {
        let id = payload
            .id
            .get()
            .or(payload.session_id.get())
            .unwrap_or(&self.name);
        let id = bounds::name(id).into_owned();
        if let Some(own) = self.memo.session.as_ref().filter(|own| own.id != id) {
            if self.memo.copied.is_none() {
                let what = FactKind::Parent {
                    conversation: id.as_str().into(),
                    relation: Relation::Fork,
                };
                context.batch.facts.push(Fact::new(own.id.as_str(), what));
            }
            self.memo.copied = Some(id);
            return self.settings(None, payload.model.get());
        }
        self.settings(payload.cwd.get(), payload.model.get());
        if let Some(git) = &payload.git.0 {
            set(&mut self.memo.branch, Some(git.branch.as_str()));
            set(&mut self.memo.remote, Some(git.repository_url.as_str()));
        }
        if self.memo.session.is_none() {
            self.own_header(id, payload, context);
        }
    }

    pub(super) fn own_header(
        &mut self,
        id: String,
        payload: &RolloutPayload<'_>,
        context: &mut RecordContext<'_, '_>,
    ) {
        let forked = payload.forked_from_id.get();
        let launch = payload
            .source
            .0
            .as_ref()
            .and_then(|source| source.subagent.0.as_ref());
        let spawned = launch.and_then(|agent| agent.thread_spawn.0.as_ref());
        let parent = forked
            .or(payload.parent_thread_id.get())
            .or(spawned.and_then(|spawn| spawn.parent_thread_id.get()))
            .filter(|parent| *parent != id);
        if let Some(parent) = parent {
            let relation = match forked {
                Some(_) => Relation::Fork,
                None => Relation::SubAgent,
            };
            let what = FactKind::Parent {
                conversation: parent.into(),
                relation,
            };
            context.batch.facts.push(Fact::new(id.as_str(), what));
        }
        let named = payload.agent_nickname.get().or(payload.agent_role.get());
        let named = named
            .or(spawned.and_then(|spawn| spawn.agent_nickname.get().or(spawn.agent_role.get())));
        let agent = named.or(launch.map(|_| "subagent")).unwrap_or_default();
        let agent = bounds::name(agent).into_owned();
        self.memo.copied = forked.map(|id| bounds::name(id).into_owned());
        let start = uuid_time(&id)
            .or(millis(payload.timestamp.as_str()))
            .or(context.time);
        self.memo.session = Some(RolloutSession { id, start, agent });
    }

    /// Follows the settings. What a fork copied was said elsewhere, but the fork is where its own header says.
    pub(super) fn settings(&mut self, cwd: Option<&str>, model: Option<&str>) {
        set(
            &mut self.memo.cwd,
            cwd.filter(|_| self.memo.copied.is_none()),
        );
        set(&mut self.memo.model, model);
    }
}

/// Follows a setting where a record has it.
fn set(setting: &mut String, now: Option<&str>) {
    if let Some(now) = now.map(bounds::name)
        && *setting != now
    {
        *setting = now.into_owned();
    }
}
