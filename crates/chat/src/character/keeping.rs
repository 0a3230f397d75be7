//! What a person changes in their library of characters: texts, settings of their own, and which there are.

use std::sync::Arc;

use super::change::{self, CharacterChange};
use super::file_kind::FileKind;
use super::library::{
    Character, CharacterFailure, CharacterLibrary, FILE_ENDS, failure, read_character, read_file,
};
use super::own::CharacterSettings;
use super::{charx, png};

/// Why a character isn't changed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CharacterChangeError {
    /// There is none of this id.
    #[error("there is no character `{0}`")]
    Unknown(String),
    /// It has no file that could be changed.
    #[error("`{0}` comes with the program")]
    Shipped(String),
    /// Its file is another one than the caller knows.
    #[error("the character was changed meanwhile")]
    Outdated,
    /// What is asked for can't be.
    #[error("{0}")]
    Refused(String),
    /// Its file can't be read or written.
    #[error(transparent)]
    File(#[from] CharacterFailure),
}

impl CharacterLibrary {
    /// Changes a character's file, if it is that of the version that the caller knows; nothing for any version.
    ///
    /// # Errors
    /// If there is no such file, it was changed meanwhile, or its format can't be changed so.
    pub fn change(
        &self,
        id: &str,
        version: Option<&str>,
        change: &CharacterChange,
    ) -> Result<Arc<Character>, CharacterChangeError> {
        let character = self.own(id, version)?;
        if change
            .name
            .as_ref()
            .is_some_and(|name| name.trim().is_empty())
        {
            return Err(CharacterChangeError::Refused(
                "a character has a name".into(),
            ));
        }
        let path = &character.path;
        let bytes = read_file(path)?;
        let refused = |what: String| CharacterChangeError::Refused(format!("the file {what}"));
        let changed = changed(FileKind::of(path, &bytes), &bytes, change).map_err(refused)?;
        // What can't be read again isn't written.
        read_character(path, &changed)?;
        self.write(path, &changed)
            .map_err(|error| failure(path, &format!("can't be written: {error}")))?;
        self.get(id)?
            .ok_or_else(|| CharacterChangeError::Unknown(id.to_owned()))
    }

    /// Sets what a person wants of a character, also of one that comes with the program.
    ///
    /// # Errors
    /// If there is no such character, or the file can't be written.
    pub fn set(
        &self,
        id: &str,
        settings: &CharacterSettings,
    ) -> Result<Arc<Character>, CharacterChangeError> {
        let unknown = || CharacterChangeError::Unknown(id.to_owned());
        let path = self.settings_path(id).ok_or_else(unknown)?;
        if self.path_of(id).is_none() && self.shipped(id).is_none() {
            return Err(unknown());
        }
        let text = settings.to_toml();
        let written = match text.as_str() {
            "" if !files::is_regular(&path) => Ok(()),
            "" => fs_err::remove_file(&path),
            _ => path
                .parent()
                .map_or(Ok(()), files::create_private_dir)
                .and_then(|()| self.write(&path, text.as_bytes())),
        };
        written.map_err(|error| failure(&path, &format!("can't be written: {error}")))?;
        self.get(id)?.ok_or_else(unknown)
    }

    /// Deletes a character's files and what was set for it; its documents stay.
    ///
    /// # Errors
    /// If it has no file, or that can't be deleted.
    pub fn remove(&self, id: &str) -> Result<(), CharacterChangeError> {
        let first = self.path_of(id);
        if first.is_none() {
            return Err(match self.get(id)? {
                Some(_) => CharacterChangeError::Shipped(id.to_owned()),
                None => CharacterChangeError::Unknown(id.to_owned()),
            });
        }
        let ends = FILE_ENDS.iter().map(|end| self.place(id, end));
        for path in ends.chain(self.settings_path(id)) {
            if files::is_regular(&path) {
                fs_err::remove_file(&path)
                    .map_err(|error| failure(&path, &format!("can't be deleted: {error}")))?;
            }
        }
        Ok(())
    }

    /// The bytes of a character's file, and how its name ends.
    ///
    /// # Errors
    /// If it has no file, or that can't be read.
    pub fn file(&self, id: &str) -> Result<(Vec<u8>, &'static str), CharacterChangeError> {
        let character = self.own(id, None)?;
        let bytes = read_file(&character.path)?;
        let kind = FileKind::of(&character.path, &bytes).name();
        Ok((bytes, kind))
    }

    /// A character with a file of its own, of this version.
    fn own(&self, id: &str, version: Option<&str>) -> Result<Arc<Character>, CharacterChangeError> {
        let character = self
            .get(id)?
            .ok_or_else(|| CharacterChangeError::Unknown(id.to_owned()))?;
        if character.is_shipped {
            return Err(CharacterChangeError::Shipped(id.to_owned()));
        }
        match version.is_none_or(|version| version == character.version) {
            true => Ok(character),
            false => Err(CharacterChangeError::Outdated),
        }
    }
}

impl Character {
    /// Whether [`CharacterLibrary::change`] can write its file.
    #[must_use]
    pub fn is_editable(&self) -> bool {
        if self.is_shipped {
            return false;
        }
        let Ok(bytes) = read_file(&self.path) else {
            return false;
        };
        changed(
            FileKind::of(&self.path, &bytes),
            &bytes,
            &CharacterChange::default(),
        )
        .is_ok()
    }
}

fn changed(kind: FileKind, bytes: &[u8], change: &CharacterChange) -> Result<Vec<u8>, String> {
    // Bytes that aren't text would come back as others.
    let text = |bytes: &[u8]| {
        let text = String::from_utf8(bytes.to_vec());
        text.map_err(|_| "isn't UTF-8, and can't be changed here".to_owned())
    };
    Ok(match kind {
        FileKind::Json => change::card(&text(bytes)?, change)?.into_bytes(),
        FileKind::Png => {
            let json = change::card(&text(&png::card(bytes)?)?, change)?;
            png::with_card(bytes, &json, png::is_v3(bytes))
        }
        FileKind::Charx => {
            let json = change::card(&text(&charx::card(bytes)?)?, change)?;
            charx::with_card(bytes, &json)?
        }
        FileKind::Toml => change::sheet(&text(bytes)?, change)?.into_bytes(),
        FileKind::Markdown => change::markdown(&text(bytes)?, change)?.into_bytes(),
        FileKind::Poml => return Err("is a prompt in POML, which can't be changed here".into()),
    })
}
