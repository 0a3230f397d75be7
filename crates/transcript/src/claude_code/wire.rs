//! The records of Claude Code's session files, as they stand on disk.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use crate::Usage;
use crate::wire::{Count, Flag, Object, Text, nothing_from};

/// A record of any type: the fields of all of them that matter.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Record<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) subtype: Text<'a>,
    pub(super) uuid: Text<'a>,
    pub(super) parent_uuid: Text<'a>,
    pub(super) session_id: Text<'a>,
    pub(super) agent_id: Text<'a>,
    pub(super) request_id: Text<'a>,
    pub(super) timestamp: Text<'a>,
    pub(super) cwd: Text<'a>,
    pub(super) git_branch: Text<'a>,
    pub(super) is_sidechain: Flag,
    pub(super) is_meta: Flag,
    pub(super) is_compact_summary: Flag,
    pub(super) is_api_error_message: Flag,
    pub(super) message: Object<Utterance<'a>>,
    #[serde(borrow)]
    pub(super) tool_use_result: Option<&'a RawValue>,
    pub(super) attachment: Object<Attached<'a>>,
    pub(super) origin: Object<Origin<'a>>,
    pub(super) forked_from: Object<ForkedFrom<'a>>,
    /// Of `system` records.
    pub(super) content: Content<'a>,
    pub(super) summary: Text<'a>,
    pub(super) leaf_uuid: Text<'a>,
    pub(super) ai_title: Text<'a>,
    pub(super) agent_name: Text<'a>,
    pub(super) custom_title: Text<'a>,
    pub(super) pr_url: Text<'a>,
    pub(super) frame_url: Text<'a>,
}

/// What a `user` or `assistant` record carries: a message of the Messages API.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Utterance<'a> {
    pub(super) id: Text<'a>,
    pub(super) model: Text<'a>,
    pub(super) content: Content<'a>,
    pub(super) usage: Object<Tokens>,
}

/// The usage of a reply.
#[derive(Clone, Copy, Default, Deserialize)]
#[serde(default)]
#[expect(clippy::struct_field_names, reason = "the names are those of the API")]
pub(super) struct Tokens {
    input_tokens: Count,
    output_tokens: Count,
    cache_creation_input_tokens: Count,
    cache_read_input_tokens: Count,
}

impl From<Tokens> for Usage {
    fn from(tokens: Tokens) -> Self {
        Self {
            input: tokens.input_tokens.0,
            output: tokens.output_tokens.0,
            cache_creation: tokens.cache_creation_input_tokens.0,
            cache_read: tokens.cache_read_input_tokens.0,
        }
    }
}

/// Who is behind a user record.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Origin<'a> {
    pub(super) kind: Text<'a>,
}

/// The session that this one was forked from.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct ForkedFrom<'a> {
    pub(super) session_id: Text<'a>,
}

/// What an `attachment` record carries.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase", bound(deserialize = "'de: 'a"))]
pub(super) struct Attached<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) prompt: Content<'a>,
    pub(super) content: Content<'a>,
    pub(super) command_mode: Text<'a>,
    pub(super) is_meta: Flag,
    pub(super) origin: Object<Origin<'a>>,
}

/// A string or blocks.
#[derive(Default)]
pub(super) enum Content<'a> {
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
pub(super) struct Block<'a>(pub(super) BlockFields<'a>);

/// The fields of all block types that matter.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct BlockFields<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) text: Text<'a>,
    pub(super) thinking: Text<'a>,
    pub(super) id: Text<'a>,
    pub(super) name: Text<'a>,
    #[serde(borrow)]
    pub(super) input: Option<&'a RawValue>,
    pub(super) tool_use_id: Text<'a>,
    pub(super) is_error: Flag,
    pub(super) content: Content<'a>,
    pub(super) source: Object<Media<'a>>,
    pub(super) title: Text<'a>,
    pub(super) tool_name: Text<'a>,
}

/// Where an image or document block has its data.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Media<'a> {
    #[serde(rename = "type")]
    pub(super) kind: Text<'a>,
    pub(super) media_type: Text<'a>,
    pub(super) data: Text<'a>,
    pub(super) content: Content<'a>,
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

/// The tool arguments that tell which files a tool touches, and those that its result repeats.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct Arguments<'a> {
    pub(super) file_path: Text<'a>,
    pub(super) notebook_path: Text<'a>,
    pub(super) path: Text<'a>,
    pub(super) content: Text<'a>,
    pub(super) old_string: Text<'a>,
    pub(super) new_string: Text<'a>,
    pub(super) prompt: Text<'a>,
    pub(super) plan: Text<'a>,
}
