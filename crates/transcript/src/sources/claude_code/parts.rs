//! Sorts the content blocks of a record: words, thoughts, calls, results, pictures.

use super::edits::FILE_TOOLS;
use super::record::CallArguments;
use super::state::SessionState;
use super::text::{tool_output, typed};
use crate::content::{BlockFields, ContentBlock, MessageContent, TypedText, attachment};
use crate::fingerprint::fingerprint;
use crate::json::json_text;
use crate::memory::{is_memory_answer, is_memory_call};
use crate::{Attachment, FileAction, FileTouch, ToolCall, ToolEffect, ToolResult};

/// Arguments at least this long are worth remembering to tell that a result repeats them.
const MIN_PRINTED_BYTES: usize = 64;

/// Who is behind a text.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum SaidBy {
    Assistant,
    Person,
    Program,
}

/// What a record's blocks hold.
#[derive(Default)]
pub(super) struct MessageParts {
    pub(super) said: Vec<String>,
    pub(super) commands: Vec<String>,
    pub(super) injected: Vec<String>,
    pub(super) thinking: Vec<String>,
    pub(super) tools: Vec<ToolCall>,
    pub(super) files: Vec<FileTouch>,
    pub(super) results: Vec<ToolResult>,
    pub(super) attachments: Vec<Attachment>,
    /// Whether one of the results isn't that of a memory such as ours.
    pub(super) is_news: bool,
    /// Fingerprints of long arguments of the calls that are answered.
    pub(super) arguments: Vec<u64>,
}

/// Sorts what is in a message.
pub(super) fn sort(
    memo: &mut SessionState,
    content: &MessageContent<'_>,
    by: SaidBy,
) -> MessageParts {
    let mut parts = MessageParts::default();
    match content {
        MessageContent::Absent | MessageContent::Object(_) => {}
        MessageContent::Text(text) => parts.text(text, by),
        MessageContent::Blocks(blocks) => {
            for ContentBlock(block) in blocks {
                parts.block(memo, block, by);
            }
        }
    }
    parts
}

/// All text in a message, as it stands.
pub(super) fn all_text(content: &MessageContent<'_>) -> String {
    match content {
        MessageContent::Absent | MessageContent::Object(_) => String::new(),
        MessageContent::Text(text) => text.trim().to_owned(),
        MessageContent::Blocks(blocks) => {
            let texts: Vec<&str> = blocks
                .iter()
                .filter_map(|ContentBlock(block)| block.text.get())
                .collect();
            texts.join("\n\n").trim().to_owned()
        }
    }
}

impl MessageParts {
    pub(super) fn is_empty(&self) -> bool {
        self.said.is_empty()
            && self.commands.is_empty()
            && self.injected.is_empty()
            && self.thinking.is_empty()
            && self.tools.is_empty()
            && self.results.is_empty()
            && self.attachments.is_empty()
    }

    fn block(&mut self, memo: &mut SessionState, block: &BlockFields<'_>, by: SaidBy) {
        match block.kind.as_str() {
            "thinking" => self
                .thinking
                .extend(block.thinking.get().map(str::to_owned)),
            "image" | "document" => self.media(block, by),
            kind if kind.ends_with("tool_use") => self.call(memo, block),
            kind if kind.ends_with("tool_result") => self.result(memo, block),
            _ => self.text(block.text.as_str(), by),
        }
    }

    fn text(&mut self, text: &str, by: SaidBy) {
        if by == SaidBy::Assistant {
            let text = text.trim_end().trim_start_matches(['\n', '\r']);
            self.said
                .extend((!text.trim().is_empty()).then(|| text.to_owned()));
            return;
        }
        match typed(text, by == SaidBy::Program) {
            TypedText::Nothing => {}
            TypedText::Said(text) => self.said.push(text),
            TypedText::Command(text) => self.commands.push(text),
            TypedText::Injected(text) => self.injected.push(text),
        }
    }

    /// An image or document: its text if it has one, else a description.
    fn media(&mut self, block: &BlockFields<'_>, by: SaidBy) {
        let Some(source) = &block.source.0 else {
            return;
        };
        let text = match source.kind.as_str() {
            "text" => source.data.as_str().to_owned(),
            "content" => all_text(&source.content),
            _ => String::new(),
        };
        if text.is_empty() {
            let media_type = source.media_type.get().unwrap_or(block.kind.as_str());
            self.attachments
                .push(attachment(media_type, source.data.as_str()));
            return;
        }
        let text = match block.title.get() {
            Some(title) => format!("{title}\n{text}"),
            None => text,
        };
        if by == SaidBy::Program {
            self.injected.push(text);
        } else {
            self.said.push(text);
        }
    }

    fn call(&mut self, memo: &mut SessionState, block: &BlockFields<'_>) {
        let (id, name) = (block.id.as_str(), block.name.as_str());
        let input = block.input.map_or_else(String::new, json_text);
        let arguments: CallArguments<'_> = serde_json::from_str(&input).unwrap_or_default();
        self.files.extend(file_touch(name, &arguments));
        let arguments = arguments.fingerprints();
        let call = ToolCall {
            id: id.to_owned(),
            name: name.to_owned(),
            input,
        };
        memo.call(id, is_memory_call(&call), arguments);
        self.tools.push(call);
    }

    fn result(&mut self, memo: &mut SessionState, block: &BlockFields<'_>) {
        let call = memo
            .answered(block.tool_use_id.as_str())
            .unwrap_or_default();
        self.arguments.extend(call.arguments);
        let mut texts = Vec::new();
        match &block.content {
            MessageContent::Absent => {}
            MessageContent::Text(text) => texts.push(tool_output(text)),
            MessageContent::Object(json) => texts.push(json.clone()),
            MessageContent::Blocks(blocks) => {
                for ContentBlock(part) in blocks {
                    match part.kind.as_str() {
                        "image" | "document" => self.media(part, SaidBy::Program),
                        "tool_reference" => texts.extend(part.tool_name.get().map(str::to_owned)),
                        _ => texts.extend(part.text.get().map(tool_output)),
                    }
                }
                // A document in a result is output, not something injected beside it.
                texts.append(&mut self.injected);
            }
        }
        let output = texts.join("\n");
        self.is_news |= !call.is_memory && !is_memory_answer(&output);
        self.results.push(ToolResult {
            call: block.tool_use_id.as_str().to_owned(),
            is_error: block.is_error.0,
            output,
            detail: None,
        });
    }
}

impl CallArguments<'_> {
    /// Fingerprints of the long ones among those that results repeat.
    fn fingerprints(&self) -> Vec<u64> {
        [
            &self.content,
            &self.old_string,
            &self.new_string,
            &self.prompt,
            &self.plan,
        ]
        .iter()
        .filter(|argument| argument.as_str().len() >= MIN_PRINTED_BYTES)
        .map(|argument| fingerprint(argument.as_str()))
        .collect()
    }
}

/// The file that a call is about.
fn file_touch(tool: &str, arguments: &CallArguments<'_>) -> Option<FileTouch> {
    let effect = FILE_TOOLS.iter().find(|known| known.name == tool)?.effect;
    let action = match effect {
        ToolEffect::Edit => FileAction::Edited,
        ToolEffect::Read => FileAction::Read,
        ToolEffect::Command | ToolEffect::Patch => return None,
    };
    let path = match tool {
        "NotebookEdit" | "NotebookRead" => &arguments.notebook_path,
        "Grep" | "Glob" | "LS" => &arguments.path,
        _ => &arguments.file_path,
    };
    let path = path.get().or(arguments.file_path.get())?;
    Some(FileTouch {
        path: path.to_owned(),
        action,
    })
}
