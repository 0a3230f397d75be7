//! What is shown of work that belongs together: the messages of a conversation, a day or a session.

use rustc_hash::FxHashMap;
use transcript::{MessageKind, Millis, Role};

use super::classes::ConceptTally;
use super::glimpse::{self, QUOTE_CHARS, Quote, is_said, last_paragraph, one_line};
use super::labels;
use super::scene::Scene;
use crate::Result;
use crate::guards::{Gate, Outbound};
use crate::index::Label;
use crate::store::{ConversationId, ProjectId, Row, Span};
use crate::text::Analyzer;

/// Files, topics, projects and conversations that are told of a group.
const MAX_FILES: usize = 5;
const MAX_TOPICS: usize = 5;
const MAX_PROJECTS: usize = 5;
const MAX_CONVERSATIONS: usize = 5;
/// The latest texts that topics are taken from.
const MAX_TEXTS: usize = 40;
/// How often a topic must be meant to be one.
const MIN_TOPIC_MENTIONS: u64 = 2;
/// Messages at the end that are looked at for an open end.
const OPEN_END_MESSAGES: usize = 30;
/// What is younger than this is still going on, so that nothing about it is open.
const ONGOING_MILLIS: Millis = 5 * 60_000;

/// Work that belongs together: the messages of a conversation, a day or a session, as
/// [`GroupBy`](super::GroupBy) says. It counts only messages of the scope and the time that were asked for.
#[derive(Clone, Debug)]
pub struct WorkGroup {
    /// Title of the conversation; of several, of the one with most messages here.
    pub title: String,
    /// The day on the person's clock ([`RecentRequest`](super::RecentRequest)), such as `2026-03-01`, if work
    /// is grouped by days; otherwise `None`.
    pub day: Option<String>,
    /// Id and title of each conversation, the one with the latest message first; at most 5.
    pub conversations: Vec<(String, String)>,
    /// The number of all conversations. That of a sub-agent counts as a part of the one that started it.
    pub conversation_count: u64,
    /// Short names of the projects, the one with most messages first; at most 5.
    pub projects: Vec<String>,
    /// When the first of its messages was said, in milliseconds since 1970; `None` if no time is known.
    pub started: Option<Millis>,
    /// When the last of its messages was said, in milliseconds since 1970; `None` if no time is known.
    pub ended: Option<Millis>,
    /// The number of messages, without those that a program put in.
    pub messages: u64,
    /// Paths of the files that were edited, as the log has them, the most edited first; at most 5.
    pub files: Vec<String>,
    /// The number of all files that were edited.
    pub files_edited: u64,
    /// The concepts (of [`CONCEPTS`](super::CONCEPTS)) that people and assistants spoke of at least twice
    /// in the latest 40 texts, the most frequent first; at most 5.
    pub topics: Vec<&'static str>,
    /// The last words of a person; `None` if no person said anything.
    pub asked: Option<Quote>,
    /// The last words of an assistant: the start of its message, or, if [`Self::open`] is a question, the
    /// paragraph at its end that asks it.
    pub answered: Option<Quote>,
    /// In which way the work seems unfinished; `None` if it seems finished, or if its last message is less
    /// than 5 minutes old, so that it is still going on.
    pub open: Option<OpenEnd>,
}

impl Outbound for WorkGroup {
    /// The title and the quotes went through the gate when they were cut.
    fn pass(&mut self, gate: Gate<'_>) {
        gate.texts(&mut self.files);
    }
}

/// How work ended that seems unfinished, judged by the last message of its conversations, those of the
/// system aside. It is a guess, and helps somebody to find work to take up again. Work that ended with a
/// command of the person (such as `/exit`) or with a summary doesn't count as unfinished.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OpenEnd {
    /// The last message is the assistant's, and its text ends with a question mark: it waits for an answer.
    Question,
    /// The last message is the person's: the assistant hasn't answered.
    Unanswered,
    /// The last message is a call of a tool or a tool's result: the assistant was at work, and said nothing
    /// to conclude it.
    Interrupted,
}

impl OpenEnd {
    /// The name used in answers: `question`, `unanswered` or `interrupted`.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Question => "question",
            Self::Unanswered => "unanswered",
            Self::Interrupted => "interrupted",
        }
    }
}

/// A message of a group, with the part of a conversation that it lies in.
#[derive(Clone, Copy)]
pub(super) struct PlacedMessage {
    pub(super) row: Row,
    pub(super) span: Span,
    /// The conversation that it counts for: of a sub-agent's message, the one that started the sub-agent.
    pub(super) conversation: ConversationId,
}

/// What is known of a group of messages, of which there is at least one.
pub(super) fn work_group(
    scene: &mut Scene<'_>,
    analyzer: &mut Analyzer,
    mut messages: Vec<PlacedMessage>,
    now: Millis,
) -> Result<WorkGroup> {
    messages.sort_unstable_by_key(|message| message.row.id);
    let rows: Vec<Row> = messages.iter().map(|message| message.row).collect();
    let edited = labels::of_rows(scene, Label::Edited, &rows)?;
    let counts = is_counted(&messages);
    let (conversations, projects) = members(&counts);
    let mut named = Vec::new();
    let longest = conversations.iter().max_by_key(|(_, count, _)| *count);
    let title = match longest {
        Some((id, ..)) => scene.conversation(*id)?.title.clone(),
        None => String::new(),
    };
    for (id, ..) in conversations.iter().take(MAX_CONVERSATIONS) {
        let conversation = scene.conversation(*id)?;
        named.push((conversation.key.clone(), conversation.title.clone()));
    }
    let of_projects = projects.into_iter().take(MAX_PROJECTS);
    let projects = of_projects.map(|project| scene.names.get(project).to_owned());
    let projects = projects.collect();
    // In the order in which it was said, of the conversations that people were in.
    let mut own: Vec<PlacedMessage> = counts.iter().copied().copied().collect();
    own.retain(|message| message.span.conversation == message.conversation);
    own.sort_by_key(|message| (message.row.time, message.row.id));
    let last_of = |role: Role| own.iter().rev().find(|message| is_said(&message.row, role));
    let (user, assistant) = (
        last_of(Role::User).copied(),
        last_of(Role::Assistant).copied(),
    );
    let times = || counts.iter().filter_map(|message| message.row.time);
    let ended = times().max();
    let open = match ended {
        Some(ended) if now - ended < ONGOING_MILLIS => None,
        _ => open_end(scene, &own)?,
    };
    Ok(WorkGroup {
        title,
        day: None,
        conversation_count: conversations.len() as u64,
        conversations: named,
        projects,
        started: times().min(),
        ended,
        messages: counts.len() as u64,
        files_edited: edited.len(),
        files: edited
            .most(scene, MAX_FILES)?
            .into_iter()
            .map(|(path, _)| path)
            .collect(),
        topics: topics(scene, analyzer, &own)?,
        asked: words(scene, user, false)?,
        answered: words(scene, assistant, open == Some(OpenEnd::Question))?,
        open,
    })
}

/// Without what a program put in.
fn is_counted(messages: &[PlacedMessage]) -> Vec<&PlacedMessage> {
    let counts = |message: &&PlacedMessage| message.row.flags.kind() != MessageKind::Injected;
    messages.iter().filter(counts).collect()
}

/// A conversation, how many messages it has here, and when the last one was.
type GroupMember = (ConversationId, u64, Option<Millis>);

/// The conversations of messages, the latest first, and the projects, that with most first.
fn members(messages: &[&PlacedMessage]) -> (Vec<GroupMember>, Vec<ProjectId>) {
    let mut conversations: FxHashMap<ConversationId, (u64, Option<Millis>)> = FxHashMap::default();
    let mut projects: FxHashMap<ProjectId, u64> = FxHashMap::default();
    for message in messages {
        let conversation = conversations.entry(message.conversation).or_default();
        conversation.0 += 1;
        conversation.1 = conversation.1.max(message.row.time);
        *projects.entry(message.span.project).or_default() += 1;
    }
    let mut members: Vec<GroupMember> = conversations
        .into_iter()
        .map(|(id, (count, last))| (id, count, last))
        .collect();
    members.sort_by(|a, b| b.2.cmp(&a.2).then(b.0.cmp(&a.0)));
    let mut ranked: Vec<(ProjectId, u64)> = projects.into_iter().collect();
    ranked.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
    (
        members,
        ranked.into_iter().map(|(project, _)| project).collect(),
    )
}

/// The words of a message; their end rather than their start where that is what matters.
fn words(
    scene: &mut Scene<'_>,
    message: Option<PlacedMessage>,
    at_end: bool,
) -> Result<Option<Quote>> {
    let Some(message) = message else {
        return Ok(None);
    };
    let quote = glimpse::quote(scene, &message.row)?;
    if !at_end {
        return Ok(quote);
    }
    let text = scene.text(&message.row)?;
    let gate = scene.gate_of(&message.row);
    Ok(quote.zip(text).map(|(quote, (_, text))| Quote {
        text: one_line(&gate.line(&text, last_paragraph(&text)), QUOTE_CHARS),
        ..quote
    }))
}

/// What the last messages leave open.
pub(super) fn open_end(scene: &mut Scene<'_>, own: &[PlacedMessage]) -> Result<Option<OpenEnd>> {
    for message in own.iter().rev().take(OPEN_END_MESSAGES) {
        let row = &message.row;
        let open = match (row.flags.role(), row.flags.kind()) {
            // Whoever typed a command, as `/exit`, ended it on purpose.
            (Role::User, MessageKind::Command) | (_, MessageKind::Summary) => None,
            (Role::System, _) => continue,
            (Role::User, _) if row.text.is_some() => Some(OpenEnd::Unanswered),
            (Role::Tool, _) => Some(OpenEnd::Interrupted),
            (Role::Assistant, _) if row.text.is_none() => Some(OpenEnd::Interrupted),
            (Role::Assistant, _) => {
                let asks = scene.text(row)?.is_some_and(|(_, text)| asks(&text));
                asks.then_some(OpenEnd::Question)
            }
            _ => continue,
        };
        return Ok(open);
    }
    Ok(None)
}

/// Whether a text ends with a question.
fn asks(text: &str) -> bool {
    let closing =
        |c: char| c.is_whitespace() || matches!(c, '*' | '_' | '`' | ')' | '"' | '»' | '”');
    text.trim_end_matches(closing).ends_with(['?', '？', '؟'])
}

/// What was spoken of.
fn topics(
    scene: &mut Scene<'_>,
    analyzer: &mut Analyzer,
    own: &[PlacedMessage],
) -> Result<Vec<&'static str>> {
    let said = |message: &&PlacedMessage| {
        is_said(&message.row, Role::User) || is_said(&message.row, Role::Assistant)
    };
    let mut tally = ConceptTally::new();
    for message in own.iter().rev().filter(said).take(MAX_TEXTS) {
        if let Some((_, text)) = scene.text(&message.row)? {
            tally.add(&text, analyzer);
        }
    }
    let most = tally.most(MIN_TOPIC_MENTIONS, MAX_TOPICS);
    Ok(most.into_iter().map(|(name, _)| name).collect())
}
