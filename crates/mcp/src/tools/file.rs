//! What was done to a file, and in which conversations.

use memory::{FileAction, FileRequest, FileUse};
use serde_json::{Value, json};
use wire::markup::{Markup, cut, line};
use wire::when;

use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM, limit};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::list::{counted, fit};
use crate::params::{ParamKind, ToolArguments, optional, required};
use crate::refusal::Refusal;
use crate::scope::CallScope;

/// Characters of what was said near a touch.
const MAX_PREVIEW_CHARS: usize = 200;

pub(super) const SEARCH_BY_FILE: McpTool = McpTool {
    name: "search_by_file",
    aliases: &["csr_search_by_file"],
    title: "Conversations about a file",
    about: "Use before changing a file, or when asked about its past: which conversations read or \
            edited it and what was said there. `file_path` may be the end of a path or a pattern \
            (*.py); earlier names are found through git.",
    params: &[
        required("file_path", ParamKind::Text(4096), ""),
        optional("limit", limit(10), ""),
        PROJECT_PARAM,
    ],
    is_core: true,
    effect: ArchiveEffect::Reads,
    run: search_by_file,
};

fn search_by_file(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let path = args.needed("file_path")?;
    call.catch_up();
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let Some(scope) = place.scope() else {
            return Ok(nothing(path, &place));
        };
        // Git is asked about the project's own repository, and no other that a client names.
        let directory = match &place {
            CallScope::Project(name) => call.whereabouts.directory_in(archive, name)?,
            _ => None,
        };
        let request = FileRequest {
            path: path.to_owned(),
            directory,
            scope,
            action: None,
            user_home: call.whereabouts.user_home(),
            limit: args.whole("limit"),
            since: None,
            until: None,
        };
        let history = archive.file_history(&request)?;
        if history.uses.is_empty() {
            return Ok(nothing(path, &place));
        }
        let budget = call.budget().keep_back(180);
        let fitted = fit(&history.uses, budget, |index, found| {
            write(index + 1, found)
        });
        let named = history.paths.first().map_or(path, String::as_str);
        let mut text = Markup::new();
        text.open("search_by_file", &[("note", &QUOTED_NOTE)])
            .fixed("\n")
            .element("query", cut(path, 300))
            .fixed("\n")
            .element("normalized_path", cut(named, 300))
            .fixed("\n")
            .element("count", history.conversations)
            .fixed("\n");
        if !history.renamed_from.is_empty() {
            let names = cut(&history.renamed_from.join(", "), 300);
            text.short("renamed_from", &names, 300);
        }
        text.fixed("<results>\n")
            .append_all(&fitted.lines)
            .fixed("</results>\n")
            .close("search_by_file");
        Ok(ToolAnswer::new(
            text,
            json!({
                "note": QUOTED_NOTE, "query": cut(path, 300), "scope": place.name(),
                "count": history.conversations, "shown": fitted.values.len(),
                "renamed_from": history.renamed_from, "results": fitted.values,
            }),
        ))
    })
}

fn nothing(path: &str, place: &CallScope) -> ToolAnswer {
    let path = cut(path, 300);
    let mut text = Markup::of("<search_by_file>\n");
    text.element("query", &path)
        .fixed("\n")
        .element("normalized_path", &path)
        .fixed(
            "\n<message>No conversations found that analyzed this file</message>\n\
             </search_by_file>",
        );
    ToolAnswer::new(
        text,
        json!({"query": path, "scope": place.name(), "count": 0, "results": []}),
    )
}

fn write(rank: usize, found: &FileUse) -> (Markup, Value) {
    let action = match found.action {
        FileAction::Edited => "edited",
        FileAction::Read => "analyzed",
    };
    let tools = counted(
        found
            .tools
            .iter()
            .map(|(name, count)| (name.as_str(), *count)),
    );
    let preview = cut(&line(&found.excerpt), MAX_PREVIEW_CHARS);
    let title = cut(&line(&found.title), 80);
    let mut text = Markup::new();
    text.open("result", &[("rank", &rank)]).fixed("\n");
    for (name, value) in [
        ("conversation_id", found.conversation_id.as_str()),
        ("project", &found.project),
        ("timestamp", &when::time(found.last).unwrap_or_default()),
        ("action", action),
        ("tools_used", &tools),
        ("title", &title),
        ("preview", &preview),
    ] {
        text.short(name, value, 300);
    }
    text.close("result").fixed("\n");
    let value = json!({
        "conversation_id": found.conversation_id, "message_id": found.message_id,
        "project": found.project, "date": when::time(found.last), "action": action,
        "reads": found.reads, "edits": found.edits, "title": title, "preview": preview,
    });
    (text, value)
}
