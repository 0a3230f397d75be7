//! The parsed document: finding keys in it, and its values.

use std::ops::Range;

use jsonc_parser::ast::{Array, Object, ObjectProp, Value as Ast};
use jsonc_parser::common::Ranged;
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};
use serde_json::Value;

use crate::fault::Fault;
use crate::setup::position::fault_at;

/// An object or a list: where its brackets are, and what is between them.
pub(super) struct Held {
    /// Where the opening bracket is.
    pub(super) open: usize,
    /// Where the closing bracket is.
    pub(super) close: usize,
    /// Keys with their values, or elements.
    pub(super) children: Vec<Range<usize>>,
}

impl Held {
    /// An object.
    pub(super) fn object(object: &Object<'_>) -> Self {
        Self::new(object, &object.properties)
    }

    /// A list.
    pub(super) fn list(array: &Array<'_>) -> Self {
        Self::new(array, &array.elements)
    }

    /// An object or a list, if it is one.
    pub(super) fn of(value: &Ast<'_>) -> Option<Self> {
        match value {
            Ast::Object(object) => Some(Self::object(object)),
            Ast::Array(array) => Some(Self::list(array)),
            _ => None,
        }
    }

    fn new(around: &impl Ranged, children: &[impl Ranged]) -> Self {
        let children = children.iter().map(|child| child.start()..child.end());
        Self {
            open: around.start(),
            close: around.end() - 1,
            children: children.collect(),
        }
    }
}

/// The object that the document is. Comments and commas at the end are allowed, since clients
/// allow them; nothing else beside JSON is.
pub(super) fn parse(text: &str) -> Result<Object<'_>, Fault> {
    let options = ParseOptions {
        allow_comments: true,
        allow_trailing_commas: true,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed = parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| {
        let what = error.kind().to_string();
        let mut letters = what.chars();
        let first = letters.next().map(|first| first.to_ascii_lowercase());
        let what: String = first.into_iter().chain(letters).collect();
        fault_at(text, error.range().start, &format!("no valid JSON: {what}"))
    })?;
    match parsed.value {
        Some(Ast::Object(object)) => Ok(object),
        Some(other) => Err(fault_at(text, other.start(), "expected an object")),
        None => Err(fault_at(text, text.len(), "expected an object")),
    }
}

/// The key of this name. Of several the last, since that is the one that JSON's readers take.
pub(super) fn last<'v, 'a>(object: &'v Object<'a>, key: &str) -> Option<&'v ObjectProp<'a>> {
    let mut properties = object.properties.iter();
    properties.rfind(|property| property.name.as_str() == key)
}

/// The value at a path that isn't empty.
pub(super) fn find<'v, 'a>(root: &'v Object<'a>, path: &[String]) -> Option<&'v Ast<'a>> {
    let (first, rest) = path.split_first()?;
    let mut value = &last(root, first)?.value;
    for key in rest {
        value = &last(value.as_object()?, key)?.value;
    }
    Some(value)
}

/// The value itself.
pub(super) fn value(ast: &Ast<'_>) -> Value {
    match ast {
        Ast::StringLit(text) => Value::String(text.value.to_string()),
        // What this number type can't hold differs from everything that we write.
        Ast::NumberLit(number) => serde_json::from_str(number.value)
            .unwrap_or_else(|_| Value::String(number.value.to_owned())),
        Ast::BooleanLit(flag) => Value::Bool(flag.value),
        Ast::NullKeyword(_) => Value::Null,
        Ast::Array(array) => array.elements.iter().map(value).collect(),
        Ast::Object(object) => object
            .properties
            .iter()
            .map(|property| (property.name.as_str().to_owned(), value(&property.value)))
            .collect(),
    }
}

/// Something on the way is of another kind than it has to be.
pub(super) fn not_a(text: &str, path: &[String], depth: usize, offset: usize, kind: &str) -> Fault {
    let path = path[..depth].join(".");
    fault_at(text, offset, &format!("`{path}` is not {kind}"))
}
