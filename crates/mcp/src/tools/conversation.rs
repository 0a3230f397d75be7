//! Reading a conversation, page by page.

use std::fmt::Display;

use jiff::Zoned;
use memory::{Action, Archive, ConversationView, MessageKind, MessageView, ReadRequest, Relation};
use serde_json::{Value, json};
use wire::markup::{Attributes, Markup, cut, line};
use wire::{BriefMessageDoc, tokens, when};

use super::tool::{ArchiveEffect, McpTool, PROJECT_PARAM};
use crate::call::{McpCall, QUOTED_NOTE, TokenBudget, ToolAnswer};
use crate::cursor::CursorQuestion;
use crate::params::{ParamKind, ToolArguments, optional, required};
use crate::refusal::Refusal;
use crate::scope::CallScope;

/// What addresses of conversations begin with.
pub(crate) const URI_PREFIX: &str = "lorekeep://conversation/";

/// Characters of one message beside the one that is asked for.
const MAX_NEIGHBOR_CHARS: usize = 1_500;

/// Characters of a message that are worth beginning it at the end of a page.
const MIN_PART_CHARS: usize = 300;

/// Characters of a tool's output: what it was asked for says more.
const MAX_OUTPUT_CHARS: usize = 300;

/// Calls and results of one message that are shown.
const MAX_TOOL_ENTRIES: usize = 4;

/// Messages on either side of one that is asked for.
const NEIGHBORS_EACH_SIDE: usize = 6;

/// Conversations that came out of the one that is read, of which an answer tells.
const MAX_CHILDREN: usize = 5;

/// What tokens of an answer are kept back for its head, and for ids and JSON in old text, which
/// take more tokens than prose of the same length.
const HEAD_TOKENS: usize = 720;

pub(super) const GET_FULL_CONVERSATION: McpTool = McpTool {
    name: "get_full_conversation",
    aliases: &[],
    title: "Read a conversation",
    about: "Use after a search, when an excerpt isn't enough: the messages of a conversation by its \
            id (`cid`), or around one, `around`. Long ones come in pages: pass on `cursor`.",
    params: &[
        required("conversation_id", ParamKind::Text(512), ""),
        optional("around", ParamKind::Text(512), "a message (`id`)"),
        optional("cursor", ParamKind::Text(64), ""),
        optional("quarantined", ParamKind::Switch(false), ""),
        PROJECT_PARAM,
    ],
    is_core: true,
    effect: ArchiveEffect::Reads,
    run: get_full_conversation,
};

fn get_full_conversation(call: &McpCall, args: &ToolArguments) -> Result<ToolAnswer, Refusal> {
    call.catch_up();
    let given = args.needed("conversation_id")?.trim();
    let id = given.strip_prefix(URI_PREFIX).unwrap_or(given);
    let around = args.text("around");
    let question = CursorQuestion::new((id, around, args.text("project")));
    let (from, skip) = match args.text("cursor") {
        Some(cursor) => apart(question.place(cursor)?),
        None => (0, 0),
    };
    call.archive(|archive| {
        let place = call.place(archive, args)?;
        let part = PartRequest {
            id,
            around,
            from,
            skip,
            place: &place,
            quarantined: args.switch("quarantined"),
        };
        let read = read(archive, &part, call.budget().keep_back(HEAD_TOKENS))?;
        Ok(answer(&read, from, &question, &call.local_time()))
    })
}

/// A message and a character of it, as one number of a cursor.
fn joined(message: usize, skip: usize) -> usize {
    message << 24 | skip.min(MAX_SKIPPED_CHARS)
}

/// What [`joined`] joined.
fn apart(place: usize) -> (usize, usize) {
    (place >> 24, place & MAX_SKIPPED_CHARS)
}

/// The most characters that a cursor can skip in a message.
const MAX_SKIPPED_CHARS: usize = (1 << 24) - 1;

/// Which part of a conversation to read.
pub(crate) struct PartRequest<'a> {
    pub(crate) id: &'a str,
    pub(crate) around: Option<&'a str>,
    pub(crate) from: usize,
    /// Characters of the first message to leave out.
    pub(crate) skip: usize,
    pub(crate) place: &'a CallScope,
    /// Whether to show what is quarantined.
    pub(crate) quarantined: bool,
}

/// What was read.
pub(crate) struct ReadPart {
    pub(crate) conversation: ConversationView,
    pub(crate) messages: Vec<ShownMessage>,
    /// How many messages of the conversation stand before what follows.
    to: usize,
    /// Where more follows: a message, and a character of it.
    pub(crate) next: Option<(usize, usize)>,
}

/// A message as it is shown.
pub(crate) struct ShownMessage {
    pub(crate) text: Markup,
    value: Value,
}

/// Reads messages until the budget is used up; at least one.
pub(crate) fn read(
    archive: &Archive,
    part: &PartRequest<'_>,
    budget: TokenBudget,
) -> Result<ReadPart, Refusal> {
    let Some(scope) = part.place.scope() else {
        return Err(Refusal::Params(format!(
            "conversation `{}` is not in `{}`, of which nothing is archived; `project: \"all\"` \
             looks everywhere",
            cut(part.id, 80),
            part.place.name()
        )));
    };
    let request = ReadRequest {
        conversation: part.id.to_owned(),
        scope,
        around: part
            .around
            .map(|message| (message.to_owned(), NEIGHBORS_EACH_SIDE)),
        from: part.from,
        quarantined: part.quarantined,
    };
    if let Some(message) = part.around {
        return around(archive, &request, message, budget);
    }
    let mut page = FillingPage {
        budget,
        skip: part.skip,
        shown: Vec::new(),
        next: None,
        at: part.from,
    };
    let conversation = archive
        .read(&request, &mut |view| page.add(&view))
        .map_err(|error| Refusal::within(&request.scope, error))?;
    Ok(ReadPart {
        conversation,
        to: page.at,
        messages: page.shown,
        next: page.next,
    })
}

/// A page as it fills.
struct FillingPage {
    budget: TokenBudget,
    /// Characters of the first message that earlier pages had.
    skip: usize,
    shown: Vec<ShownMessage>,
    /// Where the next page begins: a message, and a character of it.
    next: Option<(usize, usize)>,
    at: usize,
}

impl FillingPage {
    /// Adds a message, or as much of it as fits; returns whether there is room for more.
    fn add(&mut self, view: &MessageView) -> bool {
        let skip = std::mem::take(&mut self.skip);
        if let Some(shown) = show(view, skip, usize::MAX) {
            if !self.budget.take_both(&shown.text, &shown.value) {
                return self.add_part(view, skip);
            }
            self.shown.push(shown);
        }
        self.at += 1;
        true
    }

    /// Adds the start of a message that doesn't fit whole, if that is worth it.
    fn add_part(&mut self, view: &MessageView, skip: usize) -> bool {
        self.next = Some((self.at, skip));
        let mut length = self.budget.left();
        while length >= MIN_PART_CHARS || self.shown.is_empty() && length > 0 {
            if let Some(shown) = show(view, skip, length)
                && self.budget.take_both(&shown.text, &shown.value)
            {
                self.shown.push(shown);
                self.next = Some((self.at, skip + length));
                self.at += 1;
                return false;
            }
            length = length * 3 / 4;
        }
        if self.shown.is_empty() {
            // Its tools alone take more than there is: the next page must not meet it again.
            self.at += 1;
            self.next = Some((self.at, 0));
        }
        false
    }
}

/// The message that is asked for, and of those around it the nearest that fit.
fn around(
    archive: &Archive,
    request: &ReadRequest,
    wanted: &str,
    mut budget: TokenBudget,
) -> Result<ReadPart, Refusal> {
    let (mut views, mut at) = (Vec::new(), 0);
    let conversation = archive
        .read(request, &mut |view| {
            if view.message.id == wanted {
                at = views.len();
            }
            views.push(view);
            true
        })
        .map_err(|error| Refusal::within(&request.scope, error))?;
    let mut order: Vec<usize> = (0..views.len()).collect();
    order.sort_by_key(|index| index.abs_diff(at));
    let mut shown: Vec<(usize, ShownMessage)> = Vec::new();
    for index in order {
        let whole = show(&views[index], 0, MAX_NEIGHBOR_CHARS);
        let fits = whole.filter(|one| budget.take_both(&one.text, &one.value));
        // Of the very message that is asked for, at least the start.
        let mut length = budget.left();
        let mut part = fits;
        while part.is_none() && index == at && length > 0 {
            let start = show(&views[index], 0, length);
            part = start.filter(|one| budget.take_both(&one.text, &one.value));
            length = length * 3 / 4;
        }
        match part {
            Some(one) => shown.push((index, one)),
            None if show(&views[index], 0, 1).is_some() => break,
            None => {}
        }
    }
    shown.sort_by_key(|(index, _)| *index);
    Ok(ReadPart {
        conversation,
        to: shown.len(),
        messages: shown.into_iter().map(|(_, one)| one).collect(),
        next: None,
    })
}

/// At most so many characters of a text from one on; three dots where something was left out.
fn slice(text: &str, skip: usize, length: usize) -> String {
    let rest = match text.char_indices().nth(skip) {
        Some((start, _)) => &text[start..],
        None => "",
    };
    let before = if skip > 0 && !rest.is_empty() {
        "..."
    } else {
        ""
    };
    format!("{before}{}", cut(rest, length))
}

/// A message, unless there is nothing to see in it: of its words so many characters, from one on.
fn show(view: &MessageView, skip: usize, length: usize) -> Option<ShownMessage> {
    let message = &view.message;
    if message.kind == MessageKind::Injected {
        return None;
    }
    // A hit may be what the model thought and didn't say.
    let is_thought = message.text.trim().is_empty();
    let words = if is_thought {
        &message.thinking
    } else {
        &message.text
    };
    let text = slice(words.trim(), skip, length);
    let is_first = skip == 0;
    let calls: Vec<String> = message
        .tools
        .iter()
        .filter(|_| is_first)
        .take(MAX_TOOL_ENTRIES)
        .map(|call| {
            format!(
                "{} {}",
                call.name,
                cut(&line(&call.input), MAX_OUTPUT_CHARS)
            )
        })
        .collect();
    let results: Vec<String> = message
        .results
        .iter()
        .filter(|_| is_first)
        .take(MAX_TOOL_ENTRIES)
        .map(|result| cut(&line(&result.output), MAX_OUTPUT_CHARS))
        .collect();
    if text.is_empty() && calls.is_empty() && results.is_empty() {
        return None;
    }
    let role = message.role.name();
    let time = when::time(message.time).unwrap_or_default();
    let mut attributes: Vec<(&'static str, &dyn Display)> =
        vec![("id", &message.id), ("role", &role), ("time", &time)];
    if is_thought && !text.is_empty() {
        attributes.push(("kind", &"thought"));
    }
    // Something in it tries to instruct its reader.
    let guard = view.guard().name();
    if view.guard() >= Action::Quarantine {
        attributes.push(("guard", &guard));
    }
    let mut out = Markup::new();
    out.open("m", &attributes);
    if !text.is_empty() {
        out.cdata(&text);
    }
    for call in &calls {
        out.element("tool", call);
    }
    for result in &results {
        out.element("result", result);
    }
    out.fixed("</m>\n");
    let value = json!(BriefMessageDoc::new(view, &text, &calls, &results));
    Some(ShownMessage { text: out, value })
}

fn answer(read: &ReadPart, from: usize, question: &CursorQuestion, now: &Zoned) -> ToolAnswer {
    let conversation = &read.conversation;
    let to = read.to;
    let next = read
        .next
        .map(|(message, skip)| question.cursor(joined(message, skip)));
    let title = cut(&line(&conversation.title), 80);
    let mut text = Markup::of("<conversation_file>\n");
    for (name, value) in [
        ("conversation_id", conversation.id.as_str()),
        ("file_path", &conversation.path),
        ("project", &conversation.project),
        ("title", &title),
        (
            "date",
            &conversation
                .started
                .map(|time| when::date(time, now))
                .unwrap_or_default(),
        ),
    ] {
        text.element(name, value).fixed("\n");
    }
    relatives(conversation, &mut text);
    let attributes: Attributes<'_> = &[
        ("count", &conversation.messages),
        ("from", &(from + 1)),
        ("to", &to),
        ("note", &QUOTED_NOTE),
    ];
    text.open("messages", attributes)
        .fixed("\n")
        .append_all(read.messages.iter().map(|message| &message.text))
        .fixed("</messages>\n");
    if let Some(next) = &next {
        text.empty("more", &[("cursor", next)]).fixed("\n");
    }
    text.fixed("</conversation_file>\n");
    let values: Vec<&Value> = read
        .messages
        .iter()
        .map(|message| &message.value)
        .filter(|value| !value.is_null())
        .collect();
    let structured = json!({
        "note": QUOTED_NOTE, "conversation_id": conversation.id, "project": conversation.project,
        "title": title, "file_path": conversation.path, "parent": conversation.parent,
        "relation": conversation.relation.map(Relation::name), "children": children(conversation),
        "child_count": conversation.child_count, "repeated": conversation.repeated,
        "started": when::time(conversation.started), "message_count": conversation.messages,
        "from": from + 1, "to": to, "messages": values, "cursor": next,
    });
    ToolAnswer::new(text, structured)
}

/// The ids of conversations that came out of one, as many as are told of.
fn children(conversation: &ConversationView) -> Vec<&str> {
    let children = conversation.children.iter().take(MAX_CHILDREN);
    children.map(|child| child.id.as_str()).collect()
}

/// What a conversation came out of, and what came out of it.
fn relatives(conversation: &ConversationView, text: &mut Markup) {
    if let Some(parent) = &conversation.parent {
        let relation = conversation.relation.map_or("", Relation::name);
        text.empty("parent", &[("id", parent), ("relation", &relation)])
            .fixed("\n");
    }
    for child in conversation.children.iter().take(MAX_CHILDREN) {
        let relation = child.relation.map_or("", Relation::name);
        text.empty("child", &[("id", &child.id), ("relation", &relation)])
            .fixed("\n");
    }
    let left = conversation.child_count.saturating_sub(MAX_CHILDREN as u64);
    if left > 0 {
        text.empty("children", &[("more", &left)]).fixed("\n");
    }
}

/// A budget of so many tokens, for whoever reads without a call.
pub(crate) fn budget(most: usize) -> TokenBudget {
    debug_assert!(tokens::estimate("x") <= most, "a budget holds something");
    TokenBudget::of(most)
}
