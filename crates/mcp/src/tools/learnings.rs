//! What was learnt in a session.

use memory::{Learnings, LearningsRequest, Reflection, ReflectionFilter};
use serde_json::{Value, json};
use wire::markup::{Markup, cut, line};
use wire::when;

use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM, limit};
use crate::call::{McpCall, QUOTED_NOTE, ToolAnswer};
use crate::list::{fit, joined};
use crate::params::{ParamKind, ToolArguments, optional, required};
use crate::refusal::Refusal;

pub(super) const GET_SESSION_LEARNINGS: McpTool = McpTool {
    name: "get_session_learnings",
    aliases: &[],
    title: "What a session taught",
    about: "Use to take up a session again, or to see what earlier iterations of it found out: its \
            stored insights, outcomes, commits and edited files.",
    params: &[
        required("session_id", ParamKind::Text(512), ""),
        optional("limit", limit(50), ""),
        PROJECT_PARAM,
    ],
    is_core: false,
    effect: ArchiveEffect::Reads,
    run: get_session_learnings,
};

/// Something that was learnt.
struct SessionLearning {
    iteration: String,
    time: String,
    content: String,
    tags: Vec<String>,
}

fn get_session_learnings(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    let session = args.needed("session_id")?.trim();
    let limit = args.whole("limit");
    call.catch_up();
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let Some(scope) = place.scope() else {
            return Ok(nothing(session));
        };
        let filter = ReflectionFilter {
            tag: Some(format!("session_{session}")),
            limit,
            ..ReflectionFilter::new(scope.clone())
        };
        let stored = archive.reflections(&filter)?;
        let request = LearningsRequest {
            session: session.to_owned(),
            scope,
            limit,
        };
        // Insights may be filed under a session that was never imported.
        let learnt = match archive.learnings(&request) {
            Ok(learnt) => Some(learnt),
            Err(memory::ArchiveError::NoConversation(_)) => None,
            Err(error) => return Err(error.into()),
        };
        if stored.is_empty() && learnt.as_ref().is_none_or(is_empty) {
            return Ok(nothing(session));
        }
        Ok(answer(call, session, &stored, learnt.as_ref()))
    })
}

fn is_empty(learnt: &Learnings) -> bool {
    learnt.outcomes.is_empty()
        && learnt.summaries.is_empty()
        && learnt.commits.is_empty()
        && learnt.files.is_empty()
}

fn nothing(session: &str) -> ToolAnswer {
    let session = cut(&line(session), 100);
    let mut text = Markup::of("<session_learnings>\n");
    text.element("session_id", &session).fixed(
        "\n<count>0</count>\n<message>No learnings stored yet for this session.</message>\n\
         </session_learnings>",
    );
    ToolAnswer::new(
        text,
        json!({"session_id": session, "count": 0, "learnings": []}),
    )
}

fn of_reflection(reflection: &Reflection) -> SessionLearning {
    let iteration = reflection
        .tags
        .iter()
        .find_map(|tag| tag.strip_prefix("iteration_"));
    SessionLearning {
        iteration: iteration.unwrap_or("unknown").to_owned(),
        time: when::time(Some(reflection.created)).unwrap_or_default(),
        content: reflection.content.clone(),
        tags: reflection.tags.clone(),
    }
}

/// What was stated or reached is a learning too, though nobody stored it.
fn of_session(learnt: &Learnings) -> Vec<SessionLearning> {
    let learning = |time, content: &str, tag: &str| SessionLearning {
        iteration: "unknown".to_owned(),
        time: when::time(time).unwrap_or_default(),
        content: content.to_owned(),
        tags: vec![tag.to_owned()],
    };
    let outcomes = learnt.outcomes.iter().map(|outcome| {
        let tag = if outcome.is_stated {
            "stated"
        } else {
            "outcome"
        };
        learning(outcome.time, &outcome.text, tag)
    });
    let summaries = learnt.summaries.iter();
    let summaries = summaries.map(|quote| learning(quote.time, &quote.text, "summary"));
    outcomes.chain(summaries).collect()
}

fn answer(
    call: &McpCall,
    session: &str,
    stored: &[Reflection],
    learnt: Option<&Learnings>,
) -> ToolAnswer {
    let mut learnings: Vec<SessionLearning> = stored.iter().map(of_reflection).collect();
    // As they were learnt.
    learnings.reverse();
    learnings.extend(learnt.map(of_session).unwrap_or_default());
    let commits: Vec<String> = learnt
        .iter()
        .flat_map(|learnt| &learnt.commits)
        .map(|(hash, subject)| cut(&line(&format!("{hash} {subject}")), 100))
        .take(8)
        .collect();
    let files = learnt.iter().flat_map(|learnt| &learnt.files);
    let files: Vec<&str> = files.map(|(path, _)| path.as_str()).take(8).collect();
    let fitted = fit(&learnings, call.budget().keep_back(600), |_, learning| {
        write(learning)
    });
    let session = cut(&line(session), 100);
    let mut text = Markup::new();
    text.open("session_learnings", &[("note", &QUOTED_NOTE)])
        .fixed("\n")
        .element("session_id", &session)
        .fixed("\n")
        .element("count", fitted.lines.len())
        .fixed("\n<learnings>\n")
        .append_all(&fitted.lines)
        .fixed("</learnings>\n")
        .short("commits", &commits.join("; "), 500)
        .short("files", &joined(files.iter().copied()), 500)
        .close("session_learnings");
    ToolAnswer::new(
        text,
        json!({
            "note": QUOTED_NOTE, "session_id": session, "count": fitted.values.len(),
            "learnings": fitted.values, "commits": commits, "files": files,
        }),
    )
}

fn write(learning: &SessionLearning) -> (Markup, Value) {
    let content = cut(&line(&learning.content), 500);
    let mut text = Markup::new();
    text.open("learning", &[("iteration", &cut(&learning.iteration, 20))])
        .fixed("\n")
        .short("timestamp", &learning.time, 40)
        .short("content", &content, 500)
        .short("tags", &learning.tags.join(", "), 200)
        .close("learning")
        .fixed("\n");
    let value = json!({
        "iteration": learning.iteration, "timestamp": learning.time, "content": content,
        "tags": learning.tags,
    });
    (text, value)
}
