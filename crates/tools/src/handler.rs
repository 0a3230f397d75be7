//! What servers ask and tell the client.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rmcp::ClientHandler;
use rmcp::model::{
    ClientCapabilities, ClientConfig, ElicitRequestParams, ElicitResult, ElicitationAction,
    ElicitationCapability, ErrorData, FormElicitationCapability, Implementation,
    ProgressNotificationParam, ProtocolVersion,
};
use rmcp::service::{NotificationContext, RequestContext, RoleClient};
use serde_json::Value;
use tokio::sync::broadcast;

use crate::options::{Elicitor, FormAnswer, Question, ToolServerOptions};

/// How many reports of progress may wait; older ones are dropped.
const QUEUED_PROGRESS: usize = 64;

/// How long a question and its form may be each, in bytes.
const MAX_QUESTION_BYTES: usize = 64 << 10;

/// Which list of a server changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ChangedList {
    Tools,
    Prompts,
    Resources,
}

/// What the handler of a connection shares with whoever uses the connection.
#[derive(Clone)]
pub(crate) struct ConnectionNews {
    pub(crate) progress: broadcast::Sender<ProgressNotificationParam>,
    pub(crate) changes: broadcast::Sender<ChangedList>,
    /// How many questions a person is being asked: as long as there is one, the server isn't late.
    pub(crate) questions: Arc<AtomicUsize>,
}

impl ConnectionNews {
    pub(crate) fn new() -> Self {
        Self {
            progress: broadcast::Sender::new(QUEUED_PROGRESS),
            changes: broadcast::Sender::new(QUEUED_PROGRESS),
            questions: Arc::default(),
        }
    }
}

/// Answers a server.
pub(crate) struct Handler {
    server: String,
    info: ClientConfig,
    elicitor: Option<Arc<dyn Elicitor>>,
    told: ConnectionNews,
}

impl Handler {
    pub(crate) fn new(server: &str, options: &ToolServerOptions, told: ConnectionNews) -> Self {
        let mut capabilities = ClientCapabilities::default();
        if options.elicitor.is_some() {
            let form = ElicitationCapability::new().with_form(FormElicitationCapability::default());
            capabilities.elicitation = Some(form);
        }
        let client = Implementation::new(&options.client_name, &options.client_version);
        // The newest version that begins with a handshake, which all servers know.
        let info = ClientConfig::new(capabilities, client)
            .with_protocol_version(ProtocolVersion::V_2025_11_25);
        Self {
            server: server.to_owned(),
            info,
            elicitor: options.elicitor.clone(),
            told,
        }
    }

    async fn ask(&self, request: ElicitRequestParams) -> FormAnswer {
        let (
            Some(elicitor),
            ElicitRequestParams::FormElicitationParams {
                message,
                requested_schema,
                ..
            },
        ) = (&self.elicitor, request)
        else {
            return FormAnswer::Declined;
        };
        let Ok(Value::Object(schema)) = serde_json::to_value(requested_schema) else {
            return FormAnswer::Declined;
        };
        let is_long = |text: String| text.len() > MAX_QUESTION_BYTES;
        if message.len() > MAX_QUESTION_BYTES || serde_json::to_string(&schema).is_ok_and(is_long) {
            return FormAnswer::Declined;
        }
        // One at a time: a server could bury a person in forms.
        if self.told.questions.fetch_add(1, Ordering::SeqCst) > 0 {
            self.told.questions.fetch_sub(1, Ordering::SeqCst);
            return FormAnswer::Declined;
        }
        let _asking = Asking(Arc::clone(&self.told.questions));
        let question = Question {
            server: self.server.clone(),
            message,
            schema,
        };
        elicitor.ask(question).await
    }
}

/// A question that a person is being asked, until it is dropped.
struct Asking(Arc<AtomicUsize>);

impl Drop for Asking {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::SeqCst);
    }
}

impl ClientHandler for Handler {
    async fn create_elicitation(
        &self,
        request: ElicitRequestParams,
        context: RequestContext<RoleClient>,
    ) -> Result<ElicitResult, ErrorData> {
        let answer = tokio::select! {
            answer = self.ask(request) => answer,
            () = context.ct.cancelled() => FormAnswer::Cancelled,
        };
        Ok(match answer {
            FormAnswer::Answered(values) => {
                ElicitResult::new(ElicitationAction::Accept).with_content(Value::Object(values))
            }
            FormAnswer::Declined => ElicitResult::new(ElicitationAction::Decline),
            FormAnswer::Cancelled => ElicitResult::new(ElicitationAction::Cancel),
        })
    }

    async fn on_progress(
        &self,
        progress: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        let _ = self.told.progress.send(progress);
    }

    async fn on_tool_list_changed(&self, _: NotificationContext<RoleClient>) {
        let _ = self.told.changes.send(ChangedList::Tools);
    }

    async fn on_prompt_list_changed(&self, _: NotificationContext<RoleClient>) {
        let _ = self.told.changes.send(ChangedList::Prompts);
    }

    async fn on_resource_list_changed(&self, _: NotificationContext<RoleClient>) {
        let _ = self.told.changes.send(ChangedList::Resources);
    }

    fn get_info(&self) -> ClientConfig {
        self.info.clone()
    }
}
