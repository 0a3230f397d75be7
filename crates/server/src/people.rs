//! People: of each owner their archive and all that works on it, made when it is first asked for.

use std::collections::HashMap;
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use axum::Router;
use chat::{ChatOptions, UnkeptFindings};
use guard::{Engine, Place, Policies, Policy};
use mcp::McpServer;
use memory::{Decay, Home, Memory, Mode, Roots};
use tokio_util::sync::CancellationToken;

use crate::api_error::ApiError;
use crate::credentials::Credentials;
use crate::import_state::ImportState;
use crate::owner::{Owner, OwnerId};
use crate::personal_chat::PersonalChat;
use crate::principal::Principal;

/// What one owner's requests work with.
pub struct Person {
    /// Whose it is.
    pub owner: Owner,
    /// Their archive.
    pub memory: Arc<Memory>,
    /// The guards, for texts that are sent to be judged.
    pub engine: Arc<Engine>,
    /// What becomes of findings in such a text.
    pub scan_policy: Policy,
    /// What becomes of findings in each place.
    pub policies: Vec<(Place, Policies)>,
    /// Where the logs are that an import reads; nothing for those whose machine this isn't.
    pub roots: Roots,
    /// How searches go that don't say.
    pub search_mode: Mode,
    /// How much age counts in searches that ask for it.
    pub decay: Decay,
    /// Their chat, once it is asked for, and what it is made of.
    pub(crate) chat: PersonalChat,
    /// Whether calls of programs through the gateway are kept as conversations.
    pub(crate) records_calls: bool,
    /// What guards found in calls that aren't kept.
    pub(crate) found: UnkeptFindings,
    /// The MCP server over their archive.
    pub(crate) mcp: Router,
    /// The import that is under way, or the last one.
    pub(crate) import: ImportState,
}

/// What a [`Person`] is made of.
pub struct PersonParts {
    /// Their archive.
    pub memory: Arc<Memory>,
    /// What their chat is made of.
    pub chat: ChatOptions,
    /// Whether calls of programs through the gateway are kept as conversations.
    pub records_calls: bool,
    /// The MCP server over it.
    pub mcp: Arc<McpServer>,
    /// The guards.
    pub engine: Arc<Engine>,
    /// What becomes of findings in a text that is sent to be judged.
    pub scan_policy: Policy,
    /// What becomes of findings in each place.
    pub policies: Vec<(Place, Policies)>,
    /// Where the logs are that an import reads.
    pub roots: Roots,
    /// How searches go that don't say.
    pub search_mode: Mode,
    /// How much age counts in searches that ask for it.
    pub decay: Decay,
}

/// Makes a person's parts of who they are and where their archive is. It must open nothing: it is called
/// while others wait.
pub type PersonMaker = Arc<dyn Fn(&Owner, &Home) -> PersonParts + Send + Sync>;

/// All people who were asked for.
pub struct People {
    data: std::path::PathBuf,
    cache: std::path::PathBuf,
    make: PersonMaker,
    credentials: Arc<Credentials>,
    shutdown: CancellationToken,
    known: Mutex<HashMap<OwnerId, Arc<Person>>>,
}

impl People {
    pub(crate) fn new(
        (data, cache): (&Path, &Path),
        make: PersonMaker,
        credentials: Arc<Credentials>,
        shutdown: CancellationToken,
    ) -> Self {
        Self {
            data: data.to_owned(),
            cache: cache.to_owned(),
            make,
            credentials,
            shutdown,
            known: Mutex::default(),
        }
    }

    /// The person whose credential a request came with.
    ///
    /// # Errors
    /// If the server's database can't be read.
    pub fn of(&self, principal: &Principal) -> Result<Arc<Person>, ApiError> {
        self.person(&principal.owner)
    }

    /// The owner of the main archive.
    ///
    /// # Errors
    /// As [`Self::of`].
    pub fn first(&self) -> Result<Arc<Person>, ApiError> {
        self.person(&self.credentials.first_owner().id)
    }

    /// Everybody who was asked for so far.
    pub(crate) fn all(&self) -> Vec<Arc<Person>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.values().cloned().collect()
    }

    fn person(&self, id: &OwnerId) -> Result<Arc<Person>, ApiError> {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(person) = known.get(id) {
            return Ok(Arc::clone(person));
        }
        let owner = self.credentials.owner(id).map_err(ApiError::internal)?;
        let owner = owner.ok_or_else(|| ApiError::unauthorized("the credential is nobody's"))?;
        let data = match owner.is_first {
            true => self.data.clone(),
            false => self.data.join("people").join(owner.id.as_str()),
        };
        let parts = (self.make)(&owner, &Home::new(data, &self.cache));
        let person = Arc::new(Person {
            owner,
            memory: parts.memory,
            engine: parts.engine,
            scan_policy: parts.scan_policy,
            policies: parts.policies,
            roots: parts.roots,
            search_mode: parts.search_mode,
            decay: parts.decay,
            chat: PersonalChat::new(parts.chat),
            records_calls: parts.records_calls,
            found: UnkeptFindings::default(),
            mcp: mcp::embedded_router(parts.mcp, &self.shutdown),
            import: ImportState::default(),
        });
        known.insert(id.clone(), Arc::clone(&person));
        Ok(person)
    }
}
