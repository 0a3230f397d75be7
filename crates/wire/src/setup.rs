//! The document of `setup`.

use serde::Serialize;

/// `setup --json`.
#[derive(Serialize)]
pub struct SetupDoc {
    /// Whether the changes were made.
    pub applied: bool,
    /// Where copies of what was there are.
    pub copies: String,
    /// Every file that was looked at.
    pub files: Vec<SetupFileDoc>,
}

/// A file of a client.
#[derive(Serialize)]
pub struct SetupFileDoc {
    /// The client's name.
    pub client: &'static str,
    /// The path of the file itself, links followed; as the client opens it where they can't be.
    pub file: String,
    /// `create`, `change`, `remove` or `none`.
    pub action: &'static str,
    /// What comes (`+ …`) and what goes (`- …`).
    pub lines: Vec<String>,
    /// What could not be done.
    pub notes: Vec<String>,
    /// Why the file was left alone.
    pub problem: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
}
