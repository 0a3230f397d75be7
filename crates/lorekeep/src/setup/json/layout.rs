//! How a document is laid out, so that what is put in looks as if it had always been there; and
//! the splices that put it in and take it out.

use jsonc_parser::ast::Object;
use jsonc_parser::common::Ranged;

use super::tree::Held;
use crate::setup::node::Node;

/// The layout of a document.
pub(super) struct Layout<'a> {
    /// The document.
    pub(super) text: &'a str,
    newline: &'static str,
    unit: String,
    /// Everything is on one line.
    flat: bool,
    /// There is a space after colons and commas.
    spaced: bool,
}

/// Where a value is put: on a line of its own with this white space before it, or in a line.
#[derive(Clone, Copy)]
pub(super) enum RenderPosition<'a> {
    /// At the start of a line.
    DiffLine(&'a str),
    /// Among others in a line.
    Inline,
}

impl<'a> RenderPosition<'a> {
    /// The place of what is at `offset` already.
    pub(super) fn beside(text: &'a str, offset: usize) -> Self {
        let line = &text[line_start(text, offset)..offset];
        if line.trim().is_empty() && text[..offset].contains('\n') {
            Self::DiffLine(line)
        } else {
            Self::Inline
        }
    }
}

impl<'a> Layout<'a> {
    /// The layout of this document.
    pub(super) fn of(text: &'a str, root: &Object<'_>) -> Self {
        let within = &text[root.start()..root.end()];
        let unit = root.properties.iter().find_map(|property| {
            match RenderPosition::beside(text, property.start()) {
                RenderPosition::DiffLine(indent) if !indent.is_empty() => Some(indent.to_owned()),
                _ => None,
            }
        });
        let flat = !root.properties.is_empty() && !within.contains('\n');
        Self {
            text,
            newline: if text.contains("\r\n") { "\r\n" } else { "\n" },
            unit: unit.unwrap_or_else(|| "  ".to_owned()),
            flat,
            spaced: !flat || within.contains("\": "),
        }
    }

    /// Puts one more child after all that are there, comments too. Also tells what was between the
    /// brackets, if that was no child.
    pub(super) fn insert(
        &self,
        held: &Held,
        render: impl Fn(RenderPosition<'_>) -> String,
    ) -> (String, Option<String>) {
        match held.children.last() {
            Some(last) => (self.insert_after(held, last.start, last.end, render), None),
            None => {
                let inside = &self.text[held.open + 1..held.close];
                (
                    self.insert_alone(held, inside, render),
                    Some(inside.to_owned()),
                )
            }
        }
    }

    fn insert_after(
        &self,
        held: &Held,
        start: usize,
        end: usize,
        render: impl Fn(RenderPosition<'_>) -> String,
    ) -> String {
        let text = self.text;
        // Comments after the last child belong to it or to nobody; a line comment needs a new line.
        let kept = text[end..held.close].trim_end();
        let at = end + kept.len();
        let indent = leading(text, start);
        let place = match RenderPosition::beside(text, start) {
            RenderPosition::Inline if !kept.contains("//") => RenderPosition::Inline,
            _ => RenderPosition::DiffLine(indent),
        };
        let piece = match place {
            RenderPosition::DiffLine(indent) => {
                format!("{}{indent}{}", self.newline, render(place))
            }
            RenderPosition::Inline => format!("{}{}", self.space(), render(place)),
        };
        if comma(text, end, held.close).is_some() {
            [&text[..at], &piece, ",", &text[at..]].concat()
        } else {
            [&text[..end], ",", &text[end..at], &piece, &text[at..]].concat()
        }
    }

    fn insert_alone(
        &self,
        held: &Held,
        inside: &str,
        render: impl Fn(RenderPosition<'_>) -> String,
    ) -> String {
        let text = self.text;
        let kept = inside.trim_end();
        let outer = leading(text, held.open);
        let new = if self.flat {
            format!("{kept}{}", render(RenderPosition::Inline))
        } else {
            let indent = format!("{outer}{}", self.unit);
            let piece = render(RenderPosition::DiffLine(&indent));
            format!("{kept}{0}{indent}{piece}{0}{outer}", self.newline)
        };
        [&text[..=held.open], &new, &text[held.close..]].concat()
    }

    /// A key with its value.
    pub(super) fn render_key(&self, key: &str, node: &Node, place: RenderPosition<'_>) -> String {
        let node = self.render(node, place);
        let space = self.space();
        format!("{}:{space}{node}", quoted(key))
    }

    /// A value, over several lines where there is more than texts in it.
    pub(super) fn render(&self, node: &Node, place: RenderPosition<'_>) -> String {
        match node {
            Node::Text(text) => quoted(text),
            Node::Number(number) => number.to_string(),
            Node::Flag(flag) => flag.to_string(),
            Node::List(nodes) => {
                let items = nodes.iter();
                self.bracketed(['[', ']'], place, items, |node, place| {
                    self.render(node, place)
                })
            }
            Node::Table(entries) => {
                let items = entries.iter();
                self.bracketed(['{', '}'], place, items, |(key, node), place| {
                    self.render_key(key, node, place)
                })
            }
        }
    }

    fn bracketed<T>(
        &self,
        [open, close]: [char; 2],
        place: RenderPosition<'_>,
        items: impl ExactSizeIterator<Item = T>,
        render: impl Fn(T, RenderPosition<'_>) -> String,
    ) -> String {
        let inner = match place {
            RenderPosition::DiffLine(indent) if items.len() > 0 => {
                Some((indent, format!("{indent}{}", self.unit)))
            }
            _ => None,
        };
        let place = inner.as_ref().map_or(RenderPosition::Inline, |(_, inner)| {
            RenderPosition::DiffLine(inner)
        });
        let items: Vec<String> = items.map(|item| render(item, place)).collect();
        match inner {
            None => format!("{open}{}{close}", items.join(&format!(",{}", self.space()))),
            Some((outer, inner)) => {
                let newline = self.newline;
                let items = items.join(&format!(",{newline}{inner}"));
                format!("{open}{newline}{inner}{items}{newline}{outer}{close}")
            }
        }
    }

    fn space(&self) -> &'static str {
        if self.spaced { " " } else { "" }
    }
}

/// The text without a child. `inside` is what was between the brackets before there was any.
pub(super) fn cut(text: &str, held: &Held, index: usize, inside: Option<&str>) -> String {
    let child = &held.children[index];
    let start = text[..child.start].trim_end().len();
    let next = held.children.get(index + 1);
    if let Some(comma) = comma(text, child.end, next.map_or(held.close, |next| next.start)) {
        if index > 0 || next.is_some() {
            return [&text[..start], &text[comma + 1..]].concat();
        }
        return alone(text, held, start, comma + 1, inside);
    }
    let previous = index
        .checked_sub(1)
        .map(|previous| &held.children[previous]);
    match previous.and_then(|previous| comma(text, previous.end, child.start)) {
        Some(comma) => [
            &text[..comma],
            &text[comma + 1..start.max(comma + 1)],
            &text[child.end..],
        ]
        .concat(),
        None => alone(text, held, start, child.end, inside),
    }
}

/// The text without the only child, and with what was there before if nobody has added to that.
fn alone(text: &str, held: &Held, start: usize, end: usize, inside: Option<&str>) -> String {
    let start = start.max(held.open + 1);
    let left = [&text[held.open + 1..start], &text[end..held.close]].concat();
    let inside = match inside {
        Some(inside) if inside.trim() == left.trim() => inside,
        _ if left.trim().is_empty() => "",
        _ => &left,
    };
    [&text[..=held.open], inside, &text[held.close..]].concat()
}

/// Where the comma is between two places that have nothing but white space and comments.
fn comma(text: &str, from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    while at < to {
        let rest = &text[at..to];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if rest.starts_with(',') {
            return Some(at);
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    None
}

fn line_start(text: &str, offset: usize) -> usize {
    text[..offset].rfind('\n').map_or(0, |newline| newline + 1)
}

/// The white space that the line of `offset` begins with.
fn leading(text: &str, offset: usize) -> &str {
    let line = &text[line_start(text, offset)..offset];
    let rest = line.trim_start_matches([' ', '\t']);
    &line[..line.len() - rest.len()]
}

fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}
