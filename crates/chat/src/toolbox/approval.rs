//! Whether a person allows a call, and what they answer to a tool's question.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use tokio::sync::oneshot;

/// The largest file of approvals, in bytes.
const MAX_FILE_BYTES: u64 = 4 << 20;

/// What a person decides of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ApprovalDecision {
    /// It may be made; where a tool is asked for once, so may others of the conversation.
    Allow,
    /// This tool may always be called, as long as what it says of itself doesn't change.
    AllowAlways,
    /// It may not be made.
    Deny,
}

/// What a person answers while a turn waits for them.
#[derive(Clone, Debug, PartialEq)]
pub enum ApprovalAnswer {
    /// To whether a call may be made.
    Decision(ApprovalDecision),
    /// To a tool's question: what they filled in, or `None` if they won't.
    Form(Option<Value>),
}

/// A tool that the person is asked about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AskedTool {
    pub(crate) server: String,
    pub(crate) tool: String,
    /// What it says of itself, in short: it is asked about again once that changes.
    pub(crate) fingerprint: String,
    pub(crate) description: String,
    /// Whether each call is asked about.
    pub(crate) asks_always: bool,
}

impl AskedTool {
    /// What it goes by among those that are allowed.
    pub(crate) fn named(&self) -> (&str, &str, &str) {
        (&self.server, &self.tool, &self.fingerprint)
    }
}

/// What is held while something is asked.
type HeldTurn = Arc<tokio::sync::Mutex<()>>;

/// Questions of a turn that wait for the person.
#[derive(Debug, Default)]
pub(crate) struct PendingAnswers {
    /// By their ids.
    waiting: Mutex<HashMap<String, oneshot::Sender<ApprovalAnswer>>>,
    /// By server and tool: whoever holds one asks about that tool.
    asking: Mutex<HashMap<(String, String), HeldTurn>>,
}

impl PendingAnswers {
    /// A question that waits from now on. It is withdrawn when the receiver is dropped.
    pub(crate) fn ask(&self, id: &str) -> oneshot::Receiver<ApprovalAnswer> {
        let (answer, answered) = oneshot::channel();
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, waits| !waits.is_closed());
        waiting.insert(id.to_owned(), answer);
        answered
    }

    /// What is held while a tool is asked about, so that it is asked about one call after the other.
    pub(crate) fn turn_of(&self, tool: &AskedTool) -> HeldTurn {
        let mut asking = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (tool.server.clone(), tool.tool.clone());
        Arc::clone(asking.entry(key).or_default())
    }

    /// Answers a question; whether one waited.
    pub(crate) fn answer(&self, id: &str, answer: ApprovalAnswer) -> bool {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let waits = waiting.remove(id);
        waits.is_some_and(|waits| waits.send(answer).is_ok())
    }
}

/// A tool that may be called without asking, as long as it describes itself as it did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct ApprovedTool {
    server: String,
    tool: String,
    fingerprint: String,
}

#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct ApprovalFile {
    approved: Vec<ApprovedTool>,
}

/// What a person has allowed for good, in a file of their own, and for a conversation, in memory.
#[derive(Debug)]
pub(crate) struct Approvals {
    path: PathBuf,
    /// Writers come one after the other.
    in_conversations: Mutex<Vec<(String, ApprovedTool)>>,
}

/// Conversations' approvals that are remembered at a time.
const MAX_REMEMBERED: usize = 10_000;

impl Approvals {
    pub(crate) fn new(directory: &Path) -> Self {
        Self {
            path: directory.join("approvals.json"),
            in_conversations: Mutex::default(),
        }
    }

    /// Whether a tool of a server, which describes itself so, may be called in a conversation. Blocks.
    pub(crate) fn has(
        &self,
        conversation: &str,
        (server, tool, fingerprint): (&str, &str, &str),
    ) -> bool {
        let is_it = |one: &ApprovedTool| {
            one.server == server && one.tool == tool && one.fingerprint == fingerprint
        };
        let known = self.in_conversations.lock();
        let known = known.unwrap_or_else(PoisonError::into_inner);
        known
            .iter()
            .any(|(chat, one)| chat == conversation && is_it(one))
            || self.read().approved.iter().any(is_it)
    }

    /// Whether a tool may be called in every conversation. Blocks.
    pub(crate) fn has_for_good(&self, (server, tool, fingerprint): (&str, &str, &str)) -> bool {
        let file = self.read();
        let mut approved = file.approved.iter();
        approved
            .any(|one| one.server == server && one.tool == tool && one.fingerprint == fingerprint)
    }

    /// Forgets that a tool may be called, for good and in conversations; whether it might. Blocks.
    ///
    /// # Errors
    /// If the file can't be written.
    pub(crate) fn remove(&self, server: &str, tool: &str) -> std::io::Result<bool> {
        let is_other = |one: &ApprovedTool| one.server != server || one.tool != tool;
        let mut known = self
            .in_conversations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let mut file = self.read();
        let before = known.len() + file.approved.len();
        known.retain(|(_, one)| is_other(one));
        file.approved.retain(is_other);
        if before == known.len() + file.approved.len() {
            return Ok(false);
        }
        self.write(&file)?;
        Ok(true)
    }

    fn write(&self, file: &ApprovalFile) -> std::io::Result<()> {
        if let Some(directory) = self.path.parent() {
            files::create_private_dir(directory)?;
        }
        let draft = files::Draft::new(&self.path, files::Access::Private)?;
        std::io::Write::write_all(&mut draft.file(), &serde_json::to_vec_pretty(file)?)?;
        draft.replace()
    }

    /// Remembers that it may, for the conversation or for good. Blocks.
    ///
    /// # Errors
    /// If the file can't be written.
    pub(crate) fn add(
        &self,
        conversation: &str,
        (server, tool, fingerprint): (&str, &str, &str),
        for_good: bool,
    ) -> std::io::Result<()> {
        let approved = ApprovedTool {
            server: server.to_owned(),
            tool: tool.to_owned(),
            fingerprint: fingerprint.to_owned(),
        };
        let mut known = self
            .in_conversations
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if !for_good {
            if known.len() >= MAX_REMEMBERED {
                known.remove(0);
            }
            known.push((conversation.to_owned(), approved));
            return Ok(());
        }
        let mut file = self.read();
        file.approved
            .retain(|one| one.server != approved.server || one.tool != approved.tool);
        file.approved.push(approved);
        self.write(&file)
    }

    /// A file that can't be read allows nothing.
    fn read(&self) -> ApprovalFile {
        let bytes = files::read(&self.path, MAX_FILE_BYTES);
        bytes
            .ok()
            .and_then(|bytes| serde_json::from_slice(&bytes).ok())
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_describes_itself_otherwise_is_asked_for_again() {
        let home = tempfile::tempdir().expect("a directory");
        let approvals = Approvals::new(home.path());
        let (old, new) = (("files", "read", "a"), ("files", "read", "b"));
        approvals.add("one", old, false).expect("remembered");
        assert!(approvals.has("one", old));
        assert!(!approvals.has("other", old));
        approvals.add("one", new, true).expect("written");
        let again = Approvals::new(home.path());
        assert!(again.has("other", new));
        assert!(!again.has("one", old));
    }
}
