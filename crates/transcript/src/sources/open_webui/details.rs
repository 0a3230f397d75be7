//! What a model did, as Open WebUI writes it into the content of its message: elements such as
//! `<details type="reasoning" …>`, `<details type="tool_calls" id="…" name="…" arguments="…" result="…">`.

use crate::content::append_line;
use crate::{Message, ToolCall, ToolResult, bounds};

const DETAILS_START: &str = "<details type=\"";
const DETAILS_END: &str = "</details>";

/// Puts the content of a message into it without these elements, and with `is_wanted` also what they tell.
/// An element that isn't closed is text.
pub(super) fn take_apart(content: &str, message: &mut Message, is_wanted: bool) {
    let mut text = String::with_capacity(content.len());
    let mut rest = content;
    while let Some((before, after)) = rest.split_once(DETAILS_START) {
        // Attributes have `>` escaped only.
        let Some((element, next)) = after.split_once(DETAILS_END) else {
            break;
        };
        text.push_str(before);
        if let Some((attributes, inside)) = element.split_once('>')
            && is_wanted
        {
            tell(attributes, inside, message);
        }
        rest = next.trim_start_matches('\n');
    }
    text.push_str(rest);
    message.text = text.trim().to_owned();
}

fn tell(attributes: &str, inside: &str, message: &mut Message) {
    let kind = attributes.split('"').next().unwrap_or_default();
    match kind {
        "reasoning" => {
            let thought = inside.split_once("</summary>");
            let thought = thought.map_or(inside, |(_, thought)| thought);
            let lines = thought.trim().lines();
            let lines = lines.map(|line| line.strip_prefix("&gt;").unwrap_or(line).trim_start());
            let thought: Vec<&str> = lines.collect();
            append_line(&mut message.thinking, &unescaped(&thought.join("\n")));
        }
        "tool_calls" => {
            let id = attribute(attributes, "id");
            let name = attribute(attributes, "name");
            if name.is_empty() {
                return;
            }
            message.tools.push(ToolCall {
                id: id.clone(),
                name: bounds::name(&name).into_owned(),
                input: plain(attribute(attributes, "arguments")),
            });
            let output = plain(attribute(attributes, "result"));
            if !output.is_empty() {
                message.results.push(ToolResult {
                    call: id,
                    output,
                    ..ToolResult::default()
                });
            }
        }
        _ => {}
    }
}

/// The value of an attribute; empty where there is none.
fn attribute(attributes: &str, name: &str) -> String {
    let start = format!(" {name}=\"");
    let value = attributes.split_once(start.as_str());
    let value = value.and_then(|(_, rest)| rest.split_once('"'));
    value.map_or_else(String::new, |(value, _)| unescaped(value))
}

/// A text that stands as a JSON string, as it is.
fn plain(text: String) -> String {
    serde_json::from_str::<String>(&text).unwrap_or(text)
}

/// A text without the escapes of HTML that Open WebUI makes.
fn unescaped(text: &str) -> String {
    const HTML_ESCAPES: [(&str, &str); 6] = [
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
        ("&#x27;", "'"),
        ("&#39;", "'"),
        ("&amp;", "&"),
    ];
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        plain.push_str(&rest[..at]);
        rest = &rest[at..];
        let escape = HTML_ESCAPES
            .iter()
            .find(|(escape, _)| rest.starts_with(escape));
        let (escape, sign) = escape.copied().unwrap_or(("&", "&"));
        plain.push_str(sign);
        rest = &rest[escape.len()..];
    }
    plain.push_str(rest);
    plain
}
