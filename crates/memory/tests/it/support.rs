//! A memory over a temporary archive.

use std::sync::Arc;
use std::time::{Duration, SystemTime};

use embed::{FixedEmbedder, MiniLmOptions, ModelStore, Verification};
use memory::{
    ArchiveOpener, Clock, FollowOptions, LocalModel, Memory, MemoryOptions, NewReflection,
    SharedModel,
};
use recall::{Guards, Home, Roots};

/// A directory that has all that a memory needs; removed afterwards.
pub(crate) struct Machine(tempfile::TempDir);

impl Machine {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    /// Options with a model that is there, three connections, and logs that are followed.
    pub(crate) fn options(&self) -> MemoryOptions {
        let home = Home::new(self.0.path().join("data"), self.0.path().join("cache"));
        MemoryOptions {
            opener: ArchiveOpener::new(&home, &Guards::default()),
            max_connections: 3,
            idle_connections: 2,
            connection_timeout: Duration::from_secs(20),
            model: Arc::new(SharedModel::given(Arc::new(FixedEmbedder::new(32)))),
            follow: Some(FollowOptions::for_server(self.roots())),
            clock: clock(),
            lower_priority: || {},
        }
    }

    /// A model that was never fetched.
    pub(crate) fn missing_model(&self) -> Arc<SharedModel> {
        Arc::new(SharedModel::local(LocalModel {
            store: ModelStore::mini_lm(self.0.path().join("cache/models")),
            verification: Verification::Always,
            loading: MiniLmOptions::one_query(),
            clock: clock(),
        }))
    }

    fn roots(&self) -> Roots {
        let root = self.0.path().join("claude");
        Roots::default().with(transcript::claude_code::SOURCE, [root])
    }

    /// Adds a line to a log.
    #[expect(clippy::disallowed_methods, reason = "a test writes a log")]
    pub(crate) fn say(&self, id: &str, text: &str) {
        let directory = self.0.path().join("claude/projects/p");
        fs_err::create_dir_all(&directory).expect("a directory");
        let line = serde_json::json!({
            "parentUuid": null, "isSidechain": false, "type": "user", "cwd": "/nowhere/kiln",
            "sessionId": "s1", "uuid": id, "timestamp": "2026-02-01T10:00:00.000Z",
            "message": {"role": "user", "content": text},
        });
        let log = directory.join("a.jsonl");
        let old = fs_err::read_to_string(&log).unwrap_or_default();
        fs_err::write(&log, format!("{old}{line}\n")).expect("a log");
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "logs are new or old by the clock of the machine that they are on"
)]
fn clock() -> Clock {
    Clock(SystemTime::now)
}

/// Keeps an insight.
pub(crate) fn reflect(memory: &Memory, content: &str) {
    let new = NewReflection {
        content: content.to_owned(),
        now: memory.clock().millis(),
        ..NewReflection::default()
    };
    let mut archive = memory.archive().expect("an archive");
    archive.reflect(&new).expect("it is kept");
}
