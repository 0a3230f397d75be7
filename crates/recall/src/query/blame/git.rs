//! What git knows of a file, asked of the `git` program: who committed each line, and the contents
//! that the file had.
//!
//! Nothing that a person typed is read as an option.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rustc_hash::FxHashMap;

use crate::git::{Ask, ask};

/// How long a call may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(8);
/// What a call may print, in bytes.
const MAX_OUTPUT_BYTES: u64 = 96 << 20;
/// Commits of a file that are looked at, the newest first.
const MAX_COMMITS: usize = 400;

/// A repository.
pub(super) struct BlameRepository {
    /// Its working tree.
    pub(super) root: PathBuf,
    /// The commit at hand, if there is one.
    pub(super) head: Option<String>,
}

/// A commit.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct FileCommit {
    pub(super) hash: String,
    pub(super) author: String,
    /// When it was made, the last moment at which what it holds can have been written; seconds.
    pub(super) made: i64,
    /// When its author says; seconds.
    pub(super) written: i64,
    pub(super) subject: String,
}

/// A content that the file had.
pub(super) struct FileVersion {
    pub(super) commit: FileCommit,
    /// The file's name then.
    pub(super) name: String,
    blob: String,
}

/// Who committed each line of a version.
#[derive(Default)]
pub(super) struct CommittedLines {
    pub(super) commits: Vec<FileCommit>,
    /// An index into `commits` for each line.
    pub(super) lines: Vec<usize>,
}

impl BlameRepository {
    /// The repository that a directory lies in.
    pub(super) fn find(directory: &Path) -> Option<Self> {
        let directory = directory.ancestors().find(|path| path.is_dir())?;
        // It fails where there is no commit yet, and tells the root all the same.
        let printed = ask(&Ask {
            is_lenient: true,
            ..asked(directory, &["rev-parse", "--show-toplevel", "HEAD"])
        })?;
        let printed = String::from_utf8(printed).ok()?;
        let mut lines = printed.lines();
        let root = PathBuf::from(lines.next().filter(|line| !line.is_empty())?);
        let root = fs_err::canonicalize(&root).unwrap_or(root);
        let head = lines.next().filter(|line| is_hash(line)).map(str::to_owned);
        // `git blame` reads this one, and would wait at a named pipe.
        let mailmap = fs_err::symlink_metadata(root.join(".mailmap"));
        let may_wait = mailmap.is_ok_and(|mailmap| !mailmap.is_file());
        (!may_wait).then_some(Self { root, head })
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
        seconds(&String::from_utf8(printed).ok()?)
    }

    /// The contents that the file had up to a commit, the oldest first, along the first parents.
    pub(super) fn versions(&self, commit: &str, name: &str) -> Vec<FileVersion> {
        let limit = format!("-n{MAX_COMMITS}");
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
    pub(super) fn contents(&self, versions: &[FileVersion]) -> Vec<Option<String>> {
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
        let input = names.join("\n") + "\n";
        let printed = ask(&Ask {
            input: input.as_bytes(),
            is_lenient: true,
            ..asked(&self.root, &["cat-file", "--batch"])
        });
        let printed = printed.unwrap_or_default();
        let mut rest = printed.as_slice();
        names.iter().map(|_| take_object(&mut rest)).collect()
    }

    /// Who committed each line of the file as it is in a commit.
    pub(super) fn blame(&self, commit: &str, name: &str) -> Option<CommittedLines> {
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
        ask(&asked(&self.root, arguments))
    }
}

/// A question within what a blame may take.
fn asked<'a>(directory: &'a Path, arguments: &'a [&'a str]) -> Ask<'a> {
    Ask {
        directory,
        arguments,
        input: &[],
        time: CALL_TIMEOUT,
        bytes: MAX_OUTPUT_BYTES,
        is_lenient: false,
    }
}

/// Seconds since 1970, within the years that have four digits: a commit may say anything.
fn seconds(text: &str) -> Option<i64> {
    const FIRST_SECOND: i64 = -62_135_596_800;
    const LAST_SECOND: i64 = 253_402_300_799;
    let seconds = text.trim().parse::<i128>().ok()?;
    i64::try_from(seconds.clamp(FIRST_SECOND.into(), LAST_SECOND.into())).ok()
}

fn is_hash(text: &str) -> bool {
    matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Reads `log --raw -z`: a commit, then what it did to the file, all ended by NUL.
fn read_versions(printed: &[u8]) -> Vec<FileVersion> {
    let mut versions: Vec<FileVersion> = Vec::new();
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
                versions.push(FileVersion { commit, name, blob });
            }
        }
    }
    versions
}

fn read_commit(told: &str) -> Option<FileCommit> {
    let mut fields = told.splitn(5, '\u{2}');
    Some(FileCommit {
        hash: fields.next()?.to_owned(),
        made: seconds(fields.next()?)?,
        written: seconds(fields.next()?)?,
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

fn read_blame(printed: &str) -> CommittedLines {
    let mut blamed = CommittedLines::default();
    let mut known: FxHashMap<&str, usize> = FxHashMap::default();
    for line in printed.lines() {
        if line.starts_with('\t') {
            continue;
        }
        let (key, value) = line.split_once(' ').unwrap_or((line, ""));
        if is_hash(key) {
            let at = *known.entry(key).or_insert_with(|| {
                let hash = key.to_owned();
                blamed.commits.push(FileCommit {
                    hash,
                    ..FileCommit::default()
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
            "author-time" => commit.written = seconds(value).unwrap_or_default(),
            "committer-time" => commit.made = seconds(value).unwrap_or_default(),
            "summary" => commit.subject = value.to_owned(),
            _ => {}
        }
    }
    blamed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_commit_of_no_possible_time_has_the_nearest_one() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let printed = format!(
            "{hash} 1 1 1\nauthor a\nauthor-time -9223372036854775808\n\
             committer-time 18446744073709551615\nsummary s\n\tlet a = 1;\n"
        );
        let blamed = read_blame(&printed);
        let commit = &blamed.commits[0];
        assert!(commit.made.checked_mul(1000).is_some() && commit.made > 250_000_000_000);
        assert!(commit.written.checked_mul(1000).is_some() && commit.written < 0);
        let told = format!("{hash}\u{2}99999999999999999999\u{2}0\u{2}a\u{2}s");
        assert_eq!(
            read_commit(&told).map(|commit| commit.made),
            Some(commit.made)
        );
    }
}
