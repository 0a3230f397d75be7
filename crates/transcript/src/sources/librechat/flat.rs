//! Messages that are nested in each other, one after the other. They are as deep as a conversation is long, which
//! neither a parser that calls itself nor one that reads what is inside anew for each level is made for: here each
//! byte is looked at once.

use std::ops::Range;

use memchr::memchr2;

/// A message without the messages in it.
#[derive(Debug, PartialEq)]
pub(super) struct FlatMessage {
    /// Its JSON, whose `children` is an empty list.
    pub(super) json: String,
    /// The number of the message that it is in, in the order of this list.
    pub(super) parent: Option<usize>,
}

/// A message on the way to the byte at hand.
struct Open {
    /// Its number.
    message: usize,
    /// Where the next part of it begins.
    from: usize,
    /// How many brackets are open in it.
    depth: usize,
    /// Whether the list of its children is at hand.
    is_in_children: bool,
}

impl Open {
    /// Whether an object that begins here is a message in this one.
    fn awaits_child(&self) -> bool {
        self.is_in_children && self.depth == 2
    }
}

/// The messages of a JSON object that stands at the start of `json`, those above first; at most `limit`.
pub(super) fn messages(json: &str, limit: usize) -> Vec<FlatMessage> {
    let bytes = json.as_bytes();
    let mut parts: Vec<(Option<usize>, Vec<Range<usize>>)> = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    // Whether the string before was `"children"`, in a message itself.
    let mut is_children = false;
    let mut at = 0;
    while let Some(byte) = bytes.get(at).copied() {
        match byte {
            b'"' => {
                let end = string_end(bytes, at + 1);
                let is_own = open
                    .last()
                    .is_some_and(|top| top.depth == 1 && !top.is_in_children);
                is_children = is_own && bytes.get(at..end) == Some(b"\"children");
                at = end;
            }
            b'{' if parts.len() < limit && open.last().is_none_or(Open::awaits_child) => {
                let parent = open.last().map(|top| top.message);
                open.push(Open {
                    message: parts.len(),
                    from: at,
                    depth: 1,
                    is_in_children: false,
                });
                parts.push((parent, Vec::new()));
            }
            b'{' | b'[' => {
                if let Some(top) = open.last_mut() {
                    top.depth += 1;
                    if byte == b'[' && is_children && top.depth == 2 {
                        parts[top.message].1.push(top.from..at + 1);
                        top.is_in_children = true;
                    }
                }
                is_children = false;
            }
            b'}' | b']' => {
                if close(&mut open, &mut parts, at) {
                    break;
                }
            }
            b':' | b' ' | b'\t' | b'\n' | b'\r' => {}
            _ => is_children = false,
        }
        at += 1;
    }
    let text = |ranges: Vec<Range<usize>>| -> String {
        let parts = ranges
            .into_iter()
            .map(|range| json.get(range).unwrap_or_default());
        parts.collect()
    };
    let flat = parts.into_iter();
    flat.map(|(parent, ranges)| FlatMessage {
        json: text(ranges),
        parent,
    })
    .collect()
}

/// A bracket that closes; whether it is the last one.
fn close(
    open: &mut Vec<Open>,
    parts: &mut [(Option<usize>, Vec<Range<usize>>)],
    at: usize,
) -> bool {
    let Some(top) = open.last_mut() else {
        return true;
    };
    top.depth -= 1;
    if top.is_in_children && top.depth == 1 {
        top.is_in_children = false;
        top.from = at;
    }
    if top.depth == 0 {
        parts[top.message].1.push(top.from..at + 1);
        open.pop();
    }
    open.is_empty()
}

/// Where the string ends whose content starts at `at`.
fn string_end(bytes: &[u8], mut at: usize) -> usize {
    while let Some(found) = bytes.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found;
        if bytes[at] == b'"' {
            return at;
        }
        at += 2;
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(json: &str) -> Vec<(String, Option<usize>)> {
        let flat = messages(json, 10).into_iter();
        flat.map(|message| (message.json, message.parent)).collect()
    }

    #[test]
    fn nested_messages_stand_one_after_the_other() {
        let json = r#"{"a":"children","children":[{"b":{"children":[{"x":1}]},"children" : []},
            {"c":"}]\"","children":[{"d":2}],"e":[{}]}],"f":3}"#;
        let message = |json: &str, parent| (json.to_owned(), parent);
        assert_eq!(
            shown(json),
            [
                message(r#"{"a":"children","children":[],"f":3}"#, None),
                message(r#"{"b":{"children":[{"x":1}]},"children" : []}"#, Some(0)),
                message(r#"{"c":"}]\"","children":[],"e":[{}]}"#, Some(0)),
                message(r#"{"d":2}"#, Some(2)),
            ]
        );
        assert_eq!(shown("{\"children\":[").len(), 1);
        assert_eq!(shown("7"), []);
        assert_eq!(messages(json, 2).len(), 2);
    }

    #[test]
    fn depth_costs_no_more_than_length() {
        let depth = 100_000;
        let json = format!("{}{}", r#"{"children":["#.repeat(depth), "]}".repeat(depth));
        let flat = messages(&json, depth);
        assert_eq!(flat.len(), depth);
        assert!(
            flat.iter()
                .all(|message| message.json == r#"{"children":[]}"#)
        );
    }
}
