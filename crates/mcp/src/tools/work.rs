//! What was worked on, and when.

use jiff::Zoned;
use memory::{
    Granularity, GroupBy, Period, RecentRequest, ReflectionFilter, TimelineRequest, WorkGroup,
};
use serde_json::{Value, json};
use wire::markup::{Attributes, Markup, cut, line};
use wire::when;

use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM, limit};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::hits::age;
use crate::list::{fit, joined};
use crate::params::{ParamKind, ToolArguments, optional};
use crate::refusal::Refusal;
use crate::span;

/// Characters of a preview.
const MAX_PREVIEW_CHARS: usize = 200;

/// Reflections that are told beside recent work.
const MAX_REFLECTIONS: usize = 5;

pub(super) const GET_RECENT_WORK: McpTool = McpTool {
    name: "get_recent_work",
    aliases: &[],
    title: "Recent work",
    about: "Use at the start, or when asked \"where did we stop\", \"what did I do yesterday\": the \
            latest conversations with what was asked, answered, edited and left open, and recent \
            reflections.",
    params: &[
        optional("limit", limit(10), ""),
        PROJECT_PARAM,
        optional("include_reflections", ParamKind::Switch(true), ""),
        optional(
            "group_by",
            ParamKind::Choice(&["conversation", "day", "session"]),
            "",
        ),
    ],
    is_core: true,
    effect: ArchiveEffect::Reads,
    run: get_recent_work,
};

pub(super) const GET_TIMELINE: McpTool = McpTool {
    name: "get_timeline",
    aliases: &[],
    title: "Timeline of work",
    about: "Use for questions of when and how much: activity per hour, day, week or month in a span \
            of time, with topics and files.",
    params: &[
        optional("time_range", ParamKind::Text(100), "default \"last week\""),
        PROJECT_PARAM,
        optional(
            "granularity",
            ParamKind::Choice(&["day", "hour", "week", "month"]),
            "",
        ),
        optional("include_stats", ParamKind::Switch(true), ""),
    ],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: get_timeline,
};

fn get_recent_work(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let (group_by, plural) = match args.choice("group_by") {
        "day" => (GroupBy::Day, "days"),
        "session" => (GroupBy::Session, "sessions"),
        _ => (GroupBy::Conversation, "conversations"),
    };
    call.catch_up();
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let now = call.local_time();
        let Some(scope) = place.scope() else {
            let mut text = Markup::new();
            text.open("recent_work", &[(plural, &0)])
                .fixed("\n</recent_work>");
            return Ok(ToolAnswer::new(
                text,
                json!({"scope": place.name(), "work": [], "reflections": []}),
            ));
        };
        let request = RecentRequest {
            scope: scope.clone(),
            limit: args.whole("limit"),
            group_by,
            since: None,
            until: None,
            now: call.now(),
            zone: now.time_zone().clone(),
        };
        let recent = archive.recent(&request)?;
        let reflections = if args.switch("include_reflections") {
            archive.reflections(&ReflectionFilter {
                limit: MAX_REFLECTIONS,
                ..ReflectionFilter::new(scope)
            })?
        } else {
            Vec::new()
        };
        let insights = fit(&reflections, call.budget().share(4), |_, reflection| {
            super::reflections::write(reflection, MAX_PREVIEW_CHARS, &now)
        });
        let budget = call
            .budget()
            .keep_back(120)
            .share_left(&insights.lines, &insights.values);
        let fitted = fit(&recent.groups, budget, |_, group| {
            work(group, group_by, &now)
        });
        let mut text = Markup::new();
        text.open(
            "recent_work",
            &[(plural, &fitted.lines.len()), ("note", &QUOTED_NOTE)],
        )
        .fixed("\n")
        .append_all(&fitted.lines);
        if !insights.lines.is_empty() {
            text.fixed("<reflections>\n")
                .append_all(&insights.lines)
                .fixed("</reflections>\n");
        }
        text.close("recent_work");
        Ok(ToolAnswer::new(
            text,
            json!({
                "note": QUOTED_NOTE, "scope": place.name(), "work": fitted.values,
                "reflections": insights.values,
            }),
        ))
    })
}

fn work(group: &WorkGroup, group_by: GroupBy, now: &Zoned) -> (Markup, Value) {
    let asked = group
        .asked
        .as_ref()
        .map(|quote| cut(&line(&quote.text), MAX_PREVIEW_CHARS));
    let answered = group
        .answered
        .as_ref()
        .map(|quote| cut(&line(&quote.text), MAX_PREVIEW_CHARS));
    let ended = group.ended.map(|time| age(time, now)).unwrap_or_default();
    let project = joined(group.projects.iter().map(String::as_str));
    let id = group
        .conversations
        .first()
        .map_or("", |(id, _)| id.as_str());
    let minutes = match (group.started, group.ended) {
        (Some(started), Some(ended)) => (ended - started).max(0) / 60_000,
        _ => 0,
    };
    let count = group.conversation_count;
    let mut text = Markup::new();
    let name = match group_by {
        GroupBy::Day => {
            let day = group.day.as_deref().unwrap_or_default();
            text.open("day", &[("date", &day), ("conversations", &count)]);
            "day"
        }
        GroupBy::Session => {
            let duration = format!("{minutes}min");
            let attributes: Attributes<'_> = &[
                ("time", &ended),
                ("duration", &duration),
                ("project", &project),
            ];
            text.open("session", attributes);
            "session"
        }
        GroupBy::Conversation => {
            let attributes: Attributes<'_> =
                &[("id", &id), ("time", &ended), ("project", &project)];
            text.open("conversation", attributes);
            "conversation"
        }
    };
    text.fixed("\n");
    let title = cut(&line(&group.title), 80);
    let topics = joined(group.topics.iter().copied());
    let files = joined(group.files.iter().map(String::as_str));
    for (name, value) in [
        (
            "date",
            group
                .ended
                .map(|time| when::date(time, now))
                .unwrap_or_default()
                .as_str(),
        ),
        ("title", &title),
        ("asked", asked.as_deref().unwrap_or_default()),
        ("preview", answered.as_deref().unwrap_or_default()),
        ("open", group.open.map_or("", |open| open.name())),
        ("topics", &topics),
        ("files", &files),
    ] {
        text.short(name, value, 300);
    }
    text.close(name).fixed("\n");
    let ids: Vec<&str> = group
        .conversations
        .iter()
        .map(|(id, _)| id.as_str())
        .collect();
    let mut value = json!({
        "conversation_ids": ids, "title": title, "projects": group.projects,
        "started": when::time(group.started), "ended": when::time(group.ended),
        "messages": group.messages, "asked": asked, "answered": answered, "files": group.files,
    });
    if let Some(open) = group.open {
        value["open"] = json!(open.name());
    }
    if let Some(day) = &group.day {
        value["day"] = json!(day);
    }
    (text, value)
}

fn get_timeline(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let range = args.text("time_range").unwrap_or("last week");
    let now = call.local_time();
    let (since, until) = span::bounds(Some(range), None, None, &now)?;
    let granularity =
        Granularity::from_name(args.choice("granularity")).unwrap_or(Granularity::Day);
    call.catch_up();
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let nothing = || {
            ToolAnswer::new(
                Markup::of("<timeline>No activity found in the specified time range.</timeline>"),
                json!({"scope": place.name(), "periods": []}),
            )
        };
        let Some(scope) = place.scope() else {
            return Ok(nothing());
        };
        let stats = args.switch("include_stats");
        let request = TimelineRequest {
            scope,
            since,
            until,
            granularity,
            stats,
            zone: call.local_time().time_zone().clone(),
        };
        let timeline = archive.timeline(&request)?;
        let (Some(first), Some(last)) = (timeline.periods.first(), timeline.periods.last()) else {
            return Ok(nothing());
        };
        let mut fitted = fit(
            timeline.periods.iter().rev(),
            call.budget().keep_back(120),
            |_, one| period(one, stats),
        );
        // The latest fit first, and are read in their order.
        fitted.lines.reverse();
        fitted.values.reverse();
        let range = format!(
            "{} to {}",
            when::date(first.first, &now),
            when::date(last.last, &now)
        );
        let attributes: Attributes<'_> = &[
            ("range", &range),
            ("periods", &timeline.periods.len()),
            ("note", &QUOTED_NOTE),
        ];
        let mut text = Markup::new();
        text.open("timeline", attributes)
            .fixed("\n")
            .append_all(&fitted.lines)
            .close("timeline");
        let mut answer = ToolAnswer::new(
            text,
            json!({
                "note": QUOTED_NOTE, "scope": place.name(), "granularity": granularity.name(),
                "messages": timeline.total.messages,
                "conversations": timeline.total.conversations, "periods": fitted.values,
            }),
        );
        if fitted.is_cut {
            answer.note("only the latest periods fit; a coarser granularity shows all");
        }
        Ok(answer)
    })
}

fn period(period: &Period, stats: bool) -> (Markup, Value) {
    let activity = &period.activity;
    let projects = joined(
        period
            .projects
            .iter()
            .map(|(name, _)| name.as_str())
            .take(3),
    );
    let attributes: Attributes<'_> = &[
        ("key", &period.key),
        ("conversations", &activity.conversations),
        ("projects", &projects),
    ];
    let mut text = Markup::new();
    text.open("period", attributes).fixed("\n");
    let topics = joined(period.topics.iter().map(|(name, _)| *name));
    let files = joined(period.files.iter().map(|(name, _)| name.as_str()));
    let mut value = json!({
        "key": period.key, "messages": activity.messages, "prompts": activity.prompts,
        "conversations": activity.conversations,
        "projects": period.projects.iter().map(|(name, one)| json!({
            "name": name, "messages": one.messages,
        })).take(3).collect::<Vec<_>>(),
    });
    if stats {
        let attributes: Attributes<'_> = &[
            ("messages", &activity.messages),
            ("unique_files", &activity.files_edited),
            ("unique_concepts", &period.topics.len()),
        ];
        text.empty("stats", attributes)
            .fixed("\n")
            .short("top_topics", &topics, 200)
            .short("active_files", &files, 300);
        value["files_edited"] = json!(activity.files_edited);
        value["topics"] = json!(
            period
                .topics
                .iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        );
        value["files"] = json!(
            period
                .files
                .iter()
                .map(|(name, _)| name)
                .collect::<Vec<_>>()
        );
    }
    text.close("period").fixed("\n");
    (text, value)
}
