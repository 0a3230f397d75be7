//! Settings that are texts: addresses, names, and choices among a few words.

use recall::Mode;

use mcp::ToolSet;

use super::raw::{Invalid, Raw, SettingValue, expected, quote};

/// The way of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SearchMode(pub(crate) Mode);

impl SettingValue for SearchMode {
    fn kind() -> String {
        "`hybrid`, `lexical` or `semantic`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let Raw::Text(text) = raw else {
            return Err(expected::<Self>());
        };
        [Mode::Hybrid, Mode::Lexical, Mode::Semantic]
            .into_iter()
            .find(|mode| mode.name() == text)
            .map(Self)
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        quote(self.0.name())
    }
}

/// An `http` or `https` address, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Option<String>);

impl Address {
    /// This address.
    pub(crate) fn of(address: &str) -> Self {
        Self(Some(address.to_owned()))
    }

    /// No address.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The address, if there is one.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl SettingValue for Address {
    const SECRET: bool = true;

    fn kind() -> String {
        "an address that begins with `http://` or `https://`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) if text.is_empty() => Ok(Self(None)),
            Raw::Text(text) if text.starts_with("https://") || text.starts_with("http://") => {
                Ok(Self(Some(text.trim_end_matches('/').to_owned())))
            }
            _ => Err(expected::<Self>()),
        }
    }

    /// Without the user and password that a proxy's address may carry, nor a query, which may hold a key: this
    /// is shown to people.
    fn show(&self) -> String {
        let Some(address) = &self.0 else {
            return quote("");
        };
        let (address, query) = address.split_once('?').unwrap_or((address, ""));
        let query = if query.is_empty() { "" } else { "?***" };
        let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
        match rest.split_once('@') {
            Some((_, host)) => quote(&format!("{scheme}://***@{host}{query}")),
            None => quote(&format!("{address}{query}")),
        }
    }
}

/// A text on one line, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OneLine(Option<String>);

impl OneLine {
    /// No text.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The text, if there is one.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl SettingValue for OneLine {
    fn kind() -> String {
        "a text on one line".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) if text.trim().is_empty() => Ok(Self(None)),
            Raw::Text(text) if !text.trim().contains(|c: char| c.is_control()) => {
                Ok(Self(Some(text.trim().to_owned())))
            }
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        quote(self.0.as_deref().unwrap_or_default())
    }
}

/// A text of any number of lines, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Words(Option<String>);

impl Words {
    /// Nothing.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The text.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl SettingValue for Words {
    fn kind() -> String {
        "text".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) => Ok(Self(
                Some(text.clone()).filter(|text| !text.trim().is_empty()),
            )),
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        quote(self.0.as_deref().unwrap_or_default())
    }
}

impl SettingValue for ToolSet {
    fn kind() -> String {
        "`compact`, `all` or `self-reflect`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) => Self::from_name(text).ok_or_else(expected::<Self>),
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        quote(self.name())
    }
}

/// A list of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct NameList(Vec<String>);

impl NameList {
    /// No names.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// The names.
    pub(crate) fn get(&self) -> &[String] {
        &self.0
    }
}

impl SettingValue for NameList {
    fn kind() -> String {
        "a list of strings".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let names: Vec<String> = match raw {
            Raw::Text(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
            Raw::List(names) => names.clone(),
            _ => return Err(expected::<Self>()),
        };
        Ok(Self(
            names.into_iter().filter(|name| !name.is_empty()).collect(),
        ))
    }

    fn show(&self) -> String {
        let quoted: Vec<String> = self.0.iter().map(|name| quote(name)).collect();
        format!("[{}]", quoted.join(", "))
    }
}
