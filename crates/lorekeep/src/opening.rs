//! From settings to the memory that all commands and surfaces use: the archive's opener, the model, and
//! which logs are followed. Nothing is opened or loaded here.

use std::sync::Arc;
use std::time::Duration;

use embed::{MiniLmOptions, ModelStore, Verification};
use memory::{ArchiveOpener, Clock, FollowOptions, LocalModel, MemoryOptions, SharedModel};

use crate::settings::{LoadedSettings, Settings};
use crate::{clock, guards, interrupt};

/// Threads of one command that use the archive at a time: its own, and one that embeds beside it.
const MAX_CONNECTIONS: usize = 4;

/// Connections that stay open between two uses.
const IDLE_CONNECTIONS: usize = 2;

/// How long a thread waits for a connection. Nothing that is done with one takes that long but an
/// import, which has one for itself.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(30);

/// What opens the archive, to read and write it.
pub(crate) fn opener(loaded: &LoadedSettings) -> ArchiveOpener {
    let guards = guards::of_archive(&loaded.settings);
    ArchiveOpener::new(&loaded.locations.home, &guards)
}

/// The memory of a process that answers once and ends.
pub(crate) fn for_one_answer(loaded: &LoadedSettings) -> MemoryOptions {
    let follows = follows(loaded);
    MemoryOptions {
        opener: opener(loaded),
        max_connections: MAX_CONNECTIONS,
        idle_connections: IDLE_CONNECTIONS,
        connection_timeout: CONNECTION_TIMEOUT,
        model: model(loaded, MiniLmOptions::one_query()),
        follow: follows.then(|| FollowOptions::for_one_answer(loaded.roots())),
        clock: Clock(clock::system),
        lower_priority: interrupt::be_nice_here,
    }
}

/// Whether searches read what is new. Not while there are mistakes in the settings: what was excluded, or
/// is to be masked, may be what can't be read of them, and what is archived once stays.
pub(crate) fn follows(loaded: &LoadedSettings) -> bool {
    loaded.settings.import.on_search.0 && loaded.faults.is_empty()
}

/// The model, not loaded yet.
pub(crate) fn model(loaded: &LoadedSettings, loading: MiniLmOptions) -> Arc<SharedModel> {
    Arc::new(SharedModel::local(LocalModel {
        store: model_store(loaded),
        verification: verification(&loaded.settings),
        loading,
        clock: Clock(clock::system),
    }))
}

/// Where the model's files are.
pub(crate) fn model_store(loaded: &LoadedSettings) -> ModelStore {
    let home = loaded.user_home.as_deref();
    let dir = loaded.settings.embedding.model_dir.path(home);
    ModelStore::mini_lm(dir.unwrap_or_else(|| loaded.locations.home.models()))
}

/// How long a verified model file is trusted.
pub(crate) fn verification(settings: &Settings) -> Verification {
    Verification::IfOlderThan(Duration::from_secs_f64(
        settings.embedding.cache_days.get() * 86_400.0,
    ))
}

/// How many threads embed.
pub(crate) fn embedding_threads(settings: &Settings) -> usize {
    match settings.embedding.threads.get() {
        0 => std::thread::available_parallelism().map_or(1, std::num::NonZero::get),
        threads => threads,
    }
}
