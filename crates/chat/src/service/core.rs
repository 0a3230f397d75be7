//! What all of a person's chat shares: the archive, the models, turns under way, and how anything is read and kept.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use memory::{ChatChange, ChatThread, Masker, Memory};
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::active::ActiveTurns;
use super::pictures::{UnkeptPictures, sweep};
use super::recorded::RecordedEnds;
use super::recover::recover;
use super::undo::UndoList;
use crate::alive::Alive;
use crate::found::UnkeptFindings;
use crate::off_record::OffRecord;
use crate::options::ChatOptions;
use crate::vault::PlaceholderVault;
use crate::writer::ChatWriter;
use crate::{Error, Result};

/// What every open page is told, besides the events of turns.
#[derive(Clone, Debug, serde::Serialize)]
#[serde(tag = "event", content = "data")]
pub enum ChatEvent {
    /// A conversation was made or changed.
    ConversationChanged {
        /// Its id.
        id: String,
    },
    /// A conversation was deleted.
    ConversationDeleted {
        /// Its id.
        id: String,
    },
    /// A turn began.
    TurnStarted {
        /// Its id.
        turn: String,
        /// Its conversation.
        conversation: String,
    },
    /// A turn ended.
    TurnEnded {
        /// Its id.
        turn: String,
        /// Its conversation.
        conversation: String,
    },
}

/// Events of the feed that a slow reader may be behind.
const FEED_EVENTS: usize = 256;

/// Conversations whose placeholders are remembered at a time.
const MAX_VAULTS: usize = 2_000;

/// One person's chat. Cheap to clone; all clones are the same chat.
#[derive(Clone)]
pub struct Chat {
    pub(super) inner: Arc<ChatInner>,
}

pub(super) struct ChatInner {
    pub(super) options: ChatOptions,
    pub(super) writer: ChatWriter,
    pub(super) masker: Masker,
    pub(super) alive: Alive,
    pub(super) turns: ActiveTurns,
    pub(super) off_record: OffRecord,
    pub(super) unkept_assets: UnkeptPictures,
    pub(super) undo: UndoList,
    /// What guards found in messages that were refused, of which nothing else is kept.
    pub(super) refused: UnkeptFindings,
    pub(super) recorded: RecordedEnds,
    pub(super) vaults: Mutex<HashMap<String, PlaceholderVault>>,
    pub(super) feed: broadcast::Sender<ChatEvent>,
    pub(super) tasks: TaskTracker,
    /// Set when no new turn is taken any more.
    pub(super) ending: CancellationToken,
}

impl Chat {
    /// A person's chat. Opens the archive, and marks the turns that an earlier process left half-way
    /// as such, with what they had said. Blocks; call it where that may be.
    ///
    /// # Errors
    /// If the archive can't be opened or written, or the chat's directory can't be made.
    pub fn open(options: ChatOptions) -> Result<Self> {
        let failed =
            |error: std::io::Error| Error::Memory(memory::ArchiveError::from(error).into());
        let masker = options.memory.archive()?.masker();
        let alive = Alive::new(&options.directory).map_err(failed)?;
        recover(&options)?;
        sweep(&options)?;
        Ok(Self {
            inner: Arc::new(ChatInner {
                writer: ChatWriter::start(Arc::clone(&options.memory)).map_err(failed)?,
                masker,
                alive,
                turns: ActiveTurns::new(options.limits),
                off_record: OffRecord::default(),
                unkept_assets: UnkeptPictures::default(),
                undo: UndoList::default(),
                refused: UnkeptFindings::default(),
                recorded: RecordedEnds::default(),
                vaults: Mutex::default(),
                feed: broadcast::Sender::new(FEED_EVENTS),
                tasks: TaskTracker::new(),
                ending: CancellationToken::new(),
                options,
            }),
        })
    }

    /// What the chat tells every open page.
    pub fn feed(&self) -> broadcast::Receiver<ChatEvent> {
        self.inner.feed.subscribe()
    }

    /// What masks values in the person's archive.
    pub fn masker(&self) -> &Masker {
        &self.inner.masker
    }

    /// What guards found in messages that were refused, since the program began.
    pub fn refused(&self) -> &UnkeptFindings {
        &self.inner.refused
    }

    /// The models that can be asked.
    pub fn models(&self) -> &crate::model::ModelRegistry {
        &self.inner.options.models
    }

    /// The person's archive.
    pub fn memory(&self) -> &Arc<Memory> {
        &self.inner.options.memory
    }

    /// Takes no new turn, gives those under way `patience` to end, stops the others, and keeps what they have
    /// said.
    pub async fn end(&self, patience: std::time::Duration) {
        let inner = &self.inner;
        inner.ending.cancel();
        inner.tasks.close();
        if tokio::time::timeout(patience, inner.tasks.wait())
            .await
            .is_err()
        {
            inner.turns.interrupt_all();
            // Writing what they said takes a moment.
            let _ = tokio::time::timeout(patience, inner.tasks.wait()).await;
        }
    }
}

impl ChatInner {
    /// Reads something that takes time, where that may be.
    pub(super) async fn read<T: Send + 'static>(
        self: &Arc<Self>,
        read: impl FnOnce(&Self) -> Result<T> + Send + 'static,
    ) -> Result<T> {
        let inner = Arc::clone(self);
        tokio::task::spawn_blocking(move || read(&inner))
            .await
            .map_err(|error| Error::Internal(error.to_string()))?
    }

    /// A conversation with its messages. Blocks.
    pub(super) fn thread(&self, id: &str) -> Result<ChatThread> {
        match self.off_record.get(id) {
            Some(mut thread) => {
                if let Some(name) = &thread.head.project {
                    thread.instructions = self.project_named(name)?.instructions;
                }
                Ok(thread)
            }
            None => Ok(self.options.memory.archive()?.chat(id)?),
        }
    }

    /// Makes changes of one conversation, all or none, where it is kept.
    pub(super) async fn change(&self, chat: &str, changes: Vec<ChatChange>) -> Result<()> {
        let done = match self.off_record.has(chat) {
            true => {
                let now = self.options.memory.clock().millis();
                self.off_record.change(now, &changes)
            }
            false => self.writer.write(changes).await,
        };
        if done.is_ok() {
            self.tell(ChatEvent::ConversationChanged {
                id: chat.to_owned(),
            });
        }
        done
    }

    pub(super) fn tell(&self, event: ChatEvent) {
        // Nobody may listen.
        let _ = self.feed.send(event);
    }

    /// The values behind a conversation's placeholders.
    pub(super) fn vault(&self, conversation: &str) -> PlaceholderVault {
        let mut vaults = self.vaults.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(vault) = vaults.get(conversation) {
            return vault.clone();
        }
        if vaults.len() >= MAX_VAULTS
            && let Some(any) = vaults.keys().next().cloned()
        {
            vaults.remove(&any);
        }
        let vault = PlaceholderVault::default();
        vaults.insert(conversation.to_owned(), vault.clone());
        vault
    }

    pub(super) fn forget_vault(&self, conversation: &str) {
        let mut vaults = self.vaults.lock().unwrap_or_else(PoisonError::into_inner);
        vaults.remove(conversation);
    }

    pub(super) fn now(&self) -> memory::Millis {
        self.options.memory.clock().millis()
    }
}
