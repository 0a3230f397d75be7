//! How a turn begins: what is asked is checked, put into its conversation, and made ready for the model.

use std::sync::{Arc, Mutex, OnceLock};

use memory::{
    ChatChange, ChatMessage, ChatMessageState, ChatPatch, ChatQuestion, ChatThread, Message,
    NewChatMessage, Role,
};
use serde::Serialize;
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::active::TurnRequest;
use super::active::{ActiveTurn, Admission, StopReason, TurnAsk};
use super::core::{Chat, ChatInner};
use crate::character::SpeakingCharacter;
use crate::detail::Detail;
use crate::facts::RecalledFact;
use crate::guards::FoundHere;
use crate::knowledge::{KnowledgeScope, TurnKnowledge};
use crate::recollect::{self, RecalledMessage};
use crate::settings::ConversationSettings;

use crate::thread::{Branches, title_of};
use crate::toolbox::PendingAnswers;
use crate::turn::TurnLog;
use crate::{Error, Result, id};

/// Pictures that go with a message at most.
const MAX_ATTACHMENTS: usize = 16;

/// What stands behind an answer that was cut, to have it go on. It is sent, and not kept.
const GO_ON: &str = "Continue your last answer exactly where it stops. Repeat nothing of it, and add no \
     introduction.";

/// A turn that was taken on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TurnStarted {
    /// Its id.
    pub turn: String,
    /// Its conversation.
    pub conversation: String,
    /// The id of the message that is said; `None` if none is.
    pub question: Option<String>,
    /// The id that the answer has or gets.
    pub answer: String,
    /// Whether it begins with this call, rather than with an earlier one that said the same message.
    pub is_new: bool,
}

/// A turn that is ready for the model.
pub(super) struct PreparedTurn {
    pub(super) changes: Vec<ChatChange>,
    /// What is put before the model, from the first message to the newest.
    pub(super) path: Vec<ChatMessage>,
    /// The answer that goes on.
    pub(super) goes_on: Option<ChatMessage>,
    /// What the answer follows.
    pub(super) question: Option<String>,
    /// What is set for this turn.
    pub(super) settings: ConversationSettings,
    /// What is set for the conversation alone.
    pub(super) kept_settings: ConversationSettings,
    pub(super) project: Option<String>,
    /// What the person wants in every conversation of the project.
    pub(super) instructions: String,
    /// What of its character stands in the request.
    pub(super) character: Option<SpeakingCharacter>,
    pub(super) findings: Vec<FoundHere>,
    pub(super) recalled: Vec<RecalledMessage>,
    /// What documents have for it.
    pub(super) knowledge: TurnKnowledge,
    /// The documents that count.
    pub(super) scope: KnowledgeScope,
    pub(super) facts: Vec<RecalledFact>,
}

impl Chat {
    /// Takes on a turn, which goes on whoever listens. Turns of one conversation come one after the other.
    ///
    /// # Errors
    /// If the text is empty, too long, or names pictures that aren't there; if there is no such conversation;
    /// if too much is under way, or the program ends. What a guard refuses is told by the turn's events.
    pub async fn start_turn(
        &self,
        conversation: &str,
        request: TurnRequest,
    ) -> Result<TurnStarted> {
        let inner = &self.inner;
        if inner.ending.is_cancelled() {
            return Err(Error::Ending);
        }
        let question = inner.check(&request)?;
        let (chat, said) = (conversation.to_owned(), question.clone());
        let already = inner.read(move |inner| inner.already(&chat, said.as_deref()));
        if let Some(started) = already.await? {
            return Ok(started);
        }
        let answer = match &request.ask {
            TurnAsk::Continue { message } => message.clone(),
            _ => id::new_id(),
        };
        let turn = id::new_id();
        let about = json!({
            "turn": turn, "conversation": conversation, "question": question, "answer": answer,
        });
        let turn = Arc::new(ActiveTurn {
            id: turn,
            conversation: conversation.to_owned(),
            answer,
            question,
            log: Arc::new(TurnLog::new(about)),
            cancel: CancellationToken::new(),
            stop_reason: OnceLock::new(),
            request: Mutex::default(),
            answers: PendingAnswers::default(),
        });
        let gate = match inner.turns.add(Arc::clone(&turn))? {
            Admission::New(gate) => gate,
            Admission::Known(turn) => return Ok(started(&turn, false)),
        };
        let started = started(&turn, true);
        let task = Arc::clone(inner).run(turn, request, gate);
        inner.tasks.spawn(task);
        Ok(started)
    }

    /// Stops a turn: its connection to the model's server is closed at once. What it has said is kept. One that
    /// has ended stays as it is.
    ///
    /// # Errors
    /// If there is no such turn, or the archive can't be read.
    pub async fn cancel(&self, turn: &str) -> Result<()> {
        if let Some(active) = self.inner.turns.get(turn) {
            active.stop(StopReason::Person);
            return Ok(());
        }
        let id = turn.to_owned();
        self.inner
            .read(move |inner| Ok(inner.options.memory.archive()?.turn(&id)?))
            .await?;
        Ok(())
    }

    /// The ids of the turns of a conversation that are under way, or wait.
    #[must_use]
    pub fn running(&self, conversation: &str) -> Vec<String> {
        let running = self.inner.turns.running(conversation);
        running.iter().map(|turn| turn.id.clone()).collect()
    }

    /// What a turn sent to the model, as JSON, byte for byte but for secrets that are masked where it is kept.
    /// `None` if nothing was sent, or it is gone since something was forgotten.
    ///
    /// # Errors
    /// If there is no such turn, or the archive can't be read.
    pub async fn request_of(&self, turn: &str) -> Result<Option<Vec<u8>>> {
        if let Some(active) = self.inner.turns.get(turn) {
            let request = active.request.lock();
            return Ok(request.unwrap_or_else(|error| error.into_inner()).clone());
        }
        let id = turn.to_owned();
        self.inner
            .read(move |inner| Ok(inner.options.memory.archive()?.turn(&id)?.request))
            .await
    }
}

fn started(turn: &ActiveTurn, is_new: bool) -> TurnStarted {
    TurnStarted {
        turn: turn.id.clone(),
        conversation: turn.conversation.clone(),
        question: turn.question.clone(),
        answer: turn.answer.clone(),
        is_new,
    }
}

impl ChatInner {
    /// The turn that said this message before, if one did: whoever asks again after a lost connection doesn't
    /// say it twice. That there is such a conversation is checked too. Blocks.
    fn already(&self, chat: &str, question: Option<&str>) -> Result<Option<TurnStarted>> {
        let known = question.and_then(|id| self.turns.of_question(chat, id));
        if let Some(turn) = known {
            return Ok(Some(started(&turn, false)));
        }
        let said = match self.off_record.get(chat) {
            None => self
                .options
                .memory
                .archive()?
                .chat_question(chat, question)?,
            Some(thread) => question.and_then(|id| {
                let found = Branches::of(&thread).get(id)?.turn.clone()?;
                let mut answers = thread.messages.iter();
                let answer = answers.find(|message| message.parent.as_deref() == Some(id));
                Some(ChatQuestion {
                    turn: found,
                    answer: answer.map(|answer| answer.message.id.clone()),
                })
            }),
        };
        Ok(said.map(|said| TurnStarted {
            turn: said.turn,
            conversation: chat.to_owned(),
            question: question.map(str::to_owned),
            answer: said.answer.unwrap_or_default(),
            is_new: false,
        }))
    }

    /// Refuses what can't be said at all. Returns the id of the message that is said.
    fn check(&self, request: &TurnRequest) -> Result<Option<String>> {
        let TurnAsk::Say {
            id,
            text,
            attachments,
            ..
        } = &request.ask
        else {
            return Ok(None);
        };
        let limit = self.options.limits.message_bytes;
        if text.len() > limit {
            return Err(Error::TooLong {
                field: "text",
                bytes: text.len(),
                limit,
            });
        }
        if text.trim().is_empty() && attachments.is_empty() {
            return Err(Error::invalid("text", "is empty"));
        }
        if attachments.len() > MAX_ATTACHMENTS {
            let problem = format!("names more than {MAX_ATTACHMENTS} pictures");
            return Err(Error::invalid("attachments", problem));
        }
        match id {
            None => Ok(Some(id::new_id())),
            Some(id) if id::is_id(id) => Ok(Some(id.to_ascii_lowercase())),
            Some(_) => Err(Error::invalid("id", "isn't a UUID")),
        }
    }

    /// Makes a turn ready. Blocks.
    pub(super) fn prepare(&self, turn: &ActiveTurn, request: &TurnRequest) -> Result<PreparedTurn> {
        let thread = self.thread(&turn.conversation)?;
        let mut settings = ConversationSettings::parse(&thread.head.settings);
        let kept_settings = settings.clone();
        if let Some(model) = &request.model {
            settings.model = Some(model.clone());
        }
        settings.parameters.extend(request.parameters.clone());
        if request.recall.is_some() {
            settings.recall = request.recall;
        }
        let character = self.character(&settings)?;
        if let Some(character) = &character {
            settings.model = settings.model.or_else(|| character.model.clone());
            settings.recall = settings.recall.or(character.recall);
            settings.tools = settings.tools.or_else(|| character.tools.clone());
            settings.facts = settings.facts.or(character.facts);
            for (name, value) in &character.parameters {
                let parameters = &mut settings.parameters;
                parameters.entry(name).or_insert_with(|| value.clone());
            }
        }
        let mut prepared = match &request.ask {
            TurnAsk::Say {
                text,
                attachments,
                parent,
                ..
            } => self.prepare_saying(turn, &thread, settings, (text, attachments), parent),
            TurnAsk::Regenerate { message } => prepare_anew(&thread, settings, message),
            TurnAsk::Continue { message } => prepare_going_on(&thread, settings, message),
        }?;
        let asking = (character.as_deref(), &prepared);
        (prepared.scope, prepared.knowledge) = self.find_knowledge(turn, request, asking);
        if let Some(character) = character {
            let (speaking, lore) = self.speaking(&character, &thread, &prepared.path);
            prepared.add_lore(&lore);
            prepared.character = Some(speaking);
        }
        prepared
            .knowledge
            .add(&mut prepared.changes, &mut prepared.path);
        Ok(PreparedTurn {
            kept_settings,
            instructions: thread.instructions.clone(),
            ..prepared
        })
    }

    fn prepare_saying(
        &self,
        turn: &ActiveTurn,
        thread: &ChatThread,
        settings: ConversationSettings,
        (text, attachments): (&str, &[String]),
        parent: &Option<Option<String>>,
    ) -> Result<PreparedTurn> {
        let project = thread.head.project.clone();
        let branches = Branches::of(thread);
        let parent = match parent {
            None => thread.head.head.clone(),
            Some(parent) => parent.clone(),
        };
        if let Some(id) = &parent
            && branches.get(id).is_none()
        {
            return Err(Error::not_found("message", id));
        }
        let guards = &self.options.guards;
        let policy = guards.input_in(project.as_deref());
        let vault = self.vault(&turn.conversation);
        let checked = guards
            .check(text, policy, (&self.masker, &vault))
            .map_err(|refusal| Error::Refused(Box::new(refusal)))?;
        let (recalled, facts) = self.recalled(turn, &settings, &checked.text, project.as_deref());
        let now = (self.options.local_time)();
        let mut detail = Detail {
            context: recollect::context(&now, &recalled, &facts),
            recalled: recalled
                .iter()
                .map(RecalledMessage::place)
                .chain(facts.iter().map(RecalledFact::place))
                .collect(),
            findings: checked.findings.iter().map(|found| json!(found)).collect(),
            ..Detail::default()
        };
        for id in attachments {
            detail.attachments.push(self.attachment(id)?);
        }
        let question = turn.question.clone().unwrap_or_else(id::new_id);
        let new = NewChatMessage {
            parent: parent.clone(),
            turn: Some(turn.id.clone()),
            detail: detail.to_json(),
            ..NewChatMessage::said(&question, Role::User, self.now(), &checked.text)
        };
        let mut path: Vec<ChatMessage> = branches
            .path(parent.as_deref())
            .into_iter()
            .cloned()
            .collect();
        path.push(ChatMessage {
            message: Message {
                id: question.clone(),
                role: Role::User,
                text: checked.text.clone(),
                ..Message::default()
            },
            parent,
            turn: new.turn.clone(),
            state: ChatMessageState::Whole,
            detail: new.detail.clone(),
        });
        let chat = turn.conversation.clone();
        let mut changes = vec![ChatChange::Append {
            chat: chat.clone(),
            message: Box::new(new),
        }];
        // What a character said first is no title.
        let is_first = thread
            .messages
            .iter()
            .all(|message| message.message.role != Role::User);
        if is_first && thread.head.title.is_none() {
            let patch = ChatPatch {
                title: title_of(&checked.text).map(|title| (title, false)),
                ..ChatPatch::default()
            };
            changes.push(ChatChange::Patch { chat, patch });
        }
        Ok(PreparedTurn {
            changes,
            path,
            goes_on: None,
            question: Some(question),
            settings,
            kept_settings: ConversationSettings::default(),
            project,
            instructions: String::new(),
            character: None,
            findings: checked.findings,
            recalled,
            knowledge: TurnKnowledge::default(),
            scope: KnowledgeScope::default(),
            facts,
        })
    }
}

fn prepare_anew(
    thread: &ChatThread,
    settings: ConversationSettings,
    message: &str,
) -> Result<PreparedTurn> {
    let branches = Branches::of(thread);
    let missing = || Error::not_found("message", message);
    let found = branches.get(message).ok_or_else(missing)?;
    let question = match found.message.role {
        Role::Assistant => found.parent.clone(),
        _ => Some(message.to_owned()),
    };
    let path = branches.path(question.as_deref());
    if path.is_empty() {
        let why = "this answer follows nothing that could be answered again";
        return Err(Error::Conflict(why.to_owned()));
    }
    Ok(again(thread, settings, &path, question, None))
}

fn prepare_going_on(
    thread: &ChatThread,
    settings: ConversationSettings,
    message: &str,
) -> Result<PreparedTurn> {
    let branches = Branches::of(thread);
    let missing = || Error::not_found("message", message);
    let found = branches.get(message).ok_or_else(missing)?;
    if found.message.role != Role::Assistant || found.state == ChatMessageState::Hidden {
        let why = "only an answer that may be shown can go on";
        return Err(Error::Conflict(why.to_owned()));
    }
    let mut path = branches.path(Some(message));
    let go_on = ChatMessage {
        message: Message {
            role: Role::User,
            text: GO_ON.to_owned(),
            ..Message::default()
        },
        parent: None,
        turn: None,
        state: ChatMessageState::Whole,
        detail: String::new(),
    };
    let question = found.parent.clone();
    // Where nothing came of it, it is asked for from its start.
    if found.message.text.is_empty() {
        path.pop();
    } else {
        path.push(&go_on);
    }
    Ok(again(
        thread,
        settings,
        &path,
        question,
        Some(found.clone()),
    ))
}

/// A turn that says nothing new.
fn again(
    thread: &ChatThread,
    settings: ConversationSettings,
    path: &[&ChatMessage],
    question: Option<String>,
    goes_on: Option<ChatMessage>,
) -> PreparedTurn {
    PreparedTurn {
        changes: Vec::new(),
        path: path.iter().copied().cloned().collect(),
        goes_on,
        question,
        settings,
        kept_settings: ConversationSettings::default(),
        project: thread.head.project.clone(),
        instructions: String::new(),
        character: None,
        findings: Vec::new(),
        recalled: Vec::new(),
        knowledge: TurnKnowledge::default(),
        scope: KnowledgeScope::default(),
        facts: Vec::new(),
    }
}
