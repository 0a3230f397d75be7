//! Answers in which tools are called: the model is asked, what it wants is called, and it is asked again with what
//! came back, until it has said its answer or has had enough.

use std::sync::Arc;
use std::time::Instant;

use memory::ChatChange;
use serde_json::{Value, json};
use tools::{SchemaDialect, ToolServers, schema_for};

use super::active::ActiveTurn;
use super::begin::PreparedTurn;
use super::calling::CallRequest;
use super::core::ChatInner;
use super::hearing::{Answer, AnswerEnd, Hearing, WantedCalls, millis};
use super::rounds::Rounds;
use crate::Error;
use crate::event::EventName;
use crate::knowledge::KnowledgeScope;
use crate::model::{ModelError, ModelHandle};
use crate::settings::ConversationSettings;
use crate::steps::{AnswerStep, CallState, StepCall};
use crate::toolbox::{BuiltInTool, OfferedKind, OfferedTool, ToolOffer, ToolOutcome};
use crate::vault::PlaceholderVault;

impl ChatInner {
    /// Asks the model, has called what it wants, and tells what it says.
    pub(super) async fn ask(
        self: &Arc<Self>,
        turn: &Arc<ActiveTurn>,
        prepared: &mut PreparedTurn,
        model: &ModelHandle,
    ) -> Answer {
        let mut hearing = Hearing::new(self, turn, prepared);
        hearing.answer.figures.provider = model.provider().to_owned();
        hearing.answer.figures.model = model.model().to_owned();
        let mut rounds = Rounds::new(
            self.offer(turn, prepared, model).await,
            self.options.tools.limits,
        );
        let began = hearing.began;
        let end = loop {
            let body = match self
                .body(turn, prepared, model, (&hearing.answer, &mut rounds))
                .await
            {
                Ok((body, tokens)) => {
                    hearing.prompt_tokens = tokens;
                    body
                }
                Err(_) if turn.cancel.is_cancelled() => break AnswerEnd::stopped(turn),
                Err(error) => break AnswerEnd::Failed(error),
            };
            let end = hearing.listen(model, body).await;
            if self.takes_no_tools(turn, model, (&end, &hearing.answer, &mut rounds)) {
                continue;
            }
            // What is refused at its end is so with the calls that stand behind it.
            let wanted = hearing.wanted.take();
            let Some(wanted) = wanted.filter(|_| matches!(end, AnswerEnd::Whole)) else {
                break end;
            };
            if rounds.has_said_over() {
                break AnswerEnd::Cut(
                    "the model went on calling tools, and was stopped".to_owned(),
                );
            }
            if let Err(error) = self
                .round(turn, prepared, (&mut hearing.answer, wanted, &mut rounds))
                .await
            {
                break AnswerEnd::Failed(error);
            }
            if turn.cancel.is_cancelled() {
                break AnswerEnd::stopped(turn);
            }
            rounds.note(&hearing.answer);
        };
        let mut answer = hearing.answer;
        answer.figures.duration_ms = millis(began.elapsed());
        answer.end = end;
        answer
    }

    /// The tools that a turn has. Servers that aren't there yet are never waited for.
    async fn offer(
        self: &Arc<Self>,
        turn: &Arc<ActiveTurn>,
        prepared: &PreparedTurn,
        model: &ModelHandle,
    ) -> ToolOffer {
        if self.toolless.has(&model.id()) {
            return ToolOffer::default();
        }
        let (allowed, project) = (prepared.settings.tools.clone(), prepared.project.clone());
        let (turn, dialect) = (Arc::clone(turn), model.schema_dialect());
        let (scope, settings) = (prepared.scope.clone(), prepared.settings.clone());
        let offered = self.read(move |inner| {
            let named = (allowed.as_deref(), project.as_deref());
            let mut offered = inner.offered(&turn, named, dialect);
            offered.retain(|tool| inner.has_use(tool, (&turn, &scope, &settings)));
            Ok(ToolOffer::new(offered))
        });
        offered.await.unwrap_or_default()
    }

    /// The tools that are there and allowed. Blocks, for as long as judging new descriptions takes.
    fn offered(
        &self,
        turn: &ActiveTurn,
        (allowed, project): (Option<&[String]>, Option<&str>),
        dialect: SchemaDialect,
    ) -> Vec<OfferedTool> {
        let options = &self.options.tools;
        let mut offered: Vec<OfferedTool> = match allowed {
            // What is named is meant, also if it is off elsewhere.
            Some(_) => BuiltInTool::ALL
                .into_iter()
                .map(OfferedTool::built_in)
                .collect(),
            None => options
                .built_in
                .iter()
                .copied()
                .map(OfferedTool::built_in)
                .collect(),
        };
        let listed = options
            .servers
            .as_ref()
            .map(ToolServers::listed)
            .unwrap_or_default();
        offered.extend(
            listed
                .into_iter()
                .filter(|tool| tool.is_available)
                .map(OfferedTool::of_server),
        );
        if let Some(allowed) = allowed {
            offered.retain(|tool| allowed.iter().any(|name| tool.is_named(name)));
        }
        let guards = &self.options.guards;
        offered.retain_mut(|tool| {
            let OfferedKind::Server(listed) = &tool.kind else {
                return true;
            };
            let judges = (&*guards.engine, guards.foreign_in(project));
            let why = match self.described.refusal(listed, judges) {
                Some(why) => format!("what it says of itself: {why}"),
                None => match schema_for(&listed.input_schema, dialect) {
                    Ok(parameters) => {
                        tool.parameters = parameters;
                        return true;
                    }
                    Err(error) => format!("the provider can't be told of its arguments: {error}"),
                },
            };
            let notice = format!(
                "the tool `{}` of `{}` isn't offered to the model: {why}",
                listed.name, listed.server
            );
            turn.log
                .tell(EventName::RunNotice, json!({"notice": notice}));
            false
        });
        offered
    }

    /// Whether a tool of the program's own has anything to work with. Blocks.
    fn has_use(
        &self,
        tool: &OfferedTool,
        (turn, scope, settings): (&ActiveTurn, &KnowledgeScope, &ConversationSettings),
    ) -> bool {
        let OfferedKind::BuiltIn(tool) = tool.kind else {
            return true;
        };
        let has_facts = settings.facts != Some(false) && !self.off_record.has(&turn.conversation);
        match tool {
            BuiltInTool::SearchMemory => self.recalls(&turn.conversation, settings),
            BuiltInTool::RecallFacts => has_facts && self.recalls(&turn.conversation, settings),
            BuiltInTool::Remember | BuiltInTool::ForgetFact => has_facts,
            BuiltInTool::ReadKnowledge => {
                let documents = self.knowledge().list(Some(&scope.scopes()));
                documents.is_ok_and(|documents| !documents.is_empty())
            }
            BuiltInTool::WebSearch => self.options.tools.search_url.is_some(),
            BuiltInTool::CurrentTime | BuiltInTool::FetchPage => true,
        }
    }

    /// Whether a model refused the request for the tools in it: it is asked again without them, and is no more told
    /// of any where it takes none at all.
    fn takes_no_tools(
        &self,
        turn: &ActiveTurn,
        model: &ModelHandle,
        (end, answer, rounds): (&AnswerEnd, &Answer, &mut Rounds),
    ) -> bool {
        let AnswerEnd::Failed(Error::Model(ModelError::Refused(error))) = end else {
            return false;
        };
        let says = format!("{} {}", error.message, error.param).to_ascii_lowercase();
        let is_about_tools = says.contains("tool") || says.contains("function");
        if rounds.offer.is_empty() || !answer.steps.is_empty() || !is_about_tools {
            return false;
        }
        rounds.offer = ToolOffer::default();
        // One description that a server can't read is mended one day.
        let is_about_one = ["schema", "tools[", "tools.", "declarations["]
            .iter()
            .any(|word| says.contains(word));
        let why = wire::markup::cut(&wire::markup::line(&error.message), 200);
        let takes_none = !is_about_one && (says.contains("support") || says.contains("require"));
        let notice = match takes_none {
            true => {
                self.toolless.add(&model.id());
                format!(
                    "the model `{}` takes no tools ({why}); it is asked without them",
                    model.id()
                )
            }
            false => format!(
                "the model `{}` refuses these tools ({why}); this turn goes on without them",
                model.id()
            ),
        };
        turn.log
            .tell(EventName::RunNotice, json!({"notice": notice}));
        true
    }

    /// Makes the calls that a model wants, and keeps what came of them.
    async fn round(
        self: &Arc<Self>,
        turn: &Arc<ActiveTurn>,
        prepared: &PreparedTurn,
        (answer, wanted, rounds): (&mut Answer, WantedCalls, &mut Rounds),
    ) -> Result<(), Error> {
        let step = AnswerStep {
            at: answer.text.len(),
            provider: wanted.provider,
            message_fields: wanted.message_fields,
            calls: wanted
                .raw_calls
                .into_iter()
                .map(|raw| called(raw, rounds))
                .collect(),
        };
        let vault = self.vault(&turn.conversation);
        let mut requests = Vec::new();
        for (place, call) in step.calls.iter().enumerate() {
            tell(turn, (EventName::ToolCallStarted, &vault), call);
            let tool = rounds.offer.find(call.wire_name()).cloned();
            let known = match (rounds.refusal(call), &tool) {
                (Some(why), _) => Some(ToolOutcome::failed(CallState::Failed, &why)),
                (None, Some(tool)) if matches!(tool.kind, OfferedKind::Finder) => {
                    Some(rounds.look_for(call))
                }
                (None, _) => None,
            };
            requests.push((place, known, tool));
        }
        answer.steps.push(step);
        // What is about to happen is kept before it does.
        self.keep_steps(turn, prepared, answer).await?;
        let mut calls = tokio::task::JoinSet::new();
        for (place, known, tool) in requests {
            let Some(call) = answer.steps.last().and_then(|step| step.calls.get(place)) else {
                continue;
            };
            let request = CallRequest {
                chat: Arc::clone(self),
                turn: Arc::clone(turn),
                call: call.clone(),
                project: prepared.project.clone(),
                scope: prepared.scope.clone(),
            };
            calls.spawn(async move {
                let began = Instant::now();
                let outcome = match (known, tool) {
                    (Some(outcome), _) => outcome,
                    (None, None) => ToolOutcome::failed(
                        CallState::Failed,
                        &format!("there is no tool `{}`", request.call.wire_name()),
                    ),
                    (None, Some(tool)) => request.make(tool).await,
                };
                (place, outcome, millis(began.elapsed()))
            });
        }
        while let Some(ended) = calls.join_next().await {
            // One that panicked stays without a result, which its view says.
            let Ok((place, outcome, took)) = ended else {
                continue;
            };
            let whole = self
                .keep_whole(&turn.conversation, outcome.whole.as_deref())
                .await;
            if let Some(call) = answer
                .steps
                .last_mut()
                .and_then(|step| step.calls.get_mut(place))
            {
                call.state = outcome.state;
                call.result = outcome.told;
                call.whole = whole;
                call.media = outcome.media;
                call.findings = outcome.findings;
                call.duration_ms = took;
                let name = match call.state {
                    CallState::Done => EventName::ToolCallCompleted,
                    _ => EventName::ToolCallError,
                };
                tell(turn, (name, &vault), call);
            }
            self.keep_steps(turn, prepared, answer).await?;
        }
        Ok(())
    }

    /// Keeps what has come of an answer so far.
    async fn keep_steps(
        &self,
        turn: &ActiveTurn,
        prepared: &PreparedTurn,
        answer: &Answer,
    ) -> Result<(), Error> {
        let before = prepared.goes_on.as_ref();
        let before = before.map_or("", |message| message.message.text.as_str());
        let change = ChatChange::Progress {
            turn: turn.id.clone(),
            text: format!("{before}{}", answer.text),
            thinking: answer.thinking.clone(),
            detail: json!({"steps": prepared.all_steps(&answer.steps)}).to_string(),
        };
        self.change(&turn.conversation, vec![change]).await
    }
}

/// A call that is about to be made.
fn called(raw: Value, rounds: &Rounds) -> StepCall {
    let name = raw["function"]["name"]
        .as_str()
        .unwrap_or_default()
        .to_owned();
    let tool = rounds.offer.find(&name);
    StepCall {
        server: tool.and_then(|tool| tool.server().map(str::to_owned)),
        tool: tool.map_or(name, |tool| tool.own_name().to_owned()),
        raw,
        ..StepCall::default()
    }
}

/// Tells of a call.
fn tell(turn: &ActiveTurn, (name, vault): (EventName, &PlaceholderVault), call: &StepCall) {
    let mut data = call.view(vault);
    data["at"] = turn.log.text_len().into();
    turn.log.tell(name, data);
}
