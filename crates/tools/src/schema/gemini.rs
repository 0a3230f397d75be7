//! Schemas for Gemini's OpenAI-compatible endpoint, which takes the subset of OpenAPI 3.0 that its own interface has.

use serde_json::{Map, Value, json};

use super::any_of::join;
use super::compat::{resolve_choices, top_object};
use super::refs::resolve;
use super::walk::{Inexpressible, Walk};

/// Keywords that are taken as they are.
const KEPT_KEYWORDS: [&str; 9] = [
    "description",
    "title",
    "nullable",
    "minItems",
    "maxItems",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
];

/// Formats that are known, by type; others make it refuse the request.
const KNOWN_FORMATS: [(&str, &[&str]); 3] = [
    ("string", &["date-time", "enum"]),
    ("number", &["float", "double"]),
    ("integer", &["int32", "int64"]),
];

const KNOWN_TYPES: [&str; 6] = ["string", "number", "integer", "boolean", "array", "object"];

/// How long a list of values may be to be put into the description.
const MAX_SHOWN_VALUES: usize = 40;

pub(super) fn normalise(schema: &Map<String, Value>) -> Result<Map<String, Value>, Inexpressible> {
    let mut maker = Maker {
        root: schema,
        walk: Walk::new(),
        open: Vec::new(),
    };
    // The top is made an object before it is translated, while its choices still have all they say.
    let mut top = maker.whole(schema)?;
    if top.is_empty() {
        top.insert("type".to_owned(), json!("object"));
    }
    resolve_choices(schema, &mut top);
    top_object(&mut top, &maker.walk)?;
    let mut top = maker.translate(top)?;
    top.remove("nullable");
    // It has no anyOf any more, and is an object: see above.
    top.entry("properties").or_insert_with(|| json!({}));
    Ok(top)
}

struct Maker<'a> {
    root: &'a Map<String, Value>,
    walk: Walk,
    /// References whose target is being translated.
    open: Vec<String>,
}

impl Maker<'_> {
    /// A schema without references and `allOf` at its top.
    fn whole(&mut self, schema: &Map<String, Value>) -> Result<Map<String, Value>, Inexpressible> {
        self.walk.enter()?;
        let mut whole = schema.clone();
        for _ in 0..16 {
            let reference = whole.remove("$ref");
            let all = whole.remove("allOf");
            if reference.is_none() && all.is_none() {
                return Ok(whole);
            }
            if let Some(Value::String(reference)) = reference
                && let Some(target) = self.target(&reference)
            {
                join(&mut whole, target);
            }
            if let Some(Value::Array(all)) = all {
                for part in all {
                    if let Value::Object(part) = part {
                        let part = self.within("allOf", |maker| maker.whole(&part))?;
                        join(&mut whole, part);
                    }
                }
            }
        }
        Err(self.walk.refuse("its references lead in a circle"))
    }

    fn target(&self, reference: &str) -> Option<Map<String, Value>> {
        let target = match reference {
            "#" => return Some(self.root.clone()),
            other => resolve(self.root, other)?,
        };
        target.as_object().cloned()
    }

    /// Any schema, in the place of which it stands.
    fn value(&mut self, value: &Value) -> Result<Value, Inexpressible> {
        let Value::Object(schema) = value else {
            return Ok(anything());
        };
        let reference = schema
            .get("$ref")
            .and_then(Value::as_str)
            .map(str::to_owned);
        if let Some(reference) = &reference {
            if self.open.contains(reference) {
                return Err(self.walk.refuse(format!("`{reference}` refers to itself")));
            }
            self.open.push(reference.clone());
        }
        let whole = self.whole(schema)?;
        let translated = self.translate(whole);
        if reference.is_some() {
            self.open.pop();
        }
        Ok(Value::Object(translated?))
    }

    fn translate(
        &mut self,
        mut schema: Map<String, Value>,
    ) -> Result<Map<String, Value>, Inexpressible> {
        self.walk.enter()?;
        let mut made = Map::new();
        for keyword in KEPT_KEYWORDS {
            if let Some(value) = schema.get(keyword).filter(|value| fits(keyword, value)) {
                made.insert(keyword.to_owned(), value.clone());
            }
        }
        exclusive(&schema, &mut made);
        if let Some(one) = schema.remove("const") {
            schema.insert("enum".to_owned(), Value::Array(vec![one]));
        }
        let choices = schema.remove("anyOf").or_else(|| schema.remove("oneOf"));
        if let Some(Value::Array(choices)) = choices {
            return self.choices(schema, made, choices);
        }
        let kinds = kinds(&schema);
        if kinds.is_null {
            made.insert("nullable".to_owned(), json!(true));
        }
        match &*kinds.named {
            [] => {
                join(
                    &mut made,
                    anything().as_object().cloned().unwrap_or_default(),
                );
            }
            [kind] => self.of_kind(&schema, &mut made, kind)?,
            many => {
                let mut any = Vec::new();
                for kind in many {
                    let mut part = Map::new();
                    self.of_kind(&schema, &mut part, kind)?;
                    any.push(Value::Object(part));
                }
                made.insert("anyOf".to_owned(), Value::Array(any));
            }
        }
        Ok(made)
    }

    /// One of several: `null` among them only makes it one that may be missing.
    fn choices(
        &mut self,
        mut schema: Map<String, Value>,
        mut made: Map<String, Value>,
        mut choices: Vec<Value>,
    ) -> Result<Map<String, Value>, Inexpressible> {
        let before = choices.len();
        choices.retain(|choice| choice.get("type").is_none_or(|kind| kind != "null"));
        let is_nullable = choices.len() < before;
        if is_nullable {
            made.insert("nullable".to_owned(), json!(true));
        }
        // What stands beside the choices holds for each of them.
        for keyword in KEPT_KEYWORDS {
            schema.remove(keyword);
        }
        let mut any: Vec<Value> = Vec::new();
        for (index, choice) in choices.iter().enumerate() {
            let mut choice = choice.as_object().cloned().unwrap_or_default();
            join(&mut choice, schema.clone());
            let translated = self.within(&index.to_string(), |maker| {
                maker.value(&Value::Object(choice))
            })?;
            if !any.contains(&translated) {
                any.push(translated);
            }
        }
        match (any.len(), any.pop()) {
            (0, _) | (_, None) => {
                join(
                    &mut made,
                    anything().as_object().cloned().unwrap_or_default(),
                );
            }
            (1, Some(Value::Object(only))) => join(&mut made, only),
            (_, Some(last)) => {
                any.push(last);
                made.insert("anyOf".to_owned(), Value::Array(any));
            }
        }
        Ok(made)
    }

    fn within<T>(
        &mut self,
        name: &str,
        work: impl FnOnce(&mut Self) -> Result<T, Inexpressible>,
    ) -> Result<T, Inexpressible> {
        self.walk.path.push(name.to_owned());
        let done = work(self);
        self.walk.path.pop();
        done
    }

    /// What a schema says of values of one kind.
    fn of_kind(
        &mut self,
        schema: &Map<String, Value>,
        made: &mut Map<String, Value>,
        kind: &str,
    ) -> Result<(), Inexpressible> {
        made.insert("type".to_owned(), json!(kind));
        match kind {
            "object" => self.properties(schema, made)?,
            "array" => self.items(schema, made)?,
            _ => {}
        }
        let formats = KNOWN_FORMATS
            .iter()
            .find(|(of, _)| *of == kind)
            .map(|(_, formats)| *formats);
        if let (Some(Value::String(format)), Some(formats)) = (schema.get("format"), formats) {
            match formats.contains(&&**format) {
                true => drop(made.insert("format".to_owned(), json!(format))),
                false => describe(made, &format!("format: {format}")),
            }
        }
        if let Some(Value::Array(values)) = schema.get("enum") {
            values_of(made, values, kind);
        }
        if let Some(Value::String(pattern)) = schema.get("pattern") {
            describe(made, &format!("pattern: {pattern}"));
        }
        Ok(())
    }

    fn properties(
        &mut self,
        schema: &Map<String, Value>,
        made: &mut Map<String, Value>,
    ) -> Result<(), Inexpressible> {
        let required = schema.get("required").and_then(Value::as_array);
        let required: Vec<&str> = required
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut properties = Map::new();
        if let Some(Value::Object(named)) = schema.get("properties") {
            for (name, property) in named
                .iter()
                .filter(|(_, property)| **property != json!(false))
            {
                if !is_name(name) {
                    if required.contains(&&**name) {
                        return Err(self
                            .walk
                            .refuse(format!("no argument can be called `{name}`")));
                    }
                    // Without it a call can still be made.
                    continue;
                }
                let property = self.within(name, |maker| maker.value(property))?;
                properties.insert(name.clone(), property);
            }
        }
        let required: Vec<_> = required
            .into_iter()
            .filter(|name| properties.contains_key(*name))
            .collect();
        if !required.is_empty() {
            made.insert("required".to_owned(), json!(required));
        }
        if !properties.is_empty() {
            made.insert("properties".to_owned(), Value::Object(properties));
        }
        Ok(())
    }

    fn items(
        &mut self,
        schema: &Map<String, Value>,
        made: &mut Map<String, Value>,
    ) -> Result<(), Inexpressible> {
        let tuple = schema.get("prefixItems").or_else(|| schema.get("items"));
        let items = match tuple {
            Some(Value::Array(parts)) => {
                let parts: Vec<_> = parts.clone();
                made.insert("minItems".to_owned(), json!(parts.len()));
                made.insert("maxItems".to_owned(), json!(parts.len()));
                json!({"anyOf": parts})
            }
            Some(items) => items.clone(),
            None => json!(true),
        };
        let items = self.within("items", |maker| maker.value(&items))?;
        made.insert("items".to_owned(), items);
        Ok(())
    }
}

/// Names as they are taken for arguments.
fn is_name(name: &str) -> bool {
    let is_allowed = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    let is_start = |c: char| c.is_ascii_alphabetic() || c == '_';
    name.starts_with(is_start) && name.len() <= 64 && name.chars().all(is_allowed)
}

/// A value of any kind, in the only words that there are for it.
fn anything() -> Value {
    json!({"anyOf": [{"type": "string"}, {"type": "number"}, {"type": "boolean"}, {"type": "object"}]})
}

struct SchemaKinds {
    named: Vec<String>,
    is_null: bool,
}

/// The types that a schema allows: those that it names, else that of what it says.
fn kinds(schema: &Map<String, Value>) -> SchemaKinds {
    let declared: Vec<&str> = match schema.get("type") {
        Some(Value::String(kind)) => vec![kind],
        Some(Value::Array(kinds)) => kinds.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    };
    let is_null = declared.contains(&"null");
    let known = declared
        .into_iter()
        .filter(|kind| KNOWN_TYPES.contains(kind));
    let mut named: Vec<String> = known.map(str::to_owned).collect();
    if named.is_empty() {
        let values = schema.get("enum").and_then(Value::as_array);
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| schema.contains_key(*keyword));
        let kind = match values.and_then(|values| values.first()) {
            Some(Value::String(_)) => Some("string"),
            Some(Value::Bool(_)) => Some("boolean"),
            Some(Value::Number(number)) if number.is_f64() => Some("number"),
            Some(Value::Number(_)) => Some("integer"),
            _ if has(&[
                "properties",
                "required",
                "additionalProperties",
                "patternProperties",
            ]) =>
            {
                Some("object")
            }
            _ if has(&["items", "prefixItems"]) => Some("array"),
            _ if has(&["minLength", "maxLength", "pattern", "format"]) => Some("string"),
            _ if has(&["minimum", "maximum", "multipleOf"]) => Some("number"),
            _ => None,
        };
        named.extend(kind.map(str::to_owned));
    }
    SchemaKinds { named, is_null }
}

/// Whether a keyword has a value of the type that it needs.
fn fits(keyword: &str, value: &Value) -> bool {
    match keyword {
        "description" | "title" => value.is_string(),
        "nullable" => value.is_boolean(),
        "minimum" | "maximum" => value.is_number(),
        _ => value.is_u64(),
    }
}

/// A bound that isn't itself allowed: for whole numbers the next one, else in words.
fn exclusive(schema: &Map<String, Value>, made: &mut Map<String, Value>) {
    let is_whole = schema.get("type").is_some_and(|kind| kind == "integer");
    for (keyword, bound, step, words) in [
        ("exclusiveMinimum", "minimum", 1, "more than"),
        ("exclusiveMaximum", "maximum", -1, "less than"),
    ] {
        match schema.get(keyword) {
            Some(Value::Number(number)) => match number.as_i64().filter(|_| is_whole) {
                Some(number) => {
                    made.entry(bound)
                        .or_insert_with(|| json!(number.saturating_add(step)));
                }
                None => describe(made, &format!("{words} {number}")),
            },
            // Of draft 4: the bound beside it isn't allowed itself.
            Some(Value::Bool(true)) => {
                if let Some(number) = schema.get(bound) {
                    describe(made, &format!("{words} {number}"));
                }
            }
            _ => {}
        }
    }
}

/// The values that are allowed. Only texts can be listed; others are named in the description.
fn values_of(made: &mut Map<String, Value>, values: &[Value], kind: &str) {
    let texts: Vec<&str> = values.iter().filter_map(Value::as_str).collect();
    if kind == "string" && !texts.is_empty() {
        // An empty text among them makes it refuse the request.
        let texts: Vec<_> = texts.into_iter().filter(|text| !text.is_empty()).collect();
        if !texts.is_empty() {
            made.insert("enum".to_owned(), json!(texts));
        }
        return;
    }
    let shown = values
        .iter()
        .filter(|value| !value.is_null())
        .take(MAX_SHOWN_VALUES);
    let shown: Vec<_> = shown.map(Value::to_string).collect();
    if !shown.is_empty() {
        describe(made, &format!("one of: {}", shown.join(", ")));
    }
}

/// Adds to the description.
fn describe(made: &mut Map<String, Value>, more: &str) {
    let described = made
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let described = match described.is_empty() {
        true => more.to_owned(),
        false => format!("{described} ({more})"),
    };
    made.insert("description".to_owned(), json!(described));
}
