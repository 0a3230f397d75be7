//! What the tests share: a home with logs of its own, lines of every format, and exports to compare.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use embed::FixedEmbedder;
use recall::{
    Archive, ArchiveOpener, ConversationView, ExportFilter, Guards, Home, ImportReport,
    ImportRequest, MessageView, NoProgress, Scope, SearchRequest, SearchResponse, SourceReport,
    Stop,
};
use serde_json::{Value, json};
use tempfile::TempDir;
use transcript::jsonl::{ExportContext, to_line};

/// 2026-03-01T00:00:00Z.
pub(crate) const NOW: i64 = 1_772_323_200_000;

/// A home and a directory of logs that vanish with it.
pub(crate) struct Sandbox(TempDir);

impl Sandbox {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// One with all fixtures as logs.
    pub(crate) fn with_fixtures() -> Self {
        let sandbox = Self::new();
        for name in FIXTURES {
            sandbox.write(name, &fs_err::read(fixture(name)).unwrap());
        }
        sandbox
    }

    pub(crate) fn path(&self) -> PathBuf {
        fs_err::canonicalize(self.0.path()).unwrap()
    }

    pub(crate) fn home(&self) -> Home {
        Home::new(self.0.path().join("data"), self.0.path().join("cache"))
    }

    pub(crate) fn logs(&self) -> PathBuf {
        self.path().join("logs")
    }

    /// Writes a log. Each file written is a second newer than the one before, so that imports take
    /// them in a known order: the last one first.
    pub(crate) fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.logs().join(name);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(&path, bytes).unwrap();
        self.touch(&path);
        path
    }

    /// Appends to a log.
    pub(crate) fn append(&self, name: &str, bytes: &[u8]) {
        let path = self.logs().join(name);
        let mut all = fs_err::read(&path).unwrap_or_default();
        all.extend_from_slice(bytes);
        self.write(name, &all);
    }

    fn touch(&self, path: &Path) {
        let counter = self.0.path().join("clock");
        let ticks = fs_err::read(&counter).map_or(0, |ticks| ticks.len() as u64) + 1;
        fs_err::write(&counter, vec![b'.'; ticks as usize]).unwrap();
        let time = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000 + ticks);
        let file = fs_err::OpenOptions::new().write(true).open(path).unwrap();
        file.file().set_modified(time).unwrap();
    }

    pub(crate) fn archive(&self) -> Archive {
        ArchiveOpener::new(&self.home(), &Guards::default())
            .open()
            .unwrap()
    }

    pub(crate) fn request(&self) -> ImportRequest {
        ImportRequest {
            paths: vec![self.logs()],
            now: NOW,
            ..ImportRequest::default()
        }
    }

    /// Imports all logs.
    pub(crate) fn import(&self) -> ImportReport {
        import(&mut self.archive(), &self.request())
    }

    /// Imports all logs and returns the archive, embedded.
    pub(crate) fn imported(&self) -> Archive {
        let mut archive = self.archive();
        import(&mut archive, &self.request());
        embed(&mut archive);
        archive
    }

    /// The archive's database, for planting damage.
    pub(crate) fn database(&self) -> rusqlite::Connection {
        rusqlite::Connection::open(self.home().database()).unwrap()
    }
}

/// Every fixture, by its place below `fixtures`.
pub(crate) const FIXTURES: [&str; 4] = [
    "claude-code/b0a7-0001.jsonl",
    "claude-code/agent-9c1.jsonl",
    "codex/rollout-2026-02-04T08-00-00-01980000-0000-7000-8000-00000000c0de.jsonl",
    "jsonl/letters.jsonl",
];

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

pub(crate) fn import(archive: &mut Archive, request: &ImportRequest) -> ImportReport {
    archive.import(request, &Stop::new(), &NoProgress).unwrap()
}

pub(crate) fn embed(archive: &mut Archive) {
    let embedder = FixedEmbedder::new(32);
    archive
        .embed_pending(&embedder, &Stop::new(), &NoProgress)
        .unwrap();
}

/// The report on a source; nothing where it had no files.
pub(crate) fn of<'a>(report: &'a ImportReport, source: &str) -> Option<&'a SourceReport> {
    report.sources.iter().find(|of| of.source == source)
}

/// Messages added and found to be there already.
pub(crate) fn counts(report: &ImportReport) -> (u64, u64) {
    let sum = |of: fn(&SourceReport) -> u64| report.sources.iter().map(of).sum();
    (sum(|source| source.added), sum(|source| source.duplicates))
}

/// What a report tells of problems, without paths.
pub(crate) fn problems(report: &ImportReport) -> Vec<String> {
    let all = report.sources.iter().flat_map(|source| &source.problems);
    all.map(|problem| format!("{}: {}", problem.line, problem.what))
        .collect()
}

/// All messages as the command line exports them.
pub(crate) fn export(archive: &Archive) -> Vec<String> {
    let mut lines = Vec::new();
    archive
        .export(&ExportFilter::new(Scope::All), &mut |view| {
            lines.push(line(view));
            true
        })
        .unwrap();
    lines
}

pub(crate) fn line(mut view: MessageView) -> String {
    view.message
        .project
        .get_or_insert_with(|| view.project.as_str().into());
    let links: Vec<&str> = view.links.iter().map(String::as_str).collect();
    let about = ExportContext {
        source: &view.source,
        title: view.title_rank.map(|rank| (view.title.as_str(), rank)),
        parent: view.parent.as_deref(),
        relation: view.relation,
        also_in: &view.also_in,
        links: &links,
        reflection: view.reflection.as_ref(),
        fact: view.fact.as_ref(),
        marks: &view.marks,
    };
    to_line(&view.message, &about)
}

/// Every message as `conversation/id: text`.
pub(crate) fn texts(archive: &Archive) -> Vec<String> {
    views(archive)
        .iter()
        .map(|view| &view.message)
        .map(|message| format!("{}/{}: {}", message.conversation, message.id, message.text))
        .collect()
}

pub(crate) fn views(archive: &Archive) -> Vec<MessageView> {
    let mut views = Vec::new();
    archive
        .export(&ExportFilter::new(Scope::All), &mut |view| {
            views.push(view);
            true
        })
        .unwrap();
    views
}

/// All conversations, the one that something was added to last first.
#[track_caller]
pub(crate) fn conversations(archive: &Archive) -> Vec<ConversationView> {
    archive.latest_conversations(&Scope::All, 1_000).unwrap()
}

/// Checks that nothing is wrong with an archive.
#[track_caller]
pub(crate) fn assert_sound(archive: &Archive) {
    assert_eq!(damage(archive), [""; 0]);
}

/// What a check of an archive finds.
pub(crate) fn damage(archive: &Archive) -> Vec<String> {
    archive.verify(&Stop::new(), &NoProgress).unwrap().problems
}

/// A lexical search over everything.
pub(crate) fn search(archive: &mut Archive, query: &str) -> SearchResponse {
    archive
        .search(&SearchRequest::new(query, Scope::All, NOW), None)
        .unwrap()
}

/// Ids of the messages found.
pub(crate) fn ids(response: &SearchResponse) -> Vec<&str> {
    response
        .hits
        .iter()
        .map(|hit| hit.message_id.as_str())
        .collect()
}

pub(crate) fn in_project(query: &str, project: &str) -> SearchRequest {
    let scope = Scope::Project(project.to_owned());
    SearchRequest {
        ..SearchRequest::new(query, scope, NOW)
    }
}

/// Lines of JSON.
pub(crate) fn lines(values: &[Value]) -> Vec<u8> {
    values
        .iter()
        .flat_map(|value| format!("{value}\n").into_bytes())
        .collect()
}

/// A line of the generic format.
pub(crate) fn generic(conversation: &str, id: &str, text: &str) -> Value {
    json!({"id": id, "conversation": conversation, "project": "shop", "role": "user", "text": text})
}

/// A person's or an assistant's record of Claude Code.
pub(crate) fn claude(session: &str, uuid: &str, role: &str, text: &str, cwd: &str) -> Value {
    let content = match role {
        "assistant" => json!([{"type": "text", "text": text}]),
        _ => json!(text),
    };
    json!({
        "parentUuid": null, "isSidechain": false, "userType": "external", "cwd": cwd,
        "sessionId": session, "version": "2.1.40", "gitBranch": "main", "type": role,
        "message": {"role": role, "content": content}, "uuid": uuid,
        "timestamp": "2026-02-01T10:00:00.000Z",
    })
}

/// A session of Codex with one question and its answer.
pub(crate) fn codex(id: &str, cwd: &str, remote: Option<&str>, asked: &str) -> Vec<Value> {
    let at = |kind: &str, payload: Value| json!({"timestamp": "2026-02-02T10:00:00.000Z", "type": kind, "payload": payload});
    let git =
        remote.map(|url| json!({"commit_hash": "0", "branch": "main", "repository_url": url}));
    vec![
        at(
            "session_meta",
            json!({"id": id, "cwd": cwd, "cli_version": "0.146.0", "git": git}),
        ),
        at(
            "event_msg",
            json!({"type": "user_message", "message": asked}),
        ),
        at(
            "event_msg",
            json!({"type": "agent_message", "message": format!("Re: {asked}")}),
        ),
    ]
}
