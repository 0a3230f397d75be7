//! What events alone tell of an assistant's work: commands, edits, calls of MCP servers and searches in the web
//! that the model's context, or what the file has of it, doesn't name.

use serde_json::{Map, Value, json};

use super::reading::{RecordContext, RolloutReader};
use crate::bounds;
use crate::content::MessageContent;
use crate::json::json_text;
use crate::memory::{is_memory_answer, is_memory_call};
use crate::sources::codex::record::CompletedItem;
use crate::sources::codex::tools;
use crate::{FileAction, FileTouch, Message, MessageKind, Role, ToolCall, ToolResult};

impl RolloutReader {
    /// A piece of work that was done. What the model's context calls is told already, by the same id.
    pub(super) fn work_item(
        &mut self,
        item: &CompletedItem<'_>,
        context: &mut RecordContext<'_, '_>,
    ) {
        if self.memo.has_called(item.id.as_str()) {
            return;
        }
        match name_of(item).as_str() {
            "filechange" => self.file_change(item, context),
            "commandexecution" => self.command_item(item, context),
            "mcptoolcall" => self.mcp_item(item, context),
            "websearch" => self.search_item(item, context),
            _ => {}
        }
    }

    fn file_change(&mut self, item: &CompletedItem<'_>, context: &mut RecordContext<'_, '_>) {
        let id = item.id.as_str();
        if self.memo.is_patched(id) {
            return;
        }
        let Some((changes, paths)) = item.changes.and_then(|raw| changes_by_path(raw.get())) else {
            return;
        };
        self.memo.patched(id);
        let result = ToolResult {
            call: id.to_owned(),
            is_error: has_failed(item),
            output: paths.join("\n"),
            detail: Some(changes),
        };
        let files = paths.into_iter().map(|path| FileTouch {
            path,
            action: FileAction::Edited,
        });
        let message = Message {
            role: Role::Tool,
            results: vec![result],
            files: files.collect(),
            ..self.base(context)
        };
        self.emit_item(message, id, "", context);
    }

    fn command_item(&mut self, item: &CompletedItem<'_>, context: &mut RecordContext<'_, '_>) {
        let Some(command) = item.command else { return };
        let mut arguments = Map::new();
        let command: Value = serde_json::from_str(command.get()).unwrap_or_default();
        arguments.insert("command".to_owned(), command);
        if let Some(directory) = item.cwd.get() {
            arguments.insert("workdir".to_owned(), directory.into());
        }
        let code = item
            .exit_code
            .and_then(|raw| serde_json::from_str::<i64>(raw.get()).ok());
        let call = ToolCall {
            id: item.id.as_str().to_owned(),
            name: "shell_command".to_owned(),
            input: Value::Object(arguments).to_string(),
        };
        let result = ToolResult {
            call: call.id.clone(),
            is_error: code.is_some_and(|code| code != 0),
            output: item.aggregated_output.as_str().to_owned(),
            detail: code.map(|code| json!({ "exit_code": code }).to_string()),
        };
        self.called_and_answered(call, result, context);
    }

    fn mcp_item(&mut self, item: &CompletedItem<'_>, context: &mut RecordContext<'_, '_>) {
        let call = ToolCall {
            id: item.id.as_str().to_owned(),
            name: format!("mcp__{}__{}", item.server.as_str(), item.tool.as_str()),
            input: item.arguments.map(json_text).unwrap_or_default(),
        };
        let answer = item.result.or(item.error);
        let output = answer.map(|raw| {
            let content: McpAnswer<'_> = serde_json::from_str(raw.get()).unwrap_or_default();
            match super::joined(&content.content) {
                text if text.is_empty() => json_text(raw),
                text => text,
            }
        });
        let result = ToolResult {
            call: call.id.clone(),
            is_error: has_failed(item),
            output: output.unwrap_or_default(),
            detail: None,
        };
        self.called_and_answered(call, result, context);
    }

    fn search_item(&mut self, item: &CompletedItem<'_>, context: &mut RecordContext<'_, '_>) {
        let call = ToolCall {
            id: item.id.as_str().to_owned(),
            name: "web_search".to_owned(),
            input: json!({ "query": item.query.as_str() }).to_string(),
        };
        let message = Message {
            tools: vec![call],
            ..self.by_assistant(context)
        };
        self.emit_item(message, item.id.as_str(), "", context);
    }

    fn called_and_answered(
        &mut self,
        call: ToolCall,
        result: ToolResult,
        context: &mut RecordContext<'_, '_>,
    ) {
        let is_memory = is_memory_call(&call) || is_memory_answer(&result.output);
        let id = call.id.clone();
        let message = Message {
            files: tools::files(&call.name, &call.input, &self.memo.cwd),
            tools: vec![call],
            ..self.by_assistant(context)
        };
        self.emit_item(message, &id, "", context);
        let message = Message {
            role: Role::Tool,
            kind: match is_memory {
                true => MessageKind::Injected,
                false => MessageKind::Said,
            },
            results: vec![result],
            ..self.base(context)
        };
        self.emit_item(message, &id, ":result", context);
    }

    /// Emits what an event tells, under the event's own id.
    fn emit_item(
        &mut self,
        message: Message,
        item: &str,
        part: &str,
        context: &mut RecordContext<'_, '_>,
    ) {
        if item.is_empty() {
            return self.emit(message, context);
        }
        let told_of = self.told_of().to_owned();
        let id = self.memo.id_of_item(&told_of, &bounds::name(item));
        self.emit_as(format!("{id}{part}"), message, context);
    }
}

/// What an MCP server answered.
#[derive(Default, serde::Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct McpAnswer<'a> {
    content: MessageContent<'a>,
}

/// The name of an item's type in lower case: versions write `FileChange`, `fileChange` and `file_change`.
fn name_of(item: &CompletedItem<'_>) -> String {
    let name = item.kind.as_str().chars().take(40);
    let name = name.filter(|c| *c != '_').map(|c| c.to_ascii_lowercase());
    name.collect()
}

fn has_failed(item: &CompletedItem<'_>) -> bool {
    item.error.is_some_and(|raw| raw.get() != "null")
        || matches!(item.status.as_str(), "failed" | "declined")
}

/// The changes of an item by the paths of the files, as events of patches have them, and the paths.
fn changes_by_path(json: &str) -> Option<(String, Vec<String>)> {
    if !bounds::is_small(json) {
        return None;
    }
    let by_path = match serde_json::from_str(json).ok()? {
        Value::Object(by_path) => by_path,
        Value::Array(changes) => changes.iter().filter_map(change).collect(),
        _ => return None,
    };
    let paths: Vec<String> = by_path.keys().cloned().collect();
    (!paths.is_empty()).then(|| (Value::Object(by_path).to_string(), paths))
}

/// `{"path": …, "kind": {"type": "update"}, "diff": …}` as an event of a patch has it.
fn change(change: &Value) -> Option<(String, Value)> {
    let path = change.get("path")?.as_str()?.to_owned();
    let kind = change.get("kind");
    let name = kind.and_then(|kind| kind.get("type").unwrap_or(kind).as_str());
    let name = name.unwrap_or("update");
    let diff = change.get("diff").cloned().unwrap_or_default();
    let moved = kind.and_then(|kind| kind.get("move_path")).cloned();
    let told = match name {
        "add" => json!({ "type": name, "content": diff }),
        "delete" => json!({ "type": name }),
        _ => json!({ "type": name, "unified_diff": diff, "move_path": moved }),
    };
    Some((path, told))
}
