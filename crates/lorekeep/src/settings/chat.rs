//! What the chat and its server start with, from the sections `model` and `server`.

use std::net::{IpAddr, SocketAddr};

use super::value::{Secret, ServerAuth};
use crate::fault::Fault;

/// The model that the settings name.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct ChatModel {
    /// Base URL of a server that speaks as OpenAI's does, without `/` at its end; whether `/v1` belongs behind
    /// it is not said.
    pub(crate) url: String,
    /// The model's name there.
    pub(crate) name: String,
    /// The key for it; none where the server is on this machine or network and asks for none.
    pub(crate) key: Secret,
    /// A command that tells the key, where there is none.
    pub(crate) key_command: Option<String>,
    /// 0 to 1; sent only if it is set.
    pub(crate) temperature: Option<f64>,
}

/// How the server listens and whom it lets in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ServerSettings {
    /// Address and port to listen at.
    pub(crate) address: SocketAddr,
    /// Empty, or such as `/chat`: what stands before every path.
    pub(crate) base_path: String,
    /// Who may use it.
    pub(crate) auth: ServerAuth,
    /// Names and addresses in `Host` that are let in, beside those of this machine alone.
    pub(crate) allowed_hosts: Vec<String>,
    /// Web origins whose pages may call it.
    pub(crate) cors: Vec<String>,
}

/// The model to chat with, from the settings of the section `model`; `None` if none is set.
///
/// # Errors
/// A URL without a name, or without a key although the server is on another network: which variables are missing.
pub(super) fn model(
    url: Option<&str>,
    name: Option<&str>,
    (key, key_command): (&Secret, Option<&str>),
    temperature: Option<f64>,
) -> Result<Option<ChatModel>, Fault> {
    let Some(url) = url else {
        return Ok(None);
    };
    let host = host(url).ok_or_else(|| {
        Fault::usage("`MODEL__URL` names no server")
            .hint("such as `http://localhost:11434/v1`, `https://api.example.org/v1`")
    })?;
    let has_key = key.get().is_some() || key_command.is_some();
    let lacks_key = !has_key && !is_near(host);
    let missing = match (name, lacks_key) {
        (Some(_), false) => None,
        (None, false) => Some("`MODEL__NAME` isn't"),
        (Some(_), true) => Some("`MODEL__API_KEY` isn't"),
        (None, true) => Some("`MODEL__NAME` and `MODEL__API_KEY` aren't"),
    };
    if let Some(missing) = missing {
        let fault = Fault::usage(format!("`MODEL__URL` is set, but {missing}"));
        return Err(fault.hint(match lacks_key {
            true => {
                "a server on another network wants a key: MODEL__API_KEY, or MODEL__API_KEY_FILE with the path of \
                 a file that holds it, or MODEL__API_KEY_COMMAND with a command that prints it"
            }
            false => "the name of a model that the server has",
        }));
    }
    Ok(Some(ChatModel {
        url: url.to_owned(),
        name: name.unwrap_or_default().to_owned(),
        key: key.clone(),
        key_command: key_command.map(str::to_owned),
        temperature,
    }))
}

impl ServerSettings {
    /// These settings, if they may be used together.
    ///
    /// # Errors
    /// No authentication where other machines can reach the server.
    pub(super) fn checked(self) -> Result<Self, Fault> {
        let address = self.address;
        if self.auth == ServerAuth::None && !address.ip().is_loopback() {
            let what =
                format!("`server.auth` is `none`, but `{address}` can be reached from elsewhere");
            let hint = "`server.auth = \"keys\"`, or `server.host = \"127.0.0.1\"`";
            return Err(Fault::usage(what).hint(hint));
        }
        Ok(self)
    }
}

/// The host of a URL, without its port; `None` if it has none.
fn host(url: &str) -> Option<&str> {
    let (_, rest) = url.split_once("://")?;
    let authority = rest.split(['/', '?', '#']).next()?;
    let (_, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let host = match host.strip_prefix('[') {
        Some(rest) => rest.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

/// Whether a host is this machine or one of its own network, whose model servers seldom ask for a key: private
/// addresses, names without a dot (services of a compose file) and names that the public network doesn't have.
fn is_near(host: &str) -> bool {
    const LOCAL_ENDINGS: [&str; 5] = [".localhost", ".local", ".lan", ".internal", ".home.arpa"];
    match host.parse() {
        Ok(IpAddr::V4(ip)) => {
            ip.is_loopback() || ip.is_private() || ip.is_link_local() || ip.is_unspecified()
        }
        Ok(IpAddr::V6(ip)) => {
            ip.is_loopback()
                || ip.is_unique_local()
                || ip.is_unicast_link_local()
                || ip.is_unspecified()
        }
        Err(_) => {
            let host = host.to_ascii_lowercase();
            !host.contains('.') || LOCAL_ENDINGS.iter().any(|ending| host.ends_with(ending))
        }
    }
}
