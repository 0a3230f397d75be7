//! Characters that people write themselves: files in TOML, Markdown or POML.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::card::CharacterCard;

/// A character's file. Unknown names are mistakes.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct CharacterSheet {
    name: String,
    nickname: String,
    description: String,
    personality: String,
    scenario: String,
    greeting: String,
    greetings: Vec<String>,
    examples: String,
    system: String,
    after: String,
    notes: String,
    creator: String,
    version: String,
    tags: Vec<String>,
    model: Option<String>,
    parameters: Map<String, Value>,
    recall: Option<bool>,
    tools: Option<Vec<String>>,
    facts: Option<bool>,
    lore: Vec<LoreSheet>,
    lore_tokens: Option<usize>,
    lore_messages: Option<usize>,
}

/// Something that the character knows when it is spoken of.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct LoreSheet {
    name: String,
    keys: Vec<String>,
    text: String,
    always: bool,
    order: i64,
}

/// What a character has beside its card.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CharacterDefaults {
    pub(super) model: Option<String>,
    pub(super) parameters: Map<String, Value>,
    pub(super) recall: Option<bool>,
    pub(super) tools: Option<Vec<String>>,
    pub(super) facts: Option<bool>,
}

/// Reads a TOML file.
///
/// # Errors
/// What is wrong, with its line.
pub(super) fn read(
    text: &str,
    file_name: &str,
) -> Result<(CharacterCard, CharacterDefaults), String> {
    character(toml_sheet(text, 0)?, file_name)
}

/// Reads a Markdown file: what stands in its front matter, YAML between lines of `---` or TOML between lines of `+++`, and
/// what describes the character behind it.
///
/// # Errors
/// What is wrong, with its line.
pub(super) fn read_markdown(
    text: &str,
    file_name: &str,
) -> Result<(CharacterCard, CharacterDefaults), String> {
    let text = text.trim_start_matches('\u{feff}');
    let (mut sheet, body) = match front_matter(text) {
        None => (CharacterSheet::default(), text),
        Some(("+++", front, body)) => (toml_sheet(front, 1)?, body),
        Some((_, front, body)) => {
            let sheet = serde_saphyr::from_str(front).map_err(|error| {
                let line = error.location().map_or(0, |place| place.line());
                let what = error.without_snippet().to_string();
                format!(
                    "line {}: {}",
                    line + 1,
                    what.lines().next().unwrap_or_default()
                )
            })?;
            (sheet, body)
        }
    };
    if sheet.description.is_empty() {
        sheet.description = body.trim().to_owned();
    }
    character(sheet, file_name)
}

/// Reads a prompt in POML.
///
/// # Errors
/// What is wrong, with its line.
pub(super) fn read_poml(
    text: &str,
    file_name: &str,
) -> Result<(CharacterCard, CharacterDefaults), String> {
    let (system, problems) = super::poml::markdown(text)?;
    let sheet = CharacterSheet {
        // What was recalled stands with the newest message.
        system: system
            .replace("{{character}}", "{{char}}")
            .replace("{{context}}", ""),
        ..CharacterSheet::default()
    };
    let (mut card, defaults) = character(sheet, file_name)?;
    card.problems.extend(problems);
    Ok((card, defaults))
}

/// What a text begins and goes on with, and how that is marked; nothing if it has no front matter.
pub(super) fn front_matter(text: &str) -> Option<(&str, &str, &str)> {
    let mark = ["---", "+++"]
        .into_iter()
        .find(|mark| text.starts_with(mark))?;
    let inner = text[mark.len()..]
        .strip_prefix("\r\n")
        .or_else(|| text[mark.len()..].strip_prefix('\n'))?;
    let mut at = 0;
    for line in inner.split_inclusive('\n') {
        if line.trim_end() == mark {
            return Some((mark, &inner[..at], &inner[at + line.len()..]));
        }
        at += line.len();
    }
    None
}

fn toml_sheet(text: &str, lines_before: usize) -> Result<CharacterSheet, String> {
    toml::from_str(text).map_err(|error| {
        let at = error.span().map_or(0, |span| span.start);
        let before = text.get(..at).unwrap_or(text);
        let line = before.matches('\n').count() + 1 + lines_before;
        format!("line {line}: {}", error.message())
    })
}

fn character(
    sheet: CharacterSheet,
    file_name: &str,
) -> Result<(CharacterCard, CharacterDefaults), String> {
    let mut greetings = sheet.greetings;
    if !sheet.greeting.trim().is_empty() {
        greetings.insert(0, sheet.greeting);
    }
    let entries: Vec<Value> = sheet
        .lore
        .iter()
        .map(|lore| {
            json!({
                "name": lore.name, "keys": lore.keys, "content": lore.text, "enabled": true,
                "constant": lore.always, "insertion_order": lore.order, "extensions": {},
            })
        })
        .collect();
    let mut data = json!({
        "name": sheet.name, "nickname": sheet.nickname, "description": sheet.description,
        "personality": sheet.personality, "scenario": sheet.scenario,
        "first_mes": greetings.first().cloned().unwrap_or_default(),
        "alternate_greetings": greetings.get(1..).unwrap_or_default(),
        "mes_example": sheet.examples, "system_prompt": sheet.system,
        "post_history_instructions": sheet.after, "creator_notes": sheet.notes,
        "creator": sheet.creator, "character_version": sheet.version, "tags": sheet.tags, "extensions": {},
    });
    if !entries.is_empty() {
        data["character_book"] = json!({"entries": entries, "extensions": {}});
        for (name, number) in [
            ("token_budget", sheet.lore_tokens),
            ("scan_depth", sheet.lore_messages),
        ] {
            if let Some(number) = number {
                data["character_book"][name] = number.into();
            }
        }
    }
    let card = json!({"spec": "chara_card_v2", "spec_version": "2.0", "data": data});
    let card = CharacterCard::parse(card.to_string().as_bytes(), file_name)?;
    let defaults = CharacterDefaults {
        model: sheet.model,
        parameters: sheet.parameters,
        recall: sheet.recall,
        tools: sheet.tools,
        facts: sheet.facts,
    };
    Ok((card, defaults))
}
