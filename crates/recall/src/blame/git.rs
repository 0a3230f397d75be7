//! What git knows of a file, asked of the `git` program: who committed each line, and the contents
//! that the file had.
//!
//! A repository is not to be trusted: no hook, filter, pager, external diff or fetch is run, no lock
//! is taken, nothing that a person typed is read as an option, and each call ends in time.

use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use rustc_hash::FxHashMap;

/// How long a call may take.
const TIME: Duration = Duration::from_secs(8);
/// What a call may print, in bytes.
const SIZE: u64 = 96 << 20;
/// Commits of a file that are looked at, the newest first.
const COMMITS: usize = 400;

/// A repository.
pub(super) struct Git {
    /// Its working tree.
    pub(super) root: PathBuf,
    /// The commit at hand, if there is one.
    pub(super) head: Option<String>,
}

/// A commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Commit {
    pub(super) hash: String,
    pub(super) author: String,
    /// When it was made, the last moment at which what it holds can have been written; seconds.
    pub(super) made: i64,
    /// When its author says; seconds.
    pub(super) written: i64,
    pub(super) subject: String,
}

/// A content that the file had.
pub(super) struct Version {
    pub(super) commit: Commit,
    /// The file's name then.
    pub(super) name: String,
    blob: String,
}

/// Who committed each line of a version.
#[derive(Default)]
pub(super) struct Blamed {
    pub(super) commits: Vec<Commit>,
    /// An index into `commits` for each line.
    pub(super) lines: Vec<usize>,
}

impl Git {
    /// The repository that a directory lies in.
    pub(super) fn find(directory: &Path) -> Option<Self> {
        let directory = directory.ancestors().find(|path| path.is_dir())?;
        // It fails where there is no commit yet, and tells the root all the same.
        let printed = run(
            directory,
            &["rev-parse", "--show-toplevel", "HEAD"],
            &[],
            true,
        )?;
        let printed = String::from_utf8(printed).ok()?;
        let mut lines = printed.lines();
        let root = PathBuf::from(lines.next().filter(|line| !line.is_empty())?);
        let root = fs_err::canonicalize(&root).unwrap_or(root);
        let head = lines.next().filter(|line| is_hash(line)).map(str::to_owned);
        Some(Self { root, head })
    }

    /// The commit that a person means.
    pub(super) fn resolve(&self, revision: &str) -> Option<String> {
        if revision.is_empty() || revision.starts_with('-') || revision.contains(char::is_control) {
            return None;
        }
        let wanted = format!("{revision}^{{commit}}");
        let arguments = [
            "rev-parse",
            "--verify",
            "--quiet",
            "--end-of-options",
            &wanted,
        ];
        let printed = String::from_utf8(self.run(&arguments)?).ok()?;
        Some(printed.trim().to_owned()).filter(|hash| is_hash(hash))
    }

    /// When a commit was made, in seconds.
    pub(super) fn made(&self, commit: &str) -> Option<i64> {
        let printed = self.run(&[
            "log",
            "-1",
            "--no-show-signature",
            "--format=%ct",
            commit,
            "--",
        ])?;
        String::from_utf8(printed).ok()?.trim().parse().ok()
    }

    /// The contents that the file had up to a commit, the oldest first, along the first parents.
    pub(super) fn versions(&self, commit: &str, name: &str) -> Vec<Version> {
        let limit = format!("-n{COMMITS}");
        let printed = self.run(&[
            "log",
            "--follow",
            "--first-parent",
            "--diff-merges=first-parent",
            "--no-show-signature",
            "--no-ext-diff",
            "--no-textconv",
            "-M",
            "--raw",
            "--no-abbrev",
            "-z",
            &limit,
            "--format=%x01%H%x02%ct%x02%at%x02%an%x02%s",
            commit,
            "--",
            name,
        ]);
        let mut versions = printed
            .map(|printed| read_versions(&printed))
            .unwrap_or_default();
        versions.reverse();
        versions
    }

    /// The contents of versions, in their order; fewer where they are too large together.
    pub(super) fn contents(&self, versions: &[Version]) -> Vec<Option<String>> {
        let names: Vec<&str> = versions
            .iter()
            .map(|version| version.blob.as_str())
            .collect();
        self.objects(&names)
    }

    /// The content of a file in a commit.
    pub(super) fn content(&self, commit: &str, name: &str) -> Option<String> {
        if name.contains('\n') {
            return None;
        }
        self.objects(&[&format!("{commit}:{name}")]).pop().flatten()
    }

    fn objects(&self, names: &[&str]) -> Vec<Option<String>> {
        let asked = names.join("\n") + "\n";
        let printed = run(&self.root, &["cat-file", "--batch"], asked.as_bytes(), true);
        let printed = printed.unwrap_or_default();
        let mut rest = printed.as_slice();
        names.iter().map(|_| take_object(&mut rest)).collect()
    }

    /// Who committed each line of the file as it is in a commit.
    pub(super) fn blame(&self, commit: &str, name: &str) -> Option<Blamed> {
        let arguments = ["blame", "--porcelain", "--no-textconv", commit, "--", name];
        self.run(&arguments)
            .map(|printed| read_blame(&String::from_utf8_lossy(&printed)))
    }

    /// The name in the last commit of a file that was renamed since, without a commit yet.
    pub(super) fn renamed_from(&self, name: &str) -> Option<String> {
        let arguments = [
            "diff",
            "--cached",
            "--raw",
            "--no-abbrev",
            "-M",
            "-z",
            "--no-ext-diff",
            "--no-textconv",
            "HEAD",
            "--",
        ];
        let printed = self.run(&arguments)?;
        let mut parts = printed.split(|byte| *byte == 0);
        while let Some(part) = parts.next() {
            let old = parts.next()?;
            let is_rename =
                part.starts_with(b":") && part.split(|b| *b == b' ').next_back()?.starts_with(b"R");
            if is_rename && parts.next()? == name.as_bytes() {
                return String::from_utf8(old.to_vec()).ok();
            }
        }
        None
    }

    fn run(&self, arguments: &[&str]) -> Option<Vec<u8>> {
        run(&self.root, arguments, &[], false)
    }
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Runs git and returns what it prints; `None` if it fails (unless `lenient`), or takes too long.
fn run(directory: &Path, arguments: &[&str], input: &[u8], lenient: bool) -> Option<Vec<u8>> {
    let mut child = command(directory, arguments).spawn().ok()?;
    let mut stdin = child.stdin.take()?;
    let stdout = child.stdout.take()?;
    let ends = Instant::now() + TIME;
    let printed = std::thread::scope(|scope| {
        scope.spawn(move || {
            // A git that doesn't read on has its reasons, and says so by its exit code.
            let _ = stdin.write_all(input);
        });
        let (done, wait) = std::sync::mpsc::channel();
        let reading = scope.spawn(move || {
            let mut printed = Vec::new();
            let read = stdout.take(SIZE + 1).read_to_end(&mut printed);
            let _ = done.send(());
            read.ok().map(|_| printed)
        });
        if wait.recv_timeout(TIME).is_err() {
            let _ = child.kill();
        }
        reading.join().ok().flatten()
    });
    let printed = printed.filter(|printed| printed.len() as u64 <= SIZE);
    let is_well = ended(&mut child, ends);
    printed.filter(|_| is_well || lenient)
}

/// Waits for the end, and brings it about where it doesn't come.
fn ended(child: &mut Child, ends: Instant) -> bool {
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if Instant::now() < ends => std::thread::sleep(Duration::from_millis(1)),
            _ => {
                let _ = child.kill();
                let _ = child.wait();
                return false;
            }
        }
    }
}

fn command(directory: &Path, arguments: &[&str]) -> Command {
    const ALWAYS: [&str; 8] = [
        "core.fsmonitor=false",
        "core.hooksPath=/dev/null",
        "core.quotePath=false",
        "blame.ignoreRevsFile=",
        "diff.external=",
        "log.showSignature=false",
        "protocol.allow=never",
        "core.pager=cat",
    ];
    let mut command = Command::new("git");
    command.arg("-C").arg(directory);
    command.args(["--no-pager", "--no-optional-locks", "--literal-pathspecs"]);
    for setting in ALWAYS {
        command.args(["-c", setting]);
    }
    command.args(arguments);
    for inherited in [
        "GIT_DIR",
        "GIT_WORK_TREE",
        "GIT_INDEX_FILE",
        "GIT_OBJECT_DIRECTORY",
        "GIT_NAMESPACE",
        "GIT_EXTERNAL_DIFF",
        "GIT_CEILING_DIRECTORIES",
        "GIT_TRACE",
        "GIT_CONFIG_PARAMETERS",
    ] {
        command.env_remove(inherited);
    }
    command
        .env("LC_ALL", "C")
        .env("GIT_TERMINAL_PROMPT", "0")
        .env("GIT_NO_LAZY_FETCH", "1")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null());
    command
}

/// Reads `log --raw -z`: a commit, then what it did to the file, all ended by NUL.
fn read_versions(printed: &[u8]) -> Vec<Version> {
    let mut versions: Vec<Version> = Vec::new();
    let mut commit = None;
    let mut parts = printed
        .split(|byte| *byte == 0)
        .map(String::from_utf8_lossy);
    while let Some(part) = parts.next() {
        let part = part.trim_start_matches('\n');
        if let Some(told) = part.strip_prefix('\u{1}') {
            commit = read_commit(told);
        } else if let Some(raw) = part.strip_prefix(':') {
            let fields: Vec<&str> = raw.split(' ').collect();
            let Some(mut name) = parts.next() else { break };
            let [_, _, _, blob, what] = fields[..] else {
                continue;
            };
            if what.starts_with(['R', 'C']) {
                let Some(new) = parts.next() else { break };
                name = new;
            }
            if let Some(commit) = commit.take() {
                let (name, blob) = (name.into_owned(), blob.to_owned());
                versions.push(Version { commit, name, blob });
            }
        }
    }
    versions
}

fn read_commit(told: &str) -> Option<Commit> {
    let mut fields = told.splitn(5, '\u{2}');
    Some(Commit {
        hash: fields.next()?.to_owned(),
        made: fields.next()?.parse().ok()?,
        written: fields.next()?.parse().ok()?,
        author: fields.next()?.to_owned(),
        subject: fields.next()?.trim_end().to_owned(),
    })
}

/// Takes an object that `cat-file --batch` printed: a line with its size, its content, a line end.
fn take_object(rest: &mut &[u8]) -> Option<String> {
    let end = rest.iter().position(|byte| *byte == b'\n')?;
    let head = String::from_utf8_lossy(&rest[..end]).into_owned();
    *rest = &rest[end + 1..];
    let mut fields = head.rsplit(' ');
    let size: usize = fields.next()?.parse().ok()?;
    if fields.next() != Some("blob") || size >= rest.len() {
        return None;
    }
    let content = &rest[..size];
    *rest = &rest[size + 1..];
    // What isn't text has no lines that somebody wrote.
    (!content.contains(&0)).then(|| String::from_utf8_lossy(content).into_owned())
}

fn read_blame(printed: &str) -> Blamed {
    let mut blamed = Blamed::default();
    let mut known: FxHashMap<&str, usize> = FxHashMap::default();
    for line in printed.lines() {
        if line.starts_with('\t') {
            continue;
        }
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        if is_hash(key) {
            let at = *known.entry(key).or_insert_with(|| {
                let hash = key.to_owned();
                blamed.commits.push(Commit {
                    hash,
                    ..Commit::default()
                });
                blamed.commits.len() - 1
            });
            blamed.lines.push(at);
            continue;
        }
        // What is told of a commit follows the first line that it has.
        let Some(commit) = blamed
            .lines
            .last()
            .and_then(|at| blamed.commits.get_mut(*at))
        else {
            continue;
        };
        match key {
            "author" => commit.author = value.to_owned(),
            "author-time" => commit.written = value.parse().unwrap_or_default(),
            "committer-time" => commit.made = value.parse().unwrap_or_default(),
            "summary" => commit.subject = value.to_owned(),
            _ => {}
        }
    }
    blamed
}
