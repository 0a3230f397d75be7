//! What is remembered of providers, as values: how notes of two processes become one, and how they are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::length::{ContextLength, ContextOrigin, place_named};
use super::request::Learned;

/// The version of the format.
const VERSION: u32 = 1;

/// How long what was learnt of a model counts, in days: servers get better.
const KEPT_DAYS: u64 = 30;

/// Models of one provider of which something is remembered: their names may be whatever a program sends.
const MAX_MODELS: usize = 1_000;

/// What a provider was used for on one day.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Spent {
    /// The day, in days since 1970 in UTC.
    pub day: u64,
    /// Requests that were answered.
    pub requests: u64,
    /// Tokens, question and answer together.
    pub tokens: u64,
    /// What it cost, where prices are known.
    pub cost: f64,
}

impl Spent {
    /// What counts for a day. A clock that steps back over midnight begins no new day.
    fn on(self, day: u64) -> Self {
        match self.day == day || self.day == day + 1 {
            true => self,
            false => Self {
                day,
                ..Self::default()
            },
        }
    }

    /// Adds what was spent on the same day, or begins a newer one.
    fn add(&mut self, more: Self) {
        *self = self.on(more.day);
        self.requests += more.requests;
        self.tokens += more.tokens;
        self.cost += more.cost;
    }
}

/// What is remembered of all providers, by their names.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct Notes {
    version: u32,
    providers: BTreeMap<String, ProviderNotes>,
}

#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
struct ProviderNotes {
    /// What was learnt counts for this address only.
    address: String,
    spent: Spent,
    models: BTreeMap<String, ModelNotes>,
}

/// What is remembered of a model.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub(super) struct ModelNotes {
    /// What it refuses.
    pub(super) learned: Learned,
    /// The length of its context that a refusal named, in tokens.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) refused_length: Option<u32>,
    /// The length that its server told, in tokens, and the field that told it.
    #[serde(skip_serializing_if = "Option::is_none")]
    context: Option<(u32, String)>,
    /// When something was learnt last, in days since 1970.
    day: u64,
}

impl ModelNotes {
    /// How long its context is, as its server told.
    pub(super) fn told_length(&self) -> Option<ContextLength> {
        let (tokens, place) = self.context.as_ref()?;
        Some(ContextLength::found(*tokens, place_named(place)))
    }

    /// Remembers what its server tells.
    pub(super) fn tell_length(&mut self, length: &ContextLength) {
        if let ContextOrigin::Discovered(place) = &length.origin {
            self.context = Some((length.tokens, (*place).to_owned()));
        }
    }

    fn add(&mut self, more: &Self) {
        self.learned.add(&more.learned);
        self.refused_length = more.refused_length.or(self.refused_length);
        if more.context.is_some() {
            self.context.clone_from(&more.context);
        }
        self.day = self.day.max(more.day);
    }
}

impl Notes {
    /// What a file holds, without what is too old; nothing if it isn't one of these, or of a later version.
    pub(super) fn parse(bytes: &[u8], today: u64) -> Self {
        let mut notes: Self = serde_json::from_slice(bytes).unwrap_or_default();
        if notes.version > VERSION {
            return Self::default();
        }
        for provider in notes.providers.values_mut() {
            provider
                .models
                .retain(|_, model| model.day + KEPT_DAYS >= today);
        }
        notes
    }

    /// Adds what another one has beside this.
    pub(super) fn add(&mut self, more: &Self) {
        self.version = VERSION;
        for (name, more) in &more.providers {
            let mine = self.at((name, &more.address));
            if more.spent.day > 0 {
                mine.spent.add(more.spent);
            }
            for (name, model) in &more.models {
                if mine.models.len() < MAX_MODELS || mine.models.contains_key(name) {
                    mine.models.entry(name.clone()).or_default().add(model);
                }
            }
        }
    }

    /// Whether a provider is known at another address.
    pub(super) fn has_moved(&self, provider: &str, address: &str) -> bool {
        let known = self.providers.get(provider);
        known.is_some_and(|known| known.address != address)
    }

    /// A provider has an address from now on; at another one nothing is known of its models.
    pub(super) fn begin(&mut self, provider: &str, address: &str) {
        self.at((provider, address));
    }

    /// What a provider was used for on a day.
    pub(super) fn spent(&self, provider: &str, day: u64) -> Spent {
        let known = self.providers.get(provider);
        known.map(|known| known.spent).unwrap_or_default().on(day)
    }

    /// Counts what was spent.
    pub(super) fn spend(&mut self, provider: (&str, &str), spent: Spent) {
        self.at(provider).spent.add(spent);
    }

    /// What is remembered of a model.
    pub(super) fn model(&self, provider: &str, model: &str) -> Option<&ModelNotes> {
        self.providers.get(provider)?.models.get(model)
    }

    /// The same, to remember something; `None` if there are too many models.
    pub(super) fn model_mut(
        &mut self,
        provider: (&str, &str),
        model: &str,
        today: u64,
    ) -> Option<&mut ModelNotes> {
        let models = &mut self.at(provider).models;
        if models.len() >= MAX_MODELS && !models.contains_key(model) {
            return None;
        }
        let known = models.entry(model.to_owned()).or_default();
        known.day = today;
        Some(known)
    }

    fn at(&mut self, (provider, address): (&str, &str)) -> &mut ProviderNotes {
        let known = self.providers.entry(provider.to_owned()).or_default();
        if known.address != address {
            address.clone_into(&mut known.address);
            known.models.clear();
        }
        known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spent(day: u64, tokens: u64) -> Spent {
        Spent {
            day,
            requests: 1,
            tokens,
            cost: 0.0,
        }
    }

    #[test]
    fn a_clock_that_steps_back_over_midnight_begins_no_new_day() {
        let mut notes = Notes::default();
        notes.spend(("p", "a"), spent(100, 7));
        notes.spend(("p", "a"), spent(99, 5));
        assert_eq!(notes.spent("p", 99).tokens, 12);
        assert_eq!(notes.spent("p", 100).tokens, 12);
        assert_eq!(notes.spent("p", 101).tokens, 0);
    }

    #[test]
    fn another_address_is_another_server_but_no_new_budget() {
        let mut notes = Notes::default();
        notes.spend(("p", "a"), spent(1, 7));
        notes
            .model_mut(("p", "a"), "m", 1)
            .expect("room")
            .refused_length = Some(5);
        notes.begin("p", "b");
        assert!(notes.model("p", "m").is_none());
        assert_eq!(notes.spent("p", 1).tokens, 7);
    }

    #[test]
    fn what_is_no_file_of_ours_is_nothing() {
        for bytes in [
            "",
            "[]",
            "{\"version\": 99, \"providers\": {\"p\": {}}}",
            "{\"providers\": 5}",
        ] {
            let notes = Notes::parse(bytes.as_bytes(), 0);
            assert!(notes.providers.is_empty(), "{bytes}");
        }
    }
}
