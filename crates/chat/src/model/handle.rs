//! A model that was found by its name.

use serde_json::{Map, Value};
use tokio_util::sync::CancellationToken;

use tools::SchemaDialect;

use super::assemble::Assembler;
use super::catalogue::{Capabilities, capabilities, entries, name_of};
use super::context::context_length;
use super::error::ModelError;
use super::events::ModelStream;
use super::exchange::Target;
use super::length::ContextLength;
use super::options::Prices;
use super::profile::Profile;
use super::stream::{AnswerInfo, ChunkStream};

/// A request: the body of OpenAI's `chat/completions`, with any field. `model` and `stream` are set by the handle.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ChatRequest {
    /// The body.
    pub body: Map<String, Value>,
}

/// A provider's model, with those that take over if it can't be had. Cheap to clone.
#[derive(Clone, Debug)]
pub struct ModelHandle {
    /// The model, then its fall-backs.
    targets: Vec<Target>,
}

impl ModelHandle {
    pub(super) fn new(first: Target, fallbacks: Vec<Target>) -> Self {
        let mut targets = vec![first];
        targets.extend(fallbacks);
        Self { targets }
    }

    fn first(&self) -> &Target {
        &self.targets[0]
    }

    /// The provider's name.
    #[must_use]
    pub fn provider(&self) -> &str {
        self.first().provider.name()
    }

    /// The model's name, as the provider has it.
    #[must_use]
    pub fn model(&self) -> &str {
        &self.first().model
    }

    /// `provider/model`.
    #[must_use]
    pub fn id(&self) -> String {
        format!("{}/{}", self.provider(), self.model())
    }

    /// What is known of the provider.
    #[must_use]
    pub fn profile(&self) -> &'static Profile {
        self.first().provider.profile()
    }

    /// In which words of JSON Schema its provider takes tools.
    #[must_use]
    pub fn schema_dialect(&self) -> SchemaDialect {
        match self.profile().name {
            "gemini" => SchemaDialect::Gemini,
            _ => SchemaDialect::OpenAi,
        }
    }

    /// What its tokens cost, where that is set.
    #[must_use]
    pub fn prices(&self) -> Option<Prices> {
        self.first().provider.prices(self.model())
    }

    /// How long its context is. Asks the server at most once in some minutes, and no longer than the time-out for
    /// lists.
    pub async fn context_length(&self) -> ContextLength {
        context_length(self.first()).await
    }

    /// What it can take: as set up, else as the provider's list of models tells, which is asked for as
    /// [`Self::context_length`] is.
    pub async fn capabilities(&self) -> Capabilities {
        let provider = &self.first().provider;
        let entries = entries(provider).await.unwrap_or_default();
        let entry = entries
            .iter()
            .find(|entry| name_of(entry).as_deref() == Some(self.model()));
        capabilities(provider, self.model(), entry)
    }

    /// Whether its server refused answers of this form (`json_schema`, `json_object`) before. Requests aren't changed
    /// by that: only who asks for a form knows what else would do.
    #[must_use]
    pub fn refuses_form(&self, form: &str) -> bool {
        self.first().provider.refuses_form(self.model(), form)
    }

    /// Remembers that its server refuses answers of this form.
    pub fn learn_refused_form(&self, form: &str) {
        self.first().provider.learn_refused_form(self.model(), form);
    }

    /// Sends a request whose answer comes as events. Nothing is sent before the first
    /// [`next`](ModelStream::next).
    #[must_use]
    pub fn stream(&self, request: ChatRequest, cancel: CancellationToken) -> ModelStream {
        ModelStream::new(self.forward(request.body, cancel))
    }

    /// Sends a request whose answer comes as normal chunks, with all fields that the provider sends.
    #[must_use]
    pub fn forward(&self, body: Map<String, Value>, cancel: CancellationToken) -> ChunkStream {
        ChunkStream::new(self.targets.clone(), body, true, cancel)
    }

    /// Sends a request that asks for no stream, and waits for the whole answer, as OpenAI has it.
    ///
    /// # Errors
    ///
    /// Any [`ModelError`]; half an answer is an error too.
    pub async fn complete(
        &self,
        body: Map<String, Value>,
        cancel: CancellationToken,
    ) -> Result<WholeAnswer, ModelError> {
        let mut chunks = ChunkStream::new(self.targets.clone(), body, false, cancel);
        let mut whole = Assembler::default();
        let mut notices = Vec::new();
        while let Some(chunk) = chunks.next().await {
            whole.take(chunk?);
        }
        notices.extend(chunks.take_notices());
        let info = chunks.info().clone();
        let usage = info
            .usage_chunk
            .as_ref()
            .and_then(|chunk| chunk.get("usage"))
            .cloned();
        Ok(WholeAnswer {
            answer: whole.finish(usage),
            info,
            notices,
        })
    }
}

/// A whole answer.
#[derive(Clone, Debug, PartialEq)]
pub struct WholeAnswer {
    /// The answer as OpenAI's `chat.completion`.
    pub answer: Map<String, Value>,
    /// What is known of it.
    pub info: AnswerInfo,
    /// What a person should be told.
    pub notices: Vec<String>,
}
