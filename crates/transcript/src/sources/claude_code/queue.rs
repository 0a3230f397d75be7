//! Prompts that a person typed while the assistant was at work. Most get a record of their own when the
//! assistant takes them up; one that never was taken up, since the assistant died, stands in the queue alone.

use serde::{Deserialize, Serialize};

use crate::Millis;
use crate::fingerprint::fingerprint;

/// How many prompts are remembered.
const MAX_QUEUED: usize = 16;

/// The prompts that wait, and those of them that were told because nothing followed at the time.
#[derive(Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct PromptQueue {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    prompts: Vec<QueuedPrompt>,
    /// How many the assistant took up whose own records weren't seen yet.
    #[serde(skip_serializing_if = "is_zero")]
    taken: usize,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde passes it so")]
fn is_zero(number: &usize) -> bool {
    *number == 0
}

/// A prompt in the queue.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct QueuedPrompt {
    /// The words; empty once they were told.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub(super) text: String,
    /// Their fingerprint.
    pub(super) print: u64,
    /// The id that it is told under.
    pub(super) id: String,
    pub(super) is_command: bool,
    pub(super) conversation: String,
    pub(super) time: Option<Millis>,
    pub(super) offset: u64,
    pub(super) cwd: String,
}

impl PromptQueue {
    pub(super) fn is_empty(&self) -> bool {
        self.prompts.is_empty()
    }

    /// A prompt was put into the queue; its id is made of what is known of it.
    pub(super) fn add(&mut self, mut prompt: QueuedPrompt) {
        prompt.print = fingerprint(&prompt.text);
        let whole = format!(
            "{:?} {:?} {}",
            prompt.time, prompt.conversation, prompt.text
        );
        prompt.id = format!("queued-{:016x}", fingerprint(&whole));
        if self.prompts.iter().any(|known| known.id == prompt.id) {
            return;
        }
        if self.prompts.len() == MAX_QUEUED {
            self.prompts.remove(0);
        }
        self.prompts.push(prompt);
    }

    /// The assistant took up a prompt, whose own record follows.
    pub(super) fn take(&mut self) {
        if self.taken < self.prompts.len() {
            self.taken += 1;
        }
    }

    /// The person took all prompts back.
    pub(super) fn clear(&mut self) {
        self.prompts.retain(|prompt| prompt.text.is_empty());
        self.taken = 0;
    }

    /// A prompt has a record of its own: the id under which it was told before, if it was.
    pub(super) fn delivered(&mut self, text: &str) -> Option<String> {
        if self.prompts.is_empty() {
            return None;
        }
        let print = fingerprint(text);
        let at = self
            .prompts
            .iter()
            .position(|prompt| prompt.print == print)?;
        self.taken = self.taken.saturating_sub(1);
        let prompt = self.prompts.remove(at);
        prompt.text.is_empty().then_some(prompt.id)
    }

    /// The prompts that still wait and weren't told yet.
    pub(super) fn waiting(&mut self) -> Vec<QueuedPrompt> {
        let untold = self.prompts.iter_mut().skip(self.taken);
        let untold = untold.filter(|prompt| !prompt.text.is_empty());
        untold
            .map(|prompt| {
                let told = prompt.clone();
                prompt.text.clear();
                told
            })
            .collect()
    }
}
