//! The names of everything that can be found: of kinds of data, and of the rules that find them.

use crate::content::{self, Category};
use crate::injection::InjectionRules;
use crate::{pii, secrets};

/// Rules that no table has: their code is their own.
const OTHER_RULES: &[&str] = &[
    "injection/model",
    "injection/task",
    "injection/image",
    "content-model",
];

/// The kinds of data that findings of secrets and injections name.
const OTHER_ENTITIES: &[&str] = &[
    "API_KEY",
    "ACCESS_TOKEN",
    "PASSWORD",
    "PRIVATE_KEY",
    "CONNECTION_STRING",
    "JWT",
    "WEBHOOK_URL",
    "PROMPT_INJECTION",
    "INDIRECT_INJECTION",
    "HIDDEN_TEXT",
];

/// What begins the names of rules whose rest says how something was hidden, or what a person called it.
const OPEN_NAMES: &[&str] = &["injection/hidden/", "custom/"];

/// Every entity ([`Finding::entity`](crate::Finding::entity)) that the compiled-in rules find, in no order.
pub fn entities() -> impl Iterator<Item = &'static str> {
    let categories = Category::ALL.into_iter().map(Category::name);
    let injection = InjectionRules::named().map(|rule| rule.entity);
    pii::ENTITIES
        .iter()
        .copied()
        .chain(OTHER_ENTITIES.iter().copied())
        .chain(categories)
        .chain(injection.filter(|entity| !entity.is_empty()))
}

/// The name of every compiled-in rule ([`Finding::rule`](crate::Finding::rule)), in no order, some more than
/// once; without those of which only the start is fixed, see [`is_rule`].
pub fn rules() -> impl Iterator<Item = String> {
    let injection = InjectionRules::named().map(|rule| format!("injection/{}", rule.name));
    let tables = secrets::rules()
        .chain(pii::RULES.iter().copied())
        .chain(content::rules())
        .chain(OTHER_RULES.iter().copied());
    tables.map(str::to_owned).chain(injection)
}

/// Whether a finding can have a rule of this name: one of [`rules`], or one that a person's own pattern or a
/// way of hiding text makes.
#[must_use]
pub fn is_rule(name: &str) -> bool {
    OPEN_NAMES.iter().any(|start| name.starts_with(start)) || rules().any(|rule| rule == name)
}
