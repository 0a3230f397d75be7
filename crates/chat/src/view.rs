//! Conversations as pages and programs see them: with the author's own words in the place of placeholders.

use memory::{ChatHead, ChatMessage, ChatThread};
use serde::Serialize;
use serde_json::{Map, Value, json};

use crate::detail::{Detail, HistorySummary};
use crate::settings::ConversationSettings;
use crate::thread::Branches;
use crate::vault::PlaceholderVault;

/// A conversation without its messages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConversationSummary {
    /// Its id.
    pub id: String,
    /// Its title; `None` while nothing was said.
    pub title: Option<String>,
    /// When it was made, in milliseconds since 1970.
    pub created: i64,
    /// When it was changed last, in milliseconds since 1970.
    pub updated: i64,
    /// Rises with each change; a change may name the one that it knows.
    pub version: i64,
    /// Whether it stands first in lists.
    pub pinned: bool,
    /// Whether lists leave it out unless they are asked for such.
    pub archived: bool,
    /// Its tags.
    pub tags: Vec<String>,
    /// The project that it was put into.
    pub project: Option<String>,
    /// The conversation that it was forked from.
    pub parent: Option<String>,
    /// The number of its messages, those of all branches.
    pub messages: u64,
    /// Whether nothing of it is kept.
    pub off_record: bool,
}

/// A conversation with messages.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChatView {
    /// What it is.
    #[serde(flatten)]
    pub summary: ConversationSummary,
    /// What is set for it: model, system prompt, parameters, recall.
    pub settings: ConversationSettings,
    /// The message at the end of the branch that is shown.
    pub head: Option<String>,
    /// The messages of the branch that is shown, or of all branches, as it was asked for.
    pub thread: Vec<ChatMessageView>,
    /// The turns that are under way, or wait.
    pub running: Vec<String>,
}

/// A message of a conversation.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ChatMessageView {
    /// Its id.
    pub id: String,
    /// The message that it follows.
    pub parent: Option<String>,
    /// `user`, `assistant`, `system` or `tool`.
    pub role: &'static str,
    /// What was said; empty if it may not be shown.
    pub text: String,
    /// The model's reasoning.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub reasoning: String,
    /// `whole`, `cut`, `stopped`, `interrupted`, `failed` or `hidden`.
    pub state: &'static str,
    /// When, in milliseconds since 1970.
    pub time: Option<i64>,
    /// The model that said it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub model: Option<String>,
    /// The turn that it was said in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub turn: Option<String>,
    /// The ids of the messages that stand in its place on other branches, and its own, in their order.
    pub variants: Vec<String>,
    /// What else is known: `summary` of the messages before it, `recalled`, `knowledge`, `findings`,
    /// `refusal`, `error`, `run`, `calls` of tools, `attachments`, `edited`.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

impl ConversationSummary {
    pub(crate) fn new(head: ChatHead, off_record: bool) -> Self {
        Self {
            id: head.id,
            title: head.title,
            created: head.created,
            updated: head.updated,
            version: head.version,
            pinned: head.pinned,
            archived: head.archived,
            tags: head.tags,
            project: head.project,
            parent: head.parent,
            messages: head.messages,
            off_record,
        }
    }
}

impl ChatView {
    pub(crate) fn new(
        thread: &ChatThread,
        (vault, off_record): (&PlaceholderVault, bool),
        all_branches: bool,
        running: Vec<String>,
    ) -> Self {
        let branches = Branches::of(thread);
        let shown: Vec<&ChatMessage> = match all_branches {
            true => thread.messages.iter().collect(),
            false => branches.path(thread.head.head.as_deref()),
        };
        let messages = shown
            .into_iter()
            .map(|message| ChatMessageView::new(message, &branches, vault));
        Self {
            settings: ConversationSettings::parse(&thread.head.settings),
            head: thread.head.head.clone(),
            thread: messages.collect(),
            running,
            summary: ConversationSummary::new(thread.head.clone(), off_record),
        }
    }
}

impl ChatMessageView {
    fn new(message: &ChatMessage, branches: &Branches<'_>, vault: &PlaceholderVault) -> Self {
        let said = &message.message;
        let is_hidden = message.state == memory::ChatMessageState::Hidden;
        let shown = |text: &str| match is_hidden {
            true => String::new(),
            false => vault.reveal(text).into_owned(),
        };
        Self {
            id: said.id.clone(),
            parent: message.parent.clone(),
            role: said.role.name(),
            text: shown(&said.text),
            reasoning: shown(&said.thinking),
            state: message.state.name(),
            time: said.time,
            model: said.model.as_deref().map(str::to_owned),
            turn: message.turn.clone(),
            variants: branches
                .variants(message)
                .into_iter()
                .map(str::to_owned)
                .collect(),
            more: more(
                (!is_hidden).then_some(&*said.text),
                &Detail::parse(&message.detail),
                vault,
            ),
        }
    }
}

/// The calls of an answer, each with where it stands in the text that is shown, in bytes.
fn calls(text: &str, detail: &Detail, vault: &PlaceholderVault) -> Vec<Value> {
    let mut all = Vec::new();
    for step in &detail.steps {
        let before = &text[..text.floor_char_boundary(step.at.min(text.len()))];
        let at = vault.reveal(before).len();
        all.extend(step.calls.iter().map(|call| {
            let mut view = call.view(vault);
            view["at"] = at.into();
            view
        }));
    }
    all
}

fn more(text: Option<&str>, detail: &Detail, vault: &PlaceholderVault) -> Map<String, Value> {
    let mut more = Map::new();
    let mut put = |name: &str, value: Value| {
        more.insert(name.to_owned(), value);
    };
    if let Some(summary) = &detail.summary {
        let shown = HistorySummary {
            text: vault.reveal(&summary.text).into_owned(),
            ..summary.clone()
        };
        put("summary", json!(shown));
    }
    if !detail.recalled.is_empty() {
        put("recalled", json!(detail.recalled));
    }
    if !detail.knowledge.is_empty() {
        put("knowledge", json!(detail.knowledge));
    }
    if !detail.findings.is_empty() {
        put("findings", json!(detail.findings));
    }
    if let Some(text) = text
        && !detail.steps.is_empty()
    {
        put("calls", calls(text, detail, vault).into());
    }
    if !detail.attachments.is_empty() {
        put("attachments", json!(detail.attachments));
    }
    for (name, value) in [("refusal", &detail.refusal), ("error", &detail.error)] {
        if let Some(value) = value {
            put(name, value.clone());
        }
    }
    if let Some(run) = &detail.run {
        put("run", json!(run));
    }
    if let Some(edited) = detail.edited {
        put("edited", edited.into());
    }
    more
}
