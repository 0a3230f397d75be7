//! From settings to what a person's requests work with.

use std::sync::Arc;
use std::time::Duration;

use chat::model::ModelRegistry;
use embed::MiniLmOptions;
use guard::Place;
use memory::{FollowOptions, Memory, MemoryOptions, Roots};
use recall::{ArchiveOpener, Decay, Home};
use server::{Owner, PersonMaker, PersonParts};

use crate::command::mcp::server_options;
use crate::settings::LoadedSettings;
use crate::tool_servers::ServersConfig;
use crate::{guards, opening};

/// Connections to one archive: requests, calls of MCP, an import.
const MAX_CONNECTIONS: usize = 16;

/// Connections that stay open between two uses.
const IDLE_CONNECTIONS: usize = 4;

/// How long a request waits for another process that writes.
const LOCK_TIMEOUT: Duration = Duration::from_secs(5);

/// How long a request waits for a connection.
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// Threads that embed a query: it is short, and others want to work too.
const MAX_QUERY_THREADS: usize = 2;

/// Makes people's parts as the settings say.
pub(super) fn maker(
    loaded: Arc<LoadedSettings>,
    models: ModelRegistry,
    servers: Option<ServersConfig>,
) -> PersonMaker {
    let threads = opening::embedding_threads(&loaded.settings).min(MAX_QUERY_THREADS);
    let model = opening::model(&loaded, MiniLmOptions::many_texts(threads));
    let engine = Arc::new(guards::engine(&loaded.settings));
    Arc::new(move |owner: &Owner, home: &Home| {
        // The logs on this machine are those of whoever runs the server.
        let is_followed = owner.is_first && opening::follows(&loaded);
        let roots = match owner.is_first {
            true => loaded.roots(),
            false => Roots::default(),
        };
        let guards = guards::of_archive(&loaded.settings);
        let mut opener = ArchiveOpener::new(home, &guards);
        opener.lock_timeout = LOCK_TIMEOUT;
        let memory = Arc::new(Memory::new(MemoryOptions {
            opener,
            max_connections: MAX_CONNECTIONS,
            idle_connections: IDLE_CONNECTIONS,
            connection_timeout: CONNECTION_TIMEOUT,
            model: Arc::clone(&model),
            follow: is_followed.then(|| FollowOptions::for_server(roots.clone())),
            ..opening::for_one_answer(&loaded)
        }));
        let settings = &loaded.settings;
        PersonParts {
            mcp: Arc::new(mcp::McpServer::new(
                Arc::clone(&memory),
                server_options(&loaded, None),
            )),
            chat: crate::chatting::options(
                &loaded,
                home,
                &memory,
                (&engine, &models),
                servers.as_ref(),
            ),
            records_calls: settings.gateway.record.0,
            memory,
            engine: Arc::clone(&engine),
            scan_policy: guards::policies(settings, Place::Scan).default,
            policies: Place::ALL
                .map(|place| (place, guards::policies(settings, place)))
                .to_vec(),
            roots,
            search_mode: settings.search.mode.0,
            decay: Decay {
                weight: settings.memory.decay_weight.get(),
                half_life_days: settings.memory.decay_half_life_days.get(),
            },
        }
    })
}
