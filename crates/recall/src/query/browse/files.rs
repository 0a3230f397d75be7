//! Where a file was read and edited, and what was said there.

use std::path::PathBuf;

use rusqlite::Connection;
use rustc_hash::FxHashMap;
use transcript::{FileAction, Millis, Role};

use super::glimpse::{self, is_said};
use super::labels;
use super::paths::PathPattern;
use super::renames::former_names;
use super::scene::Scene;
use crate::guards::{Cleared, Gate, Outbound};
use crate::index::Label;
use crate::store::{ConversationId, MessageId, Row, Span};
use crate::{Result, Scope};

/// Messages before and after the last touch that are looked at for words about it.
const MESSAGES_BEFORE: i64 = 12;
const MESSAGES_AFTER: i64 = 6;
/// Paths and tools that are told of each conversation, and paths of all.
const MAX_PATHS: usize = 5;
const MAX_TOOLS: usize = 5;
const MAX_ALL_PATHS: usize = 50;

/// A request for the history of a file in conversations.
#[derive(Clone, Debug)]
pub struct FileRequest {
    /// A path or the end of one by whole parts, such as `src/main.rs`. Within a part `*` stands for any
    /// characters and `?` for one; a part `**` stands for any number of parts, `~` at the start for
    /// [`Self::user_home`]. With no part, more than 100, or more than 3 times `**`, nothing is found.
    pub path: String,
    /// Which projects are looked at.
    pub scope: Scope,
    /// Only conversations that read the file, or only those that edited it; `None`: both.
    pub action: Option<FileAction>,
    /// A directory in the file's git repository, which is asked for former names of the file so that these
    /// are looked for too. `None`: git isn't asked; nor is it for a path with wildcards.
    pub directory: Option<PathBuf>,
    /// The person's home directory; `None`: `~` has no meaning.
    pub user_home: Option<PathBuf>,
    /// The largest number of conversations to return.
    pub limit: usize,
    /// Only reads and edits at this time or later, in milliseconds since 1970; those without a time are
    /// left out.
    pub since: Option<Millis>,
    /// Only reads and edits before this time, in milliseconds since 1970; those without a time are left
    /// out.
    pub until: Option<Millis>,
}

impl FileRequest {
    /// A request about a scope that doesn't ask git. [`Self::path`] is empty and [`Self::limit`] is 0, and
    /// both must be set.
    #[must_use]
    pub fn new(scope: Scope) -> Self {
        Self {
            path: String::new(),
            scope,
            action: None,
            directory: None,
            user_home: None,
            limit: 0,
            since: None,
            until: None,
        }
    }
}

/// The conversations in which a file, or files of a pattern, were read or edited.
#[derive(Clone, Debug, Default)]
pub struct FileHistory {
    /// Short name of the project that was looked at; `None` if all projects were, or none.
    pub project: Option<String>,
    /// The paths that fit the request, as the logs have them: those read or edited most first, at most 50.
    pub paths: Vec<String>,
    /// What git says the file was called before, relative to the repository, the latest name first.
    pub renamed_from: Vec<String>,
    /// One entry for each conversation, the one that read or edited the file last first.
    pub uses: Vec<FileUse>,
    /// The number of conversations in all, those beyond the limit included.
    pub conversations: u64,
    /// How often the file was read or edited in all, in conversations that [`FileRequest::action`] leaves
    /// out too.
    pub touches: u64,
}

impl Outbound for FileHistory {
    /// Titles and excerpts went through the gate when they were cut.
    fn pass(&mut self, gate: Gate<'_>) {
        gate.texts(self.paths.iter_mut().chain(&mut self.renamed_from));
        for of in &mut self.uses {
            let tools = of.tools.iter_mut().map(|(name, _)| name);
            gate.of_project(&of.project)
                .texts(of.paths.iter_mut().chain(tools));
        }
    }
}

/// What one conversation did to a file, or to the files that a pattern stands for.
#[derive(Clone, Debug)]
pub struct FileUse {
    /// The conversation's id, as its source has it.
    pub conversation_id: String,
    /// Title of the conversation; if the source gave none, the first words that a person said.
    pub title: String,
    /// Short name of the project in which it used the file last.
    pub project: String,
    /// Name of the conversation's source, such as `claude-code`.
    pub source: String,
    /// The id of the message that read or edited the file last: the source's own, or `#` and a number.
    pub message_id: String,
    /// The paths as the log has them, those read or edited most first; at most 5.
    pub paths: Vec<String>,
    /// Edited if the conversation ever edited the file, else read.
    pub action: FileAction,
    /// How often it was read.
    pub reads: u64,
    /// How often it was edited.
    pub edits: u64,
    /// Names of the tools that the messages which read or edited it called, with the number of these
    /// messages; the most frequent first, at most 5.
    pub tools: Vec<(String, u64)>,
    /// When the conversation read or edited the file first, in milliseconds since 1970, if that is known.
    pub first: Option<Millis>,
    /// When the conversation read or edited the file last, in milliseconds since 1970, if that is known.
    pub last: Option<Millis>,
    /// Words of a person or an assistant at the last use, up to 12 messages before it, or else up to 6
    /// after it: one line of at most 200 characters and a `…`. Empty if nobody said anything there.
    pub excerpt: String,
}

/// One message that read or edited a file.
#[derive(Clone, Copy)]
struct Touch {
    label: i64,
    is_edit: bool,
    message: i64,
    time: Option<Millis>,
}

/// Where a file was touched.
pub(crate) fn file_history(
    connection: &Connection,
    gate: Gate<'_>,
    request: &FileRequest,
) -> Result<Cleared<FileHistory>> {
    let mut scene = Scene::new(connection, gate, &request.scope)?;
    let mut history = FileHistory {
        project: scene.project_name.clone(),
        ..FileHistory::default()
    };
    let home = request.user_home.as_deref();
    let Some(pattern) = PathPattern::parse(&request.path, home) else {
        return Ok(gate.release(history));
    };
    if let Some(directory) = request
        .directory
        .as_deref()
        .filter(|_| !pattern.has_wildcards())
    {
        history.renamed_from = former_names(directory, &request.path);
    }
    let former = history.renamed_from.iter();
    let mut patterns: Vec<PathPattern> = former
        .filter_map(|name| PathPattern::parse(name, None))
        .collect();
    patterns.push(pattern);
    let found = touches(&scene, request, &patterns)?;
    let mut paths = labels::Counted::default();
    let mut groups: FxHashMap<ConversationId, (Span, Vec<Touch>)> = FxHashMap::default();
    for (span, touch) in found {
        paths.add(touch.label, touch.message);
        history.touches += 1;
        let group = groups
            .entry(span.conversation)
            .or_insert((span, Vec::new()));
        if group
            .1
            .last()
            .is_none_or(|last| last.message <= touch.message)
        {
            group.0 = span;
        }
        group.1.push(touch);
    }
    history.paths = names(paths.most(&scene, MAX_ALL_PATHS)?);
    let mut groups: Vec<(Span, Vec<Touch>)> = groups.into_values().collect();
    groups.retain(|(_, touches)| {
        let wanted = request.action.map(|action| action == FileAction::Edited);
        wanted.is_none_or(|wanted| touches.iter().any(|touch| touch.is_edit == wanted))
    });
    let latest = |touches: &[Touch]| {
        touches
            .iter()
            .map(|touch| (touch.time, touch.message))
            .max()
    };
    groups.sort_by_key(|(_, touches)| std::cmp::Reverse(latest(touches)));
    history.conversations = groups.len() as u64;
    for (span, touches) in groups.into_iter().take(request.limit) {
        history.uses.extend(file_use(&mut scene, &span, &touches)?);
    }
    Ok(gate.release(history))
}

/// The touches that are meant, with the spans that they lie in, by message.
fn touches(
    scene: &Scene<'_>,
    request: &FileRequest,
    patterns: &[PathPattern],
) -> Result<Vec<(Span, Touch)>> {
    let sql = "SELECT id, kind, value FROM label WHERE kind IN (1, 2)";
    let mut labels = scene.connection.prepare_cached(sql)?;
    let sql =
        "SELECT message, time FROM labelled JOIN message ON message.id = message WHERE label = ?1";
    let mut messages = scene.connection.prepare_cached(sql)?;
    let is_bounded = request.since.is_some() || request.until.is_some();
    let mut found = Vec::new();
    let mut rows = labels.query([])?;
    while let Some(row) = rows.next()? {
        let path = row.get_ref(2)?.as_str().unwrap_or_default();
        if !patterns.iter().any(|pattern| pattern.matches(path)) {
            continue;
        }
        let (label, is_edit) = (row.get(0)?, row.get::<_, i64>(1)? == Label::Edited as i64);
        let mut touched = messages.query([label])?;
        while let Some(row) = touched.next()? {
            let (message, time): (i64, Option<Millis>) = (row.get(0)?, row.get(1)?);
            let in_time = time.is_some_and(|time| {
                request.since.is_none_or(|since| time >= since)
                    && request.until.is_none_or(|until| time < until)
            });
            if is_bounded && !in_time {
                continue;
            }
            if let Some(span) = scene.spans.find(MessageId(message)) {
                found.push((
                    *span,
                    Touch {
                        label,
                        is_edit,
                        message,
                        time,
                    },
                ));
            }
        }
    }
    found.sort_unstable_by_key(|(_, touch)| (touch.message, touch.label));
    Ok(found)
}

fn names(counted: Vec<(String, u64)>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for (name, _) in counted {
        // A file that was read and edited has two labels.
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

/// What a conversation did; `span` is the part of it with the last touch.
fn file_use(scene: &mut Scene<'_>, span: &Span, touches: &[Touch]) -> Result<Option<FileUse>> {
    let (mut paths, mut tools) = (labels::Counted::default(), labels::Counted::default());
    for touch in touches {
        paths.add(touch.label, touch.message);
    }
    let mut messages: Vec<i64> = touches.iter().map(|touch| touch.message).collect();
    messages.dedup();
    for message in &messages {
        labels::between(scene, Label::Tool, *message, *message, &mut |label, at| {
            tools.add(label, at);
        })?;
    }
    let Some(last) = messages.last().copied() else {
        return Ok(None);
    };
    let Some(row) = Row::get(scene.connection, MessageId(last))? else {
        return Ok(None);
    };
    let excerpt = words_near(scene, span, last)?;
    let message_id = scene.shown_id(&row)?;
    let times = || touches.iter().filter_map(|touch| touch.time);
    let edits = touches.iter().filter(|touch| touch.is_edit).count() as u64;
    let paths = names(paths.most(scene, MAX_PATHS)?);
    let tools = tools.most(scene, MAX_TOOLS)?;
    let project = scene.names.get(span.project).to_owned();
    let conversation = scene.conversation(span.conversation)?;
    Ok(Some(FileUse {
        conversation_id: conversation.key.clone(),
        title: conversation.title.clone(),
        project,
        source: conversation.source.clone(),
        message_id,
        paths,
        action: if edits > 0 {
            FileAction::Edited
        } else {
            FileAction::Read
        },
        reads: touches.len() as u64 - edits,
        edits,
        tools,
        first: times().min(),
        last: times().max(),
        excerpt,
    }))
}

/// What was said at a message, or right before it, or else after it.
fn words_near(scene: &mut Scene<'_>, span: &Span, message: i64) -> Result<String> {
    let (first, last) = (span.first.0, span.last.0);
    let mut rows = scene.rows_between((message - MESSAGES_BEFORE).max(first), message)?;
    rows.reverse();
    rows.extend(scene.rows_between(message + 1, (message + MESSAGES_AFTER).min(last))?);
    let said = |row: &&Row| is_said(row, Role::Assistant) || is_said(row, Role::User);
    for row in rows.iter().filter(said) {
        if let Some(quote) = glimpse::quote(scene, row)? {
            return Ok(quote.text);
        }
    }
    Ok(String::new())
}
