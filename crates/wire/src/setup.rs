//! The document of `setup`.

use serde::Serialize;

/// The document that `setup --json` prints: what registering with assistants changes in their files.
#[derive(Serialize)]
pub struct SetupDoc {
    /// Whether the changes were made.
    pub applied: bool,
    /// The directory in which the files are kept as they were before.
    pub copies: String,
    /// Every file that was looked at.
    pub files: Vec<SetupFileDoc>,
}

/// A settings file of an assistant, and what becomes of it.
#[derive(Serialize)]
pub struct SetupFileDoc {
    /// The assistant whose file it is, such as `claude-code`.
    pub client: &'static str,
    /// The path of the file itself, links followed; as the client opens it where they can't be.
    pub file: String,
    /// `create`, `change`, `remove` or `none`.
    pub action: &'static str,
    /// What comes (`+ …`) and what goes (`- …`).
    pub lines: Vec<String>,
    /// What a person should know, such as what could not be done.
    pub notes: Vec<String>,
    /// Why the file was left alone.
    pub problem: Option<String>,
    /// What a person can do about the problem.
    pub hint: Option<String>,
}
