//! The document of `setup`.

use serde::Serialize;

/// The document that `setup --json` prints: what registering with assistants changes in their files.
#[derive(Serialize)]
pub struct SetupDoc {
    /// Whether the changes were made; `false` with `--dry-run` and where nothing had to be changed.
    pub applied: bool,
    /// Path of the directory in which copies of the files as they were before are kept.
    pub copies: String,
    /// Every file that was looked at, those that stay as they are included.
    pub files: Vec<SetupFileDoc>,
}

/// A settings file of an assistant, and what becomes of it.
#[derive(Serialize)]
pub struct SetupFileDoc {
    /// The assistant whose file it is, such as `claude-code`.
    pub client: &'static str,
    /// The path of the file itself, links followed; as the client opens it where they can't be.
    pub file: String,
    /// What happens to the file, or would with `--yes`: `create`, `change`, `remove` or `none`.
    pub action: &'static str,
    /// What is added (`+ …`) and taken out (`- …`), one entry each, in words.
    pub lines: Vec<String>,
    /// Sentences for a person, such as which entry stays because somebody else changed it.
    pub notes: Vec<String>,
    /// Why the file can't be changed; `None` (`null`) if nothing is wrong.
    pub problem: Option<String>,
    /// What a person can do about the problem, if something is known.
    pub hint: Option<String>,
}
