//! A result of a server's tool, taken apart: what is text for the model, what is a file for the person.

use tools::{ResourceBody, ToolContent, ToolResult};
use wire::size;

/// The parts of a result.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResultParts {
    /// What the model reads, in the tool's own words.
    pub(crate) text: String,
    /// Files in the result itself.
    pub(crate) files: Vec<Vec<u8>>,
    /// Addresses that the result names as its own.
    pub(crate) links: Vec<String>,
}

impl ResultParts {
    pub(crate) fn of(result: ToolResult) -> Self {
        let mut parts = Self::default();
        for content in result.content {
            match content {
                ToolContent::Text(text) => parts.say(&text),
                ToolContent::Data {
                    media_type, bytes, ..
                } => parts.file(&media_type, bytes),
                ToolContent::Resource(resource) => match resource.body {
                    ResourceBody::Text(text) => parts.say(&text),
                    ResourceBody::Bytes(bytes) => {
                        parts.file(resource.media_type.as_deref().unwrap_or("file"), bytes);
                    }
                },
                ToolContent::Link { uri, name, .. } => {
                    parts.say(&format!("{name}: {uri}"));
                    parts.links.push(uri);
                }
            }
        }
        if parts.text.is_empty()
            && let Some(values) = result.structured
        {
            parts.say(&values.to_string());
        }
        parts
    }

    fn say(&mut self, text: &str) {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
    }

    fn file(&mut self, media_type: &str, bytes: Vec<u8>) {
        let length = size(bytes.len() as u64);
        self.say(&format!("[{media_type}, {length}: the person sees it]"));
        self.files.push(bytes);
    }
}
