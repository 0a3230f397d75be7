//! Schemas for OpenAI and those who speak its protocol: all of JSON Schema, but for what is broken and what they refuse
//! at the top.

use serde_json::{Map, Value, json};

use super::any_of::{join, merge_choices};
use super::refs::resolve;
use super::walk::{Inexpressible, Walk};

/// Keywords that may not stand at the top.
const CHOICE_KEYWORDS: [&str; 2] = ["anyOf", "oneOf"];

/// How many references and parts at the top may lead to each other.
const MAX_STEPS: usize = 8;

/// Keywords whose value is a schema.
const SCHEMA_KEYWORDS: [&str; 8] = [
    "items",
    "additionalProperties",
    "not",
    "contains",
    "propertyNames",
    "if",
    "then",
    "else",
];

/// Keywords whose value is a list of schemas.
const LIST_KEYWORDS: [&str; 4] = ["anyOf", "oneOf", "allOf", "prefixItems"];

/// Keywords whose value is an object of schemas.
const OBJECT_KEYWORDS: [&str; 5] = [
    "properties",
    "patternProperties",
    "$defs",
    "definitions",
    "dependentSchemas",
];

pub(super) fn normalise(schema: &Map<String, Value>) -> Result<Map<String, Value>, Inexpressible> {
    let mut walk = Walk::new();
    let mut top = repair(schema, schema, &mut walk)?;
    for _ in 0..MAX_STEPS {
        let reference = top.remove("$ref");
        let all = top.remove("allOf");
        if reference.is_none() && all.is_none() {
            break;
        }
        let all = all.as_ref().and_then(Value::as_array);
        let target = reference.as_ref().and_then(Value::as_str);
        let target = target.and_then(|reference| resolve(schema, reference));
        for part in target.into_iter().chain(all.into_iter().flatten()) {
            if let Value::Object(part) = part {
                let part = repair(schema, part, &mut walk)?;
                join(&mut top, part);
            }
        }
    }
    resolve_choices(schema, &mut top);
    top_object(&mut top, &walk)?;
    Ok(top)
}

/// Puts what choices at the top refer to in their place.
pub(super) fn resolve_choices(root: &Map<String, Value>, top: &mut Map<String, Value>) {
    let lists = CHOICE_KEYWORDS.map(|keyword| top.get(keyword).and_then(Value::as_array).cloned());
    for (keyword, choices) in CHOICE_KEYWORDS.into_iter().zip(lists) {
        let Some(mut choices) = choices else { continue };
        for choice in &mut choices {
            let reference = choice.get("$ref").and_then(Value::as_str);
            if let Some(target) = reference.and_then(|reference| resolve(root, reference)) {
                *choice = target.clone();
            }
        }
        top.insert(keyword.to_owned(), Value::Array(choices));
    }
}

/// The top has to be an object with properties and no choices.
pub(super) fn top_object(top: &mut Map<String, Value>, walk: &Walk) -> Result<(), Inexpressible> {
    for keyword in CHOICE_KEYWORDS {
        let Some(Value::Array(choices)) = top.remove(keyword) else {
            continue;
        };
        if let Some(merged) = merge_choices(&choices) {
            join(top, merged);
        }
    }
    for keyword in ["enum", "const", "not"] {
        top.remove(keyword);
    }
    let is_object = match top.get("type") {
        None | Some(Value::Null) => true,
        Some(Value::Array(kinds)) => kinds.iter().any(|kind| kind == "object"),
        Some(kind) => kind == "object",
    };
    if !is_object {
        return Err(walk.refuse("the arguments of a tool are an object"));
    }
    top.insert("type".to_owned(), json!("object"));
    if !top.get("properties").is_some_and(Value::is_object) {
        top.insert("properties".to_owned(), json!({}));
    }
    Ok(())
}

/// A schema without what isn't one.
fn repair(
    root: &Map<String, Value>,
    schema: &Map<String, Value>,
    walk: &mut Walk,
) -> Result<Map<String, Value>, Inexpressible> {
    walk.enter()?;
    let mut repaired = Map::new();
    for (keyword, value) in schema {
        let name = keyword.as_str();
        let value = match value {
            Value::Null if !matches!(name, "default" | "const") => continue,
            Value::Object(schemas) if OBJECT_KEYWORDS.contains(&name) => {
                repair_named(root, schemas, walk, name)?
            }
            value if OBJECT_KEYWORDS.contains(&name) && !value.is_object() => continue,
            Value::Array(schemas) if LIST_KEYWORDS.contains(&name) || name == "items" => {
                let repaired = walk.within(name, |walk| {
                    let repaired = schemas
                        .iter()
                        .map(|schema| repair_value(root, schema, walk));
                    repaired.collect::<Result<Vec<_>, _>>()
                })?;
                if repaired.is_empty() {
                    continue;
                }
                Value::Array(repaired)
            }
            value if LIST_KEYWORDS.contains(&name) && !value.is_array() => continue,
            value if SCHEMA_KEYWORDS.contains(&name) => {
                walk.within(name, |walk| repair_value(root, value, walk))?
            }
            Value::String(reference) if name == "$ref" => match resolve(root, reference) {
                Some(_) => value.clone(),
                None if reference == "#" => value.clone(),
                // What can't be found allows everything.
                None => continue,
            },
            Value::Array(names) if name == "required" => Value::Array(
                names
                    .iter()
                    .filter(|name| name.is_string())
                    .cloned()
                    .collect(),
            ),
            // Of drafts before 2019, within a property.
            _ if matches!(name, "required" | "$ref") => continue,
            Value::Array(values) if name == "enum" && values.is_empty() => continue,
            _ if name == "enum" && !value.is_array() => continue,
            _ if matches!(name, "$schema" | "$id" | "$comment") => continue,
            value => value.clone(),
        };
        repaired.insert(keyword.clone(), value);
    }
    Ok(repaired)
}

fn repair_named(
    root: &Map<String, Value>,
    schemas: &Map<String, Value>,
    walk: &mut Walk,
    keyword: &str,
) -> Result<Value, Inexpressible> {
    let mut repaired = Map::new();
    for (name, schema) in schemas {
        // A property that may not be there.
        if *schema == Value::Bool(false) && keyword == "properties" {
            continue;
        }
        let schema = walk.within(name, |walk| repair_value(root, schema, walk))?;
        let is_schema = schema.is_object();
        repaired.insert(name.clone(), if is_schema { schema } else { json!({}) });
    }
    Ok(Value::Object(repaired))
}

fn repair_value(
    root: &Map<String, Value>,
    value: &Value,
    walk: &mut Walk,
) -> Result<Value, Inexpressible> {
    Ok(match value {
        Value::Object(schema) => Value::Object(repair(root, schema, walk)?),
        Value::Bool(allowed) => Value::Bool(*allowed),
        _ => json!({}),
    })
}
