//! Parameters of tools, declared once: the schema that clients are given, the checks, the defaults
//! and what is said of a wrong value come from the same declaration.

use std::sync::Arc;

use rmcp::model::JsonObject;
use serde_json::{Map, Value, json};

use super::refusal::Refusal;

/// A parameter.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ToolParam {
    pub(crate) name: &'static str,
    pub(crate) kind: ParamKind,
    /// What it is for; empty where its name says it.
    pub(crate) about: &'static str,
    pub(crate) required: bool,
}

/// What values a parameter takes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum ParamKind {
    /// Text of at most so many bytes.
    Text(usize),
    /// A whole number within bounds.
    Whole { min: i64, max: i64, default: i64 },
    /// A number within bounds.
    Number { min: f64, max: f64, default: f64 },
    /// Yes or no.
    Switch(bool),
    /// One of these; the first is the default.
    Choice(&'static [&'static str]),
    /// Texts: so many at most, each of at most so many bytes.
    Texts(usize, usize),
    /// Whether age lowers scores: 1, 0 or −1 for what the settings say; Self-Reflect's clients send
    /// it as a number or as text.
    Decay,
}

/// A parameter that must be given.
pub(crate) const fn required(
    name: &'static str,
    kind: ParamKind,
    about: &'static str,
) -> ToolParam {
    ToolParam {
        name,
        kind,
        about,
        required: true,
    }
}

/// A parameter that may be left out.
pub(crate) const fn optional(
    name: &'static str,
    kind: ParamKind,
    about: &'static str,
) -> ToolParam {
    ToolParam {
        name,
        kind,
        about,
        required: false,
    }
}

/// The JSON Schema of a tool's parameters.
pub(crate) fn schema(params: &[ToolParam]) -> Arc<JsonObject> {
    let mut properties = Map::new();
    for param in params {
        properties.insert(param.name.to_owned(), property(param));
    }
    let required: Vec<&str> = params
        .iter()
        .filter(|param| param.required)
        .map(|param| param.name)
        .collect();
    let mut schema = Map::new();
    schema.insert("type".to_owned(), json!("object"));
    schema.insert("properties".to_owned(), Value::Object(properties));
    if !required.is_empty() {
        schema.insert("required".to_owned(), json!(required));
    }
    Arc::new(schema)
}

fn property(param: &ToolParam) -> Value {
    let mut property = match param.kind {
        ParamKind::Text(_) => json!({"type": "string"}),
        ParamKind::Whole { default, .. } => json!({"type": "integer", "default": default}),
        ParamKind::Number { default, .. } => json!({"type": "number", "default": default}),
        ParamKind::Switch(default) => json!({"type": "boolean", "default": default}),
        ParamKind::Choice(of) => json!({"enum": of, "default": of[0]}),
        ParamKind::Texts(..) => json!({"type": "array", "items": {"type": "string"}}),
        ParamKind::Decay => json!({"type": ["integer", "string"], "default": -1}),
    };
    if !param.about.is_empty() {
        property["description"] = json!(param.about);
    }
    property
}

/// The checked arguments of a call.
#[derive(Debug, Default)]
pub(crate) struct ToolArguments {
    values: Map<String, Value>,
    params: &'static [ToolParam],
    /// Arguments that the tool doesn't have; they are named in the answer rather than refused, since
    /// clients of Self-Reflect send some that it ignored.
    pub(crate) ignored: Vec<String>,
}

impl ToolArguments {
    /// Checks the arguments of a call.
    pub(crate) fn new(
        tool: &str,
        params: &'static [ToolParam],
        given: Option<JsonObject>,
    ) -> Result<Self, Refusal> {
        let mut args = Self {
            params,
            ..Self::default()
        };
        for (name, value) in given.unwrap_or_default() {
            match params.iter().find(|param| param.name == name) {
                None => args.ignored.push(wire::markup::cut(&name, 40)),
                // A model that leaves something out often says so.
                Some(_) if value.is_null() => {}
                Some(param) => {
                    check(param, &value).map_err(|expected| {
                        Refusal::Params(format!(
                            "`{name}` of {tool}: expected {expected}, got {}",
                            shown(&value)
                        ))
                    })?;
                    args.values.insert(name, value);
                }
            }
        }
        let missing = params
            .iter()
            .find(|param| param.required && !args.values.contains_key(param.name));
        match missing {
            Some(param) => Err(Refusal::Params(format!(
                "{tool} needs `{}`: {}",
                param.name,
                expected(param.kind)
            ))),
            None => Ok(args),
        }
    }

    fn kind(&self, name: &str) -> Option<ParamKind> {
        let param = self.params.iter().find(|param| param.name == name);
        debug_assert!(param.is_some(), "`{name}` is declared");
        Some(param?.kind)
    }

    /// Whether something was given.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.values.contains_key(name)
    }

    /// A text; one that is empty or blank counts as left out.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        let text = self.values.get(name)?.as_str()?;
        (!text.trim().is_empty()).then_some(text)
    }

    /// A text that can't be left out.
    pub(crate) fn needed(&self, name: &str) -> Result<&str, Refusal> {
        self.text(name)
            .ok_or_else(|| Refusal::Params(format!("`{name}` is empty: say what is meant")))
    }

    /// A whole number, or its default.
    pub(crate) fn whole(&self, name: &str) -> usize {
        let given = self.values.get(name).and_then(as_whole);
        let default = match self.kind(name) {
            Some(ParamKind::Whole { default, .. }) => default,
            _ => 0,
        };
        usize::try_from(given.unwrap_or(default)).unwrap_or(0)
    }

    /// A number, or its default.
    pub(crate) fn number(&self, name: &str) -> f64 {
        let default = match self.kind(name) {
            Some(ParamKind::Number { default, .. }) => default,
            _ => 0.0,
        };
        self.values
            .get(name)
            .and_then(Value::as_f64)
            .unwrap_or(default)
    }

    /// Yes or no, or the default.
    pub(crate) fn switch(&self, name: &str) -> bool {
        let default = matches!(self.kind(name), Some(ParamKind::Switch(true)));
        self.values
            .get(name)
            .and_then(Value::as_bool)
            .unwrap_or(default)
    }

    /// One of the names, or the default.
    pub(crate) fn choice(&self, name: &str) -> &str {
        let default = match self.kind(name) {
            Some(ParamKind::Choice(of)) => of[0],
            _ => "",
        };
        self.values
            .get(name)
            .and_then(Value::as_str)
            .unwrap_or(default)
    }

    /// Texts; none where they are left out.
    pub(crate) fn texts(&self, name: &str) -> Vec<String> {
        let items = self.values.get(name).and_then(Value::as_array);
        let items = items.into_iter().flatten().filter_map(Value::as_str);
        items.map(str::to_owned).collect()
    }

    /// Whether age lowers scores; nothing where the settings decide.
    pub(crate) fn decay(&self, name: &str) -> Option<bool> {
        match self.values.get(name).and_then(as_decay) {
            Some(1) => Some(true),
            Some(0) => Some(false),
            _ => None,
        }
    }
}

fn as_whole(value: &Value) -> Option<i64> {
    // Some clients have one type of number only, and write 5.0.
    #[expect(
        clippy::cast_possible_truncation,
        reason = "whole numbers far below 2^53"
    )]
    let of_float =
        |number: f64| (number.fract() == 0.0 && number.abs() < 1e15).then_some(number as i64);
    value.as_i64().or_else(|| value.as_f64().and_then(of_float))
}

fn as_decay(value: &Value) -> Option<i64> {
    let number = as_whole(value).or_else(|| value.as_str()?.trim().parse().ok())?;
    (-1..=1).contains(&number).then_some(number)
}

/// Whether a value is one; if not, what would be.
fn check(param: &ToolParam, value: &Value) -> Result<(), String> {
    let fits = match param.kind {
        ParamKind::Text(max) => value.as_str().is_some_and(|text| text.len() <= max),
        ParamKind::Whole { min, max, .. } => {
            as_whole(value).is_some_and(|number| (min..=max).contains(&number))
        }
        ParamKind::Number { min, max, .. } => value
            .as_f64()
            .is_some_and(|number| (min..=max).contains(&number)),
        ParamKind::Switch(_) => value.is_boolean(),
        ParamKind::Choice(of) => value.as_str().is_some_and(|name| of.contains(&name)),
        ParamKind::Texts(most, max) => value.as_array().is_some_and(|items| {
            let fits = |item: &Value| item.as_str().is_some_and(|text| text.len() <= max);
            items.len() <= most && items.iter().all(fits)
        }),
        ParamKind::Decay => as_decay(value).is_some(),
    };
    if fits {
        Ok(())
    } else {
        Err(expected(param.kind))
    }
}

fn expected(kind: ParamKind) -> String {
    match kind {
        ParamKind::Text(max) => format!("a string of at most {max} bytes"),
        ParamKind::Whole { min, max, .. } => format!("a whole number from {min} to {max}"),
        ParamKind::Number { min, max, .. } => format!("a number from {min} to {max}"),
        ParamKind::Switch(_) => "true or false".to_owned(),
        ParamKind::Choice(of) => format!("one of \"{}\"", of.join("\", \"")),
        ParamKind::Texts(most, max) => {
            format!("a list of at most {most} strings, each of at most {max} bytes")
        }
        ParamKind::Decay => "1 (on), 0 (off) or -1 (as the settings say)".to_owned(),
    }
}

/// A value as a message repeats it: short, whatever was sent.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) if text.len() > 60 => format!("a string of {} bytes", text.len()),
        Value::Array(items) if items.len() > 5 => format!("a list of {} values", items.len()),
        Value::Object(_) => "an object".to_owned(),
        value => wire::markup::cut(&value.to_string(), 80),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PARAMS: &[ToolParam] = &[
        required("query", ParamKind::Text(20), "what"),
        optional(
            "limit",
            ParamKind::Whole {
                min: 1,
                max: 50,
                default: 5,
            },
            "",
        ),
        optional("use_decay", ParamKind::Decay, ""),
        optional("mode", ParamKind::Choice(&["full", "quick"]), ""),
        optional("tags", ParamKind::Texts(2, 5), ""),
    ];

    fn args(given: &Value) -> Result<ToolArguments, String> {
        let given = given.as_object().cloned();
        ToolArguments::new("tool", PARAMS, given).map_err(|refusal| refusal.text().to_owned())
    }

    fn wrong(given: impl Into<Value>) -> String {
        args(&given.into()).expect_err("is refused")
    }

    #[test]
    fn defaults_stand_in() {
        let args = args(&json!({"query": "x", "limit": null})).expect("fits");
        assert_eq!(args.whole("limit"), 5);
        assert_eq!(args.choice("mode"), "full");
        assert_eq!(args.decay("use_decay"), None);
    }

    #[test]
    fn whole_numbers_and_decay_come_as_clients_write_them() {
        let args =
            args(&json!({"query": "x", "limit": 7.0, "use_decay": "1", "more": 1})).expect("fits");
        assert_eq!(args.whole("limit"), 7);
        assert_eq!(args.decay("use_decay"), Some(true));
        assert_eq!(args.ignored, ["more"]);
    }

    #[test]
    fn what_is_wrong_is_said_with_what_would_be_right() {
        assert_eq!(
            wrong(json!({})),
            "tool needs `query`: a string of at most 20 bytes"
        );
        assert_eq!(
            wrong(json!({"query": 3})),
            "`query` of tool: expected a string of at most 20 bytes, got 3"
        );
        assert_eq!(
            wrong(json!({"query": "x", "limit": "many"})),
            "`limit` of tool: expected a whole number from 1 to 50, got \"many\""
        );
        assert_eq!(
            wrong(json!({"query": "x".repeat(100)})),
            "`query` of tool: expected a string of at most 20 bytes, got a string of 100 bytes"
        );
        assert!(wrong(json!({"query": "x", "mode": "loud"})).contains("\"full\", \"quick\""));
        assert!(wrong(json!({"query": "x", "tags": ["a", 1]})).contains("a list of at most 2"));
    }
}
