//! The types of settings. Each checks its own bounds, so that whoever holds a value needn't.

mod secret;
mod guards;

use std::fmt;
use std::path::{Path, PathBuf};

use recall::Mode;

pub(crate) use self::guards::{
    Allowed, Chosen, ContentLevels, OpinionPlaces, OwnPatterns, ProjectRules, Rule, Rules,
    Strictness, Subject,
};
pub(crate) use self::secret::Secret;

/// A value as the file or the environment has it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Raw {
    /// A string of the file, or anything of the environment.
    Text(String),
    /// A whole number.
    Whole(i64),
    /// A number with a fraction.
    Number(f64),
    /// Yes or no.
    Switch(bool),
    /// A list of strings.
    List(Vec<String>),
    /// Something that no setting takes, by the name of its type.
    Other(&'static str),
}

impl fmt::Display for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text(text) => f.write_str(text),
            Self::Whole(number) => write!(f, "{number}"),
            Self::Number(number) => write!(f, "{number}"),
            Self::Switch(on) => write!(f, "{on}"),
            Self::List(items) => write!(f, "[{}]", items.join(", ")),
            Self::Other(kind) => f.write_str(kind),
        }
    }
}

/// Why a value can't be taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Invalid {
    /// What is wrong, after "`key` is `value`, ".
    pub(crate) what: String,
    /// Which item of the list, from 0, if it is one.
    pub(crate) item: Option<usize>,
}

impl From<String> for Invalid {
    fn from(what: String) -> Self {
        Self { what, item: None }
    }
}

/// What a type needs to be a setting's.
pub(crate) trait Value: Sized {
    /// Whether values may hold a password, so that errors must not repeat them.
    const SECRET: bool = false;

    /// What values there are, in words: completes "expected …".
    fn kind() -> String;

    /// The value, or why it isn't one.
    fn parse(raw: &Raw) -> Result<Self, Invalid>;

    /// The value written as in the file.
    fn show(&self) -> String;
}

fn expected<T: Value>() -> Invalid {
    format!("expected {}", T::kind()).into()
}

/// Yes or no.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Switch(pub(crate) bool);

impl Value for Switch {
    fn kind() -> String {
        "`true` or `false`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Switch(on) => Ok(Self(*on)),
            Raw::Text(text) => match text.to_ascii_lowercase().as_str() {
                "true" | "1" | "yes" | "on" => Ok(Self(true)),
                "false" | "0" | "no" | "off" => Ok(Self(false)),
                _ => Err(expected::<Self>()),
            },
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

/// A whole number within bounds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Whole<const MIN: u32, const MAX: u32>(u32);

impl<const MIN: u32, const MAX: u32> Whole<MIN, MAX> {
    /// The number, moved into the bounds.
    pub(crate) const fn of(number: u32) -> Self {
        Self(if number < MIN {
            MIN
        } else if number > MAX {
            MAX
        } else {
            number
        })
    }

    /// The number.
    pub(crate) fn get(self) -> usize {
        self.0 as usize
    }
}

impl<const MIN: u32, const MAX: u32> Value for Whole<MIN, MAX> {
    fn kind() -> String {
        format!("a whole number from {MIN} to {MAX}")
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let number = match raw {
            Raw::Whole(number) => u32::try_from(*number).ok(),
            Raw::Text(text) => text.trim().parse().ok(),
            _ => None,
        };
        number
            .filter(|number| (MIN..=MAX).contains(number))
            .map(Self)
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        self.0.to_string()
    }
}

fn number(raw: &Raw) -> Option<f64> {
    match raw {
        Raw::Number(number) => Some(*number),
        #[expect(
            clippy::cast_precision_loss,
            reason = "bounds far below 2^53 are checked next"
        )]
        Raw::Whole(number) => Some(*number as f64),
        Raw::Text(text) => text.trim().parse().ok(),
        _ => None,
    }
}

/// A number from 0 to 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Fraction(f64);

impl Fraction {
    /// The number, moved into the bounds.
    pub(crate) const fn of(number: f64) -> Self {
        Self(number.clamp(0.0, 1.0))
    }

    /// The number.
    pub(crate) fn get(self) -> f64 {
        self.0
    }
}

impl Value for Fraction {
    fn kind() -> String {
        "a number from 0 to 1".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        number(raw)
            .filter(|number| (0.0..=1.0).contains(number))
            .map(Self)
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// A time span in days, above 0 and up to a hundred years.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Days(f64);

impl Days {
    /// So many days.
    pub(crate) const fn of(days: f64) -> Self {
        Self(days)
    }

    /// The number of days.
    pub(crate) fn get(self) -> f64 {
        self.0
    }
}

impl Value for Days {
    fn kind() -> String {
        "a number of days above 0, at most 36500".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        number(raw)
            .filter(|days| *days > 0.0 && *days <= 36_500.0)
            .map(Self)
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        format!("{:?}", self.0)
    }
}

/// Directories; `~` stands for the person's home directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Dirs(Vec<String>);

impl Dirs {
    /// These directories.
    pub(crate) fn of(dirs: &[&str]) -> Self {
        Self(dirs.iter().map(|&dir| dir.to_owned()).collect())
    }

    /// The directories, with `~` resolved where there is a home directory.
    pub(crate) fn paths(&self, home: Option<&Path>) -> Vec<PathBuf> {
        self.0.iter().map(|dir| expand(dir, home)).collect()
    }
}

fn expand(dir: &str, home: Option<&Path>) -> PathBuf {
    match (dir.strip_prefix('~'), home) {
        (Some(""), Some(home)) => home.to_path_buf(),
        (Some(rest), Some(home)) if rest.starts_with(['/', '\\']) => home.join(&rest[1..]),
        _ => PathBuf::from(dir),
    }
}

impl Value for Dirs {
    fn kind() -> String {
        "a list of directories".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let dirs: Vec<String> = match raw {
            Raw::Text(text) => text.split(',').map(|dir| dir.trim().to_owned()).collect(),
            Raw::List(dirs) => dirs.clone(),
            _ => return Err(expected::<Self>()),
        };
        let dirs: Vec<String> = dirs.into_iter().filter(|dir| !dir.is_empty()).collect();
        if dirs.iter().any(|dir| dir.contains('\0')) {
            return Err(expected::<Self>());
        }
        Ok(Self(dirs))
    }

    fn show(&self) -> String {
        let quoted: Vec<String> = self.0.iter().map(|dir| quote(dir)).collect();
        format!("[{}]", quoted.join(", "))
    }
}

/// A TOML string: the escapes of a JSON string are a subset of those of TOML's.
fn quote(text: &str) -> String {
    serde_json::to_string(text).unwrap_or_default()
}

/// The way of a search.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SearchMode(pub(crate) Mode);

impl Value for SearchMode {
    fn kind() -> String {
        "`hybrid`, `lexical` or `semantic`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let Raw::Text(text) = raw else {
            return Err(expected::<Self>());
        };
        [Mode::Hybrid, Mode::Lexical, Mode::Semantic]
            .into_iter()
            .find(|mode| mode.name() == text)
            .map(Self)
            .ok_or_else(expected::<Self>)
    }

    fn show(&self) -> String {
        quote(self.0.name())
    }
}

/// An `http` or `https` address, or none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Address(Option<String>);

impl Address {
    /// This address.
    pub(crate) fn of(address: &str) -> Self {
        Self(Some(address.to_owned()))
    }

    /// No address.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The address, if there is one.
    pub(crate) fn get(&self) -> Option<&str> {
        self.0.as_deref()
    }
}

impl Value for Address {
    const SECRET: bool = true;

    fn kind() -> String {
        "an address that begins with `http://` or `https://`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) if text.is_empty() => Ok(Self(None)),
            Raw::Text(text) if text.starts_with("https://") || text.starts_with("http://") => {
                Ok(Self(Some(text.trim_end_matches('/').to_owned())))
            }
            _ => Err(expected::<Self>()),
        }
    }

    /// Without the user and password that a proxy's address may carry: this is shown to people.
    fn show(&self) -> String {
        let Some(address) = &self.0 else {
            return quote("");
        };
        let (scheme, rest) = address.split_once("://").unwrap_or(("http", address));
        match rest.split_once('@') {
            Some((_, host)) => quote(&format!("{scheme}://***@{host}")),
            None => quote(address),
        }
    }
}

/// Which tools an assistant is told of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum ToolSet {
    /// Those that are needed daily.
    Compact,
    /// All.
    All,
    /// All, also under the names that Claude Self-Reflect gave them later.
    SelfReflect,
}

impl ToolSet {
    const ALL: [Self; 3] = [Self::Compact, Self::All, Self::SelfReflect];

    /// The name in the settings and on the command line.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Compact => "compact",
            Self::All => "all",
            Self::SelfReflect => "self-reflect",
        }
    }

    /// All names.
    pub(crate) fn names() -> [&'static str; 3] {
        Self::ALL.map(Self::name)
    }

    /// The set of a name.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|set| set.name() == name)
    }
}

impl Value for ToolSet {
    fn kind() -> String {
        "`compact`, `all` or `self-reflect`".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) => Self::from_name(text).ok_or_else(expected::<Self>),
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        quote(self.name())
    }
}

/// A list of names.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Names(Vec<String>);

impl Names {
    /// No names.
    pub(crate) const fn none() -> Self {
        Self(Vec::new())
    }

    /// The names.
    pub(crate) fn get(&self) -> &[String] {
        &self.0
    }
}

impl Value for Names {
    fn kind() -> String {
        "a list of strings".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        let names: Vec<String> = match raw {
            Raw::Text(text) => text.split(',').map(|name| name.trim().to_owned()).collect(),
            Raw::List(names) => names.clone(),
            _ => return Err(expected::<Self>()),
        };
        Ok(Self(
            names.into_iter().filter(|name| !name.is_empty()).collect(),
        ))
    }

    fn show(&self) -> String {
        let quoted: Vec<String> = self.0.iter().map(|name| quote(name)).collect();
        format!("[{}]", quoted.join(", "))
    }
}

/// A file, or none; `~` stands for the person's home directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OneFile(Option<String>);

impl OneFile {
    /// This file.
    pub(crate) fn of(file: &str) -> Self {
        Self(Some(file.to_owned()))
    }

    /// No file.
    pub(crate) const fn none() -> Self {
        Self(None)
    }

    /// The same file, with `~` resolved for whoever doesn't know the home directory.
    pub(crate) fn resolved(&self, home: Option<&Path>) -> Self {
        let path = self.path(home);
        Self(path.map(|path| path.to_string_lossy().into_owned()))
    }

    /// The file, with `~` resolved where there is a home directory.
    pub(crate) fn path(&self, home: Option<&Path>) -> Option<PathBuf> {
        Some(expand(self.0.as_deref()?, home))
    }
}

impl Value for OneFile {
    fn kind() -> String {
        "the path of a file".to_owned()
    }

    fn parse(raw: &Raw) -> Result<Self, Invalid> {
        match raw {
            Raw::Text(text) if !text.contains('\0') => {
                Ok(Self((!text.is_empty()).then(|| text.clone())))
            }
            _ => Err(expected::<Self>()),
        }
    }

    fn show(&self) -> String {
        quote(self.0.as_deref().unwrap_or_default())
    }
}
