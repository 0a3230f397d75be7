//! Changes of characters: texts of a card or a sheet replaced in the file's own format, and everything else in it as it
//! was, unknown fields and comments too.

use serde::Deserialize;
use serde_json::value::RawValue;
use toml_edit::{Array, ArrayOfTables, DocumentMut, Item, Table, value};

use super::raw_object::RawObject;

/// What is to be changed of a character; what isn't named stays.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CharacterChange {
    /// Its name; not empty.
    pub name: Option<String>,
    /// What `{{char}}` stands for, where that isn't the name.
    pub nickname: Option<String>,
    /// What it is like.
    pub description: Option<String>,
    /// Its personality in short.
    pub personality: Option<String>,
    /// Where and how the conversation takes place.
    pub scenario: Option<String>,
    /// Conversations that show how it talks.
    pub examples: Option<String>,
    /// Instructions in place of the program's own.
    pub system: Option<String>,
    /// Instructions behind the conversation.
    pub after: Option<String>,
    /// What its maker wants people to know.
    pub notes: Option<String>,
    /// Who made it.
    pub creator: Option<String>,
    /// Its version.
    pub version: Option<String>,
    /// All of its greetings, the usual one first.
    pub greetings: Option<Vec<String>>,
    /// All of its tags.
    pub tags: Option<Vec<String>>,
    /// All entries of its lorebook, in their order.
    pub lore: Option<Vec<LoreChange>>,
}

/// An entry of a lorebook: one that was there, with what is to be changed of it, or a new one.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoreChange {
    /// Which entry of the file it was, from 0; nothing for a new one.
    pub index: Option<usize>,
    /// Its own name.
    pub name: Option<String>,
    /// What brings it up.
    pub keys: Option<Vec<String>>,
    /// What must be spoken of too; only in cards.
    pub secondary_keys: Option<Vec<String>>,
    /// What it says.
    pub text: Option<String>,
    /// Whether it counts; only in cards.
    pub enabled: Option<bool>,
    /// Whether it is always brought up.
    pub always: Option<bool>,
    /// Smaller ones stand first.
    pub order: Option<i64>,
}

impl CharacterChange {
    /// The texts that are named, each with its name in a sheet and in a card.
    fn texts(&self) -> impl Iterator<Item = ([&'static str; 2], &str)> {
        let named = [
            (["name"; 2], &self.name),
            (["nickname"; 2], &self.nickname),
            (["description"; 2], &self.description),
            (["personality"; 2], &self.personality),
            (["scenario"; 2], &self.scenario),
            (["examples", "mes_example"], &self.examples),
            (["system", "system_prompt"], &self.system),
            (["after", "post_history_instructions"], &self.after),
            (["notes", "creator_notes"], &self.notes),
            (["creator"; 2], &self.creator),
            (["version", "character_version"], &self.version),
        ];
        let texts = named.into_iter();
        texts.filter_map(|(names, text)| Some((names, text.as_deref()?)))
    }

    /// Greetings that say something: the usual one, and the others.
    fn said(&self) -> Option<(String, Vec<String>)> {
        let mut greetings = self.greetings.clone()?;
        greetings.retain(|greeting| !greeting.trim().is_empty());
        let others = greetings.split_off(greetings.len().min(1));
        Some((greetings.pop().unwrap_or_default(), others))
    }
}

/// A card with this change, as JSON.
///
/// # Errors
/// What keeps it from being changed.
pub(super) fn card(json: &str, change: &CharacterChange) -> Result<String, String> {
    let mut outer = RawObject::parse(json.trim_start_matches('\u{feff}'))?;
    let Some(mut data) = outer.object("data") else {
        change_fields(&mut outer, change)?;
        return Ok(outer.to_json());
    };
    change_fields(&mut data, change)?;
    // Programs that write both versions into one card have these twice.
    for (names, text) in change.texts() {
        if outer.get(names[1]).is_some() {
            outer.set(names[1], text);
        }
    }
    if let Some((first, _)) = change.said()
        && outer.get("first_mes").is_some()
    {
        outer.set("first_mes", &first);
    }
    outer.set("data", &data);
    Ok(outer.to_json())
}

fn change_fields(data: &mut RawObject, change: &CharacterChange) -> Result<(), String> {
    for (names, text) in change.texts() {
        data.set(names[1], text);
    }
    if let Some((first, others)) = change.said() {
        data.set("first_mes", &first);
        data.set("alternate_greetings", &others);
    }
    if let Some(tags) = &change.tags {
        data.set("tags", tags);
    }
    if let Some(lore) = &change.lore {
        let mut book = data.object("character_book").unwrap_or_default();
        let entries: Vec<Box<RawValue>> = match book.get("entries") {
            None => Vec::new(),
            Some(entries) => serde_json::from_str(entries)
                .map_err(|_| "has a lorebook that isn't a list, which can't be changed here")?,
        };
        let changed: Result<Vec<RawObject>, String> =
            lore.iter().map(|one| lore_entry(&entries, one)).collect();
        book.set("entries", &changed?);
        data.set("character_book", &book);
    }
    Ok(())
}

fn lore_entry(entries: &[Box<RawValue>], change: &LoreChange) -> Result<RawObject, String> {
    let mut entry = match change.index {
        Some(index) => {
            let known = entries.get(index).ok_or_else(|| no_entry(index))?;
            RawObject::parse(known.get())?
        }
        None => new_entry(),
    };
    // Books that were files of their own have other names.
    let own = |entry: &RawObject, usual: &'static str, other: &'static str| {
        let is_other = entry.get(usual).is_none() && entry.get(other).is_some();
        if is_other { other } else { usual }
    };
    if let Some(name) = &change.name {
        entry.set(own(&entry, "name", "comment"), name);
    }
    if let Some(keys) = &change.keys {
        entry.set(own(&entry, "keys", "key"), keys);
    }
    if let Some(keys) = &change.secondary_keys {
        entry.set(own(&entry, "secondary_keys", "keysecondary"), keys);
        entry.set("selective", &!keys.is_empty());
    }
    if let Some(text) = &change.text {
        entry.set("content", text);
    }
    if let Some(enabled) = change.enabled {
        entry.set("enabled", &enabled);
        if entry.get("disable").is_some() {
            entry.set("disable", &!enabled);
        }
    }
    if let Some(always) = change.always {
        entry.set("constant", &always);
    }
    if let Some(order) = change.order {
        entry.set(own(&entry, "insertion_order", "order"), &order);
    }
    Ok(entry)
}

/// An entry as the formats want it to be.
fn new_entry() -> RawObject {
    let mut entry = RawObject::default();
    entry.set::<[&str]>("keys", &[]);
    entry.set("content", "");
    entry.set("enabled", &true);
    entry.set("insertion_order", &100);
    entry.set("extensions", &RawObject::default());
    entry
}

fn no_entry(index: usize) -> String {
    format!("has no entry {index} in its lorebook")
}

/// A sheet in TOML with this change.
///
/// # Errors
/// What keeps it from being changed.
pub(super) fn sheet(text: &str, change: &CharacterChange) -> Result<String, String> {
    let mut sheet: DocumentMut = text
        .parse()
        .map_err(|error: toml_edit::TomlError| error.to_string())?;
    for (names, text) in change.texts() {
        set_text(sheet.as_table_mut(), names[0], text);
    }
    if let Some((first, others)) = change.said() {
        set_text(sheet.as_table_mut(), "greeting", &first);
        set_list(sheet.as_table_mut(), "greetings", &others);
    }
    if let Some(tags) = &change.tags {
        set_list(sheet.as_table_mut(), "tags", tags);
    }
    if let Some(lore) = &change.lore {
        let known = match sheet.get("lore") {
            Some(Item::ArrayOfTables(known)) => known.clone(),
            None => ArrayOfTables::new(),
            Some(_) => return Err("has lore that isn't tables, which can't be changed here".into()),
        };
        let mut changed = ArrayOfTables::new();
        for one in lore {
            changed.push(lore_table(&known, one)?);
        }
        match changed.is_empty() {
            true => sheet.remove("lore"),
            false => sheet.insert("lore", Item::ArrayOfTables(changed)),
        };
    }
    Ok(sheet.to_string())
}

fn lore_table(known: &ArrayOfTables, change: &LoreChange) -> Result<Table, String> {
    let only_in_cards = change.enabled == Some(false)
        || change
            .secondary_keys
            .as_ref()
            .is_some_and(|keys| !keys.is_empty());
    if only_in_cards {
        return Err("is no card: its lore has no second keys, and can't be switched off".into());
    }
    let mut table = match change.index {
        Some(index) => known.get(index).cloned().ok_or_else(|| no_entry(index))?,
        None => Table::new(),
    };
    // Where it stood in the file; the order is the list's now.
    table.set_position(None);
    if let Some(name) = &change.name {
        set_text(&mut table, "name", name);
    }
    if let Some(keys) = &change.keys {
        set_list(&mut table, "keys", keys);
    }
    if let Some(text) = &change.text {
        set_text(&mut table, "text", text);
    }
    if let Some(always) = change.always {
        set(&mut table, "always", (always).then(|| value(true)));
    }
    if let Some(order) = change.order {
        set(&mut table, "order", Some(value(order)));
    }
    Ok(table)
}

fn set_text(table: &mut Table, key: &str, text: &str) {
    set(table, key, (!text.is_empty()).then(|| value(text)));
}

fn set_list(table: &mut Table, key: &str, texts: &[String]) {
    let list: Array = texts.iter().map(String::as_str).collect();
    set(table, key, (!texts.is_empty()).then(|| value(list)));
}

/// Puts a value in the place of the one of this key, whose comments stay; nothing takes it away.
fn set(table: &mut Table, key: &str, new: Option<Item>) {
    let Some(mut new) = new else {
        table.remove(key);
        return;
    };
    if let Some(old) = table.get_mut(key) {
        if let (Some(old), Some(new)) = (old.as_value(), new.as_value_mut()) {
            *new.decor_mut() = old.decor().clone();
        }
        *old = new;
        return;
    }
    table.insert(key, new);
}

/// A character in Markdown with this change: what stands between lines of `+++` as a sheet, and what follows as what
/// describes it.
///
/// # Errors
/// What keeps it from being changed: front matter in YAML, among others.
pub(super) fn markdown(text: &str, change: &CharacterChange) -> Result<String, String> {
    let (front, body) = match super::sheet::front_matter(text.trim_start_matches('\u{feff}')) {
        None => ("", text),
        Some(("+++", front, body)) => (front, body),
        Some(_) => return Err("has its fields in YAML, which can't be changed here".into()),
    };
    let mut change = change.clone();
    let has_own = front
        .parse::<DocumentMut>()
        .is_ok_and(|front| front.contains_key("description"));
    let described = match has_own {
        true => None,
        false => change.description.take(),
    };
    let front = sheet(front, &change)?;
    let body = described.map_or_else(|| body.to_owned(), |text| format!("\n{}\n", text.trim()));
    match front.trim() {
        "" => Ok(body.trim_start().to_owned()),
        _ => Ok(format!("+++\n{}\n+++\n{body}", front.trim_end())),
    }
}
