//! Facts about the person: drawn in the background after a turn, remembered, searched and forgotten.

use std::sync::Arc;

use memory::{
    ArchiveError, ChatChange, ChatMessageState, ChatThread, FactBasis, FactDue, FactOrigin,
    FoundFact, PersonFact, Role,
};
use serde_json::{Value, json};
use wire::FactDoc;

use super::active::ActiveTurn;
use super::begin::PreparedTurn;
use super::core::{Chat, ChatEvent, ChatInner};
use crate::detail::Detail;
use crate::facts::{
    DrawnFact, FactAnswerForm, FactProposal, FactRefusal, FactWork, form_of_refusal, tokens_of,
};
use crate::model::{ModelHandle, Usage};
use crate::settings::ConversationSettings;
use crate::thread::Branches;
use crate::{Error, Result};

const MILLIS_A_DAY: i64 = 86_400_000;

/// How often facts are judged anew because others changed them meanwhile.
const MAX_RETRIES: usize = 8;

/// Where the person said what is to be remembered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct FactSource {
    /// The id of the conversation.
    pub conversation: String,
    /// The id of their message.
    pub message: String,
}

/// What became of something that was to be remembered.
#[derive(Clone, Debug, PartialEq)]
pub enum RememberedFact {
    /// It is kept, maybe in the place of others.
    Kept(Box<PersonFact>),
    /// This fact says it already.
    Known(Box<PersonFact>),
    /// It is no fact that the person told.
    Refused(FactRefusal),
}

/// What came of a message.
struct DrawnFacts {
    added: Vec<PersonFact>,
    ended: Vec<String>,
}

/// Why drawing goes on later, or with the next message.
enum DrawEnd {
    Done,
    /// Nothing more can be drawn for now.
    Later,
}

impl Chat {
    /// Remembers a statement that the person made in a message of theirs, as a model words it. It must be theirs:
    /// a sentence of that message must say it, and the rules for drawn facts hold for it too.
    ///
    /// # Errors
    /// If there is no such message of the person, the conversation is off the record, or the archive can't be read
    /// or written.
    pub async fn remember(
        &self,
        text: &str,
        topics: &[String],
        source: FactSource,
    ) -> Result<RememberedFact> {
        let (text, topics) = (text.to_owned(), topics.to_vec());
        let read = move |inner: &ChatInner| inner.remembered(&text, &topics, &source);
        self.inner.read(read).await
    }

    /// Forgets a fact for good, with those that it took the place of. Returns what it was.
    ///
    /// # Errors
    /// If there is none of this id, or the archive can't be written.
    pub async fn forget_fact(&self, id: &str) -> Result<PersonFact> {
        let id = id.to_owned();
        let read = move |inner: &ChatInner| Ok(inner.options.memory.archive()?.forget_fact(&id)?);
        self.inner.read(read).await
    }

    /// All facts about the person that hold, each with how near it is to a text, the nearest first.
    ///
    /// # Errors
    /// If the archive can't be read.
    pub async fn search_facts(&self, query: &str) -> Result<Vec<FoundFact>> {
        let query = query.to_owned();
        let read = move |inner: &ChatInner| Ok(inner.options.memory.search_facts(&query)?);
        self.inner.read(read).await
    }

    /// Waits until nothing is drawn any more; for tests and measurements.
    pub async fn facts_settled(&self) {
        while self.inner.facts.is_drawing() {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
}

impl ChatInner {
    /// What is noted with the end of a turn whose message facts are to be drawn from.
    pub(super) fn facts_due(
        &self,
        turn: &ActiveTurn,
        settings: &ConversationSettings,
    ) -> Option<ChatChange> {
        let is_wanted = self.options.facts.extract
            && settings.facts != Some(false)
            && !self.off_record.has(&turn.conversation);
        let message = turn.question.clone().filter(|_| is_wanted)?;
        Some(ChatChange::DrawFacts { message })
    }

    /// Has facts drawn from what was said in a turn, in the background.
    pub(super) fn draw_facts(self: &Arc<Self>, turn: &ActiveTurn, prepared: &PreparedTurn) {
        if let Some(ChatChange::DrawFacts { message }) = self.facts_due(turn, &prepared.settings) {
            self.facts.push(FactDue {
                conversation: turn.conversation.clone(),
                message,
                turn: Some(turn.id.clone()),
                process: self.alive.name.clone(),
            });
        }
        self.draw_waiting();
    }

    /// Has facts drawn from a message whose person changed it. Those of its old text are gone. That this can't be
    /// noted is no reason not to change a message.
    pub(super) async fn draw_facts_again(self: &Arc<Self>, conversation: &str, message: &str) {
        if !self.options.facts.extract || self.off_record.has(conversation) {
            return;
        }
        let due = FactDue {
            conversation: conversation.to_owned(),
            message: message.to_owned(),
            turn: None,
            process: self.alive.name.clone(),
        };
        let noted = due.message.clone();
        let note =
            self.read(move |inner| Ok(inner.options.memory.archive()?.set_facts_due(&noted)?));
        if note.await.is_ok() {
            self.facts.push(due);
            self.draw_waiting();
        }
    }

    /// Draws what waits, in a task of its own, unless one does.
    pub(super) fn draw_waiting(self: &Arc<Self>) {
        if !self.options.facts.extract || !self.facts.begin() {
            return;
        }
        let inner = Arc::clone(self);
        self.tasks.spawn(async move {
            while let Some(due) = inner.facts.next() {
                let is_ending = inner.ending.is_cancelled();
                if is_ending || matches!(inner.draw(&due).await, DrawEnd::Later) {
                    inner.facts.put_back(due);
                    return;
                }
            }
        });
    }

    async fn draw(self: &Arc<Self>, due: &FactDue) -> DrawEnd {
        let wanted = due.clone();
        let begun = self.read(move |inner| inner.begin_drawing(&wanted)).await;
        // What can't be read now is looked at after the next start.
        let Ok(Some((work, basis, model))) = begun else {
            return DrawEnd::Done;
        };
        let proposals = match self.proposals(&work, &model).await {
            Proposals::Some(proposals) => proposals,
            Proposals::None => Vec::new(),
            Proposals::TooMuch => {
                let message = due.message.clone();
                let later = move |inner: &Self| {
                    Ok(inner.options.memory.archive()?.set_facts_due(&message)?)
                };
                let _ = self.read(later).await;
                return DrawEnd::Later;
            }
            Proposals::Failed => return DrawEnd::Done,
        };
        let kept = self
            .read(move |inner| inner.keep_drawn(&work, basis, &proposals))
            .await;
        if let Ok(drawn) = kept {
            self.tell_drawn(due, &drawn);
        }
        DrawEnd::Done
    }

    fn tell_drawn(&self, due: &FactDue, drawn: &DrawnFacts) {
        if drawn.added.is_empty() {
            return;
        }
        let added = drawn.added.iter().map(|fact| json!(FactDoc::new(fact)));
        self.tell(ChatEvent::MemoryUpdate {
            conversation: due.conversation.clone(),
            message: due.message.clone(),
            turn: due.turn.clone(),
            added: added.collect(),
            ended: drawn.ended.clone(),
        });
    }

    /// What is to be drawn from a message, and who is asked; nothing where nothing is. Blocks.
    fn begin_drawing(&self, due: &FactDue) -> Result<Option<(FactWork, FactBasis, ModelHandle)>> {
        let mut archive = self.options.memory.archive()?;
        let Some(basis) = archive.begin_drawing_facts(&due.message)? else {
            return Ok(None);
        };
        let thread = archive.chat(&due.conversation)?;
        let mut settings = ConversationSettings::parse(&thread.head.settings);
        let character = self.character(&settings).ok().flatten();
        if let Some(character) = &character {
            settings.facts = settings.facts.or(character.facts);
            settings.model = settings.model.or_else(|| character.model.clone());
        }
        let work = work_of(
            &thread,
            &due.message,
            character.map(|character| character.id.clone()),
        )
        .filter(|work| settings.facts != Some(false) && work.may_state());
        let Some(work) = work else {
            archive.end_drawing_facts(basis)?;
            return Ok(None);
        };
        let model = self
            .options
            .models
            .resolve(settings.model.as_deref().unwrap_or_default());
        Ok(model.ok().map(|model| (work, basis, model)))
    }

    /// Asks a model, in the best form that it takes, within the tokens of the day.
    async fn proposals(self: &Arc<Self>, work: &FactWork, model: &ModelHandle) -> Proposals {
        for form in FactAnswerForm::ALL {
            if form.name().is_some_and(|name| model.refuses_form(name)) {
                continue;
            }
            let body = work.request(form);
            let tokens = i64::try_from(tokens_of(&body)).unwrap_or(i64::MAX);
            let day = self.now().div_euclid(MILLIS_A_DAY);
            let limit = self.options.facts.daily_tokens;
            let take = move |inner: &Self| {
                Ok(inner
                    .options
                    .memory
                    .archive()?
                    .take_fact_tokens(day, tokens, limit)?)
            };
            match self.read(take).await {
                Ok(true) => {}
                Ok(false) => return Proposals::TooMuch,
                Err(_) => return Proposals::Failed,
            }
            let answered = model.complete(body, self.ending.child_token()).await;
            let used = answered.as_ref().ok().map(|whole| {
                let usage = whole.answer.get("usage").and_then(Usage::read);
                usage.map_or(tokens, |usage| {
                    i64::try_from(usage.total()).unwrap_or(tokens)
                })
            });
            let back = used.unwrap_or(0) - tokens;
            let give_back = move |inner: &Self| {
                let mut archive = inner.options.memory.archive()?;
                Ok(archive.take_fact_tokens(day, back, u64::MAX)?)
            };
            // If this fails, less is left for today.
            let _ = self.read(give_back).await;
            match answered {
                Ok(whole) => {
                    let text = content_of(&whole.answer);
                    return match FactWork::read(&text) {
                        Some(proposals) => Proposals::Some(proposals),
                        None => Proposals::None,
                    };
                }
                Err(error) if form_of_refusal(&error) => {
                    if let Some(name) = form.name() {
                        model.learn_refused_form(name);
                    }
                }
                Err(_) => return Proposals::Failed,
            }
        }
        Proposals::Failed
    }

    /// Keeps what of proposals are facts, while the message is as it was when they were drawn. Blocks.
    fn keep_drawn(
        &self,
        work: &FactWork,
        basis: FactBasis,
        proposals: &[FactProposal],
    ) -> Result<DrawnFacts> {
        let mut all = DrawnFacts {
            added: Vec::new(),
            ended: Vec::new(),
        };
        for proposal in proposals {
            if let Ok(KeptFact::Kept(fact, ended)) = self.keep_one(work, basis, proposal)? {
                all.added.push(*fact);
                all.ended.extend(ended);
            }
        }
        self.options.memory.archive()?.end_drawing_facts(basis)?;
        Ok(all)
    }

    /// Keeps a fact, unless it is none or known. If somebody changed any meanwhile it is judged anew. Blocks.
    fn keep_one(
        &self,
        work: &FactWork,
        basis: FactBasis,
        proposal: &FactProposal,
    ) -> Result<Result<KeptFact, FactRefusal>> {
        let memory = &self.options.memory;
        let engine = &self.options.guards.engine;
        for _ in 0..MAX_RETRIES {
            let version = memory.archive()?.facts_version()?;
            let new = match work.judge(engine, proposal, &|text| memory.search_facts(text))? {
                Ok(DrawnFact::Keep(new)) => new,
                Ok(DrawnFact::Known(id)) => return Ok(Ok(KeptFact::Known(id))),
                Err(refusal) => return Ok(Err(refusal)),
            };
            let now = self.now();
            let new = std::slice::from_ref(&*new);
            let kept = memory
                .archive()?
                .keep_facts(Some(version), new, Some(basis), now);
            match kept {
                Ok(mut kept) => {
                    // It is kept whatever becomes of this; until it is embedded it is found by its words.
                    let _ = memory.embed_newest();
                    let fact = kept.pop().ok_or_else(|| Error::not_found("fact", ""))?;
                    let ended = new[0].replaces.clone();
                    return Ok(Ok(KeptFact::Kept(Box::new(fact), ended)));
                }
                Err(ArchiveError::FactsChanged { .. } | ArchiveError::Locked) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Err(Error::Conflict("the facts change all the time".to_owned()))
    }

    /// Blocks.
    fn remembered(
        &self,
        text: &str,
        topics: &[String],
        source: &FactSource,
    ) -> Result<RememberedFact> {
        if self.off_record.has(&source.conversation) {
            let why = "nothing is remembered of a conversation off the record";
            return Err(Error::Conflict(why.to_owned()));
        }
        let basis = self.options.memory.archive()?.fact_basis(&source.message)?;
        let thread = self.thread(&source.conversation)?;
        let settings = ConversationSettings::parse(&thread.head.settings);
        let work = work_of(&thread, &source.message, settings.character)
            .ok_or_else(|| Error::not_found("message of the person", &source.message))?;
        let proposal = work.proposal(text, topics);
        match self.keep_one(&work, basis, &proposal)? {
            Ok(KeptFact::Kept(fact, _)) => Ok(RememberedFact::Kept(fact)),
            Ok(KeptFact::Known(id)) => {
                let fact = self.options.memory.archive()?.fact(&id)?;
                Ok(RememberedFact::Known(Box::new(fact)))
            }
            Err(refusal) => Ok(RememberedFact::Refused(refusal)),
        }
    }
}

/// What became of a proposal that is a fact.
enum KeptFact {
    /// It is kept, in the place of the facts of these ids.
    Kept(Box<PersonFact>, Vec<String>),
    /// The fact of this id says it.
    Known(String),
}

/// What came of asking a model.
enum Proposals {
    Some(Vec<FactProposal>),
    /// Its answer was none.
    None,
    /// The tokens of the day don't allow it.
    TooMuch,
    /// It couldn't be asked.
    Failed,
}

fn content_of(answer: &serde_json::Map<String, Value>) -> String {
    let message = &answer
        .get("choices")
        .and_then(|choices| choices.get(0))
        .map_or(&Value::Null, |choice| &choice["message"]);
    message["content"].as_str().unwrap_or_default().to_owned()
}

/// What is to be drawn from a message of the person, on its branch; nothing if it is none of theirs, or was
/// refused.
fn work_of(thread: &ChatThread, message: &str, character: Option<String>) -> Option<FactWork> {
    let branches = Branches::of(thread);
    let path = branches.path(Some(message));
    let last = path.last()?;
    let is_said = last.message.role == Role::User
        && last.state == ChatMessageState::Whole
        && Detail::parse(&last.detail).refusal.is_none();
    if !is_said {
        return None;
    }
    let own: Vec<&str> = path
        .iter()
        .filter(|message| message.message.role == Role::User)
        .map(|message| message.message.text.as_str())
        .collect();
    let before = path.iter().rev().nth(1);
    let asked = before
        .filter(|message| message.message.role == Role::Assistant)
        .map(|message| message.message.text.as_str());
    let origin = FactOrigin {
        conversation: Some(thread.head.id.clone()),
        said: Some(last.message.id.clone()),
        turn: last.turn.clone(),
        character,
        ..FactOrigin::default()
    };
    let mut work = FactWork::new(&own, asked, origin);
    work.time = last.message.time;
    Some(work)
}
