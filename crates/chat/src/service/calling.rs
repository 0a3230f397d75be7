//! One call of a tool: allowed or not, made, and its result judged.

use std::sync::Arc;

use guard::Action;
use reqwest::Url;
use serde_json::{Map, Value, json};
use tools::{Approval, ListedTool, Progress, ToolCall, ToolError, ToolResult, ToolServers};

use super::active::ActiveTurn;
use super::core::ChatInner;
use super::gathering::Gathering;
use super::own_tools::OwnCall;
use crate::event::EventName;
use crate::knowledge::KnowledgeScope;
use crate::steps::{CallState, StepCall};
use crate::toolbox::{
    AskedTool, BuiltInTool, OfferedKind, OfferedTool, OutcomeText, ResultParts, ToolOutcome,
    each_text, named_media,
};

/// A call that the model wants.
pub(super) struct CallRequest {
    pub(super) chat: Arc<ChatInner>,
    pub(super) turn: Arc<ActiveTurn>,
    pub(super) call: StepCall,
    pub(super) project: Option<String>,
    /// The documents that count.
    pub(super) scope: KnowledgeScope,
}

impl CallRequest {
    /// Makes the call, if that is allowed.
    pub(super) async fn make(self, tool: OfferedTool) -> ToolOutcome {
        let arguments = match arguments(&self.call) {
            Ok(arguments) => arguments,
            Err(why) => return ToolOutcome::failed(CallState::Failed, &why),
        };
        let cancel = self.turn.cancel.clone();
        let made = async {
            match tool.kind {
                OfferedKind::BuiltIn(tool) => self.built_in(tool, arguments).await,
                OfferedKind::Server(tool) => self.of_server(&tool, arguments).await,
                // It is answered where the tools are offered.
                OfferedKind::Finder => {
                    ToolOutcome::failed(CallState::Failed, "there is nothing to find")
                }
            }
        };
        tokio::select! {
            biased;
            () = cancel.cancelled() => {
                ToolOutcome::failed(CallState::Stopped, "the person stopped the turn")
            }
            outcome = made => outcome,
        }
    }

    async fn built_in(&self, tool: BuiltInTool, arguments: Map<String, Value>) -> ToolOutcome {
        let arguments = match tool.reaches_network() {
            true => self.revealed(arguments),
            false => arguments,
        };
        if tool.reaches_network()
            && let Err(why) = self.may_leave(&arguments).await
        {
            return ToolOutcome::failed(CallState::Refused, &why);
        }
        if let Some(asked) = self.asked_about(tool, &arguments).await
            && let Err(why) = self.chat.allows(&self.turn, &self.call, &asked).await
        {
            return ToolOutcome::failed(CallState::Refused, &why);
        }
        let call = OwnCall {
            chat: &self.chat,
            turn: &self.turn,
            scope: &self.scope,
            arguments: &arguments,
        };
        match call.make(tool).await {
            Ok(text) => self.judged(text, false).await,
            // It may repeat what others wrote.
            Err(why) => self.judged(OutcomeText::foreign(why), true).await,
        }
    }

    async fn of_server(&self, tool: &ListedTool, arguments: Map<String, Value>) -> ToolOutcome {
        let Some(servers) = &self.chat.options.tools.servers else {
            return ToolOutcome::failed(CallState::Failed, "there are no servers of tools");
        };
        let arguments = self.revealed(arguments);
        if let Err(why) = self.may_leave(&arguments).await {
            return ToolOutcome::failed(CallState::Refused, &why);
        }
        let asked = AskedTool {
            server: tool.server.clone(),
            tool: tool.name.clone(),
            fingerprint: tool.fingerprint.clone(),
            description: tool.description.clone(),
            asks_always: tool.approval == Approval::Always,
        };
        if tool.approval != Approval::Never
            && let Err(why) = self.chat.allows(&self.turn, &self.call, &asked).await
        {
            return ToolOutcome::failed(CallState::Refused, &why);
        }
        let call = ToolCall {
            server: tool.server.clone(),
            name: tool.name.clone(),
            arguments,
        };
        let questions = &self.chat.options.tools.questions;
        let asking = self.chat.asking(&self.turn);
        let calling = questions.come_to(&tool.server, asking);
        let mut progress = |progress: Progress| self.tell_progress(&progress);
        let result = servers
            .call(call, &mut progress, self.turn.cancel.child_token())
            .await;
        drop(calling);
        match result {
            Ok(result) => self.result(&tool.server, result).await,
            Err(ToolError::Cancelled) => {
                ToolOutcome::failed(CallState::Stopped, "the person stopped the turn")
            }
            Err(error) => {
                let text = OutcomeText::foreign(error.to_string());
                self.judged(text, true).await
            }
        }
    }

    /// What the person is asked about before one of the program's own tools does something that can't be undone.
    async fn asked_about(
        &self,
        tool: BuiltInTool,
        arguments: &Map<String, Value>,
    ) -> Option<AskedTool> {
        let text = |name: &str| arguments.get(name).and_then(Value::as_str);
        match tool {
            BuiltInTool::FetchPage => Some(asked_page(text("url").unwrap_or_default())),
            BuiltInTool::ForgetFact => {
                let id = text("id")?.to_owned();
                let fact = self
                    .chat
                    .read(move |inner| Ok(inner.options.memory.archive()?.fact(&id)?));
                // Without one there is nothing to forget, which the call says.
                let fact = fact.await.ok()?;
                Some(AskedTool {
                    server: "facts".to_owned(),
                    tool: fact.id,
                    fingerprint: String::new(),
                    description: format!("Forgets for good what you told: {}", fact.text),
                    asks_always: true,
                })
            }
            _ => None,
        }
    }

    /// Arguments with the author's own words, as the person sees them when they allow the call.
    fn revealed(&self, arguments: Map<String, Value>) -> Map<String, Value> {
        let vault = self.chat.vault(&self.turn.conversation);
        let revealed = arguments
            .into_iter()
            .map(|(name, value)| (name, vault.reveal_in(value)));
        revealed.collect()
    }

    /// Whether arguments may go to a tool: they are judged as what the model says to the person is.
    async fn may_leave(&self, arguments: &Map<String, Value>) -> Result<(), String> {
        let mut texts = Vec::new();
        each_text(arguments, &mut |_, text| texts.push(text));
        let (text, project) = (texts.join("\n"), self.project.clone());
        let judged = self.chat.read(move |inner| {
            let guards = &inner.options.guards;
            Ok(guards
                .engine
                .judge(&text, guards.output_in(project.as_deref())))
        });
        let judgement = judged.await.map_err(|error| error.to_string())?;
        if judgement.action < Action::Quarantine {
            return Ok(());
        }
        let refused = judgement
            .findings
            .iter()
            .find(|judged| judged.action >= Action::Quarantine);
        Err(match refused {
            Some(judged) => format!("not made, for what it would send: {}", judged.finding.why),
            None => "not made: what it would send couldn't be checked".to_owned(),
        })
    }

    fn tell_progress(&self, progress: &Progress) {
        self.turn.log.tell(
            EventName::ToolCallProgress,
            json!({
                "id": self.call.id(), "done": progress.done, "total": progress.total,
                "message": progress.message.as_deref().map(|text| wire::markup::cut(text, 500)),
            }),
        );
    }

    /// A result as it is kept and told. The model has the tool's own words, addresses and all, so that it can hand
    /// them to another tool; the person has the files.
    async fn result(&self, server: &str, result: ToolResult) -> ToolOutcome {
        let is_error = result.is_error;
        let parts = ResultParts::of(result);
        let servers = self.chat.options.tools.servers.as_ref();
        let known = servers.map(ToolServers::servers).unwrap_or_default();
        let known = known.into_iter().find(|one| one.name == server);
        let (origin, directories) = match known {
            Some(server) => (server.origin, server.directories),
            None => (None, Vec::new()),
        };
        let named = named_media(&parts.text, &parts.links, origin.as_deref());
        let outcome = self
            .judged(OutcomeText::foreign(named.text), is_error)
            .await;
        // What is withheld is so with all that belongs to it.
        if outcome.state == CallState::Refused {
            return outcome;
        }
        let gathering = Gathering {
            chat: &self.chat,
            off_record: self.chat.off_record.has(&self.turn.conversation),
            origin,
            directories,
        };
        let mut media = Vec::new();
        for bytes in parts.files.into_iter().chain(named.files) {
            media.push(gathering.keep(bytes).await);
        }
        for place in &named.places {
            media.extend(gathering.gather(place).await);
        }
        ToolOutcome { media, ..outcome }
    }

    async fn judged(&self, mut text: OutcomeText, is_error: bool) -> ToolOutcome {
        // Tools repeat what they were asked, which for the model's server stays masked.
        let vault = self.chat.vault(&self.turn.conversation);
        text.text = vault.hide(self.call.arguments(), &text.text).into_owned();
        let project = self.project.clone();
        let judged = self
            .chat
            .read(move |inner| Ok(inner.outcome(text, is_error, project.as_deref())));
        judged
            .await
            .unwrap_or_else(|error| ToolOutcome::failed(CallState::Failed, &error.to_string()))
    }
}

impl ChatInner {
    /// A tool's text as the model may have it. Blocks, for as long as judging it takes.
    fn outcome(&self, text: OutcomeText, is_error: bool, project: Option<&str>) -> ToolOutcome {
        let guards = &self.options.guards;
        ToolOutcome::of_text(
            text,
            is_error,
            (&guards.engine, &self.masker, guards.foreign_in(project)),
            self.options.tools.limits.result_tokens,
        )
    }
}

/// What a person is asked about before the program itself goes to an address: each host once in a conversation, since
/// an address can carry away what stands in the conversation.
fn asked_page(url: &str) -> AskedTool {
    let host = Url::parse(url).ok();
    let host = host.as_ref().and_then(Url::host_str).unwrap_or(url);
    AskedTool {
        server: "web".to_owned(),
        tool: host.to_owned(),
        fingerprint: String::new(),
        description: format!("Fetches a page from {host}"),
        asks_always: false,
    }
}

/// The arguments of a call. Some models write nothing where there are none.
fn arguments(call: &StepCall) -> Result<Map<String, Value>, String> {
    let text = call.arguments().trim();
    if text.is_empty() {
        return Ok(Map::new());
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(arguments)) => Ok(arguments),
        Ok(Value::Null) => Ok(Map::new()),
        Ok(_) => Err("the arguments are no JSON object".to_owned()),
        Err(error) => Err(format!("the arguments are no JSON: {error}")),
    }
}
