//! Old text in answers: cut, escaped, fenced. What was said is data, whatever it holds.

use crate::output::text::deceives;

/// A text of at most so many characters; three dots follow what was cut.
pub(crate) fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", text[..end].trim_end()),
    }
}

/// A text on one line.
pub(crate) fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text as an element or an attribute holds it.
pub(crate) fn escape(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in visible(text) {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            c => out.push(c),
        }
    }
    out
}

/// A text in a CDATA section, which it can't end. A model is no parser: what looks like the end of
/// an element around it doesn't stay so either.
pub(crate) fn cdata(text: &str) -> String {
    let mut text = visible(text)
        .collect::<String>()
        .replace("]]>", "]]]]><![CDATA[>");
    if text.contains("</") {
        for name in AROUND {
            text = text.replace(&format!("</{name}>"), &format!("<\\/{name}>"));
        }
    }
    format!("<![CDATA[{text}]]>")
}

/// Elements that quoted text stands in.
const AROUND: [&str; 9] = [
    "excerpt",
    "r",
    "results",
    "search",
    "raw",
    "txt",
    "m",
    "messages",
    "conversation_file",
];

/// A text without characters that XML doesn't have, or that show as something else than they are.
fn visible(text: &str) -> impl Iterator<Item = char> {
    let is_none = |c: char| matches!(c, '\u{fffe}' | '\u{ffff}') || deceives(c);
    text.chars()
        .filter(move |c| !is_none(*c) && (!c.is_control() || matches!(c, '\n' | '\t')))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_leaves_its_fence() {
        assert_eq!(
            escape("a</p><x y=\"&\">\u{1b}[31m"),
            "a&lt;/p&gt;&lt;x y=&quot;&amp;&quot;&gt;[31m"
        );
        let fenced = cdata("one ]]> two \u{202e}\u{200f}three");
        assert_eq!(fenced, "<![CDATA[one ]]]]><![CDATA[> two three]]>");
    }

    #[test]
    fn cuts_lie_between_characters() {
        assert_eq!(cut("重试策略", 2), "重试...");
        assert_eq!(cut("short", 5), "short");
    }
}
