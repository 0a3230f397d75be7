//! Settings of the chat and its server.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr};

use chat::BuiltInTool;

use super::raw::{Invalid, Raw, SettingValue, expected, one_of, quote};
use super::text::NameList;

/// How freely a model chooses its words, or nothing: then none is sent and the model's own default holds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Temperature(Option<f64>);

impl Temperature {
    /// None is sent.
    pub(crate) const fn unset() -> Self {
        Self(None)
    }

    /// The temperature, 0 to 1, if one is set.
    pub(crate) fn get(self) -> Option<f64> {
        self.0
    }
}

impl SettingValue for Temperature {
    fn kind() -> String {
        "a number from 0 to 1, or an empty text for none".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let number = match raw {
            Raw::Text(text) if text.trim().is_empty() => return Ok(Self(None)),
            raw => super::number::number(raw),
        };
        number
            .filter(|number| (0.0..=1.0).contains(number))
            .map(|number| Self(Some(number)))
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        self.0
            .map_or_else(|| quote(""), |number| format!("{number:?}"))
    }
}

/// Tools of the program's own that models may call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BuiltInTools(BTreeSet<BuiltInTool>);

impl BuiltInTools {
    /// Those that stay on this machine, and the search, which does something only once it is set up.
    pub(crate) fn usual() -> Self {
        let local = BuiltInTool::LOCAL.into_iter();
        Self(local.chain([BuiltInTool::WebSearch]).collect())
    }

    /// The tools.
    pub(crate) fn get(&self) -> &BTreeSet<BuiltInTool> {
        &self.0
    }
}

impl SettingValue for BuiltInTools {
    fn kind() -> String {
        format!(
            "a list of {}",
            one_of(&BuiltInTool::ALL.map(BuiltInTool::name))
        )
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let names = NameList::parse(raw).map_err(|_| expected::<Self>())?;
        let tools = names.get().iter().map(|name| BuiltInTool::from_name(name));
        let tools: Option<BTreeSet<BuiltInTool>> = tools.collect();
        tools.map(Self).ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        let quoted: Vec<String> = self.0.iter().map(|tool| quote(tool.name())).collect();
        format!("[{}]", quoted.join(", "))
    }
}

/// The address of a network interface that a server listens at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct ListenHost(IpAddr);

impl ListenHost {
    /// This machine alone.
    pub(crate) const fn loopback() -> Self {
        Self(IpAddr::V4(Ipv4Addr::LOCALHOST))
    }

    /// The address.
    pub(crate) fn get(self) -> IpAddr {
        self.0
    }
}

impl SettingValue for ListenHost {
    fn kind() -> String {
        "an IP address, such as `127.0.0.1` or `0.0.0.0`, or `localhost`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let Raw::Text(text) = raw else {
            return Err(expected::<Self>());
        };
        let text = text.trim();
        if text.eq_ignore_ascii_case("localhost") {
            return Ok(Self::loopback());
        }
        let plain = text
            .strip_prefix('[')
            .and_then(|text| text.strip_suffix(']'));
        let address = plain.unwrap_or(text).parse().map(Self);
        address.map_err(|_| expected::<Self>())
    }

    fn show(&self) -> String {
        quote(&self.0.to_string())
    }
}

/// The path that a server's pages lie below, behind a proxy: empty, or `/` and names without a `/` behind them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct BasePath(String);

impl BasePath {
    /// The root.
    pub(crate) const fn root() -> Self {
        Self(String::new())
    }

    /// The path: empty, or such as `/chat`.
    pub(crate) fn get(&self) -> &str {
        &self.0
    }
}

impl SettingValue for BasePath {
    fn kind() -> String {
        "a path such as `/chat`, or an address with one".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let Raw::Text(text) = raw else {
            return Err(expected::<Self>());
        };
        let text = text.trim();
        let address = ["http://", "https://"];
        let address = address.iter().find_map(|scheme| text.strip_prefix(scheme));
        let path = match address {
            Some(rest) => rest.find('/').map_or("", |at| &rest[at..]),
            None => text,
        };
        let path = path.trim_end_matches('/');
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        let is_name = |name: &str| !matches!(name, "" | "." | "..") && name.chars().all(is_plain);
        let names = path.strip_prefix('/').map(|names| names.split('/'));
        let is_path = names.map_or(path.is_empty(), |mut names| names.all(is_name));
        is_path
            .then(|| Self(path.to_owned()))
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        quote(&self.0)
    }
}

/// Who may use a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ServerAuth {
    /// Whoever has a key of this server.
    Keys,
    /// Anybody who can reach it.
    None,
}

impl SettingValue for ServerAuth {
    fn kind() -> String {
        "`keys` or `none`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) if text == "keys" => Ok(Self::Keys),
            Raw::Text(text) if text == "none" => Ok(Self::None),
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        quote(match self {
            Self::Keys => "keys",
            Self::None => "none",
        })
    }
}
