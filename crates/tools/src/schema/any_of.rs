//! Schemas joined: what stands beside each other is put into one.

use serde_json::{Map, Value};

/// Puts the keywords of `other` into a schema. Properties are united and so is what is required; of other keywords
/// that both have, the first one stays.
pub(super) fn join(schema: &mut Map<String, Value>, other: Map<String, Value>) {
    for (keyword, value) in other {
        match (schema.get_mut(&keyword), value) {
            (Some(Value::Object(known)), Value::Object(more)) if keyword == "properties" => {
                for (name, property) in more {
                    known.entry(name).or_insert(property);
                }
            }
            (Some(Value::Array(known)), Value::Array(more)) if keyword == "required" => {
                for name in more {
                    if !known.contains(&name) {
                        known.push(name);
                    }
                }
            }
            (Some(_), _) => {}
            (None, value) => {
                schema.insert(keyword, value);
            }
        }
    }
}

/// One object of several of which one is meant: all their properties, of which those are required that each requires.
/// `None` if one of them is no object.
pub(super) fn merge_choices(choices: &[Value]) -> Option<Map<String, Value>> {
    let mut merged = Map::new();
    let mut required: Option<Vec<Value>> = None;
    for choice in choices {
        let choice = choice.as_object()?;
        let is_object = choice.get("type").is_none_or(|kind| kind == "object");
        if !is_object {
            return None;
        }
        let names = choice.get("required").and_then(Value::as_array);
        let names = names.cloned().unwrap_or_default();
        required = Some(match required {
            None => names,
            Some(mut known) => {
                known.retain(|name| names.contains(name));
                known
            }
        });
        let properties = choice.get("properties").cloned();
        if let Some(properties @ Value::Object(_)) = properties {
            join(
                &mut merged,
                Map::from_iter([("properties".to_owned(), properties)]),
            );
        }
    }
    if let Some(required) = required.filter(|required| !required.is_empty()) {
        merged.insert("required".to_owned(), Value::Array(required));
    }
    Some(merged)
}
