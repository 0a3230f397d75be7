//! What tools say of themselves: text of others, which stands in every request, and so is judged before it does.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use guard::{Action, Engine, Policy};
use serde_json::{Map, Value};
use tools::ListedTool;

/// Descriptions that are remembered at a time.
const MAX_REMEMBERED: usize = 20_000;

/// Verdicts on what tools say of themselves.
#[derive(Debug, Default)]
pub(crate) struct DescribedTools(Mutex<KnownVerdicts>);

#[derive(Debug, Default)]
struct KnownVerdicts {
    /// The policies that judged; projects may have others.
    policies: Vec<Policy>,
    /// By the place of the policy, and the tool's fingerprint.
    verdicts: HashMap<(usize, String), Option<String>>,
}

impl DescribedTools {
    /// Why a tool isn't offered to a model; `None` if it is. Blocks the first time, for as long as judging takes.
    pub(crate) fn refusal(
        &self,
        tool: &ListedTool,
        (engine, policy): (&Engine, &Policy),
    ) -> Option<String> {
        let key = (self.known().place_of(policy), tool.fingerprint.clone());
        if let Some(known) = self.known().verdicts.get(&key) {
            return known.clone();
        }
        let refusal = judge(tool, engine, policy);
        let mut known = self.known();
        if known.verdicts.len() >= MAX_REMEMBERED {
            known.verdicts.clear();
        }
        known.verdicts.insert(key, refusal.clone());
        refusal
    }

    fn known(&self) -> std::sync::MutexGuard<'_, KnownVerdicts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl KnownVerdicts {
    fn place_of(&mut self, policy: &Policy) -> usize {
        let place = self.policies.iter().position(|known| known == policy);
        place.unwrap_or_else(|| {
            self.policies.push(policy.clone());
            self.policies.len() - 1
        })
    }
}

fn judge(tool: &ListedTool, engine: &Engine, policy: &Policy) -> Option<String> {
    // A model may read any text of a schema.
    let (mut described, mut others) = (vec![tool.description.as_str()], Vec::new());
    each_text(&tool.input_schema, &mut |field, text| match field {
        Some("description" | "title") => described.push(text),
        _ => others.push(text),
    });
    // Names and values are short, and may go on from one to the next.
    let others = others.join("\n");
    let texts = described.into_iter().chain([others.as_str()]);
    texts.filter(|text| !text.is_empty()).find_map(|text| {
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

/// Hands out all texts of an object with the name of the field that each stands in; names have none.
pub(crate) fn each_text<'t>(
    object: &'t Map<String, Value>,
    each: &mut dyn FnMut(Option<&'t str>, &'t str),
) {
    let mut objects = vec![object];
    while let Some(object) = objects.pop() {
        for (name, value) in object {
            each(None, name);
            let mut values = vec![value];
            while let Some(value) = values.pop() {
                match value {
                    Value::String(text) => each(Some(name), text),
                    Value::Array(more) => values.extend(more.iter().rev()),
                    Value::Object(object) => objects.push(object),
                    _ => {}
                }
            }
        }
    }
}
