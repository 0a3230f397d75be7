//! The fields of one entry, with their places: each is asked for by name, and what nobody asked for is told.

use std::cell::RefCell;
use std::path::Path;

use jsonc_parser::ast::{Object, ObjectProp, Value};
use jsonc_parser::common::Ranged as _;

use super::types::ConfigProblem;

/// A file that is being read, and what is wrong in it.
pub(super) struct Reading<'a> {
    pub(super) path: &'a Path,
    pub(super) text: &'a str,
    pub(super) problems: RefCell<Vec<ConfigProblem>>,
}

impl Reading<'_> {
    /// The line of a place in the text, counted from 1.
    pub(super) fn line(&self, at: usize) -> usize {
        let before = self.text.as_bytes().get(..at).unwrap_or_default();
        1 + before.iter().filter(|byte| **byte == b'\n').count()
    }

    pub(super) fn tell(&self, problem: FieldProblem<'_>) {
        self.problems.borrow_mut().push(ConfigProblem {
            path: self.path.to_owned(),
            line: self.line(problem.at),
            field: problem.field.to_owned(),
            what: problem.what,
            hint: problem.hint,
            is_fatal: problem.is_fatal,
        });
    }
}

/// A problem before its line is known.
pub(super) struct FieldProblem<'a> {
    pub(super) at: usize,
    pub(super) field: &'a str,
    pub(super) what: String,
    pub(super) hint: Option<String>,
    pub(super) is_fatal: bool,
}

/// The fields of an object, of which some were asked for.
pub(super) struct EntryFields<'a> {
    reading: &'a Reading<'a>,
    object: &'a Object<'a>,
    /// Where the object stands, such as `mcp_servers[2]`.
    pub(super) at: String,
    asked: RefCell<Vec<&'static str>>,
    is_broken: RefCell<bool>,
}

impl<'a> EntryFields<'a> {
    pub(super) fn new(reading: &'a Reading<'a>, object: &'a Object<'a>, at: String) -> Self {
        Self {
            reading,
            object,
            at,
            asked: RefCell::default(),
            is_broken: RefCell::new(false),
        }
    }

    /// Whether something was wrong that costs the entry.
    pub(super) fn is_broken(&self) -> bool {
        *self.is_broken.borrow()
    }

    fn property(&self, name: &'static str) -> Option<&'a ObjectProp<'a>> {
        self.asked.borrow_mut().push(name);
        self.object
            .properties
            .iter()
            .find(|property| property.name.as_str() == name)
    }

    /// The value of a field; `null` is as if it weren't there.
    pub(super) fn value(&self, name: &'static str) -> Option<&'a Value<'a>> {
        let value = &self.property(name)?.value;
        (!matches!(value, Value::NullKeyword(_))).then_some(value)
    }

    pub(super) fn has(&self, name: &'static str) -> bool {
        self.value(name).is_some()
    }

    /// The fields of an object within this one; what is wrong in it counts once [`Self::join`] is called.
    pub(super) fn nested(&self, name: &'static str) -> Option<Self> {
        match self.value(name)? {
            Value::Object(object) => {
                let at = format!("{}.{name}", self.at);
                Some(Self::new(self.reading, object, at))
            }
            other => {
                self.refuse(
                    name,
                    format!("an object is expected, not {}", kind(other)),
                    None,
                );
                None
            }
        }
    }

    /// Takes over what was wrong within.
    pub(super) fn join(&self, nested: &Self) {
        *self.is_broken.borrow_mut() |= nested.is_broken();
    }

    /// Says what is wrong with a field, which costs the entry.
    pub(super) fn refuse(&self, name: &'static str, what: impl Into<String>, hint: Option<&str>) {
        *self.is_broken.borrow_mut() = true;
        let property = self.property(name);
        self.reading.tell(FieldProblem {
            at: property.map_or(self.object.range.start, |property| property.range.start),
            field: &format!("{}.{name}", self.at),
            what: what.into(),
            hint: hint.map(str::to_owned),
            is_fatal: true,
        });
    }

    /// Says what is wrong with the entry as a whole, which costs it.
    pub(super) fn refuse_whole(&self, what: impl Into<String>, hint: Option<&str>) {
        *self.is_broken.borrow_mut() = true;
        self.reading.tell(FieldProblem {
            at: self.object.range.start,
            field: &self.at,
            what: what.into(),
            hint: hint.map(str::to_owned),
            is_fatal: true,
        });
    }

    /// A field that has to be a text.
    pub(super) fn text(&self, name: &'static str) -> Option<String> {
        match self.value(name)? {
            Value::StringLit(text) => Some(text.value.to_string()),
            other => {
                self.refuse(
                    name,
                    format!("a text is expected, not {}", kind(other)),
                    None,
                );
                None
            }
        }
    }

    /// A field that has to be true or false.
    pub(super) fn flag(&self, name: &'static str) -> Option<bool> {
        match self.value(name)? {
            Value::BooleanLit(flag) => Some(flag.value),
            other => {
                let what = format!("`true` or `false` is expected, not {}", kind(other));
                self.refuse(name, what, None);
                None
            }
        }
    }

    /// A field that has to be a number above 0.
    pub(super) fn number(&self, name: &'static str) -> Option<f64> {
        let value = self.value(name)?;
        let number = match value {
            Value::NumberLit(number) => number.value.parse::<f64>().ok(),
            _ => None,
        };
        let number = number.filter(|number| number.is_finite() && *number > 0.0);
        if number.is_none() {
            let what = format!("a number above 0 is expected, not {}", kind(value));
            self.refuse(name, what, None);
        }
        number
    }

    /// A field that has to be a list of texts.
    pub(super) fn texts(&self, name: &'static str) -> Option<Vec<String>> {
        let value = self.value(name)?;
        let texts = value.as_array().map(|array| {
            let texts = array.elements.iter().map(|element| match element {
                Value::StringLit(text) => Some(text.value.to_string()),
                // `"args": ["--port", 8080]` is common, and clear.
                Value::NumberLit(number) => Some(number.value.to_owned()),
                _ => None,
            });
            texts.collect::<Option<Vec<_>>>()
        });
        let texts = texts.flatten();
        if texts.is_none() {
            self.refuse(name, "a list of texts is expected", None);
        }
        texts
    }

    /// A field that has to be an object of texts.
    pub(super) fn text_map(&self, name: &'static str) -> Option<Vec<(String, String)>> {
        let value = self.value(name)?;
        let map = value.as_object().map(|object| {
            let pairs = object.properties.iter().map(|property| {
                let text = match &property.value {
                    Value::StringLit(text) => text.value.to_string(),
                    Value::NumberLit(number) => number.value.to_owned(),
                    Value::BooleanLit(flag) => flag.value.to_string(),
                    _ => return None,
                };
                Some((property.name.as_str().to_owned(), text))
            });
            pairs.collect::<Option<Vec<_>>>()
        });
        let map = map.flatten();
        if map.is_none() {
            self.refuse(name, "an object whose values are texts is expected", None);
        }
        map
    }

    /// Tells of the fields that nobody asked for; if `is_strict`, they cost the entry.
    pub(super) fn tell_unknown(&self, is_strict: bool) {
        let asked = self.asked.borrow();
        for property in &self.object.properties {
            let name = property.name.as_str();
            let is_known = asked.contains(&name) || name.starts_with(['_', '$']);
            if is_known {
                continue;
            }
            *self.is_broken.borrow_mut() |= is_strict;
            self.reading.tell(FieldProblem {
                at: property.range.start,
                field: &format!("{}.{name}", self.at),
                what: match is_strict {
                    true => "there is no such field".to_owned(),
                    false => "this field is not used".to_owned(),
                },
                hint: is_strict.then(|| format!("the fields are {}", asked.join(", "))),
                is_fatal: is_strict,
            });
        }
    }

    /// Refuses an entry in which a name stands twice.
    pub(super) fn refuse_repeated(&self) {
        let mut seen = Vec::new();
        for property in &self.object.properties {
            let name = property.name.as_str();
            if seen.contains(&name) {
                *self.is_broken.borrow_mut() = true;
                self.reading.tell(FieldProblem {
                    at: property.range.start,
                    field: &format!("{}.{name}", self.at),
                    what: "this field stands there twice".to_owned(),
                    hint: None,
                    is_fatal: true,
                });
            }
            seen.push(name);
        }
    }
}

/// What a value is, in words.
pub(super) fn kind(value: &Value<'_>) -> &'static str {
    match value {
        Value::StringLit(_) => "a text",
        Value::NumberLit(_) => "a number",
        Value::BooleanLit(_) => "true or false",
        Value::Object(_) => "an object",
        Value::Array(_) => "a list",
        Value::NullKeyword(_) => "null",
    }
}

/// Where a value begins.
pub(super) fn start(value: &Value<'_>) -> usize {
    value.range().start
}
