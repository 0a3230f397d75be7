//! Reading a conversation, page by page.

use recall::{Archive, ConversationView, MessageView, ReadRequest, Scope};
use serde_json::{Value, json};
use transcript::Kind as MessageKind;

use super::{Effect, PROJECT, Tool};
use crate::mcp::call::{Answer, Budget, Call, QUOTED};
use crate::mcp::cursor::Question;
use crate::mcp::hits::date;
use crate::mcp::params::{Args, Kind, optional, required};
use crate::mcp::place::Place;
use crate::mcp::refusal::Refusal;
use crate::mcp::xml::{cdata, cut, escape, line};
use crate::tokens;
use crate::wire;

/// Characters of one message that are shown before it is cut.
const LONG: usize = 4_000;

/// Characters of a tool's output: what it was asked for says more.
const OUTPUT: usize = 400;

/// Messages on either side of one that is asked for.
const AROUND: usize = 6;

/// What tokens of an answer are kept back for its head.
const HEAD: usize = 160;

pub(super) const GET_FULL_CONVERSATION: Tool = Tool {
    name: "get_full_conversation",
    aliases: &[],
    title: "Read a conversation",
    about: "Use after a search, when an excerpt isn't enough: the messages of a conversation by its \
            id (`cid`), in order, or around the message `around`. Long ones come in pages: pass \
            `cursor` on.",
    params: &[
        required("conversation_id", Kind::Text(512), ""),
        optional("around", Kind::Text(512), "a message id (`id`)"),
        optional("cursor", Kind::Text(64), ""),
        PROJECT,
    ],
    is_core: true,
    effect: Effect::Reads,
    run: get_full_conversation,
};

fn get_full_conversation(call: &Call, args: &Args) -> Result<Answer, Refusal> {
    call.catch_up();
    let id = args.needed("conversation_id")?.trim();
    let around = args.text("around");
    let question = Question::new((id, around, args.text("project")));
    let from = match args.text("cursor") {
        Some(cursor) => question.place(cursor)?,
        None => 0,
    };
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let part = Part {
            id,
            around,
            from,
            place: &place,
        };
        let read = read(archive, &part, call.budget().keep_back(HEAD))?;
        Ok(answer(&read, from, &question))
    })
}

/// Which part of a conversation to read.
pub(crate) struct Part<'a> {
    pub(crate) id: &'a str,
    pub(crate) around: Option<&'a str>,
    pub(crate) from: usize,
    pub(crate) place: &'a Place,
}

/// What was read.
pub(crate) struct Read {
    pub(crate) conversation: ConversationView,
    pub(crate) messages: Vec<Shown>,
    /// Whether more follows.
    pub(crate) is_more: bool,
}

/// A message as it is shown.
pub(crate) struct Shown {
    pub(crate) text: String,
    value: Value,
}

/// Reads messages until the budget is used up; at least one.
pub(crate) fn read(
    archive: &Archive,
    part: &Part<'_>,
    mut budget: Budget,
) -> Result<Read, Refusal> {
    let Some(scope) = part.place.scope() else {
        return Err(Refusal::Params(format!(
            "conversation `{}` is not in `{}`, of which nothing is archived; `project: \"all\"` \
             looks everywhere",
            cut(part.id, 80),
            part.place.name()
        )));
    };
    let is_scoped = scope != Scope::All;
    let request = ReadRequest {
        conversation: part.id.to_owned(),
        scope,
        around: part.around.map(|message| (message.to_owned(), AROUND)),
        from: part.from,
    };
    let (mut messages, mut is_more) = (Vec::new(), false);
    let conversation = archive
        .read(&request, &mut |view| {
            let Some(mut shown) = show(&view, LONG) else {
                // Nothing to see still counts as a step of the cursor.
                messages.push(None);
                return true;
            };
            let is_first = messages.iter().all(Option::is_none);
            if !budget.take_both(&shown.text, &shown.value) {
                is_more = !is_first;
                if is_more {
                    return false;
                }
                // One message alone is too long: as much of it as fits.
                if let Some(shorter) = show(&view, fitting(budget)) {
                    shown = shorter;
                }
                messages.push(Some(shown));
                is_more = true;
                return false;
            }
            messages.push(Some(shown));
            true
        })
        .map_err(|error| elsewhere(error, is_scoped))?;
    Ok(Read {
        conversation,
        messages: messages
            .into_iter()
            .map(|shown| shown.unwrap_or_else(Shown::nothing))
            .collect(),
        is_more,
    })
}

/// Characters of a message that fit, with what stands around them, twice.
fn fitting(budget: Budget) -> usize {
    budget.left().saturating_sub(120).max(100)
}

/// The error with what a model can do about it.
fn elsewhere(error: recall::Error, is_scoped: bool) -> Refusal {
    match Refusal::from(error) {
        Refusal::Params(what) if is_scoped => {
            Refusal::Params(format!("{what}; `project: \"all\"` looks everywhere"))
        }
        refusal => refusal,
    }
}

impl Shown {
    fn nothing() -> Self {
        Self {
            text: String::new(),
            value: Value::Null,
        }
    }
}

/// A message, unless there is nothing to see in it.
fn show(view: &MessageView, long: usize) -> Option<Shown> {
    let message = &view.message;
    if message.kind == MessageKind::Injected {
        return None;
    }
    let text = cut(message.text.trim(), long);
    let calls: Vec<String> = message
        .tools
        .iter()
        .map(|call| format!("{} {}", call.name, cut(&line(&call.input), OUTPUT)))
        .collect();
    let results: Vec<String> = message
        .results
        .iter()
        .map(|result| cut(&line(&result.output), OUTPUT))
        .collect();
    if text.is_empty() && calls.is_empty() && results.is_empty() {
        return None;
    }
    let mut out = format!(
        "<m id=\"{}\" role=\"{}\" time=\"{}\">",
        escape(&message.id),
        message.role.name(),
        wire::time(message.time).unwrap_or_default()
    );
    if !text.is_empty() {
        out.push_str(&cdata(&text));
    }
    for call in &calls {
        out.push_str(&format!("<tool>{}</tool>", escape(call)));
    }
    for result in &results {
        out.push_str(&format!("<result>{}</result>", escape(result)));
    }
    out.push_str("</m>\n");
    let mut value = json!({
        "id": message.id, "role": message.role.name(), "time": wire::time(message.time),
    });
    for (key, present, part) in [
        ("text", !text.is_empty(), json!(text)),
        ("tools", !calls.is_empty(), json!(calls)),
        ("results", !results.is_empty(), json!(results)),
    ] {
        if present {
            value[key] = part;
        }
    }
    Some(Shown { text: out, value })
}

fn answer(read: &Read, from: usize, question: &Question) -> Answer {
    let conversation = &read.conversation;
    let to = from + read.messages.len();
    let next = read.is_more.then(|| question.cursor(to));
    let title = cut(&line(&conversation.title), 80);
    let mut text = format!(
        "<conversation_file>\n<conversation_id>{}</conversation_id>\n<file_path>{}</file_path>\n\
         <project>{}</project>\n<title>{}</title>\n<date>{}</date>\n\
         <messages count=\"{}\" from=\"{}\" to=\"{to}\" note=\"{QUOTED}\">\n",
        escape(&conversation.id),
        escape(&conversation.path),
        escape(&conversation.project),
        escape(&title),
        conversation.started.map(date).unwrap_or_default(),
        conversation.messages,
        from + 1,
    );
    for message in &read.messages {
        text.push_str(&message.text);
    }
    text.push_str("</messages>\n");
    if let Some(next) = &next {
        text.push_str(&format!("<more cursor=\"{next}\"/>\n"));
    }
    text.push_str("</conversation_file>\n");
    let values: Vec<&Value> = read
        .messages
        .iter()
        .map(|message| &message.value)
        .filter(|value| !value.is_null())
        .collect();
    let structured = json!({
        "note": QUOTED, "conversation_id": conversation.id, "project": conversation.project,
        "title": title, "file_path": conversation.path,
        "started": wire::time(conversation.started), "message_count": conversation.messages,
        "from": from + 1, "to": to, "messages": values, "cursor": next,
    });
    Answer::new(text, structured)
}

/// A budget of so many tokens, for whoever reads without a call.
pub(crate) fn budget(most: usize) -> Budget {
    debug_assert!(tokens::estimate("x") <= most, "a budget holds something");
    Budget::of(most)
}
