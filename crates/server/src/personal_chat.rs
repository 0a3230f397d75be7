//! A person's chat: opened when it is first asked for, since that opens the archive.

use std::time::Duration;

use chat::{Chat, ChatOptions};
use tokio::sync::OnceCell;

/// One person's chat.
pub(crate) struct PersonalChat {
    pub(crate) options: ChatOptions,
    pub(crate) opened: OnceCell<Chat>,
}

impl PersonalChat {
    pub(crate) fn new(options: ChatOptions) -> Self {
        Self {
            options,
            opened: OnceCell::new(),
        }
    }

    /// Ends it, if it was opened: its turns get `patience` to end by themselves.
    pub(crate) async fn end(&self, patience: Duration) {
        if let Some(chat) = self.opened.get() {
            chat.end(patience).await;
        }
    }
}
