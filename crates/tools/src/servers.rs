//! All servers of a configuration.

use std::collections::HashSet;
use std::sync::{Arc, Mutex, OnceLock, Weak};
use std::time::Duration;

use rmcp::model::{
    ClientRequest, GetPromptRequest, GetPromptRequestParams, ListPromptsRequest,
    ListResourceTemplatesRequest, ListResourcesRequest, PaginatedRequestParams,
    ReadResourceRequest, ReadResourceRequestParams,
};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};
use tokio::sync::{broadcast, watch};
use tokio::task::JoinSet;
use tokio::time::{Instant, timeout};
use tokio_util::sync::CancellationToken;

use crate::cache::ListCache;
use crate::calls;
use crate::config::{Approval, McpConfig, ServerEntry, ServerTransport, hex};
use crate::connection::Watched;
use crate::error::ToolError;
use crate::failure::request_error;
use crate::http;
use crate::lock::lock;
use crate::names::wire_name;
use crate::oauth::Login;
use crate::opening::ConnectionOpening;
use crate::options::ToolServerOptions;
use crate::results::{self, ServerTool};
use crate::server::ToolServer;
use crate::state::{Phase, SharedParts, ToolServerChange};
use crate::status::{ServerStatus, status};
use crate::tool::{
    ListedPrompt, ListedResource, ListedTool, Progress, PromptMessage, ResourceContent, ToolCall,
    ToolResult,
};

/// How many changes may wait for a listener.
const QUEUED_CHANGES: usize = 256;

/// The servers of a configuration: what they offer, and calls of it. Clones are the same servers.
///
/// Nothing is started before something is asked for. It has to be used within a `tokio` runtime.
#[derive(Clone)]
pub struct ToolServers(Arc<ServersParts>);

/// The same servers without keeping them, for what lasts as long as they are used.
#[derive(Clone)]
pub struct WeakToolServers(Weak<ServersParts>);

impl WeakToolServers {
    /// The servers, if somebody uses them still.
    #[must_use]
    pub fn upgrade(&self) -> Option<ToolServers> {
        self.0.upgrade().map(ToolServers)
    }
}

struct ServersParts {
    options: Arc<ToolServerOptions>,
    /// Made for the first server at an address: loading the system's certificates takes milliseconds.
    client: OnceLock<Result<reqwest::Client, String>>,
    shared: Arc<SharedParts>,
    servers: Mutex<Vec<Arc<ToolServer>>>,
}

impl ToolServers {
    /// Servers of a configuration. Starts nothing; reads the file of the lists of earlier runs.
    #[must_use]
    pub fn new(config: McpConfig, options: ToolServerOptions) -> Self {
        let shared = Arc::new(SharedParts {
            cache: ListCache::open(options.cache_file.clone()),
            changes: broadcast::Sender::new(QUEUED_CHANGES),
            version: watch::Sender::new(0),
            starting: Arc::default(),
        });
        let servers = Self(Arc::new(ServersParts {
            client: OnceLock::new(),
            options: Arc::new(options),
            shared,
            servers: Mutex::default(),
        }));
        let begun = config.servers.into_iter().map(|entry| servers.begin(entry));
        let begun = begun.collect();
        *lock(&servers.0.servers) = begun;
        servers
    }

    fn client(&self) -> Result<reqwest::Client, String> {
        let options = &self.0.options;
        let agent = || format!("{}/{}", options.client_name, options.client_version);
        self.0.client.get_or_init(|| http::client(&agent())).clone()
    }

    fn begin(&self, entry: ServerEntry) -> Arc<ToolServer> {
        let (client, login) = match &entry.transport {
            ServerTransport::Command(_) => (Err("it has no address".to_owned()), Login::none()),
            ServerTransport::Url(url) => match self.client() {
                Ok(client) => {
                    let login = Login::new(url, client.clone(), &self.0.options);
                    (Ok(client), login)
                }
                Err(why) => (Err(why), Login::none()),
            },
        };
        let opening = ConnectionOpening {
            options: Arc::clone(&self.0.options),
            client,
            login,
        };
        Arc::new(ToolServer::new(entry, opening, Arc::clone(&self.0.shared)))
    }

    fn all(&self) -> Vec<Arc<ToolServer>> {
        lock(&self.0.servers).clone()
    }

    fn enabled(&self) -> Vec<Arc<ToolServer>> {
        let mut servers = self.all();
        servers.retain(|server| server.entry.is_enabled);
        servers
    }

    fn find(&self, name: &str) -> Result<Arc<ToolServer>, ToolError> {
        let found = self
            .enabled()
            .into_iter()
            .find(|server| server.entry.name == name);
        found.ok_or_else(|| ToolError::UnknownServer(name.to_owned()))
    }

    /// The tools that are known now: of this run, or of an earlier one with the same entry. Begins listing in the
    /// background what isn't listed yet; never waits.
    #[must_use]
    pub fn listed(&self) -> Vec<ListedTool> {
        let mut taken = HashSet::new();
        let mut listed = Vec::new();
        for server in self.enabled() {
            server.list_soon();
            let is_available = !matches!(server.phase(), Phase::Failed(_));
            for tool in server.tools().iter() {
                // Names are given to all, so that a list of allowed ones changes none of them.
                let wire_name = wire_name(&server.entry.name, &tool.name, &mut taken);
                if server.entry.offers(&tool.name) {
                    let approval = self.approval(&server.entry, &tool.name);
                    listed.push(listed_tool(
                        &server,
                        tool,
                        wire_name,
                        approval,
                        is_available,
                    ));
                }
            }
        }
        listed
    }

    fn approval(&self, entry: &ServerEntry, tool: &str) -> Approval {
        let of_tool = entry.tool_approvals.get(tool).copied();
        of_tool
            .or(entry.approval)
            .unwrap_or(self.0.options.default_approval)
    }

    /// Waits until every server has been listed in this run or failed, but no longer than `at_most`.
    pub async fn settle(&self, at_most: Duration) {
        let mut version = self.0.shared.version.subscribe();
        let settled = async {
            loop {
                version.mark_unchanged();
                let servers = self.enabled();
                servers.iter().for_each(|server| server.list_soon());
                if servers.iter().all(|server| server.is_settled()) {
                    return;
                }
                if version.changed().await.is_err() {
                    return;
                }
            }
        };
        let _ = timeout(at_most, settled).await;
    }

    /// These servers without keeping them.
    #[must_use]
    pub fn downgrade(&self) -> WeakToolServers {
        WeakToolServers(Arc::downgrade(&self.0))
    }

    /// How the servers are. Changes nothing.
    #[must_use]
    pub fn servers(&self) -> Vec<ServerStatus> {
        self.all().iter().map(|server| status(server)).collect()
    }

    /// Calls a tool. `progress` is told what the server says meanwhile; `cancel` ends the call and tells the server,
    /// and so does dropping the future.
    ///
    /// # Errors
    /// See [`ToolError`]. A tool that fails gives a result that says so, and no error.
    pub async fn call(
        &self,
        call: ToolCall,
        progress: &mut (dyn FnMut(Progress) + Send),
        cancel: CancellationToken,
    ) -> Result<ToolResult, ToolError> {
        calls::call(&self.find(&call.server)?, &call, progress, &cancel).await
    }

    /// The prompts that a server offers.
    ///
    /// # Errors
    /// If the server can't be reached or breaks the protocol.
    pub async fn prompts(&self, server: &str) -> Result<Vec<ListedPrompt>, ToolError> {
        let mut prompts = Vec::new();
        let list = |cursor| {
            ClientRequest::ListPromptsRequest(ListPromptsRequest {
                params: Some(PaginatedRequestParams::default().with_cursor(cursor)),
                ..ListPromptsRequest::default()
            })
        };
        let most = self.0.options.limits.tools;
        self.list(server, "prompts", list, |value| {
            if prompts.len() < most {
                prompts.extend(results::read_prompt(server, value));
            }
        })
        .await?;
        Ok(prompts)
    }

    /// A prompt with its arguments put in.
    ///
    /// # Errors
    /// If the server can't be reached, has no such prompt, or breaks the protocol.
    pub async fn get_prompt(
        &self,
        server: &str,
        name: &str,
        arguments: Map<String, Value>,
    ) -> Result<Vec<PromptMessage>, ToolError> {
        let params = GetPromptRequestParams::new(name).with_arguments(arguments);
        let request = ClientRequest::GetPromptRequest(GetPromptRequest::new(params));
        let value = self.ask(server, request, "a prompt").await?;
        results::read_prompt_messages(value)
            .ok_or_else(|| malformed(server, "its answer is no prompt"))
    }

    /// The resources and templates of resources that a server offers.
    ///
    /// # Errors
    /// If the server can't be reached or breaks the protocol.
    pub async fn resources(&self, server: &str) -> Result<Vec<ListedResource>, ToolError> {
        let mut resources = Vec::new();
        let list = |cursor| {
            ClientRequest::ListResourcesRequest(ListResourcesRequest {
                params: Some(PaginatedRequestParams::default().with_cursor(cursor)),
                ..ListResourcesRequest::default()
            })
        };
        let most = self.0.options.limits.tools;
        self.list(server, "resources", list, |value| {
            if resources.len() < most {
                resources.extend(results::read_resource(server, value, false));
            }
        })
        .await?;
        let list = |cursor| {
            ClientRequest::ListResourceTemplatesRequest(ListResourceTemplatesRequest {
                params: Some(PaginatedRequestParams::default().with_cursor(cursor)),
                ..ListResourceTemplatesRequest::default()
            })
        };
        self.list(server, "resourceTemplates", list, |value| {
            if resources.len() < most {
                resources.extend(results::read_resource(server, value, true));
            }
        })
        .await?;
        Ok(resources)
    }

    /// What is in a resource.
    ///
    /// # Errors
    /// If the server can't be reached, has no such resource, or breaks the protocol.
    pub async fn read_resource(
        &self,
        server: &str,
        uri: &str,
    ) -> Result<Vec<ResourceContent>, ToolError> {
        let params = ReadResourceRequestParams::new(uri);
        let request = ClientRequest::ReadResourceRequest(ReadResourceRequest::new(params));
        let value = self.ask(server, request, "a resource").await?;
        let contents = value.get("contents").and_then(Value::as_array);
        let contents = contents.ok_or_else(|| malformed(server, "its answer is no resource"))?;
        Ok(contents
            .iter()
            .filter_map(results::read_resource_content)
            .collect())
    }

    async fn ask(
        &self,
        server: &str,
        request: ClientRequest,
        what: &str,
    ) -> Result<Value, ToolError> {
        let server = self.find(server)?;
        let timeout = server.entry.call_timeout;
        let watched = Watched {
            timeout: timeout.unwrap_or(self.0.options.timeouts.call),
            progress: &mut |_| {},
            cancel: &CancellationToken::new(),
        };
        calls::ask(&server, request, what, watched).await
    }

    async fn list(
        &self,
        server: &str,
        field: &str,
        request: impl Fn(Option<String>) -> ClientRequest,
        entry: impl FnMut(&Value),
    ) -> Result<(), ToolError> {
        let server = self.find(server)?;
        let connection = server.connected().await?;
        let deadline = Instant::now() + self.0.options.timeouts.connect;
        let listed = server
            .pages(&connection, deadline, field, request, entry)
            .await;
        listed.map_err(|failure| {
            request_error(&server.entry, failure, &format!("its list of {field}"))
        })
    }

    /// Begins a log-in at a server that wants one: the address that the person has to open. They come back to
    /// `redirect_uri` with `code` and `state`.
    ///
    /// # Errors
    /// If there is no such server, or it has no log-in that can be used.
    pub async fn begin_login(&self, server: &str, redirect_uri: &str) -> Result<String, ToolError> {
        let server = self.find(server)?;
        // What the server says when it refuses tells where to log in.
        if !server.opening.login.is_wanted() {
            let _ = server.connected().await;
        }
        let begun = server.opening.login.begin(redirect_uri).await;
        begun.map_err(|why| login_error(&server, why))
    }

    /// Ends a log-in, with what the person came back with. The server is then listed in the background.
    ///
    /// # Errors
    /// If no such log-in was begun within the last quarter of an hour, or the server gives no token.
    pub async fn finish_login(
        &self,
        server: &str,
        code: &str,
        state: &str,
    ) -> Result<(), ToolError> {
        let server = self.find(server)?;
        let finished = server.opening.login.finish(code, state).await;
        finished.map_err(|why| login_error(&server, why))?;
        server.forgive();
        server.list_soon();
        Ok(())
    }

    /// Forgets the tokens of a server.
    ///
    /// # Errors
    /// If there is no such server.
    pub async fn log_out(&self, server: &str) -> Result<(), ToolError> {
        self.find(server)?.opening.login.end().await;
        Ok(())
    }

    /// What changes at the servers from now on. A listener that is slow misses some.
    #[must_use]
    pub fn changes(&self) -> broadcast::Receiver<ToolServerChange> {
        self.0.shared.changes.subscribe()
    }

    /// Takes another configuration: servers whose entries changed are ended and begun anew, the others go on.
    pub fn reload(&self, config: McpConfig) {
        let mut ended = Vec::new();
        {
            let mut servers = lock(&self.0.servers);
            let mut old = std::mem::take(&mut *servers);
            for entry in config.servers {
                let same = old.iter().position(|server| server.entry == entry);
                servers.push(match same {
                    Some(at) => old.swap_remove(at),
                    None => self.begin(entry),
                });
            }
            ended.extend(old);
            let hashes: HashSet<_> = servers.iter().map(|server| server.hash.clone()).collect();
            self.0.shared.cache.retain(|hash| hashes.contains(hash));
        }
        self.0.shared.version.send_modify(|version| *version += 1);
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            for server in ended {
                runtime.spawn(async move { server.close().await });
            }
        }
    }

    /// Ends every connection and waits until all processes are gone. Calls after it fail.
    pub async fn close(&self) {
        let mut closing = JoinSet::new();
        for server in self.all() {
            closing.spawn(async move { server.close().await });
        }
        while closing.join_next().await.is_some() {}
        let shared = Arc::clone(&self.0.shared);
        let _ = tokio::task::spawn_blocking(move || shared.cache.write()).await;
    }
}

fn login_error(server: &ToolServer, why: String) -> ToolError {
    ToolError::LoginFailed {
        server: server.entry.name.clone(),
        why,
    }
}

fn malformed(server: &str, what: &str) -> ToolError {
    ToolError::Malformed {
        server: server.to_owned(),
        what: what.to_owned(),
    }
}

fn listed_tool(
    server: &ToolServer,
    tool: &ServerTool,
    wire_name: String,
    approval: Approval,
    is_available: bool,
) -> ListedTool {
    ListedTool {
        server: server.entry.name.clone(),
        name: tool.name.clone(),
        wire_name,
        title: tool.title.clone(),
        description: tool.description.clone(),
        input_schema: Arc::clone(&tool.input_schema),
        approval,
        fingerprint: fingerprint(tool),
        hints: tool.hints(),
        is_available,
    }
}

fn fingerprint(tool: &ServerTool) -> String {
    let schema = serde_json::to_string(&tool.input_schema).unwrap_or_default();
    let mut hasher = Sha256::new();
    for part in [&tool.name, &tool.description, &schema] {
        hasher.update((part.len() as u64).to_le_bytes());
        hasher.update(part.as_bytes());
    }
    hex(&hasher.finalize())
}
