//! A value on its way into a settings file, its keys in the order in which a person would write
//! them.

use serde_json::Value;

/// A value to be written as JSON or as TOML.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Node {
    /// A text.
    Text(String),
    /// A whole number.
    Number(u64),
    /// Yes or no.
    Flag(bool),
    /// A list.
    List(Vec<Self>),
    /// Keys and their values, in order.
    Table(Vec<(String, Self)>),
}

impl Node {
    /// A text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A list of texts.
    pub(crate) fn texts<T: Into<String>>(texts: impl IntoIterator<Item = T>) -> Self {
        Self::List(texts.into_iter().map(Self::text).collect())
    }

    /// Keys and their values.
    pub(crate) fn table<K: Into<String>>(entries: impl IntoIterator<Item = (K, Self)>) -> Self {
        let entries = entries.into_iter().map(|(key, node)| (key.into(), node));
        Self::Table(entries.collect())
    }

    /// The value without an order of keys, to compare with what a file holds.
    pub(crate) fn value(&self) -> Value {
        match self {
            Self::Text(text) => Value::String(text.clone()),
            Self::Number(number) => Value::from(*number),
            Self::Flag(flag) => Value::Bool(*flag),
            Self::List(nodes) => nodes.iter().map(Self::value).collect(),
            Self::Table(entries) => entries
                .iter()
                .map(|(key, node)| (key.clone(), node.value()))
                .collect(),
        }
    }
}
