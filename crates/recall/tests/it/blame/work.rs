//! A repository in which sessions and a person work, and the logs that they leave.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use recall::{Archive, BlameReport, BlameRequest, BlamedLines, LineSource, Scope, WritingCall};
use serde_json::{Value, json};

use crate::support::{self, NOW, Sandbox, lines};

/// Seconds between what happens.
const STEP: i64 = 60;

pub(super) struct Work {
    sandbox: Sandbox,
    /// The time, in seconds.
    time: i64,
    calls: usize,
    logs: BTreeMap<String, Vec<Value>>,
    is_repository: bool,
}

impl Work {
    /// With a repository; nothing where there is no git.
    pub(super) fn new() -> Option<Self> {
        let mut work = Self::without_repository()?;
        work.git(&["init", "-q", "-b", "main"]);
        work.is_repository = true;
        Some(work)
    }

    #[expect(clippy::print_stdout, reason = "a test that is skipped says so")]
    pub(super) fn without_repository() -> Option<Self> {
        if Command::new("git").arg("--version").output().is_err() {
            println!("skipped: there is no git");
            return None;
        }
        let work = Self {
            sandbox: Sandbox::new(),
            time: NOW / 1000 - 86_400,
            calls: 0,
            logs: BTreeMap::new(),
            is_repository: false,
        };
        fs_err::create_dir_all(work.root()).unwrap();
        Some(work)
    }

    pub(super) fn root(&self) -> PathBuf {
        self.sandbox.path().join("shop")
    }

    pub(super) fn path(&self, file: &str) -> String {
        self.root().join(file).to_string_lossy().into_owned()
    }

    /// The whole id of a session.
    pub(super) fn id(&self, session: &str) -> String {
        format!("{session}-session")
    }

    pub(super) fn pass(&mut self, seconds: i64) {
        self.time += seconds;
    }

    pub(super) fn read(&self, file: &str) -> String {
        fs_err::read_to_string(self.root().join(file)).unwrap_or_default()
    }

    /// Puts a content in place, without saying who did it.
    pub(super) fn put(&self, file: &str, content: &str) {
        let path = self.root().join(file);
        fs_err::create_dir_all(path.parent().unwrap()).unwrap();
        fs_err::write(path, content).unwrap();
    }

    /// A person changes a file.
    pub(super) fn hand(&mut self, file: &str, content: &str) {
        self.pass(STEP);
        self.put(file, content);
    }

    pub(super) fn git(&self, arguments: &[&str]) -> String {
        let date = format!("{} +0000", self.time);
        let output = Command::new("git")
            .current_dir(self.root())
            .args([
                "-c",
                "user.name=hand",
                "-c",
                "user.email=hand@example.org",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "git {arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// Commits everything and returns the hash.
    pub(super) fn commit(&mut self, subject: &str) -> String {
        self.pass(STEP);
        self.git(&["add", "-A"]);
        self.git(&["commit", "-q", "-m", subject]);
        self.git(&["rev-parse", "HEAD"])
    }

    pub(super) fn clone_to(&self, name: &str) -> PathBuf {
        let to = self.sandbox.path().join(name);
        self.git(&["clone", "-q", ".", &to.to_string_lossy()]);
        to
    }

    /// A session replaces a text, with the file as it was in its log.
    pub(super) fn edit(&mut self, session: &str, file: &str, old: &str, new: &str) -> String {
        let before = self.read(file);
        let detail = json!({"filePath": self.path(file), "originalFile": before, "userModified": false, "structuredPatch": []});
        self.edit_with(session, file, old, new, Some(detail))
    }

    /// The same, where the log keeps nothing but the call.
    pub(super) fn bare_edit(&mut self, session: &str, file: &str, old: &str, new: &str) -> String {
        self.edit_with(session, file, old, new, None)
    }

    fn edit_with(
        &mut self,
        session: &str,
        file: &str,
        old: &str,
        new: &str,
        detail: Option<Value>,
    ) -> String {
        let before = self.read(file);
        assert_eq!(before.matches(old).count(), 1, "{old:?} in {before:?}");
        self.put(file, &before.replacen(old, new, 1));
        let input = json!({"file_path": self.path(file), "old_string": old, "new_string": new});
        self.call(session, "Edit", &input, detail, false)
    }

    pub(super) fn write(&mut self, session: &str, file: &str, content: &str) -> String {
        let is_there = self.root().join(file).exists();
        let detail = match is_there {
            true => {
                json!({"type": "update", "originalFile": self.read(file), "structuredPatch": []})
            }
            false => json!({"type": "create", "originalFile": null, "structuredPatch": []}),
        };
        self.put(file, content);
        let input = json!({"file_path": self.path(file), "content": content});
        self.call(session, "Write", &input, Some(detail), false)
    }

    pub(super) fn call(
        &mut self,
        session: &str,
        tool: &str,
        input: &Value,
        detail: Option<Value>,
        fails: bool,
    ) -> String {
        let root = self.root().to_string_lossy().into_owned();
        self.call_in(&root, session, tool, input, detail, fails)
    }

    pub(super) fn call_in(
        &mut self,
        cwd: &str,
        session: &str,
        tool: &str,
        input: &Value,
        detail: Option<Value>,
        fails: bool,
    ) -> String {
        let said = if fails {
            "String to replace not found"
        } else {
            "The file has been updated"
        };
        self.record(cwd, session, tool, input, detail, fails, said)
    }

    /// A shell command, with what it printed.
    pub(super) fn bash(&mut self, session: &str, command: &str, output: &str) {
        let root = self.root().to_string_lossy().into_owned();
        self.record(
            &root,
            session,
            "Bash",
            &json!({"command": command}),
            None,
            false,
            output,
        );
    }

    #[expect(clippy::too_many_arguments, reason = "all that a record has")]
    fn record(
        &mut self,
        cwd: &str,
        session: &str,
        tool: &str,
        input: &Value,
        detail: Option<Value>,
        fails: bool,
        said: &str,
    ) -> String {
        self.pass(STEP);
        self.calls += 1;
        let call = format!("toolu_{:04}", self.calls);
        let id = self.id(session);
        let base = |kind: &str, nth: usize, time: i64, message: Value| {
            json!({"type": kind, "uuid": format!("{id}-{}-{nth}", self.calls), "sessionId": id, "cwd": cwd,
                "timestamp": stamp(time), "isSidechain": false, "version": "2.1.39", "message": message})
        };
        let use_ = json!([{"type": "tool_use", "id": call, "name": tool, "input": input}]);
        let asked = base(
            "assistant",
            0,
            self.time - 1,
            json!({"id": format!("msg_{}", self.calls), "role": "assistant", "model": "claude-test", "content": use_}),
        );
        let result = json!([{"type": "tool_result", "tool_use_id": call, "content": said, "is_error": fails}]);
        let mut done = base(
            "user",
            1,
            self.time,
            json!({"role": "user", "content": result}),
        );
        if let Some(detail) = detail {
            done["toolUseResult"] = detail;
        }
        self.logs
            .entry(format!("claude/{id}.jsonl"))
            .or_default()
            .extend([asked, done]);
        call
    }

    /// A call of a tool of Codex: its input as a string.
    pub(super) fn codex(&mut self, session: &str, tool: &str, input: &str) {
        self.pass(STEP);
        self.calls += 1;
        let (id, call, time) = (
            self.id(session),
            format!("call_{}", self.calls),
            stamp(self.time),
        );
        let cwd = self.root().to_string_lossy().into_owned();
        let at = |kind: &str, payload: Value| json!({"timestamp": time, "type": kind, "payload": payload});
        let asked = match tool {
            "apply_patch" => {
                json!({"type": "custom_tool_call", "call_id": call, "name": tool, "input": input})
            }
            _ => {
                json!({"type": "function_call", "call_id": call, "name": tool, "arguments": input})
            }
        };
        let done = json!({"type": "function_call_output", "call_id": call, "output": "Exit code: 0\nOutput:\nSuccess"});
        let log = self
            .logs
            .entry(format!("codex/rollout-{id}.jsonl"))
            .or_default();
        if log.is_empty() {
            log.push(at(
                "session_meta",
                json!({"id": id, "cwd": cwd, "cli_version": "0.98.0"}),
            ));
        }
        log.extend([at("response_item", asked), at("response_item", done)]);
    }

    /// The archive with all that was logged so far.
    pub(super) fn archive(&self) -> Archive {
        for (name, records) in &self.logs {
            self.sandbox.write(name, &lines(records));
        }
        let mut archive = self.sandbox.archive();
        support::import(&mut archive, &self.sandbox.request());
        archive
    }

    pub(super) fn request(&self, file: &str) -> BlameRequest {
        BlameRequest {
            file: self.root().join(file),
            within: None,
            lines: None,
            commit: None,
            scope: Scope::Directory(self.root()),
            sources: transcript::Registry::shipped(),
            now: NOW,
        }
    }

    pub(super) fn blame(&self, file: &str) -> BlameReport {
        self.archive().blame(&self.request(file)).unwrap()
    }

    /// Who wrote each line: a session, `hand` for a commit, or `unknown`.
    pub(super) fn authors(&self, file: &str) -> Vec<String> {
        authors(&self.blame(file))
    }

    pub(super) fn authors_of(&self, file: &Path, scope: Scope) -> Vec<String> {
        let request = BlameRequest {
            file: file.to_owned(),
            scope,
            ..self.request("")
        };
        authors(&self.archive().blame(&request).unwrap())
    }
}

pub(super) fn authors(report: &BlameReport) -> Vec<String> {
    let mut authors = Vec::new();
    for lines in &report.lines {
        let author = match &lines.source {
            LineSource::Written(written) => written.conversation.trim_end_matches("-session"),
            LineSource::Commit(commit) => &commit.author,
            LineSource::Unknown { .. } => "unknown",
        };
        authors.extend((lines.first..=lines.last).map(|_| author.to_owned()));
    }
    authors
}

#[track_caller]
pub(super) fn written(lines: &BlamedLines) -> &WritingCall {
    match &lines.source {
        LineSource::Written(written) => written,
        other => panic!("not written: {other:?}"),
    }
}

fn stamp(seconds: i64) -> String {
    let time = jiff::Timestamp::from_second(seconds).unwrap();
    format!("{time:.3}")
}
