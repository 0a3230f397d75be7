//! What all of a person's chat shares: the archive, the models, turns under way, and how anything is read and kept.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};

use memory::{ChatChange, ChatThread, Masker, Memory};
use tokio::sync::{Semaphore, broadcast};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use super::active::ActiveTurns;
use super::fact_queue::FactQueue;
use super::recorded::RecordedEnds;
use super::recover::recover;
use super::toolless::ToollessModels;
use super::undo::UndoList;
use crate::alive::Alive;
use crate::assets::{AssetStore, sweep};
use crate::found::UnkeptFindings;
use crate::knowledge::KnowledgeBase;
use crate::off_record::OffRecord;
use crate::options::ChatOptions;
use crate::toolbox::{Approvals, DescribedTools};
use crate::vault::PlaceholderVault;
use crate::writer::ChatWriter;
use crate::{Error, Result};

/// Files of tools that are fetched at a time, over all conversations of a person: each is in memory while it comes.
const MAX_GATHERED: usize = 2;

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
    /// Facts about the person were drawn from a message of theirs.
    MemoryUpdate {
        /// The conversation.
        conversation: String,
        /// The message.
        message: String,
        /// The turn that it was said in.
        turn: Option<String>,
        /// The facts, as the API has them.
        added: Vec<serde_json::Value>,
        /// The ids of facts that don't hold any more because of them.
        ended: Vec<String>,
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
    pub(super) assets: AssetStore,
    pub(super) undo: UndoList,
    /// What guards found in messages that were refused, of which nothing else is kept.
    pub(super) refused: UnkeptFindings,
    pub(super) recorded: RecordedEnds,
    /// Characters that come with the program and whose knowledge was seen to.
    pub(super) shipped: Mutex<HashSet<String>>,
    /// What fetching a file that a tool named waits for.
    pub(super) gathering: Semaphore,
    /// Tools that the person allowed.
    pub(super) approvals: Approvals,
    /// What was judged of what tools say of themselves.
    pub(super) described: DescribedTools,
    /// Models that refused to be told of tools.
    pub(super) toolless: ToollessModels,
    pub(super) facts: FactQueue,
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
        let assets = options.directory.join("assets");
        sweep(&assets, &options.memory, options.retention)?;
        let facts = FactQueue::left_over(&options)?;
        let chat = Self {
            inner: Arc::new(ChatInner {
                writer: ChatWriter::start(Arc::clone(&options.memory)).map_err(failed)?,
                masker,
                alive,
                turns: ActiveTurns::new(options.limits),
                off_record: OffRecord::default(),
                assets: AssetStore::new(assets),
                undo: UndoList::default(),
                refused: UnkeptFindings::default(),
                recorded: RecordedEnds::default(),
                shipped: Mutex::default(),
                gathering: Semaphore::new(MAX_GATHERED),
                approvals: Approvals::new(&options.directory),
                described: DescribedTools::default(),
                toolless: ToollessModels::default(),
                facts,
                vaults: Mutex::default(),
                feed: broadcast::Sender::new(FEED_EVENTS),
                tasks: TaskTracker::new(),
                ending: CancellationToken::new(),
                options,
            }),
        };
        // Without a runtime they wait for the first turn.
        if tokio::runtime::Handle::try_current().is_ok() {
            chat.inner.draw_waiting();
        }
        Ok(chat)
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

    /// Waits until servers of tools that were never listed before have been, or failed, but no longer than `at_most`.
    pub async fn settle_tools(&self, at_most: std::time::Duration) {
        if let Some(servers) = &self.inner.options.tools.servers {
            let known = servers.listed();
            let is_known =
                |server: &tools::ServerStatus| known.iter().any(|tool| tool.server == server.name);
            if !servers.servers().iter().all(is_known) {
                servers.settle(at_most).await;
            }
        }
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
        if let Some(servers) = &inner.options.tools.servers {
            let _ = tokio::time::timeout(patience, servers.close()).await;
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

    /// The person's documents.
    pub(super) fn knowledge(&self) -> KnowledgeBase {
        let options = &self.options;
        KnowledgeBase::new(Arc::clone(&options.memory), Arc::clone(&options.knowledge))
    }

    pub(super) fn now(&self) -> memory::Millis {
        self.options.memory.clock().millis()
    }
}
