//! What is to be in a settings file, and how to take it out again after others have changed the
//! file: by the meaning of its keys, not by their places.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::node::Node;

/// Something that is to be in a file.
#[derive(Clone, Debug)]
pub(crate) enum FileEdit {
    /// The key at this path has this value.
    Set {
        /// Keys from the root on.
        path: Vec<String>,
        /// The value.
        node: Node,
        /// Whether another value that is there already stays.
        keep: bool,
    },
    /// The list at this path has this element.
    Element {
        /// Keys from the root on.
        path: Vec<String>,
        /// The element.
        node: Node,
    },
}

impl FileEdit {
    /// The key at `path` has this value, whatever was there.
    pub(crate) fn set(path: &[&str], node: Node) -> Self {
        Self::Set {
            path: owned(path),
            node,
            keep: false,
        }
    }

    /// The key at `path` is there; what it is if it isn't.
    pub(crate) fn need(path: &[&str], node: Node) -> Self {
        Self::Set {
            path: owned(path),
            node,
            keep: true,
        }
    }

    /// The list at `path` has this element.
    pub(crate) fn element(path: &[&str], node: Node) -> Self {
        Self::Element {
            path: owned(path),
            node,
        }
    }

    /// The keys from the root to the place that the edit is about.
    pub(crate) fn path(&self) -> &[String] {
        match self {
            Self::Set { path, .. } | Self::Element { path, .. } => path,
        }
    }

    /// The value or the element that is to be there.
    pub(crate) fn node(&self) -> &Node {
        match self {
            Self::Set { node, .. } | Self::Element { node, .. } => node,
        }
    }
}

fn owned(path: &[&str]) -> Vec<String> {
    path.iter().map(|key| (*key).to_owned()).collect()
}

/// One step back. The steps of a file are taken last first.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "was", rename_all = "snake_case")]
pub(crate) enum Undo {
    /// The file held nothing but white space, this.
    Blank {
        /// What it held.
        text: String,
    },
    /// The object or list at `path` wasn't there: it goes when nothing else is in it.
    NoContainer {
        /// Keys from the root on.
        path: Vec<String>,
        /// What was between the brackets around it, if nothing but white space and comments.
        inside: Option<String>,
    },
    /// The key at `path` wasn't there.
    NoKey {
        /// Keys from the root on.
        path: Vec<String>,
        /// What we put there.
        value: Value,
        /// What was between the brackets around it, if nothing but white space and comments; in TOML, the
        /// text that was added.
        inside: Option<String>,
    },
    /// The key at `path` had another value.
    Other {
        /// Keys from the root on.
        path: Vec<String>,
        /// What we put there.
        value: Value,
        /// The text of what was there.
        before: String,
    },
    /// The list at `path` hadn't this element.
    NoElement {
        /// Keys from the root on.
        path: Vec<String>,
        /// What we put there.
        value: Value,
        /// What was between the brackets around it, if nothing but white space and comments.
        inside: Option<String>,
    },
}

impl Undo {
    /// What we put into the file, and where.
    pub(crate) fn ours(&self) -> Option<(&[String], &Value)> {
        match self {
            Self::NoKey { path, value, .. }
            | Self::Other { path, value, .. }
            | Self::NoElement { path, value, .. } => Some((path, value)),
            Self::Blank { .. } | Self::NoContainer { .. } => None,
        }
    }
}

/// Whether what is there is what we put there, even if somebody has added to it since: it runs the
/// same command.
pub(super) fn is_ours(there: &Value, ours: &Value) -> bool {
    if there == ours {
        return true;
    }
    let command = |value: &Value| value.get("command").cloned();
    command(ours).is_some_and(|ours| command(there) == Some(ours))
}
