//! A conversation as a file of its author's.

use memory::ChatThread;
use serde_json::json;

use crate::view::{ChatMessageView, ChatView};

/// The form of an exported conversation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChatExportFormat {
    /// For people: the branch that is shown, as Markdown.
    Markdown,
    /// Everything that is known, of all branches, as one JSON document.
    Json,
    /// The generic format of messages, a JSON object a line, which an archive imports again.
    Lines,
}

impl ChatExportFormat {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Markdown, Self::Json, Self::Lines];

    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Markdown => "markdown",
            Self::Json => "json",
            Self::Lines => "jsonl",
        }
    }

    /// The format of this name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Its media type.
    #[must_use]
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Markdown => "text/markdown; charset=utf-8",
            Self::Json => "application/json",
            Self::Lines => "application/x-ndjson",
        }
    }
}

/// The branch that is shown, as Markdown. Texts are Markdown themselves, and stay as they are.
pub(crate) fn markdown(view: &ChatView) -> String {
    let title = view.summary.title.as_deref().unwrap_or("Conversation");
    let mut out = format!("# {}\n", wire::markup::line(title));
    for message in &view.thread {
        out.push_str(&format!("\n## {}{}\n\n", speaker(message), when(message)));
        if message.state != "whole" {
            out.push_str(&format!("*({})*\n\n", message.state));
        }
        out.push_str(message.text.trim_end());
        out.push('\n');
    }
    out
}

fn speaker(message: &ChatMessageView) -> String {
    match (message.role, &message.model) {
        ("user", _) => "You".to_owned(),
        ("assistant", Some(model)) => format!("Assistant ({})", wire::markup::line(model)),
        ("assistant", None) => "Assistant".to_owned(),
        (role, _) => role.to_owned(),
    }
}

fn when(message: &ChatMessageView) -> String {
    let time = wire::when::time(message.time);
    time.map(|time| format!(", {time}")).unwrap_or_default()
}

/// All messages in the generic format, in the order in which they were said, as they are kept.
pub(crate) fn lines(thread: &ChatThread) -> String {
    let mut out = String::new();
    for one in &thread.messages {
        let said = &one.message;
        let mut line = json!({
            "id": said.id, "conversation": thread.head.id, "role": said.role.name(), "text": said.text,
            "source": memory::CHAT_SOURCE,
        });
        let optional = [
            ("time", wire::when::time(said.time)),
            ("project", thread.head.project.clone()),
            ("title", thread.head.title.clone()),
            ("model", said.model.as_deref().map(str::to_owned)),
            ("parent", one.parent.clone()),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                line[name] = value.into();
            }
        }
        out.push_str(&line.to_string());
        out.push('\n');
    }
    out
}
