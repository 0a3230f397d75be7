//! The file as a whole: a list `mcp_servers`, an object `mcpServers`, or both.

use std::cell::RefCell;
use std::path::Path;

use jsonc_parser::ast::{Object, Value};
use jsonc_parser::{CollectOptions, ParseOptions, parse_to_ast};

use super::entry::{EntryShape, read_entry};
use super::fields::{EntryFields, FieldProblem, Reading, kind, start};
use super::types::{ConfigProblem, ConfigVariables, McpConfig};
use crate::bounds;

/// How long a configuration may be, in bytes.
const MAX_CONFIG_BYTES: usize = 1 << 20;

/// How many servers a configuration may have.
const MAX_SERVERS: usize = 200;

impl McpConfig {
    /// Reads a configuration. A server whose entry is broken is left out, and the others are there.
    ///
    /// `variables` gives the values of `${NAME}` in commands, arguments, environments, addresses and headers.
    #[must_use]
    pub fn parse(
        text: &str,
        path: &Path,
        variables: ConfigVariables<'_>,
    ) -> (Self, Vec<ConfigProblem>) {
        let reading = Reading {
            path,
            text,
            problems: RefCell::default(),
        };
        let config = read(&reading, variables);
        (config, reading.problems.into_inner())
    }
}

fn read(reading: &Reading<'_>, variables: ConfigVariables<'_>) -> McpConfig {
    let whole = |at: usize, what: String, hint: Option<&str>| {
        reading.tell(FieldProblem {
            at,
            field: "",
            what,
            hint: hint.map(str::to_owned),
            is_fatal: true,
        });
        McpConfig::default()
    };
    let text = reading.text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return McpConfig::default();
    }
    if text.len() > MAX_CONFIG_BYTES || bounds::check(text.as_bytes(), 100_000).is_err() {
        return whole(
            0,
            "this is too long or too deep for a configuration".into(),
            None,
        );
    }
    let parsed = match parse_to_ast(text, &CollectOptions::default(), &lenient()) {
        Ok(parsed) => parsed,
        Err(error) => {
            let what = format!("this is no JSON: {}", error.kind());
            return whole(error.range().start, what, None);
        }
    };
    let Some(Value::Object(root)) = parsed.value else {
        return whole(0, "an object is expected".into(), Some(SHAPE_HINT));
    };
    read_root(reading, &root, variables)
}

const SHAPE_HINT: &str =
    r#"write `{"mcp_servers": [{"type": "command", "name": …, "command": …}]}`"#;

/// Comments and commas at ends of lists are what people write; the rest is JSON.
fn lenient() -> ParseOptions {
    ParseOptions {
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
    }
}

fn read_root(
    reading: &Reading<'_>,
    root: &Object<'_>,
    variables: ConfigVariables<'_>,
) -> McpConfig {
    let mut config = McpConfig::default();
    let fields = EntryFields::new(reading, root, String::new());
    let add = |config: &mut McpConfig, fields: &EntryFields<'_>, shape: EntryShape<'_>| {
        if config.servers.len() >= MAX_SERVERS {
            return fields.refuse_whole(format!("there are more than {MAX_SERVERS} servers"), None);
        }
        let Some(entry) = read_entry(fields, shape, variables) else {
            return;
        };
        match config.servers.iter().any(|other| other.name == entry.name) {
            true => fields.refuse_whole(
                format!("there is another server with the name `{}`", entry.name),
                Some("give each server a name of its own"),
            ),
            false => config.servers.push(entry),
        }
    };
    if let Some(list) = fields.value("mcp_servers") {
        match list {
            Value::Array(list) => {
                for (index, element) in list.elements.iter().enumerate() {
                    let at = format!("mcp_servers[{index}]");
                    match element {
                        Value::Object(object) => {
                            add(
                                &mut config,
                                &EntryFields::new(reading, object, at),
                                EntryShape::Listed,
                            );
                        }
                        other => tell_kind(reading, other, &at),
                    }
                }
            }
            Value::Object(object) => read_named(reading, object, "mcp_servers", |fields, name| {
                add(&mut config, fields, EntryShape::Named(name));
            }),
            other => tell_kind(reading, other, "mcp_servers"),
        }
    }
    // VS Code calls it `servers`.
    for name in ["mcpServers", "servers"] {
        match fields.value(name) {
            Some(Value::Object(object)) => read_named(reading, object, name, |fields, name| {
                add(&mut config, fields, EntryShape::Named(name));
            }),
            Some(other) => tell_kind(reading, other, name),
            None => {}
        }
    }
    let has_servers = ["mcp_servers", "mcpServers", "servers"]
        .into_iter()
        .any(|name| fields.has(name));
    if !has_servers && !root.properties.is_empty() {
        fields.refuse_whole(
            "there is neither `mcp_servers` nor `mcpServers`",
            Some(SHAPE_HINT),
        );
    }
    config
}

fn read_named(
    reading: &Reading<'_>,
    object: &Object<'_>,
    at: &str,
    mut add: impl FnMut(&EntryFields<'_>, &str),
) {
    for property in &object.properties {
        let name = property.name.as_str();
        let at = format!("{at}.{name}");
        match &property.value {
            Value::Object(entry) => add(&EntryFields::new(reading, entry, at), name),
            other => tell_kind(reading, other, &at),
        }
    }
}

fn tell_kind(reading: &Reading<'_>, value: &Value<'_>, at: &str) {
    reading.tell(FieldProblem {
        at: start(value),
        field: at,
        what: format!("an object is expected, not {}", kind(value)),
        hint: None,
        is_fatal: true,
    });
}
