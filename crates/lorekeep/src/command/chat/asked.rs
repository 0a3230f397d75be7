//! What a turn asks the person at the terminal: whether a call may be made, and what a tool wants to know.

use chat::ApprovalDecision;
use serde_json::{Map, Value};

use super::lines::{TypedLine, TypedLines};
use crate::output::Output;
use crate::output::text::one_line;
use wire::markup::cut;

/// Characters of one argument that are shown; of more is said that there is more.
const MAX_SHOWN_CHARACTERS: usize = 20_000;

/// Where a person is asked; without lines nobody is there.
pub(super) struct PersonAtTerminal<'a> {
    pub(super) out: &'a mut Output,
    pub(super) lines: Option<&'a mut TypedLines>,
}

impl PersonAtTerminal<'_> {
    /// Asks whether a call may be made, with all that it would send.
    pub(super) async fn allows(&mut self, call: &Value) -> anyhow::Result<ApprovalDecision> {
        let name = tool_name(call);
        if self.lines.is_none() {
            self.out.note(&format!(
                "`{name}` isn't called: nobody is there to allow it"
            ));
            self.out
                .hint("allow it in `lorekeep chat` at a terminal, or in `mcp.json`");
            return Ok(ApprovalDecision::Deny);
        }
        self.out.note(&format!("may `{name}` be called with this?"));
        for (argument, value) in call["arguments"].as_object().into_iter().flatten() {
            let value = match value {
                Value::String(text) => one_line(text),
                other => one_line(&other.to_string()),
            };
            let shown = cut(&value, MAX_SHOWN_CHARACTERS);
            self.out.note(&format!("  {}: {shown}", one_line(argument)));
            if shown.len() < value.len() {
                let bytes = value.len() - shown.len();
                self.out
                    .warning(&format!("{bytes} more bytes of it would be sent"));
            }
        }
        if call["arguments"].is_string() {
            self.out.note(&one_line(&call["arguments"].to_string()));
        }
        let about = call["description"].as_str().unwrap_or_default();
        self.out.note(&format!(
            "what the tool says of itself: {}",
            one_line(about)
        ));
        let may_always = call["may_allow_always"].as_bool().unwrap_or_default();
        let prompt = match may_always {
            true => "allow it? [y]es, [a]lways, [n]o > ",
            false => "allow it? [y]es, [n]o > ",
        };
        loop {
            let Some(said) = self.line(prompt).await? else {
                return Ok(ApprovalDecision::Deny);
            };
            match said.trim().to_lowercase().as_str() {
                "y" | "yes" => return Ok(ApprovalDecision::Allow),
                "a" | "always" if may_always => return Ok(ApprovalDecision::AllowAlways),
                "n" | "no" => return Ok(ApprovalDecision::Deny),
                _ => {}
            }
        }
    }

    /// Shows a tool's question and asks for each field of its answer; `None` if the person won't say.
    pub(super) async fn form(&mut self, question: &Value) -> anyhow::Result<Option<Value>> {
        let server = one_line(question["server"].as_str().unwrap_or_default());
        let message = one_line(question["message"].as_str().unwrap_or_default());
        self.out.note(&format!("`{server}` asks: {message}"));
        if self.lines.is_none() {
            self.out
                .note("it gets no answer: nobody is there to give one");
            return Ok(None);
        }
        self.out
            .note(&format!("what you answer goes to `{server}`"));
        loop {
            match self.line("answer it? [y]es, [n]o > ").await?.as_deref() {
                Some("y" | "yes") => break,
                Some("n" | "no") | None => return Ok(None),
                Some(_) => {}
            }
        }
        let schema = &question["schema"];
        let required: Vec<&str> = schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let mut values = Map::new();
        for (name, field) in schema["properties"].as_object().into_iter().flatten() {
            let is_required = required.contains(&name.as_str());
            match self.field((name, field), is_required).await? {
                FieldAnswer::Value(value) => {
                    values.insert(name.clone(), value);
                }
                FieldAnswer::Left => {}
                FieldAnswer::Declined => return Ok(None),
            }
        }
        Ok(Some(Value::Object(values)))
    }

    async fn field(
        &mut self,
        (name, field): (&str, &Value),
        is_required: bool,
    ) -> anyhow::Result<FieldAnswer> {
        let text = |key: &str| field[key].as_str().map(one_line);
        let title = text("title").unwrap_or_else(|| one_line(name));
        let about = text("description").map_or_else(String::new, |about| format!(" ({about})"));
        let form = match choices(field) {
            Some(all) => format!("one of {}", one_line(&all.join(", "))),
            None => wanted(field).to_owned(),
        };
        let left = match (&field["default"], is_required) {
            (Value::Null, true) => String::new(),
            (Value::Null, false) => "; empty leaves it out".to_owned(),
            (default, _) => format!("; empty is {}", one_line(&default.to_string())),
        };
        self.out.note(&format!("{title}{about}: {form}{left}"));
        loop {
            let Some(said) = self.line("> ").await? else {
                return Ok(FieldAnswer::Declined);
            };
            if said.is_empty() && !(field["default"].is_null() && is_required) {
                return Ok(match &field["default"] {
                    Value::Null => FieldAnswer::Left,
                    default => FieldAnswer::Value(default.clone()),
                });
            }
            match read(&said, field) {
                Some(value) => return Ok(FieldAnswer::Value(value)),
                None => self.out.note(&format!("that is not {form}")),
            }
        }
    }

    /// A line without space around it; nothing if the person drops it or no more comes.
    async fn line(&mut self, prompt: &'static str) -> anyhow::Result<Option<String>> {
        let Some(lines) = &mut self.lines else {
            return Ok(None);
        };
        Ok(match lines.next(self.out, prompt).await? {
            TypedLine::Said(said) => Some(said.trim().to_owned()),
            TypedLine::End | TypedLine::Dropped => None,
        })
    }
}

/// What a person says to one field.
enum FieldAnswer {
    Value(Value),
    Left,
    Declined,
}

/// The values that a field may have, where it names them.
fn choices(field: &Value) -> Option<Vec<String>> {
    let named = |list: &Value| {
        let texts = list.as_array()?.iter().filter_map(Value::as_str);
        Some(texts.map(str::to_owned).collect())
    };
    let titled = |list: &Value| {
        let texts = list
            .as_array()?
            .iter()
            .filter_map(|one| one["const"].as_str());
        Some(texts.map(str::to_owned).collect())
    };
    let of = |field: &Value| {
        named(&field["enum"])
            .or_else(|| titled(&field["oneOf"]))
            .or_else(|| titled(&field["anyOf"]))
    };
    of(field).or_else(|| of(&field["items"]))
}

/// What a field without choices takes, in words.
fn wanted(field: &Value) -> &'static str {
    match field["type"].as_str() {
        Some("boolean") => "yes or no",
        Some("integer") => "a whole number",
        Some("number") => "a number",
        Some("array") => "a list with commas",
        _ => "a text",
    }
}

/// What was typed, as a value of a field; nothing if it isn't one.
fn read(said: &str, field: &Value) -> Option<Value> {
    let choices = choices(field);
    let is_choice = |word: &str| {
        choices
            .as_ref()
            .is_none_or(|all| all.iter().any(|one| one == word))
    };
    match field["type"].as_str() {
        Some("boolean") => match said.to_lowercase().as_str() {
            "y" | "yes" | "true" => Some(true.into()),
            "n" | "no" | "false" => Some(false.into()),
            _ => None,
        },
        Some("integer") => said.parse::<i64>().ok().map(Value::from),
        Some("number") => said
            .parse::<f64>()
            .ok()
            .filter(|number| number.is_finite())
            .map(Value::from),
        Some("array") => {
            let words = said
                .split(',')
                .map(str::trim)
                .filter(|word| !word.is_empty());
            let words: Vec<&str> = words.collect();
            words
                .iter()
                .all(|word| is_choice(word))
                .then(|| words.into())
        }
        _ => is_choice(said).then(|| said.into()),
    }
}

/// What a tool is called, with the server that has it.
pub(super) fn tool_name(call: &Value) -> String {
    let tool = one_line(call["tool"].as_str().unwrap_or_default());
    match call["server"].as_str() {
        Some(server) => format!("{}: {tool}", one_line(server)),
        None => tool,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_is_typed_is_read_as_its_field_says() {
        for (said, field, expected) in [
            ("yes", json!({"type": "boolean"}), Some(json!(true))),
            ("maybe", json!({"type": "boolean"}), None),
            ("12", json!({"type": "integer"}), Some(json!(12))),
            ("1.5", json!({"type": "integer"}), None),
            ("1.5", json!({"type": "number"}), Some(json!(1.5))),
            ("inf", json!({"type": "number"}), None),
            (
                "red",
                json!({"type": "string", "enum": ["red", "blue"]}),
                Some(json!("red")),
            ),
            (
                "green",
                json!({"type": "string", "enum": ["red", "blue"]}),
                None,
            ),
            (
                "a",
                json!({"type": "string", "oneOf": [{"const": "a", "title": "A"}]}),
                Some(json!("a")),
            ),
            (
                "a, b",
                json!({"type": "array", "items": {"enum": ["a", "b"]}}),
                Some(json!(["a", "b"])),
            ),
            (
                "a, c",
                json!({"type": "array", "items": {"enum": ["a", "b"]}}),
                None,
            ),
            ("Ines", json!({"type": "string"}), Some(json!("Ines"))),
        ] {
            assert_eq!(read(said, &field), expected, "{said} {field}");
        }
    }
}
