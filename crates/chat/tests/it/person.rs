//! A person with a chat over a temporary archive and a scripted model.

use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, SystemTime};

use chat::character::{CharacterLibrary, Speaker};
use chat::knowledge::{ExtractorOptions, KnowledgeOptions};
use chat::model::{ModelRegistry, ProviderOptions};
use chat::{
    ApprovalAnswer, ApprovalDecision, Chat, ChatGuards, ChatLimits, ChatOptions, ChatView, Event,
    FactOptions, NewConversation, RecallOptions, ToolOptions, TurnAsk, TurnRequest,
};
use fetch::{FetchOptions, Fetcher};
use guard::{Place, Policies};
use memory::{
    ArchiveOpener, Clock, FixedEmbedder, Guards, Home, Memory, MemoryOptions, SharedModel,
};
use serde_json::Value;

use crate::scripted::{Answer, Request, ScriptedServer};

/// A home that outlives the chats that are opened in it, one after the other.
pub(crate) struct PersonHome(tempfile::TempDir);

/// A person's chat.
pub(crate) struct Person {
    pub(crate) chat: Chat,
    pub(crate) memory: Arc<Memory>,
}

fn clock() -> Clock {
    Clock(SystemTime::now)
}

impl PersonHome {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("a temporary directory"))
    }

    pub(crate) fn characters(&self) -> PathBuf {
        self.0.path().join("characters")
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.0.path().join("data")
    }

    /// Opens the chat, as a process does when it starts.
    pub(crate) fn open(&self, server: &ScriptedServer) -> Person {
        self.open_with(self.options(server))
    }

    pub(crate) fn open_with(&self, options: ChatOptions) -> Person {
        let memory = Arc::clone(&options.memory);
        Person {
            chat: Chat::open(options).expect("the chat opens"),
            memory,
        }
    }

    pub(crate) fn options(&self, server: &ScriptedServer) -> ChatOptions {
        let models = ModelRegistry::new(clock());
        let mut provider = ProviderOptions::new("here", &server.url()).with_key("sk-planted");
        provider.limits.retries = 0;
        models.add(provider).expect("a provider");
        models.set_default(Some("here/m"));
        let home = Home::new(self.data(), self.0.path().join("cache"));
        let memory = Arc::new(Memory::new(MemoryOptions {
            opener: ArchiveOpener::new(&home, &Guards::default()),
            max_connections: 4,
            idle_connections: 2,
            connection_timeout: Duration::from_secs(20),
            model: Arc::new(SharedModel::given(Arc::new(FixedEmbedder::new(32)))),
            follow: None,
            clock: clock(),
            lower_priority: || {},
        }));
        ChatOptions {
            memory,
            models,
            guards: ChatGuards {
                engine: Arc::default(),
                input: Policies::of(Place::Input),
                output: Policies::of(Place::Output),
                foreign: Policies::of(Place::Recall),
            },
            recall: RecallOptions::default(),
            knowledge: Arc::new(KnowledgeOptions {
                extractor: ExtractorOptions::new(Vec::new()),
                fetcher: Arc::new(Fetcher::new(FetchOptions::default())),
                max_bytes: 1 << 20,
                roots: Vec::new(),
                spool: self.data().join("chat"),
                characters: self.characters(),
                whole_tokens: 200,
                quoted_tokens: 500,
            }),
            facts: FactOptions::default(),
            summaries: false,
            system: "Be kind.".to_owned(),
            characters: Arc::new(CharacterLibrary::new(self.characters())),
            character: None,
            speaker: Speaker {
                name: "Ines".to_owned(),
                persona: "Ines grows quinces.".to_owned(),
            },
            retention: Default::default(),
            tools: ToolOptions::default(),
            local_time: || jiff::Timestamp::UNIX_EPOCH.to_zoned(jiff::tz::TimeZone::UTC),
            directory: self.data().join("chat"),
            limits: ChatLimits::default(),
        }
    }
}

impl Person {
    pub(crate) async fn conversation(&self) -> String {
        let made = self.chat.create(NewConversation::default()).await;
        made.expect("a conversation").summary.id
    }

    /// Says something and waits for the end; the events from the first one on.
    pub(crate) async fn say(&self, conversation: &str, text: &str) -> Vec<(String, Value)> {
        self.turn(conversation, saying(text)).await
    }

    pub(crate) async fn turn(
        &self,
        conversation: &str,
        request: TurnRequest,
    ) -> Vec<(String, Value)> {
        let started = self.chat.start_turn(conversation, request).await;
        let turn = started.expect("the turn is taken on").turn;
        self.all_events(&turn, true).await
    }

    pub(crate) async fn all_events(&self, turn: &str, from_start: bool) -> Vec<(String, Value)> {
        let mut events = self.chat.events(turn, from_start).await.expect("events");
        let mut all = Vec::new();
        while let Some(event) = events.next().await {
            all.push(named(&event));
        }
        all
    }

    /// Says something and decides on every call that is asked about. The events, and what was asked.
    pub(crate) async fn deciding(
        &self,
        conversation: &str,
        text: &str,
        decision: ApprovalDecision,
    ) -> (Vec<(String, Value)>, Vec<Value>) {
        let started = self.chat.start_turn(conversation, saying(text)).await;
        let turn = started.expect("the turn is taken on").turn;
        let mut events = self.chat.events(&turn, true).await.expect("events");
        let (mut all, mut asked) = (Vec::new(), Vec::new());
        while let Some(event) = events.next().await {
            let (name, data) = named(&event);
            if name == "ApprovalRequested" {
                let call = data["id"].as_str().expect("a call");
                let answer = ApprovalAnswer::Decision(decision);
                self.chat.answer(&turn, call, answer).expect("it waits");
                asked.push(data.clone());
            }
            all.push((name, data));
        }
        (all, asked)
    }

    pub(crate) async fn view(&self, conversation: &str) -> ChatView {
        let view = self.chat.conversation(conversation, false).await;
        view.expect("the conversation")
    }

    /// Role, state and text of the messages of the branch that is shown.
    pub(crate) async fn shown(&self, conversation: &str) -> Vec<(String, String, String)> {
        let view = self.view(conversation).await;
        view.thread
            .into_iter()
            .map(|message| {
                (
                    message.role.to_owned(),
                    message.state.to_owned(),
                    message.text,
                )
            })
            .collect()
    }
}

pub(crate) fn saying(text: &str) -> TurnRequest {
    TurnRequest {
        ask: TurnAsk::Say {
            id: None,
            text: text.to_owned(),
            attachments: Vec::new(),
            parent: None,
        },
        ..TurnRequest::default()
    }
}

fn named(event: &Event) -> (String, Value) {
    let data = serde_json::from_str(&event.data).expect("events are JSON");
    (event.name.to_owned(), data)
}

/// A model's server, whose script gets requests for answers alone, and how many of them were before it.
pub(crate) fn model(
    script: impl Fn(&Request, usize) -> Answer + Send + Sync + 'static,
) -> ScriptedServer {
    let count = AtomicUsize::new(0);
    ScriptedServer::start(move |request, _| match request.method.as_str() {
        "POST" => script(request, count.fetch_add(1, Ordering::SeqCst)),
        _ => Answer::json(
            404,
            &serde_json::json!({"error": {"message": "no such route"}}),
        ),
    })
}

/// The bodies of the requests for answers so far.
pub(crate) fn sent(server: &ScriptedServer) -> Vec<Value> {
    let requests = server.requests();
    let posts = requests.iter().filter(|request| request.method == "POST");
    posts.map(Request::json).collect()
}

/// The text that events tell together.
pub(crate) fn told(events: &[(String, Value)]) -> String {
    let mut text = String::new();
    for (name, data) in events {
        if matches!(name.as_str(), "RunContent" | "RunSnapshot") {
            text.push_str(data["text"].as_str().unwrap_or_default());
        }
    }
    text
}

/// The last event's name and data.
pub(crate) fn last(events: &[(String, Value)]) -> (&str, &Value) {
    let (name, data) = events.last().expect("there are events");
    (name, data)
}
