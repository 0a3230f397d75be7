//! Conversations: making, listing, reading, changing, deleting them.

use memory::{ChatChange, ChatFilter, ChatHead, ChatPatch, NewChat};
use serde::Serialize;

use super::core::{Chat, ChatEvent, ChatInner};
use crate::export::{self, ChatExportFormat};
use crate::settings::{ConversationSettings, MAX_SYSTEM_BYTES};
use crate::view::{ChatView, ConversationSummary};
use crate::{Error, Result, id};

/// The longest title, project name and tag, in characters, and how many tags there may be.
const MAX_TITLE: usize = 300;
const MAX_NAME: usize = 100;
const MAX_TAGS: usize = 50;

/// Parameters of a model's API that may be set, at most; and their size as JSON, in bytes.
const MAX_PARAMETER_BYTES: usize = 64 << 10;

/// Conversations of a page of the list at most.
const MAX_PAGE: usize = 200;

/// A conversation about to be made.
#[derive(Clone, Debug, Default)]
pub struct NewConversation {
    /// A title; without one the first message gives it.
    pub title: Option<String>,
    /// A project to put it into.
    pub project: Option<String>,
    /// Tags.
    pub tags: Vec<String>,
    /// What is set for it.
    pub settings: ConversationSettings,
    /// Whether nothing of it is kept: it is in memory only, and gone with the process.
    pub off_record: bool,
}

/// What is changed of a conversation; `None` leaves it as it is.
#[derive(Clone, Debug, Default)]
pub struct ConversationPatch {
    /// Its title.
    pub title: Option<String>,
    /// Whether it stands first in lists.
    pub pinned: Option<bool>,
    /// Whether lists leave it out.
    pub archived: Option<bool>,
    /// All of its tags.
    pub tags: Option<Vec<String>>,
    /// The project that it is put into with all of its messages; empty for none.
    pub project: Option<String>,
    /// All that is set for it.
    pub settings: Option<ConversationSettings>,
    /// The message at the end of the branch that is shown; any message of the branch will do, and then the
    /// newest branch through it is shown.
    pub head: Option<String>,
}

/// What was deleted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Deleted {
    /// The conversation.
    pub conversation: String,
    /// How many messages, those of all branches.
    pub messages: u64,
    /// When, in milliseconds since 1970.
    pub time: i64,
}

impl Chat {
    /// Makes a conversation.
    ///
    /// # Errors
    /// If something about it is too long or there is too much of it, or it can't be kept.
    pub async fn create(&self, new: NewConversation) -> Result<ChatView> {
        check_names(new.title.as_deref(), new.project.as_deref(), &new.tags)?;
        check_settings(&new.settings)?;
        let id = id::new_id();
        let inner = &self.inner;
        let mut given = new.settings;
        let given = inner
            .read(move |inner| {
                given.character = inner.character_of_new(given.character);
                Ok(given)
            })
            .await?;
        let settings = given.to_json();
        let mut changes = vec![ChatChange::Create(NewChat {
            id: id.clone(),
            title: new.title,
            project: new.project,
            tags: new.tags,
            parent: None,
            settings,
        })];
        let chat = id.clone();
        let greet = inner.read(move |inner| inner.greetings(&chat, &given));
        changes.extend(greet.await?);
        match new.off_record {
            true => inner.off_record.change(inner.now(), &changes)?,
            false => inner.writer.write(changes).await?,
        }
        inner.tell(ChatEvent::ConversationChanged { id: id.clone() });
        self.conversation(&id, false).await
    }

    /// A page of the list of conversations: pinned ones first, then those that were changed last. Those off the
    /// record stand on the first page.
    ///
    /// # Errors
    /// If the list is asked to go on behind a conversation that isn't there, or the archive can't be read.
    pub async fn conversations(&self, filter: ChatFilter) -> Result<Vec<ConversationSummary>> {
        let inner = &self.inner;
        let filter = ChatFilter {
            limit: filter.limit.clamp(1, MAX_PAGE),
            ..filter
        };
        inner
            .read(move |inner| {
                let mut list = inner.unkept(&filter);
                let kept = inner.options.memory.archive()?.chats(&filter)?;
                list.extend(
                    kept.into_iter()
                        .map(|head| ConversationSummary::new(head, false)),
                );
                Ok(list)
            })
            .await
    }

    /// A conversation with the messages of the branch that is shown, or of all branches.
    ///
    /// # Errors
    /// If there is none of this id, or the archive can't be read.
    pub async fn conversation(&self, id: &str, all_branches: bool) -> Result<ChatView> {
        let running = self.running(id);
        let id = id.to_owned();
        self.inner
            .read(move |inner| {
                let thread = inner.thread(&id)?;
                let seen = (&inner.vault(&id), inner.off_record.has(&id));
                Ok(ChatView::new(&thread, seen, all_branches, running))
            })
            .await
    }

    /// Changes a conversation. With a version the change is made only if the conversation still has it.
    ///
    /// # Errors
    /// [`Error::Changed`] if it has another version; if there is none of this id; if something is too long; if
    /// it can't be kept.
    pub async fn change(
        &self,
        id: &str,
        version: Option<i64>,
        patch: ConversationPatch,
    ) -> Result<ChatView> {
        check_names(
            patch.title.as_deref(),
            patch.project.as_deref().filter(|name| !name.is_empty()),
            patch.tags.as_deref().unwrap_or_default(),
        )?;
        if let Some(settings) = &patch.settings {
            check_settings(settings)?;
        }
        let inner = &self.inner;
        let mut patch = patch;
        if let Some(settings) = &mut patch.settings {
            // Where the window begins is the chat's, and no setting of a person.
            let known = id.to_owned();
            let thread = inner.read(move |inner| inner.thread(&known)).await?;
            let kept = ConversationSettings::parse(&thread.head.settings);
            settings.window_start = kept.window_start;
            settings.character = settings.character.take().filter(|id| !id.is_empty());
            // One that is gone meanwhile is no reason to refuse another model.
            if settings.character != kept.character {
                let given = settings.clone();
                inner.read(move |inner| inner.character(&given)).await?;
            }
        }
        let mut changes = inner.expecting(id, version)?;
        let head = match &patch.head {
            None => None,
            Some(through) => Some(inner.end_of(id, through).await?),
        };
        changes.push(ChatChange::Patch {
            chat: id.to_owned(),
            patch: ChatPatch {
                title: patch.title.map(|title| (title, true)),
                head,
                pinned: patch.pinned,
                archived: patch.archived,
                tags: patch.tags,
                project: patch
                    .project
                    .map(|name| Some(name).filter(|name| !name.is_empty())),
                settings: patch.settings.map(|settings| settings.to_json()),
            },
        });
        inner.change(id, changes).await?;
        self.conversation(id, false).await
    }

    /// A conversation as a file. Its author's own words stand in the place of placeholders as far as this
    /// process knows them, but for [`ChatExportFormat::Lines`], which has what is kept; the answer's second part
    /// says whether placeholders are left.
    ///
    /// # Errors
    /// As [`Self::conversation`].
    pub async fn export(&self, id: &str, format: ChatExportFormat) -> Result<(String, bool)> {
        let id = id.to_owned();
        self.inner
            .read(move |inner| {
                let thread = inner.thread(&id)?;
                let seen = (&inner.vault(&id), inner.off_record.has(&id));
                let is_whole = format == ChatExportFormat::Json;
                let view = ChatView::new(&thread, seen, is_whole, Vec::new());
                let text = match format {
                    ChatExportFormat::Markdown => export::markdown(&view),
                    ChatExportFormat::Json => serde_json::to_string_pretty(&view)
                        .map_err(|error| Error::Internal(error.to_string()))?,
                    ChatExportFormat::Lines => export::lines(&thread),
                };
                let is_masked = crate::vault::has_placeholders(&text);
                Ok((text, is_masked))
            })
            .await
    }

    /// Deletes a conversation for good: messages, terms, vectors, turns. Turns under way are stopped.
    ///
    /// # Errors
    /// As [`Self::change`].
    pub async fn delete(&self, id: &str, version: Option<i64>) -> Result<Deleted> {
        let inner = &self.inner;
        let mut changes = inner.expecting(id, version)?;
        let known = id.to_owned();
        let thread = inner.read(move |inner| inner.thread(&known)).await?;
        let running = inner.turns.running(id);
        let was_running = !running.is_empty();
        for turn in running {
            turn.stop(super::active::StopReason::Person);
            let mut events = turn.log.listen(false);
            // It ends at once, but for what it still writes.
            while events.next().await.is_some() {}
        }
        // What a turn that was stopped wrote gave it another version, which its writer can't know.
        if was_running {
            changes.clear();
        }
        changes.push(ChatChange::Delete {
            chat: id.to_owned(),
        });
        let is_off_record = inner.off_record.has(id);
        match is_off_record {
            true => inner.off_record.change(inner.now(), &changes)?,
            false => inner.writer.write(changes).await?,
        }
        inner.turns.forget(id);
        inner.undo.forget(id);
        inner.forget_vault(id);
        inner.tell(ChatEvent::ConversationDeleted { id: id.to_owned() });
        Ok(Deleted {
            conversation: id.to_owned(),
            messages: thread.messages.len() as u64,
            time: inner.now(),
        })
    }
}

impl ChatInner {
    /// What a list of changes begins with where its writer names a version. That the conversation is there is
    /// checked too.
    pub(super) fn expecting(&self, id: &str, version: Option<i64>) -> Result<Vec<ChatChange>> {
        if let Some(thread) = self.off_record.get(id) {
            return match version {
                Some(known) if known != thread.head.version => Err(Error::Changed {
                    known,
                    now: thread.head.version,
                }),
                _ => Ok(Vec::new()),
            };
        }
        Ok(version
            .map(|version| ChatChange::Expect {
                chat: id.to_owned(),
                version,
            })
            .into_iter()
            .collect())
    }

    /// The end of the newest branch through a message.
    async fn end_of(self: &std::sync::Arc<Self>, id: &str, through: &str) -> Result<String> {
        let (id, through) = (id.to_owned(), through.to_owned());
        self.read(move |inner| {
            let thread = inner.thread(&id)?;
            let branches = crate::thread::Branches::of(&thread);
            let end = branches.newest_end(&through);
            end.map(str::to_owned)
                .ok_or_else(|| Error::not_found("message", &through))
        })
        .await
    }

    /// The conversations off the record that a filter admits.
    fn unkept(&self, filter: &ChatFilter) -> Vec<ConversationSummary> {
        if filter.after.is_some() {
            return Vec::new();
        }
        let admits = |head: &ChatHead| {
            head.archived == filter.archived
                && filter
                    .tag
                    .as_ref()
                    .is_none_or(|tag| head.tags.contains(tag))
                && (filter.project.is_none() || head.project == filter.project)
        };
        let mut heads = self.off_record.heads();
        heads.retain(admits);
        heads.sort_by_key(|head| std::cmp::Reverse(head.updated));
        heads
            .into_iter()
            .map(|head| ConversationSummary::new(head, true))
            .collect()
    }
}

pub(super) fn check_names(
    title: Option<&str>,
    project: Option<&str>,
    tags: &[String],
) -> Result<()> {
    let too_long = |text: &str, limit: usize| text.chars().nth(limit).is_some();
    if title.is_some_and(|title| too_long(title, MAX_TITLE)) {
        let problem = format!("has more than {MAX_TITLE} characters");
        return Err(Error::invalid("title", problem));
    }
    if project.is_some_and(|name| name.trim().is_empty() || too_long(name, MAX_NAME)) {
        let problem = format!("is empty, or has more than {MAX_NAME} characters");
        return Err(Error::invalid("project", problem));
    }
    if tags.len() > MAX_TAGS {
        return Err(Error::invalid("tags", format!("are more than {MAX_TAGS}")));
    }
    let is_bad = |tag: &String| {
        tag.trim().is_empty() || too_long(tag, MAX_NAME) || tag.chars().any(char::is_control)
    };
    if tags.iter().any(is_bad) {
        let problem = format!(
            "hold one that is empty, isn't one line, or has more than {MAX_NAME} characters"
        );
        return Err(Error::invalid("tags", problem));
    }
    Ok(())
}

fn check_settings(settings: &ConversationSettings) -> Result<()> {
    let system = settings.system.as_deref().unwrap_or_default();
    if system.len() > MAX_SYSTEM_BYTES {
        return Err(Error::TooLong {
            field: "settings.system",
            bytes: system.len(),
            limit: MAX_SYSTEM_BYTES,
        });
    }
    for reserved in ["model", "messages", "stream", "tools"] {
        if settings.parameters.contains_key(reserved) {
            let problem = format!("may not have `{reserved}`, which the chat sets");
            return Err(Error::invalid("settings.parameters", problem));
        }
    }
    let bytes = serde_json::to_vec(&settings.parameters).map_or(0, |json| json.len());
    if bytes > MAX_PARAMETER_BYTES {
        return Err(Error::TooLong {
            field: "settings.parameters",
            bytes,
            limit: MAX_PARAMETER_BYTES,
        });
    }
    Ok(())
}
