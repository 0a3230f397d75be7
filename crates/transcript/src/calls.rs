//! What calls of tools did to files. A tool's name means the same whichever source logged it: every
//! source is asked that declares a tool of the name, so that exports and the logs of assistants that
//! share tools are understood too.

use serde_json::Value;

use crate::edit::{LoggedEdit, command, patch};
use crate::{Registry, ResultEdits, Source, ToolCall, ToolEffect, ToolResult};

impl Registry {
    /// What a call did to files, in the order in which it names them; a file may come more than once.
    /// `result` is what the tool gave back, if that is known; don't ask about calls whose result is an
    /// error. A file that a patch moves is told under its new name. Empty for calls that only read, and
    /// for those that can't be understood.
    #[must_use]
    pub fn edits(self, call: &ToolCall, result: Option<&ToolResult>) -> Vec<LoggedEdit> {
        if call.input.contains(patch::BEGIN_PATCH) {
            let mut files = Vec::new();
            each_text(&call.input, &mut |text| files.extend(patch::files(text)));
            return files.into_iter().map(patch::FilePatch::into_edit).collect();
        }
        if self.runs_commands(&call.name) {
            let line = command::line(&call.input).unwrap_or_default();
            return command::edits(&line);
        }
        let editors = self.declaring(&call.name, ToolEffect::Edit);
        let mut found = editors.map(|source| source.edits(call, result));
        found.find(|edits| !edits.is_empty()).unwrap_or_default()
    }

    /// The edits that a log records in a result, for want of a call that made them; `None` if there are
    /// none. Ask only about results in messages with [`Message::files`](crate::Message::files): there no
    /// call told of the edits, so that none counts twice.
    #[must_use]
    pub fn result_edits(self, result: &ToolResult) -> Option<ResultEdits> {
        let mut sources = self.all().iter();
        sources.find_map(|source| source.result_edits(result))
    }

    /// Old and new path of each file that a call moves: by `mv` or `git mv` with two paths in the first
    /// 200 lines of a command line, or by a patch in the form `*** Begin Patch`. Paths are as the call has
    /// them; those of a command line stand below the directories that it changes to with `cd`.
    #[must_use]
    pub fn renames(self, call: &ToolCall) -> Vec<(String, String)> {
        if self.runs_commands(&call.name) && !call.input.contains(patch::BEGIN_PATCH) {
            let line = command::line(&call.input);
            return line.map(|line| command::renames(&line)).unwrap_or_default();
        }
        let mut renames = Vec::new();
        if call.input.contains(patch::MOVE_TO) {
            each_text(&call.input, &mut |text| {
                let files = patch::files(text).into_iter();
                renames.extend(files.filter_map(|file| Some((file.path, file.moved_to?))));
            });
        }
        renames
    }

    /// Whether a call may move files, told at little cost: if `false`, [`Registry::renames`] has nothing.
    #[must_use]
    pub fn may_rename(call: &ToolCall) -> bool {
        call.input.contains("mv ") || call.input.contains(patch::MOVE_TO)
    }

    /// Whether a tool of this name, as logs spell it, runs a command line ([`ToolEffect::Command`]) by
    /// what any source declares; upper and lower case count.
    #[must_use]
    pub fn runs_commands(self, tool: &str) -> bool {
        self.declaring(tool, ToolEffect::Command).next().is_some()
    }

    /// The names of all tools that have one of these effects, source by source. A name that two sources
    /// declare comes twice.
    pub fn tools_with(self, effects: &[ToolEffect]) -> impl Iterator<Item = &'static str> {
        let tools = self.all().iter().flat_map(|source| source.tools());
        let tools = tools.filter(|tool| effects.contains(&tool.effect));
        tools.map(|tool| tool.name)
    }

    /// The sources that declare a tool of this name with this effect.
    fn declaring(self, name: &str, effect: ToolEffect) -> impl Iterator<Item = Source> {
        let sources = self.all().iter().copied();
        sources.filter(move |source| {
            let mut tools = source.tools().iter();
            tools.any(|tool| tool.name == name && tool.effect == effect)
        })
    }
}

/// Deeper values than this hold no patch.
const MAX_PATCH_DEPTH: usize = 8;

/// Hands over every text in arguments, which are JSON text.
fn each_text(arguments: &str, each: &mut dyn FnMut(&str)) {
    if let Ok(value) = serde_json::from_str(arguments) {
        strings(&value, 0, each);
    }
}

fn strings(value: &Value, depth: usize, each: &mut dyn FnMut(&str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) if depth < MAX_PATCH_DEPTH => {
            items.iter().for_each(|item| strings(item, depth + 1, each));
        }
        Value::Object(entries) if depth < MAX_PATCH_DEPTH => {
            entries
                .values()
                .for_each(|entry| strings(entry, depth + 1, each));
        }
        _ => {}
    }
}
