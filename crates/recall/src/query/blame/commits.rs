//! Which conversation made a commit: a shell call whose output names it, or that ran `git commit` at
//! that very moment.

use rustc_hash::{FxHashMap, FxHashSet};
use transcript::{Millis, ToolResult, command};

use super::edits::{EditScope, result_of};
use super::git::FileCommit;
use crate::Result;
use crate::store::{MessageId, Reader, Row, Span};

/// How long before its call's time and after it a commit may have been made, in milliseconds: a
/// person may have had to agree to the call.
const MILLIS_BEFORE_CALL: Millis = 60_000;
const MILLIS_AFTER_CALL: Millis = 3_600_000;
/// The same where nothing but the time speaks for it.
const SLACK_MILLIS: Millis = 2_000;

/// The message whose shell call made a commit, and how that is known.
pub(super) struct FoundMaker {
    pub(super) message: MessageId,
    pub(super) span: Span,
    pub(super) evidence: String,
}

/// For each commit of these lines, by its hash, the message that made it, if one of the spans did.
pub(super) fn makers(
    within: EditScope<'_>,
    lines: &[Option<&FileCommit>],
) -> Result<FxHashMap<String, FoundMaker>> {
    let mut makers = FxHashMap::default();
    let mut hashes = FxHashSet::default();
    let mut commits: Vec<&FileCommit> = lines.iter().flatten().copied().collect();
    commits.retain(|commit| hashes.insert(commit.hash.as_str()));
    commits.sort_by_key(|commit| commit.made);
    if commits.is_empty() {
        return Ok(makers);
    }
    let mut reader = Reader::new()?;
    let connection = within.connection;
    for id in within.calls_with("git commit")? {
        let id = MessageId(id);
        let (Some(span), Some(row)) = (within.spans.find(id), Row::get(connection, id)?) else {
            continue;
        };
        let near = row.time.map_or(&[][..], |time| made_near(&commits, time));
        if near.is_empty() {
            continue;
        }
        let Ok(message) = reader.message(connection, &row) else {
            continue;
        };
        for call in &message.tools {
            let Some(line) = command::line(&call.input).filter(|line| line.contains("commit"))
            else {
                continue;
            };
            let done = result_of(connection, &mut reader, span, id, &call.id)?;
            let Some((result, came)) = done.filter(|(result, _)| !result.is_error) else {
                continue;
            };
            let times = (row.time.unwrap_or(0), came.or(row.time).unwrap_or(0));
            for commit in near {
                if let Some(evidence) = evidence(commit, &line, &result, times) {
                    let maker = FoundMaker {
                        message: id,
                        span: *span,
                        evidence,
                    };
                    makers.insert(commit.hash.clone(), maker);
                }
            }
        }
    }
    Ok(makers)
}

/// The commits that may have been made by a call of this time.
fn made_near<'c>(commits: &'c [&'c FileCommit], time: Millis) -> &'c [&'c FileCommit] {
    let from = commits.partition_point(|commit| commit.made * 1000 < time - MILLIS_BEFORE_CALL);
    let to = commits.partition_point(|commit| commit.made * 1000 <= time + MILLIS_AFTER_CALL);
    &commits[from..to.max(from)]
}

fn evidence(
    commit: &FileCommit,
    line: &str,
    result: &ToolResult,
    times: (Millis, Millis),
) -> Option<String> {
    let short = &commit.hash[..8];
    if result
        .output
        .lines()
        .filter_map(named)
        .any(|named| commit.hash.starts_with(named))
    {
        return Some(format!("the output of its `git commit` names `{short}`"));
    }
    // Without output, as with `--quiet`, time and message must do.
    let made = commit.made * 1000;
    let in_time = made + 999 >= times.0 - SLACK_MILLIS && made <= times.1 + SLACK_MILLIS;
    let is_said = !commit.subject.is_empty() && line.contains(&commit.subject);
    let is_silent = !result.output.lines().any(|line| named(line).is_some());
    (in_time && is_said && is_silent)
        .then(|| format!("it ran `git commit` with this message when `{short}` was made"))
}

/// The hash in `[main 1a2b3c4] Subject`.
fn named(line: &str) -> Option<&str> {
    let (inside, _) = line.trim_start().strip_prefix('[')?.split_once(']')?;
    let hash = inside.rsplit(' ').next()?;
    let is_hash = hash.len() >= 7 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    (is_hash && inside.contains(' ')).then_some(hash)
}
