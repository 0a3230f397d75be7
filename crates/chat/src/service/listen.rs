//! Listening to a turn: one that is under way, or one that ended, as far as the archive knows.

use std::sync::Arc;

use serde_json::json;

use super::core::{Chat, ChatInner};
use crate::Result;
use crate::event::{EventName, Told};
use crate::thread::Branches;
use crate::turn::{TurnEvents, TurnLog};

impl Chat {
    /// The events of a turn: from the first one on if `from_start`, else a snapshot and what follows.
    ///
    /// # Errors
    /// If there is no such turn, or the archive can't be read.
    pub async fn events(&self, turn: &str, from_start: bool) -> Result<TurnEvents> {
        if let Some(active) = self.inner.turns.get(turn) {
            return Ok(active.log.listen(from_start));
        }
        let id = turn.to_owned();
        let log = self.inner.read(move |inner| inner.ended_log(&id)).await?;
        Ok(Arc::new(log).listen(from_start))
    }
}

impl ChatInner {
    /// What an ended turn said, as far as the archive knows. Blocks.
    fn ended_log(&self, id: &str) -> Result<TurnLog> {
        let record = self.options.memory.archive()?.turn(id)?;
        let thread = self.thread(&record.chat)?;
        let vault = self.vault(&record.chat);
        let branches = Branches::of(&thread);
        let answer = branches.get(&record.answer);
        let (text, reasoning) = match answer {
            Some(answer) => (
                answer.message.text.as_str(),
                answer.message.thinking.as_str(),
            ),
            None => (record.text.as_str(), record.thinking.as_str()),
        };
        let about = json!({
            "turn": record.id, "conversation": record.chat, "question": record.question,
            "answer": record.answer, "model": record.model,
        });
        let mut data: serde_json::Value = serde_json::from_str(&record.detail).unwrap_or_default();
        if !data.is_object() {
            data = json!({});
        }
        let name = match record.state {
            memory::TurnState::Completed => EventName::RunCompleted,
            memory::TurnState::Cancelled => EventName::RunCancelled,
            memory::TurnState::Interrupted | memory::TurnState::Running => {
                if data.get("error").is_none() {
                    data["error"] = json!({
                        "code": "interrupted",
                        "message": "the program ended while this answer came",
                    });
                }
                EventName::RunError
            }
            memory::TurnState::Failed => EventName::RunError,
        };
        let end = Told { name, data };
        Ok(TurnLog::ended(
            about,
            &vault.reveal(text),
            &vault.reveal(reasoning),
            end,
        ))
    }
}
