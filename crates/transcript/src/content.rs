//! What a message holds, a string or blocks, as the APIs of both Anthropic and OpenAI have it, and
//! what a text in it can be. Must not know who wrapped what.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::wire::{Flag, Object, Text, nothing_from};

/// A string or blocks.
#[derive(Default)]
pub(crate) enum Content<'a> {
    #[default]
    Absent,
    Text(Cow<'a, str>),
    Blocks(Vec<Block<'a>>),
}

struct ContentVisitor;

impl<'de> Visitor<'de> for ContentVisitor {
    type Value = Content<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a string or an array of blocks")
    }

    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Borrowed(text)))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Content::Text(Cow::Owned(text.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        let mut blocks = Vec::new();
        while let Some(block) = items.next_element()? {
            blocks.push(block);
        }
        Ok(Content::Blocks(blocks))
    }

    /// A single block where an array of them is due.
    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        Ok(Content::Blocks(vec![BlockVisitor.visit_map(entries)?]))
    }

    nothing_from!(bool integer float null);
}

impl<'de: 'a, 'a> Deserialize<'de> for Content<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(ContentVisitor)
    }
}

/// A content block of any type.
#[derive(Default)]
pub(crate) struct Block<'a>(pub(crate) BlockFields<'a>);

/// The fields of all block types that matter.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(crate) struct BlockFields<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: Text<'a>,
    pub(crate) text: Text<'a>,
    pub(crate) thinking: Text<'a>,
    pub(crate) id: Text<'a>,
    pub(crate) name: Text<'a>,
    #[serde(borrow)]
    pub(crate) input: Option<&'a RawValue>,
    pub(crate) tool_use_id: Text<'a>,
    pub(crate) is_error: Flag,
    pub(crate) content: Content<'a>,
    pub(crate) source: Object<Media<'a>>,
    pub(crate) title: Text<'a>,
    pub(crate) tool_name: Text<'a>,
    pub(crate) image_url: Text<'a>,
}

/// Where an image or document block has its data.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(crate) struct Media<'a> {
    #[serde(rename = "type")]
    pub(crate) kind: Text<'a>,
    pub(crate) media_type: Text<'a>,
    pub(crate) data: Text<'a>,
    pub(crate) content: Content<'a>,
}

struct BlockVisitor;

impl<'de> Visitor<'de> for BlockVisitor {
    type Value = Block<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a content block")
    }

    fn visit_map<A: MapAccess<'de>>(self, entries: A) -> Result<Self::Value, A::Error> {
        BlockFields::deserialize(MapAccessDeserializer::new(entries)).map(Block)
    }

    /// A bare string where a text block is due.
    fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Block(BlockFields {
            text: Text::from(Cow::Borrowed(text)),
            ..BlockFields::default()
        }))
    }

    fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
        let text = Text::from(Cow::Owned(text.to_owned()));
        Ok(Block(BlockFields {
            text,
            ..BlockFields::default()
        }))
    }

    nothing_from!(bool integer float null array);
}

impl<'de: 'a, 'a> Deserialize<'de> for Block<'a> {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        from.deserialize_any(BlockVisitor)
    }
}

/// What a text in a person's place is.
#[derive(Debug, PartialEq)]
pub(crate) enum Typed {
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
    let mut rest = text;
    let mut at_line_start = true;
    while let Some((start, tag)) = first_tag(rest, tags) {
        let (before, from_tag) = rest.split_at(start);
        let line = before.rsplit('\n').next().unwrap_or_default();
        let starts_line = line.trim().is_empty() && (at_line_start || line.len() < before.len());
        let end_tag = format!("</{tag}>");
        let end = from_tag.find(&end_tag).filter(|_| starts_line);
        let content = end.and_then(|end| {
            let (_, content) = from_tag[..end].split_once('>')?;
            Some((end, content))
        });
        let Some((end, content)) = content else {
            let after = start + 1 + tag.len();
            kept.push_str(&rest[..after]);
            rest = &rest[after..];
            at_line_start = false;
            continue;
        };
        at_line_start = true;
        kept.push_str(before.trim_end());
        split.push_str(content.trim());
        split.push('\n');
        rest = &from_tag[end + end_tag.len()..];
    }
    kept.push_str(rest);
    (kept, split)
}

/// Where the first start tag is, and which.
fn first_tag<'t>(text: &str, tags: &[&'t str]) -> Option<(usize, &'t str)> {
    let places = text.match_indices('<').map(|(at, _)| at);
    let tag_at = |at: usize| {
        let name = &text[at + 1..];
        let is_tag = |tag: &&&str| {
            let rest = name.strip_prefix(**tag);
            rest.is_some_and(|rest| rest.starts_with(['>', ' ', '\n']))
        };
        tags.iter().find(is_tag).map(|tag| (at, *tag))
    };
    places.into_iter().find_map(tag_at)
}
