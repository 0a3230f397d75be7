//! Building text for models: constant markup and words of this program, and data (such as quoted old
//! messages) that is escaped so that it can't pass for them. Also short forms of texts for such answers.
//!
//! Whatever isn't a constant of this program gets in escaped: there is no way to add it as it is.

use std::fmt::Display;

use serde_json::Value;

use crate::hidden::without_hidden as without_hidden_in;

/// A builder of text for a model: markup and words of this program, and data that is escaped so that it
/// can't be taken for them. There is no way to add data as it is. Invisible characters
/// ([`guard::without_hidden`]) are removed from all data. The methods that add return the builder, for
/// chains.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Markup(String);

/// Names and values of an element's attributes, in the order in which they are written. Values are data:
/// they are escaped, quotation marks included, and every white space in them becomes a space.
pub type Attributes<'a> = &'a [(&'static str, &'a dyn Display)];

impl Markup {
    /// An empty text.
    pub fn new() -> Self {
        Self::default()
    }

    /// A text that begins with these words or this markup of this program, unescaped.
    pub fn of(words: &'static str) -> Self {
        Self(words.to_owned())
    }

    /// A text that is a JSON document. `<`, `>` and `&`, which can only stand in its strings, are written
    /// as escapes that mean the same.
    pub fn json(value: &Value) -> Self {
        // Taken out of the document later, an escape sequence that a text begins could take the backslash
        // before a quotation mark with it, and the document would be none.
        let mut value = value.clone();
        without_hidden_in(&mut value);
        let mut out = String::new();
        for c in value.to_string().chars() {
            match c {
                '<' => out.push_str("\\u003c"),
                '>' => out.push_str("\\u003e"),
                '&' => out.push_str("\\u0026"),
                c => out.push(c),
            }
        }
        Self(out)
    }

    /// Adds words or markup of this program, unescaped.
    pub fn fixed(&mut self, words: &'static str) -> &mut Self {
        self.0.push_str(words);
        self
    }

    /// Adds data with `<`, `>` and `&` escaped, so that it neither opens nor closes an element.
    pub fn text(&mut self, data: impl Display) -> &mut Self {
        for c in without_hidden(&data).chars() {
            self.character(c);
        }
        self
    }

    /// Adds the start tag `<name key="value">`, with the attributes' values escaped.
    pub fn open(&mut self, name: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.tag(name, attributes, ">")
    }

    /// Adds the empty element `<name key="value"/>`, with the attributes' values escaped.
    pub fn empty(&mut self, name: &'static str, attributes: Attributes<'_>) -> &mut Self {
        self.tag(name, attributes, "/>")
    }

    /// Adds the end tag `</name>`. That it was opened isn't checked.
    pub fn close(&mut self, name: &'static str) -> &mut Self {
        self.fixed("</").fixed(name).fixed(">")
    }

    /// Adds `<name>data</name>`, with the data escaped as [`Self::text`] does it.
    pub fn element(&mut self, name: &'static str, data: impl Display) -> &mut Self {
        self.open(name, &[]).text(data).close(name)
    }

    /// Adds a line with `<name>data</name>`: the data escaped, put on one line (see [`line()`]) and cut to so
    /// many characters (see [`cut`]). Adds nothing if the data is blank.
    pub fn short(&mut self, name: &'static str, data: &str, characters: usize) -> &mut Self {
        let data = cut(&line(data), characters);
        if data.is_empty() {
            return self;
        }
        self.element(name, data).fixed("\n")
    }

    /// Adds data unescaped in a CDATA section, which it can't end: `]]>` in it is split over two sections. A
    /// model is no parser, so a backslash also breaks up what looks like the end tag of an element that
    /// quoted text stands in (`</excerpt>` becomes `<\/excerpt>`).
    pub fn cdata(&mut self, data: &str) -> &mut Self {
        // What is left out later could hide an end until then.
        let data = guard::without_hidden(data).replace("]]>", "]]]]><![CDATA[>");
        self.fixed("<![CDATA[");
        let mut rest = data.as_str();
        while let Some(at) = rest.find("</") {
            let (before, end) = rest.split_at(at + 1);
            self.0.push_str(before);
            if ends_ours(&end[1..]) {
                self.0.push('\\');
            }
            rest = end;
        }
        self.0.push_str(rest);
        self.fixed("]]>")
    }

    /// Adds the text of another builder, which is escaped already.
    pub fn append(&mut self, other: &Self) -> &mut Self {
        self.0.push_str(&other.0);
        self
    }

    /// Adds the texts of other builders, one after the other.
    pub fn append_all<'a>(&mut self, others: impl IntoIterator<Item = &'a Self>) -> &mut Self {
        others.into_iter().for_each(|other| {
            self.append(other);
        });
        self
    }

    /// The text so far.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The finished text.
    pub fn into_text(self) -> String {
        self.0
    }

    /// The one way in of a character of data.
    fn character(&mut self, c: char) {
        match c {
            '&' => self.0.push_str("&amp;"),
            '<' => self.0.push_str("&lt;"),
            '>' => self.0.push_str("&gt;"),
            c => self.0.push(c),
        }
    }

    fn tag(
        &mut self,
        name: &'static str,
        attributes: Attributes<'_>,
        end: &'static str,
    ) -> &mut Self {
        self.fixed("<").fixed(name);
        for (key, value) in attributes {
            self.fixed(" ").fixed(key).fixed("=\"");
            for c in without_hidden(value).chars() {
                match c {
                    '"' => self.0.push_str("&quot;"),
                    '\'' => self.0.push_str("&apos;"),
                    // It stays on its line.
                    c if c.is_whitespace() => self.0.push(' '),
                    c => self.character(c),
                }
            }
            self.fixed("\"");
        }
        self.fixed(end)
    }
}

/// Elements that quoted text stands in.
const QUOTING_ELEMENTS: [&str; 9] = [
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

/// Whether a text begins with the name of an element that quoted text stands in, however it is
/// written.
fn ends_ours(text: &str) -> bool {
    let text = text.trim_start();
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_');
    let name = &text[..end.unwrap_or(text.len())];
    QUOTING_ELEMENTS
        .iter()
        .any(|known| known.eq_ignore_ascii_case(name))
}

/// Data without what no reader sees. Taken out of the whole text later, an escape sequence that data
/// begins could take markup with it.
fn without_hidden(data: &dyn Display) -> String {
    guard::without_hidden(&data.to_string()).into_owned()
}

/// The first `characters` characters (Unicode scalar values) of a text, without white space at their end and
/// followed by `...`, which isn't counted. A text that isn't longer stays as it is.
pub fn cut(text: &str, characters: usize) -> String {
    match text.char_indices().nth(characters) {
        None => text.to_owned(),
        Some((end, _)) => format!("{}...", text[..end].trim_end()),
    }
}

/// A text on one line: every run of white space becomes one space, at start and end none.
pub fn line(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A text that can stand within a line of Markdown without starting a new line, code or a link: it is put on
/// one line, invisible characters are removed, a backtick becomes `'`, and `](` becomes `] (`.
pub fn markdown_line(text: &str) -> String {
    line(&guard::without_hidden(text))
        .replace('`', "'")
        .replace("](", "] (")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    #[test]
    fn data_opens_and_closes_nothing() {
        let mut markup = Markup::new();
        markup
            .open("a", &[("b", &"x' c=\"1\" d='\n<&>")])
            .text("</a><i b=\"&\">")
            .close("a");
        assert_eq!(
            markup.as_str(),
            "<a b=\"x&apos; c=&quot;1&quot; d=&apos; &lt;&amp;&gt;\">&lt;/a&gt;&lt;i b=\"&amp;\"&gt;</a>"
        );
    }

    #[test]
    fn an_escape_sequence_takes_no_markup_with_it() {
        let mut markup = Markup::new();
        markup
            .open("p", &[("a", &"x\u{9b}")])
            .text("y\u{1b}[")
            .close("p");
        assert_eq!(markup.as_str(), "<p a=\"x\">y[</p>");
    }

    #[test]
    fn nothing_leaves_its_fence() {
        let fenced = |data: &str| Markup::new().cdata(data).clone().into_text();
        assert_eq!(
            fenced("one ]]> two </R > </div> </ excerpt>"),
            "<![CDATA[one ]]]]><![CDATA[> two <\\/R > </div> <\\/ excerpt>]]>"
        );
        assert_eq!(fenced("</</r>"), "<![CDATA[</<\\/r>]]>");
    }

    #[test]
    fn json_stays_what_it_is() {
        let value = json!({"</x>": "<y a='1'>&"});
        let text = Markup::json(&value).into_text();
        assert!(!text.contains(['<', '>', '&']), "{text}");
        assert_eq!(serde_json::from_str::<Value>(&text).expect("JSON"), value);
    }

    #[test]
    fn an_escape_sequence_takes_nothing_of_a_json_document_with_it() {
        let text = Markup::json(&json!({"p\u{9b}\" x": "\u{1b}[\" y"})).into_text();
        let read: Value = serde_json::from_str(&text).expect("JSON");
        let texts: Vec<String> = read
            .as_object()
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        assert_eq!(
            guard::hidden_ranges(&texts.concat()).next(),
            None,
            "{texts:?}"
        );
    }

    #[test]
    fn cuts_lie_between_characters() {
        assert_eq!(cut("重试策略", 2), "重试...");
        assert_eq!(cut("short", 5), "short");
    }

    proptest! {
        #[test]
        fn whatever_is_added_is_no_markup(data in "[<>&'\"/=a \n\\]\\[!]{0,40}") {
            let text = Markup::new().text(&data).clone().into_text();
            prop_assert!(!text.contains(['<', '>']));
            let tag = Markup::new().open("a", &[("b", &data)]).clone().into_text();
            let value = tag.strip_prefix("<a b=\"").and_then(|tag| tag.strip_suffix("\">"));
            prop_assert!(value.is_some_and(|value| !value.contains(['<', '>', '"', '\'', '\n'])));
            let fenced = Markup::new().cdata(&data).clone().into_text();
            prop_assert_eq!(fenced.replace("]]]]><![CDATA[>", "").matches("]]>").count(), 1);
        }
    }
}
