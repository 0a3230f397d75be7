//! The keys of the generic format as they are read. What a line doesn't say the message doesn't
//! have.

use std::sync::Arc;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::bounds;
use crate::json::{JsonArray, JsonCount, JsonFlag, JsonObject, JsonText, json_text};
use crate::names::SharedName;
use crate::time::millis;
use crate::{
    Attachment, Fact, FactKind, FactOrigin, FileAction, FileTouch, MarkStatus, Marking, Message,
    MessageKind, PERSON_FACT, REFLECTION, Reflected, Relation, Role, TokenUsage, ToolCall,
    ToolResult,
};

/// The rank of a title that a line gives without one.
const TITLE_RANK: u8 = 2;

/// A line as it is read.
#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
pub(super) struct LineIn<'a> {
    id: JsonText<'a>,
    conversation: JsonText<'a>,
    project: JsonText<'a>,
    role: JsonText<'a>,
    pub(super) time: JsonText<'a>,
    text: JsonText<'a>,
    kind: JsonText<'a>,
    thinking: JsonText<'a>,
    speaker: JsonText<'a>,
    title: JsonText<'a>,
    title_rank: Option<JsonCount>,
    model: JsonText<'a>,
    #[serde(borrow)]
    tools: Option<&'a RawValue>,
    results: JsonArray<JsonObject<ResultIn<'a>>>,
    #[serde(borrow)]
    files: Option<&'a RawValue>,
    attachments: JsonArray<JsonObject<AttachmentIn<'a>>>,
    source: JsonText<'a>,
    parent: JsonText<'a>,
    turn: JsonText<'a>,
    cwd: JsonText<'a>,
    branch: JsonText<'a>,
    remote: JsonText<'a>,
    agent: JsonText<'a>,
    usage: JsonObject<UsageIn>,
    conversation_parent: JsonText<'a>,
    conversation_relation: JsonText<'a>,
    also_in: JsonArray<JsonText<'a>>,
    links: JsonArray<JsonText<'a>>,
    reflection: JsonObject<ReflectionIn<'a>>,
    fact: JsonObject<PersonFactIn<'a>>,
    marks: JsonArray<JsonObject<MarkIn<'a>>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ReflectionIn<'a> {
    tags: JsonArray<JsonText<'a>>,
    author: JsonText<'a>,
    updated: JsonText<'a>,
    conversation: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct PersonFactIn<'a> {
    topics: JsonArray<JsonText<'a>>,
    kind: JsonText<'a>,
    conversation: JsonText<'a>,
    said: JsonText<'a>,
    turn: JsonText<'a>,
    character: JsonText<'a>,
    updated: JsonText<'a>,
    superseded_by: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct MarkIn<'a> {
    status: JsonText<'a>,
    evidence: JsonText<'a>,
    claim: JsonText<'a>,
    who: JsonText<'a>,
    time: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct CallIn<'a> {
    id: JsonText<'a>,
    name: JsonText<'a>,
    #[serde(borrow)]
    input: Option<&'a RawValue>,
    input_text: JsonText<'a>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct ResultIn<'a> {
    call: JsonText<'a>,
    is_error: JsonFlag,
    output: JsonText<'a>,
    #[serde(borrow)]
    detail: Option<&'a RawValue>,
    detail_text: Option<JsonText<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct FilesIn<'a> {
    read: JsonArray<JsonText<'a>>,
    edited: JsonArray<JsonText<'a>>,
}

#[derive(Default, Deserialize)]
#[serde(default, bound(deserialize = "'de: 'a"))]
struct AttachmentIn<'a> {
    media_type: JsonText<'a>,
    bytes: JsonCount,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct UsageIn {
    input: JsonCount,
    output: JsonCount,
    cache_creation: JsonCount,
    cache_read: JsonCount,
}

/// The strings that repeat from line to line.
#[derive(Default)]
pub(super) struct SharedNames {
    conversation: SharedName,
    project: SharedName,
    speaker: SharedName,
    model: SharedName,
    source: SharedName,
    turn: SharedName,
    cwd: SharedName,
    branch: SharedName,
    remote: SharedName,
    agent: SharedName,
}

impl LineIn<'_> {
    /// The message of a line and what the line says about its conversation.
    pub(super) fn read(
        self,
        offset: u64,
        names: &mut SharedNames,
    ) -> Result<(Message, Vec<Fact>), String> {
        let conversation = self
            .conversation
            .get()
            .ok_or("a message without `conversation`")?;
        let conversation = names.conversation.share(conversation);
        let role = Role::from_name(self.role.as_str())
            .ok_or_else(|| format!("unknown role `{}`", bounds::name(self.role.as_str())))?;
        let is_reflection = self.reflection.0.is_some() || self.source.as_str() == REFLECTION;
        let is_fact = self.source.as_str() == PERSON_FACT;
        let source = is_reflection
            .then_some(REFLECTION)
            .or_else(|| self.source.get());
        // A reflection or fact without id is known by its conversation, which it has for itself.
        let id = match self.id.get() {
            None if is_reflection || is_fact => conversation.to_string(),
            id => id.unwrap_or_default().to_owned(),
        };
        let source = names.source.share_some(source);
        let told = self.facts();
        let told = told.chain(self.facts_of_message(&id, is_reflection));
        let facts = told.map(|what| Fact {
            conversation: Arc::clone(&conversation),
            source: source.clone(),
            what,
        });
        let repeats = self.also_in.0.iter().filter_map(JsonText::get);
        let repeats = repeats.filter(|_| !id.is_empty()).map(|other| Fact {
            conversation: other.into(),
            source: source.clone(),
            what: FactKind::Repeats {
                message: id.clone(),
            },
        });
        let facts = facts.chain(repeats).collect();
        let message = Message {
            replaces: None,
            offset,
            conversation,
            role,
            kind: kind_of(self.kind.as_str()),
            time: millis(self.time.as_str()),
            tools: calls(self.tools),
            files: files(self.files),
            results: objects(self.results),
            attachments: objects(self.attachments),
            speaker: names.speaker.share_some(self.speaker.get()),
            source,
            project: names.project.share_some(self.project.get()),
            parent: self.parent.get().map(str::to_owned),
            turn: names.turn.share_some(self.turn.get()),
            cwd: names.cwd.share_some(self.cwd.get()),
            branch: names.branch.share_some(self.branch.get()),
            remote: names.remote.share_some(self.remote.get()),
            model: names.model.share_some(self.model.get()),
            agent: names.agent.share_some(self.agent.get()),
            usage: self.usage.0.map(Into::into),
            id,
            text: self.text.into_string(),
            thinking: self.thinking.into_string(),
        };
        Ok((message, facts))
    }

    /// The keys whose lists have an entry that isn't an object, which is left out.
    pub(super) fn misfits(&self) -> impl Iterator<Item = &'static str> + use<> {
        fn has_misfit<T>(entries: &JsonArray<JsonObject<T>>) -> bool {
            entries.0.iter().any(|entry| entry.0.is_none())
        }
        [
            ("results", has_misfit(&self.results)),
            ("attachments", has_misfit(&self.attachments)),
            ("marks", has_misfit(&self.marks)),
        ]
        .into_iter()
        .filter_map(|(key, has_misfit)| has_misfit.then_some(key))
    }

    fn facts(&self) -> impl Iterator<Item = FactKind> {
        let rank = self.title_rank.map_or(TITLE_RANK, |rank| {
            u8::try_from(rank.0).unwrap_or(TITLE_RANK)
        });
        let title = self.title.get().map(|text| FactKind::Title {
            text: text.to_owned(),
            rank,
        });
        let parent = self
            .conversation_parent
            .get()
            .map(|parent| FactKind::Parent {
                conversation: parent.into(),
                relation: self.relation(parent),
            });
        let links = self.links.0.iter().filter_map(JsonText::get);
        let links = links.map(|link| FactKind::Link(link.to_owned()));
        title.into_iter().chain(parent).chain(links)
    }

    /// How the conversation came out of its parent. Where a line doesn't say, its id may.
    fn relation(&self, parent: &str) -> Relation {
        let is_part = |rest: &str| rest.starts_with('/');
        let own = self.conversation.as_str().strip_prefix(parent);
        Relation::from_name(self.conversation_relation.as_str()).unwrap_or(
            match own.is_some_and(is_part) {
                true => Relation::SubAgent,
                false => Relation::Fork,
            },
        )
    }

    fn facts_of_message(&self, id: &str, is_reflection: bool) -> impl Iterator<Item = FactKind> {
        let reflection = is_reflection.then(|| FactKind::Reflection {
            message: id.to_owned(),
            about: self
                .reflection
                .0
                .as_ref()
                .map(Into::into)
                .unwrap_or_default(),
        });
        let fact = (self.source.as_str() == PERSON_FACT).then(|| FactKind::AboutPerson {
            message: id.to_owned(),
            origin: self.fact.0.as_ref().map(Into::into).unwrap_or_default(),
        });
        // What can't be named can't have been marked.
        let marks = self.marks.0.iter().filter(|_| !id.is_empty());
        let marks = marks.filter_map(|mark| mark.0.as_ref());
        let marks = marks.filter_map(|mark| {
            Some(FactKind::Mark {
                message: id.to_owned(),
                mark: mark.read()?,
            })
        });
        reflection.into_iter().chain(fact).chain(marks)
    }
}

impl From<&ReflectionIn<'_>> for Reflected {
    fn from(reflection: &ReflectionIn<'_>) -> Self {
        let tags = reflection.tags.0.iter().filter_map(JsonText::get);
        Self {
            tags: tags.map(str::to_owned).collect(),
            author: reflection.author.get().map(str::to_owned),
            updated: millis(reflection.updated.as_str()),
            conversation: reflection.conversation.get().map(str::to_owned),
        }
    }
}

impl From<&PersonFactIn<'_>> for FactOrigin {
    fn from(fact: &PersonFactIn<'_>) -> Self {
        let topics = fact.topics.0.iter().filter_map(JsonText::get);
        Self {
            topics: topics.map(str::to_owned).collect(),
            kind: fact.kind.get().unwrap_or_default().to_owned(),
            conversation: fact.conversation.get().map(str::to_owned),
            said: fact.said.get().map(str::to_owned),
            turn: fact.turn.get().map(str::to_owned),
            character: fact.character.get().map(str::to_owned),
            updated: millis(fact.updated.as_str()),
            superseded_by: fact.superseded_by.get().map(str::to_owned),
        }
    }
}

impl MarkIn<'_> {
    /// What it says; nothing where its status isn't one.
    fn read(&self) -> Option<Marking> {
        Some(Marking {
            status: MarkStatus::from_name(self.status.as_str())?,
            evidence: self.evidence.get().map(str::to_owned),
            claim: self.claim.get().map(str::to_owned),
            who: self.who.get().map(str::to_owned),
            time: millis(self.time.as_str()).unwrap_or_default(),
        })
    }
}

fn objects<T, U: From<T>>(entries: JsonArray<JsonObject<T>>) -> Vec<U> {
    let entries = entries.0.into_iter().filter_map(|entry| entry.0);
    entries.map(Into::into).collect()
}

/// Calls, each an object or just the name of the tool.
fn calls(raw: Option<&RawValue>) -> Vec<ToolCall> {
    let calls = raw.and_then(|raw| serde_json::from_str::<JsonArray<&RawValue>>(raw.get()).ok());
    let call = |raw: &RawValue| {
        if let Ok(JsonObject(Some(call))) =
            serde_json::from_str::<JsonObject<CallIn<'_>>>(raw.get())
        {
            return Some(call.into());
        }
        let name: JsonText<'_> = serde_json::from_str(raw.get()).ok()?;
        name.get().map(|name| ToolCall {
            name: name.to_owned(),
            ..ToolCall::default()
        })
    };
    calls
        .unwrap_or_default()
        .0
        .into_iter()
        .filter_map(call)
        .collect()
}

/// Files, by what was done to them or as a plain list of those that were read.
fn files(raw: Option<&RawValue>) -> Vec<FileTouch> {
    let Some(raw) = raw else { return Vec::new() };
    let files = match serde_json::from_str::<JsonObject<FilesIn<'_>>>(raw.get()) {
        Ok(JsonObject(Some(files))) => files,
        _ => FilesIn {
            read: serde_json::from_str(raw.get()).unwrap_or_default(),
            ..FilesIn::default()
        },
    };
    let touch = |path: JsonText<'_>, action| FileTouch {
        path: path.into_string(),
        action,
    };
    let read = files
        .read
        .0
        .into_iter()
        .map(|path| touch(path, FileAction::Read));
    let edited = files
        .edited
        .0
        .into_iter()
        .map(|path| touch(path, FileAction::Edited));
    read.chain(edited).collect()
}

impl From<CallIn<'_>> for ToolCall {
    fn from(call: CallIn<'_>) -> Self {
        Self {
            id: call.id.into_string(),
            name: call.name.into_string(),
            input: call
                .input
                .map_or_else(|| call.input_text.into_string(), json_text),
        }
    }
}

impl From<ResultIn<'_>> for ToolResult {
    fn from(result: ResultIn<'_>) -> Self {
        Self {
            call: result.call.into_string(),
            is_error: result.is_error.0,
            output: result.output.into_string(),
            detail: result
                .detail
                .map(json_text)
                .or(result.detail_text.map(JsonText::into_string)),
        }
    }
}

impl From<AttachmentIn<'_>> for Attachment {
    fn from(attachment: AttachmentIn<'_>) -> Self {
        Self {
            media_type: attachment.media_type.into_string(),
            bytes: attachment.bytes.0,
        }
    }
}

impl From<UsageIn> for TokenUsage {
    fn from(usage: UsageIn) -> Self {
        Self {
            input: usage.input.0,
            output: usage.output.0,
            cache_creation: usage.cache_creation.0,
            cache_read: usage.cache_read.0,
        }
    }
}

fn kind_of(name: &str) -> MessageKind {
    match name {
        "summary" => MessageKind::Summary,
        "command" => MessageKind::Command,
        "injected" => MessageKind::Injected,
        _ => MessageKind::Said,
    }
}
