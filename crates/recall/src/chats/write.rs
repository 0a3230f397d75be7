//! Changes of the chat's conversations: a list of them is one transaction.

use rusqlite::{Connection, params};
use transcript::Millis;

use super::changing::Changing;
use super::kinds::{ChatChange, ChatPatch, NewChat};
use super::rows::{find, find_message, set_head, touch};
use super::{projects, turns};
use crate::documents;
use crate::facts;
use crate::guards::{ArchiveGuards, Cleaner, Cleared};
use crate::index::vectors::VectorIndex;
use crate::index::{TermBuilder, titles};
use crate::ingest::remove::remove_if_empty;
use crate::ingest::write::Writer;
use crate::project::Resolver;
use crate::store::{CHAT_SOURCE, ConversationId, empty_log, forget_requests};
use crate::text::Analyzer;
use crate::{Error, Result};

/// How much a title that a person gave counts, and one that was made of the first message.
const GIVEN_RANK: u8 = 3;
const MADE_RANK: u8 = 0;

/// Makes changes, all or none.
pub(crate) fn change(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    now: Millis,
    changes: &[ChatChange],
) -> Result<Cleared<()>> {
    let has_removed = change_all((connection, guards), vectors, now, changes)?;
    if has_removed {
        empty_log(connection);
    }
    Ok(Cleared::unquoted(()))
}

/// Makes the changes in one transaction. Returns whether texts were removed.
fn change_all(
    (connection, guards): (&mut Connection, &ArchiveGuards),
    vectors: &dyn VectorIndex,
    now: Millis,
    changes: &[ChatChange],
) -> Result<bool> {
    let mut writer = Writer::new()?;
    let mut changing = Changing {
        step: writer.step(connection, guards)?,
        cleaner: Cleaner::new(guards),
        terms: TermBuilder::new(),
        resolver: Resolver::default(),
        vectors,
        now,
        has_removed: false,
    };
    for change in changes {
        changing.apply(change)?;
    }
    if let Some(guard) = changing.cleaner.take_failures().into_iter().next() {
        return Err(Error::Unchecked(guard));
    }
    if changing.has_removed {
        forget_requests(changing.step.connection())?;
    }
    changing.step.commit()?;
    Ok(changing.has_removed)
}

impl Changing<'_> {
    fn apply(&mut self, change: &ChatChange) -> Result<()> {
        match change {
            ChatChange::Expect { chat, version } => self.expect(chat, *version),
            ChatChange::Create(new) => self.create(new),
            ChatChange::Patch { chat, patch } => self.patch(chat, patch),
            ChatChange::Append { chat, message } => self.append(chat, message),
            ChatChange::Rewrite {
                chat,
                message,
                text,
                state,
                detail,
            } => self.rewrite(chat, message, (text, *state), detail.as_deref()),
            ChatChange::Note {
                chat,
                message,
                state,
                detail,
            } => self.note(chat, message, *state, detail),
            ChatChange::Move {
                chat,
                message,
                parent,
            } => self.set_parent(chat, message, parent.as_deref()),
            ChatChange::Remove { chat, messages } => self.remove(chat, messages),
            ChatChange::Delete { chat } => self.delete(chat),
            ChatChange::Project {
                name,
                instructions,
                version,
            } => projects::set(self, name, instructions, *version),
            ChatChange::Begin {
                chat,
                turn,
                question,
                answer,
                model,
                process,
            } => {
                let chat = find(self.step.connection(), chat)?.conversation;
                let question = question
                    .as_deref()
                    .map(|id| find_message(self.step.connection(), chat, id))
                    .transpose()?;
                let asked = (answer.as_str(), model.as_deref());
                turns::begin(self, chat, (turn, question), asked, process)
            }
            ChatChange::Draft {
                turn,
                text,
                thinking,
            } => turns::draft(self, turn, text, thinking),
            ChatChange::Progress {
                turn,
                text,
                thinking,
                detail,
            } => turns::progress(self, turn, (text, thinking), detail),
            ChatChange::DrawFacts { message } => facts::set_due(self.step.connection(), message),
            ChatChange::Request { turn, body } => turns::request(self, turn, body),
            ChatChange::End { turn, end } => turns::end(self, turn, end),
        }
    }

    fn expect(&self, chat: &str, known: i64) -> Result<()> {
        let id = find(self.step.connection(), chat)?.conversation;
        let now: i64 = self
            .step
            .connection()
            .prepare_cached("SELECT version FROM chat WHERE conversation = ?1")?
            .query_row([id.0], |row| row.get(0))?;
        match now == known {
            true => Ok(()),
            false => Err(Error::ChatChanged { known, now }),
        }
    }

    fn create(&mut self, new: &NewChat) -> Result<()> {
        let project = self.masked_if_any(new.project.as_deref());
        let tags = self.tags(&new.tags);
        let settings = self.json(&new.settings);
        let id = self
            .step
            .connection()
            .prepare_cached("INSERT INTO conversation (source, key) VALUES (?1, ?2) RETURNING id")?
            .query_row([CHAT_SOURCE, &new.id], |row| row.get(0).map(ConversationId))?;
        self.step
            .connection()
            .prepare_cached(
                "INSERT INTO chat (conversation, created, updated, version, tags, project, settings)
                 VALUES (?1, ?2, ?2, 1, ?3, ?4, ?5)",
            )?
            .execute(params![id.0, self.now, tags, project, settings])?;
        if let Some(title) = &new.title {
            self.title(id, title, GIVEN_RANK)?;
        }
        if let Some(parent) = &new.parent {
            // 1 is a fork; see `relation_number`.
            let relation = crate::store::relation_number(transcript::Relation::Fork);
            self.step
                .connection()
                .prepare_cached("UPDATE conversation SET parent = ?2, relation = ?3 WHERE id = ?1")?
                .execute(params![id.0, parent, relation])?;
        }
        Ok(())
    }

    fn patch(&mut self, chat: &str, patch: &ChatPatch) -> Result<()> {
        let id = find(self.step.connection(), chat)?.conversation;
        if let Some((title, is_given)) = &patch.title {
            let rank = if *is_given { GIVEN_RANK } else { MADE_RANK };
            self.title(id, title, rank)?;
        }
        if let Some(head) = &patch.head {
            let head = find_message(self.step.connection(), id, head)?;
            set_head(self.step.connection(), id, Some(head))?;
        }
        if let Some(project) = &patch.project {
            self.move_to(id, project.as_deref())?;
        }
        let tags = patch.tags.as_deref().map(|tags| self.tags(tags));
        let settings = patch.settings.as_deref().map(|text| self.json(text));
        self.step
            .connection()
            .prepare_cached(
                "UPDATE chat SET pinned = coalesce(?2, pinned), archived = coalesce(?3, archived),
                 tags = coalesce(?4, tags), settings = coalesce(?5, settings) WHERE conversation = ?1",
            )?
            .execute(params![id.0, patch.pinned, patch.archived, tags, settings])?;
        touch(self.step.connection(), id, self.now)
    }

    fn title(&mut self, id: ConversationId, title: &str, rank: u8) -> Result<()> {
        let mut title = title.to_owned();
        self.cleaner.text(&mut title);
        let changed = self
            .step
            .connection()
            .prepare_cached(
                "UPDATE conversation SET title = ?2, title_rank = ?3
                 WHERE id = ?1 AND title_rank <= ?3",
            )?
            .execute(params![id.0, title, rank])?;
        if changed == 1 {
            titles::insert(self.step.connection(), &mut Analyzer::new(), id, &title)?;
        }
        Ok(())
    }

    fn delete(&mut self, chat: &str) -> Result<()> {
        let id = find(self.step.connection(), chat)?.conversation;
        let mut statement = self
            .step
            .connection()
            .prepare_cached("SELECT message FROM chat_message WHERE conversation = ?1")?;
        let messages = statement.query_map([id.0], |row| row.get(0).map(crate::MessageId))?;
        let messages: Vec<crate::MessageId> = messages.collect::<rusqlite::Result<_>>()?;
        drop(statement);
        self.remove_all(&messages)?;
        for sql in [
            "DELETE FROM turn WHERE conversation = ?1",
            "DELETE FROM chat WHERE conversation = ?1",
        ] {
            self.step
                .connection()
                .prepare_cached(sql)?
                .execute([id.0])?;
        }
        documents::remove_of_chat(self.step.connection(), self.vectors, chat)?;
        self.has_removed = true;
        remove_if_empty(self.step.connection(), id)
    }
}
