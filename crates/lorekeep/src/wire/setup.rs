//! The document of `setup`.

use serde::Serialize;

/// `setup --json`.
#[derive(Serialize)]
pub(crate) struct SetupDoc {
    /// Whether the changes were made.
    pub(crate) applied: bool,
    /// Where copies of what was there are.
    pub(crate) copies: String,
    /// Every file that was looked at.
    pub(crate) files: Vec<SetupFileDoc>,
}

/// A file of a client.
#[derive(Serialize)]
pub(crate) struct SetupFileDoc {
    /// The client's name.
    pub(crate) client: &'static str,
    /// The path of the file itself, links followed; as the client opens it where they can't be.
    pub(crate) file: String,
    /// `create`, `change`, `remove` or `none`.
    pub(crate) action: &'static str,
    /// What comes (`+ …`) and what goes (`- …`).
    pub(crate) lines: Vec<String>,
    /// What could not be done.
    pub(crate) notes: Vec<String>,
    /// Why the file was left alone.
    pub(crate) problem: Option<String>,
    /// What to do about it.
    pub(crate) hint: Option<String>,
}
