//! A person's chat: opened when it is first asked for, since that opens the archive.

use std::time::Duration;

use chat::{Chat, ChatOptions};
use tokio::sync::OnceCell;

/// One person's chat.
pub(crate) struct PersonalChat {
    options: ChatOptions,
    opened: OnceCell<Chat>,
}

impl PersonalChat {
    pub(crate) fn new(options: ChatOptions) -> Self {
        Self {
            options,
            opened: OnceCell::new(),
        }
    }

    /// What it is made of: the models, the guards, what is recalled.
    pub(crate) fn options(&self) -> &ChatOptions {
        &self.options
    }

    /// The chat itself, once it is opened.
    pub(crate) fn opened(&self) -> &OnceCell<Chat> {
        &self.opened
    }

    /// Ends it, if it was opened: its turns get `patience` to end by themselves.
    pub(crate) async fn end(&self, patience: Duration) {
        if let Some(chat) = self.opened.get() {
            chat.end(patience).await;
        }
    }
}
