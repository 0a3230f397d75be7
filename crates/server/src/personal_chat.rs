//! A person's chat: opened when it is first asked for, since that opens the archive.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use chat::{Chat, ChatOptions, Screens};
use tokio::sync::OnceCell;

/// One person's chat.
pub(crate) struct PersonalChat {
    options: ChatOptions,
    screens: OnceLock<Arc<Screens>>,
    opened: OnceCell<Chat>,
}

impl PersonalChat {
    pub(crate) fn new(options: ChatOptions) -> Self {
        Self {
            options,
            screens: OnceLock::new(),
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

    /// The guards for requests of programs: with the placeholders of the archive, if the chat is open when they are
    /// first asked for.
    ///
    /// # Errors
    /// If the system gives no randomness.
    pub(crate) fn screens(&self) -> Result<Arc<Screens>, getrandom::Error> {
        if let Some(screens) = self.screens.get() {
            return Ok(Arc::clone(screens));
        }
        let guards = self.options.guards.clone();
        let masker = self.opened.get().map(|chat| chat.masker().clone());
        let screens = match masker {
            Some(masker) => Screens::with_masker(guards, masker),
            None => Screens::new(guards)?,
        };
        Ok(Arc::clone(self.screens.get_or_init(|| Arc::new(screens))))
    }

    /// Ends it, if it was opened: its turns get `patience` to end by themselves.
    pub(crate) async fn end(&self, patience: Duration) {
        if let Some(chat) = self.opened.get() {
            chat.end(patience).await;
        }
    }
}
