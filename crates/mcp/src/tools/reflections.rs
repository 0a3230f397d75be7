//! Insights: storing them, and saying what became of them.

use jiff::Zoned;
use memory::{
    Mark, MarkStatus, NewReflection, Reflection, ReflectionChange, ReflectionFilter, Role, Scope,
};
use serde_json::{Value, json};
use wire::markup::{Markup, cut, line};
use wire::when;

use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM, limit};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::hits::resolution;
use crate::list::fit;
use crate::params::{ParamKind, ToolArguments, ToolParam, optional, required};
use crate::refusal::Refusal;
use crate::scope::CallScope;

const CONTENT_KIND: ParamKind = ParamKind::Text(64 << 10);
const TAGS_KIND: ParamKind = ParamKind::Texts(32, 256);
const ID_PARAM: ToolParam = required("id", ParamKind::Text(512), "of the reflection");

/// Statuses as Self-Reflect calls them, and ours.
const STATUS_KIND: ParamKind =
    ParamKind::Choice(&["resolved", "still_open", "regressed", "open", "superseded"]);

pub(super) const STORE_REFLECTION: McpTool = McpTool {
    name: "store_reflection",
    aliases: &[],
    title: "Store an insight",
    about: "Use when something was learnt that a later conversation should know: a decision with its \
            reason, the cause of an error, a preference. One to three sentences that stand alone.",
    params: &[
        required("content", CONTENT_KIND, ""),
        optional("tags", TAGS_KIND, ""),
    ],
    is_core: true,
    effect: ArchiveEffect::Adds,
    run: store_reflection,
};

pub(super) const LIST_REFLECTIONS: McpTool = McpTool {
    name: "list_reflections",
    aliases: &[],
    title: "Stored insights",
    about: "Use to look through stored insights, by tag or status, rather than to search them.",
    params: &[
        optional("tag", ParamKind::Text(256), ""),
        optional(
            "status",
            ParamKind::Choice(&["any", "open", "resolved", "superseded"]),
            "",
        ),
        optional("limit", limit(10), ""),
        PROJECT_PARAM,
    ],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: list_reflections,
};

pub(super) const EDIT_REFLECTION: McpTool = McpTool {
    name: "edit_reflection",
    aliases: &[],
    title: "Change a stored insight",
    about: "Use when a stored insight is worded wrongly; where it no longer holds, mark it with \
            csr_resolve instead.",
    params: &[
        ID_PARAM,
        optional("content", CONTENT_KIND, "what it is to say"),
        optional("tags", TAGS_KIND, "all its tags"),
        PROJECT_PARAM,
    ],
    is_core: false,
    effect: ArchiveEffect::Changes,
    run: edit_reflection,
};

pub(super) const DELETE_REFLECTION: McpTool = McpTool {
    name: "delete_reflection",
    aliases: &[],
    title: "Delete a stored insight",
    about: "Use when the person wants a stored insight gone. It can't be brought back.",
    params: &[ID_PARAM, PROJECT_PARAM],
    is_core: false,
    effect: ArchiveEffect::Changes,
    run: delete_reflection,
};

pub(super) const CSR_RESOLVE: McpTool = McpTool {
    name: "csr_resolve",
    aliases: &["resolve"],
    title: "Say what became of something",
    about: "Use after checking whether something found in a search still holds: marks messages or \
            reflections as resolved, still open, regressed or superseded, which later searches heed.",
    params: &[
        required(
            "chunk_ids",
            ParamKind::Texts(1000, 512),
            "ids of messages or reflections",
        ),
        required("status", STATUS_KIND, ""),
        required("evidence", ParamKind::Text(16 << 10), "what shows it"),
        optional(
            "claim",
            ParamKind::Text(16 << 10),
            "which of its claims is meant",
        ),
        PROJECT_PARAM,
    ],
    is_core: false,
    effect: ArchiveEffect::Adds,
    run: csr_resolve,
};

/// What the ids of a call may name: what stands elsewhere is as if it weren't there.
fn scope(
    call: &McpCall,
    archive: &memory::Archive,
    args: &ToolArguments,
) -> Result<Scope, Refusal> {
    let place = call.place(archive, args)?;
    Ok(place.scope().unwrap_or(Scope::Nothing))
}

/// Who stores: the client's program, as it calls itself.
fn author(call: &McpCall) -> Option<String> {
    let name = cut(&line(&call.client), 120);
    (!name.is_empty()).then_some(name)
}

fn store_reflection(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let content = args.needed("content")?;
    let answer = call.archive(|archive| {
        let place = match call.whereabouts.resolve(archive, None)? {
            CallScope::Project(name) => memory::ReflectionProject::Project(name),
            CallScope::Unknown(directory) if call.whereabouts.is_local() => {
                memory::ReflectionProject::Directory(directory)
            }
            // What a client elsewhere calls its directory makes no project of one here.
            CallScope::Unknown(_) | CallScope::All => memory::ReflectionProject::Nowhere,
        };
        let stored = archive.reflect(&NewReflection {
            content: content.to_owned(),
            tags: args.texts("tags"),
            place,
            role: Role::Assistant,
            author: author(call),
            now: call.now(),
            ..NewReflection::default()
        })?;
        let tags = if stored.tags.is_empty() {
            "none".to_owned()
        } else {
            stored.tags.join(", ")
        };
        let mut text = Markup::of("Reflection stored successfully with tags: ");
        text.text(line(&tags));
        Ok(ToolAnswer::new(
            text,
            json!({"id": stored.id, "tags": stored.tags, "project": stored.project}),
        ))
    })?;
    call.embed_newest();
    Ok(answer)
}

/// A reflection as lists have it.
pub(super) fn write(reflection: &Reflection, characters: usize, now: &Zoned) -> (Markup, Value) {
    let content = cut(&line(&reflection.content), characters);
    let status = reflection.status.as_ref();
    let created = when::date(reflection.created, now);
    let mut text = Markup::new();
    text.open("reflection", &[("id", &reflection.id), ("date", &created)])
        .fixed("\n")
        .short("content", &content, characters)
        .short("tags", &reflection.tags.join(", "), 200)
        .short(
            "resolution",
            &status
                .map(|marking| resolution(marking, now))
                .unwrap_or_default(),
            200,
        )
        .close("reflection")
        .fixed("\n");
    let value = json!({
        "id": reflection.id, "date": created, "project": reflection.project,
        "content": content, "tags": reflection.tags,
        "status": status.map(|marking| marking.status.name()),
    });
    (text, value)
}

fn list_reflections(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let reflections = match place.scope() {
            None => Vec::new(),
            Some(scope) => archive.reflections(&ReflectionFilter {
                tag: args.text("tag").map(str::to_owned),
                status: MarkStatus::from_name(args.choice("status")),
                limit: args.whole("limit"),
                ..ReflectionFilter::new(scope)
            })?,
        };
        let now = call.local_time();
        let fitted = fit(&reflections, call.budget().keep_back(80), |_, one| {
            write(one, 600, &now)
        });
        let mut text = Markup::new();
        text.open(
            "reflections",
            &[("count", &reflections.len()), ("note", &QUOTED_NOTE)],
        )
        .fixed("\n")
        .append_all(&fitted.lines)
        .close("reflections");
        let mut answer = ToolAnswer::new(
            text,
            json!({"note": QUOTED_NOTE, "scope": place.name(), "reflections": fitted.values}),
        );
        if fitted.is_cut {
            answer.note("not all fit; a tag or a smaller limit narrows them");
        }
        Ok(answer)
    })
}

fn edit_reflection(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let tags = args.has("tags").then(|| args.texts("tags"));
    let content = args.text("content").map(str::to_owned);
    if tags.is_none() && content.is_none() {
        return Err(Refusal::Params(
            "edit_reflection needs `content` or `tags`".to_owned(),
        ));
    }
    call.archive(|archive| {
        let scope = scope(call, archive, args)?;
        let change = ReflectionChange {
            content,
            tags,
            now: call.now(),
        };
        let id = args.needed("id")?.trim();
        let changed = archive
            .edit_reflection(id, &scope, &change)
            .map_err(|error| Refusal::within(&scope, error))?;
        let mut text = Markup::of("Reflection ");
        text.text(&changed.id).fixed(" changed");
        Ok(ToolAnswer::new(
            text,
            json!({"id": changed.id, "tags": changed.tags}),
        ))
    })
}

fn delete_reflection(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    call.archive(|archive| {
        let scope = scope(call, archive, args)?;
        let id = args.needed("id")?.trim();
        let deleted = archive
            .delete_reflection(id, &scope)
            .map_err(|error| Refusal::within(&scope, error))?;
        let mut text = Markup::of("Reflection ");
        text.text(&deleted.id).fixed(" deleted");
        Ok(ToolAnswer::new(text, json!({"id": deleted.id})))
    })
}

fn csr_resolve(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let ids = args.texts("chunk_ids");
    if ids.is_empty() {
        return Err(Refusal::Params("chunk_ids must not be empty".to_owned()));
    }
    let evidence = args
        .text("evidence")
        .ok_or_else(|| Refusal::Params("evidence must not be empty".to_owned()))?;
    let asked = args.choice("status");
    let (status, evidence) = match asked {
        "resolved" => (MarkStatus::Resolved, evidence.to_owned()),
        "superseded" => (MarkStatus::Superseded, evidence.to_owned()),
        "regressed" => (MarkStatus::Open, format!("regressed: {evidence}")),
        _ => (MarkStatus::Open, evidence.to_owned()),
    };
    call.archive(|archive| {
        let scope = scope(call, archive, args)?;
        let mark = Mark {
            ids,
            scope: scope.clone(),
            status,
            evidence: Some(evidence),
            claim: args.text("claim").map(str::to_owned),
            who: author(call),
            now: call.now(),
        };
        let marked = archive
            .mark(&mark)
            .map_err(|error| Refusal::within(&scope, error))?;
        let ids: Vec<&str> = marked.iter().map(|marked| marked.id.as_str()).collect();
        let mut text = Markup::of("recorded ");
        text.text(marked.len()).fixed(" verdict(s): ").text(asked);
        Ok(ToolAnswer::new(
            text,
            json!({"recorded": marked.len(), "status": asked, "ids": ids}),
        ))
    })
}
