//! What a turn asks of the model: as much of the conversation as fits, what came of the answer so far, and the tools
//! that it may call.

use std::sync::Arc;

use memory::ChatMessage;
use serde_json::{Map, Value};

use super::active::ActiveTurn;
use super::begin::PreparedTurn;
use super::core::ChatInner;
use super::hearing::Answer;
use super::rounds::Rounds;
use crate::model::{ContextLength, ContextOrigin, ModelHandle};
use crate::prompt::{Prompt, PromptParts, TooLong};
use crate::{Error, Result};

/// Descriptions of tools take at most this part of the room.
const TOOL_SHARE: usize = 4;

impl ChatInner {
    /// The request's body, and the tokens that its messages take, estimated.
    pub(super) async fn body(
        self: &Arc<Self>,
        turn: &Arc<ActiveTurn>,
        prepared: &mut PreparedTurn,
        model: &ModelHandle,
        (answer, rounds): (&Answer, &mut Rounds),
    ) -> Result<(Map<String, Value>, usize)> {
        let length = tokio::select! {
            length = model.context_length() => length,
            () = turn.cancel.cancelled() => return Err(Error::Conflict("stopped".to_owned())),
        };
        let for_answer = prepared
            .settings
            .parameters
            .get("max_tokens")
            .or_else(|| prepared.settings.parameters.get("max_completion_tokens"))
            .and_then(Value::as_u64)
            .and_then(|tokens| usize::try_from(tokens).ok())
            .unwrap_or(self.options.limits.answer_tokens);
        let context = length.tokens as usize;
        let room = context.saturating_sub(for_answer.min(context / 2));
        prepared.knowledge.fit(room, &turn.log);
        let too_long = |TooLong { tokens }| {
            Error::invalid(
                "text",
                format!(
                    "takes about {tokens} tokens with its instructions, and the model has room for {room} \
                     ({context} in all, {}); shorten it, or choose a model with a longer context",
                    origin(&length)
                ),
            )
        };
        rounds.offer.fit(room / TOOL_SHARE);
        let so_far = (answer, rounds.offer.tokens);
        let mut prompt = self.prompt(prepared, room, so_far).map_err(too_long)?;
        if prompt.window_start != prepared.settings.window_start {
            let asked = (model, &prompt, room);
            self.move_window(turn, prepared, asked).await?;
            prompt = self.prompt(prepared, room, so_far).map_err(too_long)?;
        }
        let mut body = Map::new();
        body.insert("messages".to_owned(), prompt.messages.into());
        rounds.add_to(&mut body);
        body.extend(prepared.settings.parameters.clone());
        Ok((body, prompt.tokens))
    }

    fn prompt(
        &self,
        prepared: &PreparedTurn,
        room: usize,
        (answer, tool_tokens): (&Answer, usize),
    ) -> Result<Prompt, TooLong> {
        let path: Vec<&ChatMessage> = prepared.path.iter().collect();
        let own = prepared.settings.system.as_deref();
        let character = prepared.character.as_ref();
        let default = character.map_or(&self.options.system, |character| &character.system);
        let own = own.unwrap_or(default);
        let documents = &prepared.knowledge.instructions;
        let system = [own, &prepared.instructions, documents].map(str::trim_end);
        let system: Vec<&str> = system.into_iter().filter(|text| !text.is_empty()).collect();
        PromptParts {
            system: &system.join("\n\n"),
            character,
            path: &path,
            answer: (&answer.text, &answer.steps),
            tool_tokens,
            window_start: prepared.settings.window_start.as_deref(),
            room,
            picture: &|id, media_type| self.picture(id, media_type),
        }
        .build()
    }
}

/// Who says how long a context is, in words.
fn origin(length: &ContextLength) -> String {
    match &length.origin {
        ContextOrigin::Setting => "as set".to_owned(),
        ContextOrigin::Discovered(place) => format!("as its server says in `{place}`"),
        ContextOrigin::Assumed => "a guess, since its server doesn't say; it can be set".to_owned(),
    }
}
