//! One server of the configuration, in any of the shapes that clients of MCP have for it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use jsonc_parser::ast::Value;

use super::expand::expand;
use super::fields::EntryFields;
use super::types::{
    Approval, CommandEntry, ConfigVariables, OauthEntry, ServerEntry, ServerTransport, UrlEntry,
    UrlKind,
};
use crate::secret::Guarded;

/// How long a name may be, in bytes.
const MAX_NAME_BYTES: usize = 200;

/// From here on a `timeout` of other clients means milliseconds: no call takes that many seconds.
const FIRST_MILLISECONDS: f64 = 3_601.0;

/// The longest time that an entry may name.
const LONGEST_TIMEOUT: Duration = Duration::from_secs(30 * 86_400);

/// Which of the two ways an entry is written in.
#[derive(Clone, Copy)]
pub(super) enum EntryShape<'a> {
    /// An element of `mcp_servers`, which has its own name, and no field that isn't known.
    Listed,
    /// A value of `mcpServers`, whose name stands before it, as other clients have it.
    Named(&'a str),
}

/// Reads an entry; `None` if something in it is wrong, which is told.
pub(super) fn read_entry(
    fields: &EntryFields<'_>,
    shape: EntryShape<'_>,
    variables: ConfigVariables<'_>,
) -> Option<ServerEntry> {
    fields.refuse_repeated();
    let name = match shape {
        EntryShape::Listed => fields.text("name"),
        EntryShape::Named(name) => Some(name.to_owned()),
    };
    let name = name.filter(|name| is_name(name));
    if name.is_none() && !fields.is_broken() {
        fields.refuse(
            "name",
            "a name is missing, too long, or has control characters",
            None,
        );
    }
    let is_listed = matches!(shape, EntryShape::Listed);
    let reader = EntryReader { fields, variables };
    let transport = reader.transport();
    let timeouts = reader.timeouts(
        is_listed,
        matches!(transport, Some(ServerTransport::Url(_))),
    );
    let (approval, tool_approvals) = reader.approvals();
    let is_enabled =
        fields.flag("enabled").unwrap_or(true) && !fields.flag("disabled").unwrap_or(false);
    let tools = fields.texts("tools");
    let tools = tools.or_else(|| fields.texts("includeTools"));
    let excluded_tools = fields.texts("excludeTools").unwrap_or_default();
    fields.tell_unknown(is_listed);
    if fields.is_broken() {
        return None;
    }
    Some(ServerEntry {
        name: name?,
        transport: transport?,
        is_enabled,
        tools,
        excluded_tools,
        approval,
        tool_approvals,
        call_timeout: timeouts.call,
        connect_timeout: timeouts.connect,
    })
}

fn is_name(name: &str) -> bool {
    !name.trim().is_empty() && name.len() <= MAX_NAME_BYTES && !name.contains(char::is_control)
}

struct EntryTimeouts {
    call: Option<Duration>,
    connect: Option<Duration>,
}

struct EntryReader<'a> {
    fields: &'a EntryFields<'a>,
    variables: ConfigVariables<'a>,
}

impl EntryReader<'_> {
    fn transport(&self) -> Option<ServerTransport> {
        let declared = self.fields.text("type");
        let transport = self.fields.text("transport");
        let kind = declared.as_deref().or(transport.as_deref());
        let urls = ["url", "httpUrl", "serverUrl"];
        let url_field = urls.into_iter().find(|name| self.fields.has(name));
        let has_command = self.fields.has("command");
        match (kind, has_command, url_field) {
            (_, true, Some(field)) => {
                self.fields.refuse(
                    field,
                    "there is a `command` as well: a server has one of them",
                    None,
                );
                None
            }
            (Some("command" | "stdio"), _, None) | (None, true, None) => {
                self.command(transport.as_deref())
            }
            (Some("url"), _, Some(field)) => self.listed_url(field, transport.as_deref()),
            (Some("sse"), _, Some(field)) => self.url(field, UrlKind::Sse),
            (
                Some("streamable-http" | "streamable_http" | "streamableHttp" | "http" | "https"),
                _,
                Some(field),
            )
            | (None, false, Some(field)) => self.url(field, UrlKind::Streamable),
            (Some("command" | "stdio"), _, Some(field)) => {
                self.fields.refuse(
                    field,
                    "a server of this type has a `command` and no address",
                    None,
                );
                None
            }
            (Some(kind), _, None) if is_url_kind(kind) => {
                self.fields.refuse("url", "the address is missing", None);
                None
            }
            (Some(kind), ..) => {
                let what = format!("`{kind}` is no type of server");
                let hint = Some(
                    "use `command` with `command`, or `url` with `url` and `transport` (`streamable-http` or `sse`)",
                );
                let field = if declared.is_some() {
                    "type"
                } else {
                    "transport"
                };
                self.fields.refuse(field, what, hint);
                None
            }
            (None, false, None) => {
                self.fields
                    .refuse_whole("there is neither a `command` nor a `url`", None);
                None
            }
        }
    }

    fn command(&self, transport: Option<&str>) -> Option<ServerTransport> {
        if let Some(other) = transport.filter(|transport| *transport != "stdio") {
            let what = format!("`{other}` is no transport of a command: it has `stdio`");
            self.fields.refuse("transport", what, None);
        }
        let command = self.plain("command");
        if command
            .as_ref()
            .is_none_or(|command| command.expose().trim().is_empty())
        {
            self.fields
                .refuse("command", "the command is missing", None);
        }
        let args = self.fields.texts("args").unwrap_or_default();
        let args = args.iter().filter_map(|arg| {
            let value = self.expanded("args", arg)?;
            Some(Guarded::new(value, arg))
        });
        let args = args.collect();
        let env = self.secrets("env");
        if let Some(name) = env.keys().find(|name| !is_variable(name)) {
            self.fields.refuse(
                "env",
                format!("`{name}` can't be the name of a variable"),
                None,
            );
        }
        let directory = self.plain("cwd").map(|cwd| PathBuf::from(cwd.expose()));
        let encoding = self.fields.text("encoding");
        if let Some(other) =
            encoding.filter(|name| !["utf-8", "utf8"].contains(&&*name.to_lowercase()))
        {
            self.fields.refuse(
                "encoding",
                format!("`{other}` isn't supported: MCP is UTF-8"),
                None,
            );
        }
        Some(ServerTransport::Command(CommandEntry {
            command: command?,
            args,
            env,
            directory,
        }))
    }

    /// An entry of `"type": "url"`, whose transport has to be named.
    fn listed_url(&self, field: &'static str, transport: Option<&str>) -> Option<ServerTransport> {
        match transport {
            Some("sse") => self.url(field, UrlKind::Sse),
            Some("streamable-http" | "streamable_http") => self.url(field, UrlKind::Streamable),
            Some(other) => {
                let what = format!("`{other}` is no transport of an address");
                self.fields
                    .refuse("transport", what, Some("use `streamable-http` or `sse`"));
                None
            }
            None => {
                let hint = Some("use `streamable-http`, or `sse` for older servers");
                self.fields
                    .refuse("transport", "the transport is missing", hint);
                None
            }
        }
    }

    fn url(&self, field: &'static str, kind: UrlKind) -> Option<ServerTransport> {
        let written = self.fields.text(field)?;
        let value = self.expanded(field, &written)?;
        let address = reqwest::Url::parse(&value).ok();
        let address =
            address.filter(|url| matches!(url.scheme(), "http" | "https") && url.has_host());
        let Some(address) = address else {
            self.fields.refuse(
                field,
                "this is no address that begins with `http://` or `https://`",
                None,
            );
            return None;
        };
        if !address.username().is_empty() || address.password().is_some() {
            let hint = Some("put it into `headers` as `Authorization`");
            self.fields.refuse(
                field,
                "a user and password in an address would end up in logs",
                hint,
            );
        }
        let headers = self.secrets("headers");
        for (name, value) in &headers {
            let is_sound = reqwest::header::HeaderName::from_bytes(name.as_bytes()).is_ok()
                && reqwest::header::HeaderValue::from_str(value.expose()).is_ok();
            if !is_sound {
                self.fields.refuse(
                    "headers",
                    format!("`{name}` can't be sent as a header"),
                    None,
                );
            }
        }
        Some(ServerTransport::Url(UrlEntry {
            url: Guarded::new(value, &shown_url(&written)),
            headers,
            kind,
            is_terminated_on_close: self.fields.flag("terminate_on_close").unwrap_or(true),
            oauth: self.oauth(),
        }))
    }

    fn oauth(&self) -> Option<OauthEntry> {
        let fields = self.fields.nested("oauth")?;
        let within = EntryReader {
            fields: &fields,
            variables: self.variables,
        };
        let hidden = |field| {
            let written = fields.text(field)?;
            let value = within.expanded(field, &written)?;
            Some(Guarded::hidden(value, &written))
        };
        let client_id = within
            .plain("client_id")
            .or_else(|| within.plain("clientId"));
        let client_secret = hidden("client_secret").or_else(|| hidden("clientSecret"));
        let scope = fields.text("scope");
        if client_id.is_none() && !fields.is_broken() {
            fields.refuse("client_id", "the id is missing", None);
        }
        fields.tell_unknown(true);
        self.fields.join(&fields);
        Some(OauthEntry {
            client_id: client_id?,
            client_secret,
            scope,
        })
    }

    fn plain(&self, field: &'static str) -> Option<Guarded> {
        let written = self.fields.text(field)?;
        let value = self.expanded(field, &written)?;
        Some(Guarded::new(value, &written))
    }

    fn secrets(&self, field: &'static str) -> BTreeMap<String, Guarded> {
        let pairs = self.fields.text_map(field).unwrap_or_default();
        let expanded = pairs.into_iter().filter_map(|(name, written)| {
            let value = self.expanded(field, &written)?;
            Some((name, Guarded::hidden(value, &written)))
        });
        expanded.collect()
    }

    fn expanded(&self, field: &'static str, written: &str) -> Option<String> {
        match expand(written, self.variables) {
            Ok(value) => Some(value),
            Err(name) => {
                let what = format!("the variable `{name}` isn't set");
                let hint = Some("set it in the environment, or write `${NAME:-default}`");
                self.fields.refuse(field, what, hint);
                None
            }
        }
    }

    fn timeouts(&self, is_listed: bool, is_url: bool) -> EntryTimeouts {
        let seconds = |field| self.duration(field, self.fields.number(field)?);
        let own = seconds("timeout_s");
        let between_events = seconds("sse_read_timeout");
        let other = self.fields.number("timeout").and_then(|number| {
            let is_seconds = is_listed || number < FIRST_MILLISECONDS;
            self.duration(
                "timeout",
                if is_seconds { number } else { number / 1_000.0 },
            )
        });
        // In a list it is agno's, which for an address means one request and not the whole call.
        let (call, connect) = match is_listed && is_url {
            true => (between_events, other),
            false => (other.or(between_events), None),
        };
        EntryTimeouts {
            call: own.or(call),
            connect,
        }
    }

    fn duration(&self, field: &'static str, seconds: f64) -> Option<Duration> {
        let duration = Duration::try_from_secs_f64(seconds).ok();
        let duration = duration.filter(|duration| *duration <= LONGEST_TIMEOUT);
        if duration.is_none() {
            let what = format!("{seconds} s is no time to wait");
            self.fields.refuse(field, what, Some("give up to 30 days"));
        }
        duration
    }

    fn approvals(&self) -> (Option<Approval>, BTreeMap<String, Approval>) {
        let mut by_tool = BTreeMap::new();
        let mut general = None;
        match self.fields.value("approval") {
            Some(Value::Object(_)) => {
                for (tool, written) in self.fields.text_map("approval").unwrap_or_default() {
                    match (self.approval(&written), &*tool) {
                        (approval, "*") => general = approval,
                        (Some(approval), _) => {
                            by_tool.insert(tool, approval);
                        }
                        (None, _) => {}
                    }
                }
            }
            Some(_) => {
                let written = self.fields.text("approval");
                general = written.and_then(|written| self.approval(&written));
            }
            None => {}
        }
        // What Gemini CLI, Cline and Roo call it.
        if self.fields.flag("trust") == Some(true) && general.is_none() {
            general = Some(Approval::Never);
        }
        for field in ["alwaysAllow", "autoApprove"] {
            for tool in self.fields.texts(field).unwrap_or_default() {
                by_tool.entry(tool).or_insert(Approval::Never);
            }
        }
        (general, by_tool)
    }

    fn approval(&self, written: &str) -> Option<Approval> {
        match written {
            "always" => Some(Approval::Always),
            "once" => Some(Approval::Once),
            "never" => Some(Approval::Never),
            other => {
                let what = format!("`{other}` is neither `always` nor `once` nor `never`");
                self.fields.refuse("approval", what, None);
                None
            }
        }
    }
}

fn is_url_kind(kind: &str) -> bool {
    matches!(
        kind,
        "url" | "sse" | "http" | "https" | "streamable-http" | "streamable_http" | "streamableHttp"
    )
}

fn is_variable(name: &str) -> bool {
    !name.is_empty() && !name.contains(['=', '\0'])
}

/// An address as it may be shown: a query may hold a key.
fn shown_url(written: &str) -> String {
    match written.split_once('?') {
        Some((before, query)) if !query.is_empty() => format!("{before}?…"),
        _ => written.to_owned(),
    }
}
