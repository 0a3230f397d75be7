//! Tool calls of rollout files and what they gave back.

use std::collections::{BTreeSet, HashSet};

use serde_json::value::RawValue;
use serde_json::{Map, Value};

use super::edits::FILE_TOOLS;
use super::record::{
    CommandArguments, OutputMetadata, ReadArguments, RolloutPayload, WrappedOutput,
};
use super::shell;
use crate::bounds;
use crate::content::{ContentBlock, MessageContent, attachment};
use crate::json::{JsonEntries, JsonFlag, JsonText, json_text, whole_surrogates};
use crate::{Attachment, FileAction, FileTouch, ToolCall, ToolEffect, ToolResult, command};

/// What the lines of a patch that name a file start with.
const PATCHED_FILE_STARTS: [&str; 4] = [
    "*** Add File: ",
    "*** Update File: ",
    "*** Delete File: ",
    "*** Move to: ",
];

/// A call that is made in a directory, and the files that it touches.
pub(super) fn call(payload: &RolloutPayload<'_>, cwd: &str) -> (ToolCall, Vec<FileTouch>) {
    let input = [payload.arguments, payload.input, payload.action]
        .into_iter()
        .flatten()
        .next();
    let input = input.map(arguments).unwrap_or_default();
    let name = name(payload);
    let files = files(&name, &input, cwd);
    let id = payload
        .call_id
        .get()
        .unwrap_or(payload.id.as_str())
        .to_owned();
    (ToolCall { id, name, input }, files)
}

fn name(payload: &RolloutPayload<'_>) -> String {
    let function = payload.function.0.as_ref();
    let named = payload
        .name
        .get()
        .or_else(|| function.and_then(|called| called.name.get()));
    let name = named.unwrap_or_else(|| {
        // `web_search_call`, `local_shell_call` … are tools of their own.
        payload.kind.as_str().trim_end_matches("_call")
    });
    match payload.namespace.get() {
        Some(server) => format!("{}__{name}", server.trim_end_matches('_')),
        None => name.to_owned(),
    }
}

/// Arguments as JSON text on one line. They are JSON in a string, or for tools that take plain text
/// that text in a string.
fn arguments(raw: &RawValue) -> String {
    let Ok(text) = serde_json::from_str::<String>(&whole_surrogates(raw.get())) else {
        return json_text(raw);
    };
    let is_value = text.starts_with(['{', '[']) && serde_json::from_str::<&RawValue>(&text).is_ok();
    match is_value {
        false => json_text(raw),
        true if !text.contains(['\n', '\r']) => whole_surrogates(text.trim()).into_owned(),
        true if !bounds::is_small(&text) => json_text(raw),
        true => serde_json::from_str::<Value>(&whole_surrogates(&text))
            .map_or_else(|_| json_text(raw), |value| value.to_string()),
    }
}

/// The files that a call touches. `cwd` is the directory that it is made in.
pub(super) fn files(tool: &str, input: &str, cwd: &str) -> Vec<FileTouch> {
    if input.contains("*** Begin Patch") {
        let mut patched = PatchedFiles::default();
        if bounds::is_small(input)
            && let Ok(value) = serde_json::from_str::<Value>(input)
        {
            patched.value(&value);
        }
        return patched.files;
    }
    let known = FILE_TOOLS.iter().find(|known| known.name == tool);
    match known.map(|known| known.effect) {
        Some(ToolEffect::Command) => return read_by_command(input, cwd),
        Some(ToolEffect::Read) => {}
        _ => return Vec::new(),
    }
    let arguments: ReadArguments<'_> = serde_json::from_str(input).unwrap_or_default();
    let path = [&arguments.file_path, &arguments.path, &arguments.dir_path]
        .into_iter()
        .find_map(JsonText::get);
    path.map(|path| touch(path, FileAction::Read))
        .into_iter()
        .collect()
}

/// The files that a command line reads, by their whole paths where the directory is known.
fn read_by_command(input: &str, cwd: &str) -> Vec<FileTouch> {
    let Some(line) = command::line(input) else {
        return Vec::new();
    };
    let arguments: CommandArguments<'_> = serde_json::from_str(input).unwrap_or_default();
    let directory = arguments.workdir.get().or(arguments.cwd.get());
    let directory = directory.or((!cwd.is_empty()).then_some(cwd));
    let paths = shell::reads(&line).into_iter();
    let paths = paths.map(|path| match directory {
        Some(directory) if !shell::is_absolute(&path) => {
            format!("{}/{path}", directory.trim_end_matches(['/', '\\']))
        }
        _ => path,
    });
    paths.map(|path| touch(&path, FileAction::Read)).collect()
}

/// The files that the patches in any string of a value name, each once.
#[derive(Default)]
struct PatchedFiles {
    files: Vec<FileTouch>,
    seen: HashSet<String>,
}

impl PatchedFiles {
    fn value(&mut self, value: &Value) {
        match value {
            Value::String(text) => text.lines().for_each(|line| self.line(line.trim())),
            Value::Array(items) => items.iter().for_each(|item| self.value(item)),
            Value::Object(entries) => entries.values().for_each(|entry| self.value(entry)),
            _ => {}
        }
    }

    fn line(&mut self, line: &str) {
        let path = PATCHED_FILE_STARTS
            .iter()
            .find_map(|start| line.strip_prefix(start));
        if let Some(path) = path.map(str::trim)
            && !self.seen.contains(path)
            && bounds::take_item()
        {
            self.seen.insert(path.to_owned());
            self.files.push(touch(path, FileAction::Edited));
        }
    }
}

fn touch(path: &str, action: FileAction) -> FileTouch {
    FileTouch {
        path: path.to_owned(),
        action,
    }
}

/// A result and the pictures in it.
pub(super) fn result(payload: &RolloutPayload<'_>) -> (ToolResult, Vec<Attachment>) {
    let mut attachments = Vec::new();
    let mut result = ToolResult {
        call: payload
            .call_id
            .get()
            .unwrap_or(payload.id.as_str())
            .to_owned(),
        ..ToolResult::default()
    };
    let raw = [payload.output, payload.result, payload.tools]
        .into_iter()
        .flatten()
        .next();
    let Some(raw) = raw else {
        return (result, attachments);
    };
    let content = serde_json::from_str::<MessageContent<'_>>(&whole_surrogates(raw.get()))
        .map(|content| text(&content, &mut attachments));
    match content {
        Ok(output) if !output.is_empty() || !attachments.is_empty() => unwrap(&output, &mut result),
        // Results of some tools are objects of their own.
        _ if raw.get().starts_with(['{', '[']) => result.output = json_text(raw),
        _ => {}
    }
    (result, attachments)
}

/// What a message holds: its text and the pictures in it.
fn text(content: &MessageContent<'_>, attachments: &mut Vec<Attachment>) -> String {
    match content {
        MessageContent::Absent | MessageContent::Object(_) => String::new(),
        MessageContent::Text(text) => text.clone().into_owned(),
        MessageContent::Blocks(blocks) => {
            attachments.extend(blocks.iter().filter_map(picture));
            let texts: Vec<&str> = blocks
                .iter()
                .filter_map(|ContentBlock(block)| block.text.get())
                .collect();
            texts.join("\n")
        }
    }
}

/// The picture in a block: its data goes, its description stays.
pub(super) fn picture(ContentBlock(block): &ContentBlock<'_>) -> Option<Attachment> {
    let url = block.image_url.get()?;
    let Some((media_type, data)) = url
        .strip_prefix("data:")
        .and_then(|url| url.split_once(','))
    else {
        return Some(Attachment {
            media_type: "image".to_owned(),
            bytes: 0,
        });
    };
    Some(attachment(media_type.trim_end_matches(";base64"), data))
}

/// Takes apart what versions have wrapped an output in.
fn unwrap(output: &str, result: &mut ToolResult) {
    if output.starts_with("{\"")
        && let Ok(WrappedOutput {
            output: Some(inner),
            metadata,
        }) = serde_json::from_str::<WrappedOutput<'_>>(output)
    {
        result.output = inner.into_string();
        let outcome =
            metadata.and_then(|raw| serde_json::from_str::<OutputMetadata>(raw.get()).ok());
        result.is_error = outcome
            .and_then(|outcome| outcome.exit_code)
            .is_some_and(|code| code != 0);
        result.detail = metadata.map(json_text);
        return;
    }
    let code = ["Exit code: ", "Process exited with code "]
        .iter()
        .find_map(|before| {
            let mut lines = output
                .lines()
                .take_while(|line| !line.starts_with("Output:"))
                .take(8);
            lines.find_map(|line| line.strip_prefix(before))
        });
    result.is_error = code.is_some_and(|code| code.trim() != "0");
    result.output = output.to_owned();
}

/// What an event says of a patch that no call told of.
pub(super) fn patch(payload: &RolloutPayload<'_>) -> Option<(ToolResult, Vec<FileTouch>)> {
    let changes = payload.changes?;
    let files = changed(changes.get())?
        .iter()
        .map(|path| touch(path, FileAction::Edited))
        .collect();
    let outputs = [payload.stdout.as_str(), payload.stderr.as_str()];
    let outputs: Vec<&str> = outputs
        .into_iter()
        .filter(|output| !output.is_empty())
        .collect();
    let result = ToolResult {
        call: payload.call_id.as_str().to_owned(),
        is_error: payload.success == Some(JsonFlag(false)),
        output: outputs.join("\n"),
        detail: Some(json_text(changes)),
    };
    Some((result, files))
}

/// The files that a patch changed, in the order of their paths.
fn changed(changes: &str) -> Option<BTreeSet<String>> {
    if bounds::is_small(changes) {
        let changes: Map<String, Value> = serde_json::from_str(changes).ok()?;
        return Some(changes.into_iter().map(|(path, _)| path).collect());
    }
    let JsonEntries(changes) = serde_json::from_str(changes).ok()?;
    let paths = changes.into_iter().map(|(path, _)| path.into_string());
    Some(paths.collect())
}
