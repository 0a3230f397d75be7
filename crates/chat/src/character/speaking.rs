//! A character in a conversation: what of its card is put before the model, and where.

use jiff::Zoned;
use sha2::{Digest as _, Sha256};

use super::library::Character;
use super::macros::{MacroValues, expand};

/// What a model is told of a character whose card has no instructions of its own.
const ROLE_INSTRUCTIONS: &str = "You play {{char}} in a conversation with {{user}}. Stay in character, speak as {{char}} would, in \
     the language of {{user}}, and never speak for {{user}}. ";

/// Who talks to the character.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// What `{{user}}` stands for.
    pub name: String,
    /// Who that is; may be empty.
    pub persona: String,
}

impl Default for Speaker {
    fn default() -> Self {
        Self {
            name: "User".to_owned(),
            persona: String::new(),
        }
    }
}

/// What of a character stands in every request of a conversation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct SpeakingCharacter {
    /// Instructions in place of the program's own.
    pub(crate) system: String,
    /// Instructions with the message so many before the newest.
    pub(crate) at_depth: Option<(usize, String)>,
    /// Instructions with the newest message.
    pub(crate) at_end: String,
}

/// What the macros of one conversation stand for.
pub(crate) struct CharacterScene<'a> {
    pub(crate) speaker: &'a Speaker,
    /// The program's own instructions, for `{{original}}`.
    pub(crate) original: &'a str,
    /// When the conversation began: what stands at the start of every request must stay the same.
    pub(crate) began: &'a Zoned,
    pub(crate) conversation: &'a str,
}

impl CharacterScene<'_> {
    fn expanded(&self, character: &Character, text: &str, original: &str) -> String {
        let values = MacroValues {
            character: character.card.called(),
            user: &self.speaker.name,
            persona: &self.speaker.persona,
            original,
            now: self.began,
            seed: seed(self.conversation),
        };
        expand(text, &values)
    }

    /// What stands in every request.
    pub(crate) fn speaking(&self, character: &Character) -> SpeakingCharacter {
        let card = &character.card;
        let instructions = match card.system_prompt.trim() {
            "" => format!("{ROLE_INSTRUCTIONS}{}", self.original),
            own => own.to_owned(),
        };
        let mut parts = vec![self.expanded(character, &instructions, self.original)];
        for (head, text) in [
            ("", &card.description),
            ("Personality of {{char}}: ", &card.personality),
            ("Scenario: ", &card.scenario),
            ("Who {{user}} is: ", &self.speaker.persona),
            ("How {{char}} talks:\n", &card.examples),
        ] {
            if !text.trim().is_empty() {
                let text = text.trim().replace("<START>", "---");
                parts.push(self.expanded(character, &format!("{head}{text}"), ""));
            }
        }
        let at_depth = card.depth_prompt.as_ref();
        SpeakingCharacter {
            system: parts.join("\n\n"),
            at_depth: at_depth.map(|prompt| {
                (
                    prompt.depth,
                    self.expanded(character, prompt.text.trim(), ""),
                )
            }),
            at_end: self.expanded(character, card.post_history.trim(), ""),
        }
    }

    /// What the character says first, and what it could say instead.
    pub(crate) fn greetings(&self, character: &Character) -> Vec<String> {
        let greetings = character.card.greetings.iter();
        greetings
            .map(|greeting| self.expanded(character, greeting, ""))
            .collect()
    }

    /// What of its lore the last messages bring up.
    pub(crate) fn lore(&self, character: &Character, said: &[&str]) -> Vec<String> {
        let Some(book) = &character.card.lorebook else {
            return Vec::new();
        };
        let last = &said[said.len().saturating_sub(book.scan_depth())..];
        let found = book.brought_up(last, said.len());
        found
            .into_iter()
            .map(|lore| self.expanded(character, lore.text, ""))
            .collect()
    }
}

/// What chance begins with in a conversation.
fn seed(conversation: &str) -> u64 {
    let hash = Sha256::digest(conversation.as_bytes());
    let start = hash.first_chunk::<8>().copied().unwrap_or_default();
    u64::from_le_bytes(start)
}
