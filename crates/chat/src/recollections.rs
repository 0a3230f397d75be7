//! What was recalled for messages of programs' conversations, put before each of them again whenever the
//! conversation is sent once more: so what the model sees begins with the same bytes each time.

use std::collections::{HashMap, VecDeque};
use std::sync::{Mutex, PoisonError};

use jiff::Zoned;
use memory::{Memory, Scope};
use serde_json::{Value, json};

use crate::detail::RecalledPlace;
use crate::recollect::{RecallOptions, RecalledMessage, context, recall};
use crate::said::{Beginning, beginnings, text_of};

/// Messages of which is known what was recalled for them.
const MAX_MESSAGES: usize = 5_000;

/// What was recalled for a message; nothing if there was nothing relevant.
#[derive(Clone, Debug, Default)]
struct Recollection {
    context: String,
    places: Vec<RecalledPlace>,
}

/// What was recalled for messages, by what stands for the conversation up to them.
#[derive(Default)]
pub(crate) struct Recollections {
    known: Mutex<KnownRecollections>,
}

#[derive(Default)]
struct KnownRecollections {
    by_beginning: HashMap<Beginning, Recollection>,
    order: VecDeque<Beginning>,
}

impl Recollections {
    /// Puts before each message of a person what was recalled for it, and searches the memory for the newest one.
    /// `mask` makes of a text what a model may see of it, or refuses it. Nothing else of the messages changes.
    pub(crate) fn put(
        &self,
        (memory, options): (&Memory, &RecallOptions),
        messages: &mut [Value],
        (now, conversation): (&Zoned, &str),
        mask: impl Fn(String) -> Option<String>,
    ) -> memory::Result<()> {
        let beginnings = beginnings(messages);
        let is_person = |message: &Value| message["role"] == "user";
        let newest = messages.iter().rposition(is_person);
        for (at, message) in messages.iter_mut().enumerate() {
            if !is_person(message) {
                continue;
            }
            let known = self.known(&beginnings[at]);
            let stands = known.filter(|known| are_there(memory, &known.places));
            let recollection = match stands {
                Some(known) => known,
                None if Some(at) == newest => {
                    let text = text_of(message);
                    let found = recall(memory, options, (text.trim(), conversation), None)?;
                    let made = make(now, &found, &mask);
                    self.learn(beginnings[at], made.clone());
                    made
                }
                None => continue,
            };
            if !recollection.context.is_empty() {
                put_before(message, &recollection.context);
            }
        }
        Ok(())
    }

    fn known(&self, beginning: &Beginning) -> Option<Recollection> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.by_beginning.get(beginning).cloned()
    }

    fn learn(&self, beginning: Beginning, recollection: Recollection) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.by_beginning.insert(beginning, recollection).is_none() {
            known.order.push_back(beginning);
        }
        if known.order.len() > MAX_MESSAGES
            && let Some(oldest) = known.order.pop_front()
        {
            known.by_beginning.remove(&oldest);
        }
    }
}

fn make(
    now: &Zoned,
    found: &[RecalledMessage],
    mask: &impl Fn(String) -> Option<String>,
) -> Recollection {
    if found.is_empty() {
        return Recollection::default();
    }
    match mask(context(now, found, &[])) {
        Some(context) => Recollection {
            context,
            places: found.iter().map(RecalledMessage::place).collect(),
        },
        None => Recollection::default(),
    }
}

/// Whether all messages are still in the archive: what was forgotten isn't quoted again.
fn are_there(memory: &Memory, places: &[RecalledPlace]) -> bool {
    if places.is_empty() {
        return true;
    }
    let Ok(archive) = memory.archive() else {
        return false;
    };
    places.iter().all(|place| {
        if place.source == "reflection" {
            return archive.reflection(&place.message, &Scope::All).is_ok();
        }
        let mut is_there = false;
        let around = Some((place.message.as_str(), 0));
        let read = archive.messages(&place.conversation, around, false, &mut |_| {
            is_there = true;
            true
        });
        read.is_ok() && is_there
    })
}

fn put_before(message: &mut Value, context: &str) {
    match message.get_mut("content") {
        Some(Value::String(text)) => *text = format!("{context}\n\n{text}"),
        Some(Value::Array(parts)) => parts.insert(0, json!({ "type": "text", "text": context })),
        _ => {}
    }
}
