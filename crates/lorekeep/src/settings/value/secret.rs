//! Settings that are used and never shown.

use std::fmt;

use super::raw::{Invalid, Raw, SettingValue, expected, quote};

/// A password or key, or none. It is never shown.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Secret(Option<String>);

impl Secret {
    /// No secret.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The secret, if there is one.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

impl SettingValue for Secret {
    const SECRET: bool = true;
    const HAS_FILE_FORM: bool = true;

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
        quote(if self.0.is_some() { "***" } else { "" })
    }
}
