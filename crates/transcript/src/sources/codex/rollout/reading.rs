//! The reader of a rollout file at one place in it: the session, turn and directory at hand, and the
//! message that comes next. Must not know which records there are.

use std::sync::Arc;

use crate::bounds;
use crate::lines::LogRecord;
use crate::names::SharedName;
use crate::path::stem;
use crate::sources::codex::state::{RolloutState, uuid_time};
use crate::{Message, Millis, ReadBatch, Role};

/// The reader of a rollout file.
pub(in crate::sources::codex) struct RolloutReader {
    /// The session by the file's name, for files without a header.
    pub(super) name: String,
    pub(super) memo: RolloutState,
    pub(super) conversation: SharedName,
    pub(super) turn: SharedName,
    pub(super) cwd: SharedName,
    pub(super) branch: SharedName,
    pub(super) remote: SharedName,
    pub(super) model: SharedName,
    pub(super) agent: SharedName,
    pub(super) speaker: SharedName,
}

/// What is about to be said, and by which record.
pub(super) struct RecordContext<'a, 'b> {
    pub(super) at: LogRecord<'a>,
    pub(super) time: Option<Millis>,
    pub(super) batch: &'b mut ReadBatch,
}

impl RolloutReader {
    pub(in crate::sources::codex) fn new(path: &str, state: &str) -> Self {
        let stem = stem(path);
        // `rollout-<time>-<id>`, the id being a UUID.
        let id = stem
            .strip_prefix("rollout-")
            .and_then(|rest| rest.get(rest.len().checked_sub(36)?..));
        Self {
            name: id.unwrap_or(stem).to_owned(),
            memo: RolloutState::of(state),
            conversation: SharedName::default(),
            turn: SharedName::default(),
            cwd: SharedName::default(),
            branch: SharedName::default(),
            remote: SharedName::default(),
            model: SharedName::default(),
            agent: SharedName::default(),
            speaker: SharedName::default(),
        }
    }

    pub(super) fn other(&mut self, kind: &str, context: &mut RecordContext<'_, '_>) {
        if self.memo.unknown.is_news(kind) {
            let what = format!("unknown record type `{}`, skipped", bounds::name(kind));
            context.batch.tell(context.at.problem(what));
        }
    }

    /// The conversation at hand.
    pub(super) fn place(&mut self) -> Arc<str> {
        self.conversation.share(own_id(&self.memo, &self.name))
    }

    /// The conversation that is told of: in a fork's copy of its parent, the parent.
    pub(super) fn told_of(&self) -> &str {
        let own = own_id(&self.memo, &self.name);
        self.memo.copied.as_deref().unwrap_or(own)
    }

    /// A message with what is known at this point of the file.
    pub(super) fn base(&mut self, context: &RecordContext<'_, '_>) -> Message {
        let is_copy = self.memo.copied.is_some();
        let agent = self
            .memo
            .session
            .as_ref()
            .filter(|_| !is_copy)
            .map(|own| own.agent.as_str());
        // A copy has the time of copying; that of the turn is in its id.
        let told = uuid_time(&self.memo.turn).filter(|_| is_copy);
        Message {
            offset: context.at.offset,
            agent: self.agent.share_some(agent),
            conversation: self.place(),
            time: told.or(context.time),
            cwd: self.cwd.share_some(Some(&self.memo.cwd)),
            branch: self.branch.share_some(Some(&self.memo.branch)),
            remote: self.remote.share_some(Some(&self.memo.remote)),
            ..Message::default()
        }
    }

    pub(super) fn by_assistant(&mut self, context: &RecordContext<'_, '_>) -> Message {
        let model = self.model.share_some(Some(&self.memo.model));
        let turn = self.turn.share_some(Some(&self.memo.turn));
        Message {
            role: Role::Assistant,
            model,
            turn,
            ..self.base(context)
        }
    }

    pub(super) fn emit(&mut self, message: Message, context: &mut RecordContext<'_, '_>) {
        // What a fork copied is known by the ids that it has in the parent's file.
        let told_of = self.told_of().to_owned();
        let id = self.memo.next_id(&told_of);
        self.emit_as(id, message, context);
    }

    pub(super) fn emit_as(
        &mut self,
        id: String,
        mut message: Message,
        context: &mut RecordContext<'_, '_>,
    ) {
        message.id = id;
        message.usage = self.memo.take_usage();
        self.memo.is_spoken = false;
        context.batch.messages.push(message);
    }
}

fn own_id<'s>(memo: &'s RolloutState, name: &'s str) -> &'s str {
    memo.session.as_ref().map_or(name, |session| &session.id)
}
