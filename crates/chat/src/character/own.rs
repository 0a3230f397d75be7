//! A person's own settings of a character: the model, the tools, whether memory and facts are used. They stand beside its
//! file, in `ID/settings.toml`, so that a card stays as its maker wrote it, and one that comes with the program can be
//! set too. They win over what the character's file says.

use std::path::Path;

use serde::{Deserialize, Serialize};
use toml_edit::{Array, DocumentMut, value};

/// How large the file may be, in bytes.
const MAX_FILE_BYTES: u64 = 64 << 10;

/// What a person has set for a character; what isn't set is as the character's file says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
pub struct CharacterSettings {
    /// The model that answers, where a conversation names none.
    pub model: Option<String>,
    /// The tools that may be called; an empty list is none.
    pub tools: Option<Vec<String>>,
    /// Whether memory is searched.
    pub recall: Option<bool>,
    /// Whether facts about the person are drawn and recalled.
    pub facts: Option<bool>,
}

impl CharacterSettings {
    /// Reads them; nothing is set where there is no file.
    ///
    /// # Errors
    /// What is wrong with the file.
    pub(super) fn read(path: &Path) -> Result<Self, String> {
        if !files::is_regular(path) {
            return Ok(Self::default());
        }
        let text = files::read_text(path, MAX_FILE_BYTES).map_err(|error| files::reason(&error))?;
        toml::from_str(&text).map_err(|error| error.message().to_owned())
    }

    /// The file's text; empty where nothing is set.
    pub(super) fn to_toml(&self) -> String {
        let mut text = DocumentMut::new();
        if let Some(model) = &self.model {
            text.insert("model", value(model));
        }
        if let Some(tools) = &self.tools {
            let tools: Array = tools.iter().map(String::as_str).collect();
            text.insert("tools", value(tools));
        }
        if let Some(recall) = self.recall {
            text.insert("recall", value(recall));
        }
        if let Some(facts) = self.facts {
            text.insert("facts", value(facts));
        }
        text.to_string()
    }
}
