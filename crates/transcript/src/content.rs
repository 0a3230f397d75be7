//! What a message holds, a string or blocks, as the APIs of both Anthropic and OpenAI have it, and
//! what a text in it can be. Must not know who wrapped what.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::json::{JsonFlag, JsonObject, JsonText, nothing_from, whole_surrogates};
use crate::{Attachment, bounds};

/// A string or blocks.
#[derive(Default)]
pub(crate) enum MessageContent<'a> {
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Blocks(Vec<ContentBlock<'a>>),
    /// An object that is no block, as JSON text.
    Object(String),
}

/// What a block has its content under.
const BLOCK_CONTENT_KEYS: [&str; 6] = [
    "text",
    "thinking",
    "source",
    "image_url",
    "tool_name",
    "tool_use_id",
];

/// The block that an object's entries make up. What doesn't fit is left out.
fn block_of<'a>(entries: Vec<(JsonText<'a>, &'a RawValue)>) -> BlockFields<'a> {
    fn read<'a, T: Deserialize<'a> + Default>(raw: &'a RawValue) -> T {
        serde_json::from_str(raw.get()).unwrap_or_default()
    }
    let mut block = BlockFields::default();
    for (key, raw) in entries {
        match key.as_str() {
            "type" => block.kind = read(raw),
            "text" => block.text = read(raw),
            "thinking" => block.thinking = read(raw),
            "id" => block.id = read(raw),
            "name" => block.name = read(raw),
            "input" => block.input = Some(raw),
            "tool_use_id" => block.tool_use_id = read(raw),
            "is_error" => block.is_error = read(raw),
            "content" => block.content = read(raw),
            "source" => block.source = read(raw),
            "title" => block.title = read(raw),
            "tool_name" => block.tool_name = read(raw),
            "image_url" => block.image_url = read(raw),
            _ => {}
        }
    }
    block
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = MessageContent<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of blocks")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(MessageContent::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(MessageContent::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut blocks = Vec::new();
        while let Some(block) = bounds::next_item(&mut items)? {
            blocks.push(block);
        }
        Ok(MessageContent::Blocks(blocks))
    }

    /// A single block where an array of them is due, or an object of a tool's own.
    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut entries: Vec<(JsonText<'de>, &'de RawValue)> = Vec::new();
        while let Some(entry) = map.next_entry()? {
            if bounds::take_item() {
                entries.push(entry);
            }
        }
        let has = |name: &str| entries.iter().any(|(key, _)| key.as_str() == name);
        if BLOCK_CONTENT_KEYS.into_iter().any(has) {
            return Ok(MessageContent::Blocks(vec![ContentBlock(block_of(
                entries,
            ))]));
        }
        let entries = entries.iter().map(|(key, value)| {
            let key = serde_json::to_string(key.as_str()).unwrap_or_default();
            format!("{key}:{}", value.get())
        });
        let object = format!("{{{}}}", entries.collect::<Vec<_>>().join(","));
        Ok(match object.as_str() {
            "{}" => MessageContent::Absent,
            _ => MessageContent::Object(whole_surrogates(&object).into_owned()),
        })
    }

    nothing_from!(bool integer float null);
}

impl<'de: 'a, 'a> Deserialize<'de> for MessageContent<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ContentVisitor)
    }
}

/// A content block of any type.
#[derive(Default)]
pub(crate) struct ContentBlock<'a>(pub(crate) BlockFields<'a>);

/// The fields of all block types that matter.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(crate) struct BlockFields<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: JsonText<'a>,
    pub(crate) text: JsonText<'a>,
    pub(crate) thinking: JsonText<'a>,
    pub(crate) id: JsonText<'a>,
    pub(crate) name: JsonText<'a>,
    #[serde(borrow)]
    pub(crate) input: Option<&'a RawValue>,
    pub(crate) tool_use_id: JsonText<'a>,
    pub(crate) is_error: JsonFlag,
    pub(crate) content: MessageContent<'a>,
    pub(crate) source: JsonObject<MediaSource<'a>>,
    pub(crate) title: JsonText<'a>,
    pub(crate) tool_name: JsonText<'a>,
    pub(crate) image_url: JsonText<'a>,
}

/// Where an image or document block has its data.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(crate) struct MediaSource<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: JsonText<'a>,
    pub(crate) media_type: JsonText<'a>,
    pub(crate) data: JsonText<'a>,
    pub(crate) content: MessageContent<'a>,
}

struct BlockVisitor;

impl<'de> Visitor<'de> for BlockVisitor {
    type Value = ContentBlock<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a content block")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        BlockFields::deserialize(MapAccessDeserializer::new(entries)).map(ContentBlock)
    }

    /// A bare string where a text block is due.
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(ContentBlock(BlockFields {
            text: JsonText::from(Cow::Borrowed(text)),
            ..BlockFields::default()
        }))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let text = JsonText::from(Cow::Owned(text.to_owned()));
        Ok(ContentBlock(BlockFields {
            text,
            ..BlockFields::default()
        }))
    }

    nothing_from!(bool integer float null array);
}

impl<'de: 'a, 'a> Deserialize<'de> for ContentBlock<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(BlockVisitor)
    }
}

/// Adds a text, on a line of its own where there is one already; an empty one adds nothing.
pub(crate) fn append_line(text: &mut String, more: &str) {
    if more.is_empty() {
        return;
    }
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

/// Describes base64 data that is left out.
pub(crate) fn attachment(media_type: &str, base64: &str) -> Attachment {
    let padding = base64
        .bytes()
        .rev()
        .take_while(|byte| *byte == b'=')
        .count();
    let bytes = (base64.len() - padding.min(base64.len())) as u64 * 3 / 4;
    Attachment {
        media_type: media_type.to_owned(),
        bytes,
    }
}

/// What a text in a person's place is.
#[derive(Debug, PartialEq)]
pub(crate) enum TypedText {
    /// A wrapper that says nothing.
    Nothing,
    /// A person's words.
    Said(String),
    /// A command that a person ran, as they typed it.
    Command(String),
    /// A program's words.
    Injected(String),
}

/// The content of the element at the start of `text`, and what follows it. The start tag may have
/// attributes; an element without end tag goes on to the end.
pub(crate) fn element<'a>(text: &'a str, tag: &str) -> Option<(&'a str, &'a str)> {
    let rest = text.strip_prefix('<')?.strip_prefix(tag)?;
    if !rest.starts_with(['>', ' ', '\n']) {
        return None;
    }
    let (_, content) = rest.split_once('>')?;
    let end = format!("</{tag}>");
    Some(content.split_once(end.as_str()).unwrap_or((content, "")))
}

/// Splits the elements of these tags off a text, where they start a line: a person may well write
/// about a tag in the middle of one. One without an end stays.
pub(crate) fn split_elements(text: &str, tags: &[&str]) -> (String, String) {
    let mut kept = String::with_capacity(text.len());
    let mut split = String::new();
    let mut at = 0;
    let mut at_line_start = true;
    let mut ends: Vec<AheadSearch> = tags
        .iter()
        .map(|tag| AheadSearch::new(format!("</{tag}>")))
        .collect();
    let mut close = AheadSearch::new(">".to_owned());
    while let Some((offset, nth)) = first_tag(&text[at..], tags) {
        let start = at + offset;
        let before = &text[at..start];
        let line = before.rsplit('\n').next().unwrap_or_default();
        let starts_line = line.trim().is_empty() && (at_line_start || line.len() < before.len());
        let content = starts_line
            .then(|| {
                let end = ends[nth].from(text, start)?;
                let close = close.from(text, start).filter(|close| *close < end)?;
                Some((close + 1, end))
            })
            .flatten();
        let Some((content, end)) = content else {
            let after = start + 1 + tags[nth].len();
            kept.push_str(&text[at..after]);
            at = after;
            at_line_start = false;
            continue;
        };
        at_line_start = true;
        kept.push_str(before.trim_end());
        split.push_str(text[content..end].trim());
        split.push('\n');
        at = end + ends[nth].needle.len();
    }
    kept.push_str(&text[at..]);
    (kept, split)
}

/// Where something is next in a text that is gone through once: what lies far ahead isn't looked for
/// anew from each place before it.
struct AheadSearch {
    needle: String,
    /// The place found last, or the end of all places.
    found: Option<usize>,
}

impl AheadSearch {
    fn new(needle: String) -> Self {
        Self {
            needle,
            found: None,
        }
    }

    /// The first place at or after `from`, which never falls.
    fn from(&mut self, text: &str, from: usize) -> Option<usize> {
        if self.found.is_none_or(|found| found < from) {
            let next = text[from..].find(&self.needle);
            self.found = Some(next.map_or(usize::MAX, |next| from + next));
        }
        self.found.filter(|found| *found != usize::MAX)
    }
}

/// Where the first start tag is, and which.
fn first_tag(text: &str, tags: &[&str]) -> Option<(usize, usize)> {
    let places = text.match_indices('<').map(|(at, _)| at);
    let tag_at = |at: usize| {
        let name = &text[at + 1..];
        let is_tag = |tag: &&str| {
            let rest = name.strip_prefix(*tag);
            rest.is_some_and(|rest| rest.starts_with(['>', ' ', '\n']))
        };
        tags.iter().position(is_tag).map(|nth| (at, nth))
    };
    places.into_iter().find_map(tag_at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attachments_tell_their_decoded_size() {
        assert_eq!(attachment("image/png", "aGk=").bytes, 2);
        assert_eq!(attachment("image/png", "====").bytes, 0);
    }

    #[test]
    fn elements_without_an_end_cost_no_more_than_their_length() {
        for start in ["\n<note>", "\n<note \n"] {
            let text = start.repeat(200_000);
            let (kept, split) = split_elements(&text, &["note"]);
            assert!(kept == text && split.is_empty());
            let (kept, split) = split_elements(&format!("{text}</note"), &["note"]);
            assert!(kept.len() > text.len() && split.is_empty());
        }
        let text = "a\n<note x=\"1\">one</note>\nb <note>two</note>\n<note>three</note>";
        let (kept, split) = split_elements(text, &["note"]);
        assert_eq!(
            (kept.as_str(), split.as_str()),
            ("a\nb <note>two</note>", "one\nthree\n")
        );
    }
}
