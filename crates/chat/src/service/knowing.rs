//! What documents and a character's lore have for a turn that is made ready.

use std::io::Write as _;
use std::sync::{Arc, PoisonError};

use memory::{ChatChange, DocumentOutcome, DocumentScope};
use serde_json::json;

use super::active::{ActiveTurn, TurnAsk, TurnRequest};
use super::begin::PreparedTurn;
use super::core::ChatInner;
use crate::character::Character;
use crate::detail::Detail;
use crate::event::EventName;
use crate::knowledge::{KnowledgeScope, TurnKnowledge};
use crate::recollect;
use crate::{Error, Result};

impl ChatInner {
    /// Which documents count for a turn, and what they have for it. Blocks.
    pub(super) fn find_knowledge(
        &self,
        turn: &ActiveTurn,
        request: &TurnRequest,
        (character, prepared): (Option<&Character>, &PreparedTurn),
    ) -> (KnowledgeScope, TurnKnowledge) {
        let scope = KnowledgeScope {
            conversation: Some(turn.conversation.clone()),
            character: character.map(|character| character.id.clone()),
            project: prepared.project.clone(),
        };
        if let Some(character) = character {
            self.add_shipped(turn, character);
        }
        let said = matches!(request.ask, TurnAsk::Say { .. }).then_some(prepared.path.last());
        let said = said.flatten().map(|message| message.message.text.as_str());
        let knowledge = TurnKnowledge::of(&self.knowledge(), &scope, said);
        (scope, knowledge)
    }

    /// Adds what a character knows that comes with the program, when it speaks first. Blocks.
    fn add_shipped(&self, turn: &ActiveTurn, character: &Character) {
        let Some(text) = character.knowledge else {
            return;
        };
        let mut known = self.shipped.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.insert(character.id.clone()) {
            return;
        }
        match self.keep_shipped(character, text) {
            Ok(DocumentOutcome::Unchanged) => {}
            Ok(_) => {
                let memory = Arc::clone(&self.options.memory);
                // Without vectors it is found by its words.
                std::thread::spawn(
                    move || while memory.embed_more().is_ok_and(|count| count > 0) {},
                );
            }
            Err(error) => {
                let notice = format!(
                    "what {} knows couldn't be added: {error}",
                    character.card.name
                );
                turn.log
                    .tell(EventName::RunNotice, json!({"notice": notice}));
            }
        }
    }

    fn keep_shipped(&self, character: &Character, text: &str) -> Result<DocumentOutcome> {
        let base = self.knowledge();
        let spool = base.spool()?;
        let failed = |error: std::io::Error| Error::Internal(error.to_string());
        spool.file().write_all(text.as_bytes()).map_err(failed)?;
        let file = spool.file().try_clone().map_err(failed)?;
        let name = format!("{}.md", character.id);
        let scope = DocumentScope::Character(character.id.clone());
        Ok(base.add_upload(&name, file, &scope).stored?.outcome)
    }
}

impl PreparedTurn {
    /// Puts what a character knows before the newest message, if that is said now: what was said before stays as it
    /// was sent.
    pub(super) fn add_lore(&mut self, lore: &[String]) {
        if lore.is_empty() {
            return;
        }
        for change in &mut self.changes {
            if let ChatChange::Append { message, .. } = change
                && let Some(newest) = self.path.last_mut()
            {
                let mut detail = Detail::parse(&message.detail);
                detail.context = recollect::with_lore(&detail.context, lore);
                message.detail = detail.to_json();
                newest.detail.clone_from(&message.detail);
            }
        }
    }
}
