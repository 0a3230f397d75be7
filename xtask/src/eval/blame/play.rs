//! Work by chance in a repository: sessions edit, people type, format, rename and undo, and now and
//! then somebody commits. Who wrote each line is noted as it happens.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, ensure};
use serde_json::json;

use super::logs::{LoggedCall, Logs};
use crate::logs::Rng;

/// A line and the call that wrote it; a person where there is none.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AuthoredLine {
    pub(crate) text: String,
    pub(crate) call: Option<String>,
}

impl AuthoredLine {
    /// Whether it says enough to tell who wrote it.
    pub(super) fn tells(&self) -> bool {
        let letters = self.text.chars().filter(|c| c.is_alphanumeric()).count();
        letters > 3 && !["return", "} else {"].contains(&self.text.trim())
    }
}

/// How the log of a session looks.
#[derive(Clone, Copy)]
enum SessionManner {
    /// Edits with the file before.
    Whole,
    /// Edits with nothing but the call.
    Bare,
    /// Codex: patches by the tool, or by a shell.
    Patch,
    Shell,
}

/// What a play leads to.
pub(crate) struct Play {
    pub(crate) root: PathBuf,
    pub(crate) files: BTreeMap<String, Vec<AuthoredLine>>,
    pub(crate) logs: Logs,
    rng: Rng,
    time: i64,
    names: u32,
    /// States that were committed, to go back to.
    past: Vec<BTreeMap<String, Vec<AuthoredLine>>>,
}

const SESSION_MANNERS: [(&str, SessionManner); 5] = [
    ("5e551000-0000-4000-8000-00000000000a", SessionManner::Whole),
    ("5e551000-0000-4000-8000-00000000000b", SessionManner::Whole),
    ("5e551000-0000-4000-8000-00000000000c", SessionManner::Bare),
    ("5e551000-0000-4000-8000-00000000000d", SessionManner::Patch),
    ("5e551000-0000-4000-8000-00000000000e", SessionManner::Shell),
];

const FUNCTION_WORDS: [&str; 16] = [
    "order", "retry", "queue", "token", "cache", "price", "route", "shard", "lease", "frame",
    "batch", "index", "scope", "limit", "event", "state",
];

impl Play {
    /// Plays in an empty directory.
    pub(super) fn run(root: &Path, seed: u64, nth: u64) -> anyhow::Result<Self> {
        fs_err::create_dir_all(root)?;
        let mut play = Self {
            root: fs_err::canonicalize(root)?,
            files: BTreeMap::new(),
            logs: Logs::default(),
            rng: Rng::new(seed, nth),
            time: 1_760_000_000,
            names: 0,
            past: Vec::new(),
        };
        play.git(&["init", "-q", "-b", "main"])?;
        for name in ["src/store.go", "src/http.go", "web/app.ts"] {
            let lines = if play.rng.chance(0.5) {
                play.function(None)
            } else {
                Vec::new()
            };
            play.files.insert(name.to_owned(), lines);
        }
        play.save()?;
        play.commit()?;
        for _ in 0..60 {
            play.step()?;
        }
        Ok(play)
    }

    fn step(&mut self) -> anyhow::Result<()> {
        let passed = self.rng.range(5, 900);
        self.time += i64::try_from(passed).unwrap_or(60);
        let names: Vec<String> = self.files.keys().cloned().collect();
        let file = self.rng.pick(&names).clone();
        match self.rng.below(100) {
            0..55 => self.session_edits(&file)?,
            55..72 => {
                let new = self.changed(&file, None);
                self.files.insert(file, new);
                self.save()?;
            }
            72..75 => self.format(&file)?,
            75..77 => self.rename(&file)?,
            77..79 => self.undo(&file)?,
            _ => self.commit()?,
        }
        Ok(())
    }

    /// A session changes a file, and its log tells.
    fn session_edits(&mut self, file: &str) -> anyhow::Result<()> {
        let (session, manner) = *self.rng.pick(&SESSION_MANNERS);
        // The call's id is known only when it is logged.
        let mark = Some("?");
        let before = self.files[file].clone();
        let mut after = self.changed(file, mark);
        if after == before {
            return Ok(());
        }
        let cwd = self.root.to_string_lossy().into_owned();
        let path = self.root.join(file).to_string_lossy().into_owned();
        let (old, new) = (text(&before), text(&after));
        let (from, to) = around(&before, &after);
        let call = |tool, input, detail| LoggedCall {
            session,
            cwd: &cwd,
            time: self.time,
            tool,
            input,
            output: "The file has been updated",
            detail,
            fails: false,
        };
        let id = match manner {
            SessionManner::Whole | SessionManner::Bare => {
                let writes = before.is_empty() || self.rng.chance(0.1);
                let input = match (writes, unique(&before, &after, from.clone(), to.clone())) {
                    (false, Some((old, new))) => {
                        json!({"file_path": path, "old_string": old, "new_string": new})
                    }
                    _ => json!({"file_path": path, "content": new}),
                };
                let tool = if input["content"].is_null() {
                    "Edit"
                } else {
                    "Write"
                };
                let keeps = matches!(manner, SessionManner::Whole) || tool == "Write";
                let kind = if before.is_empty() {
                    "create"
                } else {
                    "update"
                };
                let original = if before.is_empty() && tool == "Write" {
                    json!(null)
                } else {
                    json!(old)
                };
                let detail = keeps.then(|| json!({"type": kind, "filePath": path, "originalFile": original, "userModified": false}));
                self.logs.claude(&call(tool, input, detail))
            }
            SessionManner::Patch | SessionManner::Shell => {
                let patch = patch(file, &before, &after, from, to);
                let done = "Exit code: 0\nOutput:\nSuccess. Updated the following files";
                match manner {
                    SessionManner::Patch => self.logs.codex(
                        &LoggedCall {
                            output: done,
                            ..call("apply_patch", json!(null), None)
                        },
                        &patch,
                    ),
                    _ => {
                        let line = format!("apply_patch <<'PATCH'\n{patch}\nPATCH");
                        let input = json!({"command": ["bash", "-lc", line]}).to_string();
                        self.logs.codex(
                            &LoggedCall {
                                output: done,
                                ..call("shell", json!(null), None)
                            },
                            &input,
                        )
                    }
                }
            }
        };
        for line in after
            .iter_mut()
            .filter(|line| line.call.as_deref() == Some("?"))
        {
            line.call = Some(id.clone());
        }
        self.files.insert(file.to_owned(), after);
        self.save()
    }

    /// A file with a change by `call`.
    fn changed(&mut self, file: &str, call: Option<&str>) -> Vec<AuthoredLine> {
        let mut lines = self.files[file].clone();
        let starts: Vec<usize> = (0..lines.len())
            .filter(|at| lines[*at].text.starts_with("func "))
            .collect();
        if starts.is_empty() || self.rng.chance(0.25) {
            let at = if starts.is_empty() {
                lines.len()
            } else {
                *self.rng.pick(&starts)
            };
            let function = self.function(call);
            lines.splice(at..at, function);
            return lines;
        }
        if starts.len() > 3 && self.rng.chance(0.1) {
            let nth = self.rng.below(starts.len() - 1);
            lines.drain(starts[nth]..starts[nth + 1]);
            return lines;
        }
        let at = self.rng.below(lines.len());
        let removed = self.rng.below(3).min(lines.len() - at);
        let added = self.rng.range(1, 5);
        let new: Vec<AuthoredLine> = (0..added)
            .map(|_| AuthoredLine {
                text: self.statement(),
                call: call.map(str::to_owned),
            })
            .collect();
        // What stays as it is stays whose it is.
        let gone: Vec<AuthoredLine> = lines[at..at + removed].to_vec();
        let new = new.into_iter().map(|line| {
            gone.iter()
                .find(|old| old.text == line.text)
                .cloned()
                .unwrap_or(line)
        });
        let new: Vec<AuthoredLine> = new.collect();
        lines.splice(at..at + removed, new);
        lines
    }

    fn function(&mut self, call: Option<&str>) -> Vec<AuthoredLine> {
        self.names += 1;
        let name = format!("{}{}", self.rng.pick(&FUNCTION_WORDS), self.names);
        let mut texts = vec![format!("func {name}(input string) error {{")];
        for _ in 0..self.rng.range(2, 8) {
            texts.push(self.statement());
        }
        texts.extend(["    return nil".to_owned(), "}".to_owned(), String::new()]);
        texts
            .into_iter()
            .map(|text| AuthoredLine {
                text,
                call: call.map(str::to_owned),
            })
            .collect()
    }

    fn statement(&mut self) -> String {
        let (a, b) = (
            *self.rng.pick(&FUNCTION_WORDS),
            *self.rng.pick(&FUNCTION_WORDS),
        );
        self.names += 1;
        match self.rng.below(8) {
            0 => "    if err != nil {".to_owned(),
            1 => "        return err".to_owned(),
            2 => "    }".to_owned(),
            3 => format!("    {a} := make_{b}(input)"),
            4 => String::new(),
            _ => format!("    {a}.{b}(input, {})", self.names),
        }
    }

    /// A formatter changes white space.
    fn format(&mut self, file: &str) -> anyhow::Result<()> {
        if let Some(lines) = self.files.get_mut(file) {
            let is_wide = lines.iter().any(|line| line.text.starts_with("    "));
            for line in lines {
                line.text = match is_wide {
                    true => line.text.replace("    ", "\t"),
                    false => line.text.replace('\t', "    "),
                };
            }
        }
        self.save()?;
        // What comes next is typed with spaces again.
        self.commit()
    }

    fn rename(&mut self, file: &str) -> anyhow::Result<()> {
        self.commit()?;
        self.names += 1;
        let name = format!("src/part{}.go", self.names);
        self.git(&["mv", file, &name])?;
        if let Some(lines) = self.files.remove(file) {
            self.files.insert(name.clone(), lines);
        }
        for past in &mut self.past {
            if let Some(lines) = past.remove(file) {
                past.insert(name.clone(), lines);
            }
        }
        self.commit()
    }

    /// A person goes back to a file as it was a few commits ago.
    fn undo(&mut self, file: &str) -> anyhow::Result<()> {
        let back = self.rng.range(1, 4);
        let past = self
            .past
            .len()
            .checked_sub(back)
            .and_then(|at| self.past[at].get(file));
        if let Some(lines) = past.cloned() {
            self.files.insert(file.to_owned(), lines);
            self.save()?;
        }
        Ok(())
    }

    fn commit(&mut self) -> anyhow::Result<()> {
        self.time += 30;
        self.git(&["add", "-A"])?;
        self.git(&["commit", "-q", "--allow-empty", "-m", "Go on"])?;
        self.past.push(self.files.clone());
        self.time += 2;
        Ok(())
    }

    fn save(&self) -> anyhow::Result<()> {
        for (file, lines) in &self.files {
            let path = self.root.join(file);
            fs_err::create_dir_all(path.parent().context("a file in a directory")?)?;
            fs_err::write(path, text(lines))?;
        }
        Ok(())
    }

    fn git(&self, arguments: &[&str]) -> anyhow::Result<()> {
        let date = format!("{} +0000", self.time);
        let status = Command::new("git")
            .current_dir(&self.root)
            .args([
                "-c",
                "user.name=Ada",
                "-c",
                "user.email=ada@example.org",
                "-c",
                "commit.gpgsign=false",
            ])
            .args(arguments)
            .envs([("GIT_AUTHOR_DATE", &date), ("GIT_COMMITTER_DATE", &date)])
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .stdout(Stdio::null())
            .status()
            .context("git is needed")?;
        ensure!(status.success(), "git {arguments:?} failed");
        Ok(())
    }
}

fn text(lines: &[AuthoredLine]) -> String {
    lines
        .iter()
        .map(|line| format!("{}\n", line.text))
        .collect()
}

type LineRange = std::ops::Range<usize>;

/// The lines before and after that differ: all between what both begin and end with.
fn around(before: &[AuthoredLine], after: &[AuthoredLine]) -> (LineRange, LineRange) {
    let same = |(a, b): &(&AuthoredLine, &AuthoredLine)| a == b;
    let head = before.iter().zip(after).take_while(same).count();
    let tail = before[head..]
        .iter()
        .rev()
        .zip(after[head..].iter().rev())
        .take_while(same)
        .count();
    (head..before.len() - tail, head..after.len() - tail)
}

/// The texts of an edit: as much as is needed for the old one to stand only once.
fn unique(
    before: &[AuthoredLine],
    after: &[AuthoredLine],
    mut from: LineRange,
    mut to: LineRange,
) -> Option<(String, String)> {
    let whole = text(before);
    loop {
        let old = text(&before[from.clone()]);
        if !old.trim().is_empty() && whole.matches(&old).count() == 1 {
            return Some((old, text(&after[to])));
        }
        if from.start == 0 && from.end == before.len() {
            return None;
        }
        if from.start > 0 {
            from.start -= 1;
            to.start -= 1;
        }
        if from.end < before.len() {
            from.end += 1;
            to.end += 1;
        }
    }
}

/// A patch as Codex writes it, with three lines around the change.
fn patch(
    file: &str,
    before: &[AuthoredLine],
    after: &[AuthoredLine],
    from: LineRange,
    to: LineRange,
) -> String {
    let mut lines = vec!["*** Begin Patch".to_owned()];
    let all = |sign: char, lines: &[AuthoredLine]| -> Vec<String> {
        lines
            .iter()
            .map(|line| format!("{sign}{}", line.text))
            .collect()
    };
    if before.is_empty() {
        lines.push(format!("*** Add File: {file}"));
        lines.extend(all('+', after));
    } else {
        lines.extend([format!("*** Update File: {file}"), "@@".to_owned()]);
        lines.extend(all(' ', &before[from.start.saturating_sub(3)..from.start]));
        lines.extend(all('-', &before[from.clone()]));
        lines.extend(all('+', &after[to]));
        lines.extend(all(
            ' ',
            &before[from.end..(from.end + 3).min(before.len())],
        ));
    }
    lines.push("*** End Patch".to_owned());
    lines.join("\n")
}
