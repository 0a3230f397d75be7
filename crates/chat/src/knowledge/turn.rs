//! Knowledge in a turn: what of the documents goes where in the request, and what is told of it.

use memory::{ChatChange, ChatMessage};
use serde_json::json;

use super::asking::KnowledgeScope;
use super::base::KnowledgeBase;
use super::context::{knowledge_context, knowledge_instructions};
use super::section::{KnowledgeHit, recalled};
use crate::Result;
use crate::detail::{Detail, RecalledKnowledge};
use crate::event::EventName;
use crate::turn::TurnLog;

/// What documents have for a turn.
#[derive(Debug, Default)]
pub(crate) struct TurnKnowledge {
    /// Documents that are there whole, for the instructions; the same bytes in every turn until a document changes.
    pub(crate) instructions: String,
    /// The sections that were found for what is said.
    hits: Vec<KnowledgeHit>,
    /// Names of the documents that are there whole.
    whole: Vec<(String, String)>,
    /// Whether sections were looked for.
    is_asked: bool,
    /// Why documents couldn't be looked at.
    failure: Option<String>,
}

impl TurnKnowledge {
    /// What documents have for a turn in which `said` is said; `None` where an answer is asked for again. That they
    /// can't be looked at is no reason not to answer.
    pub(crate) fn of(base: &KnowledgeBase, scope: &KnowledgeScope, said: Option<&str>) -> Self {
        Self::found(base, scope, said).unwrap_or_else(|error| Self {
            failure: Some(format!("the documents couldn't be looked at: {error}")),
            ..Self::default()
        })
    }

    fn found(base: &KnowledgeBase, scope: &KnowledgeScope, said: Option<&str>) -> Result<Self> {
        let counting = base.counting(scope)?;
        let mut whole = Vec::new();
        for document in &counting.whole {
            whole.push(base.whole(document)?);
        }
        let told = counting.whole.iter();
        let mut knowledge = Self {
            instructions: knowledge_instructions(&whole),
            whole: told.map(|one| (one.id.clone(), one.name.clone())).collect(),
            ..Self::default()
        };
        let said = said.filter(|said| said.chars().any(char::is_alphanumeric));
        if let Some(said) = said {
            let asked = counting.asked(said);
            knowledge.is_asked = !asked.is_empty();
            knowledge.hits = base.best_of(&asked, said, base.options().quoted_tokens)?;
        }
        Ok(knowledge)
    }

    /// Puts the sections before the newest message, if that is said now: what was said before stays as it was sent.
    pub(crate) fn add(&self, changes: &mut [ChatChange], path: &mut [ChatMessage]) {
        if self.hits.is_empty() {
            return;
        }
        for change in changes {
            if let ChatChange::Append { message, .. } = change
                && let Some(newest) = path.last_mut()
            {
                let mut detail = Detail::parse(&message.detail);
                detail.context = knowledge_context(&detail.context, &self.hits);
                detail.knowledge = self.hits.iter().map(recalled).collect();
                message.detail = detail.to_json();
                newest.detail.clone_from(&message.detail);
            }
        }
    }

    /// Tells whoever listens what was put before the model, or that nothing was found.
    pub(crate) fn tell(&self, log: &TurnLog) {
        if let Some(failure) = &self.failure {
            log.tell(EventName::RunNotice, json!({"notice": failure}));
        }
        if self.whole.is_empty() && !self.is_asked {
            return;
        }
        let whole = self
            .whole
            .iter()
            .map(|(id, name)| json!({"document": id, "name": name}));
        let sections: Vec<RecalledKnowledge> = self.hits.iter().map(recalled).collect();
        let is_nothing = self.is_asked && sections.is_empty();
        let mut data = json!({"whole": whole.collect::<Vec<_>>(), "sections": sections});
        if is_nothing {
            data["nothing"] = json!("nothing relevant was found in the documents");
        }
        log.tell(EventName::KnowledgeRecalled, data);
    }

    /// Leaves whole documents out that would take more than half of what a model has room for, and says so.
    pub(crate) fn fit(&mut self, room: usize, log: &TurnLog) {
        let takes = wire::tokens::estimate(&self.instructions);
        if takes <= room / 2 {
            return;
        }
        self.instructions.clear();
        let notice = format!(
            "documents that take about {takes} tokens were left out: the model has room for {room}. Lower \
             `knowledge.whole_tokens`, so that only the sections that fit a question are sent, or choose a model with \
             a longer context"
        );
        log.tell(EventName::RunNotice, json!({"notice": notice}));
    }
}
