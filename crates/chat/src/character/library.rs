//! The characters of a directory: files that people write, and cards that they take in. A file that changes is read
//! anew when it is used next.

use std::collections::{BTreeMap, HashMap};
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::SystemTime;

use files::{Access, Draft};
use serde::Serialize;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};

use super::card::CharacterCard;
use super::file_kind::FileKind;
use super::own::CharacterSettings;
use super::sheet::{self, CharacterDefaults};
use super::shipped::{SHIPPED, shipped};
use super::{charx, png};

/// How large a file may be, in bytes.
const MAX_FILE_BYTES: u64 = 64 << 20;

/// The ends of files' names, the first that is there counts.
pub(super) const FILE_ENDS: [&str; 6] = ["toml", "md", "poml", "charx", "png", "json"];

/// Characters of a directory that are listed at most.
const MAX_CHARACTERS: usize = 10_000;

/// A character.
#[derive(Clone, Debug)]
pub struct Character {
    /// Its name in the directory, without an end.
    pub id: String,
    /// Who it is.
    pub card: CharacterCard,
    /// The model that answers, where a conversation names none.
    pub model: Option<String>,
    /// Parameters of the model's API, where a conversation sets none.
    pub parameters: Map<String, Value>,
    /// Whether memory is searched, where a conversation doesn't say.
    pub recall: Option<bool>,
    /// The tools that may be called, where a conversation doesn't say; an empty list is none, `None` all.
    pub tools: Option<Vec<String>>,
    /// Whether facts about the person are drawn and recalled, where a conversation doesn't say.
    pub facts: Option<bool>,
    /// Its file; for one that comes with the program, where a file of its own would be.
    pub path: PathBuf,
    /// Whether it comes with the program.
    pub is_shipped: bool,
    /// A document in Markdown that comes with it: what it knows.
    pub knowledge: Option<&'static str>,
    /// What its file is known by: another one after each change.
    pub version: String,
    /// What the person has set for it, which is in the fields above already.
    pub settings: CharacterSettings,
}

/// A character in a list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct CharacterSummary {
    /// What names it.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Who made it; may be empty.
    pub creator: String,
    /// What it is about.
    pub tags: Vec<String>,
    /// How many greetings it has.
    pub greetings: usize,
    /// How many entries its lorebook has.
    pub lore: usize,
    /// Whether its file is a picture, or has one beside it.
    pub has_picture: bool,
    /// Whether it comes with the program.
    pub is_shipped: bool,
    /// What of its file couldn't be used.
    pub problems: Vec<String>,
}

/// A file that is no character.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, thiserror::Error)]
#[error("`{file}` {problem}")]
pub struct CharacterFailure {
    /// The file's name, without its directory.
    pub file: String,
    /// What is wrong with it, with the line where it has lines.
    pub problem: String,
    /// Whether nothing is, but for another character of the name.
    #[serde(skip)]
    pub is_taken: bool,
}

/// The characters of a directory.
#[derive(Debug)]
pub struct CharacterLibrary {
    directory: PathBuf,
    /// Whether those that come with the program count.
    has_shipped: bool,
    read: Mutex<HashMap<PathBuf, ReadFile>>,
}

/// What a file was when it was read.
#[derive(Clone, Debug)]
struct ReadFile {
    changed: Option<SystemTime>,
    bytes: u64,
    character: Result<Arc<Character>, CharacterFailure>,
}

impl CharacterLibrary {
    /// Those of a directory, which need not be there.
    #[must_use]
    pub fn new(directory: PathBuf) -> Self {
        Self {
            directory,
            has_shipped: false,
            read: Mutex::default(),
        }
    }

    /// The same with those that come with the program, where no file has their id.
    #[must_use]
    pub fn with_shipped(self) -> Self {
        Self {
            has_shipped: true,
            ..self
        }
    }

    /// All characters by their ids, and files that are none. Reads files.
    #[must_use]
    pub fn list(&self) -> (Vec<CharacterSummary>, Vec<CharacterFailure>) {
        let (mut characters, mut failures) = (Vec::new(), Vec::new());
        for path in self.files().into_values() {
            match self.of_file(&path) {
                Ok(character) => characters.push(character.summary()),
                Err(failure) => failures.push(failure),
            }
        }
        characters.extend(self.unreplaced().map(|character| character.summary()));
        characters.sort_by(|one, other| one.id.cmp(&other.id));
        (characters, failures)
    }

    /// The character of this id; nothing if there is no file for it. Reads a file.
    ///
    /// # Errors
    /// What is wrong with its file.
    pub fn get(&self, id: &str) -> Result<Option<Arc<Character>>, CharacterFailure> {
        if !is_id(id) {
            return Ok(None);
        }
        let found = match self.path_of(id) {
            None => self.shipped(id),
            Some(path) => Some(self.of_file(&path)?),
        };
        found
            .map(|character| self.with_settings(character))
            .transpose()
    }

    /// A character as the person has set it.
    fn with_settings(&self, character: Arc<Character>) -> Result<Arc<Character>, CharacterFailure> {
        let Some(path) = self.settings_path(&character.id) else {
            return Ok(character);
        };
        let settings = CharacterSettings::read(&path).map_err(|what| failure(&path, &what))?;
        if settings == CharacterSettings::default() {
            return Ok(character);
        }
        let own = settings.clone();
        Ok(Arc::new(Character {
            model: own.model.or_else(|| character.model.clone()),
            tools: own.tools.or_else(|| character.tools.clone()),
            recall: own.recall.or(character.recall),
            facts: own.facts.or(character.facts),
            settings,
            ..Character::clone(&character)
        }))
    }

    /// Where what the person has set for a character stands; nothing if that can't be an id.
    pub(super) fn settings_path(&self, id: &str) -> Option<PathBuf> {
        is_id(id).then(|| self.directory.join(id).join("settings.toml"))
    }

    /// The character of this id that comes with the program.
    pub(super) fn shipped(&self, id: &str) -> Option<Arc<Character>> {
        let shipped = shipped(id).filter(|_| self.has_shipped)?;
        let path = self.directory.join(format!("{id}.toml"));
        // A test reads all of them.
        let mut character = read_character(&path, shipped.sheet.as_bytes()).ok()?;
        character.is_shipped = true;
        character.knowledge = shipped.knowledge;
        Some(Arc::new(character))
    }

    /// Those that come with the program and have no file in their place.
    fn unreplaced(&self) -> impl Iterator<Item = Arc<Character>> {
        SHIPPED
            .iter()
            .filter(|shipped| self.path_of(shipped.id).is_none())
            .filter_map(|shipped| self.shipped(shipped.id))
    }

    /// The file of a character, the first of those that it may be.
    pub(super) fn path_of(&self, id: &str) -> Option<PathBuf> {
        let mut paths = FILE_ENDS.iter().map(|end| self.place(id, end));
        paths.find(|path| files::is_regular(path))
    }

    /// The character of this id or, in any case, this name; nothing if there is none that can be read. Reads files.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Arc<Character>> {
        if let Ok(Some(character)) = self.get(name) {
            return Some(character);
        }
        let is_it =
            |character: &Arc<Character>| character.card.name.to_lowercase() == name.to_lowercase();
        let files = self.files().into_values();
        files
            .filter_map(|path| self.of_file(&path).ok())
            .chain(self.unreplaced())
            .find(is_it)
            .and_then(|character| self.with_settings(character).ok())
    }

    /// Takes in a card: checks it and copies its file into the directory. Returns its id.
    ///
    /// # Errors
    /// If it can't be read, is no character, or another one has its name already and `replace` isn't set.
    pub fn import(&self, path: &Path, replace: bool) -> Result<String, CharacterFailure> {
        let bytes = read_file(path)?;
        self.copy(path, &bytes, replace)
    }

    /// As [`Self::import`], for bytes that came with a name.
    ///
    /// # Errors
    /// As [`Self::import`].
    pub fn take_in(
        &self,
        name: &str,
        bytes: &[u8],
        replace: bool,
    ) -> Result<String, CharacterFailure> {
        self.copy(Path::new(name), bytes, replace)
    }

    /// The character of any file.
    ///
    /// # Errors
    /// If it can't be read, or is no character.
    pub fn read(&self, path: &Path) -> Result<Character, CharacterFailure> {
        read_character(path, &read_file(path)?)
    }

    fn copy(&self, path: &Path, bytes: &[u8], replace: bool) -> Result<String, CharacterFailure> {
        let character = read_character(path, bytes)?;
        let kind = FileKind::of(path, bytes).name();
        let id = id_of(&character.card.name);
        // One that can't be read is somebody's, too.
        if let Some(known) = self.path_of(&id).filter(|_| !replace) {
            let is_same = files::read(&known, MAX_FILE_BYTES).is_ok_and(|other| other == bytes);
            return match is_same {
                true => Ok(id),
                false => Err(CharacterFailure {
                    is_taken: true,
                    ..failure(
                        path,
                        &format!("is called as the character `{id}`, which is there already"),
                    )
                }),
            };
        }
        self.put(&id, kind, bytes)
            .map_err(|error| failure(path, &format!("can't be copied: {error}")))?;
        Ok(id)
    }

    /// Writes a file. What has its place, or would hide it, is moved aside.
    fn put(&self, id: &str, kind: &str, bytes: &[u8]) -> std::io::Result<()> {
        let place = |end: &str| self.place(id, end);
        let hiding = FILE_ENDS.iter().take_while(|end| **end != kind);
        for end in hiding.chain([&kind]) {
            if files::is_regular(&place(end)) {
                files::rename(&place(end), &place(&format!("{end}.replaced")))?;
            }
        }
        self.write(&place(kind), bytes)
    }

    /// The file of a character whose name ends so.
    pub(super) fn place(&self, id: &str, end: &str) -> PathBuf {
        self.directory.join(format!("{id}.{end}"))
    }

    pub(super) fn write(&self, place: &Path, bytes: &[u8]) -> std::io::Result<()> {
        files::create_private_dir(&self.directory)?;
        let draft = Draft::new(place, Access::Private)?;
        std::io::Write::write_all(&mut draft.file(), bytes)?;
        draft.replace()
    }

    /// The files of the directory that should be characters, by their ids.
    fn files(&self) -> BTreeMap<String, PathBuf> {
        let mut found: BTreeMap<String, (usize, PathBuf)> = BTreeMap::new();
        let entries = fs_err::read_dir(&self.directory)
            .into_iter()
            .flatten()
            .flatten();
        for path in entries
            .map(|entry| entry.path())
            .take(MAX_CHARACTERS * FILE_ENDS.len())
        {
            let kind = path.extension().and_then(OsStr::to_str);
            let rank = FILE_ENDS.iter().position(|known| Some(*known) == kind);
            let id = path
                .file_stem()
                .and_then(OsStr::to_str)
                .filter(|id| is_id(id));
            if let (Some(rank), Some(id)) = (rank, id) {
                let known = found.get(id).map_or(usize::MAX, |(rank, _)| *rank);
                if rank < known {
                    found.insert(id.to_owned(), (rank, path));
                }
            }
        }
        found
            .into_iter()
            .map(|(id, (_, path))| (id, path))
            .take(MAX_CHARACTERS)
            .collect()
    }

    fn of_file(&self, path: &Path) -> Result<Arc<Character>, CharacterFailure> {
        let found = fs_err::metadata(path).ok();
        let changed = found.as_ref().and_then(|found| found.modified().ok());
        let bytes = found.map_or(0, |found| found.len());
        let known = self.read_files().get(path).cloned();
        if let Some(known) = known
            && known.changed == changed
            && known.bytes == bytes
        {
            return known.character;
        }
        // Nobody waits for a large card that another one reads.
        let character = read_file(path)
            .and_then(|bytes| read_character(path, &bytes))
            .map(Arc::new);
        let file = ReadFile {
            changed,
            bytes,
            character: character.clone(),
        };
        self.read_files().insert(path.to_owned(), file);
        character
    }

    fn read_files(&self) -> MutexGuard<'_, HashMap<PathBuf, ReadFile>> {
        self.read.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Character {
    /// What lists show of it.
    #[must_use]
    pub fn summary(&self) -> CharacterSummary {
        CharacterSummary {
            id: self.id.clone(),
            name: self.card.name.clone(),
            creator: self.card.creator.clone(),
            tags: self.card.tags.clone(),
            greetings: self.card.greetings.len(),
            lore: self.card.lorebook.as_ref().map_or(0, super::Lorebook::len),
            has_picture: files::is_regular(&self.path.with_extension("png")),
            is_shipped: self.is_shipped,
            problems: self.card.problems.clone(),
        }
    }

    /// Its card in a picture: its own, if it has one.
    ///
    /// # Errors
    /// If it has none, or that can't be read.
    pub fn to_png(&self) -> Result<Vec<u8>, CharacterFailure> {
        let picture = self.path.with_extension("png");
        let bytes = files::read(&picture, MAX_FILE_BYTES)
            .ok()
            .filter(|bytes| png::is_png(bytes))
            .ok_or_else(|| {
                failure(
                    &self.path,
                    "has no picture beside it that it could be put into",
                )
            })?;
        let card = self.card.to_json();
        let is_v3 = card["spec"] == "chara_card_v3";
        Ok(png::with_card(&bytes, &card.to_string(), is_v3))
    }
}

pub(super) fn read_file(path: &Path) -> Result<Vec<u8>, CharacterFailure> {
    files::read(path, MAX_FILE_BYTES)
        .map_err(|error| failure(path, &format!("can't be read: {}", files::reason(&error))))
}

/// Reads a character from the bytes of its file, whatever that is called.
pub(super) fn read_character(path: &Path, bytes: &[u8]) -> Result<Character, CharacterFailure> {
    let id = path
        .file_stem()
        .and_then(OsStr::to_str)
        .unwrap_or("character");
    let text = || String::from_utf8_lossy(bytes);
    let card = |json: Result<Vec<u8>, String>| {
        let card = json.and_then(|json| CharacterCard::parse(&json, id));
        card.map(|card| (card, CharacterDefaults::default()))
    };
    let read = match FileKind::of(path, bytes) {
        FileKind::Png => card(png::card(bytes)),
        FileKind::Charx => card(charx::card(bytes)),
        FileKind::Toml => sheet::read(&text(), id),
        FileKind::Markdown => sheet::read_markdown(&text(), id),
        FileKind::Poml => sheet::read_poml(&text(), id),
        FileKind::Json => card(Ok(bytes.to_vec())),
    };
    let (card, defaults) = read.map_err(|what| failure(path, &what))?;
    let digest = Sha256::digest(bytes);
    let version = digest.iter().take(8).map(|byte| format!("{byte:02x}"));
    Ok(Character {
        id: id.to_owned(),
        facts: defaults.facts.or_else(|| card.facts()),
        card,
        model: defaults.model,
        parameters: defaults.parameters,
        recall: defaults.recall,
        tools: defaults.tools,
        path: path.to_owned(),
        is_shipped: false,
        knowledge: None,
        version: version.collect(),
        settings: CharacterSettings::default(),
    })
}

pub(super) fn failure(path: &Path, problem: &str) -> CharacterFailure {
    let file = path.file_name().unwrap_or(path.as_os_str());
    CharacterFailure {
        file: file.to_string_lossy().into_owned(),
        problem: problem.to_owned(),
        is_taken: false,
    }
}

/// Whether a text may name a character: it is a part of a file's name.
fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id.len() <= 100
        && !id.starts_with('.')
        && !id
            .chars()
            .any(|c| c.is_control() || "/\\:*?\"<>|".contains(c))
}

/// The id of a character that is taken in.
fn id_of(name: &str) -> String {
    let mut id = String::new();
    for c in name.chars().take(60) {
        match c.is_alphanumeric() {
            true => id.extend(c.to_lowercase()),
            false if !id.ends_with('-') && !id.is_empty() => id.push('-'),
            false => {}
        }
    }
    let id = id.trim_end_matches('-');
    match id {
        "" => "character".to_owned(),
        id => id.to_owned(),
    }
}
