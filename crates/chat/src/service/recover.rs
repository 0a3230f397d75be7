//! What an earlier process left half-way: its turns are marked as interrupted, with what they had said.

use memory::{ChatChange, ChatMessageState, NewChatMessage, Role, TurnEnd, TurnRecord, TurnState};
use serde_json::json;

use crate::Result;
use crate::alive::is_alive;
use crate::detail::Detail;
use crate::options::ChatOptions;
use crate::steps::{self, AnswerStep};

/// Ends the turns whose process is gone. Those of processes that are there stay as they are. Blocks.
pub(super) fn recover(options: &ChatOptions) -> Result<usize> {
    let mut archive = options.memory.archive()?;
    let mut gone = archive.unfinished_turns()?;
    gone.retain(|turn| !is_alive(&options.directory, &turn.process));
    let now = options.memory.clock().millis();
    for turn in &gone {
        let thread = archive.chat(&turn.chat)?;
        let before = thread
            .messages
            .iter()
            .find(|message| message.message.id == turn.answer);
        // One that went on with an older answer changes that.
        let steps = Detail::parse(&turn.detail).steps;
        let change = match before {
            Some(_) if turn.text.is_empty() && steps.is_empty() => None,
            Some(before) => Some(ChatChange::Rewrite {
                chat: turn.chat.clone(),
                message: turn.answer.clone(),
                text: turn.text.clone(),
                state: ChatMessageState::Interrupted,
                detail: Some(with_steps(Detail::parse(&before.detail), steps).to_json()),
            }),
            None => Some(ChatChange::Append {
                chat: turn.chat.clone(),
                message: Box::new(half_answer(turn, steps, now)),
            }),
        };
        let end = ChatChange::End {
            turn: turn.id.clone(),
            end: TurnEnd {
                state: TurnState::Interrupted,
                model: None,
                detail: String::new(),
            },
        };
        let changes: Vec<ChatChange> = change.into_iter().chain([end]).collect();
        archive.change_chats(now, &changes)?;
    }
    Ok(gone.len())
}

/// What is kept beside an answer, with the rounds that were made for it.
fn with_steps(detail: Detail, steps: Vec<AnswerStep>) -> Detail {
    match steps.is_empty() {
        true => detail,
        false => Detail { steps, ..detail },
    }
}

fn half_answer(turn: &TurnRecord, made: Vec<AnswerStep>, now: memory::Millis) -> NewChatMessage {
    let (tools, results) = steps::logged(&made);
    let detail = Detail {
        error: Some(json!({
            "code": "interrupted",
            "message": "the program ended while this answer came",
        })),
        steps: made,
        ..Detail::default()
    };
    NewChatMessage {
        parent: turn.question.clone(),
        turn: Some(turn.id.clone()),
        thinking: turn.thinking.clone(),
        tools,
        results,
        model: turn.model.clone(),
        state: ChatMessageState::Interrupted,
        detail: detail.to_json(),
        ..NewChatMessage::said(&turn.answer, Role::Assistant, now, &turn.text)
    }
}
