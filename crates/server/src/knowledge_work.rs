//! What is done about knowledge in the background: reading what characters bring along, and embedding.

use std::sync::Arc;

use chat::Chat;
use memory::Memory;

use crate::api_error::ApiError;
use crate::principal::Principal;
use crate::state::AppState;

/// Embeds what was added, so that it is found by meaning, while the answer is on its way.
pub(crate) fn embed(state: &AppState, principal: &Principal) -> Result<(), ApiError> {
    let memory = Arc::clone(&state.people.of(principal)?.memory);
    let state = state.clone();
    tokio::task::spawn_blocking(move || embed_all(&state, &memory));
    Ok(())
}

/// Reads the documents in the folders of a person's characters, as far as they changed, and embeds them.
pub(crate) fn read_of_characters(state: &AppState, chat: &Chat, memory: Arc<Memory>) {
    let (state, base) = (state.clone(), chat.knowledge());
    tokio::task::spawn_blocking(move || {
        let (mut has_new, mut failures) = (false, 0);
        base.add_of_characters(&mut |added| match added.stored {
            Ok(stored) => has_new |= stored.outcome != memory::DocumentOutcome::Unchanged,
            Err(_) => failures += 1,
        });
        if failures > 0 {
            state.log_line(&format!(
                "knowledge: {failures} files of characters can't be read"
            ));
        }
        if has_new {
            embed_all(&state, &memory);
        }
    });
}

fn embed_all(state: &AppState, memory: &Memory) {
    loop {
        if state.shutdown.is_cancelled() {
            return;
        }
        match memory.embed_more() {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => {
                state.log_line(&format!("knowledge: embedding failed: {error}"));
                return;
            }
        }
    }
}
