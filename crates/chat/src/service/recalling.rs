//! What is recalled for a message of the person.

use serde_json::json;

use super::active::ActiveTurn;
use super::core::ChatInner;
use crate::event::EventName;
use crate::facts::{self, RecalledFact};
use crate::recollect::{self, RecalledMessage};
use crate::settings::ConversationSettings;

impl ChatInner {
    /// What the person's memory has about a text, messages and facts. That it can't be searched is no reason not to
    /// answer.
    pub(super) fn recalled(
        &self,
        turn: &ActiveTurn,
        settings: &ConversationSettings,
        text: &str,
        project: Option<&str>,
    ) -> (Vec<RecalledMessage>, Vec<RecalledFact>) {
        let options = &self.options.recall;
        if !self.recalls(&turn.conversation, settings) {
            return (Vec::new(), Vec::new());
        }
        let failed = |what: &str, error: memory::Error| {
            let what = format!("{what} couldn't be searched: {error}");
            turn.log.tell(EventName::RunNotice, json!({"notice": what}));
        };
        let said = (text, turn.conversation.as_str());
        let messages = match recollect::recall(&self.options.memory, options, said, project) {
            Ok(recalled) => recalled,
            // Nothing was said in the project yet.
            Err(memory::Error::Archive(memory::ArchiveError::NoProject { .. })) => Vec::new(),
            Err(error) => {
                failed("memory", error);
                Vec::new()
            }
        };
        if settings.facts == Some(false) {
            return (messages, Vec::new());
        }
        let max_tokens = self.options.facts.recall_tokens;
        match facts::recall(&self.options.memory, max_tokens, text) {
            Ok(facts) => (messages, facts),
            Err(error) => {
                failed("facts", error);
                (messages, Vec::new())
            }
        }
    }

    /// Whether memory is searched in a conversation, by the program or by the model.
    pub(super) fn recalls(&self, conversation: &str, settings: &ConversationSettings) -> bool {
        let is_off = self.off_record.has(conversation) && settings.recall != Some(true);
        !is_off && settings.recall.unwrap_or(self.options.recall.is_on)
    }
}
