//! Character cards of the versions 1, 2 and 3, as programs really write them.
//!
//! Formats: V2 <https://github.com/malfoyslastname/character-card-spec-v2>, V3
//! <https://github.com/kwaroran/character-card-spec-v3>. V1 has the same fields without `spec` and `data`. Read
//! leniently: a field of another type than it should be counts as not there, with a note, and fields that aren't
//! known stay in [`CharacterCard::raw`].

use serde_json::{Map, Value};

use super::fields::{count_of, text_of};
use super::lorebook::Lorebook;

/// How deep into the conversation a depth prompt stands at most, in messages.
const MAX_DEPTH: usize = 1_000;

/// A character, as its card describes it. Texts have macros in them.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct CharacterCard {
    /// Who it is. Never empty.
    pub name: String,
    /// What `{{char}}` stands for, where that isn't the name.
    pub nickname: String,
    /// What the character is like.
    pub description: String,
    /// Its personality in short.
    pub personality: String,
    /// Where and how the conversation takes place.
    pub scenario: String,
    /// What it says first; the first of them unless the person chooses another. Without empty ones.
    pub greetings: Vec<String>,
    /// Conversations that show how it talks, each begun by `<START>`.
    pub examples: String,
    /// Instructions in place of the program's own; `{{original}}` stands for those.
    pub system_prompt: String,
    /// Instructions behind the conversation; `{{original}}` stands for nothing.
    pub post_history: String,
    /// Instructions within the conversation.
    pub depth_prompt: Option<DepthPrompt>,
    /// What its maker wants people to know. Not for the model.
    pub creator_notes: String,
    /// Who made it.
    pub creator: String,
    /// Its version.
    pub version: String,
    /// What it is about.
    pub tags: Vec<String>,
    /// What it knows when something is spoken of.
    pub lorebook: Option<Lorebook>,
    /// The card as it came.
    pub raw: Value,
    /// What of it couldn't be used.
    pub problems: Vec<String>,
}

/// Instructions that stand so many messages before the end of the conversation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DepthPrompt {
    /// The instructions.
    pub text: String,
    /// Messages behind it; 0 for none.
    pub depth: usize,
    /// `system`, `user` or `assistant`.
    pub role: &'static str,
}

impl CharacterCard {
    /// Reads a card. `file_name` names a character whose card doesn't.
    ///
    /// # Errors
    /// What the text is instead of a card: no JSON, no object, or an object with nothing that describes a
    /// character.
    pub fn parse(json: &[u8], file_name: &str) -> Result<Self, String> {
        let text = String::from_utf8_lossy(json);
        let text = text.trim_start_matches('\u{feff}');
        let raw: Value =
            serde_json::from_str(text).map_err(|error| format!("is no JSON: {error}"))?;
        let outer = raw.as_object().ok_or("is JSON, and no object")?;
        let data = match outer.get("data") {
            Some(Value::Object(data)) => data,
            _ => outer,
        };
        const DESCRIBING_FIELDS: [&str; 4] =
            ["description", "first_mes", "personality", "system_prompt"];
        if !data.contains_key("name")
            && !DESCRIBING_FIELDS
                .iter()
                .any(|name| data.contains_key(*name))
        {
            return Err("has neither a name nor anything that describes a character".to_owned());
        }
        let mut fields = Fields {
            data,
            problems: Vec::new(),
        };
        let name = fields.text("name");
        let name = match name.trim() {
            "" => file_name.to_owned(),
            name => name.to_owned(),
        };
        let mut greetings = vec![fields.text("first_mes")];
        greetings.extend(fields.texts("alternate_greetings"));
        greetings.retain(|greeting| !greeting.trim().is_empty());
        let lorebook = match data.get("character_book") {
            None | Some(Value::Null) => None,
            Some(book) => Lorebook::read(book, &mut fields.problems),
        };
        let card = Self {
            name,
            nickname: fields.text("nickname").trim().to_owned(),
            description: fields.text("description"),
            personality: fields.text("personality"),
            scenario: fields.text("scenario"),
            greetings,
            examples: fields.text("mes_example"),
            system_prompt: fields.text("system_prompt"),
            post_history: fields.text("post_history_instructions"),
            depth_prompt: depth_prompt(data),
            creator_notes: fields.text("creator_notes"),
            creator: fields.text("creator"),
            version: fields.text("character_version"),
            tags: fields.texts("tags"),
            lorebook,
            problems: fields.problems,
            raw: Value::Null,
        };
        Ok(Self { raw, ..card })
    }

    /// What `{{char}}` stands for.
    #[must_use]
    pub fn called(&self) -> &str {
        match self.nickname.as_str() {
            "" => &self.name,
            nickname => nickname,
        }
    }

    /// Its texts that aren't empty, by name.
    #[must_use]
    pub fn texts(&self) -> Vec<(&'static str, &str)> {
        let mut texts = vec![
            ("description", self.description.as_str()),
            ("personality", self.personality.as_str()),
            ("scenario", self.scenario.as_str()),
            ("system", self.system_prompt.as_str()),
            ("after", self.post_history.as_str()),
            ("examples", self.examples.as_str()),
            ("notes", self.creator_notes.as_str()),
        ];
        texts.extend(
            self.depth_prompt
                .iter()
                .map(|prompt| ("depth", prompt.text.as_str())),
        );
        texts.extend(
            self.greetings
                .iter()
                .map(|greeting| ("greeting", greeting.as_str())),
        );
        texts.retain(|(_, text)| !text.trim().is_empty());
        texts
    }

    /// The card as a program writes it: as it came, within `spec` and `data` if it was of version 1.
    #[must_use]
    pub fn to_json(&self) -> Value {
        match self.raw.get("data") {
            Some(Value::Object(_)) => self.raw.clone(),
            _ => serde_json::json!({
                "spec": "chara_card_v2", "spec_version": "2.0", "data": self.raw,
            }),
        }
    }
}

struct Fields<'a> {
    data: &'a Map<String, Value>,
    problems: Vec<String>,
}

impl Fields<'_> {
    fn text(&mut self, name: &str) -> String {
        let value = self.data.get(name).unwrap_or(&Value::Null);
        text_of(value).unwrap_or_else(|| {
            self.problems.push(format!("`{name}` is no text"));
            String::new()
        })
    }

    fn texts(&mut self, name: &str) -> Vec<String> {
        match self.data.get(name) {
            None | Some(Value::Null) => Vec::new(),
            Some(Value::Array(list)) => list.iter().filter_map(text_of).collect(),
            Some(Value::String(list)) => list
                .split(',')
                .map(|one| one.trim().to_owned())
                .filter(|one| !one.is_empty())
                .collect(),
            Some(_) => {
                self.problems.push(format!("`{name}` is no list"));
                Vec::new()
            }
        }
    }
}

impl CharacterCard {
    /// Whether facts about the person are drawn and recalled, as `extensions.lorekeep.facts` of the card says.
    pub(super) fn facts(&self) -> Option<bool> {
        let own = self.raw.pointer("/data/extensions/lorekeep/facts");
        own.and_then(Value::as_bool)
    }
}

fn depth_prompt(data: &Map<String, Value>) -> Option<DepthPrompt> {
    let prompt = data.get("extensions")?.get("depth_prompt")?;
    let text = prompt.get("prompt").and_then(text_of)?;
    let depth = prompt.get("depth").and_then(count_of).unwrap_or(4);
    let role = prompt.get("role").and_then(Value::as_str);
    (!text.trim().is_empty()).then(|| DepthPrompt {
        text,
        depth: depth.min(MAX_DEPTH),
        role: match role {
            Some("user") => "user",
            Some("assistant") => "assistant",
            _ => "system",
        },
    })
}
