//! One entry of a lorebook, with the decorators of version 3 that stand before what it says.

use serde_json::{Map, Value};

use super::fields::{count_of, is_set, text_of, whole_of};

/// How long a key may be, in bytes.
const MAX_KEY_BYTES: usize = 2_000;

/// An entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct LoreEntry {
    pub(super) name: String,
    pub(super) keys: Vec<String>,
    pub(super) secondary_keys: Vec<String>,
    pub(super) text: String,
    pub(super) is_enabled: bool,
    /// Always brought up.
    pub(super) is_constant: bool,
    /// Brought up only if a key of both lists is spoken of.
    pub(super) is_selective: bool,
    pub(super) is_case_sensitive: bool,
    pub(super) is_regex: bool,
    /// Smaller ones stand first.
    pub(super) order: i64,
    /// Larger ones are kept where not all fit.
    pub(super) priority: i64,
    /// Before what describes the character.
    pub(super) is_before: bool,
    /// Messages that must have been said before.
    pub(super) activate_after: usize,
}

/// Reads an entry; nothing if it is no object.
pub(super) fn read(entry: &Value) -> Option<LoreEntry> {
    let fields = entry.as_object()?;
    let empty = Map::new();
    let extensions = fields
        .get("extensions")
        .and_then(Value::as_object)
        .unwrap_or(&empty);
    let first = |names: &[&str]| names.iter().find_map(|name| fields.get(*name));
    let text = |names: &[&str]| first(names).and_then(text_of).unwrap_or_default();
    let is = |names: &[&str]| names.iter().any(|name| is_set(fields, name));
    let is_off = is(&["disable"]);
    let (text_left, decorators) = without_decorators(&text(&["content"]));
    let secondary_keys = keys(first(&["secondary_keys", "keysecondary"]));
    let is_sensitive =
        is(&["case_sensitive", "caseSensitive"]) || is_set(extensions, "case_sensitive");
    let mut entry = LoreEntry {
        name: match text(&["name"]) {
            name if name.trim().is_empty() => text(&["comment"]),
            name => name,
        },
        keys: keys(first(&["keys", "key"])),
        is_enabled: !is_off && fields.get("enabled") != Some(&Value::Bool(false)),
        is_constant: is(&["constant"]),
        is_selective: is(&["selective"]) && !secondary_keys.is_empty(),
        secondary_keys,
        text: text_left,
        is_case_sensitive: is_sensitive,
        is_regex: is(&["use_regex"]),
        order: first(&["insertion_order", "order"])
            .and_then(whole_of)
            .unwrap_or(100),
        priority: first(&["priority"]).and_then(whole_of).unwrap_or(0),
        is_before: match first(&["position"]) {
            Some(Value::String(position)) => position == "before_char",
            Some(position) => count_of(position) == Some(0),
            None => false,
        },
        activate_after: 0,
    };
    for (name, value) in decorators {
        match name.as_str() {
            "constant" => entry.is_constant = true,
            "activate_only_after" => entry.activate_after = value.trim().parse().unwrap_or(0),
            _ => {}
        }
    }
    Some(entry)
}

impl LoreEntry {
    /// Whether it is brought up where keys of its lists were found.
    pub(super) fn is_brought_up(&self, (first, second): (bool, bool)) -> bool {
        first && (second || !self.is_selective)
    }
}

fn keys(value: Option<&Value>) -> Vec<String> {
    let listed: Vec<String> = match value {
        Some(Value::Array(list)) => list.iter().filter_map(text_of).collect(),
        Some(Value::String(list)) => list.split(',').map(str::to_owned).collect(),
        _ => Vec::new(),
    };
    listed
        .into_iter()
        .map(|key| key.trim().to_owned())
        .filter(|key| !key.is_empty() && key.len() <= MAX_KEY_BYTES)
        .collect()
}

/// What an entry says without the decorators before it, and these: `@@name value`, a line each.
fn without_decorators(text: &str) -> (String, Vec<(String, String)>) {
    let mut decorators = Vec::new();
    let mut rest = text;
    while let Some(line) = rest.lines().next()
        && let Some(decorator) = line.trim_start().strip_prefix("@@")
    {
        // A third `@` is one to use where the first isn't known.
        let decorator = decorator.trim_start_matches('@');
        let (name, value) = decorator.split_once(' ').unwrap_or((decorator, ""));
        decorators.push((name.trim().to_owned(), value.to_owned()));
        rest = rest[line.len()..].trim_start_matches(['\r', '\n']);
    }
    (rest.to_owned(), decorators)
}
