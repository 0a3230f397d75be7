//! What a message holds, by the kind of its content.

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::content::append_line;
use crate::json::{JsonArray, JsonCount, JsonObject, JsonText};
use crate::{Attachment, bounds};

/// The fields of all kinds of content, and of all kinds of parts in it.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct ChatGptContent<'a> {
    content_type: JsonText<'a>,
    #[serde(borrow)]
    parts: JsonArray<&'a RawValue>,
    text: JsonText<'a>,
    result: JsonText<'a>,
    summary: JsonText<'a>,
    content: JsonText<'a>,
    title: JsonText<'a>,
    url: JsonText<'a>,
    name: JsonText<'a>,
    user_profile: JsonText<'a>,
    user_instructions: JsonText<'a>,
    model_set_context: JsonText<'a>,
    thoughts: JsonArray<JsonObject<ChatGptThought<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptThought<'a> {
    summary: JsonText<'a>,
    content: JsonText<'a>,
}

/// A part of a message: text, or something that a person sees or hears.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptPart<'a> {
    content_type: JsonText<'a>,
    text: JsonText<'a>,
    size_bytes: JsonCount,
    format: JsonText<'a>,
    audio_asset_pointer: JsonObject<ChatGptAsset<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ChatGptAsset<'a> {
    size_bytes: JsonCount,
    format: JsonText<'a>,
}

/// What a message's content comes to.
#[derive(Default)]
pub(super) struct ReadContent {
    pub(super) text: String,
    pub(super) thinking: String,
    pub(super) attachments: Vec<Attachment>,
    /// Whether ChatGPT put it in: what a person told it about themselves, and what it remembers.
    pub(super) is_context: bool,
    pub(super) is_error: bool,
    /// Whether it is program text rather than the arguments of a tool.
    is_code: bool,
}

impl ChatGptContent<'_> {
    pub(super) fn read(self, unknown: &mut dyn FnMut(&str)) -> ReadContent {
        let mut read = ReadContent::default();
        match self.content_type.as_str() {
            "thoughts" => {
                let thoughts = self
                    .thoughts
                    .0
                    .iter()
                    .filter_map(|thought| thought.0.as_ref());
                for thought in thoughts {
                    append_line(&mut read.thinking, thought.summary.as_str());
                    append_line(&mut read.thinking, thought.content.as_str());
                }
                self.parts_into(&mut read);
                let text = std::mem::take(&mut read.text);
                append_line(&mut read.thinking, &text);
            }
            // How long it thought, in words.
            "reasoning_recap" => {}
            "user_editable_context" => {
                read.is_context = true;
                append_line(&mut read.text, self.user_profile.as_str());
                append_line(&mut read.text, self.user_instructions.as_str());
            }
            "model_editable_context" => {
                read.is_context = true;
                append_line(&mut read.text, self.model_set_context.as_str());
            }
            kind => {
                const KNOWN_KINDS: [&str; 10] = [
                    "",
                    "text",
                    "multimodal_text",
                    "code",
                    "execution_output",
                    "tether_browsing_display",
                    "tether_quote",
                    "sonic_webpage",
                    "system_error",
                    "computer_output",
                ];
                if !KNOWN_KINDS.contains(&kind) {
                    unknown(kind);
                }
                read.is_code = kind == "code";
                read.is_error = kind == "system_error";
                self.text_into(&mut read);
            }
        }
        read.text = without_citations(read.text);
        read
    }

    /// All that is text, whatever the kind.
    fn text_into(&self, read: &mut ReadContent) {
        let texts = [
            &self.title,
            &self.url,
            &self.name,
            &self.text,
            &self.result,
            &self.summary,
            &self.content,
        ];
        for text in texts {
            append_line(&mut read.text, text.as_str());
        }
        self.parts_into(read);
    }

    fn parts_into(&self, read: &mut ReadContent) {
        for part in &self.parts.0 {
            if let Ok(text) = serde_json::from_str::<String>(part.get()) {
                append_line(&mut read.text, &text);
                continue;
            }
            let part = serde_json::from_str::<JsonObject<ChatGptPart<'_>>>(part.get());
            if let Some(part) = part.ok().and_then(|part| part.0) {
                append_line(&mut read.text, part.text.as_str());
                read.attachments.extend(part.attachment());
            }
        }
    }
}

impl ChatGptPart<'_> {
    fn attachment(&self) -> Option<Attachment> {
        let kind = self.content_type.as_str();
        let (sort, size, format) = match kind {
            "image_asset_pointer" => ("image", self.size_bytes, &self.format),
            "audio_asset_pointer" => ("audio", self.size_bytes, &self.format),
            "video_container_asset_pointer" => ("video", self.size_bytes, &self.format),
            "real_time_user_audio_video_asset_pointer" => {
                let audio = self.audio_asset_pointer.0.as_ref()?;
                ("audio", audio.size_bytes, &audio.format)
            }
            _ => return None,
        };
        let format = format.get().unwrap_or("*");
        Some(Attachment {
            media_type: bounds::name(&format!("{sort}/{format}")).into_owned(),
            bytes: size.0,
        })
    }
}

impl ReadContent {
    /// The text as arguments of a call: as it stands if it is a JSON object, else as a member of one.
    pub(super) fn arguments(&self) -> String {
        let text = self.text.trim();
        let is_object = text.starts_with('{') && serde_json::from_str::<&RawValue>(text).is_ok();
        let key = if self.is_code { "code" } else { "text" };
        match is_object {
            true => text.to_owned(),
            false => serde_json::json!({ key: text }).to_string(),
        }
    }
}

/// A text without the references to sources that ChatGPT shows as small signs: `cite` and what it cites, between
/// characters for private use.
fn without_citations(text: String) -> String {
    const CITATION_START: char = '\u{e200}';
    const CITATION_END: char = '\u{e201}';
    if !text.contains(CITATION_START) {
        return text;
    }
    let mut kept = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some((before, after)) = rest.split_once(CITATION_START) {
        kept.push_str(before);
        let is_citation = after.starts_with("cite") || after.starts_with("filecite");
        // One that isn't closed ends where the next begins, so that it isn't looked for to the end each time.
        let own = after.split(CITATION_START).next().unwrap_or_default();
        let end = own.find(CITATION_END).filter(|_| is_citation);
        let end = end.map(|end| after.split_at(end + CITATION_END.len_utf8()));
        rest = match end {
            Some((_, after)) => after,
            None => {
                kept.push(CITATION_START);
                after
            }
        };
    }
    kept.push_str(rest);
    kept
}
