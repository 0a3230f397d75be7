//! Servers of tools, as a page shows them.

use serde::Serialize;
use tools::{Approval, ListedTool, ServerStatus, ToolError, ToolServerState, ToolServers};

use super::core::{Chat, ChatInner};
use crate::{Error, Result};

/// A server of tools.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ToolServerView {
    /// Its name.
    pub name: String,
    /// `stdio`, `streamable-http` or `sse`.
    pub transport: &'static str,
    /// Where it is, without path and query; `None` for one that is a process.
    pub origin: Option<String>,
    /// `disabled`, `idle`, `connecting`, `ready` or `failed`.
    pub state: &'static str,
    /// What happened, if it failed.
    pub problem: Option<String>,
    /// What to do about that.
    pub hint: Option<String>,
    /// Whether a person has to log in.
    pub needs_login: bool,
    /// Its tools, as far as they are known.
    pub tools: Vec<ServerToolView>,
}

/// A tool of a server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ServerToolView {
    /// Its name there.
    pub name: String,
    /// The name that models call it by.
    pub called: String,
    /// A name for people.
    pub title: Option<String>,
    /// What it says of itself: text of others.
    pub description: String,
    /// When you are asked before a call: `always`, `once` or `never`.
    pub approval: &'static str,
    /// Whether you allowed it for good.
    pub is_allowed: bool,
    /// Whether its server could be reached the last time.
    pub is_available: bool,
    /// Why it isn't offered to models, if it isn't.
    pub withheld: Option<String>,
}

impl Chat {
    /// The servers of tools with what they offer, as far as that is known. Nothing is waited for.
    ///
    /// # Errors
    /// If something fails that shouldn't.
    pub async fn tool_servers(&self) -> Result<Vec<ToolServerView>> {
        self.inner.read(|inner| Ok(inner.server_views())).await
    }

    /// Forgets that a tool may be called without asking.
    ///
    /// # Errors
    /// If there is no such tool, or it can't be written.
    pub async fn forget_approval(&self, server: &str, tool: &str) -> Result<()> {
        let (server, tool) = (server.to_owned(), tool.to_owned());
        self.inner
            .read(move |inner| {
                let failed =
                    |error: std::io::Error| Error::Memory(memory::ArchiveError::from(error).into());
                match inner.approvals.remove(&server, &tool).map_err(failed)? {
                    true => Ok(()),
                    false => Err(Error::not_found("allowed tool", &tool)),
                }
            })
            .await
    }
}

impl Chat {
    /// Begins a log-in at a server that wants one: the address that the person has to open. They come back to
    /// `redirect_uri` with `code` and `state`.
    ///
    /// # Errors
    /// If there is no such server, or it has no log-in that can be used.
    pub async fn begin_tool_login(&self, server: &str, redirect_uri: &str) -> Result<String> {
        let begun = self
            .inner
            .tool_servers()?
            .begin_login(server, redirect_uri)
            .await;
        begun.map_err(failed)
    }

    /// Ends a log-in, with what the person came back with.
    ///
    /// # Errors
    /// If no such log-in was begun a short while ago, or the server gives no token.
    pub async fn finish_tool_login(&self, server: &str, (code, state): (&str, &str)) -> Result<()> {
        let finished = self
            .inner
            .tool_servers()?
            .finish_login(server, code, state)
            .await;
        finished.map_err(failed)
    }

    /// Forgets the tokens of a server.
    ///
    /// # Errors
    /// If there is no such server.
    pub async fn end_tool_login(&self, server: &str) -> Result<()> {
        self.inner
            .tool_servers()?
            .log_out(server)
            .await
            .map_err(failed)
    }
}

/// What a page is told of what went wrong at a server.
pub(super) fn failed(error: ToolError) -> Error {
    match error {
        ToolError::UnknownServer(name) => Error::not_found("server of tools", &name),
        error => Error::Conflict(error.to_string()),
    }
}

impl ChatInner {
    pub(super) fn tool_servers(&self) -> Result<&ToolServers> {
        let servers = self.options.tools.servers.as_ref();
        servers.ok_or_else(|| Error::not_found("server of tools", "any"))
    }

    /// Blocks, for as long as judging new descriptions takes.
    fn server_views(&self) -> Vec<ToolServerView> {
        let Some(servers) = &self.options.tools.servers else {
            return Vec::new();
        };
        let listed = servers.listed();
        let of = |server: &ServerStatus| -> Vec<ServerToolView> {
            let tools = listed.iter().filter(|tool| tool.server == server.name);
            tools.map(|tool| self.tool_view(tool)).collect()
        };
        servers
            .servers()
            .into_iter()
            .map(|server| {
                let (state, problem, hint) = match &server.state {
                    ToolServerState::Disabled => ("disabled", None, None),
                    ToolServerState::Idle => ("idle", None, None),
                    ToolServerState::Connecting => ("connecting", None, None),
                    ToolServerState::Ready => ("ready", None, None),
                    ToolServerState::Failed { why, hint } => {
                        ("failed", Some(why.clone()), hint.clone())
                    }
                };
                ToolServerView {
                    tools: of(&server),
                    name: server.name,
                    transport: server.transport,
                    origin: server.origin,
                    state,
                    problem,
                    hint,
                    needs_login: server.needs_login,
                }
            })
            .collect()
    }

    fn tool_view(&self, tool: &ListedTool) -> ServerToolView {
        let guards = &self.options.guards;
        let named = (&*tool.server, &*tool.name, &*tool.fingerprint);
        ServerToolView {
            name: tool.name.clone(),
            called: tool.wire_name.clone(),
            title: tool.title.clone(),
            description: tool.description.clone(),
            approval: match tool.approval {
                Approval::Always => "always",
                Approval::Once => "once",
                Approval::Never => "never",
            },
            is_allowed: self.approvals.has_for_good(named),
            is_available: tool.is_available,
            withheld: self
                .described
                .refusal(tool, (&guards.engine, guards.foreign_in(None))),
        }
    }
}
