//! What tools say of themselves: text of others, which stands in every request, and so is judged before it does.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use guard::{Action, Engine, Policy};
use tools::ListedTool;

/// Descriptions that are remembered at a time.
const MAX_REMEMBERED: usize = 20_000;

/// Verdicts on what tools say of themselves.
#[derive(Debug, Default)]
pub(crate) struct DescribedTools(Mutex<HashMap<String, Option<String>>>);

impl DescribedTools {
    /// Why a tool isn't offered to a model; `None` if it is. Blocks the first time, for as long as judging takes.
    pub(crate) fn refusal(
        &self,
        tool: &ListedTool,
        (engine, policy): (&Engine, &Policy),
    ) -> Option<String> {
        if let Some(known) = self.verdicts().get(&tool.fingerprint) {
            return known.clone();
        }
        let refusal = judge(tool, engine, policy);
        let mut verdicts = self.verdicts();
        if verdicts.len() >= MAX_REMEMBERED {
            verdicts.clear();
        }
        verdicts.insert(tool.fingerprint.clone(), refusal.clone());
        refusal
    }

    fn verdicts(&self) -> std::sync::MutexGuard<'_, HashMap<String, Option<String>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn judge(tool: &ListedTool, engine: &Engine, policy: &Policy) -> Option<String> {
    let mut texts = vec![tool.description.as_str()];
    collect(&tool.input_schema, &mut texts);
    texts.into_iter().find_map(|text| {
        let judgement = engine.judge(text, policy);
        let refused = judgement
            .findings
            .iter()
            .find(|judged| judged.action >= Action::Quarantine);
        match refused {
            Some(judged) => Some(judged.finding.why.to_string()),
            None if judgement.action >= Action::Quarantine => {
                Some("what it says of itself couldn't be checked".to_owned())
            }
            None => None,
        }
    })
}

/// The texts of a schema that a model reads: descriptions and titles, wherever they stand.
fn collect<'t>(schema: &'t serde_json::Map<String, serde_json::Value>, texts: &mut Vec<&'t str>) {
    let mut open: Vec<&serde_json::Value> = Vec::new();
    let mut objects = vec![schema];
    loop {
        while let Some(object) = objects.pop() {
            for (key, value) in object {
                match value {
                    serde_json::Value::String(text) if key == "description" || key == "title" => {
                        texts.push(text);
                    }
                    other => open.push(other),
                }
            }
        }
        match open.pop() {
            None => return,
            Some(serde_json::Value::Object(object)) => objects.push(object),
            Some(serde_json::Value::Array(values)) => open.extend(values),
            Some(_) => {}
        }
    }
}
